r"""What a character or an operator of MathML is in LaTeX.

One question a function: `character` (any one character), `letters` (a mathematical alphabet,
`\mathbb{R}`), and the tables of accents, fences, named functions and operators that
`corpora.mathml` lays out. Names are those of LaTeX and amsmath/amssymb; what our own table lacks
is looked up in pylatexenc's table of Unicode, and what neither knows stays as it is.
"""

import re
import unicodedata
from functools import cache
from typing import Final

from pylatexenc.latexencode import get_builtin_uni2latex_dict

from corpora.mathml.pieces import balanced

_GREEK: Final = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "varsigma",
    "sigma",
    "tau",
    "upsilon",
    "varphi",
    "chi",
    "psi",
    "omega",
]
# Capitals that look like Latin letters have no command of their own.
_GREEK_CAPITALS: Final = dict(
    zip(
        "ΓΔΘΛΞΠΣΥΦΨΩ",
        [
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Upsilon",
            "Phi",
            "Psi",
            "Omega",
        ],
        strict=True,
    )
)
_LATIN_LOOKALIKES: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧοΔ∆", "ABEZHIKMNOPTXoΔΔ", strict=True))

_COMMANDS: Final[dict[str, str]] = {
    **{chr(0x3B1 + i): "\\" + name for i, name in enumerate(_GREEK)},
    **{letter: "\\" + name for letter, name in _GREEK_CAPITALS.items()},
    **{c: latin for c, latin in _LATIN_LOOKALIKES.items() if latin.isascii()},
    "∆": r"\Delta", "Ω": r"\Omega", "µ": r"\mu", "ϵ": r"\epsilon", "ε": r"\varepsilon",
    "ϕ": r"\phi", "φ": r"\varphi", "ϑ": r"\vartheta", "ϖ": r"\varpi", "ϱ": r"\varrho",
    "ϰ": r"\varkappa", "ϝ": r"\digamma", "ϒ": r"\Upsilon", "ℓ": r"\ell", "ℏ": r"\hbar",
    "ħ": r"\hbar", "ı": r"\imath", "ȷ": r"\jmath", "ℑ": r"\Im", "ℜ": r"\Re", "ℵ": r"\aleph",
    "℘": r"\wp", "∂": r"\partial", "∇": r"\nabla", "∞": r"\infty", "∅": r"\emptyset",
    "∀": r"\forall", "∃": r"\exists", "∄": r"\nexists", "¬": r"\neg", "⊤": r"\top",
    "⊥": r"\perp", "∠": r"\angle", "△": r"\triangle", "□": r"\square", "◻": r"\square",
    "◊": r"\lozenge", "♯": r"\sharp", "♭": r"\flat", "†": r"\dagger", "‡": r"\ddagger",
    "§": r"\S", "£": r"\pounds", "°": r"^{\circ}", "…": r"\ldots", "⋯": r"\cdots",
    "⋮": r"\vdots", "⋱": r"\ddots", "⋰": r"\iddots", "′": "'", "″": "''", "‴": "'''",
    "‵": r"\backprime", "−": "-", "‐": "-", "–": "-", "—": "-", "﹣": "-", "±": r"\pm",
    "∓": r"\mp", "×": r"\times", "÷": r"\div", "·": r"\cdot", "⋅": r"\cdot", "∙": r"\bullet",
    "•": r"\bullet", "∘": r"\circ", "∗": "*", "⋆": r"\star", "★": r"\bigstar", "⊕": r"\oplus",
    "⊖": r"\ominus", "⊗": r"\otimes", "⊙": r"\odot", "⊘": r"\oslash", "∧": r"\wedge",
    "∨": r"\vee", "∩": r"\cap", "∪": r"\cup", "⊎": r"\uplus", "⊓": r"\sqcap", "⊔": r"\sqcup",
    "∖": r"\setminus", "⧵": r"\setminus", "≀": r"\wr", "⋊": r"\rtimes", "⋉": r"\ltimes",
    "∕": "/", "⁄": "/", "⟂": r"\perp", "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⊞": r"\boxplus", "⊠": r"\boxtimes", "⋄": r"\diamond",
    "≤": r"\leq", "≥": r"\geq", "⩽": r"\leqslant", "⩾": r"\geqslant", "≦": r"\leqq",
    "≧": r"\geqq", "≪": r"\ll", "≫": r"\gg", "≠": r"\neq", "≈": r"\approx", "≃": r"\simeq",
    "≅": r"\cong", "∼": r"\sim", "≡": r"\equiv", "≢": r"\not\equiv", "∝": r"\propto",
    "≔": ":=", "≕": "=:", "≜": r"\triangleq", "≐": r"\doteq", "≲": r"\lesssim",
    "≳": r"\gtrsim", "≺": r"\prec", "≻": r"\succ", "⪯": r"\preceq", "⪰": r"\succeq",
    "≼": r"\preccurlyeq", "≽": r"\succcurlyeq", "∈": r"\in", "∉": r"\notin", "∋": r"\ni",
    "⊂": r"\subset", "⊃": r"\supset", "⊆": r"\subseteq", "⊇": r"\supseteq", "⊊": r"\subsetneq",
    "⊄": r"\not\subset", "⊈": r"\nsubseteq", "⊏": r"\sqsubset", "⊑": r"\sqsubseteq",
    "∣": r"\mid", "∤": r"\nmid", "∥": r"\parallel", "⊢": r"\vdash", "⊣": r"\dashv",
    "⊨": r"\models", "⊧": r"\models", "≍": r"\asymp", "≁": r"\nsim", "≮": r"\nless",
    "≯": r"\ngtr", "≰": r"\nleq", "≱": r"\ngeq", "∴": r"\therefore", "∵": r"\because",
    "→": r"\rightarrow", "←": r"\leftarrow", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow",
    "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow", "⟶": r"\longrightarrow",
    "⟵": r"\longleftarrow", "⟷": r"\longleftrightarrow", "⟹": r"\Longrightarrow",
    "⟸": r"\Longleftarrow", "⟺": r"\Longleftrightarrow", "↦": r"\mapsto", "⟼": r"\longmapsto",
    "↑": r"\uparrow", "↓": r"\downarrow", "↕": r"\updownarrow", "⇑": r"\Uparrow",
    "⇓": r"\Downarrow", "↗": r"\nearrow", "↘": r"\searrow", "↙": r"\swarrow", "↖": r"\nwarrow",
    "↪": r"\hookrightarrow", "↩": r"\hookleftarrow", "⇌": r"\rightleftharpoons",
    "⇋": r"\leftrightharpoons", "⇀": r"\rightharpoonup", "⇁": r"\rightharpoondown",
    "↼": r"\leftharpoonup", "↽": r"\leftharpoondown", "⇄": r"\rightleftarrows",
    "⇆": r"\leftrightarrows", "⇝": r"\rightsquigarrow", "↛": r"\nrightarrow",
    "∑": r"\sum", "∏": r"\prod", "∐": r"\coprod", "∫": r"\int", "∬": r"\iint", "∭": r"\iiint",
    "∮": r"\oint", "⋃": r"\bigcup", "⋂": r"\bigcap", "⋁": r"\bigvee", "⋀": r"\bigwedge",
    "⨁": r"\bigoplus", "⨂": r"\bigotimes", "⨀": r"\bigodot", "⨄": r"\biguplus",
    "⨆": r"\bigsqcup", "⟨": r"\langle", "⟩": r"\rangle", "〈": r"\langle", "〉": r"\rangle",
    "\u2329": r"\langle", "\u232a": r"\rangle", "⌈": r"\lceil", "⌉": r"\rceil",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "‖": r"\Vert", "│": "|", "√": r"\surd",
    "‾": r"\overline{\ }", "¯": r"\bar{\ }", "˙": r"\dot{\ }", "¨": r"\ddot{\ }",
    "{": r"\{", "}": r"\}", "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_",
    "\\": r"\backslash", "~": r"\sim", "^": r"\hat{\ }",
    # Spaces, and the invisible operators (apply, times, separator, plus) that are not written.
    "\u00a0": r"\ ", "\u2009": r"\,", "\u200a": r"\,", "\u2005": r"\:", "\u2004": r"\;",
    "\u2003": r"\quad", "\u2002": r"\enspace", "\u205f": r"\:", "\u202f": r"\,",
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "", "\u2060": "",
    "\ufeff": "", "\u00ad": "", "\ufe00": "", "\ufe0e": "",
}  # fmt: skip

