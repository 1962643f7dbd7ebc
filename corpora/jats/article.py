"""One article: its front matter, its text in order, its metadata."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

from corpora.documents import (
    JSON,
    Document,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.jats.blocks import BLOCKS
from corpora.jats.cited import finish
from corpora.jats.flow import flow, heading, titled
from corpora.jats.inline import line
from corpora.jats.parsing import parse_article
from corpora.jats.references import plain_text, read_bibliography
from corpora.jats.scripts import close_scripts
from corpora.jats.spaces import tidy
from corpora.jats.state import ArticleState
from corpora.jats.surnames import lower_surnames
from corpora.jats.taxonomy import space_names
from corpora.xml_documents import text_of
from corpora.xml_records import XML_LANG, frames_for_any_tree

#: Abstracts that repeat or advertise the paper.
_ABSTRACTS_LEFT_OUT: Final = frozenset(
    (
        "graphical",
        "teaser",
        "toc",
        "video",
        "web-summary",
        "short",
        "shortsummary",
        "precis",
        "key-points",
        "key-image",
        "key-image-no-article-view",
        "translation",
    )
)
#: What is looked at before the text is read; superscripts together with subscripts.
_LOOKED_AT: Final = (
    "label", "fn", "floats-group", "floats-wrap", "ref", "taxon-name", "taxon-name-part", "sub",
)  # fmt: skip
#: Kinds of contributors that are authors together.
_GROUPS: Final = frozenset(("collab", "collaboration", "consortium", "group"))
#: What an `article` holds, in JATS and in the NLM DTDs.
_OF_JATS: Final = frozenset(
    ("processing-meta", "front", "front-stub", "body", "back", "floats-group", "floats-wrap",
     "sub-article", "response", "journal-meta", "article-meta", "ref-list", "sec", "p")
)  # fmt: skip
_ABSTRACT_TITLES: Final = {
    "summary": "Author Summary", "author-summary": "Author Summary", "plain-language-summary":
    "Plain Language Summary", "executive-summary": "Executive Summary", "highlights": "Highlights",
    "editor": "Editor's Summary", "synopsis": "Synopsis", "editors-summary": "Editor's Summary",
    "author-highlights": "Highlights", "lay-abstract": "Plain Language Summary",
    "lay-summary": "Plain Language Summary", "longsummary": "Summary",
}  # fmt: skip


def read_article(record: Record, options: ReadOptions) -> Document:
    """The document of one JATS article.

    Raises `RecordUnreadable` for what is no XML, too deep or no article, and `RecordDropped` for an
    article with neither abstract nor body.
    """
    # Published articles stay under 60 elements inside each other.
    with frames_for_any_tree():
        return _read(record, options)


def _read(record: Record, options: ReadOptions) -> Document:
    text = text_of(record)
    cleaned: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    article = parse_article(text, cleaned, unknown)
    _check_dialect(article)
    others = _take_out(article, "sub-article", "response")
    found = _by_name(article)
    space_names(found["taxon-name-part"], found["taxon-name"])
    close_scripts(found["sub"])
    lower_surnames(found["ref"])
    state = ArticleState(options, read_bibliography(found["ref"]), BLOCKS)
    _register(found, state)
    meta = article.find("front/article-meta")
    if meta is None:
        meta = article.find(".//article-meta")
    if meta is None:
        meta = etree.Element("article-meta")
    language = (article.get(XML_LANG) or "").lower().partition("-")[0]
    blocks = _abstracts(meta, state, language)
    blocks += _body(article, state, after_abstract=bool(blocks))
    if not blocks:
        raise RecordDropped("no text")
    content = "\n\n".join([*_head(meta, state), *blocks])
    content, citations, unresolved = finish(content, state.marks, state.bibliography)
    metadata = _metadata(article, meta)
    metadata["sub_articles"] = others
    if state.formula_images:
        metadata["formulas_as_images"] = state.formula_images
    if unresolved:
        metadata["citations_unresolved"] = dict(sorted(unresolved.items()))
    if unknown:
        metadata["entities_unknown"] = dict(sorted(unknown.items()))
    return Document(
        record_id=record.record_id,
        text=content,
        metadata=metadata,
        citations=tuple(citations),
        cleaned=cleaned,
    )


def _by_name(article: etree._Element) -> dict[str, list[etree._Element]]:
    """The elements that are looked at before the text is read, in order: one walk for all."""
    found: dict[str, list[etree._Element]] = {name: [] for name in _LOOKED_AT}
    found["sup"] = found["sub"]
    for element in article.iter(*found):
        found[str(element.tag)].append(element)
    return found


def _check_dialect(article: etree._Element) -> None:
    """Refuses an `article` of another DTD: Elsevier's, Nature's and others have that root too."""
    tags = [str(child.tag) for child in article]
    if not _OF_JATS.issuperset(tags) and "front" not in tags:
        strange = ", ".join(f"<{tag}>" for tag in dict.fromkeys(tags) if tag not in _OF_JATS)
        raise RecordUnreadable("not JATS", f"the article holds {strange[:80]}")


def _take_out(article: etree._Element, *tags: str) -> int:
    """Removes what is a text of its own: reviews, replies, translations. How many there were."""
    found = [element for element in article.iter(*tags) if element is not article]
    for element in found:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return len(found)


def _stands_apart(note: etree._Element) -> bool:
    """Whether a footnote stands in a list of them, or beside the paragraph that calls it."""
    holder = note.getparent()
    beside = holder is not None and holder.tag != "p" and holder.find("p") is not None
    return beside or next(note.iterancestors("fn-group"), None) is not None


def _register(found: Mapping[str, Sequence[etree._Element]], state: ArticleState) -> None:
    """Finds the footnotes that a text may call, labels, and the floats that stand apart."""
    for label in found["label"]:
        holder = label.getparent()
        identifier = holder.get("id") if holder is not None else None
        if identifier and holder is not None and holder.tag not in ("ref", "fn", "aff"):
            state.labels[identifier] = label
    for note in found["fn"]:
        identifier = note.get("id")
        # Only notes kept elsewhere: one that stands in the text is read where it stands.
        if not identifier or not _stands_apart(note):
            continue
        if next(note.iterancestors("table-wrap", "front", "author-notes"), None) is None:
            state.notes[identifier] = note
    for group in (*found["floats-group"], *found["floats-wrap"]):
        for number, element in enumerate(group):
            if element.tag in ("fig", "fig-group", "table-wrap", "table-wrap-group", "boxed-text"):
                state.floats[element.get("id") or f"\x00{number}"] = element
            for inner in (
                element.iter("fig", "table-wrap") if element.tag.endswith("-group") else ()
            ):
                if inner is not element and inner.get("id"):
                    state.inner_floats[inner.get("id") or ""] = element.get("id") or f"\x00{number}"


def _head(meta: etree._Element, state: ArticleState) -> list[str]:
    blocks: list[str] = []
    title = meta.find("title-group/article-title")
    words = line(_without_notes(title), state) if title is not None else ""
    if title is not None:
        for subtitle in meta.iterfind("title-group/subtitle"):
            words += f": {line(_without_notes(subtitle), state)}"
    if words:
        blocks.append(f"Title: {words}")
    authors = ", ".join(dict.fromkeys(_authors(meta)))
    if authors:
        blocks.append(f"Authors: {authors}")
    return blocks


def _without_notes(element: etree._Element) -> etree._Element:
    """The element without footnotes and their calls: a title's are about the authors."""
    for found in list(element.iter("fn", "xref")):
        if found.tag == "xref" and found.get("ref-type") in ("bibr", "fig", "table", "sec"):
            continue
        holder, parent = found, found.getparent()
        if parent is not None and parent.tag == "sup" and not (parent.text or "").strip():
            outer = parent.getparent()
            if len(parent) == 1 and outer is not None and not (found.tail or "").strip():
                holder, parent = parent, outer
        if parent is None:
            continue
        tail, before = holder.tail or "", holder.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        parent.remove(holder)
    return element


