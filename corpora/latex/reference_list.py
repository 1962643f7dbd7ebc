r"""Reference lists as a .bbl or a `thebibliography` has them: `\bibitem` and biblatex's `\entry`.

A printed list keeps little of what a database says. Titles are taken only where the list marks them
(`\newblock`, quotation marks, `\bibinfo{title}`, a colon or a year in brackets before them) or
where its slanted words tell (`slanted_titles`).
"""

import re
from typing import Final

from corpora.latex.bibliography import (
    Entry,
    Plain,
    clean_title,
    find_arxiv,
    find_doi,
    people,
    surname_of,
)
from corpora.latex.slanted_titles import authors_end, slanted_title

_ITEM: Final = re.compile(r"\\(?:bibitem|reference|harvarditem)(?![a-zA-Z])")
_YEAR: Final = re.compile(r"(?<![\d/.:-])((?:18|19|20)\d{2})[a-z]?(?![\d/]|\.\d|-+\d|–)")
#: ACS style prints the year bold.
_BOLD_YEAR: Final = re.compile(
    r"(?:\\textbf\s*\{|\{\s*\\bf(?:series)?\b)\s*((?:18|19|20)\d{2})\s*\}"
)
#: A rule in place of the authors of the entry before, amsplain's `\\bysame`.
_SAME: Final = re.compile(
    r"\s*(?:\\bysame\b|\{?-{2,}\}?|(?:\\leavevmode\s*)?\\(?:hbox|vrule)\b[^,.]{0,80}(?=[,.])|"
    r"\\rule\s*(?:\[[^\]]{0,20}\])?\{[^{}]{0,20}\}\{[^{}]{0,20}\})(?=\s*[,.:])"
)
_BODY_LIMIT: Final = 6000


def parse_reference_list(source: str, plain: Plain) -> dict[str, Entry]:
    """The entries of a reference list by key, in either form."""
    if "\\entry{" in source and "\\endentry" in source:
        return _biblatex(source, plain)
    entries: dict[str, Entry] = {}
    names = ""
    starts = [match.end() for match in _ITEM.finditer(source)]
    ending = source.find("\\end{thebibliography}")
    for index, start in enumerate(starts):
        last = index + 1 == len(starts)
        end = ending if last and ending > start else len(source) if last else starts[index + 1]
        item = re.sub(r"\\(?:bibitem|reference|harvarditem)$", "", source[start:end])[:_BODY_LIMIT]
        label, key, body = _item(item)
        if _SAME.match(body):
            body = names + _SAME.sub("", body, count=1)
        else:
            # Authors stand before the first slanted or bold words.
            head = plain(re.split(r"\\(?:emph|it|em|textit|newblock|sl)\b", body)[0])
            names = head[: authors_end(head)].replace("&", "\\&")
        if key and key not in entries:
            entries[key] = _entry(label, body, index + 1, plain)
    return entries


def balanced(source: str, at: int, opening: str = "{", closing: str = "}") -> int:
    """The index after the group that opens at `at`; -1 where it does not close.

    >>> balanced("{a{b}}c", 0)
    6
    """
    depth = 0
    limit = min(len(source), at + 20_000)
    while at < limit:
        character = source[at]
        if character == "\\":
            at += 1
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if depth == 0:
                return at + 1
        elif character == "{" and opening == "[":
            inner = balanced(source, at)
            if inner < 0:
                return -1
            at = inner - 1
        at += 1
    return -1


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
    title, before = _title(body, plain)
    surname: str | None = None
    if authors is None:
        authors, surname = _authors(before, body, plain)
    else:
        surname = re.split(r"\s+et\s+al|\s+and\s+|\s*&\s*|,", authors)[0].strip() or None
    if year is None:
        info = re.search(r"\\bibinfo\s*\{year\}\s*\{(\d{4})", body)
        bracketed = re.search(r"\(((?:18|19|20)\d{2})[a-z]?\)", body)
        found = (
            info
            or bracketed
            or _BOLD_YEAR.search(body)
            or next(iter(reversed(list(_YEAR.finditer(_no_addresses(body))))), None)
        )
        year = found.group(1) if found else None
    return Entry(
        title=title,
        surname=surname,
        authors=authors,
        year=year,
        doi=find_doi(body),
        arxiv=find_arxiv(body),
        number=number,
    )


def _no_addresses(body: str) -> str:
    return re.sub(r"\\(?:url|href|path|doi)\s*\{[^{}]*\}|https?://\S+", "", body)


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


