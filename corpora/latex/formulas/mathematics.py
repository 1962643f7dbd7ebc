r"""Formulas: cleaned of labels, numbering and spacing hacks, balanced, and kept as LaTeX."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.formulas.balance import balanced, fenced, finished, with_arguments
from corpora.latex.formulas.quantities import QUANTITIES, quantity_in_formula
from corpora.latex.formulas.words import words_in_formula
from corpora.latex.signatures import MANDATORY_ARGUMENTS
from corpora.latex.tokens import (
    ADDRESS,
    BLANK,
    CODE_BLOCK,
    INLINE_CODE,
    PARAGRAPH,
    WORD_BLANK,
    words,
)
from corpora.latex.writer import Writer

_DROPPED: Final = frozenset(
    words(r"""
    \nonumber \notag \displaystyle \textstyle \allowbreak \nobreak \protect \noindent
    \centering \par \! \strut \mathstrut \smallskip \medskip \bigskip \null \relax
    \small \footnotesize \scriptsize \tiny \normalsize \large \ensuremath \xspace \qed
    \qedhere \hfill \hfil \boldmath \newline \linebreak \pagebreak \break
    \displaybreak \allowdisplaybreaks \raggedright \columnwidth \linewidth \/ \-
    \IEEEnonumber \IEEEyesnumber \IEEEyessubnumber \IEEEeqnarraynumspace \IEEEnosubnumber
    \IEEEstrut \unboldmath \hss \hfill \vfill \leavevmode \delimsize \Large \numberthis
    \thinmuskip \arraycolsep \narrowbreak \lefteqn \mathpalette \onecolumn \twocolumn
""")
)
#: Command -> signature of what is dropped with it.
_DROPPED_WITH: Final = {
    "\\hspace": "*{", "\\vspace": "*{", "\\phantom": "{", "\\hphantom": "{", "\\vphantom": "{",
    "\\color": "[{", "\\index": "{", "\\rule": "[{{", "\\setlength": "{{", "\\tag": "*{",
    "\\vadjust": "{", "\\addtolength": "{{", "\\marginpar": "{", "\\raisetag": "{",
    "\\renewcommand": "*{[{", "\\setcounter": "{{", "\\addtocounter": "{{", "\\footnotemark": "[",
    "\\mspace": "{", "\\noalign": "{", "\\refstepcounter": "{", "\\stepcounter": "{",
    "\\MoveEqLeft": "[", "\\todo": "[{", "\\hypertarget": "{", "\\hyperlink": "{", "\\href": "{",
    "\\hyperref": "[", "\\fontsize": "{{", "\\IEEEeqnarraymulticol": "{{", "\\multicolumn": "{{",
    "\\textcolor": "[{", "\\@declaredcolor": "{", "\\smash": "[", "\\hskipx": "{",
}  # fmt: skip
#: Boxes of layout: the signature before the content, which is kept as it is or as text.
_LAYOUT_BOXES: Final = {
    "\\raisebox": "{[[", "\\scalebox": "{[", "\\resizebox": "*{{", "\\rotatebox": "[{",
    "\\colorbox": "[{", "\\fcolorbox": "[{{", "\\parbox": "[[[{", "\\makebox": "[[", "\\fbox": "",
    "\\framebox": "[[", "\\adjustbox": "{", "\\shortstack": "[", "\\reflectbox": "",
}  # fmt: skip
#: Boxes of text, in which dollars begin a formula.
_TEXT_BOXES: Final = frozenset(
    words(r"""
    \text \mbox \hbox \textrm \textit \textbf \textsf \texttt \textnormal \textsc \textup
    \textsl \textmd \emph \intertext \shortintertext \vbox \uline \ul
""")
)
#: Plain TeX's alignments with their rows in braces, as the environment for each.
_PLAIN_ALIGNMENTS: Final = {
    "\\eqalign": "aligned", "\\eqalignno": "aligned", "\\leqalignno": "aligned",
    "\\displaylines": "gathered", "\\matrix": "matrix", "\\pmatrix": "pmatrix",
    "\\cases": "cases", "\\bordermatrix": "matrix",
}  # fmt: skip
#: A condition without a formula: `otherwise`.
_BLANKS: Final = BLANK + WORD_BLANK
_CONDITION: Final = re.compile(rf"[A-Za-z]{{2}}[{_BLANKS}A-Za-z,.;]*")
#: Environments that are no alignment of their own inside a formula.
_TRANSPARENT: Final = frozenset(
    words("""
    autobreak dmath dmath* equation equation* displaymath math center small footnotesize
    scriptsize normalsize subequations document sloppypar
