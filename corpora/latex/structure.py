"""Where the braces, environments and formulas of an expanded token list end, in one pass each.

Looked up once, these ends make every later step linear: no command searches for its own closing
brace, and one that has none cannot swallow the rest of the paper.
"""

from bisect import bisect_left
from dataclasses import dataclass

from corpora.latex.tokens import PARAGRAPH, words

_STOPS_FORMULA = words(r"""
    \section \subsection \subsubsection \chapter \paragraph \item \caption
    \bibitem \begin{document} \end{document}
""")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Structure:
    """Tokens with the index of the closing partner of each opening one (-1: it has none).

    `braces` holds `{`; `environments` holds `\\begin{...}`; `formulas` holds `$`, `$$`, `\\(` and
    `\\[`; `brackets` holds `[`, whose partner stands in the same group and paragraph.
    """

    tokens: list[str]
    braces: dict[int, int]
    environments: dict[int, int]
    formulas: dict[int, int]
    brackets: dict[int, int]
    #: For an unclosed opening: where its paragraph ends.
    paragraph_ends: list[int]

    def paragraph_end(self, at: int) -> int:
        """The index of the first paragraph break at or after `at`."""
        low, high = 0, len(self.paragraph_ends)
        while low < high:
            middle = (low + high) // 2
            if self.paragraph_ends[middle] < at:
                low = middle + 1
            else:
                high = middle
        return self.paragraph_ends[low] if low < len(self.paragraph_ends) else len(self.tokens)


def analyse(tokens: list[str]) -> Structure:
    """The structure of a token list, in linear time. The list may become a little longer."""
    if "$$" in tokens:
        tokens = _side_by_side(tokens)
    # One look at every token; what follows looks at the few that open, close or part.
    marks = [at for at, token in enumerate(tokens) if token in _MARKS]
    braces = _braces(tokens, marks)
    return Structure(
        tokens=tokens,
        braces=braces,
        environments=_environments(tokens),
        formulas=_formulas(tokens, marks, braces),
        brackets=_brackets(tokens, marks),
        paragraph_ends=[at for at in marks if tokens[at] == PARAGRAPH],
    )


def _side_by_side(tokens: list[str]) -> list[str]:
    r"""The tokens with the `$$` between two inline formulas as two tokens: `SO$_4$$^{2-}$`.

    >>> _side_by_side(["$", "a", "$$", "b", "$", "$$", "c", "$$"])
    ['$', 'a', '$', '$', 'b', '$', '$$', 'c', '$$']
    """
    apart: set[int] = set()
    opened, candidate = "", -1
    for at, token in enumerate(tokens):
        if token == PARAGRAPH or token in _STOPS_FORMULA:
            opened, candidate = "", -1
        elif token == "$":
            if candidate >= 0:
                apart.add(candidate)
                candidate = -1
                opened = ""
            elif opened != "$$":
                opened = "" if opened else "$"
        elif token == "$$":
            if opened == "$" and candidate < 0:
                candidate = at
            else:
                # The lone dollar before was none of a formula.
                opened, candidate = ("$$" if not opened else ""), -1
    if not apart:
        return tokens
    out: list[str] = []
    for at, token in enumerate(tokens):
        out += ["$", "$"] if at in apart else [token]
    return out


def _braces(tokens: list[str], marks: list[int]) -> dict[int, int]:
    partners: dict[int, int] = {}
    opened: list[int] = []
    for at in marks:
        token = tokens[at]
        if token == "{":
            opened.append(at)
        elif token == "}" and opened:
            partners[opened.pop()] = at
    partners.update(dict.fromkeys(opened, -1))
    return partners


def _brackets(tokens: list[str], marks: list[int]) -> dict[int, int]:
    partners: dict[int, int] = {}
    opened: list[list[int]] = [[]]
    for at in marks:
        token = tokens[at]
        if token == "[":
            opened[-1].append(at)
        elif token == "]":
            if opened[-1]:
                partners[opened[-1].pop()] = at
        elif token == "{":
            opened.append([])
        elif token == "}":
            if len(opened) > 1:
                opened.pop()
        elif token == PARAGRAPH:
            opened[-1].clear()
    return partners


def _environments(tokens: list[str]) -> dict[int, int]:
    partners: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    counts: dict[str, int] = {}
    named = [at for at, t in enumerate(tokens) if t[-1] == "}" and len(t) > 2 and t[0] == "\\"]
    for at in named:
        token = tokens[at]
        if token.startswith("\\begin{"):
            name = token[7:-1]
            partners[at] = -1
            opened.append((name, at))
            counts[name] = counts.get(name, 0) + 1
        elif token.startswith("\\end{"):
            name = token[5:-1]
            if not counts.get(name):
                continue
            while opened:
                inner, start = opened.pop()
                counts[inner] -= 1
                if inner == name:
                    partners[start] = at
                    break
    return partners


_CLOSING = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_MARKS = frozenset(["{", "}", "[", "]", PARAGRAPH, *_CLOSING])


def _formulas(tokens: list[str], marks: list[int], braces: dict[int, int]) -> dict[int, int]:
    partners: dict[int, int] = {}
    openings = [at for at in marks if tokens[at] in _CLOSING]
    # The whole, and the footnotes in formulas, which hold formulas of their own.
    stretches = [(0, len(tokens))]
    while stretches:
        start, length = stretches.pop()
        for place in range(bisect_left(openings, start), len(openings)):
            at = openings[place]
            if at < start:
                continue
            if at >= length:
                break
            token = tokens[at]
            end = _formula_end(tokens, braces, at, token, _CLOSING[token])
            partners[at] = end
            for inner in range(at + 1, end):
                if tokens[inner] == "\\footnote" and tokens[inner + 1] == "{":
                    stretches.append((inner + 2, braces[inner + 1]))
            start = end + 1 if end >= 0 else at + 1
    return partners


def _formula_end(
    tokens: list[str], braces: dict[int, int], at: int, opening: str, wanted: str
) -> int:
    position = at + 1
    while position < len(tokens):
        token = tokens[position]
        if token == wanted:
            return position
        if token == "{":
            end = braces[position]
            if end < 0:
                position += 1
                continue
            position = end
        elif (
            token in (PARAGRAPH, opening)
            or token in _STOPS_FORMULA
            or (token == "$$" and opening == "$")
        ):
            if token == "$$" and opening == "$":
                return -1
            # A blank line inside `\[ \]` or `$$` is an error of TeX that authors still make.
            if token == PARAGRAPH and opening != "$" and _soon(tokens, position, wanted, opening):
                position += 1
                continue
            return -1
        elif token == "}" or token == "\\)" or token == "\\]":
            return -1
        position += 1
    return -1


def _soon(tokens: list[str], at: int, wanted: str, opening: str) -> bool:
    for token in tokens[at : at + 60]:
        if token == wanted:
            return True
        if token == opening or token in _STOPS_FORMULA:
            return False
    return False
