r"""What can be measured on a document alone: formulas, leaked markup, passages that come twice."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fidelity_alignment import words
from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError

from tokenization.markers import code_point

_FORMULA: Final = re.compile(
    f"{code_point('[START_LATEX]')}(.*?){code_point('[END_LATEX]')}", re.DOTALL
)
_CITATION: Final = re.compile(f"{code_point('[START_REF]')}.*?{code_point('[END_REF]')}", re.DOTALL)
#: Residues, bases and symbols, which no rule of prose holds for.
_SEQUENCE: Final = re.compile(
    "|".join(
        f"{code_point(f'[START_{kind}]')}.*?{code_point(f'[END_{kind}]')}"
        for kind in ("SMILES", "I_SMILES", "AMINO", "DNA")
    ),
    re.DOTALL,
)
_IN_A_TITLE: Final = re.compile(r"\\\(.*?\\\)")
_MARKER: Final = re.compile("[\ue000-\ue0ff]")
_CODE: Final = re.compile(r"^(```+|~~~+).*?^\1|(`+)(?!`).+?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)

#: Markup of the source that a reader of the text should never see, by what it is.
LEAKS: Final[dict[str, re.Pattern[str]]] = {
    r"\command": re.compile(r"\\[A-Za-z@]+\*?"),
    "<tag": re.compile(
        r"</?[A-Za-z][\w.-]*(?::[\w.-]+)?(?:\s[^<>]{0,300})?/?>|<[A-Za-z][\w:]* [\w:]+=[\"']"
    ),
    "{{ }}": re.compile(r"\{\{|\}\}"),
    "&entity;": re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d+|#[xX][0-9A-Fa-f]+);"),
    "[[ ]]": re.compile(r"\[\[|\]\]"),
    "'''": re.compile(r"'''"),
    "??": re.compile(r"\?\?"),
}
_CONTEXT: Final = 40
_PASSAGE_CHARACTERS: Final = 100
#: Names that MathML writes as letters and LaTeX as a command.
_FUNCTIONS: Final = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf "
    "limsup ln log max min Pr sec sin sinh sup tan tanh bmod pmod mod".split()
)


@dataclass(frozen=True, slots=True)
class Leak:
    """A piece of markup that stands in the text, and the characters around it."""

    kind: str
    context: str


def formulas(text: str) -> list[str]:
    """The formulas of a document with their delimiters."""
    return _FORMULA.findall(text)


def prose(text: str) -> str:
    """The document without formulas, citations and markers, for its words."""
    return _MARKER.sub("", _CITATION.sub(" ", _FORMULA.sub(" ", text)))


#: Signs that are no markup of TeX: what stands so in a TeX source is its author's own.
_NOT_OF_TEX: Final = frozenset(["<tag", "[[ ]]", "??"])


def leaks(text: str, written: Mapping[str, str], own_tex: str = "") -> list[Leak]:
    """Markup outside formulas, sequences and code.

    `written` are the reference texts. What stands in one that is decoded text (`XML`, `HTML`) is
    its author's own, as `{{v1, v2}, {v3}}` or `<language>` in prose is; a character reference is
    one only in HTML, since publishers escape twice. `own_tex` is the prose of a TeX source without
    its commands: an `<ID>` is typeset as often as it
    stands there, outside of cited titles.
    """
    # What is cut out leaves a letter, lest its neighbours become markup together.
    shown = _SEQUENCE.sub("S", _FORMULA.sub("F", text))
    # A title has its formulas in delimiters alone: a span holds no other marker.
    titles = [_IN_A_TITLE.sub("F", title) for title in _CITATION.findall(shown)]
    prose_alone = _unmarked(_CITATION.sub("R", shown))
    own_signs = _without_quotes(own_tex)
    excused: Counter[str] = Counter()
    found = []
    for kind, pattern in LEAKS.items():
        own = [
            reference
            for name, reference in written.items()
            if name == "HTML" or (name == "XML" and kind != "&entity;")
        ]
        for place, passage in enumerate([prose_alone, *map(_unmarked, titles)]):
            for match in pattern.finditer(passage):
                if any(match.group() in reference for reference in own):
                    continue
                sign = _without_quotes(match.group())
                if place == 0 and kind in _NOT_OF_TEX and excused[sign] < own_signs.count(sign):
                    excused[sign] += 1
                    continue
                start, end = match.span()
                context = passage[max(0, start - _CONTEXT) : end + _CONTEXT]
                found.append(Leak(kind, " ".join(context.split())))
    return found


def _unmarked(passage: str) -> str:
    return _MARKER.sub("", _CODE.sub("C", passage))


def _without_quotes(text: str) -> str:
    """A text without what TeX prints in another form: quotation marks and blanks."""
    return re.sub("[\\s“”‘’\"'`]", "", text)


def repeated_passages(text: str, reference: str | None) -> list[str]:
    """Paragraphs of 100 characters or more that come more often than in the reference."""
    counts = Counter(
        paragraph
        for paragraph in text.split("\n\n")
        if len(paragraph) >= _PASSAGE_CHARACTERS and not paragraph.startswith(("|", "```"))
    )
    twice = [paragraph for paragraph, count in counts.items() if count > 1]
    if not twice or reference is None:
        return twice
    source = " ".join(words(reference))
    return [p for p in twice if source.count(" ".join(words(prose(p)))) < counts[p]]


@lru_cache(maxsize=100_000)
def formula_fault(formula: str) -> str | None:
    r"""What does not pair in a formula, or None: delimiters, braces, `\left \right`, environments.

    >>> formula_fault(r"\(\left( {a} \right)\)"), formula_fault(r"\(\frac{a}{b\)")
    (None, 'braces')
    """
    if not re.search(r"(?<!\\)(?:\\\\)*\\[)\]]$", formula):
        return "delimiters"
    bare = re.sub(r"\\\\", "", formula)
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", bare):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return "braces"
    if depth:
        return "braces"
    if len(re.findall(r"\\left(?![A-Za-z])", bare)) != len(
        re.findall(r"\\right(?![A-Za-z])", bare)
    ):
        return r"\left \right"
    stack = []
    for command, name in re.findall(r"\\(begin|end)\s*\{([^{}]*)\}", bare):
        if command == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            return "environments"
    return "environments" if stack else None


@lru_cache(maxsize=100_000)
def parse_error(formula: str) -> str | None:
    """What pylatexenc's strict parser says against a formula, or None."""
    try:
        LatexWalker(formula, tolerant_parsing=False).get_latex_nodes()
    except LatexWalkerParseError as error:
        return str(error).splitlines()[0]
    except Exception as error:
        # The parser's own failures (deep nesting, among others) speak against the formula too.
        return type(error).__name__
    return None


