"""The title of a cited work whose publisher tagged no title: found in the printed line, by rule.

A person knows the title of `Samet H, Lee K (2006) Foundations of data structures. Kaufmann.` by
what surrounds it: authors, a year, the full stop. Each style of reference is read by these marks
alone, and what fits none has no title here, since a wrong title is worse than none. Names are in
one of three orders: `Samet H` (Vancouver), `Samet, H.` (Harvard, APA, Nature), `H. Samet` (physics,
Science); or an organization stands there, or nobody.
"""

import re
from dataclasses import dataclass
from typing import Final

#: Where a tagged part begins that is no title: the title ends before it. In text from outside the
#: character cannot occur, since XML forbids it.
STOP: Final = "\x07"

_MOST_CHARACTERS: Final = 1_500
_MOST_AUTHORS: Final = 200
_LONGEST_TITLE: Final = 320

_UPPER: Final = "[A-Z\u00c0-\u00de\u0100-\u024f\u0370-\u03ff\u0400-\u042f]"
_PARTICLES: Final = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|der|den|[Ll]a|[Ll]e|[Dd]i|da|do|dos|del|della|du|ten|ter|[Ee]l|bin|"
    r"ibn|zu|af|av)[ -]|[dDO]['’])"
)
_SURNAME: Final = rf"(?:{_PARTICLES}){{0,3}}{_UPPER}[\w'’‐-]+(?: {_UPPER}[\w'’‐-]+){{0,2}}"
#: `The P Project` is no P. of the family The.
_NO_SURNAME: Final = re.compile(r"(?:The|A|An|In|On|For|Of)\b")
_INITIALS: Final = rf"(?:{_UPPER}[a-z]?\.[ ‐-]?){{1,5}}"
_SUFFIX: Final = r"(?:,? (?:Jr|Sr|II|III|IV)\b\.?)?"
_VANCOUVER: Final = re.compile(
    rf"({_SURNAME}),? (?:{_UPPER}[‐-]?){{1,4}}(?: {_UPPER}(?![\w'’-]))*{_SUFFIX}(?![\w'’-])"
)
_HARVARD: Final = re.compile(rf"({_SURNAME}),? {_INITIALS}{_SUFFIX}")
_PHYSICS: Final = re.compile(rf"{_INITIALS} ?({_SURNAME}){_SUFFIX}(?!\w)")
_BETWEEN: Final = re.compile(r"\s*(?:[,;]\s*(?:(?:and|&|y|et|und)\s)?|(?:and|&|y|et|und)\s)?\s*")
_AFTER_NAMES: Final = re.compile(
    r"[\s,;.]*(?:(?:\band |& )?(?:et al|others|colleagues)\b[.,]*)?\s*"
    r"(?:\([^()]{3,60} [Cc]ollaborations?\)[,.]?\s*)?"
    r"(?:[,(]*\s*(?:[Ee]ds?|[Ee]ditors?|[Oo]rgs?)\b\.?\s*[).,]*)?"
)
_YEAR: Final = re.compile(
    r"[\s,.;:]*[(\[]?\s*((?:1[5-9]|20)\d\d)(?!\d)[a-z]?(?:[,/] ?[^()]{0,20}(?=\)))?\s*[)\]]?"
)
_AFTER_YEAR: Final = re.compile(r"[\s.,:;)]*")
_END: Final = re.compile(
    r"(?P<stop>\x07)|(?P<point>[.?!])[\"”’)]?(?=\s|\x07|$)|(?P<online>\s*\[(?:[Ii]nternet|[Oo]n-?line|"
    r"[Cc]omputer|[Ss]oftware|[Ww]eb|[Aa]rticle|[Dd]ata|CD|DVD|[DMRJ]\]|[^\[\]]{0,20}(?:thesis|dissertation)|"
    r"[Cc]ited|[Uu]pdated|[Aa]ccessed|[Ii]n [A-Z])[^\[\]]{0,40}\]?)|"
    r"(?P<address>[\s,(<]*(?:https?:|www\.|ftp:))|(?P<inside>[,.]? [Ii]n: |\.? // ?)|"
    r"(?P<publisher> \((?=[^()]*\b(?:1[5-9]|20)\d\d\)|[Ee]ds?\b))"
)
#: `, J. Pond 3` before its year, and `, 3rd edn`: no part of a title.
_NUMBERED: Final = re.compile(rf", (?:{_UPPER}[\w.&-]*,? ){{1,6}}{_UPPER}?\d+$")
_EDITION: Final = re.compile(r",? \(?\d+(?:st|nd|rd|th) ed(?:n|ition)?\.?\)?$")
#: What kind of work it is, where a title would stand.
_THESIS: Final = re.compile(
    r"(?:Ph\.? ?D\.?|Master(?:['’]s)?|Doctoral|M\.? ?Sc\.?|Diploma|Bachelor(?:['’]s)?)"
    r" (?:thesis|dissertation)\b",
    re.IGNORECASE,
)
#: A full stop after these ends no sentence.
_ABBREVIATIONS: Final = frozenset(
    "sp spp subsp ssp var cv f fo nov gen vs al st ca cf no nos dr mr mrs prof e.g i.e approx u.s "
    "u.k u.s.a vol pt ser fig resp etc inc ltd corp dept".split()
)
_LOWER_WORD: Final = re.compile(r"(?<![\w'’-])[^\W\d_A-Z][^\W\d_]{2,}")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_ORGANIZATION: Final = re.compile(
    r"organi[sz]ation|ministry|minist[eè]re|minist[eé]rio|institut|universit|department|agency|"
    r"bureau|association|committee|commission|council|cent(?:er|re)\b|office|society|foundation|"
    r"government|\bbank\b|nations|administration|authority|board\b|federation|consortium|union\b|"
    r"academy|college|\bteam\b|company|parliament|laborator|\bgroup\b|collaboration|secretariat",
    re.IGNORECASE,
)
_JOURNAL: Final = re.compile(
    r"(?:The )?(?:International |European |American |British |Indian |Chinese )?(?:Journal|Annals|"
    r"Proceedings|Transactions|Bulletin|Archives|Reviews?|Acta|Letters)\b|Trends in |Advances in |"
    r"Frontiers in |Nature\b|Science\b|[Aa]r[Xx]iv\b|bioRxiv\b|[Pp]reprint",
)
_OTHERS: Final = re.compile(r"(?:&|\band) \d+ others\b")
#: A case before a court, and an act: `Roe v. Pond. 410 U.S. 113`, `Clean Ponds Act Pub. L. No. 1`.
_LAW: Final = re.compile(
    rf"({_UPPER}[\w'’& -]{{1,60}} vs?\. {_UPPER}[\w'’& -]{{1,60}}(?=[.,] \d)|"
    rf"{_UPPER}[\w'’,& -]{{4,160}} Act(?=,? Pub\. ?L\.))"
)
#: Titles that begin with no capital: `pH of ...`, `lme4: ...`, `α-Pinene ...`.
_BEGINNING: Final = re.compile(r"[“([¿αβγ]|[a-z]{1,6}[A-Z-]|\w+:")
#: `: Pond Press; 2016` after the title of a book.
_PUBLISHED: Final = re.compile(r": [^:;]{2,60}; ?c?(?:1[5-9]|20)\d\d\b.*$")
#: The number of the entry, printed in it.
_NUMBER: Final = re.compile(r"^[\[(]?\d{1,3}(?:[\]).]+\s+|\s+|\s*,\s*|(?=[A-Z]\.))(?=[^\W\d_])")
#: What may stand before the title where the authors are taken off: that number, glue.
_LED: Final = re.compile(r"^[\[(]?(?:\d{1,3}(?!\w))?[\]).,;\s]*(?!\w*\))")
_VOLUME: Final = re.compile(
    r"\b(?!(?:19|20)\d\d,)\d{1,4}(?: ?\(\d+\))?(?:: ?|, )[A-Za-z]?\d+\b|"
    r"\b(?:pp?|vol)\. ?\d|\d \d+ \d"
)
#: A question keeps its sign, a sentence not its full stop.
_QUOTED: Final = re.compile(r"[“\"]([^“”\"\x07]{6,320}?)(?:([.,?!])[”\"]|[”\"][.,])")
_GLUE: Final = re.compile(r"\b(?:and|et|al|eds?|editors?|in)\b", re.IGNORECASE)
#: The prose of a footnote among the references.
_PROSE: Final = re.compile(
    r"\b(?:we|our|us|see|here|which|these|this|unpublished|submitted|communication|preparation|"
    r"thank|ibid|note that|accessed|available|retrieved|copyright)\b",
    re.IGNORECASE,
)
_DATED: Final = re.compile(r"\b(?:1[5-9]|20)\d\d\b|https?:|www\.|\x07")
#: `Food Chem. Toxicol. 45`, `Cell, 141`: a journal where a title would stand.
_NAMED_VOLUME: Final = re.compile(
    rf"(?:(?:{_UPPER}[\w&-]*|&|of|and|the|in|for)[.,:]* ){{1,9}}"
    r"\(?[A-Za-z]?(?!(?:19|20)\d\d\b(?![;:,] ?[\d(]))\d"
)
_ABBREVIATED: Final = re.compile(rf", (?=(?:{_UPPER}[\w.&-]*,? ){{1,6}}\d)")


