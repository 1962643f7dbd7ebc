"""Running text of the OEIS: signatures, addresses and links become the words that a page shows."""

import html
import re
from collections.abc import Sequence
from typing import Final

from tokenization.marked_text import clean

_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#: `_Ada Byron_`, how contributors are signed; `F_{n}` and `a_1(n)` are formulas.
_SIGNED: Final = re.compile(r"(?<![\w})\]])_([^\W\d_][^_=(){}\[\]\n]{1,60}[\w.])_(?!\w)")
#: In programs, a name of several words, or one that a date follows.
_SIGNED_IN_PROGRAM: Final = re.compile(
    r"(?<!\w)_([A-Z][^\W\d_]*\.?(?: [^\W\d_][\w.'-]{0,30}){1,5})_(?!\w)"
    rf"|(?<!\w)_([^\W\d_][^_\n]{{1,60}})_(?=, {_MONTH} \d\d)"
)
#: `(ada(AT)example.org)`, how old contributions are signed.
_ADDRESS: Final = re.compile(
    r" ?\([\w.+-]{1,60}\(AT\)[\w.-]{1,60}\)|[\w.+-]{1,60}\(AT\)[\w.-]{1,60}\w"
)
_ANCHOR: Final = re.compile(r"<a\s[^<>]{0,600}>((?:[^<]|<(?!/?a\b)){0,4000})</a>", re.IGNORECASE)


def plain(line: str) -> str:
    """A line as a page shows it, formulas as they are written.

    >>> plain("F_{n+1} counts tilings. - _Ada Byron_, Jun 18 2001")
    'F_{n+1} counts tilings. - Ada Byron, Jun 18 2001'
    """
    if "_" in line:
        line = _SIGNED.sub(r"\1", line)
    if "(AT)" in line:
        line = _ADDRESS.sub("", line)
    if "<a" in line or "<A" in line:
        line = _ANCHOR.sub(lambda match: clean(html.unescape(match[1])), line)
    return line.rstrip()


def program_line(line: str) -> str:
    """A line of a program: only what must be a signature is a plain name there.

    >>> program_line("x = a_b_ c # after _Ada Byron_")
    'x = a_b_ c # after Ada Byron'
    """
    if "_" not in line:
        return line.rstrip()
    return _SIGNED_IN_PROGRAM.sub(lambda match: match[1] or match[2], line.rstrip())


def paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines of a section as paragraphs: what belongs together keeps its lines.

    A contribution of several lines stands between `(Start)` and `(End)`; a line that begins with
    blanks goes on from the one before it.

    >>> paragraphs(["One.", "From _Ada Byron_, May 1 2001: (Start)", "Two.", "  x = 1. (End)"])
    ['One.', 'From Ada Byron, May 1 2001:\\nTwo.\\n  x = 1.']
    """
    found: list[list[str]] = []
    inside = False
    for raw in lines:
        starts = "(Start)" in raw
        ends = "(End)" in raw
        line = plain(raw.replace("(Start)", "").replace("(End)", "") if starts or ends else raw)
        if line.strip():
            if found and ((inside and not starts) or line.startswith("  ")):
                found[-1].append(line)
            else:
                found.append([line if line.startswith("  ") else line.strip()])
        inside = (inside or starts) and not ends
    return ["\n".join(paragraph) for paragraph in found]