def skeleton(formula: str) -> Counter[str]:
    r"""The letters and digits of a formula in LaTeX, apart from its commands.

    Two spellings of a formula, its author's and one made from MathML, share them.

    >>> "".join(sorted(skeleton(r"\\[\\frac{x_1}{2}\\label{eq:a} \\sin y\\]").elements()))
    '12insxy'
    """
    bare = re.sub(r"\\(?:label|tag|ref|eqref|hspace|vspace)\*?\s*\{[^{}]*\}", "", formula)
    bare = re.sub(r"\\(?:begin|end)\s*\{[^{}]*\}(?:\{[lcr|@{}!\s]*\})?", "", bare)
    bare = re.sub(r"\\([A-Za-z]+)", lambda m: m.group(1) if m.group(1) in _FUNCTIONS else "", bare)
    return letters(bare)


def letters(text: str) -> Counter[str]:
    """The ASCII letters and digits of a text in any of Unicode's mathematical alphabets."""
    # Signs that decompose to a letter, and that LaTeX writes as a command.
    plain = unicodedata.normalize("NFKD", re.sub("[ℓℑℜ]", "", text))
    return Counter(c for c in plain if c.isascii() and c.isalnum())


def formulas_lost(expected: Sequence[Counter[str]], text: str) -> list[Counter[str]]:
    """The formulas of the source that the document has neither as a formula nor as text.

    A formula of one or two letters counts as kept where its letters stand in the document at all:
    a reader may write `$^{2}$` as a superscript.
    """
    have = [skeleton(formula) for formula in formulas(text)]
    spare = Counter(_key(each) for each in have)
    rest = []
    for each in expected:
        if each and spare[_key(each)]:
            spare[_key(each)] -= 1
        elif each:
            rest.append(each)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if c.isascii() and c.isalnum())
    lost = []
    for each in rest:
        size = each.total()
        as_text = size <= 2 and all(letter in plain for letter in each)
        if not as_text and not any(
            2 * (each & other).total() >= 1.6 * max(size, other.total())
            or (each - other).total() == 0
            for other in have
        ):
            lost.append(each)
    return lost


def _key(counts: Counter[str]) -> str:
    return "".join(sorted(counts.elements()))
