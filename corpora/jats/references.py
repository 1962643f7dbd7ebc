"""The reference list: each `ref` of an article as the works it names.

Reads `element-citation`, `mixed-citation`, `nlm-citation` and `citation`, of every JATS and NLM
version. A title is the article's, else the chapter's, else the book's; a journal is no title.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from corpora.documents import Citation
from corpora.jats.printed_references import printed_reference
from corpora.jats.prose_titles import find_title
from corpora.jats.spaces import close_up
from corpora.mathml import mathml_to_latex
from corpora.xml_elements import first_child

_CITATIONS: Final = ("element-citation", "mixed-citation", "nlm-citation", "citation")
_NAMES: Final = ("name", "string-name", "collab", "institution", "name-alternatives")
_PEOPLE: Final = frozenset((*_NAMES, "person-group"))
_DOI: Final = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)")
_ARXIV: Final = re.compile(
    r"ar[xX]iv\s*:?\s*(?:[a-z.]*/)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
)
_YEAR: Final = re.compile(r"\b(1[5-9]\d\d|20\d\d)(?!\d)")
_PUBMED: Final = re.compile(r"pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d+)")
#: What some tag with the title of a chapter: `“On ponds,” in`.
_IN_A_BOOK: Final = re.compile(r"(?<=[,.?!][”\"]) in:?$|(?<=[.]) In:?$")
#: A `source` of these words is a journal's name, whatever stands beside it.
_JOURNALS: Final = re.compile(
    r"\b(?:journal|annals|proceedings|transactions|bulletin|archives?|reviews?|letters|acta)\b|"
    r"\.(?: |$)|in press|submitted|^(?:trends|advances|frontiers|progress) in ",
    re.IGNORECASE,
)


#: The elements of an entry by their names, each name's in the order of the file.
_Parts = dict[str, list[etree._Element]]


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of the list: its printed label, and its works (one, as a rule)."""

    label: str
    works: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Bibliography:
    """References by id, and by the number that the text prints for them."""

    by_id: Mapping[str, Reference]
    by_number: Mapping[int, Reference]


def read_bibliography(references: Iterable[etree._Element]) -> Bibliography:
    """The references of an article, from its `ref` elements, wherever its lists stand."""
    by_id: dict[str, Reference] = {}
    by_number: dict[int, Reference] = {}
    for position, element in enumerate(references, 1):
        children = list(element)
        label = _label(children)
        works = tuple(_works(children))
        reference = Reference(label or "", tuple(work for _, work in works))
        for identifier in (element.get("id"), element.get("rid")):
            if identifier:
                by_id.setdefault(identifier, reference)
        for identifier, work in works:
            if identifier:
                by_id.setdefault(identifier, Reference(label or "", (work,)))
        number = int(label) if label and re.fullmatch(r"[0-9]{1,5}", label) else None
        if label is None or number is not None:
            by_number.setdefault(position if number is None else number, reference)
    return Bibliography(by_id, by_number)


def _label(children: list[etree._Element]) -> str | None:
    """What the list prints before an entry, without its brackets: `12` of `[12].`."""
    label = next((child for child in children if child.tag == "label"), None)
    for child in children if label is None else ():
        label = first_child(child, "label")
        if label is not None:
            break
    return plain_text(label).strip(" .[]()") or None


def _works(children: list[etree._Element]) -> Iterator[tuple[str | None, Citation]]:
    kinds = [child.tag for child in children]
    if "element-citation" in kinds and kinds.count("mixed-citation") == kinds.count(
        "element-citation"
    ):
        printed = [child for child in children if child.tag == "mixed-citation"]
        tagged = [child for child in children if child.tag == "element-citation"]
        # SciELO gives each work as it is printed, and again with its parts tagged.
        for pair in zip(tagged, printed, strict=True):
            yield _one_work(pair)
        return
    for child in children:
        if child.tag in _CITATIONS:
            yield child.get("id"), _citation(child)
        elif child.tag == "citation-alternatives":
            forms = [form for form in child if form.tag in _CITATIONS]
            if forms:
                yield _one_work(forms)


def _one_work(forms: Sequence[etree._Element]) -> tuple[str | None, Citation]:
    """The same work, tagged in several ways: the first that has a title."""
    read = [(form.get("id"), _citation(form)) for form in forms]
    return next((found for found in read if found[1].title), read[0])


