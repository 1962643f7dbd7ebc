r"""Titles in references that are one line: names, a date perhaps, the title, where it appeared."""

import re
from typing import Final

from corpora.latex.bibliography.journal_names import (
    is_untitled_words,
    looks_like_journal,
    names_a_journal,
)
from corpora.latex.bibliography.printed_names import Names
from corpora.latex.bibliography.printed_text import BOLD, HREF, LINK, SLANT, TIE, UPRIGHT, strip
from corpora.latex.bibliography.title_endings import KIND, MONTH, TITLE_JOURNAL

_REMARK: Final = re.compile(
    r"^(?:and|&) |\b(?:[Ii]n prep|[Ss]ubmitted to|[Ii]n press|[Tt]o appear|ProQuest|"
    r"Dissertation Abstracts)"
)
_MORE_NAMES: Final = re.compile(rf"\s*[,;] ([^(){SLANT}“]{{1,300}}?)\((?:18|19|20)\d\d[a-z]?\)")
#: A date after names.
DATE: Final = re.compile(
    rf"[\s,.:;]*(?P<open>[(\[])?\s*(?:{MONTH}(?: \d{{1,2}})?,? )?"
    rf"(?:18|19|20)\d{{2}}[a-z]?(?:\s*,\s*{MONTH}(?: \d{{1,2}})?(?=[\s).,:]))?"
    r"(?(open)\s*[)\]])(?P<after>[\s.,:;]+|$)"
)


def title_of_line(head: str, names: Names) -> tuple[str | None, str]:
    """The title in a line of names, date, title and where it appeared."""
    if names.end == 0:
        return _without_names(head)
    rest, names_text = head[names.end :], head[: names.end]
    date = DATE.match(rest)
    more = _MORE_NAMES.match(rest) if date is None else None
    if more is not None and not _has_plain_word(more.group(1)):
        # A name of no known shape among others: the date tells where they end.
        title, before = _without_names(head)
        if title is not None:
            return title, before
    colon = stop = False
    if date is not None:
        colon = date.group("open") is not None or ":" in date.group("after")
        rest = rest[date.end() :]
        if not colon and "," in date.group("after"):
            return _after_year_and_comma(rest), names_text
        colon = colon or "." in date.group("after")
    else:
        colon = bool(re.match(r"\s*:", rest))
        stop = bool(re.match(r"\s*\.", rest)) or head[: names.end].rstrip().endswith(".")
        rest = rest.lstrip(f" {TIE},.:;")
    rest = rest.lstrip(f" {TIE}")
    if not rest:
        return None, names_text
    if rest.startswith(SLANT):
        return _slanted(rest), names_text
    slant = rest.find(SLANT)
    if slant > 0 and not (
        date is None and not colon and re.search(f"[{LINK}{HREF}]", rest[:slant])
    ):
        title = _before_slanted(rest, slant, sentence=colon)
        if title is not None:
            return title, names_text
    flat = strip(rest)
    if colon:
        return _first_sentence(flat, slanted=slant > 0), names_text
    return _plain_line(rest, flat, stop=stop), names_text


def _slanted(rest: str) -> str | None:
    """Slanted words directly after the names: a title, unless they are the journal."""
    end = rest.find(UPRIGHT)
    words = strip(rest[1 : end if end > 0 else len(rest)]).strip()
    after = rest[end + 1 :] if end > 0 else ""
    if looks_like_journal(words) or is_untitled_words(words):
        return None
    if is_volume(after) and not (_has_plain_word(words) and not names_a_journal(words)):
        return None
    bare_year = re.match(r"[\s,.]*\(?(?:18|19|20)\d\d\)?[\s.;,]*$", strip(after))
    if bare_year and not _has_plain_word(words):
        return None
    return words


def _has_plain_word(words: str) -> bool:
    """Whether a word of content is in lower case, as in no journal's name."""
    return any(len(word) > 3 and word[0].islower() for word in words.split())


def _before_slanted(rest: str, slant: int, *, sentence: bool) -> str | None:
    """A plain title before a slanted journal or book."""
    between = strip(rest[:slant]).strip(" ,.:;(")
    end = rest.find(UPRIGHT, slant)
    slanted = strip(rest[slant + 1 : end if end > 0 else len(rest)])
    after = rest[end + 1 :] if end > 0 else ""
    chapter = re.fullmatch(r"(.+?)[.,;:?!]?\s+[Ii]n:?", between)
    if chapter is not None:
        between = chapter.group(1)
    elif not (looks_like_journal(slanted) or is_volume(after) or sentence):
        return None
    if not _is_title(between, sentence=sentence):
        return None
    return between


def _is_title(words: str, *, sentence: bool = False) -> bool:
    """Whether the words between names and journal are a title and no other reference."""
    if _REMARK.search(words):
        return False
    if is_untitled_words(words) or looks_like_journal(words) or re.search(r"\bet al\b", words):
        return False
    if len(words.split()) < 2 and not (sentence and len(words) > 3):
        return False
    # Volume, page and year of another work.
    if not sentence and re.search(r"\((?:18|19|20)\d\d\)", words):
        return False
    if re.search(r"\b\d+, \d+|\b[A-Z][a-z]*\. (?:[A-Z] )?\d", words):
        return False
    return bool(re.match(r"[^\W_]|[“‘'\"(]|\[(?!Online)", words))