@dataclass(frozen=True, slots=True)
class Found:
    """A title as printed, with the first author's surname and the year where they were found."""

    title: str
    surname: str | None
    year: str | None


def find_title(text: str, authored: bool = False) -> Found | None:
    """The title in a printed reference; `authored` where the authors are known and taken off.

    >>> find_title("Samet H, Lee K (2006) Foundations of data structures. Kaufmann.")
    Found(title='Foundations of data structures', surname='Samet', year='2006')
    >>> find_title("Pond Board. On algae in ponds. 2010. https://pond.example")
    Found(title='On algae in ponds', surname='Pond Board', year='2010')
    >>> find_title("K. Lee, Phys. Rev. B 4, 3174 (1971).")
    """
    led = authored and re.match(r"\W*\d{0,3},", text) is not None
    text = (_LED if authored else _NUMBER).sub("", text[:_MOST_CHARACTERS].strip(), count=1)
    surname, start, order = (None, 0, "") if authored else _names(text)
    law = _LAW.match(text)
    if law is not None:
        return Found(law.group(1), None, _year_beside(text, law.group(1)))
    quoted = _quoted(text, start)
    if quoted is not None:
        return Found(quoted, surname, _year_beside(text, quoted))
    if authored or order:
        title = _after_authors(text, start, commas=led or order == "P")
        return Found(title, surname, _year_beside(text, title)) if title else None
    return _of_an_organization(text)


