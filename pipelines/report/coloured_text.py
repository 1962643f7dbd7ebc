"""Marked text as HTML, its spans coloured by modality.

Everything a document says passes through `markupsafe.escape`; the only markup is ours.
"""

import re
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from tokenization.markers import (
    BUILT_IN,
    RESERVED_FIRST,
    RESERVED_LAST,
    Marker,
    MarkerTable,
    Reading,
)


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

DEEPEST: Final = 12
_ANY_RESERVED: Final = re.compile(f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]")
# Control characters have no shape: their pictures (U+2400...) do, and NUL would not survive HTML.
_PICTURES: Final = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {
    0x7F: 0x2421
}
# What reorders the text around it is named instead: a page must not show another order than the
# document has. The pieces of a split that are such a character are every second one.
_REORDERING: Final = re.compile("([\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])")


def modality(marker: Marker) -> Modality:
    """The modality of an opening or lone marker; a recipe's own markers share one tint."""
    return MODALITIES.get(marker.spelling) or Modality("m-own", marker.name)


def kinds(text: str, table: MarkerTable = BUILT_IN) -> dict[Marker, None]:
    """The opening and single markers in a text, in order of appearance."""
    found = (table.by_code_point.get(match.group()) for match in _ANY_RESERVED.finditer(text))
    return dict.fromkeys(marker for marker in found if marker and marker.closes is None)


def coloured(text: str, table: MarkerTable = BUILT_IN) -> Markup:
    """Marked text as HTML, each span an element inside the element of the span that holds it.

    The HTML is balanced whatever the text: a span that is cut off ends with it. Spans deeper than
    `DEEPEST` are chips without a tint of their own: a browser takes seconds for thousands.

    >>> from tokenization.wrappers import superscript
    >>> print(coloured("x" + superscript("<2")))
    x<span class="m m-script"><b>[START_SUP]</b>&lt;2<b>[END_SUP]</b></span>
    """
    parts: list[Markup] = []
    open_spans: list[Marker] = []
    position = 0
    for match in _ANY_RESERVED.finditer(text):
        marker = table.by_code_point.get(match.group())
        if marker is None:
            continue
        parts.append(_plain(text[position : match.start()]))
        position = match.end()
        chip = Markup("<b>{}</b>").format(marker.spelling)
        if marker.closed_by is not None:
            open_spans.append(marker)
            parts += [_opening(marker), chip] if len(open_spans) <= DEEPEST else [chip]
        elif marker.closes is not None and open_spans and open_spans[-1].spelling == marker.closes:
            parts += [chip, Markup("</span>")] if len(open_spans) <= DEEPEST else [chip]
            open_spans.pop()
        elif marker.closes is None:
            parts += [_opening(marker), chip, Markup("</span>")]
        else:
            parts.append(chip)
    parts.append(_plain(text[position:]))
    parts += [Markup("</span>")] * min(len(open_spans), DEEPEST)
    return Markup("").join(parts)


def _opening(marker: Marker) -> Markup:
    css_class = modality(marker).css_class
    sequence = "" if marker.reading is Reading.TEXT else " seq"
    return Markup('<span class="m {}{}">').format(css_class, sequence)


def _plain(text: str) -> Markup:
    pieces = _REORDERING.split(text.translate(_PICTURES))
    named = [
        Markup("<i>U+{}</i>").format(f"{ord(piece):04X}") if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    ]
    return Markup("").join(named)