#: Functions that have a command; any other name is `\operatorname{}` or `\mathrm{}`.
FUNCTIONS: Final = frozenset(
    [
        "arccos",
        "arcsin",
        "arctan",
        "arg",
        "cos",
        "cosh",
        "cot",
        "coth",
        "csc",
        "deg",
        "det",
        "dim",
        "exp",
        "gcd",
        "hom",
        "inf",
        "ker",
        "lg",
        "lim",
        "liminf",
        "limsup",
        "ln",
        "log",
        "max",
        "min",
        "Pr",
        "sec",
        "sin",
        "sinh",
        "sup",
        "tan",
        "tanh",
    ]
)
#: Operators written as words, or in several characters.
WORDS: Final[dict[str, str]] = {
    "mod": r"\bmod", "lim inf": r"\liminf", "lim sup": r"\limsup", "<=": r"\leq", ">=": r"\geq",
    "!=": r"\neq", "->": r"\rightarrow", "<-": r"\leftarrow", "=>": r"\Rightarrow",
    "...": r"\ldots", "--": "--", "<<": r"\ll", ">>": r"\gg", "||": r"\Vert",
}  # fmt: skip

#: Marks over (or under) a symbol: the command for one symbol, and for a wide expression.
ACCENTS_OVER: Final[dict[str, tuple[str, str]]] = {
    mark: pair
    for marks, pair in (
        ("¯‾ˉ\u0304\u0305_", ("bar", "overline")),
        ("^ˆ\u0302⌃", ("hat", "widehat")),
        ("~˜∼\u0303", ("tilde", "widetilde")),
        ("→⃗⇀\u20d1⟶", ("vec", "overrightarrow")),
        ("←\u20d6", ("overleftarrow", "overleftarrow")),
        ("↔\u20e1", ("overleftrightarrow", "overleftrightarrow")),
        (".˙\u0307", ("dot", "dot")),
        ("¨\u0308", ("ddot", "ddot")),
        ("\u20db", ("dddot", "dddot")),
        ("ˇ\u030c", ("check", "check")),
        ("˘\u0306", ("breve", "breve")),
        ("´\u0301", ("acute", "acute")),
        ("`\u0300", ("grave", "grave")),
        ("˚\u030a", ("mathring", "mathring")),
        ("⏞\ufe37", ("overbrace", "overbrace")),
    )
    for mark in marks
}
ACCENTS_UNDER: Final[dict[str, str]] = {
    "_": "underline", "¯": "underline", "‾": "underline", "\u0332": "underline",
    "\u0331": "underline", "⏟": "underbrace", "\ufe38": "underbrace", "→": "underrightarrow",
    "←": "underleftarrow", "~": "utilde", "∼": "utilde", "˜": "utilde",
}  # fmt: skip
#: Arrows that stretch over a text.
STRETCHING_ARROWS: Final[dict[str, str]] = {
    "→": "xrightarrow", "⟶": "xrightarrow", "←": "xleftarrow", "⟵": "xleftarrow",
    "↔": "xleftrightarrow", "⇒": "xRightarrow", "⇌": "xrightleftharpoons", "↦": "xmapsto",
}  # fmt: skip
#: Operators that carry limits: scripts below and above, not beside an `\underset`.
LARGE_OPERATORS: Final = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂⨀⨄⨆")
LIMIT_WORDS: Final = frozenset(
    ["lim", "liminf", "limsup", "max", "min", "sup", "inf", "argmax", "argmin", "det", "gcd", "Pr"]
)
OPENING: Final = frozenset("([{⟨〈\u2329⌈⌊")
CLOSING: Final = frozenset(")]}⟩〉\u232a⌉⌋")
#: Infix operators that read better with a space on both sides.
SPACED: Final = frozenset("=+-−–±∓×÷<>≤≥⩽⩾≦≧≪≫≠≈≃≅∼≡∝≔≜≐≲≳≺≻⪯⪰∈∉∋⊂⊃⊆⊇∪∩∧∨⊕⊗⋅·∘→←↔⇒⇐⇔⟶⟹↦⇌∣∥⊢⊨∖") | {
    ":=",
    "<=",
    ">=",
    "!=",
    "->",
    "=>",
    "mod",
    "==",
}

