r"""{{math}} and its kin: formulas set in HTML, as LaTeX.

https://en.wikipedia.org/wiki/Template:Math: italic variables, `<sup>`, `<sub>`, Unicode signs.
"""

import re
from typing import Final

from corpora.mediawiki.characters import decoded, tidy
from corpora.mediawiki.raw_tags import formula
from corpora.mediawiki.state import PageState
from tokenization.wrappers import subscript, superscript

_SUP, _SUP_END = superscript("x").split("x")
_SUB, _SUB_END = subscript("x").split("x")
_FUNCTIONS: Final = frozenset(
    "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log ln exp lim max min sup inf "
    "det dim ker gcd arg deg hom mod".split()
)
_SIGNS: Final = {
    "−": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": r"\div ", "±": r"\pm ",
    "≤": r"\leq ", "≥": r"\geq ", "≠": r"\neq ", "≈": r"\approx ", "≡": r"\equiv ", "∞": r"\infty ",
    "→": r"\to ", "↦": r"\mapsto ", "⇒": r"\Rightarrow ", "⇔": r"\Leftrightarrow ", "∈": r"\in ",
    "∉": r"\notin ", "⊂": r"\subset ", "⊆": r"\subseteq ", "∪": r"\cup ", "∩": r"\cap ",
    "∅": r"\emptyset ", "∀": r"\forall ", "∃": r"\exists ", "∂": r"\partial ", "∇": r"\nabla ",
    "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "…": r"\ldots ", "⋯": r"\cdots ", "′": "'",
    "″": "''", "∘": r"\circ ", "⊗": r"\otimes ", "⊕": r"\oplus ", "∝": r"\propto ", "~": r"\sim ",
    "∼": r"\sim ", "⟨": r"\langle ", "⟩": r"\rangle ", "ℓ": r"\ell ", "ħ": r"\hbar ",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}",
    "ℂ": r"\mathbb{C}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "{": r"\{", "}": r"\}",
    "\\": r"\setminus ", "√": r"\surd ", "°": r"^\circ ", "½": r"\tfrac{1}{2}", "_": r"\_",
}  # fmt: skip
_GREEK: Final = {
    letter: rf"\{name} "
    for names, letters in (
        ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma "
         "tau upsilon phi chi psi omega varsigma vartheta varphi varepsilon",
         "αβγδεζηθικλμνξπρστυφχψωςϑϕϵ"),
        ("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega", "ΓΔΘΛΞΠΣΥΦΨΩ"),
    )
    for name, letter in zip(names.split(), letters, strict=True)
}  # fmt: skip
_PIECE: Final = re.compile(
    rf"(?P<sup>{_SUP}|<sup[^<>]*>)|(?P<sub>{_SUB}|<sub[^<>]*>)|"
    rf"(?P<end>{_SUP_END}|{_SUB_END}|</su[bp]\s*>)|(?P<tag></?[a-zA-Z][^<>]*>)|"
    r"(?P<quotes>'{2,5})|(?P<root>√\((?P<inside>[^()]{0,200})\))|(?P<word>[A-Za-z]{2,})"
)
_STOPS: Final = re.compile("[\x01-\x06\ue000-\ue0ff]")


def mathematics(words: str, state: PageState) -> str:
    """The formula of {{math|''x''<sup>2</sup>}}; one with citations or formulas inside as it is."""
    body = words.replace("<br>", " ")
    held = re.fullmatch(r"\s*\x01\d+\x02\s*", body)
    without = re.sub(f"[{_SUP}{_SUP_END}{_SUB}{_SUB_END}]", "", body)
    if held or _STOPS.search(without):
        return words
    return formula(_latex(tidy(decoded(body))), state) or words


def _latex(words: str) -> str:
    out: list[str] = []
    italic = bold = False
    depth = at = 0
    for piece in _PIECE.finditer(words):
        out.append(_signs(words[at : piece.start()]))
        at = piece.end()
        match piece.lastgroup:
            case "sup" | "sub":
                out.append("^{" if piece.lastgroup == "sup" else "_{")
                depth += 1
            case "end" if depth:
                out.append("}")
                depth -= 1
            case "quotes":
                count = len(piece.group())
                italic ^= count in (2, 5)
                if count in (3, 5):
                    out.append("}" if bold else r"\mathbf{")
                    bold = not bold
            case "inside" | "root":
                out.append(rf"\sqrt{{{_latex(piece['inside'])}}}")
            case "word":
                word = piece.group()
                if word in _FUNCTIONS and not italic:
                    out.append(rf"\{word} " if word != "mod" else r"\bmod ")
                else:
                    out.append(word if italic and len(word) < 4 else rf"\mathrm{{{word}}}")
    out.append(_signs(words[at:]))
    return " ".join(("".join(out) + "}" * (depth + bold)).split())


def _signs(words: str) -> str:
    return "".join(_SIGNS.get(c) or _GREEK.get(c) or c for c in words)
