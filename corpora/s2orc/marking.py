"""A paragraph and its spans as marked text: citations become placeholders, formulas LaTeX.

The texts are GROBID's: blanks stand around citations (`as in [3] .`), brackets are in the span or
outside it (`(Smith 2010;` and `Jones 2011)`), the numbers of a superscript follow the point
(`was shown. 12 Then`), and words cut at a line's end keep the hyphen (`compa- rable`).
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from corpora.author_year import AuthorYear
from corpora.documents import Citation, ReadOptions
from corpora.jats.marks import Mark, placeholder
from corpora.jats.references import Bibliography, Reference
from corpora.mathml.pieces import balanced
from corpora.pdf_characters import printed_characters
from corpora.pdf_spaces import spaced
from corpora.pdf_words import Vocabulary, rejoined
from corpora.printed_numbers import between
from corpora.s2orc.model import Paragraph, Span
from corpora.xml_records import unescaped
from tokenization.marked_text import clean
from tokenization.wrappers import latex, superscript

#: So many pieces back, a bracket that opens a group is looked for: 40 citations and commas.
_PIECES_BEFORE: Final = 80
_FEW_SPANS: Final = 4
_IN_PARENTHESES: Final = re.compile(
    r"(?<=[^\W\d_] )(?<!\b(?:and|for) )(?<!\b(?:or|by|to|of|in|on|is|Eq|eq) )"
    r"(?<!\b(?:Step|step) )(?<!quation )(?<!(?:Table|table|Model|model) )(?<!(?:igure|tions) )"
    r"\(([0-9]{1,3}(?:, ?[0-9]{1,3}){0,20})\)(?=[\s.,;:)])"
)
UNBALANCED: Final = "formula not balanced"

#: The placeholders of `corpora.jats.cited` are made of U+0001 to U+0006.
_RAISED: Final = "\x03{}\x04"
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_AROUND: Final = re.compile(
    r"(?P<lead>[\s,;:]*(?:(?:and|&|see|e\.g\.,?|cf\.)\s+)?)(?P<core>.*?)(?P<trail>[\s,;:]*)", re.S
)
_CLOSING: Final = {"(": ")", "[": "]"}
#: What would end a formula before its end.
_DELIMITER: Final = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[()\[\]]|\$)")
_NUMBERS: Final = re.compile(r"\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,40}")
_NUMBER: Final = re.compile(r"[\[(\s]*(\d{1,4})[\])\s,;.]*")
#: The point of a sentence that a displayed formula ends.
_POINT_APART: Final = re.compile(r"\n\n([.,;:])(?:\s|$)")
#: `was shown. [12][13] Then`: the numbers of a superscript, as GROBID writes them.
_AFTER_POINT: Final = re.compile(r"(?<=[^\W\d_]{2}\.) ((?:\[\x01\d+\x02\] ?)+)(?=[A-Z]|\n|$)")
#: Paragraphs that the release of 2019 joined without a blank.
_LOST_BLANK: Final = re.compile(r"(?<=\s)([a-z]{2,}[.!?])(?=[A-Z][a-z]*\s)")


@dataclass(slots=True)
class Marking:
    """What the paragraphs of one paper share: the citations met, the words it uses, the faults.

    `numeric` says that it cites by number. Where it prints these numbers in parentheses, they are
    `linkable`, and `uncited` where nothing is linked to their works.
    """

    options: ReadOptions
    works: dict[str, Reference]
    named: AuthorYear
    numeric: bool
    vocabulary: Vocabulary
    cleaned: Counter[str]
    dropped: Counter[str]
    linkable: frozenset[int] = frozenset()
    uncited: frozenset[int] = frozenset()
    marks: list[Mark] = field(default_factory=list)


def numbered_works(
    paragraphs: Iterable[Paragraph], works: dict[str, Reference]
) -> dict[int, Reference]:
    """Works by the number that the text prints for them, as far as its citations tell."""
    places = {identifier: position for position, identifier in enumerate(works)}
    known: dict[int, int] = {}
    for paragraph in paragraphs:
        for span in paragraph.spans:
            match = _NUMBER.fullmatch(paragraph.text[span.start : span.end])
            if span.kind == "citation" and span.target in places and match:
                known.setdefault(int(match.group(1)), places[span.target])
    listed = list(works.values())
    return {number: listed[place] for number, place in between(known).items()}


def bibliography(paragraphs: Iterable[Paragraph], works: dict[str, Reference]) -> Bibliography:
    """The paper's works by identifier and by printed number."""
    return Bibliography(works, numbered_works(paragraphs, works))


