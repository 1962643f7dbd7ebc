"""Papers as one text with offsets: the bulk datasets of the Semantic Scholar API.

`s2orc` has `content: {text, annotations}`; `s2orc_v2` has `body` and `bibliography` of that form,
its names with underscores (`bib_ref` for `bibref`). Each annotation is a JSON string, or null: a
list of `{start, end, attributes}` with offsets in characters of the text.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from corpora.documents import JSON
from corpora.s2orc.model import (
    MALFORMED,
    OUT_OF_RANGE,
    OVERLAPPING,
    Float,
    Paper,
    Paragraph,
    Span,
    in_order,
    mapping,
    string,
    whole,
)
from corpora.s2orc.works import named, reference, work

#: `metadata["parts_dropped"]`: an annotation that is no list.
NO_LIST: Final = "annotation is no list"
_KINDS: Final[dict[str, Literal["citation", "reference"]]] = {
    "bibref": "citation", "figureref": "reference", "tableref": "reference",
}  # fmt: skip
_NAME_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class _Note:
    """One entry of an annotation."""

    start: int
    end: int
    attributes: dict[str, JSON]

    def attribute(self, name: str) -> str:
        value = self.attributes.get(name)
        return str(value) if isinstance(value, str | int) else ""


@dataclass(frozen=True, slots=True)
class _Annotated:
    """A text and its annotations by name without underscores, each in the order of the text."""

    text: str
    notes: dict[str, list[_Note]]

    def of(self, name: str) -> list[_Note]:
        return self.notes.get(name, [])

    def words(self, note: _Note) -> str:
        return " ".join(self.text[note.start : note.end].split())

    def inside(self, name: str, outer: _Note) -> list[_Note]:
        notes = self.of(name)
        first = bisect_left(notes, outer.start, key=lambda note: note.start)
        found: list[_Note] = []
        for note in notes[first:]:
            if note.start >= outer.end:
                break
            if note.end <= outer.end:
                found.append(note)
        return found


def is_annotated(fields: dict[str, JSON]) -> bool:
    """Whether a record is of this form."""
    return any("annotations" in mapping(fields.get(name)) for name in ("content", "body"))


def read_annotated(fields: dict[str, JSON], paper: Paper) -> None:
    """Fills a paper from its text and annotations."""
    whole_text = mapping(fields.get("content")) or mapping(fields.get("body"))
    content = _annotated(whole_text, paper.dropped)
    apart = mapping(fields.get("bibliography"))
    listed = _annotated(apart, paper.dropped) if apart else content
    _works(listed, paper)
    if not paper.title:
        paper.title = next((content.words(note) for note in content.of("title")), "")
    if not paper.authors:
        paper.authors.extend(_authors(content))
    abstracts = content.of("abstract")
    if not paper.abstract:
        paper.abstract.extend(
            part
            for note in abstracts
            for part in _paragraphs_of(content, note, "", "", paper.dropped)
        )
    _floats(content, paper)
    _body(content, abstracts, paper)


def _annotated(fields: dict[str, JSON], dropped: Counter[str]) -> _Annotated:
    text = string(fields.get("text"))
    notes: dict[str, list[_Note]] = {}
    for name, value in mapping(fields.get("annotations")).items():
        if value is None:
            continue
        try:
            listed = json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError):
            listed = None
        if not isinstance(listed, list):
            dropped[NO_LIST] += 1
            continue
        found = [_note(mapping(entry), len(text), dropped) for entry in listed]
        kept = [note for note in found if note is not None]
        notes[name.replace("_", "").lower()] = sorted(kept, key=lambda note: (note.start, note.end))
    return _Annotated(text, notes)


def _note(entry: dict[str, JSON], length: int, dropped: Counter[str]) -> _Note | None:
    start, end = whole(entry.get("start")), whole(entry.get("end"))
    if start is None or end is None:
        dropped[MALFORMED] += 1
    elif not 0 <= start <= end <= length:
        dropped[OUT_OF_RANGE] += 1
    elif start < end:
        return _Note(start, end, mapping(entry.get("attributes")))
    return None


def _works(listed: _Annotated, paper: Paper) -> None:
    for note in listed.of("bibentry"):
        identifier = note.attribute("id")
        if not identifier or identifier in paper.works:
            continue
        titles = listed.inside("bibtitle", note)
        surnames = [listed.words(part) for part in listed.inside("bibauthorlastname", note)]
        if not surnames:
            authors = listed.inside("bibauthor", note)
            surnames = [_surname(listed.words(author)) for author in authors]
        raw = listed.words(note)
        cited = work(
            title=listed.words(titles[0]) if titles else "",
            surname=surnames[0] if surnames else "",
            year=note.attribute("year"),
            raw=raw,
            doi=note.attribute("doi"),
            arxiv=note.attribute("arxiv"),
            pmid=note.attribute("pmid"),
        )
        paper.works[identifier] = reference(cited)
        paper.named.add(named(identifier, surnames, cited, raw))


def _surname(author: str) -> str:
    """The family name of `J. Smith`, `Smith, J.` or `Smith J`."""
    if "," in author:
        return author.partition(",")[0]
    words = [word for word in author.split() if not re.fullmatch(r"(?:[A-Z][.-]?){1,3}", word)]
    return words[-1] if words else ""


def _authors(content: _Annotated) -> list[str]:
    """The names of the authors: an `author` spans the name and the affiliation."""
    names: list[str] = []
    for note in content.of("author"):
        first = content.inside("authorfirstname", note)
        last = content.inside("authorlastname", note)
        parts = [content.words(part) for part in sorted(first + last, key=lambda part: part.start)]
        lines = content.text[note.start : note.end].strip().splitlines() or [""]
        name = " ".join(parts) or " ".join(lines[0].split()).strip(" ,;*")
        if name and not re.search(r"\d|@", name) and len(name.split()) <= _NAME_WORDS:
            names.append(name)
    return list(dict.fromkeys(names))


def _floats(content: _Annotated, paper: Paper) -> None:
    for number, note in enumerate(content.of("figure")):
        captions = content.inside("figurecaption", note)
        identifier = note.attribute("id") or f"figure {number}"
        if captions:
            is_table = identifier.startswith("tab") or note.attribute("type") == "table"
            paper.floats.setdefault(identifier, Float(is_table, content.words(captions[0])))


def _body(content: _Annotated, abstracts: list[_Note], paper: Paper) -> None:
    """The headings, paragraphs and formulas in the order of the text."""
    taken = [*abstracts, *content.of("figure"), *content.of("table"), *content.of("bibentry")]
    within = _Covered(taken)
    items = [(note, "heading") for note in content.of("sectionheader")]
    paragraphs = content.of("paragraph") or _unmarked(content, taken)
    covered = _Covered(paragraphs)
    items += [(note, "paragraph") for note in paragraphs]
    items += [(note, "formula") for note in content.of("formula") if not covered.touches(note)]
    section = number = ""
    end = 0
    for note, kind in sorted(items, key=lambda item: (item[0].start, item[0].end)):
        if within.holds(note):
            continue
        if note.start < end:
            paper.dropped[OVERLAPPING] += 1
            continue
        end = note.end
        if kind == "heading":
            section, number = content.words(note), note.attribute("n")
            paper.body.append(Paragraph("", section, number))
        else:
            paper.body += _paragraphs_of(content, note, section, number, paper.dropped)


def _unmarked(content: _Annotated, within: list[_Note]) -> list[_Note]:
    """Blocks between blank lines after the first heading, where no paragraph is annotated."""
    headings = content.of("sectionheader")
    first = headings[0].end if headings else max((note.end for note in within[:1]), default=0)
    last = min((note.start for note in content.of("bibentry")), default=len(content.text))
    taken = _Covered([*within, *headings])
    blocks = [
        _Note(match.start(), match.end(), {})
        for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", content.text)
        if first <= match.start() and match.end() <= last
    ]
    return [block for block in blocks if not taken.touches(block)]


class _Covered:
    """The parts of a text that some notes cover."""

    def __init__(self, notes: Sequence[_Note]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for note in sorted(notes, key=lambda note: note.start):
            if self._ends and note.start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], note.end)
            else:
                self._starts.append(note.start)
                self._ends.append(note.end)

    def holds(self, note: _Note) -> bool:
        """Whether all of a note is covered."""
        part = bisect_right(self._starts, note.start) - 1
        return part >= 0 and note.end <= self._ends[part]

    def touches(self, note: _Note) -> bool:
        """Whether any of a note is covered."""
        part = bisect_left(self._starts, note.end) - 1
        return part >= 0 and note.start < self._ends[part]


def _paragraphs_of(
    content: _Annotated, note: _Note, section: str, number: str, dropped: Counter[str]
) -> list[Paragraph]:
    """A stretch of the text as a paragraph, with the spans in it; cut at blank lines."""
    spans: list[Span] = []
    for name, kind in _KINDS.items():
        for inner in content.inside(name, note):
            spans.append(
                Span(
                    inner.start - note.start,
                    inner.end - note.start,
                    kind,
                    inner.attribute("ref_id") or None,
                )
            )
    text = content.text[note.start : note.end]
    kept = in_order(spans, len(text), dropped)
    held = _Covered([_Note(span.start, span.end, {}) for span in kept])
    cuts = [
        match.span()
        for match in re.finditer(r"\n\s*\n", text)
        if not held.touches(_Note(match.start(), match.end(), {}))
    ]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    opened = [span.start for span in kept]
    return [
        Paragraph(
            text[start:end],
            section,
            number,
            tuple(
                replace(span, start=span.start - start, end=span.end - start)
                for span in kept[bisect_left(opened, start) : bisect_left(opened, end)]
            ),
        )
        for start, end in zip(starts, ends, strict=True)
        if text[start:end].strip()
    ]
