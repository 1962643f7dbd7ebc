"""One document of each source, its markers coloured: chosen by a seeded hash, rendered as HTML.

Everything a document says passes through `markupsafe.escape`; the only markup is ours.
"""

import hashlib
import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
from markupsafe import Markup, escape

from pipelines.documents_table import TRAIN, DocumentRow, read_documents
from tokenization.markers import (
    BUILT_IN,
    RESERVED_FIRST,
    RESERVED_LAST,
    Marker,
    MarkerTable,
    Reading,
)

#: Characters shown at once, and with the rest unfolded; what goes beyond is counted, not shown.
SHOWN_CHARACTERS: Final = 3_000
UNFOLDED_CHARACTERS: Final = 20_000
#: Bytes of a document that is long enough to say something and short enough to be read.
READABLE_BYTES: Final = (600, 8_000)
#: Of this many readable documents the one with the most kinds of markers is shown.
CANDIDATES: Final = 16


class Modality(NamedTuple):
    """How the page names and tints one kind of span; `css_class` is a class of page.css."""

    css_class: str
    label: str


MODALITIES: Final[dict[str, Modality]] = {
    "[START_REF]": Modality("m-citation", "citation"),
    "[IMAGE]": Modality("m-image", "image"),
    "<fragments>": Modality("m-fragments", "fragments"),
    "<work>": Modality("m-work", "working"),
    "[START_SUP]": Modality("m-script", "super- and subscript"),
    "[START_SUB]": Modality("m-script", "super- and subscript"),
    "[START_DNA]": Modality("m-dna", "nucleotides"),
    "[START_AMINO]": Modality("m-amino", "amino acids"),
    "[START_SMILES]": Modality("m-smiles", "SMILES"),
    "[START_I_SMILES]": Modality("m-isomeric", "isomeric SMILES"),
    "[START_LATEX]": Modality("m-latex", "LaTeX"),
    "[START_RNA]": Modality("m-rna", "ribonucleotides"),
    "[START_SELFIES]": Modality("m-selfies", "SELFIES"),
    "[START_MATERIAL]": Modality("m-material", "materials"),
}

_ANY_RESERVED: Final = re.compile(f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]")
# Control characters have no shape: their pictures (U+2400...) do, and NUL would not survive HTML.
_PICTURES: Final = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {
    0x7F: 0x2421
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A document ready for the page. `hidden_characters` are in `documents/` only."""

    source: str
    category: str
    doc_id: str
    split: str
    num_characters: int
    beginning: Markup
    rest: Markup
    rest_characters: int
    hidden_characters: int
    modalities: tuple[Modality, ...]


def modality(marker: Marker) -> Modality:
    """The modality of an opening or lone marker; a recipe's own markers share one tint."""
    return MODALITIES.get(marker.spelling) or Modality("m-own", marker.name)


def sample_document(
    documents: Path, source: str, seed: int, table: MarkerTable = BUILT_IN
) -> Sample | None:
    """The document of `source` that the report shows; None for a source without documents.

    `table` has the markers of the run's tokenizer. Reads one part only, itself chosen by the seed.
    Raises ValueError, naming the file, for a part that cannot be read.
    """
    parts = sorted(
        (documents / source).glob("part-*.parquet"), key=lambda part: _order(seed, part.name)
    )
    for part in parts:
        try:
            best = heapq.nsmallest(
                CANDIDATES,
                read_documents(part),
                key=lambda row: (*_rank(row), _order(seed, row.doc_id)),
            )
        except (pa.ArrowException, OSError, TypeError) as error:
            raise ValueError(f"{part} cannot be read as documents: {error}") from error
        if best:
            equals = [row for row in best if _rank(row) == _rank(best[0])]
            richest = max(equals, key=lambda row: len(_kinds(row.text[:SHOWN_CHARACTERS], table)))
            return render(richest, table)
    return None


def _order(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"report\0{seed}\0{name}".encode(), digest_size=16).digest()


def _rank(row: DocumentRow) -> tuple[bool, int]:
    """Training documents first, then those nearest to a readable length."""
    shortest, longest = READABLE_BYTES
    return row.split != TRAIN, max(shortest - row.num_bytes, row.num_bytes - longest, 0)


def _kinds(text: str, table: MarkerTable) -> dict[Marker, None]:
    """The opening and single markers in a text, in order of appearance."""
    found = (table.by_code_point.get(match.group()) for match in _ANY_RESERVED.finditer(text))
    return dict.fromkeys(marker for marker in found if marker and marker.closes is None)


def render(row: DocumentRow, table: MarkerTable = BUILT_IN) -> Sample:
    """A document's row as HTML, cut where it is long."""
    text = row.text
    cut = _cut(text)
    shown = text[:UNFOLDED_CHARACTERS]
    beginning, open_spans = coloured(text[:cut].rstrip("\n"), (), table)
    rest, _ = coloured(shown[cut:], open_spans, table)
    return Sample(
        source=row.source,
        category=row.category,
        doc_id=row.doc_id,
        split=row.split,
        num_characters=len(text),
        beginning=beginning,
        rest=rest,
        rest_characters=len(shown) - cut,
        hidden_characters=len(text) - len(shown),
        modalities=tuple(dict.fromkeys(modality(kind) for kind in _kinds(shown, table))),
    )


def _cut(text: str) -> int:
    """Where a long text is folded: after the last paragraph that fits, else in mid-text.

    >>> _cut("short")
    5
    """
    if len(text) <= SHOWN_CHARACTERS + SHOWN_CHARACTERS // 4:
        return len(text)
    paragraph = text.rfind("\n\n", SHOWN_CHARACTERS // 2, SHOWN_CHARACTERS)
    return paragraph + 2 if paragraph > 0 else SHOWN_CHARACTERS


def coloured(
    text: str, open_spans: Sequence[Marker] = (), table: MarkerTable = BUILT_IN
) -> tuple[Markup, tuple[Marker, ...]]:
    """Marked text as HTML, each span an element inside the element of the span that holds it.

    `open_spans` are the spans that an earlier piece of the text left open; those that this piece
    leaves open come back. The HTML is balanced whatever the text.

    >>> from tokenization.wrappers import superscript
    >>> print(coloured("x" + superscript("<2"))[0])
    x<span class="m m-script"><b>[START_SUP]</b>&lt;2<b>[END_SUP]</b></span>
    """
    parts: list[Markup] = [_opening(marker) for marker in open_spans]
    stack = list(open_spans)
    position = 0
    for match in _ANY_RESERVED.finditer(text):
        marker = table.by_code_point.get(match.group())
        if marker is None:
            continue
        parts.append(_plain(text[position : match.start()]))
        position = match.end()
        chip = Markup("<b>{}</b>").format(marker.spelling)
        if marker.closed_by is not None:
            stack.append(marker)
            parts += [_opening(marker), chip]
        elif marker.closes is not None and stack and stack[-1].spelling == marker.closes:
            stack.pop()
            parts += [chip, Markup("</span>")]
        elif marker.closes is None:
            parts += [_opening(marker), chip, Markup("</span>")]
        else:
            parts.append(chip)
    parts.append(_plain(text[position:]))
    parts += [Markup("</span>")] * len(stack)
    return Markup("").join(parts), tuple(stack)


def _opening(marker: Marker) -> Markup:
    css_class = modality(marker).css_class
    sequence = "" if marker.reading is Reading.TEXT else " seq"
    return Markup('<span class="m {}{}">').format(css_class, sequence)


def _plain(text: str) -> Markup:
    return escape(text.translate(_PICTURES))
