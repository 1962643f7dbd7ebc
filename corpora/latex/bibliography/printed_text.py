r"""An item of a reference list as plain text in which its fonts, blocks and ties are still seen.

What a printed list tells of a work it tells by typography: a slanted title, a bold volume, a
`\newblock`, the tie that BibTeX puts between the words of one surname. Each is one private-use
character here, so that one pass to plain text keeps them all in their places.
"""

import re
from typing import Final

from corpora.latex.bibliography.databases import Plain

SLANT: Final = "\uf8c0"
UPRIGHT: Final = "\uf8c1"
BOLD: Final = "\uf8c2"
MEDIUM: Final = "\uf8c3"
BLOCK: Final = "\uf8c4"
TIE: Final = "\uf8c5"
LINK: Final = "\uf8c6"
HREF: Final = "\uf8c7"
#: A blank inside braces, `{La Plante}`: what stands around it is one word.
GLUE: Final = "\uf8c8"

_MARKS: Final = re.compile("[\uf8c0-\uf8cf]")
_FONTS: Final = {
    **dict.fromkeys(
        (
            "emph",
            "textit",
            "textsl",
            "it",
            "em",
            "sl",
            "itshape",
            "slshape",
            "bibemph",
            "mkbibemph",
        ),
        (SLANT, UPRIGHT),
    ),
    **dict.fromkeys(("textbf", "bf", "bfseries", "mathbf", "mkbibbold"), (BOLD, MEDIUM)),
}
_ADDRESSES: Final = frozenset(
    ["url", "path", "nolinkurl", "doi", "showURL", "showDOI", "href", "burl", "dodoi"]
)
_GROUP: Final = re.compile(r"\s*\{[^{}]*\}")
_TOKENS: Final = re.compile(r"\\([a-zA-Z@]+)\*?[ \t]*|\\.|[{}]|~")
#: A group that opens with a font switch, after other switches: `{\normalfont\itshape`.
_SWITCHED: Final = re.compile(
    r"\s*(?:\\(?:normalfont|rm|upshape|mdseries|protect|small|normalsize)(?![a-zA-Z])\s*)*"
    r"\\(it|em|sl|itshape|slshape|bf|bfseries)(?![a-zA-Z])[ \t]*"
)
#: Slanted words that are neither a title nor a journal.
_ASIDE: Final = re.compile(
    f"{SLANT}\\s*((?:(?:and )?et[ {TIE}{GLUE}]al|in|and|eds?|ibid|idem|see|see also|cf|e\\.g|vol)"
    "\\b[.:,]*\\s*)"
    f"{UPRIGHT}",
    re.IGNORECASE,
)
#: `\\mn@doi [ApJ] {10.1088/..}` prints `ApJ`; `\\mn@eprint {arXiv} {1706.0}` an identifier.
_MNRAS: Final = re.compile(
    r"\\mn@doi\s*\[([^\[\]]*)\]\s*\{[^{}]*\}|\\mn@(?:eprint|doi)\s*(?:\{[^{}]*\}\s*){1,2}"
)
_BRACED_WORDS: Final = re.compile(r"[^\W\d_][\w'.-]*(?: [\w'.-]+){1,5}(?=\})")
_TOO_MANY: Final = 4000


def printed(source: str, plain: Plain) -> str:
    r"""The text of an item with its marks.

    >>> strip(printed(r"A.~B. \newblock {\em Title}. \newblock {\bf 7}, 8.", lambda s: s))
    'A. B.   {Title}.   {7}, 8.'
    """
    source = _MNRAS.sub(lambda m: m.group(1) or LINK, _MARKS.sub("", source))
    text = plain(_marked(source))
    text = re.sub(f"[ {TIE}]*{TIE}[ {TIE}]*", TIE, text)
    text = _ASIDE.sub(r"\1", text)
    return re.sub(f"{SLANT}([ ,.;:]*){UPRIGHT}|{BOLD}([ ,.;:]*){MEDIUM}", r"\1\2", text)


def strip(text: str) -> str:
    """A text without its marks: ties are blanks again."""
    return _MARKS.sub("", blanks(text))


def blanks(text: str) -> str:
    """A text whose ties are blanks, character for character."""
    return text.replace(TIE, " ").replace(GLUE, " ")


def _marked(source: str) -> str:
    """The source with a mark before and after each font group, and in place of blocks and ties."""
    pieces: list[str] = []
    closers: list[str] = []
    position = 0
    for match in _TOKENS.finditer(source):
        if match.start() < position:
            continue
        pieces.append(source[position : match.start()])
        token, name = match.group(), match.group(1)
        position = match.end()
        if token == "{":
            switched = _SWITCHED.match(source, position)
            opening, closing = _FONTS[switched.group(1)] if switched else ("", "")
            pieces.append("{" + opening)
            closers.append(closing)
            position = switched.end() if switched else position
            words = _BRACED_WORDS.match(source, position)
            if words is not None:
                pieces.append(words.group().replace(" ", GLUE))
                position = words.end()
        elif token == "}":
            pieces.append((closers.pop() if closers else "") + "}")
        elif token == "~":
            pieces.append(TIE)
        elif name == "newblock":
            pieces.append(f" {BLOCK} ")
        elif name in _ADDRESSES:
            # An address says where a title ends, and never what it is.
            address = _GROUP.match(source, position)
            position = address.end() if address else position
            pieces.append(HREF if name == "href" else LINK)
        elif name in _FONTS and source[position : position + 1] == "{":
            # `\\em{Title}` slants what follows, but was meant to slant the group.
            opening, closing = _FONTS[name]
            pieces.append("{" + opening)
            closers.append(closing)
            position += 1
        else:
            pieces.append(token)
        if len(pieces) > _TOO_MANY:
            break
    pieces.append(source[position:])
    return "".join(pieces)
