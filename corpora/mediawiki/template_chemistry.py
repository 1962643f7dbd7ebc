"""Templates of chemistry: {{chem}}, {{chem2}}, nuclides.

https://en.wikipedia.org/wiki/Template:Chem and Template:Chem2.
"""

import re
from typing import Final

from corpora.mediawiki.arguments import Arguments
from tokenization.wrappers import subscript, superscript

_ELEMENTS: Final = (
    "hydrogen H helium He lithium Li beryllium Be boron B carbon C nitrogen N oxygen O fluorine F "
    "neon Ne sodium Na magnesium Mg aluminium Al aluminum Al silicon Si phosphorus P sulfur S "
    "sulphur S chlorine Cl argon Ar potassium K calcium Ca scandium Sc titanium Ti vanadium V "
    "chromium Cr manganese Mn iron Fe cobalt Co nickel Ni copper Cu zinc Zn gallium Ga germanium "
    "Ge arsenic As selenium Se bromine Br krypton Kr rubidium Rb strontium Sr yttrium Y zirconium "
    "Zr niobium Nb molybdenum Mo technetium Tc ruthenium Ru rhodium Rh palladium Pd silver Ag "
    "cadmium Cd indium In tin Sn antimony Sb tellurium Te iodine I xenon Xe caesium Cs cesium Cs "
    "barium Ba lanthanum La cerium Ce praseodymium Pr neodymium Nd promethium Pm samarium Sm "
    "europium Eu gadolinium Gd terbium Tb dysprosium Dy holmium Ho erbium Er thulium Tm ytterbium "
    "Yb lutetium Lu hafnium Hf tantalum Ta tungsten W rhenium Re osmium Os iridium Ir platinum Pt "
    "gold Au mercury Hg thallium Tl lead Pb bismuth Bi polonium Po astatine At radon Rn francium "
    "Fr radium Ra actinium Ac thorium Th protactinium Pa uranium U neptunium Np plutonium Pu "
    "americium Am curium Cm berkelium Bk californium Cf einsteinium Es fermium Fm mendelevium Md "
    "nobelium No lawrencium Lr rutherfordium Rf dubnium Db seaborgium Sg bohrium Bh hassium Hs "
    "meitnerium Mt darmstadtium Ds roentgenium Rg copernicium Cn nihonium Nh flerovium Fl "
    "moscovium Mc livermorium Lv tennessine Ts oganesson Og"
).split()
_SYMBOLS: Final = dict(zip(_ELEMENTS[::2], _ELEMENTS[1::2], strict=True))
_CHARGE: Final = re.compile(r"\d*[+−–-]+|[+−–-]\d*|[•·]?[+−–-]")
_FORMULA: Final = re.compile(
    r"(?P<sup>\^\{[^{}]*\}|\^[\w+−-]+)|(?P<sub>_\{[^{}]*\}|_[\w+−-]+)|"
    r"(?P<charge>(?<=[\w)\]])(?:\(\d*[+−-]\)|[+−-])(?=$|[\s)\],.]))|"
    r"(?P<count>(?<=[A-Za-z)\]])\d+(?:\.\d+)?(?:[–-]\d+)?)|(?P<arrow><?-+>|<?=+>|<->)|(?P<dot>\*)"
)


def chem(given: Arguments) -> str:
    """{{chem|H|2|O}}: symbols and counts in turn, a charge as the last.

    >>> from tokenization.markers import reveal
    >>> reveal(chem(Arguments(["S", "O", "4", "2-"])))
    'SO[START_SUB]4[END_SUB][START_SUP]2−[END_SUP]'
    """
    words: list[str] = []
    for number, part in enumerate(given.positional()):
        if not part:
            continue
        if number and _CHARGE.fullmatch(part):
            words.append(superscript(part.replace("-", "−"), marked=True))
        elif number and re.fullmatch(r"[\d.,–-]+|[a-z]|''[a-z]''", part):
            words.append(subscript(part, marked=True))
        else:
            words.append(part)
    link = given.get("link", "lnk")
    return "".join(words) or link


def chem2(given: Arguments) -> str:
    """{{chem2|SO4(2-)}}: counts and charges are told by where they stand.

    >>> from tokenization.markers import reveal
    >>> reveal(chem2(Arguments(["SO4(2-)"])))
    'SO[START_SUB]4[END_SUB][START_SUP]2−[END_SUP]'
    """
    return _FORMULA.sub(_formula_part, "".join(given.positional()))


def _formula_part(match: re.Match[str]) -> str:
    words = match.group()
    match match.lastgroup:
        case "sup":
            return superscript(words[1:].strip("{}").replace("-", "−"), marked=True)
        case "sub":
            return subscript(words[1:].strip("{}"), marked=True)
        case "charge":
            return superscript(words.strip("()").replace("-", "−"), marked=True)
        case "count":
            return subscript(words, marked=True)
        case "dot":
            return "·"
    return "⇌" if "<" in words else "→"


def nuclide(given: Arguments) -> str:
    """{{nuclide|uranium|235}}: the mass number raised before the symbol."""
    element, mass, charge = given.at(1), given.at(2), given.at(3) or given.get("charge")
    symbol = _SYMBOLS.get(element.lower(), element)
    symbol += (
        superscript(charge.replace("-", "−"), marked=True) if _CHARGE.fullmatch(charge) else ""
    )
    return (superscript(mass, marked=True) if mass else "") + symbol


#: Symbol, and charge where there is one (Particle Data Group).
_PARTICLES: Final = {
    "electron": "e −", "positron": "e +", "proton": "p", "antiproton": "p̅", "neutron": "n",
    "photon": "γ", "neutrino": "ν", "muon": "μ −", "antimuon": "μ +", "tau": "τ −", "pion": "π",
    "gluon": "g", "w boson": "W", "z boson": "Z", "higgs boson": "H", "kaon": "K", "alpha": "α",
    "electron neutrino": "ν e", "up quark": "u", "down quark": "d", "strange quark": "s",
    "charm quark": "c", "bottom quark": "b", "top quark": "t", "beta": "β", "deuteron": "d",
}  # fmt: skip


def particle(given: Arguments) -> str:
    """{{subatomic particle|electron-}}: the symbol, and the charge raised; "" for others.

    >>> from tokenization.markers import reveal
    >>> reveal(particle(Arguments(["Pion+"])))
    'π[START_SUP]+[END_SUP]'
    """
    name = given.at(1).lower()
    sign = re.search(r"[+-]$", name)
    symbol, _, below = _PARTICLES.get(name.rstrip("+-0"), "").partition(" ")
    charge = sign.group().replace("-", "−") if sign else below if below in ("+", "−") else ""
    below = "" if below in ("+", "−") else below
    return (
        symbol
        + (superscript(charge, marked=True) if charge and symbol else "")
        + (subscript(below, marked=True) if below else "")
    )
