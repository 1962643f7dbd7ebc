"""References: `<ref>` and its templates as marks in the text, and the spans they become.

While a page is read a reference is a `Mark`: it may name a `<ref>` or a work that is only defined
further on. `finish` puts the spans in when all is known.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from corpora.citations import group
from corpora.documents import Citation
from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.described import described_work
from corpora.mediawiki.inline import line, restored
from corpora.mediawiki.state import FIGURE_END, FIGURE_START, Mark, PageState
from corpora.mediawiki.works import author_year_key

NOT_DEFINED: Final = "reference not defined"
NO_WORK: Final = "reference without a work"
NO_TITLE_WORDS: Final = "reference without a title"

_MARK: Final = re.compile("\x03(\\d+)\x04")
_RUN: Final = re.compile(
    '(?P<point>[.,;:!?]?)(?P<quote>[”"’]?)(?P<gap>[ \u00a0]?)'
    "(?P<run>\x03\\d+\x04(?:[\\s,;]*\x03\\d+\x04)*)"
)
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:al|e\.g|i\.e|cf|vs|etc|ca|c|St|Dr|No)|(?<!°)\b[A-Z])\.$"
)
_SENTENCE_OR_END: Final = re.compile(r"[ \u00a0]*(?:\n|\Z|[A-Z“\"(])")
_FIGURE: Final = re.compile(f"{FIGURE_START}[^{FIGURE_END}]*{FIGURE_END}")
_BIBLIOGRAPHIC: Final = re.compile(
    r"https?:|\bISBN\b|\bdoi\b|\bp[pg]?\.\s?\d|\b(?:1[5-9]|20)\d\d\b|\bIbid\b|\bop\. ?cit|\bvol\b|"
    r"\bpage\b|\bchapter\b|\barXiv\b|\bPMID\b|\b10\.\d{4,9}/",
    re.IGNORECASE,
)
_NOTE_GROUPS: Final = re.compile(
    r"(?:lower|upper)-(?:alpha|roman|greek|latin)|n|nb|fn|a|foot.*|note?s?.*|anm.*|explan.*",
    re.IGNORECASE,
)
_AUTHOR_YEAR: Final = re.compile(
    r"(?:See(?: also)?:?\s|cf\.?\s)?(?P<names>[^\W\d_][^\d()\[\]\"“”]{1,80}?),?\s\(?"
    r"(?P<year>(?:1[0-9]|20)\d\d[a-z]?|n\.d\.)\)?(?=[\s.,:;)]|$)"
)
#: `Byron, p. 17`, `Byron and Lovelace, pp. 3–5`
_AUTHOR_PAGE: Final = re.compile(
    r"(?:See(?: also)?:?\s|cf\.?\s)?"
    r"(?P<names>[^\W\d_][\w'’ -]{1,40}?(?:,? (?:&|and) [^\W\d_][\w'’ -]{1,40}?)?)"
    r",?\s?(?:pp?|pages?|ch|chap|chapter|vol|sect?|§)\b\.?[\s\u00a0]?[\divxlc]",
    re.IGNORECASE,
)
_FEWEST_WORDS_OF_A_NOTE: Final = 6
_DEEPEST_NOTES: Final = 2


def read_reference(attributes: Mapping[str, str], content: str, state: PageState) -> str:
    """The mark of `<ref ...>content</ref>`, whose inner templates are reduced already."""
    name = _name(attributes)
    if not content.strip():
        return repeated_reference(attributes, state)
    mark = _content_mark(content, attributes.get("group", ""), state)
    if name:
        defined = state.named.get(name)
        if defined is None or (not defined.works and not defined.short and mark.works):
            state.named[name] = mark
            state.named_in_any_group.setdefault(name.partition("\x1f")[2], mark)
        return state.mark(Mark(name=name))
    return state.mark(mark)


def repeated_reference(attributes: Mapping[str, str], state: PageState) -> str:
    """The mark of `<ref name=x/>`."""
    name = _name(attributes)
    return state.mark(Mark(name=name)) if name else ""


def _name(attributes: Mapping[str, str]) -> str:
    name = " ".join(attributes.get("name", "").replace("_", " ").split())
    return f"{attributes.get('group', '').strip()}\x1f{name}" if name else ""


def note(content: str, state: PageState) -> str:
    """The mark of a footnote of the article's own, {{efn}}."""
    return state.mark(Mark(note=content)) if content.strip() else ""


def short_reference(keys: tuple[str, ...], state: PageState) -> str:
    """The mark of {{sfn}} and {{harv}}: works by authors and year."""
    return state.mark(Mark(short=keys))


def short_keys(given: Arguments) -> tuple[str, ...]:
    """The works that {{sfn|Surname|Surname|Year}} or {{sfnm|1a1=..|1y=..}} names."""
    many = [
        _spelt([given.get(f"{n}a{k}", f"{n}a" if k == 1 else "") for k in range(1, 5)],
               given.get(f"{n}y"))
        for n in range(1, 9)
        if given.get(f"{n}a1", f"{n}a")
    ]  # fmt: skip
    if many:
        return tuple(many)
    names = given.positional()
    year = next((n for n, word in enumerate(names) if re.match(r"\d{4}|n\.d", word)), len(names))
    if year == len(names) and len(names) > 1:
        year = len(names) - 1
    return (_spelt(names[:year][:4], names[year] if year < len(names) else ""),)


def _spelt(surnames: Iterable[str], year: str) -> str:
    return "\x1f".join([*(name for name in surnames if name), year])


