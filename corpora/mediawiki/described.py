"""Works that a reference describes in words, without a citation template.

A title stands in quotation marks, is the label of a link, or is in italics, in this order: what is
in italics beside a quoted title is its journal. Where none of these marks it, the order of the
common styles does: `Surname, A. (1999). Title. Place` and `Surname A, Other B. Title. Journal`.
"""

import re
from typing import Final

from corpora.documents import Citation
from corpora.mediawiki.inline import plain_words
from corpora.mediawiki.state import PageState
from corpora.mediawiki.works import ARXIV, YEAR, doi_of, register, surname_of

_QUOTED_TITLE: Final = re.compile(r"[\"“„«](.{4,300}?)[\"”“»](?![\w])")
_ITALIC_TITLE: Final = re.compile(r"'{2,5}([^'\n](?:[^'\n]|'(?!')){3,300}?)'{2,5}")
_LINK_LABEL: Final = re.compile(
    r"\[(?:https?:)?//[^\s\[\]]+\s+(?!(?:pp?|vol|ch|page)s?\b[\s.]*\d|(?:archived?|online|pdf|link|here|"
    r"abstract|google books|full text)\b[^\[\]\n]{0,12}\])([^\[\]\n]{4,300})\]",
    re.IGNORECASE,
)
_PMID: Final = re.compile(r"(?:PMID:?\s*|/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})")
#: How a reference in words begins: surname and initials, initials and surname, or `Surname (1999)`.
_FIRST_AUTHOR: Final = re.compile(
    r"\s*(?:(?:[A-Z]\.[ -]?){1,4}(?P<last>[^\W\d_][\w'’-]+)"
    r"|(?P<first>[^\W\d_][\w'’-]+),?\s(?:[A-Z]\.?[ -]?){1,4}(?=[\s,;:&(])"
    r"|(?P<comma>[^\W\d_][\w'’-]+),\s[^\W\d_][\w'’-]+"
    r"|(?P<full>(?:[A-Z][\w'’-]+\s){1,2})(?P<name>[A-Z][\w'’-]+)(?=,|\s\(|\.\s[\"“'])"
    r"|(?P<year>[A-Z][\w'’-]+)(?:\set\sal\.?|\s(?:&|and)\s[A-Z][\w'’-]+)?,?\s\(?\d{4})"
)
#: Titles of works that begin a reference as a person's name would.
_NO_PERSON: Final = re.compile(
    r"\b(?:Dictionary|Encyclop\w+|Journal|Times|Review|Report|Magazine|Herald|Post|Guardian|Archives?|"
    r"Conference|Proceedings|Bulletin|Gazette|Online|English|American|British|National|Royal)\b"
)
#: All that stands before the title: one name in full, or several.
_NAMES: Final = re.compile(
    r"[\s*]*(?P<one>(?:[^\W\d_][\w'’.-]*\s){1,3}[^\W\d_][\w'’-]+)"
    r"(?:(?:,|\sand|\s&|;)\s[^\d()]{2,80})?[\s,.:;]*"
)
_AFTER_YEAR: Final = re.compile(
    r"(?P<authors>[^\W\d_][^()\d\"“]{2,150}?)[\s,.]*\((?:1[5-9]|20)\d\d[a-z]?\)[\s.,:]*"
    r"(?P<title>(?!pp?\.)[^\W\d_][^.?!]{7,250}[?!]?)"
)
_AFTER_INITIALS: Final = re.compile(
    r"(?P<authors>(?:[^\W\d_][\w'’-]{1,30}(?:\s[^\W\d_][\w'’-]{1,30})?\s[A-Z]{1,3}(?:,\s|(?=\.))){1,12})"
    r"(?:et al)?\.\s(?P<title>[A-Z][^.?!]{11,250}[?!]?)(?=[.\s])"
)
#: Where a title has ended without a full stop: at its volume, or at who published it.
_PUBLISHED: Final = re.compile(
    r",\s(?=(?:[^,]{0,40}\b(?:Press|Publish\w+|University|Verlag|Springer|Wiley|Elsevier|Academic|"
    r"McGraw|Cambridge|Oxford|New York|London|Berlin|Journal|Proceedings)\b|(?:vol|pp?|no|ed)\b))"
)