def _authors(meta: etree._Element) -> Iterator[str]:
    for contributor in meta.iterfind("contrib-group/contrib"):
        kind = (contributor.get("contrib-type") or "author").lower()
        if "author" not in kind and kind not in _GROUPS:
            continue
        name = _person(contributor)
        if name:
            yield name
        elif contributor.find(".//collab") is not None:
            collab = contributor.find(".//collab")
            words = _collaboration(collab) if collab is not None else ""
            if words:
                yield words
        elif contributor.find("anonymous") is not None:
            yield "Anonymous"
    for collab in meta.iterfind("contrib-group/collab"):
        words = _collaboration(collab)
        if words:
            yield words


def _person(contributor: etree._Element) -> str:
    """`Given Surname, Suffix` as `Given Surname Suffix`; "" where the contributor is no person."""
    name = contributor.find("name")
    if name is None:
        name = contributor.find("name-alternatives/name")
    if name is None:
        string = contributor.find("string-name")
        if string is None:
            string = contributor.find("name-alternatives/string-name")
        if string is None:
            return ""
        if string.find("surname") is None or (string.text or "").strip():
            return plain_text(string)
        name = string
    parts = [plain_text(name.find(tag)) for tag in ("given-names", "surname", "suffix")]
    return " ".join(part for part in parts if part)


