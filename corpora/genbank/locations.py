"""Locations of features: `complement(join(<1..270,300..>309))`, parsed and in words.

INSDC feature table, section 3.4. A location that cannot be parsed is None, and is told as it is
written.
"""

import re
from typing import Final, NamedTuple

from corpora.english_lists import listed

_SIMPLE: Final = re.compile(r"(complement\()?([<>]?)(\d+)(?:\.\.([<>]?)(\d+))?(\))?")
_PIECE: Final = re.compile(
    r"(?:(?P<source>[A-Za-z][\w.|-]*):)?(?:(?P<low>[<>]?)(?P<start>\d+)"
    r"(?:\.\.(?P<high>[<>]?)(?P<end>\d+)|(?P<between>\^)(?P<next>\d+))?)"
)
_TOKEN: Final = re.compile(r"(complement|join|order|bond)\(|[(),]|[^(),]+")
#: Numbers of this size are none of a sequence.
_MOST_DIGITS: Final = 12
_DEEPEST: Final = 8


class Segment(NamedTuple):
    """Bases `start` to `end`, counted from 1, of the record or of another one (`source`).

    `low` and `high` are `<` or `>` where the feature goes on beyond; `strand` is 1 or -1;
    `between` says that it is the place between the two.
    """

    start: int
    end: int
    strand: int = 1
    low: str = ""
    high: str = ""
    source: str = ""
    between: bool = False


class Location(NamedTuple):
    """Segments in the order in which the feature is read, and how they belong together."""

    segments: tuple[Segment, ...]
    operator: str = ""

    @property
    def is_local(self) -> bool:
        """Whether the record itself has all of it."""
        return not any(segment.source or segment.between for segment in self.segments)

    @property
    def begins_before(self) -> bool:
        """Whether the feature is known to begin before its first base (its 5' end is missing)."""
        first = self.segments[0]
        return bool(first.low if first.strand > 0 else first.high)

    @property
    def goes_on(self) -> bool:
        """Whether the feature is known to go on after its last base."""
        last = self.segments[-1]
        return bool(last.high if last.strand > 0 else last.low)


def parse_location(text: str) -> Location | None:
    """The segments of a location without blanks; None where it is no such location.

    >>> [s[:3] for s in parse_location("complement(join(1..5,9..12))").segments]
    [(9, 12, -1), (1, 5, -1)]
    """
    match = _SIMPLE.fullmatch(text)
    if match is not None:
        opening, low, start, high, end, closing = match.groups()
        if bool(opening) != bool(closing) or len(start) > _MOST_DIGITS:
            return None
        if end is not None and len(end) > _MOST_DIGITS:
            return None
        first, last = int(start), int(end or start)
        if end is None and low:
            low, high = (low, "") if low == "<" else ("", low)
        if first < 1 or last < first:
            return None
        return Location((Segment(first, last, -1 if opening else 1, low, high or ""),))
    return _compound(text)


def _compound(text: str) -> Location | None:
    stack: list[tuple[str, list[Segment]]] = [("", [])]
    operator = ""
    for token in _TOKEN.finditer(text):
        word, name = token[0], token[1]
        if name or word == "(":
            if len(stack) > _DEEPEST:
                return None
            stack.append((name or "", []))
            if name and name != "complement":
                operator = name
        elif word == ")":
            if len(stack) == 1:
                return None
            closed, inside = stack.pop()
            if closed == "complement":
                inside = [s._replace(strand=-s.strand) for s in reversed(inside)]
            stack[-1][1].extend(inside)
        elif word != ",":
            segment = _segment(word)
            if segment is None:
                return None
            stack[-1][1].append(segment)
    _, segments = stack[0]
    if len(stack) > 1 or not segments:
        return None
    return Location(tuple(segments), operator if len(segments) > 1 else "")


def _segment(text: str) -> Segment | None:
    match = _PIECE.fullmatch(text)
    if match is None:
        return None
    start, end = match["start"], match["end"] or match["next"] or match["start"]
    if max(len(start), len(end)) > _MOST_DIGITS:
        return None
    first, last = int(start), int(end)
    between = bool(match["between"])
    if first < 1 or (last < first and not between):
        return None
    low, high = match["low"], match["high"] or ""
    if match["end"] is None and low == ">":
        low, high = "", ">"
    return Segment(first, last, 1, low, high, match["source"] or "", between)


#: Of more segments the first and the last base are told, and how many there are.
_MOST_SEGMENTS: Final = 24


def in_words(location: Location | None, written: str, unit: str = "base") -> str:
    """A location as the subject of a sentence.

    >>> in_words(parse_location("complement(87..1109)"), "")
    'bases 87 to 1109 of the complementary strand'
    >>> in_words(parse_location("join(1..5,9,12..>15)"), "")
    'bases 1 to 5, 9 and 12 to >15, joined'
    """
    if location is None:
        return f"location {written}"
    segments = location.segments
    if len(segments) == 1 and segments[0].between:
        place = segments[0]
        words = f"the place between {unit}s {place.start} and {place.end}"
    elif len(segments) > _MOST_SEGMENTS and location.is_local:
        first, last = min(s.start for s in segments), max(s.end for s in segments)
        words = f"{len(segments)} segments between {unit}s {first} and {last}"
    else:
        several = len(segments) > 1 or segments[0].start != segments[0].end
        shown = [_span(segment, segment.strand < 0 and _mixed(location)) for segment in segments]
        words = f"{unit}{'s' if several else ''} {listed(shown)}"
    if segments[0].strand < 0 and not _mixed(location):
        words += " of the complementary strand"
    if location.operator == "join" and len(segments) <= _MOST_SEGMENTS:
        words += ", joined"
    return words


def _mixed(location: Location) -> bool:
    return len({segment.strand for segment in location.segments}) > 1


def _span(segment: Segment, complement: bool) -> str:
    words = f"{segment.low}{segment.start}"
    if segment.between:
        words = f"between {segment.start} and {segment.end}"
    elif segment.end != segment.start or segment.high:
        words += f" to {segment.high}{segment.end}"
    if complement:
        words += " (complementary strand)"
    return f"{words} of {segment.source}" if segment.source else words
