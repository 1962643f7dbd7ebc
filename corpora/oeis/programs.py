"""Programs of the OEIS in fences, each with its language."""

import re
from collections.abc import Sequence
from typing import Final

from corpora.fences import fenced
from corpora.oeis.inline import program_line

#: `(PARI) a(n) = n^2`; languages may have a version: `(Python 3)`, `(Magma V2.19)`, and a
#: library: `(Scheme, with Antti Karttunen's IntSeq-library)`.
_LANGUAGE: Final = re.compile(
    r"\((?!Start\)|End\))"
    r"([A-Z][A-Za-z0-9+#./, '-]{0,59}|bc|awk|sage|gp|python|perl|sh|bash)"
    r"\)(?:\s|$)"
)
#: Names of a language -> the name in a fence, where that is no plain lower case of its letters.
_FENCE_NAMES: Final = {
    "pari": "pari", "pari/gp": "pari", "parigp": "pari", "gp": "pari", "gp/pari": "pari",
    "sagemath": "sage", "c++": "cpp", "c#": "csharp", "visual basic": "vbnet", "vb": "vbnet",
    "common lisp": "lisp", "mit scheme": "scheme", "mit/gnu scheme": "scheme", "js": "javascript",
    "f#": "fsharp", "python 3": "python", "python3": "python", "python 2": "python",
    "matlab/octave": "matlab", "octave": "octave", "maple": "maple", "wolfram": "mathematica",
}  # fmt: skip


def program_blocks(letter: str, lines: Sequence[str]) -> list[str]:
    """The blocks of `%p` (Maple), `%t` (Mathematica) or `%o` lines: a heading and fences each.

    >>> program_blocks("o", ["(PARI) a(n) = n^2", "(GAP)", "List([1..9], n->n^2);"])
    ['### PARI', '```pari\\na(n) = n^2\\n```', '### GAP', '```gap\\nList([1..9], n->n^2);\\n```']
    """
    language = {"p": "Maple", "t": "Mathematica"}.get(letter, "")
    programs: list[tuple[str, list[str]]] = []
    for raw in lines:
        line = program_line(raw)
        match = _LANGUAGE.match(line.lstrip()) if letter == "o" else None
        if match:
            programs.append((match[1].strip(), [line.lstrip()[match.end() :]]))
        elif programs:
            programs[-1][1].append(line)
        else:
            programs.append((language, [line]))
    blocks: list[str] = []
    heading = None
    for name, code in programs:
        content = "\n".join(code).strip("\n")
        if not content.strip():
            continue
        if name != heading:
            blocks.append(f"### {name or 'Program'}")
            heading = name
        blocks.append(fenced(content, fence_name(name)))
    return blocks


def fence_name(language: str) -> str:
    """What a fence calls a language.

    >>> fence_name("PARI"), fence_name("C++"), fence_name("Magma")
    ('pari', 'cpp', 'magma')
    """
    lowered = " ".join(language.lower().split())
    return _FENCE_NAMES.get(lowered, re.sub(r"[^a-z0-9+#-]", "", lowered.split(" ")[0]))