def _title(body: str, plain: Plain) -> tuple[str | None, str]:
    """The title that an item marks, and the source that stands before it (the authors)."""
    info = re.search(r"\\bibinfo\s*\{\s*(?:title|booktitle)\s*\}\s*(?=\{)", body)
    first = re.search(r"\\bibinfo\s*\{\s*title\s*\}\s*(?=\{)", body) or info
    if first is not None:
        end = balanced(body, first.end())
        if end > 0:
            return clean_title(plain(body[first.end() + 1 : end - 1])), body[: first.start()]
    quoted = re.search(r"``([\s\S]{4,600}?)(?:''|(?<!\\)\")", body) or re.search(
        r"\\(?:enquote|textquote|mkbibquote)\s*\{([^{}]{4,600})\}|“([^”]{4,600})”", body
    )
    if quoted is not None:
        words = next(group for group in quoted.groups() if group)
        return clean_title(plain(words)), body[: quoted.start()]
    blocks = re.split(r"\\newblock\b\s*", body)
    if len(blocks) > 1:
        title = _block_title(blocks[1:], plain)
        if title is not None:
            return title, blocks[0]
    text = plain(blocks[0])[:1500]
    vancouver = re.match(
        r"^([^\W\d][\w'’ -]* [A-Z]{1,4}(?:, [^\W\d][\w'’ -]* [A-Z]{1,4})*(?:, et al)?)"
        r"\. (.+?)(?:; (?:18|19|20)\d{2})?\.?$",
        text[:800],
    )
    if vancouver is not None and len(blocks) > 1:
        return clean_title(vancouver.group(2)), vancouver.group(1)
    dated = re.match(
        r"^([^\d]{3,300}?)[.,]?\s+\((?:18|19|20)\d{2}[a-z]?\)[.,:]?\s+(.+?[^A-Z])[.?]\s", text + " "
    )
    acm = re.match(r"^(.{3,300}?)\.\s+(?:18|19|20)\d{2}[a-z]?\.\s+(.+?[^A-Z])[.?]\s", text + " ")
    springer = re.match(
        r"^((?:[^\W\d][\w'’ -]*,\s+(?:\w\.[ -]?)+,?\s*)+)\s*:\s+(.+?[^A-Z])[.?]\s", text + " "
    )
    for found in (dated, acm, springer):
        if found is not None and len(found.group(2).split()) >= 2:
            return clean_title(found.group(2)), found.group(1)
    if len(blocks) == 1:
        slanted = slanted_title(body, plain)
        if slanted is not None:
            return slanted
        names = text[: authors_end(text)]
        return None, names or body
    return None, body


def _block_title(blocks: list[str], plain: Plain) -> str | None:
    first = blocks[0].strip()
    slanted = re.match(r"\{?\\(?:em|it|sl|emph|textit)\b", first)
    if slanted is not None and len(blocks) == 1:
        return None
    if re.match(
        r"(?:In\b|arXiv|doi|Available from|Accessed|URL\b|https?:|\\url|"
        r"\\href\s*\{[^{}]*\}\s*\{(?:arXiv|doi))",
        first,
    ):
        return None
    text = plain(first)
    # elsarticle-num: title, journal, volume and year in one block.
    journal = re.match(r"^(.+?), [^,]+? \d+[^,]*\((?:18|19|20)\d{2}\)", text)
    if journal is not None and len(blocks) <= 2:
        text = journal.group(1)
    elif slanted is not None:
        text = re.split(r", (?:volume|number|\d|edited)|\. ", text)[0]
    elif re.fullmatch(r"[\W\d]*(?:(?:18|19|20)\d{2})?[\W\d]*", text):
        return _block_title(blocks[1:], plain) if len(blocks) > 1 else None
    return clean_title(text)


