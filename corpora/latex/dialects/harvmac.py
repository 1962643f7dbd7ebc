r"""harvmac, the plain TeX macros of high-energy theorists: as LaTeX, carried out by the expander.

`\newsec{Title}`, `\eqn\name{formula}`, whose name then prints its number, and references that are
written where they are first cited: `\ref\name{J. Doe, ...}`, `\lref\name{...}`, `\refs{\a,\b}`.
"""

from collections.abc import Callable
from typing import Final

from corpora.latex.expansion.definitions import Definitions, Macro
from corpora.latex.expansion.stream import TokenStream
from corpora.latex.tokens import words

SOURCE: Final = r"""
\numberwithin{equation}{section}
\def\newsec#1{\section{#1}}\def\subsec#1{\subsection{#1}}\def\subsubsec#1{\subsubsection{#1}}
\def\Title#1#2{\title{#2}}\def\titlefont{\bf}\def\Date#1{}\def\draftmode{}\def\noblackbox{}
\def\listrefs{\harvmacreferences}\def\listfigs{}\def\listtoc{}\def\writetoc{}\def\writedefs{}
\def\bigbreak{\par}\def\footskip#1{}\def\refs#1{#1}\def\xref#1{#1}
\def\half{{1\over2}}
"""


class Harvmac:
    """What harvmac's commands do to the stream; `commands` by their names."""

    def __init__(self, stream: TokenStream, definitions: Definitions) -> None:
        self._stream = stream
        self._definitions = definitions
        self._references: list[str] = []
        self._named = 0
        self.commands: dict[str, Callable[[str], None]] = {
            "\\eqn": self._equation,
            **dict.fromkeys(words(r"\eqnn \eqna"), self._name_equation),
            **dict.fromkeys(words(r"\ref \nref \lref \rref"), self._reference),
            "\\harvmacreferences": self._list,
        }

    def _name(self, stands_for: str) -> str:
        """The next command as the name of something: it prints a reference from here on."""
        self._stream.blanks()
        token = self._stream.pending.pop() if self._stream.pending else ""
        if token[:1] != "\\":
            self._stream.pending.append(token)
            return ""
        self._named += 1
        key = f"harvmac{self._named}"
        macro = Macro((), (stands_for, "{", key, "}"))
        self._definitions.add_macro(token, macro)
        return key

    def _equation(self, _: str) -> None:
        key = self._name("\\eqref")
        body = self._stream.argument()
        beginning = ["\\begin", "{", "equation", "}", "\\label", "{", key, "}"]
        self._stream.push([*beginning, *body, "\\end", "{", "equation", "}"])

    def _name_equation(self, _: str) -> None:
        self._name("\\eqref")

    def _reference(self, command: str) -> None:
        if self._stream.following()[:1] != "\\":
            # LaTeX's own `\ref{label}`.
            self._stream.emit(command)
            return
        key = self._name("\\cite")
        self._references += ["\\bibitem", "{", key, "}", *self._stream.argument(), " "]
        if command == "\\ref":
            self._stream.push(["\\cite", "{", key, "}"])

    def _list(self, _: str) -> None:
        references, self._references = self._references, []
        if references:
            name = ["{", "thebibliography", "}"]
            self._stream.push(["\\begin", *name, "{", "99", "}", *references, "\\end", *name])
