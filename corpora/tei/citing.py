"""Citations of a TEI text: from `ref`s, as a PDF parser cut them out, to marks in the text.

GROBID puts brackets and separators inside its `ref`s and cuts groups apart: `(Gauss, 1801;` beside
`Byron et al., 1843)`. Here they come out of the `ref` again, so that `corpora.jats.cited.finish`
sees the group that was printed. A `ref` without a target is looked up by its number, or by its
author and year, where that names one entry only.
"""

import re
from typing import Final

from lxml import etree

from corpora.jats.cited import raised
from corpora.jats.marks import Mark, placeholder
from corpora.tei.state import TeiState

CITATION_TYPES: Final = frozenset(("bibr", "bibl", "biblio", "cit", "citation"))

_LEAD: Final = re.compile(
    r"(?:(?:see|cf|e\.g|i\.e|also|and|in|by|from|for example|such as|reviewed in|refs?)\b"
    r"[.,]*\s+)+",
    re.IGNORECASE,
)
_NUMBERS: Final = re.compile(r"\d{1,4}(?:\s?[,;–—-]\s?\d{1,4})*")
#: Looked for before anything that begins at every word.
_ANY_YEAR: Final = re.compile(r"(?:1[5-9]|20)\d\d")
_YEAR: Final = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b")
_BRACKETED: Final = re.compile(r"\[ ?\d{1,4} ?\](?: ?[,;–-]? ?\[ ?\d{1,4} ?\])+")
_OPENERS: Final = {"(": ")", "[": "]"}
_CLOSERS: Final = {")": "(", "]": "["}
_CAPITAL: Final = r"(?:(?:van|von|der|de|den|la|le|di|Van|Von|De) ){0,2}[^\W\d_a-z][\w'’-]{1,40}"
#: `Byron (1843)`, `Byron, 1843`, `Byron et al. 1843`, `Byron and Gauss, 1843`; a bare `May 1843` is
#: a date.
_UNMARKED: Final = re.compile(
    rf"(?<![\w-]){_CAPITAL}(?:(?: (?:and|&) {_CAPITAL}| et\.? al\.?)"
    r"(?:,? (?:1[5-9]|20)\d\d[a-z]?\b| \((?:1[5-9]|20)\d\d[a-z]?\))"
    r"|, (?:1[5-9]|20)\d\d[a-z]?\b| \((?:1[5-9]|20)\d\d[a-z]?\))"
)
#: Two names of three words, `and`, a comma, a bracket: to a year, which are rarer than names.
_LONGEST_CITATION: Final = 2 * (10 + 42) + 10
_MARK: Final = r"\x01\d+\x02"
#: A group of citations after an opening bracket that nothing closes, with what separates them.
_RUN: Final = re.compile(
    r"(?:(?:see|cf|e\.g|i\.e|also|for example)\b[.,]* ?)*"
    rf"{_MARK}(?:[ ,;]*(?:and |& )?{_MARK})*"
)


def citation(ref: etree._Element, printed: str, before: str, state: TeiState) -> str:
    """What stands in the text for a `ref` that cites; `before` is the text up to it."""
    targets = tuple(t.removeprefix("#") for t in (ref.get("target") or "").split())
    targets = tuple(t for t in targets if t in state.references.bibliography.by_id)
    if _BRACKETED.fullmatch(printed):
        # `[1] [2] [3]` in one.
        printed = f"[{', '.join(re.findall(r'[0-9]+', printed))}]"
    opening, core, closing = taken_apart(printed)
    lead = _LEAD.match(core)
    if lead and lead.end() < len(core):
        opening, core = opening + lead.group(), core[lead.end() :]
    if not core and not targets:
        return printed
    if _NUMBERS.fullmatch(core):
        core = re.sub(r"\s?[–—-]\s?", "–" if "–" in core else "-", core)
    if not targets:
        if not _cites(core, state):
            return printed
        targets = state.references.by_author_year.found(core)
        if not targets and not _NUMBERS.fullmatch(core):
            # Words of the sentence that the parser took in: `the model of Byron et al. (1843)`.
            marks = len(state.marks)
            inside = linked(core, state)
            if len(state.marks) > marks:
                return opening + inside + closing
    state.marks.append(Mark(targets, core))
    mark = placeholder(len(state.marks) - 1)
    if opening in ("", "[") and _NUMBERS.fullmatch(core) and _is_raised(before, opening, state):
        # It was printed at the end of its word, or sentence.
        return raised(mark) + closing.replace("]", "")
    return opening + mark + closing