def numbers_in_parentheses(
    paragraphs: Iterable[Paragraph], listed: Bibliography
) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of works, and of those that nothing is linked to, if they stand as `(14, 28)`."""
    linked: set[str] = set()
    styles: Counter[bool] = Counter()
    for paragraph in paragraphs:
        for span in paragraph.spans:
            printed = paragraph.text[span.start : span.end].strip()
            if span.kind == "citation" and span.target and _NUMBER.fullmatch(printed):
                linked.add(span.target)
                styles[printed.startswith("(") or printed.endswith(")")] += 1
    if styles[True] <= styles[False] + _FEW_SPANS:
        return frozenset(), frozenset()
    cited = {id(listed.by_id[target]) for target in linked if target in listed.by_id}
    numbers = listed.by_number.items()
    return frozenset(listed.by_number), frozenset(n for n, r in numbers if id(r) not in cited)


def _linked(text: str, marking: Marking) -> str:
    """The numbers in parentheses that a parser left without a link: `spacer region (18)`.

    A single one may count something else, but for that of a work which the text lacks.
    """

    def mark(match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"[0-9]+", match.group(1))]
        known = marking.uncited if len(numbers) == 1 else marking.linkable
        if not known.issuperset(numbers):
            return match.group()
        marking.marks.append(Mark((), match.group(1)))
        return f"({placeholder(len(marking.marks) - 1)})"

    return _IN_PARENTHESES.sub(mark, text)


def plain(text: str, marking: Marking) -> str:
    """Outside text on one line, safe for markers, its words and blanks as they were printed."""
    text = spaced(_LOST_BLANK.sub(r"\1 ", printed_characters(bare(text, marking))))
    return rejoined(text, marking.vocabulary)


def bare(text: str, marking: Marking) -> str:
    """Outside text on one line, safe for markers, without a second layer of escapes."""
    return _CONTROLS.sub(" ", unescaped(clean(text, marking.cleaned)))


def mended_works(works: dict[str, Reference], vocabulary: Vocabulary) -> dict[str, Reference]:
    """Works with the titles and names that were printed."""

    def mended(work: Citation) -> Citation:
        title = spaced(printed_characters(unescaped(_CONTROLS.sub(" ", work.title or ""))))
        surname = printed_characters(unescaped(_CONTROLS.sub("", work.surname or "")))
        return replace(
            work, title=rejoined(title, vocabulary) or None, surname=surname.strip() or None
        )

    return {
        identifier: Reference(found.label, tuple(map(mended, found.works)))
        for identifier, found in works.items()
    }


def marked(paragraph: Paragraph, marking: Marking) -> str:
    """The text of a paragraph with placeholders for its citations; formulas displayed stand
    between blank lines."""
    pieces: list[str] = []
    at = 0
    for span in paragraph.spans:
        pieces.append(_between(paragraph.text[at : span.start], bool(pieces), marking))
        printed = paragraph.text[span.start : span.end]
        if span.kind == "citation":
            before = "".join(pieces[-_PIECES_BEFORE:])
            piece = _citation(span, printed, before, marking)
            if piece.startswith(_RAISED[0]) and re.search(r"[.,;:] $", before):
                # A superscript stands close to the point.
                pieces[-1] = pieces[-1].rstrip(" ")
        elif span.kind == "formula":
            piece = _formula(span, printed, marking)
        else:
            piece = plain(printed if span.words is None else span.words, marking)
        pieces.append(piece)
        at = span.end
    pieces.append(_between(paragraph.text[at:], bool(pieces), marking))
    text = tidy("".join(pieces))
    if "\n\n" in text:
        text = _POINT_APART.sub(r"\1\n\n", text).rstrip()
    if "( " in text:
        # A blank before what the parser linked.
        text = re.sub(r"\( (?=[\w\x01])", "(", text)
    return _AFTER_POINT.sub(_raised_run, text)


def _raised_run(match: re.Match[str]) -> str:
    run = match.group(1).replace("[", _RAISED[0]).replace("]", _RAISED[-1])
    # Close to the point, a blank after it.
    return run.rstrip(" ") + " "


def tidy(text: str) -> str:
    """Single blanks, none at the ends of lines."""
    text = re.sub(r" {2,}", " ", text)
    return re.sub(r" ?\n ?", "\n", text).strip()


def _between(text: str, after_span: bool, marking: Marking) -> str:
    text = plain(text, marking)
    if marking.linkable and "(" in text:
        text = _linked(text, marking)
    if after_span:
        text = re.sub(r"^ +(?=[.,;:)\]](?:\s|\W|[A-Z]|$))", "", text)
        text = re.sub(r"^([.,;:])(?=[A-Z])", r"\1 ", text)
    return text


def _citation(span: Span, printed: str, before: str, marking: Marking) -> str:
    """A placeholder for the citation, the punctuation of its span around it."""
    words = plain(printed if span.words is None else span.words, marking)
    match = _AROUND.fullmatch(words)
    assert match is not None
    lead, core, trail = match.group("lead"), match.group("core"), match.group("trail")
    for opening, closing in _CLOSING.items():
        inside = core[1:-1]
        if core.startswith(opening) and core.endswith(closing) and not set("()[]") & set(inside):
            lead, core, trail = lead + opening, inside, closing + trail
        elif core.startswith(opening) and core.count(opening) > core.count(closing):
            lead, core = lead + opening, core[1:]
        elif core.endswith(closing) and core.count(closing) > core.count(opening):
            core, trail = core[:-1], closing + trail
    targets: tuple[str, ...] = ()
    if span.target and span.target in marking.works:
        targets = (span.target,)
    number = _NUMBERS.fullmatch(core) is not None
    enclosed = bool(set("()[]") & set(lead + trail))
    if not targets and number and not enclosed and not marking.numeric:
        # What calls a footnote was printed raised.
        return lead + superscript(core, marked=True) + trail
    targets = targets or marking.named.found(core)
    if not targets and not re.search(r"\d", core):
        # Words of the sentence that were taken for a citation: `[and]`.
        return lead + core + trail
    marking.marks.append(Mark(targets, core))
    held = placeholder(len(marking.marks) - 1)
    if not targets and number and not enclosed:
        # A number that points nowhere may be no citation at all: `CH 2`.
        return lead + held + trail
    open_bracket = re.search(r"[\[(][^\])]*$", before) or set("([") & set(lead)
    if targets and number and not open_bracket:
        held = _RAISED.format(held)
    return lead + held + trail


def _formula(span: Span, printed: str, marking: Marking) -> str:
    source = bare(span.latex or "", marking).strip()
    source = re.sub(r"^(\$\$?)(.*)\1$", r"\2", source).strip()
    source = re.sub(r"^\\[\[(](.*)\\[\])]$", r"\1", source).strip()
    if source and (not balanced(source) or _DELIMITER.search(source)):
        marking.dropped[UNBALANCED] += 1
        source = ""
    if not source:
        return plain(printed if span.words is None else span.words, marking)
    made = latex(source, display=span.display, markers=marking.options.latex_markers, marked=True)
    if span.display:
        return f"\n\n{made}\n\n"
    return made if span.tight else f" {made} "
