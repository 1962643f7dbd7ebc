r"""Numbers with units, as siunitx has them: `\SI{5}{\metre}` in prose and formulas."""

import re
from typing import Final

from corpora.english_lists import listed
from corpora.latex.cursor import Cursor
from corpora.latex.formulas.units import number, unit
from corpora.latex.tokens import words
from corpora.latex.writer import Handler, Sink, Writer
from tokenization import wrappers

#: siunitx: what the mandatory arguments are, a number or a unit.
QUANTITIES: Final = {
    "\\SI": "nu", "\\qty": "nu", "\\num": "n", "\\si": "u", "\\unit": "u", "\\ang": "a",
    "\\numrange": "nn", "\\SIrange": "nnu", "\\qtyrange": "nnu",
}  # fmt: skip


def _quantity_in_prose(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    option = writer.source(cursor.optional())
    name = token[1:]
    if name in ("si", "unit"):
        # `\unit[5]{m}` of the package units.
        value = f"{number(option)} " if option and "=" not in option else ""
        sink.text(value + unit(writer.source(cursor.argument())))
        return
    if name in ("numlist", "SIlist", "qtylist", "numproduct", "qtyproduct"):
        source = writer.source(cursor.argument())
        product = name.endswith("product")
        values = [number(part) for part in re.split("x" if product else ";", source)]
        printed = unit(writer.source(cursor.argument())) if name[:3] != "num" else ""
        sink.text(f"{' × '.join(values) if product else listed(values)} {printed}".strip())
        return
    if name == "num":
        sink.text(number(writer.source(cursor.argument())))
        return
    if name == "ang":
        parts = [*writer.source(cursor.argument()).split(";"), "", ""]
        sink.text("".join(p.strip() + s for p, s in zip(parts, "°′″", strict=False) if p.strip()))
        return
    if name == "numrange":
        values = [number(writer.source(cursor.argument())) for _ in range(2)]
        sink.text("–".join(values))
        return
    if name in ("SIrange", "qtyrange"):
        values = [number(writer.source(cursor.argument())) for _ in range(2)]
        sink.text(f"{values[0]}–{values[1]} {unit(writer.source(cursor.argument()))}")
        return
    value = number(writer.source(cursor.argument()))
    cursor.optional()
    printed = unit(writer.source(cursor.argument()))
    gap = "" if printed.startswith(("%", "″", "′")) or printed == "°" else " "
    sink.text(f"{value}{gap}{printed}".strip())


def quantity_in_formula(writer: Writer, cursor: Cursor, token: str) -> str:
    """A number and its unit in a formula, siunitx's commands as plain LaTeX."""
    cursor.optional()
    if cursor.peek() != "{":
        return ""
    signs = QUANTITIES[token]
    if signs == "a":
        parts = writer.source(cursor.argument()).split(";")
        marks = ("^{\\circ}", "'", "''")
        return "".join(p.strip() + m for p, m in zip(parts, marks, strict=False) if p.strip())
    parts = []
    for sign in signs:
        if sign == "u":
            cursor.optional()
        parts.append(writer.source(cursor.argument()))
    values = [number(part) for part, sign in zip(parts, signs, strict=True) if sign == "n"]
    value = "–".join(values)
    printed = unit(parts[-1]) if signs[-1] == "u" else ""
    for wrap in (wrappers.superscript, wrappers.subscript):
        opening, closing = wrap("x").split("x")
        sign = "^" if wrap is wrappers.superscript else "_"
        value = value.replace(opening, sign + "{").replace(closing, "}")
        printed = printed.replace(opening, sign + "{").replace(closing, "}")
    value = value.replace(" × ", r" \times ").replace(" ± ", r" \pm ").replace("−", "-")
    value = value.replace("–", r"\text{--}")
    printed = printed.replace(" ", r"\,").replace("−", "-").replace("%", r"\%")
    unit_source = rf"\mathrm{{{printed}}}" if printed else ""
    return r"\,".join(part for part in (value, unit_source) if part)


COMMANDS: Final[dict[str, Handler]] = {
    **{
        "\\" + name: _quantity_in_prose
        for name in words("""
    SI si num qty unit ang SIrange numrange qtyrange numlist SIlist qtylist numproduct
    qtyproduct
""")
    },
}