def _citation(element: etree._Element) -> Citation:
    """One work. Its `as_written` is filled in where it is cited."""
    parts = _parts_of(element)
    identifiers = _identifiers(parts)
    links = list(_links(parts))
    text = plain_text(element) if _is_telling(element, parts, identifiers) else ""
    citation = Citation(
        as_written="",
        title=_title(element, parts),
        surname=_surname(element, parts),
        year=_year(parts, text),
        doi=_doi(identifiers, links, text),
        pmid=_pmid(identifiers, parts, links),
        arxiv=_arxiv(identifiers, links, text),
    )
    return citation if citation.title else _in_prose(citation, element)


def _parts_of(element: etree._Element) -> _Parts:
    """What an entry holds; of people only their groups and names, not what is in them."""
    # Walked once: a list of thousands of entries is asked for a dozen names each.
    parts: _Parts = {}
    for child in element:
        tag = str(child.tag)
        if tag in parts:
            parts[tag].append(child)
        else:
            parts[tag] = [child]
        if len(child) and tag not in _PEOPLE:
            for part in child.iterdescendants():
                parts.setdefault(str(part.tag), []).append(part)
    return parts


def _is_telling(element: etree._Element, parts: _Parts, identifiers: Mapping[str, str]) -> bool:
    """Whether the words of an entry may hold a number that its tags do not give.

    They are taken together where they do: that is eight times the work of this look.
    """
    if "year" not in parts or not ("article-title" in parts or "source" in parts):
        return True
    words = etree.tostring(element, encoding="unicode", method="text", with_tail=False)
    if "rXiv" in words or "rxiv" in words:
        return True
    return "10." in words and not _DOI.search(identifiers.get("doi", ""))


def _in_prose(citation: Citation, element: etree._Element) -> Citation:
    """A citation whose title the publisher left untagged, with the title a person would find."""
    found = find_title(*printed_reference(element))
    title = clean_title(found.title) if found is not None else None
    if found is None or title is None:
        return citation
    # A word or two beside tagged parts is a remark: `in press`, `Suppl`.
    if element.tag == "element-citation" and len(title.split()) < 3:
        return citation
    return replace(
        citation,
        title=title,
        surname=citation.surname or found.surname,
        year=citation.year or found.year,
    )


def _title(element: etree._Element, parts: _Parts) -> str | None:
    for tag in ("article-title", "chapter-title", "part-title", "data-title"):
        for found in parts.get(tag, ()):
            title = clean_title(plain_text(found))
            if title:
                return title
    sources = parts.get("source")
    if sources and not _is_journal(element, parts):
        title = clean_title(plain_text(sources[0]))
        if title:
            return title
    for found in parts.get("trans-title", ()):
        return clean_title(plain_text(found))
    return None


def _is_journal(element: etree._Element, parts: _Parts) -> bool:
    """Whether `source` names a journal: it is said, or volume and page stand without publisher."""
    kind = (
        element.get("publication-type")
        or element.get("citation-type")
        or element.get("content-type")
        or ""
    ).lower()
    if "journal" in kind or kind in ("periodical", "newspaper", "magazine"):
        return not _is_mistaken_for_journal(parts)
    if kind and kind not in ("other", "unknown", "article"):
        return False
    return "publisher-name" not in parts and ("volume" in parts or "fpage" in parts)


def _is_mistaken_for_journal(parts: _Parts) -> bool:
    """Whether a `source` called a journal's is a title: many words, and no volume and page."""
    if any(tag in parts for tag in ("issue", "fpage", "elocation-id", "article-title")):
        return False
    source = plain_text(parts["source"][0]).rstrip(" .,;")
    return len(source.split()) >= (7 if "volume" in parts else 4) and not _JOURNALS.search(source)


def clean_title(title: str) -> str | None:
    """A title without the full stop or comma after it and the brackets of a translated one.

    >>> clean_title("[On the nature of things].")
    'On the nature of things'
    """
    title = close_up(title.strip())
    if title.endswith(("in", "in:", "In", "In:")):
        title = _IN_A_BOOK.sub("", title)
    title = title.rstrip(".,;: ").strip()
    if title.startswith("[") and title.endswith("]") and title.count("[") == 1:
        title = title[1:-1].strip().rstrip(". ")
    if len(title) > 1 and title[0] in '“"' and title[-1] in '”"':
        title = title[1:-1].strip().rstrip(".,")
    return title or None


def _surname(element: etree._Element, parts: _Parts) -> str | None:
    if _PEOPLE.isdisjoint(parts):
        return None
    groups = parts.get("person-group", [])
    authors = [g for g in groups if g.get("person-group-type", "author") in ("author", "authors")]
    # Without authors a book is named by its editors.
    for scope in (authors or groups or [element], [element]):
        for holder in scope:
            first = holder[0] if len(holder) else None
            if first is not None and first.tag == "name":
                # As nearly all begin; to look for several names costs as much as all the rest.
                surname = _surname_of(first)
                if surname:
                    return surname
            for name in holder.iter(*_NAMES):
                surname = _surname_of(name)
                if surname:
                    return surname
    return None


