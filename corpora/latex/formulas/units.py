"""Quantities of siunitx and formulas of mhchem as text."""

import re
from typing import Final

from corpora.latex.signatures import SYMBOLS
from corpora.latex.tokens import words
from tokenization import wrappers

_UNITS: Final = {
    "metre": "m", "meter": "m", "gram": "g", "second": "s", "ampere": "A", "kelvin": "K",
    "mole": "mol", "candela": "cd", "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J",
    "watt": "W", "coulomb": "C", "volt": "V", "farad": "F", "ohm": "Ω", "siemens": "S",
    "weber": "Wb",
    "tesla": "T", "henry": "H", "lumen": "lm", "lux": "lx", "becquerel": "Bq", "gray": "Gy",
    "sievert": "Sv", "litre": "L", "liter": "L", "minute": "min", "hour": "h", "day": "d",
    "degree": "°", "celsius": "°C", "degreeCelsius": "°C", "percent": "%", "electronvolt": "eV",
    "bar": "bar", "dalton": "Da", "angstrom": "Å", "byte": "B", "bit": "bit", "decibel": "dB",
    "radian": "rad", "steradian": "sr", "atomicmassunit": "u", "micron": "µm", "gauss": "G",
    "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P", "milli": "m", "micro": "µ",
    "nano": "n", "pico": "p", "femto": "f", "centi": "c", "deci": "d", "hecto": "h", "atto": "a",
    "kibi": "Ki", "mebi": "Mi", "gibi": "Gi", "parsec": "pc", "year": "yr", "molar": "M",
    "arcsecond": "″", "arcminute": "′", "tonne": "t", "hectare": "ha", "katal": "kat", "knot": "kn",
    "square": "", "cubic": "", "mm": "mm", "cm": "cm", "km": "km", "nm": "nm", "um": "µm",
    "kg": "kg",
    "mg": "mg", "ug": "µg", "ms": "ms", "us": "µs", "ns": "ns", "GHz": "GHz", "MHz": "MHz",
    "kHz": "kHz",
    "eV": "eV", "keV": "keV", "MeV": "MeV", "GeV": "GeV", "TeV": "TeV", "mV": "mV", "kJ": "kJ",
    "Hz": "Hz",
}  # fmt: skip
_PREFIXES: Final = frozenset(
    words("""
    kilo mega giga tera peta milli micro nano pico femto centi deci hecto atto kibi mebi
    gibi
""")
)


def unit(source: str) -> str:
    r"""A siunitx unit as text, with its powers as superscripts.

    >>> from tokenization.markers import reveal
    >>> reveal(unit(r"\kilo\metre\per\second\squared"))
    'km s[START_SUP]−2[END_SUP]'
    >>> unit("kg.m/s")
    'kg m/s'
    """
    if "\\" not in source:
        text = re.sub(r"[.~]", " ", source.strip("{} "))
        return re.sub(
            r"\^\{?(-?\d+)\}?", lambda m: wrappers.superscript(m.group(1).replace("-", "−")), text
        )
    parts: list[tuple[str, int]] = []
    prefix, sign, power = "", 1, 1
    for name in re.findall(r"\\([a-zA-Z]+)", source):
        if name == "per":
            sign = -1
        elif name in ("squared", "cubed") and parts:
            parts[-1] = (parts[-1][0], parts[-1][1] * (2 if name == "squared" else 3))
        elif name in ("square", "cubic"):
            power = 2 if name == "square" else 3
        elif name in _PREFIXES:
            prefix += _UNITS[name]
        else:
            parts.append((prefix + _UNITS.get(name, name), sign * power))
            prefix, sign, power = "", 1, 1
    return " ".join(
        name + (wrappers.superscript(str(exponent).replace("-", "−")) if exponent != 1 else "")
        for name, exponent in parts
    )


def number(source: str) -> str:
    """A siunitx number as text: `1e-3` is 10 to its power.

    >>> from tokenization.markers import reveal
    >>> reveal(number("2.5e-3"))
    '2.5 × 10[START_SUP]−3[END_SUP]'
    """
    source = re.sub(r"\\[a-zA-Z]+", lambda m: SYMBOLS.get(m.group(), ""), source)
    source = re.sub(r"[{}$]", "", "".join(source.split())).replace("+-", "±")
    match = re.fullmatch(r"(.*[\d.)]|[-+]?)[eEdD]([-+]?\d+)", source)
    value, exponent = match.groups() if match is not None else (source, "")
    value = re.sub(r"(?<=[\d)])±", " ± ", value).replace("x", " × ")
    value = re.sub(r"^-|(?<=[×±] )-", "−", value)
    power = "10" + wrappers.superscript(exponent.lstrip("+").replace("-", "−"))
    if not exponent:
        return value
    value = f"({value})" if " ± " in value else value
    return f"{value} × {power}" if re.search(r"\d", value) else value + power


_ARROWS: Final = {"<=>": "⇌", "<->": "↔", "->": "→", "<-": "←", "<=>>": "⇌", "<<=>": "⇌"}


def chemical(source: str) -> str:
    """A formula of mhchem as text with subscripts and superscripts.

    >>> from tokenization.markers import reveal
    >>> reveal(chemical("2H2 + SO4^2- -> ^{13}C"))[:40]
    '2H[START_SUB]2[END_SUB] + SO[START_SUB]4'
    """
    source = re.sub(r"<=>>?|<<=>|<->|->|<-", lambda m: f" {_ARROWS[m.group()]} ", source)
    source = re.sub(r"(?<=[→⇌↔←] )\[([^\]]*)\](?:\[([^\]]*)\])?", r"(\1) ", source)
    source = re.sub(
        r"\^\{([^{}]*)\}|\^(\d*[+-]+|\d+)", lambda m: _script(m, wrappers.superscript), source
    )
    source = re.sub(r"_\{([^{}]*)\}|_(\d+|[a-z])", lambda m: _script(m, wrappers.subscript), source)
    source = re.sub(r"(?<=[A-Za-z)\]])(\d+)", lambda m: wrappers.subscript(m.group(1)), source)
    source = re.sub(
        r"(?<=[A-Za-z)\]\ue000-\ue0ff])([+-])(?=$|[\s)\]}])",
        lambda m: wrappers.superscript(m.group(1).replace("-", "−")),
        source,
    )
    return " ".join(re.sub(r"[{}$\\]", "", source).split())


def _script(match: re.Match[str], wrap: object) -> str:
    text = (match.group(1) or match.group(2) or "").strip().replace("-", "−")
    assert callable(wrap)
    return str(wrap(text)) if text else ""