def _content_mark(content: str, group_name: str, state: PageState) -> Mark:
    """What a reference holds: works of templates, else works told by its words, else a note."""
    inner = [state.marks[int(number)] for number in _MARK.findall(content)]
    words = _FIGURE.sub("", _MARK.sub(" ", content))
    works = tuple(work for mark in inner for work in mark.works)
    short = tuple(key for mark in inner for key in mark.short)
    plain = line(words, breaks=" ")
    length = len(re.findall(r"[^\W\d_]{2,}", plain))
    is_note = bool(group_name) and _NOTE_GROUPS.fullmatch(group_name) is not None
    if inner:
        if is_note or length >= 2 * _FEWEST_WORDS_OF_A_NOTE:
            return Mark(note=content)
        return Mark(works, short=short)
    if is_note:
        return Mark(note=content)
    if not _BIBLIOGRAPHIC.search(words):
        return Mark(note=content) if length >= _FEWEST_WORDS_OF_A_NOTE else Mark()
    work = described_work(words, state)
    if work is not None:
        return Mark((work,))
    named = _AUTHOR_YEAR.match(plain)
    if named and (length <= 12 or f"({named['year']}" in plain):
        return Mark(short=(_spelt(_split_names(named["names"])[:4], named["year"]),))
    paged = _AUTHOR_PAGE.match(plain)
    if paged and length <= 12:
        return Mark(short=(_spelt(_split_names(paged["names"])[:4], ""),))
    return Mark()


def _split_names(names: str) -> list[str]:
    return re.split(r",?\s(?:and|&|et)\s|,\s", re.sub(r"\set al\.?", "", names))


def finish(text: str, state: PageState) -> tuple[str, list[Citation]]:
    """The text with its spans and the citations in order; causes of failure are counted."""
    citations: list[Citation] = []
    noted: set[int] = set()
    return _spans(text, state, citations, noted, 0), citations


def _spans(
    text: str, state: PageState, citations: list[Citation], noted: set[int], depth: int
) -> str:
    pieces: list[str] = []
    at = 0
    for found in _RUN.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        pieces.append(_run(found, state, citations, noted, depth))
    pieces.append(text[at:])
    return "".join(pieces)


def _run(
    found: re.Match[str], state: PageState, citations: list[Citation], noted: set[int], depth: int
) -> str:
    """The citations of one place, before the point that they follow: `word.[1]`, `word [1].`"""
    text, point, quote = found.string, found["point"], found["quote"]
    marks = [_resolved(state.marks[int(number)], state) for number in _MARK.findall(found["run"])]
    works = list(dict.fromkeys(work for mark in marks for work in _works(mark, state)))
    words = ""
    if works:
        words = group(works)
        citations.extend(works)
    for mark in marks:
        if mark.note and id(mark) not in noted and depth < _DEEPEST_NOTES:
            noted.add(id(mark))
            inside = _FIGURE.sub("", mark.note)
            inside = line(inside, breaks=" ").lstrip("*#: ")
            inside = _spans(inside, state, citations, noted, depth + 1).rstrip(" .")
            words += f" ({inside})" if words else f"({inside})"
    before = text[found.start() - 1] if found.start() else "\n"
    after = text[found.end()] if found.end() < len(text) else "\n"
    if not words:
        gap = found["gap"] if after.isalnum() else ""
        return point + quote + gap
    until = text[max(0, found.start() - 12) : found.start()] + point
    tail = " " if after.isalnum() or after in "(“" else ""
    # `water. <ref>` before another sentence cites for the one that has ended.
    apart = found["gap"] and not _SENTENCE_OR_END.match(text, found.end())
    if point and (apart or _ABBREVIATION.search(until) or before.isspace()):
        return f"{point}{quote} {words}{tail}"
    if not point and not quote and (before.isspace() or before in "([{“‘/—–|>"):
        return words + tail
    return f"{quote} {words}{point}{tail}" if not quote else f"{point}{quote} {words}{tail}"


def _resolved(mark: Mark, state: PageState) -> Mark:
    if not mark.name:
        if not (mark.works or mark.short or mark.note):
            state.counts[NO_WORK] += 1
        return mark
    found = state.named.get(mark.name)
    if found is None:
        found = state.named_in_any_group.get(mark.name.partition("\x1f")[2])
    if found is None:
        state.counts[NOT_DEFINED] += 1
        return Mark()
    if not (found.works or found.short or found.note):
        state.counts[NO_WORK] += 1
    return found


def _works(mark: Mark, state: PageState) -> Iterator[Citation]:
    for work in mark.works:
        if work.title or work.doi or work.pmid or work.arxiv:
            yield work
        else:
            state.counts[NO_TITLE_WORDS] += 1
    for key in mark.short:
        yield _by_author_year(key, state)


def _by_author_year(key: str, state: PageState) -> Citation:
    *surnames, year = key.split("\x1f")
    # The name of a person may be written in full: `Ada Byron 1843`.
    for names in (surnames, [name.split()[-1] for name in surnames if name.split()]):
        work = state.by_author_year.get(author_year_key(names, year))
        if work is not None:
            return work
    for width in (1, 2, 3):
        work = state.by_author_year.get(author_year_key(surnames[:width], year))
        if work is not None:
            return work
    if not year:
        # `Byron, p. 17`: the only work of that name is meant.
        only = state.by_surname.get(author_year_key(surnames[:1], ""), set())
        if len(only) == 1:
            return next(iter(only))
    state.counts["author and year without a work"] += 1
    names = [restored(line(name), state) for name in surnames[:2]]
    written = " and ".join(names) if len(surnames) < 3 else f"{names[0]} et al."
    return Citation(
        as_written=f"({written} {year})" if year else f"({written})",
        surname=names[0] if names else None,
        year=year[:4] if re.match(r"\d{4}", year) else None,
    )