#: `mathvariant`, or the variant in a character's Unicode name, and the command of that alphabet.
ALPHABETS: Final[dict[str, str]] = {
    "normal": "mathrm", "bold": "mathbf", "italic": "mathit", "bold-italic": "boldsymbol",
    "double-struck": "mathbb", "script": "mathcal", "bold-script": "mathcal",
    "fraktur": "mathfrak", "bold-fraktur": "mathfrak", "sans-serif": "mathsf",
    "bold-sans-serif": "mathsf", "sans-serif-italic": "mathsf",
    "sans-serif-bold-italic": "mathsf", "monospace": "mathtt",
}  # fmt: skip
_STYLED: Final = re.compile(
    r"(?:MATHEMATICAL )?((?:SANS-SERIF |BOLD |ITALIC |SCRIPT |FRAKTUR |BLACK-LETTER |MONOSPACE |"
    r"DOUBLE-STRUCK )+)(?:CAPITAL|SMALL|DIGIT|NABLA|PARTIAL|EPSILON|THETA|KAPPA|PHI|RHO|PI|DOTLESS)"
)
_ENSURED: Final = re.compile(r"\\ensuremath\{(.*)\}", re.DOTALL)


@cache
def _unicode_table() -> dict[int, str]:
    return get_builtin_uni2latex_dict()