def _collaboration(collab: etree._Element) -> str:
    """A group's name without the list of its members."""
    pieces = [collab.text or ""]
    for child in collab:
        if child.tag not in ("contrib-group", "xref", "aff", "address", "contrib", "fn", "email"):
            pieces.append(plain_text(child))
        pieces.append(child.tail or "")
    words = tidy("".join(pieces)).strip(" ,;")
    # `(The Pond Collaboration)`, as it is printed after the names.
    alone = words.startswith("(") and words.find(")") == len(words) - 1
    return words[1:-1].strip() if alone else words


def _abstracts(meta: etree._Element, state: ArticleState, language: str) -> list[str]:
    """The abstracts of the article's own language, each under its title."""
    kinds = {each: (each.get("abstract-type") or "").lower() for each in meta.findall("abstract")}
    kept = {each: kind for each, kind in kinds.items() if kind not in _ABSTRACTS_LEFT_OUT}
    own = [each for each in kept if _is_of_language(each, language)]
    blocks: list[str] = []
    for each in own or kept:
        blocks += titled(each, state, 1, _ABSTRACT_TITLES.get(kept[each], "Abstract"))
    return blocks


def _is_of_language(element: etree._Element, language: str) -> bool:
    said = (element.get(XML_LANG) or "").lower().partition("-")[0]
    return not said or not language or said == language


def _body(article: etree._Element, state: ArticleState, *, after_abstract: bool) -> list[str]:
    blocks: list[str] = []
    for body in article.findall("body"):
        blocks += flow(body, state, 1)
    if after_abstract and blocks and not blocks[0].startswith("# "):
        # A body without headings would read as part of the abstract.
        blocks.insert(0, heading("Main Text", 1))
    for apart in list(state.floats):
        element = state.floats.pop(apart, None)
        if element is not None:
            holder = etree.Element("sec")
            holder.append(element)
            blocks += flow(holder, state, 1)
    for back in article.findall("back"):
        blocks += flow(back, state, 1)
    return blocks


def _metadata(article: etree._Element, meta: etree._Element) -> dict[str, JSON]:
    identifiers = {
        identifier.get("pub-id-type", ""): plain_text(identifier)
        for identifier in reversed(meta.findall("article-id"))
    }
    pmcid = identifiers.get("pmc") or identifiers.get("pmcid") or identifiers.get("pmcaid")
    front = article.find("front")
    journal = article.find(".//journal-meta") if front is None else front.find("journal-meta")
    keywords: list[JSON] = list(dict.fromkeys(_words(meta, "kwd-group", "kwd", "compound-kwd")))
    subjects: list[JSON] = list(dict.fromkeys(_words(meta, "article-categories", "subject")))
    found: dict[str, JSON] = {
        "title": plain_text(meta.find("title-group/article-title")) or None,
        "doi": identifiers.get("doi"),
        "pmid": identifiers.get("pmid"),
        "pmcid": f"PMC{pmcid.removeprefix('PMC')}" if pmcid else None,
        "journal": plain_text(journal.find(".//journal-title")) or None
        if journal is not None
        else None,
        "year": _year(meta),
        "licence": _licence(meta),
        "keywords": keywords,
        "subjects": subjects,
        "article_type": article.get("article-type"),
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _words(meta: etree._Element, group: str, *tags: str) -> Iterator[str]:
    for holder in meta.iterfind(group):
        for element in holder.iter(*tags):
            words = plain_text(element)
            if words:
                yield words


def _year(meta: etree._Element) -> str | None:
    """The year of first publication: the electronic date before the collection's."""
    dates: dict[str, str] = {}
    for date in meta.iterfind("pub-date"):
        year = re.search(r"\d{4}", plain_text(date.find("year")) or date.get("iso-8601-date", ""))
        kind = date.get("pub-type") or date.get("date-type") or ""
        if year:
            dates.setdefault(kind, year.group())
    for kind in ("epub", "pub", "epub-ppub", "epreprint", "ppub"):
        if kind in dates:
            return dates[kind]
    return next(iter(dates.values()), None)


def _licence(meta: etree._Element) -> str | None:
    """The licence's address, where the article gives one."""
    for element in meta.iterfind(".//permissions//*"):
        if element.tag in ("license", "license_ref", "ext-link", "uri"):
            address = next(
                (str(v) for k, v in element.attrib.items() if str(k).endswith("href")),
                plain_text(element) if element.tag == "license_ref" else "",
            ).strip()
            if re.match(r"https?://", address) and (
                "licen" in address or "creativecommons" in address or element.tag != "ext-link"
            ):
                return address
    return None