def _names(text: str) -> tuple[str | None, int, str]:
    """The first surname, where the names end, and their order: of the order that reads furthest."""
    best: tuple[str | None, int, str] = (None, 0, "")
    for order, name in (("V", _VANCOUVER), ("H", _HARVARD), ("P", _PHYSICS)):
        position, end, first = 0, 0, None
        for _ in range(_MOST_AUTHORS):
            match = name.match(text, position)
            # `FAO, WFP` are two organizations, not one F. A. O. of initials.
            if match is None or (order == "V" and re.fullmatch("[A-Z]+, [A-Z]+", match.group())):
                break
            if first is None and _NO_SURNAME.match(match.group(1)):
                break
            first, end = first or match.group(1), match.end()
            glue = _BETWEEN.match(text, end)
            position = glue.end() if glue else end
        if end > best[1]:
            best = (first, end, order)
    return best


def _after_authors(text: str, start: int, *, commas: bool) -> str | None:
    after = _AFTER_NAMES.match(text, start)
    start = after.end() if after else start
    year = _YEAR.match(text, start)
    if year:
        start = year.end()
    skipped = _AFTER_YEAR.match(text, start)
    start = skipped.end() if skipped else start
    return _title(text[start:], strict=year is None, commas=commas and year is None)


def _of_an_organization(text: str) -> Found | None:
    """`Organization. Title.`, `Organization (2010) Title.`, or a title alone that is dated."""
    end, kind = _end_of_sentence(text)
    first = text[:end]
    dated = _DATED.search(text) is not None
    year = _YEAR.search(text, 0, 160) if dated else None
    if year and year.start() < end + 2:
        owner = text[: year.start()].strip(" ,.;:([")
        if 0 < len(owner.split()) <= 14 and not _LOWER_WORD.search(_without_links(owner)):
            skipped = _AFTER_YEAR.match(text, year.end())
            title = _title(text[skipped.end() if skipped else year.end() :], strict=True)
            if title:
                return Found(title, owner, year.group(1))
    rest = text[end:].lstrip(" .")
    owned = kind == "point" and _is_owner(first)
    if owned and rest:
        second = _sentence(rest)
        title, third = None, rest[len(second) :].lstrip(" .")
        if _is_owner(second) and _ORGANIZATION.search(second):
            title = _title(third, strict=True)
        title = title or _title(rest, strict=True)
        if title is None and len(_LOWER_WORD.findall(_without_links(_sentence(third)))) > 2:
            # `Pond Works. Technical Note. Growth of algae in ponds`: what kind of thing it is.
            title = _title(third, strict=True)
        if title:
            return Found(title, first, _year_beside(text, title))
    title = _title(text, strict=True) if dated else None
    enough = 2 if owned or kind == "online" else 4
    if title is None or len(title.split()) < enough or _PROSE.search(title):
        return None
    return (
        None
        if owned and _ORGANIZATION.search(title)
        else Found(title, None, _year_beside(text, title))
    )


def _is_owner(words: str) -> bool:
    """Whether words name an organization: capitals throughout, or a word such as `Ministry`."""
    count = len(words.split())
    capitals = not _LOWER_WORD.search(_without_links(words))
    return 0 < count <= 14 and capitals and (count <= 3 or bool(_ORGANIZATION.search(words)))


