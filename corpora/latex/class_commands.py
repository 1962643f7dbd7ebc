r"""Commands of journals' classes and small packages: ions, arcseconds, marks of table notes."""

from typing import Final

from corpora.latex.cursor import Cursor
from corpora.latex.tokens import words
from corpora.latex.writer import Handler, Sink, Writer
from tokenization import wrappers

#: Units printed over the decimal point, as `3\farcs5` (AASTeX, A&A, MNRAS).
_OVER_POINT: Final = {
    "\\farcs": "″", "\\farcm": "′", "\\fdg": "°", "\\fd": "ᵈ", "\\fh": "ʰ", "\\fm": "ᵐ",
    "\\fs": "ˢ", "\\fp": "ᵖ",
}  # fmt: skip
_SYMBOLS: Final = {
    "\\la": "≲", "\\ga": "≳", "\\lid": "≦", "\\gid": "≧", "\\sol": "≲", "\\sog": "≳",
    "\\earth": "⊕", "\\nodata": "…", "\\arcdeg": "°", "\\sq": "□", "\\diameter": "⌀",
    "\\lesssim": "≲", "\\gtrsim": "≳", "\\mho": "℧", "\\celsius": "°C", "\\ohm": "Ω",
    "\\perthousand": "‰", "\\texttilde": "~", "\\texttildelow": "~",
    "\\mercury": "☿", "\\venus": "♀",
    "\\mars": "♂", "\\jupiter": "♃", "\\saturn": "♄", "\\uranus": "♅", "\\neptune": "♆",
    "\\textonehalf": "½", "\\textthreequarters": "¾", "\\textdblhyphen": "-", "\\Square": "□",
    "\\CheckedBox": "☑", "\\CIRCLE": "●", "\\Circle": "○", "\\LEFTcircle": "◐", "\\tick": "✓",
    "\\textalpha": "α", "\\textbeta": "β", "\\textgamma": "γ", "\\textdelta": "δ",
    "\\textlambda": "λ", "\\textpi": "π", "\\textsigma": "σ", "\\textchi": "χ",
    "\\textomega": "ω", "\\textkappa": "κ", "\\textepsilon": "ε",
    "\\upalpha": "α", "\\upbeta": "β", "\\upgamma": "γ", "\\updelta": "δ", "\\upmu": "μ",
}  # fmt: skip


def _symbol(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    sink.text(_SYMBOLS[token])


def _over_point(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`3\farcs5` is 3.″5: the point stays between the digits, whatever stands over it."""
    cursor.blanks()
    digits = cursor.peek()[0].isdigit()
    sink.text(f".{_OVER_POINT[token]}" if digits else _OVER_POINT[token])


def _ion(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\ion{Fe}{ii}` and `\ion{Fe}{2}` print small capitals."""
    element, stage = writer.inline(cursor.argument()), writer.inline(cursor.argument())
    numerals = {str(number): numeral for number, numeral in enumerate(_STAGES, 1)}
    sink.text(f"{element} {numerals.get(stage.strip(), stage.upper())}")


_STAGES: Final = words("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI")


def _element(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""A&A's `\element[charge][mass]{C}`."""
    charge, mass = cursor.optional(), cursor.optional()
    if mass is None:
        charge, mass = None, charge
    sink.text(wrappers.superscript(writer.inline(mass)) if writer.inline(mass) else "")
    sink.text(writer.inline(cursor.argument()))
    sink.text(wrappers.superscript(writer.inline(charge)) if writer.inline(charge) else "")


def _mark(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    """The mark of a table's note."""
    where = cursor.optional()
    if token in ("\\tmark", "\\tnotemark"):
        note = None
    elif where is None:
        where, note = cursor.argument(), None
    else:
        # ctable's own: the mark and the note.
        note = cursor.argument()
    mark = writer.inline(where).strip()
    if mark and mark.isascii():
        sink.text(wrappers.superscript(mark))
    else:
        sink.text(mark)
    if note is not None:
        sink.text(f" {writer.inline(note)} ")


def _slashed(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\nicefrac{1}{2}`, `\unitfrac[5]{m}{s}`."""
    number = writer.inline(cursor.optional()) if token in ("\\unitfrac", "\\sfrac") else ""
    above, below = writer.inline(cursor.argument()), writer.inline(cursor.argument())
    sink.text(f"{number} {above}/{below}".strip())


def _diagonal(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\diagbox[dir=NW]{rows}{columns}`: the corner of a table."""
    cursor.optional()
    parts = [writer.inline(cursor.argument()), writer.inline(cursor.argument())]
    if cursor.peek() == "{":
        parts.append(writer.inline(cursor.argument()))
    sink.text(" / ".join(part for part in parts if part))


def _quoted(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""csquotes: `\enquote{...}`, whose marks alternate, and `\textquote[source]{...}`."""
    inner = cursor.star() or writer.quotations % 2 == 1
    source = cursor.optional() if token != "\\enquote" else None
    if token == "\\foreignquote":
        cursor.argument()
    where = cursor.argument()
    writer.quotations += 1
    sink.text("‘" if inner else "“")
    writer.render(where.start, where.end, sink)
    sink.text("’" if inner else "”")
    writer.quotations -= 1
    if source is not None:
        sink.text(f" ({writer.inline(source)})")


COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_SYMBOLS, _symbol),
    **dict.fromkeys(_OVER_POINT, _over_point),
    "\\ion": _ion,
    "\\element": _element,
    **dict.fromkeys(("\\diagbox", "\\backslashbox", "\\slashbox"), _diagonal),
    **dict.fromkeys(words(r"\tnote \tablenotemark \tmark \tnotemark \tfn"), _mark),
    **dict.fromkeys(words(r"\nicefrac \sfrac \unitfrac \flatfrac \slantfrac"), _slashed),
    **dict.fromkeys(words(r"\enquote \textquote \blockquote \foreignquote"), _quoted),
}