def _cites(core: str, state: TeiState) -> bool:
    """Whether a `ref` without a target cites at all: parsers take `[and]` and `(3.2)` for such."""
    if _NUMBERS.fullmatch(core):
        return state.references.numeric
    return _YEAR.search(core) is not None and re.search(r"[^\W\d_]{2}", core) is not None


def _is_raised(before: str, opening: str, state: TeiState) -> bool:
    """Whether a number was printed raised: right after its word, or after another such number.

    A bracket right after a word is none (`f[1]`), but it is one right after a full stop.
    """
    last = before[-1:]
    attached = last != "" and not last.isspace() and last not in "([,;–—-\x02"
    attached = attached and (not opening or last == ".")
    return state.references.numeric and (attached or before.rstrip(" ,;–—-").endswith("\x04"))


def taken_apart(printed: str) -> tuple[str, str, str]:
    """Brackets and separators before a citation, itself, and those after it.

    >>> taken_apart("(Tu et al., 2017;"), taken_apart("Tu et al. (2017)"), taken_apart("[3]")
    (('(', 'Tu et al., 2017', ';'), ('', 'Tu et al. (2017)', ''), ('[', '3', ']'))
    """
    start, end = 0, len(printed)
    while start < end:
        first, last = printed[start], printed[end - 1]
        inside = printed[start:end]
        if first in " ,;":
            start += 1
        elif last in " ,;":
            end -= 1
        elif first in _OPENERS and (
            _OPENERS[first] not in inside or (last == _OPENERS[first] and _whole(inside))
        ):
            start += 1
        elif last in _CLOSERS and inside.count(last) > inside.count(_CLOSERS[last]):
            end -= 1
        else:
            break
    return printed[:start].lstrip(" "), printed[start:end], printed[end:].rstrip(" ")


def _whole(inside: str) -> bool:
    """Whether the first bracket is closed by the last one."""
    return not any(bracket in inside[1:-1] for bracket in "()[]")


def linked(text: str, state: TeiState) -> str:
    """A text whose citations by author and year, that no `ref` marks, are marked as well."""
    if state.references.numeric or not state.references.by_author_year:
        return text
    if not _ANY_YEAR.search(text):
        return text

    def mark(match: re.Match[str]) -> str:
        targets = state.references.by_author_year.found(match.group())
        if not targets:
            return match.group()
        state.marks.append(Mark(targets, match.group()))
        return placeholder(len(state.marks) - 1)

    pieces: list[str] = []
    done = 0
    for year in _ANY_YEAR.finditer(text):
        if year.start() < done:
            continue
        start, end = year.start() - _LONGEST_CITATION, year.end() + len("a)")
        match = _UNMARKED.search(text, max(done, start), end + 1)
        if match:
            pieces += [text[done : match.start()], mark(match)]
            done = match.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def mended(text: str) -> str:
    """A paragraph with the brackets that were lost around its citations.

    An opening bracket right before citations that nothing closes is closed after them; a closing
    one right after citations that nothing opened is taken out.
    """
    if "\x01" not in text:
        return text
    unclosed: list[int] = []
    unopened: list[int] = []
    for match in re.finditer(r"[()\[\]]", text):
        bracket, at = match.group(), match.start()
        if bracket in _OPENERS:
            unclosed.append(at)
        elif unclosed and _OPENERS[text[unclosed[-1]]] == bracket:
            unclosed.pop()
        else:
            unopened.append(at)
    insert: dict[int, str] = {}
    remove: set[int] = set()
    for at in unclosed:
        run = _RUN.match(text, at + 1)
        if run:
            insert[run.end()] = _OPENERS[text[at]]
            rest = re.match(r"[ ,;]*[;,](?=\s*(?:[.,;:]|$))", text[run.end() :])
            remove.update(range(run.end(), run.end() + (rest.end() if rest else 0)))
    remove.update(at for at in unopened if at and text[at - 1] == "\x02")
    if not insert and not remove:
        return text
    pieces = [
        insert.get(at, "") + ("" if at in remove else character)
        for at, character in enumerate(text)
    ]
    return "".join(pieces) + insert.get(len(text), "")
