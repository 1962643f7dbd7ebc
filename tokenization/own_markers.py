"""The markers that a recipe adds of its own: their names, their spellings and their rows.

`POLYMER` with a closing marker is spelt `[START_POLYMER]` and `[END_POLYMER]`, without one
`[POLYMER]`; the tag `<think>` is spelt `<think>` and `</think>`, or `<think>` alone. Name and
pairing follow from the spelling, so that a tokenizer file says all there is to know of them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from tokenization.markers import (
    BUILT_IN,
    CONTROL_TOKENS,
    RESERVED_FIRST,
    RESERVED_LAST,
    Marker,
    Reading,
    Spelt,
    marker_rows,
)

#: The first row of own markers; the built-in ones have room below it.
OWN_FIRST_ROW: Final = 128
MAX_OWN_ROWS: Final = RESERVED_LAST - RESERVED_FIRST + 1 - OWN_FIRST_ROW

_NAME: Final = re.compile(r"(?!START_|END_)[A-Z][A-Z0-9_]*")
_TAG: Final = re.compile(r"<[a-z][a-z0-9_]*>")


def spell(name: str, closing: bool, reading: Reading) -> Spelt:
    """The spellings of an own marker. Raises ValueError, with the reason, for a name it cannot be.

    >>> spell("POLYMER", True, Reading.CHARACTERS)[:2]
    ('[START_POLYMER]', '[END_POLYMER]')
    >>> spell("<think>", True, Reading.TEXT)[:2], spell("GAP", False, Reading.TEXT)[:2]
    (('<think>', '</think>'), ('[GAP]', None))
    """
    if name in CONTROL_TOKENS:
        raise ValueError(f"{name} is a control token; name the marker otherwise")
    if name in BUILT_IN.names:
        raise ValueError(f"{name} is a built-in marker; name the marker otherwise")
    if _TAG.fullmatch(name):
        # Between the tag and what follows, normalization could compose: `>` and U+0338 to `≯`.
        # Markers of text are cut out before it runs; `]` composes with nothing.
        if reading is not Reading.TEXT:
            raise ValueError(
                f"{name}: a tag holds text, never {reading}; name it {name[1:-1].upper()}"
            )
        return name, f"</{name[1:]}" if closing else None, reading
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the name of a marker: expected capital letters, digits and _, "
            "as POLYMER (no START_ or END_ before it), or a tag of small letters, as <think>"
        )
    if closing:
        return f"[START_{name}]", f"[END_{name}]", reading
    return f"[{name}]", None, reading


def own_rows(spelt: Iterable[Spelt]) -> tuple[Marker, ...]:
    """The rows of own markers, in the order in which they have their ids.

    Raises ValueError where two share a name, or there are more than the reserved range holds.
    """
    rows = marker_rows(spelt, OWN_FIRST_ROW)
    if len(rows) > MAX_OWN_ROWS:
        raise ValueError(
            f"{len(rows)} own markers, closing ones counted; the reserved characters are enough "
            f"for {MAX_OWN_ROWS}, {MAX_OWN_ROWS // 2} pairs"
        )
    names = [marker.name for marker in rows if marker.closes is None]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two own markers are named {', '.join(repeated)}")
    return rows


def own_rows_of(ids: Mapping[str, int], readings: Mapping[str, Reading]) -> tuple[Marker, ...]:
    """The own markers among the entries `ids` of a tokenizer file, with their rows.

    `readings` are of the openings that are not read as text. What no recipe could have asked for
    (`[END_X]` without `[START_X]`, another spelling, a built-in marker) is left out.

    >>> rows = own_rows_of({"[START_X]": 9, "[END_X]": 8, "[END_Y]": 7}, {})
    >>> [(marker.row, marker.spelling) for marker in rows]
    [(128, '[START_X]'), (129, '[END_X]')]
    """
    found: list[Spelt] = []
    for spelling in sorted(ids, key=ids.__getitem__):
        tag = spelling.startswith("<")
        name = spelling if tag else spelling[1:-1].removeprefix("START_")
        closing_spelling = f"</{name[1:]}" if tag else f"[END_{name}]"
        closing = closing_spelling in ids if tag else spelling.startswith("[START_")
        try:
            spelt = spell(name, closing, readings.get(spelling, Reading.TEXT))
        except ValueError:
            continue
        if spelt[0] == spelling and (not closing or closing_spelling in ids):
            found.append(spelt)
    return own_rows(found)
