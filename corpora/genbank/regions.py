"""Regions of a long record, which cut no gene: features in the text, places in the sequence.

Regions end where no feature is, if such a place is in their second half. A feature belongs to the
region that it begins in, and a coding region brings along the bases of its segments beyond.
"""

import itertools
import mmap
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from corpora.documents import RecordUnreadable
from corpora.genbank.locations import Segment, parse_location

_MOST_FEATURES: Final = 4_000_000
#: Text of the features that begin in one region.
_MOST_FEATURE_BYTES: Final = 1 << 25
#: Bases of segments beyond its region that a region may bring along. Titin's are 110,000.
_MOST_BASES_BEYOND: Final = 1_000_000
_FEATURE: Final = re.compile(rb"^(?:  |FT)   (?=\S)", re.MULTILINE)
_PLACE: Final = re.compile(rb"(?:  |FT)   \S+\s([^/\"]*)")
_REMOTE: Final = re.compile(rb"[A-Za-z][\w.|-]*:[<>\d.^]+")
_NUMBER: Final = re.compile(rb"\d{1,12}")

#: A record's text or its letters, in memory or in a file.
Raw = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Region:
    """A record, or bases `first` to `last` of one.

    `head` are the lines before the features, `features` those of the features that begin here,
    after the source's; `letters` the sequence in the file's case without blanks, `tail` what stands
    for it in a record without one. `beyond` are bases of features that reach beyond, by their
    places. `is_part` says that the record has other regions; `features_left_out` counts what was
    too much text for one. `fault` says why the record is not whole: it has no other regions then.
    """

    head: bytes
    features: bytes
    letters: bytes
    tail: bytes = b""
    first: int = 1
    is_part: bool = False
    beyond: dict[tuple[int, int], bytes] = field(default_factory=dict)
    features_left_out: int = 0
    fault: tuple[str, str] | None = None

    def bases_of(self, letters: bytes) -> Callable[[Segment], bytes | None]:
        """What gives the bases of a segment, if the region has them; `letters` in upper case."""
        last = self.first + len(letters) - 1

        def found(segment: Segment) -> bytes | None:
            if self.first <= segment.start and segment.end <= last:
                return letters[segment.start - self.first : segment.end - self.first + 1]
            beyond = self.beyond.get((segment.start, segment.end))
            if beyond is None or len(beyond) != segment.end - segment.start + 1:
                return None
            return beyond.upper()

        return found


def cut_regions(
    head: bytes, raw: Raw, features: tuple[int, int], letters: Raw, longest: int
) -> Iterator[Region]:
    """The regions of a record of these letters, whose `features` begin and end there in its text.

    Raises RecordUnreadable for more features than any chromosome has.
    """
    places = _places(raw, *features)
    about = raw[places[0].begins : places[0].ends] if places and places[0].is_source else b""
    found = sorted(places[1:] if about else places, key=lambda place: place.start)
    position = 0
    for first, last in _spans(found, max(len(letters), 1), longest):
        chosen = []
        while position < len(found) and found[position].start <= last:
            chosen.append(found[position])
            position += 1
        beyond: dict[tuple[int, int], bytes] = {}
        left = _MOST_BASES_BEYOND
        for place in chosen:
            if place.end > last and place.is_coding and left > 0:
                left -= _bring(raw[place.begins : place.ends], first, last, letters, beyond)
        sizes = itertools.accumulate(place.ends - place.begins for place in chosen)
        fitting = [size <= _MOST_FEATURE_BYTES for size in sizes]
        told = itertools.compress(chosen, fitting)
        lines = b"".join(raw[place.begins : place.ends] for place in told)
        piece = letters[first - 1 : last]
        forget(raw)
        forget(letters)
        left_out = len(chosen) - sum(fitting)
        yield Region(head, about + lines, piece, b"", first, True, beyond, left_out)


def forget(mapped: Raw) -> None:
    """Lets the pages of a file go that were looked at: they count as memory until then."""
    if isinstance(mapped, mmap.mmap) and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


class _Place(NamedTuple):
    """Where a feature lies in the sequence and in the text."""

    start: int
    end: int
    begins: int
    ends: int
    is_source: bool
    is_coding: bool


def _places(raw: Raw, begins: int, ends: int) -> list[_Place]:
    starts = [match.start() for match in _FEATURE.finditer(raw, begins, ends)]
    if len(starts) > _MOST_FEATURES:
        raise RecordUnreadable("too many features", f"more than {_MOST_FEATURES}")
    found = []
    for start, end in itertools.pairwise([*starts, ends]):
        match = _PLACE.match(raw, start, min(end, start + 100_000))
        written = match[1] if match else b""
        if b"\n" in written:
            written = unbroken(written)
        if b":" in written:
            written = _REMOTE.sub(b"", written)
        numbers = [int(number) for number in _NUMBER.findall(written)] or [1]
        key = raw[start + 5 : start + 12]
        found.append(
            _Place(min(numbers), max(numbers), start, end,
                   key.startswith(b"source "), key.startswith(b"CDS "))
        )  # fmt: skip
    return found


def _spans(features: Sequence[_Place], length: int, longest: int) -> Iterator[tuple[int, int]]:
    """The first and last base of each region: where no feature is cut, if there is such a place.

    Features longer than a region (assembled pieces, the longest genes) do not count.
    """
    first, reached, clear, position = 1, 0, 0, 0
    while first <= length:
        limit = first + longest - 1
        if limit >= length:
            yield first, length
            return
        clear = 0
        while position < len(features) and features[position].start <= limit + 1:
            place = features[position]
            if place.start > max(reached, first):
                clear = place.start - 1
            if place.end - place.start < longest:
                reached = max(reached, place.end)
            position += 1
        if reached <= limit and (position == len(features) or not clear):
            clear = limit
        last = clear if clear >= first + longest // 2 else limit
        # A feature that begins after the end is looked at again.
        while position > 0 and features[position - 1].start > last:
            position -= 1
        yield first, last
        first = last + 1


def _bring(
    feature: bytes, first: int, last: int, letters: Raw, beyond: dict[tuple[int, int], bytes]
) -> int:
    """Adds the bases of a feature's segments outside the region to `beyond`; how many they are."""
    match = _PLACE.match(feature)
    location = parse_location(unbroken(match[1] if match else b"").decode("latin-1"))
    brought = 0
    for segment in location.segments if location else ():
        inside = first <= segment.start and segment.end <= last
        length = segment.end - segment.start + 1
        if not inside and not segment.source and brought + length <= _MOST_BASES_BEYOND:
            brought += length
            beyond[segment.start, segment.end] = letters[segment.start - 1 : segment.end]
    return brought


def unbroken(written: bytes) -> bytes:
    """A location without its line breaks, which some programs make inside a number."""
    return b"".join(written.replace(b"\nFT", b"\n").split())