""")
)
_LENGTHS: Final = frozenset(
    words(r"\hskip \kern \mkern \mskip \vskip \lower \raise \openup \penalty")
)
_LENGTH: Final = re.compile(r"\s*=?\s*[-+]?\d*\.?\d*\s*(?:true)?(?:pt|em|ex|mu|cm|mm|in|pc|bp|sp)?")


class _Formula:
    """One formula being cleaned: what is put out, and what its boxes become."""

    def __init__(self, writer: Writer, where: Range) -> None:
        self.writer = writer
        self.tokens = writer.structure.tokens
        self.braces = writer.structure.braces
        self.cursor = Cursor(writer.structure, where.start, where.end)
        self.out: list[str] = []
        #: Braces and dollars that are put out as something else, or not at all.
        self.replaced: dict[int, tuple[str, ...]] = {}
        #: Closing braces after which something is passed over, and where it ends.
        self.jumps: dict[int, int] = {}
        #: Text boxes open here: where each closes, and whether a dollar is open in it.
        self.boxes: list[tuple[int, bool]] = []
        #: Plain alignments open here: where each closes, and the alignment signs of the row.
        self.alignments: list[tuple[int, int]] = []
        #: Alignment signs after which words stand, up to where.
        self.conditions: dict[int, int] = {}
        self.condition_ends: set[int] = set()

    def closing(self) -> int:
        """The brace that closes the group which comes next; -1 where none does."""
        self.cursor.blanks()
        if self.cursor.peek() != "{":
            return -1
        closing = self.braces[self.cursor.at]
        return closing if closing < self.cursor.end else -1

    def _in_words(self) -> bool:
        """Whether this place is in the words of a text box."""
        return bool(self.boxes) and not self.boxes[-1][1]

    def run(self) -> list[str]:
        """All tokens of the cleaned formula."""
        cursor, out = self.cursor, self.out
        while cursor.at < cursor.end:
            at = cursor.at
            token = self.tokens[at]
            cursor.at += 1
            first = token[0]
            if at in self.condition_ends and self.boxes and self.boxes[-1][0] == at:
                while out[-1] == BLANK:
                    out.pop()
                out.extend(("$", "}") if self.boxes.pop()[1] else ("}",))
            while self.boxes and at > self.boxes[-1][0]:
                self.boxes.pop()
            while self.alignments and at > self.alignments[-1][0]:
                self.alignments.pop()
            if at in self.replaced:
                self._replaced(at)
            elif token == "{":
                if 0 <= self.braces[at] < cursor.end:
                    out.append(token)
            elif token == "}":
                if self.boxes and at == self.boxes[-1][0] and self.boxes[-1][1]:
                    out.append("$")
                out.append(token)
                cursor.at = self.jumps.get(at, cursor.at)
            elif first in (BLANK, WORD_BLANK, PARAGRAPH) or (token == "~" and self._in_words()):
                if out and out[-1] != BLANK:
                    out.append(BLANK)
            elif first == "$":
                self.dollar()
            elif first == INLINE_CODE:
                out += ["\\texttt", "{", re.sub(r"[{}$\\%#&_^~]", "", token[1:]), "}"]
            elif first in (CODE_BLOCK, ADDRESS):
                out.append(token[1:] if first == ADDRESS else BLANK)
            elif first == "#":
                out.append("\\#")
            elif first == "&":
                self._ampersand(token)
                if at in self.conditions:
                    out += [BLANK, "\\text", "{"]
                    self.boxes.append((self.conditions[at], False))
                    cursor.blanks()
            elif first == "\\":
                _command(self, token)
            else:
                out.append(token)
        return out

    def _replaced(self, at: int) -> None:
        replacement = self.replaced[at]
        if replacement and replacement[0].startswith("\\end{"):
            while self.out and self.out[-1] in (BLANK, "\\\\"):
                self.out.pop()
        if replacement == ("$",):
            self.dollar()
        else:
            self.out += replacement

    def dollar(self) -> None:
        """A dollar begins or ends a formula in a box of text; elsewhere it is a mistake."""
        if self.boxes:
            closing, opened = self.boxes[-1]
            self.boxes[-1] = (closing, not opened)
            self.out.append("$")

    def _ampersand(self, token: str) -> None:
        if self.alignments:
            closing, signs = self.alignments[-1]
            self.alignments[-1] = (closing, signs + 1)
            if signs == 1:
                # The number of a row of `\eqalignno`.
                at = self.cursor.at
                while at < closing and self.tokens[at] != "\\cr":
                    at = max(at, self.braces[at]) + 1 if self.tokens[at] == "{" else at + 1
                self.cursor.at = at
                return
        self.out.append(token)

    def text_box(self, token: str) -> None:
        """A box of text; one with nothing but a formula in bold type is that formula."""
        self.cursor.optional()
        if token in ("\\hbox", "\\vbox"):
            self.cursor.box_size()
        closing = self.closing()
        if closing < 0:
            self.out.append(token)
            return
        opening = self.cursor.at
        inside = [
            at
            for at in range(opening + 1, min(closing, opening + 400))
            if self.tokens[at] not in (BLANK, WORD_BLANK)
        ]
        bold = len(inside) > 2 and self.tokens[inside[0]] in ("\\boldmath", "\\bm")
        if bold and self.tokens[inside[1]] == "$" == self.tokens[inside[-1]]:
            self.out.append("\\boldsymbol")
            self.replaced.update(dict.fromkeys((inside[0], inside[1], inside[-1]), ()))
            return
        self.out.append(token if token != "\\vbox" else "\\mbox")
        self.boxes.append((closing, False))

    def layout_box(self, token: str) -> None:
        """A box that moves or scales: its formula stays as a group, its text as text."""
        self.cursor.signature(_LAYOUT_BOXES[token])
        closing = self.closing()
        if closing < 0:
            return
        inside = [
            at
            for at in range(self.cursor.at + 1, min(closing, self.cursor.at + 400))
            if self.tokens[at] not in (BLANK, WORD_BLANK)
        ]
        dollars = [at for at in inside if self.tokens[at] in ("$", "\\(", "\\)")]
        if len(dollars) == 2 and dollars == [inside[0], inside[-1]]:
            self.replaced.update(dict.fromkeys(dollars, ()))
        else:
            self.out.append("\\text")
            self.boxes.append((closing, False))

    def first_of_four(self) -> None:
        r"""`\mathchoice{display}{text}{script}{scriptscript}`: the first stays."""
        closing = self.closing()
        if closing >= 0:
            rest = Cursor(self.writer.structure, closing + 1, self.cursor.end)
            rest.signature("{{{")
            self.jumps[closing] = rest.at

    def alignment(self, token: str) -> None:
        """`\\eqalign{a&=b\\cr c&=d}` as an environment."""
        closing = self.closing()
        if closing < 0:
            return
        name = _PLAIN_ALIGNMENTS[token]
        self.out.append(f"\\begin{{{name}}}")
        self.replaced[self.cursor.at] = ()
        self.replaced[closing] = (f"\\end{{{name}}}",)
        if token.endswith("no"):
            self.alignments.append((closing, 0))
        elif token == "\\cases":
            self._conditions(self.cursor.at + 1, closing)

    def _conditions(self, at: int, closing: int) -> None:
        r"""The second column of plain TeX's `\cases{0 & if $x<0$\cr ...}`, set as words."""
        sign, dollars = -1, 0
        while at <= closing:
            token = self.tokens[at]
            if at == closing or token in ("\\cr", "\\\\"):
                cell = "".join(self.tokens[sign + 1 : at]).strip(_BLANKS) if sign >= 0 else ""
                # One formula alone needs no words around it.
                alone = dollars == 2 and cell.startswith("$") and cell.endswith("$")
                if (cell and dollars and not alone) or _CONDITION.fullmatch(cell):
                    self.conditions[sign] = at
                    self.condition_ends.add(at)
                sign, dollars = -1, 0
            elif token[0] == "&" and sign < 0:
                sign, dollars = at, 0
            dollars += token == "$"
            at = max(at, self.braces[at]) + 1 if token == "{" else at + 1