def _surname_of(name: etree._Element) -> str | None:
    if name.tag == "institution" and name.getparent() is not None:
        parent = name.getparent()
        if parent is not None and parent.tag not in ("person-group", *_CITATIONS):
            return None
    surname = first_child(name, "surname")
    if surname is None:
        surname = next(name.iter("surname"), None)
    if surname is not None:
        return plain_text(surname).strip(" ,;") or None
    text = plain_text(name).strip(" .,;")
    if name.tag == "string-name" and text:
        # `J. Smith` or `Smith, J.` or `Smith J`: the last word that is no initial.
        words = text.split(",")[0].split()
        full = [word for word in words if not re.fullmatch(r"(?:[A-Z]\.?-?){1,3}", word)]
        return full[-1] if full else text
    return text or None


def _year(parts: _Parts, text: str) -> str | None:
    for tag in ("year", "date", "date-in-citation"):
        found = parts.get(tag)
        match = _YEAR.search(plain_text(found[0])) if found else None
        if match:
            return match.group(1)
    if "article-title" in parts or "source" in parts:
        return None
    printed = re.search(r"\((1[5-9]\d\d|20\d\d)[a-z]?\)", text)
    return printed.group(1) if printed else None


def _identifiers(parts: _Parts) -> dict[str, str]:
    """The identifiers that are tagged, by their kind, the first of each."""
    found: dict[str, str] = {}
    for tag in ("pub-id", "object-id", "article-id"):
        for element in parts.get(tag, ()):
            kind = (element.get("pub-id-type") or element.get("object-id-type") or "").lower()
            if kind not in found and (text := plain_text(element)):
                found[kind] = text
    return found


def _links(parts: _Parts) -> Iterator[str]:
    for tag in ("ext-link", "uri"):
        for link in parts.get(tag, ()):
            for name, value in link.attrib.items():
                if str(name).endswith("href"):
                    yield str(value)


def _doi(identifiers: Mapping[str, str], links: list[str], text: str) -> str | None:
    for candidate in (identifiers.get("doi", ""), *links, text):
        match = _DOI.search(candidate)
        if match:
            doi = match.group(1).rstrip(".,;:")
            while doi.endswith(")") and doi.count(")") > doi.count("("):
                doi = doi[:-1].rstrip(".,;:")
            return doi
    return None


def _pmid(identifiers: Mapping[str, str], parts: _Parts, links: list[str]) -> str | None:
    kinds = ("pmid", "pubmed", "medline")
    found = next((identifiers[kind] for kind in kinds if kind in identifiers), "")
    for link in parts.get("ext-link", ()):
        if not found and link.get("ext-link-type") == "pubmed":
            found = plain_text(link)
    for href in links:
        if not found and (match := _PUBMED.search(href)):
            found = match.group(1)
    match = re.search(r"\d{1,9}", found) if found else None
    return match.group() if match else None


def _arxiv(identifiers: Mapping[str, str], links: list[str], text: str) -> str | None:
    stated = identifiers.get("arxiv")
    if stated:
        return re.sub(r"^ar[xX]iv:\s*", "", stated)
    for candidate in (text, *links):
        match = _ARXIV.search(candidate.replace("arxiv.org/abs/", "arXiv:"))
        if match:
            return match.group(1)
    return None


def plain_text(element: etree._Element | None) -> str:
    r"""The words of an element on one line, its formulas in `\( \)`, without notes."""
    if element is None:
        return ""
    if not len(element) and element.tag != "math":
        return " ".join((element.text or "").split())
    if element.tag == "math":
        return " ".join(rf"\({mathml_to_latex(element)}\)".split())
    words: list[str] = []
    _plain_words(element, words)
    return " ".join("".join(words).split())


def _plain_words(element: etree._Element, words: list[str]) -> None:
    words.append(element.text or "")
    for child in element:
        tag = child.tag
        if tag == "math":
            words.append(rf"\({mathml_to_latex(child)}\)")
        elif tag not in _SKIPPED:
            if tag in ("break", "p"):
                words.append(" ")
            _plain_words(child, words)
        words.append(child.tail or "")


_SKIPPED: Final = frozenset(
    ("fn", "tex-math", "graphic", "inline-graphic", "alt-text", "long-desc", "object-id")
)