def alphabet(content: str, variant: str) -> str:
    r"""LaTeX of letters in a `mathvariant`.

    >>> alphabet("R", "double-struck"), alphabet(r"\beta", "bold"), alphabet("x", "italic")
    ('\\mathbb{R}', '\\boldsymbol{\\beta}', 'x')
    """
    command = ALPHABETS.get(variant)
    if not content.strip() or command is None:
        return content
    if variant == "italic" and len(content) == 1:
        return content
    if content.startswith("\\"):
        # LaTeX's alphabets hold no Greek: upright is its default or has no name, bold has one.
        return rf"\boldsymbol{{{content}}}" if "bold" in variant else content
    if content.isdigit() and variant in ("normal", "italic"):
        return content
    styled = rf"\{command}{{{content}}}"
    bold_of = {"bold-script", "bold-fraktur", "bold-sans-serif", "sans-serif-bold-italic"}
    return rf"\boldsymbol{{{styled}}}" if variant in bold_of else styled


@cache
def character(symbol: str) -> str:
    r"""LaTeX of one character in mathematics, the character itself where LaTeX has no other form.

    >>> character("≤"), character("𝓝"), character("ℝ"), character("𝛼"), character("é")
    ('\\leq', '\\boldsymbol{\\mathcal{N}}', '\\mathbb{R}', '\\alpha', 'é')
    """
    known = _COMMANDS.get(symbol)
    if known is not None:
        return known
    if ord(symbol) < 128:
        return symbol
    name = unicodedata.name(symbol, "")
    styled = _STYLED.match(name)
    if styled:
        plain = unicodedata.normalize("NFKC", symbol)
        words = styled.group(1).lower().replace("black-letter", "fraktur").split()
        order = [w for w in ("sans-serif", "bold", "italic") if w in words]
        rest = [w for w in words if w not in order]
        variant = "-".join(order if "sans-serif" in words else [*order, *rest])
        variant = {"sans-serif-bold": "bold-sans-serif"}.get(variant, variant)
        if len(plain) == 1 and plain != symbol:
            return alphabet(character(plain), variant)
    found = _unicode_table().get(ord(symbol), "")
    ensured = _ENSURED.fullmatch(found)
    if ensured and balanced(ensured.group(1)):
        return ensured.group(1)
    return symbol
