r"""Reference lists as a .bbl or a `thebibliography` has them, in any style.

biblatex's and amsrefs' lists hold fields (`biblatex_list`); other styles print them: some name the
parts by commands (`named_fields`), all others by typography alone (`printed_titles`).
"""

import re
from typing import Final

from corpora.latex.bibliography.biblatex_list import is_biblatex, parse_amsrefs, parse_biblatex
from corpora.latex.bibliography.databases import Entry, Plain, find_arxiv, find_doi, surname_of
from corpora.latex.bibliography.named_fields import Named, balanced, named_fields
from corpora.latex.bibliography.printed_names import Names, read_names, surname_of_full
from corpora.latex.bibliography.printed_text import TIE, printed, strip
from corpora.latex.bibliography.printed_titles import printed_title

_ITEM: Final = re.compile(r"\\(?:bibitem|reference|harvarditem)(?![a-zA-Z])")
_DECLARED: Final = re.compile(r"\\bibitemdeclare\s*\{[^{}]*\}\s*\{[^{}]*\}")
_YEAR: Final = re.compile(r"(?<![\d/.:-])((?:18|19|20)\d{2})[a-z]?(?![\d/]|\.\d|-+\d|–)")
#: ACS style prints the year bold.
_BOLD_YEAR: Final = re.compile(
    r"(?:\\textbf\s*\{|\{\s*\\bf(?:series)?\b)\s*((?:18|19|20)\d{2})\s*\}"
)
#: A rule in place of the authors of the entry before, amsplain's `\\bysame`.
_SAME: Final = re.compile(
    r"\s*(?:\\bysame\b|\{?-{2,}\}?|(?:\\leavevmode\s*)?\\(?:hbox|vrule)\b[^,]{0,80}(?=,)|"
    r"\\rule\s*(?:\[[^\]]{0,20}\])?\{[^{}]{0,20}\}\{[^{}]{0,20}\})(?=\s*[,.:])"
)
_BODY_LIMIT: Final = 6000


def parse_reference_list(source: str, plain: Plain) -> dict[str, Entry]:
    """The entries of a reference list by key, in any of its forms."""
    if is_biblatex(source):
        return parse_biblatex(source, plain)
    entries = parse_amsrefs(source, plain) if "\\bib{" in source else {}
    same = ""
    source = _DECLARED.sub("", source)
    starts = [match.end() for match in _ITEM.finditer(source)]
    ending = source.find("\\end{thebibliography}")
    for index, start in enumerate(starts):
        last = index + 1 == len(starts)
        end = ending if last and ending > start else len(source) if last else starts[index + 1]
        item = re.sub(r"\\(?:bibitem|reference|harvarditem)$", "", source[start:end])[:_BODY_LIMIT]
        label, key, body = _item(item)
        if _SAME.match(body):
            body = same + _SAME.sub("", body, count=1)
        else:
            head = plain(re.split(r"\\(?:emph|it|em|textit|newblock|sl)\b", body[:1500])[0])
            same = head[: read_names(head).end].replace("&", "\\&")
        if key and key not in entries:
            entries[key] = _entry(label, body, index + 1, plain)
    return entries


def _item(item: str) -> tuple[str, str, str]:
    """Label, key and body of what follows `\\bibitem`."""
    label, at = "", len(item) - len(item.lstrip())
    item = re.sub(r"(?<!\\)%[^\n]*\n?\s*", "", item)
    at = len(item) - len(item.lstrip())
    if item[at : at + 1] == "[":
        end = balanced(item, at, "[", "]")
        if end < 0:
            return "", "", ""
        label, at = item[at + 1 : end - 1], end
    at += len(item[at:]) - len(item[at:].lstrip())
    end = balanced(item, at) if item[at : at + 1] == "{" else -1
    if end < 0:
        return "", "", ""
    return label, item[at + 1 : end - 1].strip(), item[end:]


def _entry(label: str, body: str, number: int, plain: Plain) -> Entry:
    authors, year = _label(label, plain)
    named = named_fields(body, plain)
    year = year or named.year or _year(body)
    found = printed_title(printed(body, plain), year)
    words, surname = _people(named, found.names, found.head)
    if authors is not None:
        surname = re.split(r"\s+et\s+al|\s+and\s+|\s*&\s*|,", authors)[0].strip() or None
    return Entry(
        title=named.title if named.title or named.surnames else found.title,
        surname=surname,
        authors=authors or words,
        year=year,
        doi=find_doi(body),
        arxiv=find_arxiv(body),
        number=number,
    )


