r"""LaTeX of a title or a name as plain Unicode text: what a bibliography holds."""

import html
import re
from dataclasses import dataclass
from typing import Final

from pylatexenc.latex2text import LatexNodes2Text

from corpora.documents import ReadOptions, RecordUnreadable
from corpora.latex import class_commands, layout_commands
from corpora.latex.command_tables import COMMANDS
from corpora.latex.cursor import Cursor, Range
from corpora.latex.expansion.definitions import Definitions
from corpora.latex.expansion.macros import Expander
from corpora.latex.formulas import mathematics
from corpora.latex.front import front_matter
from corpora.latex.project import Project
from corpora.latex.signatures import SYMBOLS
from corpora.latex.structure import analyse
from corpora.latex.typesetting import typeset, typographic
from corpora.latex.writer import Handler, Sink, Writer
from tokenization.marked_text import clean

_SUPERSCRIPTS: Final = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS: Final = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def _plain_formula(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    """A formula of a title or a name as plain Unicode."""
    end = writer.structure.formulas.get(cursor.at - 1, -1)
    if end < 0:
        return
    source = mathematics.formula(writer, Range(cursor.at, end))
    cursor.at = end + 1
    sink.text(plain_formula(source))


_SPACED: Final = re.compile(r"(\\[a-zA-Z]+) +(?=[^\s{^_])")
_JOINED: Final = re.compile(r"(\\[a-zA-Z]+)(?=\\[a-zA-Z])")


def _is_sign(token: str) -> bool:
    printed = SYMBOLS.get(token, token)
    return len(printed) == 1 and not printed.isalnum() and printed not in " \\"


def _is_function(token: str) -> bool:
    return len(SYMBOLS.get(token, "")) > 1 and SYMBOLS[token].isalpha()


def _with_space(match: re.Match[str]) -> str:
    """A command whose blank is printed: a named function, or one beside a relation or operator."""
    name = match.group(1)
    following = re.match(r"\\[a-zA-Z]+|.", match.string[match.end() : match.end() + 40])
    kept = _is_function(name) or _is_sign(name) or (following and _is_sign(following.group()))
    return name + "{} " if kept and name in SYMBOLS else match.group()


def plain_formula(source: str) -> str:
    r"""A short formula as plain text, scripts as Unicode where there are such characters.

    >>> plain_formula(r"^{13}\mathrm{C}"), plain_formula(r"\alpha_2 \le 10^5")
    ('¹³C', 'α₂ ≤ 10⁵')
    >>> plain_formula(r"P_{\rm orb} > 2"), plain_formula(r"\log N = a - bM")
    ('P_orb > 2', 'log N = a - bM')
    """
    if source == "-":
        return "−"
    fonts = r"rm|it|bf|sf|tt|text(?:tt|sf|sc|rm|it|bf|normal)"
    source = re.sub(rf"\\(?:{fonts})(?![a-zA-Z])\s*", "", source)
    source = re.sub(
        r"\^\s*(?:\{([-+0-9=()n]+)\}|([0-9n]))",
        lambda m: (m.group(1) or m.group(2)).translate(_SUPERSCRIPTS),
        source,
    )
    source = re.sub(
        r"_\s*(?:\{([-+0-9=()]+)\}|([0-9]))",
        lambda m: (m.group(1) or m.group(2)).translate(_SUBSCRIPTS),
        source,
    )
    if "\\" not in source and "{" not in source:
        return source
    source = _SPACED.sub(_with_space, source)
    source = _JOINED.sub(lambda m: m[1] + "{} " if _is_function(m[1]) else m[1], source)
    # pylatexenc's walker is recursive: only short, shallow formulas reach it.
    if len(source) > 400 or source.count("{") > 30:
        return re.sub(r"[{}]", "", source)
    try:
        text = LatexNodes2Text(math_mode="text", keep_braced_groups=False).latex_to_text(source)
    except Exception:
        # Its errors on a broken formula are of many types; the source is readable enough.
        text = re.sub(r"[{}\\]", "", source)
    return " ".join(clean(text).split())


_SCRIPTS: Final = {"\\textsuperscript": _SUPERSCRIPTS, "\\textsubscript": _SUBSCRIPTS}


def _plain_script(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    text = writer.inline(cursor.argument())
    sink.text(text.translate(_SCRIPTS[token]))


def _dropped(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.optional()
    cursor.argument()


def _kept(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    where = cursor.argument()
    writer.render(where.start, where.end, sink)


def _chemical(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    source = writer.source(cursor.argument())
    source = re.sub(r"(?<=[A-Za-z)])(\d+)", lambda m: m.group(1).translate(_SUBSCRIPTS), source)
    sink.text(re.sub(r"[{}^_]", "", source))


_PLAIN_COMMANDS: Final[dict[str, Handler]] = {
    **layout_commands.COMMANDS,
    **class_commands.COMMANDS,
    **COMMANDS,
    **dict.fromkeys(("$", "\\(", "\\["), _plain_formula),
    **dict.fromkeys(_SCRIPTS, _plain_script),
    **dict.fromkeys(
        ("\\footnote", "\\thanks", "\\label", "\\ref", "\\cite", "\\citep", "\\citet"), _dropped
    ),
    **dict.fromkeys(("\\texttt", "\\code", "\\ensuremath"), _kept),
    **dict.fromkeys(("\\ce", "\\ch", "\\cee"), _chemical),
    **dict.fromkeys(front_matter.AUTHOR_COMMANDS | {"\\title", "\\abstract"}, _kept),
}


#: A character reference of HTML, whose `&` and `#` a reference manager may have escaped for TeX.
_ENTITY: Final = re.compile(
    r"(?:\{\\&\}|\\?&)(?:amp;)*(?:\{?\\?(#)\}?)?([xX]?[0-9A-Fa-f]{1,7}|[A-Za-z]{2,30}[0-9]{0,2});"
)
_LEFT: Final = r"(?:<|\{?\\textless\s*(?:\{\})?\}?|\$(?:<|\\lt)\$)"
_RIGHT: Final = r"(?:>|\{?\\textgreater\s*(?:\{\})?\}?|\$(?:>|\\gt)\$)"
_SCRIPT_TAGS: Final = re.compile(
    rf"{_LEFT}\{{?(su[bp])\}}?{_RIGHT}([^<>]{{0,100}}?){_LEFT}/\{{?\1\}}?{_RIGHT}", re.I
)
_TAG: Final = re.compile(
    rf"{_LEFT}/?\{{?(?:i|b|em|strong|scp|u|tt|p|br|italic|bold|su[bp]|inf|a|span|astrobj|title|math|"
    rf"mml:[a-z]{{1,20}})\}}?(?:\s[^<>]{{0,200}}?)?/?{_RIGHT}",
    re.IGNORECASE,
)


def without_html(source: str) -> str:
    r"""A title that was taken from a web page, as TeX: references to characters and tags gone.

    >>> without_html("Rain &amp; H<sub>2</sub>O in <i>Rana</i> &#8211; caf&eacute;")
    'Rain \\& H$_{2}$O in Rana – café'
    """
    if "&" in source:
        source = _ENTITY.sub(_character, source)
        # A bare sign is meant as one: no title holds a table.
        source = re.sub(r"(?<!\\)&", r"\\&", source)
    if "<" in source or "\\textless" in source or "$\\lt$" in source:
        source = _SCRIPT_TAGS.sub(_script, source)
        source = _TAG.sub("", source)
    return source


def _script(match: re.Match[str]) -> str:
    sign = "^" if match.group(1).lower() == "sup" else "_"
    script = match.group(2).strip(" {}")
    return f"${sign}{{{script}}}$" if re.fullmatch(r"[\w+\-−.,/ ]+", script) else script


def _character(match: re.Match[str]) -> str:
    reference = f"&{match.group(1) or ''}{match.group(2)};"
    # ADS has one more than HTML.
    character = "☉" if reference == "&sun;" else html.unescape(reference)
    if character == reference:
        return match.group()
    return f"\\{character}" if character in "&%$#_{}" else character


@dataclass(frozen=True, slots=True)
class PlainText:
    """LaTeX source of a bibliography to plain text, with the macros of its paper."""

    project: Project
    definitions: Definitions
    options: ReadOptions

    def __call__(self, source: str) -> str:
        """The plain text of a source."""
        source = without_html(source[:20_000])
        if not re.search(r"[\\{}$~%&#^_]", source):
            return typographic(typeset(source))
        try:
            tokens = Expander(self.project, self.definitions).tokens(
                re.sub(r"(?<!\\)%", r"\\%", source)
            )
            writer = Writer(analyse(tokens), self.definitions, self.options, _PLAIN_COMMANDS, {})
            text = writer.inline(Range(0, len(writer.tokens)))
        except RecordUnreadable:
            text = re.sub(r"\\[a-zA-Z]+|[{}$\\]", "", source)
        return typographic(re.sub(r"[\x00-\x08\x0b-\x1f]", "", clean(text)))