def _authors(before: str, body: str, plain: Plain) -> tuple[str | None, str | None]:
    """Author words and first surname from the head of an item that has no label."""
    named = re.search(r"\\bibnamefont\s*\{([^{}]*)\}", before or body)
    if named is not None:
        count = len(re.findall(r"\\bibnamefont\b", before or body))
        names = re.findall(r"\\bibnamefont\s*\{([^{}]*)\}", before or body)
        first = plain(named.group(1)).strip()
        if not first:
            return None, None
        several = count > 2 or "et~al" in body or "et al" in body
        if several:
            return f"{first} et al.", first
        return " and ".join(plain(name).strip() for name in names), first
    # What stands before may be plain already.
    text = plain(re.sub(r"(?<!\\)&", r"\\&", before))[:600].strip(" ,.:")
    text = re.sub(r"\(?\b(?:18|19|20)\d{2}[a-z]?\)?.*$", "", text).strip(" ,.:")
    if not text:
        return None, None
    several = bool(re.search(r"\bet al\b|\bothers\b", text))
    text = re.split(r",?\s*\bet al\b|,?\s+and others", text)[0]
    text = re.sub(r"\s*(?:,\s*)?(?:&|\band\b)\s*", ", ", text)
    chunks = [chunk.strip() for chunk in re.split(r"[,;]", text) if chunk.strip()]
    if not chunks:
        return None, None
    initials = re.compile(r"(?:[A-ZÀ-Ý](?:[a-z]?\.)?[ \-‐]*){1,5}")
    names = []
    index = 0
    while index < len(chunks) and len(names) < 4:
        chunk = chunks[index]
        following = chunks[index + 1] if index + 1 < len(chunks) else ""
        if re.fullmatch(initials, following) and not re.match(r"(?:[^\W\d_]\.[ -]?)+", chunk):
            names.append(chunk)
            index += 1
        elif len(chunk.split()) > 6:
            break
        else:
            # Vancouver style puts bare initials last: `Wilson G`.
            initialled = re.fullmatch(r"(.*[^\W\d_]{2}) [A-Z]{1,4}", chunk)
            spaced = re.sub(r"(?<=\.)(?=\w)", " ", chunk)
            names.append(initialled.group(1) if initialled else surname_of(spaced, str) or chunk)
        index += 1
    if not names or not re.search(r"[^\W\d_]{2}", names[0]):
        return None, None
    if several or len(names) > 2:
        return f"{names[0]} et al.", names[0]
    return " and ".join(names), names[0]


def _biblatex(source: str, plain: Plain) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for chunk in re.split(r"\\entry(?=\{)", source)[1:]:
        end = balanced(chunk, 0)
        if end < 0:
            continue
        key = chunk[1 : end - 1].strip()
        body = chunk[: chunk.find("\\endentry")][:200_000]
        fields: dict[str, str] = {}
        for match in re.finditer(r"\\(?:field|strng)\{(\w+)\}\s*(?=\{)", body):
            close = balanced(body, match.end())
            if close < 0:
                break
            fields.setdefault(match.group(1), body[match.end() + 1 : close - 1])
        for match in re.finditer(r"\\verb\{(\w+)\}\s*\\verb ([^\n]*)", body):
            fields.setdefault(match.group(1), match.group(2).strip())
        names = _biblatex_names(body, "author") or _biblatex_names(body, "editor")
        authors, surname = people(" and ".join(names), plain) if names else (None, None)
        title = fields.get("title", "")
        if fields.get("subtitle"):
            title = f"{title}: {fields['subtitle']}"
        eprint = fields.get("eprint", "")
        arxiv = (
            eprint if re.fullmatch(r"\d{4}\.\d{4,5}", eprint) else find_arxiv(fields.get("url", ""))
        )
        entries.setdefault(
            key,
            Entry(
                title=clean_title(plain(title)),
                surname=surname,
                authors=authors,
                year=fields.get("year") or fields.get("labelyear"),
                doi=find_doi(fields.get("doi", "")),
                arxiv=arxiv,
                number=len(entries) + 1,
            ),
        )
    return entries


def _biblatex_names(body: str, role: str) -> list[str]:
    """The names of a `\\name` list as BibTeX writes them, `von Last, First`."""
    start = re.search(rf"\\name\{{{role}\}}\{{\d+\}}\{{[^{{}}]*\}}\s*(?=\{{)", body)
    if start is None:
        return []
    end = balanced(body, start.end())
    block = body[start.end() : end if end > 0 else len(body)]
    names: list[str] = []
    families = re.finditer(r"(?<![a-z])family=(?=\{)", block)
    for family in families:
        close = balanced(block, family.end())
        if close < 0:
            break
        last = block[family.end() : close]
        rest = block[close : close + 1500].split("hash=")[0]
        prefix = re.search(r"(?<![a-z])prefix=\{([^{}]*)\}", rest)
        given = re.search(r"(?<![a-z])given=\{", rest)
        name = f"{prefix.group(1)} {last[1:-1]}" if prefix else last[1:-1]
        names.append(f"{{{name}}}, X" if given else f"{{{name}}}")
    if not names:
        for old in re.finditer(r"\{\{(?:[^{}]*)\}\{([^{}]+)\}\{[^{}]*\}\{([^{}]*)\}", block):
            names.append(f"{{{old.group(1)}}}, X" if old.group(2) else f"{{{old.group(1)}}}")
    return names
