"""Papers in paragraphs: the releases of 2019 and 2020, s2orc-doc2json and CORD-19.

A paragraph has its text, its section and lists of spans by offsets in characters: `cite_spans` into
`bib_entries`, `ref_spans` into `ref_entries`, `eq_spans` with LaTeX. In text that came from LaTeX a
span's place is held by its identifier: `Figure FIGREF3`, `INLINEFORM0`.
"""

import re
from collections import Counter
from typing import Final

from corpora.documents import JSON
from corpora.s2orc.model import (
    MALFORMED,
    OTHER_TEXT,
    Float,
    Paper,
    Paragraph,
    Span,
    entries,
    in_order,
    mapping,
    string,
    whole,
)
from corpora.s2orc.works import entry_work, named, reference, surnames_of

PARSES: Final = ("latex_parse", "grobid_parse", "pdf_parse")

_HELD: Final = re.compile(
    r"(?:BIB|FIG|TAB|SEC|EQ|FOOT)REFU?\d*|(?:INLINE|DISPLAY)FORM\d+|EQUATION|FORMULA"
)
_IDENTIFIER: Final = re.compile(r"([A-Z]+)(\d+)")


def parse_of(fields: dict[str, JSON]) -> dict[str, JSON] | None:
    """The parse of a record: that of the LaTeX source where it has a text; None without any."""
    candidates = [mapping(fields.get(name)) for name in PARSES]
    if "body_text" in fields:
        candidates.append(fields)
    for parse in candidates:
        if entries(parse.get("body_text")):
            return parse
    return next((parse for parse in candidates if parse), None)


def read_parse(parse: dict[str, JSON], paper: Paper) -> None:
    """Fills a paper from its parse."""
    for identifier, entry in mapping(parse.get("bib_entries")).items():
        fields = mapping(entry)
        cited = entry_work(fields)
        paper.works[identifier] = reference(cited)
        raw = f"{string(fields.get('raw_text'))} {fields.get('year')}"
        paper.named.add(named(identifier, surnames_of(fields), cited, raw))
    references = {
        identifier: mapping(entry)
        for identifier, entry in mapping(parse.get("ref_entries")).items()
    }
    words = _words_of_references(references)
    for identifier, entry in references.items():
        made = _float(identifier, entry, words)
        if made is not None:
            paper.floats[identifier] = made
    for name, paragraphs in (
        ("abstract", paper.abstract), ("body_text", paper.body), ("back_matter", paper.back)
    ):  # fmt: skip
        for entry in entries(parse.get(name)):
            paragraphs.append(_paragraph(mapping(entry), words, paper.dropped))


def _kind(entry: dict[str, JSON]) -> str:
    return string(entry.get("type_str") or entry.get("type")).lower()


def _words_of_references(references: dict[str, dict[str, JSON]]) -> dict[str, str]:
    """What a reader sees in the place of an identifier: a number, a section's title, a note.

    Figures and tables without a number are counted in the order of the paper, as LaTeX does.
    """
    words: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for identifier in sorted(references, key=_by_number):
        entry = references[identifier]
        kind = _kind(entry)
        counted[kind] += 1
        number = entry.get("num") or entry.get("fig_num")
        printed = str(number).strip() if isinstance(number, str | int) else ""
        if kind == "footnote":
            text = " ".join(string(entry.get("text")).split())
            printed = f"({text})" if text else ""
        elif not printed and kind in ("figure", "table"):
            printed = str(counted[kind])
        elif not printed and kind == "section":
            printed = " ".join(string(entry.get("text")).split())
        words[identifier] = printed
    return words


def _by_number(identifier: str) -> tuple[str, int]:
    match = _IDENTIFIER.fullmatch(identifier)
    return (match.group(1), int(match.group(2)[:9])) if match else (identifier, 0)


def _float(identifier: str, entry: dict[str, JSON], words: dict[str, str]) -> Float | None:
    kind = _kind(entry) or {"FIG": "figure", "TAB": "table"}.get(identifier[:3], "")
    if kind not in ("figure", "table"):
        return None
    caption = " ".join(string(entry.get("text")).split())
    html = string(entry.get("html") or entry.get("content"))
    number = entry.get("num") or entry.get("fig_num")
    labelled = re.match(r"(?:fig|tab|abb|scheme|chart|plate|extended|suppl)", caption, re.I)
    if isinstance(number, str | int) and str(number).strip() and not labelled:
        caption = f"{kind.capitalize()} {str(number).strip()}: {caption}".rstrip(": ")
    caption = _HELD.sub(lambda match: words.get(match.group(), match.group()), caption)
    return Float(kind == "table", caption, html if "<table" in html else "")


def _paragraph(entry: dict[str, JSON], words: dict[str, str], dropped: Counter[str]) -> Paragraph:
    text = string(entry.get("text"))
    spans: list[Span] = []
    for name in ("cite_spans", "ref_spans", "eq_spans"):
        for value in entries(entry.get(name)):
            span = _span(name, mapping(value), text, words, dropped)
            if span is not None:
                spans.append(span)
    section = entry.get("section")
    if isinstance(section, list):
        # The sections it is in, outermost first, or one as its number and its title.
        section = next((part for part in reversed(section) if isinstance(part, str)), "")
    number = entry.get("sec_num")
    return Paragraph(
        text=text,
        section=string(section),
        number=str(number) if isinstance(number, str | int) else "",
        spans=in_order(spans, len(text), dropped),
    )


def _span(
    name: str,
    value: dict[str, JSON],
    text: str,
    words: dict[str, str],
    dropped: Counter[str],
) -> Span | None:
    start, end = whole(value.get("start")), whole(value.get("end"))
    if start is None or end is None:
        dropped[MALFORMED] += 1
        return None
    there = text[start:end] if 0 <= start < end <= len(text) else ""
    held = _HELD.fullmatch(there.strip())
    given = value.get("text") or value.get("mention")
    if isinstance(given, str) and there and not held and given.split() != there.split():
        dropped[OTHER_TEXT] += 1
        return None
    target = string(value.get("ref_id")) or None
    if name == "cite_spans":
        return Span(start, end, "citation", target, words="" if held else None)
    if name == "ref_spans":
        return Span(
            start, end, "reference", target, words=words.get(target or there, "") if held else None
        )
    formula = string(value.get("latex")).strip()
    printed = string(value.get("raw_str") or value.get("text"))
    return Span(
        start,
        end,
        "formula",
        target,
        words=("" if _HELD.fullmatch(printed.strip()) else printed) if held else None,
        latex=formula or None,
        display=there.strip().startswith(("DISPLAYFORM", "EQUATION"))
        or string(target).startswith("EQREF"),
    )