def formula(writer: Writer, where: Range) -> str:
    """The source of a formula as it is kept: no labels, no hacks, balanced; perhaps empty."""
    return finished(with_arguments(balanced(fenced(_Formula(writer, where).run()))))


def _takes_argument(out: list[str]) -> bool:
    """Whether what comes next is a script or an argument, so that its braces are needed."""
    last = next((token for token in reversed(out[-3:]) if token != BLANK), "")
    return last in ("^", "_") or last in MANDATORY_ARGUMENTS


def _command(made: _Formula, token: str) -> None:
    writer, cursor, out = made.writer, made.cursor, made.out
    if token == "\\ensuremath" and cursor.peek() == "{":
        closing = made.closing()
        if made.boxes and not made.boxes[-1][1]:
            made.replaced[cursor.at] = made.replaced[closing] = ("$",)
        elif not _takes_argument(out):
            made.replaced[cursor.at] = made.replaced[closing] = ()
    elif token in _DROPPED or (token == "\\hline" and not out):
        return
    elif token in ("\\footnote", "\\footnotetext"):
        cursor.optional()
        writer.formula_notes.append(cursor.argument())
    elif token in _TEXT_BOXES:
        if token in ("\\intertext", "\\shortintertext"):
            while out and out[-1] in (BLANK, "\\\\"):
                out.pop()
            out += ["\\\\", BLANK] if out else []
            closing = made.closing()
            if closing >= 0:
                made.replaced[closing] = ("}", "\\\\", BLANK)
            made.text_box("\\text")
        else:
            made.text_box(token)
    elif token in _LAYOUT_BOXES:
        made.layout_box(token)
    elif token in _PLAIN_ALIGNMENTS:
        made.alignment(token)
    elif token == "\\mathchoice":
        made.first_of_four()
    elif token in _DROPPED_WITH:
        cursor.signature(_DROPPED_WITH[token])
    elif token in _LENGTHS:
        length = _LENGTH.match(cursor.peek())
        if length is not None and cursor.peek()[0] not in "\\{}&$":
            rest = cursor.peek()[length.end() :]
            cursor.at += 1
            if rest:
                out.append(rest)
    elif token.startswith(("\\begin{", "\\end{")):
        _environment(made, token)
    elif token in ("\\\\", "\\cr", "\\tabularnewline", "\\@arraycr"):
        if token == "\\\\":
            cursor.star()
            cursor.optional()
        elif made.alignments:
            made.alignments[-1] = (made.alignments[-1][0], 0)
        out.append("\\\\")
    elif token in ("\\(", "\\)", "\\[", "\\]"):
        # Inside `\text{...}`; nested delimiters would end the formula.
        made.dollar()
    elif token in QUANTITIES:
        out.append(quantity_in_formula(writer, cursor, token))
    elif token == "\\Call":
        name, arguments = writer.source(cursor.argument()), cursor.argument()
        out += ["\\text", "{", name, "}", "(", formula(writer, arguments), ")"]
    else:
        said = words_in_formula(writer, cursor, token)
        # What TeX's internals make of `\\wide@bar` is not known here.
        if said is not None or (token != "\\" and "@" not in token):
            out += [token] if said is None else said


def _environment(made: _Formula, token: str) -> None:
    name = token[token.index("{") + 1 : -1]
    cursor, out = made.cursor, made.out
    if name == "minipage" or name in _TRANSPARENT:
        if token.startswith("\\begin"):
            cursor.signature("[[[{" if name == "minipage" else "")
            if name.startswith("dmath") and any(part != BLANK for part in out):
                out += ["\\\\", BLANK]
    elif token.startswith("\\begin{"):
        closing = made.writer.structure.environments[cursor.at - 1]
        if 0 <= closing < cursor.end:
            out.append(token)
    else:
        out.append(token)