def _without_links(words: str) -> str:
    return re.sub(r"\b(?:and|for|the|des|del|les|und|sur|para|das|dos|von|fur|für)\b", "", words)


def _sentence(text: str) -> str:
    return text[: _end_of_sentence(text)[0]]


def _end_of_sentence(text: str) -> tuple[int, str]:
    """Where the first sentence ends, and what ends it."""
    for match in _END.finditer(text):
        kind = match.lastgroup or ""
        if kind == "point":
            if match.group("point") == "." and _is_abbreviation(text, match.start()):
                continue
            if _is_in_brackets(text, match.start()):
                continue
            if match.group("point") != "." and len(text[: match.start()].split()) < 4:
                continue
            following = text[match.end() : match.end() + 12].lstrip()
            if following[:1].islower() and not re.match(r"[a-z]+[A-Z]|npj|bioRxiv", following):
                continue
            return match.start() + (match.group("point") != "."), kind
        return match.start(), kind
    return len(text), ""


def _is_in_brackets(text: str, point: int) -> bool:
    """Whether brackets are open at a point that close soon: `Pulsatilla (Bge.) Regel`."""
    before, after = text[:point], text[point : point + 160]
    return any(
        before.count(opening) > before.count(closing) and closing in after
        for opening, closing in ("()", "[]")
    )


def _is_abbreviation(text: str, point: int) -> bool:
    word = re.split(r"[\s(\[]", text[max(0, point - 12) : point])[-1]
    # `L.` of Linnaeus stands at the end of a title more often than before a name.
    single = len(word) == 1 and word.isupper() and word != "L"
    return single or word.lower() in _ABBREVIATIONS


def _title(rest: str, *, strict: bool, commas: bool = False) -> str | None:
    """The sentence that a text begins with, where it is a title.

    `strict`: nothing but its own words says that it is one. `commas`: a journal may follow a comma.
    """
    end, kind = _end_of_sentence(rest)
    title = rest[:end]
    if commas or _VOLUME.search(title):
        cut = re.search(r", in (?=[A-Z])", title) or _ABBREVIATED.search(rest[: end + 80])
        title = title[: cut.start()] if cut else title
    if kind == "publisher":
        title = _NUMBERED.sub("", title)
    title = _PUBLISHED.sub("", re.sub(r"[,.]? [Ii]n:?\s*$", "", title))
    title = re.sub(r"\s*\((?:[Ii]n \w+|[A-Z]\w+ (?:edition|version))\)$", "", title)
    title = title.strip(" ,;:.“”\"'").rstrip("[(< ")
    edition = _EDITION.search(title)
    title = title[: edition.start()] if edition else title
    words = title.split()
    if not words or len(title) > _LONGEST_TITLE or _THESIS.match(title):
        return None
    begins = title[0].isupper() or title[0].isdigit() or _BEGINNING.match(title)
    if not begins and (strict or len(words) < 4):
        return None
    plain = _LOWER_WORD.findall(title)
    if _VOLUME.search(title):
        return None
    if (
        not plain
        and kind != "online"
        and not edition
        and (_NAMED_VOLUME.match(rest) or "." in title)
    ):
        return None
    if _JOURNAL.match(title) and len(words) < 8 and not any(len(word) > 3 for word in plain):
        return None
    if any(name.match(title) for name in (_PHYSICS, _HARVARD)) or _OTHERS.search(title):
        return None  # `Niang, I., O. C. Ruppel, ...`: more authors, in another order
    if strict and kind != "online" and (len(words) < 3 or _PROSE.match(title)):
        return None
    if len(words) < 2 and (len(title) < 5 or kind not in ("point", "inside", "online")):
        return None
    return title if _WORD.search(title) else None


def _quoted(text: str, start: int) -> str | None:
    """A title in quotation marks, closed together with its sentence."""
    match = _QUOTED.search(text, start)
    if match is None or match.start() > start + 60:
        return None
    title, mark = match.groups()
    words = len(title.split())
    # Two words that are quoted in the middle of a title are none.
    if words < 2 or (words == 2 and _WORD.search(_GLUE.sub("", text[start : match.start()]))):
        return None
    return title.strip() + (mark if mark in ("?", "!") else "")


def _year_beside(text: str, title: str) -> str | None:
    """The first year outside of the title, else the first in it."""
    pattern = r"\bc?(1[5-9]\d\d|20[0-4]\d)(?!\d)"
    match = re.search(pattern, text.replace(title, " ", 1)) or re.search(pattern, text)
    return match.group(1) if match else None
