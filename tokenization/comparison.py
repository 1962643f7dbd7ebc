"""Two tokenizers on the same text: how many tokens each needs for a byte, by modality.

Both get the text in bracket spelling and encode it whole, so that context counts; every token is
then attributed, by its character offsets, to the stretch of text that its last character is in. A
tokenizer that knows no markers spells them in ordinary tokens, which are counted under `markers`.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from tokenization.markers import BUILT_IN, CONTROL_TOKENS, Marker, MarkerTable, Reading
from tokenization.tokenizer import TOKENIZER_FILE, ScienceTokenizer

TEXT: Final = "text"
LATEX: Final = "LaTeX"
MARKERS: Final = "markers"
OTHER: Final = "other"
_OF_MARKER: Final = {
    "REF": "citation",
    "LATEX": LATEX,
    "SMILES": "SMILES",
    "I_SMILES": "SMILES",
    "SELFIES": "SELFIES",
    "AMINO": "residues",
    "DNA": "residues",
    "RNA": "residues",
    "<work>": "work",
}
#: The order of the rows of a comparison.
MODALITIES: Final = (TEXT, *dict.fromkeys(_OF_MARKER.values()), OTHER, MARKERS)

#: Formulas in delimiters, which is all there is in a corpus without markers of formulas: within a
#: paragraph and a bounded length, so that a text of opening delimiters alone takes linear time.
_INSIDE: Final = r"(?:(?!\n\n)[\s\S]){0,2000}?"
_FORMULA: Final = re.compile(rf"(?<!\\)(?:\\\\)*(?P<formula>\\\({_INSIDE}\\\)|\\\[{_INSIDE}\\\])")
#: A text is encoded in parts of about this many characters, cut at blank lines outside spans:
#: `tokenizers` holds some 300 bytes a character while it works.
_PART_CHARACTERS: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Subject:
    """A tokenizer to compare: `markers` are those whose spelling it knows, if it is one of ours."""

    name: str
    file: Tokenizer
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class ModalityCount:
    """What one modality took: bytes of UTF-8, and the tokens of each of the two tokenizers."""

    modality: str
    num_bytes: int
    num_tokens: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in characters, and its modality."""

    start: int
    end: int
    modality: str


def load_subject(path: Path) -> Subject:
    """Any tokenizer with a `tokenizer.json`: ours, the released one, or another's.

    Truncation and padding are switched off. Raises FileNotFoundError where there is none, and
    ValueError where it cannot be read.
    """
    file = path / TOKENIZER_FILE if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"no {TOKENIZER_FILE} at {path}")
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # `tokenizers` raises plain Exception for a broken file
        raise ValueError(f"{file}: cannot be read as a {TOKENIZER_FILE}: {error}") from error
    return subject(str(path), tokenizer)