def _first_sentence(flat: str, *, slanted: bool) -> str | None:
    """The title after a colon or a date in brackets: up to its full stop."""
    if is_untitled_words(flat):
        return None
    match = re.match(r"(.+?(?<![ .][A-Z]))[.?!]\s|(.+?)[.?!]?$", flat + " ", re.DOTALL)
    if match is None:
        return None
    words = match.group(1) or match.group(2)
    if match.group(1) and flat[match.end(1)] in "?!":
        words += flat[match.end(1)]
        words += _rest_of_question(flat[match.end(1) + 1 :])
    whole = match.group(1) is None
    if whole:
        # No full stop: the journal follows a comma, or there is no title.
        found = TITLE_JOURNAL.match(flat)
        if found is not None:
            words = found.group(1)
        elif re.search(r"\b\d+\s*[,(:]\s*\w*\d", flat):
            return None
        kind = KIND.search(words)
        words = words[: kind.start()] if kind else words
    return words if _is_title(words.strip(" .,"), sentence=True) else None


def _rest_of_question(after: str) -> str:
    """`Analyse this! Questions for scientists. In: Proc.`: the sentence that is title too."""
    found = re.match(r" ([^.]{8,}?)\. ", after)
    if found is None or re.search(r"\d\s*[(:,]", found.group(1)):
        return ""
    if is_untitled_words(found.group(1)) or not _has_plain_word(found.group(1)):
        return ""
    return f" {found.group(1)}"


def _after_year_and_comma(rest: str) -> str | None:
    """Astronomy: `Will, C. M. 1993, Theory and Experiment (Press)`; journals have their volume."""
    flat = strip(rest)
    if rest.startswith(SLANT):
        return _slanted(rest)
    if is_untitled_words(flat) or re.match(r"[^,(]{1,150},\s*(?:Vol\. )?[A-Z]?\d+\s*(?:,|$)", flat):
        return None
    cut = re.match(
        r"(.+?)(?=\s*\((?!\d)|, \d+(?:st|nd|rd|th) ed|,? eds?\b|, Vol\b|, vol\b|, pp?\. |, in\b|"
        r" In:|,\s*,|\. [A-Z]|, Astrophysics Source|, arXiv|, doi|$)",
        flat,
    )
    words = (cut.group(1) if cut else flat).strip(" ,.")
    kind = KIND.search(words)
    words = words[: kind.start()] if kind else words
    journal = _TITLE_THEN_JOURNAL.match(flat)
    if journal is not None:
        words = journal.group(1)
    if (
        re.search(r", IEEE (?:J|Trans)", flat)
        or BOLD in rest[: len(words)]
        or not _is_title(words)
        or len(words.split()) < 3
    ):
        return None
    if re.search(r"\d+\s*[,:]\s*\d+", words) or (not _has_plain_word(words) and len(words) < 25):
        return None
    return words


#: A&A and AASTeX with titles: `2016, On rain, ApJ, 753, 148`.
_TITLE_THEN_JOURNAL: Final = re.compile(r"(.{12,}?), [^,]{1,60}, [A-Z]?\d+(?:, |$|\()")


def _plain_line(rest: str, flat: str, *, stop: bool) -> str | None:
    """A line without slanted words: elsarticle's, or names, title and an address."""
    if is_untitled_words(flat):
        return None
    kind = KIND.search(flat)
    journal = TITLE_JOURNAL.match(flat)
    words = ""
    if journal is not None and (kind is None or journal.end(1) < kind.start()):
        words = journal.group(1)
        if not _has_plain_word(words):
            return None
    elif kind is not None:
        words = flat[: kind.start()]
    elif address := re.search(f"[{LINK}{HREF}]", rest):
        words = strip(rest[: address.start()])
        if re.search(r"\d", words) and not _has_plain_word(words):
            return None
    elif stop or re.match(r"[^.]{4,}\.$", flat):
        # Full names and a title, each a sentence; `Geyer CJ. The algorithm; 2003.`
        sentence = re.match(r"(.{4,}?[^A-Z.])(?:[.;?!](?: |$)|$)", flat)
        words = sentence.group(1) if sentence else ""
        if (re.search(r"\d", words) or not stop) and not _has_plain_word(words):
            return None
    if not words:
        book = re.match(
            r"(.{10,}?)[,.] [A-Z][\w ]{2,40}(?:Press|Verlag|Springer|Wiley|Elsevier)", flat
        )
        words = book.group(1) if book else ""
    words = words.strip(" ,.;")
    return words if _is_title(words) else None


def _without_names(head: str) -> tuple[str | None, str]:
    """Items whose names are of no known shape, where a date or a colon tells the title."""
    flat = strip(head)
    address = re.search(f"[{LINK}{HREF}]", head)
    if address is not None:
        words = strip(head[: address.start()]).strip(" .,:")
        if len(words.split()) > 2 and _has_plain_word(words) and _is_title(words):
            return words, ""
    for pattern in (
        r"([^\d]{3,300}?)[.,]?\s+\((?:18|19|20)\d{2}[a-z]?\)[.,:]?\s+(.+?[^A-Z.])[.?]\s",
        r"(.{3,300}?)\.\s+(?:18|19|20)\d{2}[a-z]?\.\s+(.+?[^A-Z.])[.?]\s",
    ):
        found = re.match(pattern, flat + " ")
        if found is not None and _is_title(found.group(2)):
            return found.group(2), found.group(1)
    return None, ""


def is_volume(after: str) -> bool:
    """Whether what follows slanted words is a volume, or the bold year that ACS style prints."""
    if re.match(rf"[\s,.{TIE}]*{BOLD}", after):
        return True
    digits = re.match(
        r"[\s,.]*(?:vol(?:ume)?\.?\s*)?([A-G]?\d{1,4})\b"
        r"(?!(?:st|nd|rd|th)?,? ?edn?\b|\.\d| edition|, [A-Z][A-Za-z]+[,. ])",
        strip(after),
    )
    if digits is None:
        return False
    year = re.fullmatch(r"(?:18|19|20)\d\d", digits.group(1))
    return year is None or bool(re.match(r"\s*[,;]\s*\d", strip(after)[digits.end() :]))