_REMARKS: Final = re.compile(
    r"\\(?:url|href|path|doi)\s*\{[^{}]*\}|https?://\S+|doi:\s*\{?10\.[^\s{}]+|"
    r"(?:[Tt]ranslated\s+from|[Rr]eprint(?:ed)?\s+of|[Oo]riginally\s+published\s+in)\s+(?:the\s+)?\d{4}|\\MR\s*\{[^{}]*\}"
)


def _year(body: str) -> str | None:
    """The year of an item: bracketed, bold, before a volume, or else the last there is."""
    text = _REMARKS.sub("", body)
    found = (
        re.search(r"(?<!\d)\(((?:18|19|20)\d{2})(?:[a-z]?|/\d{2,4})\)", text)
        or _BOLD_YEAR.search(text)
        or re.search(r"(?<!\d)((?:18|19|20)\d{2})[a-z]?;\s*\d", text)
        or next(iter(reversed(list(_YEAR.finditer(text)))), None)
    )
    return found.group(1) if found else None


def _label(label: str, plain: Plain) -> tuple[str | None, str | None]:
    """Author words and year of a `\\bibitem` label of natbib, apalike or citeauthoryear."""
    label = re.sub(r"\\(?:protect|citename)\b", "", label)
    pair = re.search(r"\\(?:citeauthoryear|astroncite)\s*\{", label)
    if pair is not None:
        groups: list[str] = []
        at = pair.end() - 1
        while at < len(label) and label[at] == "{":
            end = balanced(label, at)
            if end < 0:
                break
            groups.append(plain(label[at + 1 : end - 1]).strip())
            at = end
        if len(groups) >= 2:
            return groups[-2] or None, groups[-1][:5] or None
    text = plain(label).strip()[:300]
    match = re.match(r"^(.*?)\s*\(\s*([^()]{0,20}?)\s*\)", text)
    if match is not None and match.group(1) and re.search(r"[^\W\d]{2}", match.group(1)):
        return match.group(1).strip(" ,"), match.group(2) or None
    match = re.match(r"^(.*?[^\W\d]{2}.*?),?\s+((?:18|19|20)\d{2}[a-z]?)$", text)
    if match is not None:
        return match.group(1).strip(" ,"), match.group(2)
    return None, None


def _people(named: Named, names: Names, head: str) -> tuple[str | None, str | None]:
    """Author words and first surname: named by commands, recognized, or cut at commas."""
    surnames, others = named.surnames, named.others
    if not surnames:
        surnames, others = names.surnames, names.others
    if not surnames:
        surnames, others = _cut_names(head)
    if not surnames:
        return None, None
    if others or len(surnames) > 2:
        return f"{surnames[0]} et al.", surnames[0]
    return " and ".join(surnames), surnames[0]


def _cut_names(head: str) -> tuple[tuple[str, ...], bool]:
    """Surnames of a head whose names have no known shape: corporate ones, other alphabets."""
    text = head[:600].strip(" ,.:")
    text = re.sub(r"\(?\b(?:18|19|20)\d{2}[a-z]?\)?.*$", "", text).strip(" ,.:")
    several = bool(re.search(r"\bet al\b|\bothers\b", text))
    text = re.split(r",?\s*\bet al\b|,?\s+and others", text)[0]
    text = re.sub(r"\s*(?:,\s*)?(?:&|\band\b)\s*", ", ", text)
    chunks = [chunk.strip() for chunk in re.split(r"[,;]", text) if chunk.strip()]
    initials = re.compile(r"(?:[A-ZÀ-Ý](?:[a-z]?\.)?[ \-‐]*){1,5}")
    found: list[str] = []
    index = 0
    while index < len(chunks) and len(found) < 4:
        chunk = chunks[index]
        following = chunks[index + 1] if index + 1 < len(chunks) else ""
        if re.fullmatch(initials, strip(following)) and not re.match(
            r"(?:[^\W\d_]\.[ -]?)+", chunk
        ):
            found.append(strip(chunk))
            index += 1
        elif len(chunk.split()) > 6:
            break
        else:
            # Vancouver style puts bare initials last: `Wilson G`.
            initialled = re.fullmatch(r"(.*[^\W\d_]{2}) [A-Z]{1,4}", strip(chunk))
            spaced = re.sub(r"(?<=\.)(?=\w)", " ", strip(chunk))
            surname = surname_of(spaced, str) or spaced
            if TIE in chunk:
                surname = strip(surname_of_full(chunk)) or surname
            found.append(initialled.group(1) if initialled else surname)
        index += 1
    if not found or not re.search(r"[^\W\d_]{2}", found[0]):
        return (), False
    return tuple(found[:3]), several or len(found) > 3
