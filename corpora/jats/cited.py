"""Citations in the text: from `xref`s to spans.

While a text is built, each citation stands in it as a placeholder made of characters that XML
forbids (U+0001 ... U+0006), so nothing in a file can look like one. When the text is whole,
`finish` reads the placeholders together with what the paper printed around them: brackets,
parentheses and superscripts that hold nothing but citations vanish, `[3]–[7]` names every work in
between, and `Smith et al. (2010)` keeps its names.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from corpora.citations import GROUP_SEPARATOR, span
from corpora.documents import Citation
from corpora.jats.marks import DASH, LONGEST_RANGE, RAISED, TOKEN, Mark, are_known, numbers_in
from corpora.jats.references import Bibliography, Reference
from corpora.jats.unlinked import with_unlinked
from tokenization.wrappers import superscript

#: `metadata["citations_unresolved"]`: a citation whose entry the reference list lacks.
NO_ENTRY: Final = "no entry"
_LONGEST_NAMES: Final = 300
#: `Smith et al., 2010` in a parenthesis of the paper's own: `2010` is no reference number.
_FIRST_YEAR: Final = 1500

_GROUP: Final = "\x05{}\x06"
_ITEM: Final = r"(?:\x01\d+\x02|\d{1,4}(?!\d))"
_GLUE: Final = rf"(?: ?[,;] ?(?:and |& ?)?| and | ?& ?| ?{DASH} ?| ?)"
_INSIDE: Final = re.compile(rf" ?{_ITEM}(?:{_GLUE}{_ITEM})*[ ,;]*")
_ENCLOSED: Final = re.compile(
    r"([\[(\x03])([^\[\]()\x01\x03\x04\n]*+\x01[^\[\]()\x03\x04\n]*+)([\])\x04])"
)
_CLOSED_BY: Final = {"[": "]", "(": ")", RAISED[0]: RAISED[1]}
_OPEN_RUN: Final = re.compile(rf"\x01\d+\x02(?:(?: ?[,;] ?| ?{DASH} ?| ?)\x01\d+\x02)*")
# `[1]–[5]` and `[1],[2]` with a bracket, or a superscript, around each: one group.
_SEAM: Final = re.compile(rf"\x02 ?([\])\x04]) ?([,;]|{DASH}|) ?([\[(\x03]) ?\x01")
_NARRATIVE: Final = re.compile(
    r"(?P<names>[^\[\]()\d]*[^\W\d_][^\[\]()\d]*?),? ?(?P<rest>[\[(][^\[\]()]*\d[^\[\]()]*[\])])"
)
_SUPERSCRIPT: Final = superscript("")[0]
_ABBREVIATION: Final = re.compile(r"(?:\b(?:al|e\.g|i\.e|cf|vs|etc|refs?|figs?)|\b[A-Z])\.$", re.I)


#: A cited entry of the reference list, and the words that stand for it where it has no title.
_Work = tuple[Reference, str]


class _Group(NamedTuple):
    """Citations printed together, and the bracket around them (U+0003 a superscript, "" none)."""

    content: str
    bracket: str


@dataclass(slots=True)
class _Spans:
    """The spans of one text as they are written, with their citations and the unresolved ones.

    `remembered` has the citations and the spans of a work by its identity and words: a paper cites
    most of its references again.
    """

    marks: Sequence[Mark]
    bibliography: Bibliography
    citations: list[Citation] = field(default_factory=list)
    unresolved: Counter[str] = field(default_factory=Counter)
    remembered: dict[tuple[int, str], tuple[list[Citation], str]] = field(default_factory=dict)

    def of(self, works: Sequence[_Work]) -> str:
        """The spans of works cited together."""
        written: list[str] = []
        for reference, words in works:
            known = self.remembered.get((id(reference), words))
            if known is None:
                citations = _as_written(reference, words)
                known = citations, GROUP_SEPARATOR.join(map(span, citations))
                self.remembered[id(reference), words] = known
            self.citations += known[0]
            written.append(known[1])
        return GROUP_SEPARATOR.join(written)


def raised(content: str) -> str:
    """The content of a superscript that holds citations.

    Citations alone are marked as raised; words beside them become a superscript of their own.
    """
    if _INSIDE.fullmatch(content.strip(" []()")):
        return f"{RAISED[0]}{content.strip()}{RAISED[1]}"
    marks = re.findall(r"\x01\d+\x02", content)
    words = re.sub(r"\x01\d+\x02", "", content).strip(" ,;")
    return superscript(words, marked=True) + RAISED[0] + ",".join(marks) + RAISED[1]


def finish(
    text: str, marks: Sequence[Mark], bibliography: Bibliography
) -> tuple[str, list[Citation], Counter[str]]:
    """The text with its spans, their citations in order, and the count of those unresolved."""
    groups: list[_Group] = []
    marks = list(marks)
    text = with_unlinked(text, marks, bibliography)

    def enclosed(match: re.Match[str]) -> str:
        opening, content, closing = match.groups()
        if _CLOSED_BY[opening] != closing:
            return match.group()
        # Most hold one citation and nothing else.
        if not (content[0] == "\x01" and content.find("\x02") == len(content) - 1):
            bare = [int(number) for _, number, _ in TOKEN.findall(content) if number]
            known = all(number in bibliography.by_number for number in bare)
            if not known or not _INSIDE.fullmatch(content):
                return match.group()
        groups.append(_Group(content, opening))
        return _GROUP.format(len(groups) - 1)

    def bare_run(match: re.Match[str]) -> str:
        # `ulcers.<xref>8</xref> A`: publishers whose style sheet raises them write no `sup`.
        glued = match.start() > 0 and match.string[match.start() - 1] in ".,;:"
        printed = [marks[int(number)].printed for number in re.findall(r"\x01(\d+)", match[0])]
        is_raised = glued and all(are_known(numbers_in(each), bibliography) for each in printed)
        groups.append(_Group(match.group(), RAISED[0] if is_raised else ""))
        return _GROUP.format(len(groups) - 1)

    text = _SEAM.sub(_merge_seam, text)
    text = _ENCLOSED.sub(enclosed, text)
    text = _OPEN_RUN.sub(bare_run, text)
    text = _lower(text, groups)
    text = re.sub(r"\x06 ?[,;]? ?\x05", f"\x06{GROUP_SEPARATOR}\x05", text)
    spans = _Spans(marks, bibliography)

    def final(match: re.Match[str]) -> str:
        group = groups[int(match.group(1))]
        words = _written(group, spans)
        before = text[match.start() - 1] if match.start() else "\n"
        after = text[match.end()] if match.end() < len(text) else "\n"
        lead = "" if before.isspace() or before in "([{“‘\"'/—–|>" else " "
        if group.bracket == RAISED[0] and words.startswith(_SUPERSCRIPT):
            lead = ""
        return lead + words + (" " if after.isalnum() else "")

    return re.sub(r"\x05(\d+)\x06", final, text), spans.citations, spans.unresolved


def _merge_seam(match: re.Match[str]) -> str:
    closing, glue, opening = match.groups()
    return f"\x02{glue or ','}\x01" if _CLOSED_BY[opening] == closing else match.group()


def _lower(text: str, groups: Sequence[_Group]) -> str:
    """Raised citations in the line: `word.⁵ Next` becomes `word ⁵. Next`."""

    def move(match: re.Match[str]) -> str:
        point, number = match.group(1), int(match.group(2))
        until = text[max(0, match.start() - 12) : match.start() + 1]
        keep = groups[number].bracket != RAISED[0] or _ABBREVIATION.search(until)
        return match.group() if keep else _GROUP.format(number) + point

    text = re.sub(r"\x03 ?(\x05\d+\x06) ?\x04", r"\1", text)
    if any(group.bracket == RAISED[0] for group in groups):
        text = re.sub(r"([.,;:])\x05(\d+)\x06(?=\s|[”’\"]|$)", move, text)
    return text.replace("\x03", "").replace("\x04", "")


def _written(group: _Group, spans: _Spans) -> str:
    """A group as spans; works that have no entry keep the words the paper prints."""
    pieces: list[str] = []
    plain: list[bool] = []
    for words, works in _items(group, spans.marks, spans.bibliography):
        if works:
            written = spans.of(works)
            pieces.append(f"{words} {written}" if words else written)
        else:
            spans.unresolved[NO_ENTRY] += 1
            pieces.append(words)
        plain.append(not works)
    if all(plain):
        # Nothing is known of any: the text as it was printed.
        marks = spans.marks
        content = re.sub(r"\x01(\d+)\x02", lambda m: marks[int(m.group(1))].printed, group.content)
        if group.bracket == RAISED[0]:
            return superscript(content, marked=True)
        return f"{group.bracket}{content}{_CLOSED_BY.get(group.bracket, '')}"
    if not any(plain):
        return GROUP_SEPARATOR.join(pieces)
    enclosing = {"": "", RAISED[0]: "["}.get(group.bracket, group.bracket)
    return GROUP_SEPARATOR.join(
        f"{enclosing}{piece}{_CLOSED_BY.get(enclosing, '')}" if lone else piece
        for piece, lone in zip(pieces, plain, strict=True)
    )


def _items(
    group: _Group, marks: Sequence[Mark], bibliography: Bibliography
) -> Iterator[tuple[str, list[_Work]]]:
    """Each citation of a group: words that stay before it, and its works."""
    last: int | None = None
    dash = False
    for index, bare, sign in TOKEN.findall(group.content):
        if sign:
            dash = True
            continue
        mark = marks[int(index)] if index else Mark((), bare)
        numbers = numbers_in(mark.printed)
        if dash and last is not None and numbers and last < numbers[0] <= last + LONGEST_RANGE:
            for number in range(last + 1, numbers[0]):
                between = bibliography.by_number.get(number)
                if between is not None:
                    yield "", [(between, f"[{number}]")]
        dash = False
        plain = not group.bracket and len(mark.printed) <= _LONGEST_NAMES
        plain = plain and ("(" in mark.printed or "[" in mark.printed)
        narrative = _NARRATIVE.fullmatch(mark.printed) if plain else None
        yield _one(mark, numbers, narrative, group.bracket, bibliography)
        last = numbers[-1] if numbers else None


def _one(
    mark: Mark,
    numbers: list[int],
    narrative: re.Match[str] | None,
    bracket: str,
    bibliography: Bibliography,
) -> tuple[str, list[_Work]]:
    found = [bibliography.by_id[t] for t in mark.targets if t in bibliography.by_id]
    # `3–7` printed in one xref that names only the first work, or only both ends.
    listed = [bibliography.by_number[n] for n in numbers if n in bibliography.by_number]
    if len(listed) == len(numbers) > len(found) and (not found or listed[0] is found[0]):
        found = listed
    core = mark.printed.strip(" []()")
    if not found:
        return mark.printed, []
    if len(found) > 1:
        return "", [(reference, _short(reference, core)) for reference in found]
    if narrative is not None:
        return narrative["names"].strip(), [(found[0], narrative["rest"])]
    if not core:
        return "", [(found[0], _short(found[0], "[?]"))]
    year = numbers and numbers[0] >= _FIRST_YEAR and numbers[0] not in bibliography.by_number
    if numbers and not year and not re.search(r"[\[(]", mark.printed):
        written = f"[{core}]"
    elif bracket in ("(", "["):
        written = f"{bracket}{core}{_CLOSED_BY[bracket]}"
    else:
        written = f"[{core}]" if bracket else mark.printed
    return "", [(found[0], written)]


def _short(reference: Reference, otherwise: str) -> str:
    """How a paper would print a reference by itself: `[12]`, or `(Smith 2010)`."""
    if reference.label:
        return f"[{reference.label}]"
    work = reference.works[0] if reference.works else None
    if work is not None and work.surname and work.year:
        return f"({work.surname} {work.year})"
    return otherwise


def _as_written(reference: Reference, words: str) -> list[Citation]:
    # Built as it is: `dataclasses.replace` takes three times as long, for every citation.
    return [
        Citation(words, work.title, work.surname, work.year, work.doi, work.pmid, work.arxiv)
        for work in reference.works
    ] or [Citation(as_written=words)]