def subject(name: str, tokenizer: Tokenizer) -> Subject:
    """A loaded tokenizer as one to compare, truncation and padding switched off."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    try:
        return Subject(name, tokenizer, ScienceTokenizer(tokenizer).markers)
    except ValueError:
        return Subject(name, tokenizer)


def table_of(subjects: Iterable[Subject]) -> MarkerTable:
    """The built-in markers, and the own ones of the first tokenizer that has any."""
    for one in subjects:
        if own := [m for m in one.markers if m.spelling not in BUILT_IN.by_spelling]:
            return BUILT_IN.with_rows(own)
    return BUILT_IN


def compare(
    first: Subject, second: Subject, texts: Iterable[str], table: MarkerTable
) -> list[ModalityCount]:
    """The counts of every modality that occurs in texts of bracket spelling, in table order."""
    num_bytes: Counter[str] = Counter()
    num_tokens: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for text in texts:
        for part, spans in _parts(text, spans_of(text, table)) if text else ():
            for span in spans:
                num_bytes[span.modality] += len(part[span.start : span.end].encode())
            for one, counts in zip((first, second), num_tokens, strict=True):
                counts.update(_tokens_by_modality(one.file, part, spans))
    return [
        ModalityCount(name, num_bytes[name], (num_tokens[0][name], num_tokens[1][name]))
        for name in MODALITIES
        if num_bytes[name] or num_tokens[0][name] or num_tokens[1][name]
    ]


def _tokens_by_modality(file: Tokenizer, text: str, spans: Sequence[Span]) -> dict[str, int]:
    offsets = np.array(file.encode(text, add_special_tokens=False).offsets, np.int64).reshape(-1, 2)
    last = np.maximum(offsets[:, 0], offsets[:, 1] - 1)
    index = np.searchsorted([span.start for span in spans], last, side="right") - 1
    counts = np.bincount(index, minlength=len(spans))
    totals: Counter[str] = Counter()
    for span, count in zip(spans, counts, strict=True):
        totals[span.modality] += int(count)
    return totals


def _parts(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, list[Span]]]:
    """A text cut at blank lines of ordinary text, each part with its spans, counted from its start.

    A text without a blank line is one part.
    """
    starts = [span.start for span in spans]
    cuts = [0]
    while (cut := text.find("\n\n", cuts[-1] + _PART_CHARACTERS)) != -1:
        while cut != -1 and spans[bisect_right(starts, cut) - 1].modality != TEXT:
            cut = text.find("\n\n", cut + 1)
        if cut == -1:
            break
        cuts.append(cut + 2)
    cuts.append(len(text))
    for start, end in pairwise(cuts):
        first = bisect_right(starts, start) - 1
        last = bisect_left(starts, end) - 1
        yield (
            text[start:end],
            [
                Span(max(span.start, start) - start, min(span.end, end) - start, span.modality)
                for span in spans[first : last + 1]
            ],
        )


def spans_of(text: str, table: MarkerTable = BUILT_IN) -> list[Span]:
    r"""The modality of every character of a text in bracket spelling, end to end.

    Where spans are nested the innermost counts. A marker is `markers`. An opening marker of a span
    of text that nothing closes opens none; a sequence runs to the next marker, closed or not.

    >>> [(s.start, s.end, s.modality) for s in spans_of(r"\(x\) [START_DNA]AT[END_DNA]")]
    [(0, 5, 'LaTeX'), (5, 6, 'text'), (6, 17, 'markers'), (17, 19, 'residues'), (19, 28, 'markers')]
    """
    spellings = sorted((*table.by_spelling, *CONTROL_TOKENS), key=len, reverse=True)
    found = list(re.finditer("|".join(map(re.escape, spellings)), text))
    paired = _paired([match.group() for match in found], table)
    spans: list[Span] = []
    open_spans: list[Marker] = []
    sequence: Marker | None = None
    position = 0
    for number, match in enumerate(found):
        spans += _between(text, position, match.start(), sequence, open_spans)
        spans.append(Span(match.start(), match.end(), MARKERS))
        position = match.end()
        marker = table.by_spelling.get(match.group())
        # Whatever marker comes ends a sequence, as the tokenizer reads it.
        sequence = None
        if marker is None:
            continue
        if marker.reading is not Reading.TEXT:
            sequence = marker
        elif number not in paired:
            continue
        elif marker.closes is None:
            open_spans.append(marker)
        elif table.by_spelling[marker.closes].reading is Reading.TEXT:
            open_spans.pop()  # its opening: pairs nest
    spans += _between(text, position, len(text), sequence, open_spans)
    return spans


def _between(
    text: str, start: int, end: int, sequence: Marker | None, open_spans: Sequence[Marker]
) -> Iterator[Span]:
    """What stands between two markers, inside these spans."""
    inside = sequence or (open_spans[-1] if open_spans else None)
    if inside is None:
        yield from _formulas(text, start, end)
    elif end > start:
        yield Span(start, end, _OF_MARKER.get(inside.name, OTHER))


def _paired(spellings: Sequence[str], table: MarkerTable) -> set[int]:
    """The numbers of the markers that pair, opening and closing ones."""
    pairs: set[int] = set()
    waiting: list[tuple[int, str]] = []
    num_waiting: Counter[str] = Counter()
    for number, spelling in enumerate(spellings):
        marker = table.by_spelling.get(spelling)
        if marker is None:
            continue
        if marker.closed_by is not None:
            waiting.append((number, spelling))
            num_waiting[spelling] += 1
        elif marker.closes is not None and num_waiting[marker.closes]:
            opening = ""
            while opening != marker.closes:
                opening_number, opening = waiting.pop()
                num_waiting[opening] -= 1
            pairs |= {opening_number, number}
    return pairs


def _formulas(text: str, start: int, end: int) -> Iterator[Span]:
    position = start
    for match in _FORMULA.finditer(text, start, end):
        if match.start("formula") > position:
            yield Span(position, match.start("formula"), TEXT)
        yield Span(match.start("formula"), match.end(), LATEX)
        position = match.end()
    if end > position:
        yield Span(position, end, TEXT)