#: `''Notes on Looms (vol. 1). London`: italics that nothing ends.
_OPEN_ITALIC: Final = re.compile(
    r"\A[^']*(?:'(?!')[^']*)*''(?!')([^\W\d_][^'\n.(]{5,200}?)\s*(?:[.(]|’’)"
)
_TITLE_AND_EDITION: Final = re.compile(
    r"(?P<title>[A-Z][^.,;()\d]{3,120}\s[^\s.,;()\d]{3,40}),\s"
    r"(?:\d{1,2}(?:st|nd|rd|th)|[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth|[Rr]evised)\s"
    r"(?:ed\b|[Ee]dition)"
)
#: What stands for a work that was cited before.
_REPEAT: Final = re.compile(
    r"(?:ibid|op\.? ?cit|loc\.? ?cit|supra|passim|see also)\b", re.IGNORECASE
)
_SENTENCES: Final = re.compile(r"[^\W\d_]{2}[.?!][\"”]?\s+[^\W\d_]")


def described_work(words: str, state: PageState) -> Citation | None:
    """The work of a reference written in words; None where no title can be told."""
    quoted = _QUOTED_TITLE.search(words)
    others = words
    if quoted and _is_quotation(quoted):
        others = words[: quoted.start()] + words[quoted.end() :]
        quoted = None
    marked = (quoted, *(p.search(others) for p in (_LINK_LABEL, _ITALIC_TITLE, _OPEN_ITALIC)))
    titles = (_bare(plain_words(match.group(1), state)) for match in marked if match)
    title = next((words for words in titles if len(words) > 3 and not _REPEAT.match(words)), "")
    plain = plain_words(words, state)
    if title:
        surname = _first_surname(plain, title)
    else:
        title, surname = _told_by_style(plain)
        if not title:
            return None
    year = YEAR.search(plain)
    arxiv, pmid = ARXIV.search(words), _PMID.search(words)
    return Citation(
        as_written=f"({surname or title}{f' {year.group()}' if year else ''})",
        title=title,
        surname=surname,
        year=year.group(1) if year else None,
        doi=doi_of(words),
        pmid=pmid.group(1) if pmid else None,
        arxiv=arxiv.group(1) if arxiv else None,
    )


def _is_quotation(quoted: re.Match[str]) -> bool:
    """Whether words in quotation marks are what the source says, and not its title.

    They stand in a parenthesis after it, `''Title'' ("It spins ...")`, or are several sentences.
    """
    before = quoted.string[: quoted.start()]
    if before.endswith("(") and len(quoted[1]) > 60:
        return _ITALIC_TITLE.search(before) is not None
    first = not before.strip() and len(quoted[1]) > 100
    return len(_SENTENCES.findall(quoted[1])) > (0 if first else 1)


def _bare(title: str) -> str:
    """A title without the marks around it, but for the last of `The Loom "Ada"`."""
    bare = title.strip(' "“”.,')
    return bare + '"' if bare.count('"') % 2 and title.rstrip(" .,").endswith('"') else bare


def _told_by_style(plain: str) -> tuple[str, str | None]:
    """The title and first surname that the order of a common style tells; "" where none does."""
    told = _AFTER_YEAR.match(plain) or _AFTER_INITIALS.match(plain)
    if told is None:
        edition = _TITLE_AND_EDITION.match(plain)
        return (edition["title"], None) if edition else ("", None)
    title = _PUBLISHED.split(told["title"], maxsplit=1)[0].strip(" ,")
    if " " not in title:
        return "", None
    return title, _first_surname(plain, title) or surname_of(told["authors"])


def _first_surname(plain: str, title: str) -> str | None:
    """The first author's surname, where the words before the title begin with one."""
    at = plain.find(title)
    author = _FIRST_AUTHOR.match(plain)
    groups = author.group("last", "first", "comma", "name", "year") if author else ()
    surname = next((name for name in groups if name), None)
    # `Kenneth A. Byron Title`: no mark parts the name from the title.
    names = _NAMES.fullmatch(plain[:at].rstrip(" \"“'")) if at > 0 else None
    in_full = names is not None and (author is None or not author["comma"])
    if names and in_full and not _NO_PERSON.search(names["one"]):
        surname = surname_of(names["one"])
    if surname and _NO_PERSON.search(surname):
        return None
    if surname and surname in title and plain.find(surname) >= at:
        return None
    return surname


def register_listed(text: str, state: PageState) -> None:
    """Makes the works of a page's lists of sources known, by their authors and years.

    So that `Byron (1843), p. 3` finds its work in `* Byron, A. (1843). ''Notes''.`
    """
    for words in text.split("\n"):
        if words[:1] not in "*#:" or not words or "\x03" in words or len(words) > 600:
            continue
        year = YEAR.search(words)
        work = described_work(words.lstrip("*#: "), state) if year else None
        if work is not None and work.surname and year:
            register(work, [work.surname], year.group(), "", state)
