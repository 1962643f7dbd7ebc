"""Running text: quotes, tags and external links of one line; what is left is marked text."""

import re
from typing import Final

from corpora.mediawiki.characters import decoded, tidy, without_controls
from corpora.mediawiki.state import (
    FIGURE_END,
    FIGURE_START,
    GONE,
    MARK_END,
    MARK_START,
    PageState,
)
from tokenization.marked_text import clean
from tokenization.wrappers import subscript, superscript

_QUOTES: Final = re.compile("'{2,}")
_BRACKETED: Final = re.compile(
    r"\[(?:(?:https?|ftps?|sftp|irc|ircs|gopher|telnet|nntp|news|svn|git|urn|geo|magnet):|mailto:|//)"
    r"[^\s\[\]<>\"]*(?:\s+([^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*){0,4}))?\]",
    re.IGNORECASE,
)
_SWITCH: Final = re.compile(
    r"__(?:NO|FORCE)?TOC__|__NO(?:EDITSECTION|NEWSECTIONLINK|GALLERY|INDEX|GLOBAL|"
    r"(?:CONTENT|TITLE)CONVERT|CC|TC)__|__(?:NEWSECTIONLINK|HIDDENCAT|EXPECTUNUSEDCATEGORY|INDEX|"
    r"STATICREDIRECT|START|END|DISAMBIG)__"
)
#: The tags that MediaWiki lets through (`Sanitizer::getRecognizedTagData`), and old or own ones.
_TAG: Final = re.compile(
    r"</?(?:abbr|b|bdi|bdo|big|br|caption|center|cite|code|data|dd|del|dfn|div|dl|dt|em|font|h[1-6]|"
    r"hr|i|ins|kbd|li|link|mark|meta|ol|p|q|rb|rp|rt|rtc|ruby|s|samp|small|span|strike|strong|sub|"
    r"sup|table|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|var|wbr|nowiki|noinclude|onlyinclude|"
    r"includeonly|section|ref|references|gallery|poem|blockquote|math|chem|ce|pre|syntaxhighlight|"
    r"source|timeline|score|hiero|imagemap|categorytree|inputbox|indicator|templatestyles|"
    r"languages|translate|tvar|ns|onlyinclude|includeonly|img|col|colgroup)"
    r"(?:[\s/][^<>]*)?/?>",
    re.IGNORECASE,
)
_SCRIPT: Final = re.compile(
    r"<(sup|sub)(?:\s[^<>]*)?>((?:(?!<su[bp])[^<]|<(?!/?su[bp]\b))*)</\1\s*>", re.IGNORECASE
)
_CODE: Final = re.compile(
    r"<(code|kbd|samp|tt)(?:\s[^<>]*)?>([^<>`\n]{1,500})</\1\s*>", re.IGNORECASE
)
_BREAK: Final = re.compile(r"\s*<br(?:\s[^<>]*)?\s*/?\s*>\s*", re.IGNORECASE)
_QUOTED: Final = re.compile(r"<(/?)q(?:\s[^<>]*)?>", re.IGNORECASE)
_HELD: Final = re.compile("\x01(\\d+)\x02")
_MARKS: Final = re.compile(f"{MARK_START}\\d+{MARK_END}")
_FIGURE: Final = re.compile(f"{FIGURE_START}[^{FIGURE_END}]*{FIGURE_END}?")
#: A blank that a template left before a point.
_GAP: Final = re.compile(r"(?<=[^\s.])[ \u00a0]{1,9}(?=[.,](?:[\s\x03]|$))")
#: `(\x10)`, `(\x10, or`, `a, \x10, \x10 and`, `a, \x10)`
_GONE_ALONE: Final = re.compile(rf" ?\((?:{GONE}[\s,;:]{{0,3}}){{1,9}}\)")
_GONE_FIRST: Final = re.compile(rf"([(\[])(?:{GONE}\s?[,;:]?\s?){{1,9}}")
_GONE_LISTED: Final = re.compile(rf",?(?: ?{GONE},?){{1,9}}(?=,|[ ]and\b|[ ]or\b)")
_GONE_LAST: Final = re.compile(rf"(?:[,;:] ?| ){GONE}(?=[ ]?[)\]])| ?{GONE}(?=[ ]?[.,;:]|$)")
_PLAIN_RAISED: Final = frozenset(("st", "nd", "rd", "th", "®", "™", "©", "TM", ""))


def line(text: str, *, breaks: str = "\n", spaces: bool = False) -> str:
    """Wikitext of one paragraph as marked text; held pieces and citations stay placeholders.

    `breaks` is what `<br>` becomes; `spaces` keeps blanks as they are, as code needs.

    >>> line("'''TAI''' is [http://x.org exact] &amp; <b>old</b>")
    'TAI is exact & old'
    """
    if GONE in text:
        text = _without_gaps(text)
    if "''" in text:
        text = without_quotes(text)
    if "<" in text:
        text = _CODE.sub(r"`\2`", text)
        for _ in range(4):
            text, replaced = _SCRIPT.subn(_script, text)
            if not replaced:
                break
        text = _QUOTED.sub('"', text)
        text = _BREAK.sub("\x0b", text)
        text = _TAG.sub("", text)
    if "[" in text:
        text = _BRACKETED.sub(lambda match: match.group(1) or "", text)
    if "__" in text:
        text = _SWITCH.sub("", text)
    text = _GAP.sub("", decoded(text))
    if spaces:
        return text.replace("\x0b", " ").replace("\u00a0", " ")
    if "\x0b" not in text:
        return tidy(text)
    return breaks.join(part for piece in text.split("\x0b") if (part := tidy(piece)))


def without_quotes(text: str) -> str:
    """Text without the quotes of bold and italic; apostrophes stay.

    >>> without_quotes("the '''''sea''''' and ''its'' '''end'''")
    'the sea and its end'
    >>> without_quotes("'''Dictionnaire''' de l'''amour''")
    "Dictionnaire de l'amour"
    """
    bold = italic = 0
    for match in _QUOTES.finditer(text):
        count = len(match.group())
        bold += count > 2
        italic += count == 2 or count > 4
    if bold % 2 == 0 or italic % 2 == 0:
        return _QUOTES.sub(_apostrophes, text)
    # Both odd: one of the bold quotes is an apostrophe before an italic one (`doQuotes`), by
    # preference one after a word of one letter, `l'''amour''`, or else after any word.
    bolds = [match.start() for match in _QUOTES.finditer(text) if len(match.group()) == 3]
    after_letter = (at for at in bolds if re.search(r"(?:^|\s)\S$", text[max(0, at - 2) : at]))
    after_word = (at for at in bolds if at and not text[at - 1].isspace())
    chosen = next(after_letter, next(after_word, -1))
    return _QUOTES.sub(lambda m: "'" if m.start() == chosen else _apostrophes(m), text)


def _apostrophes(match: re.Match[str]) -> str:
    count = len(match.group())
    return "'" if count == 4 else "'" * max(0, count - 5)


def _script(match: re.Match[str]) -> str:
    name, content = match.group(1).lower(), match.group(2)
    words = _TAG.sub("", content).strip()
    if not words or words in _PLAIN_RAISED or _MARKS.sub("", words).strip(" ,;[]") == "":
        return words
    return (superscript if name == "sup" else subscript)(words, marked=True)


def _without_gaps(text: str) -> str:
    """Text in which nothing shows that a template stood in it and printed nothing.

    >>> _without_gaps("Ore (\x10, in \x10) has \x10, \x10, and \x10; a (\x10).")
    'Ore (in) has and; a.'
    """
    text = _GONE_ALONE.sub("", text)
    text = _GONE_FIRST.sub(r"\1", text)
    return _GONE_LAST.sub("", _GONE_LISTED.sub("", text)).replace(GONE, "")


def without_marks(text: str) -> str:
    """Text without its citations: a heading's, a title's."""
    return _MARKS.sub("", text)


def restored(text: str, state: PageState) -> str:
    """Held pieces put back, those inside held pieces too."""
    for _ in range(3):
        if "\x01" not in text:
            break
        text = _HELD.sub(lambda match: _held(match.group(1), state), text)
    return text


def _held(number: str, state: PageState) -> str:
    return state.held[int(number)] if int(number) < len(state.held) else ""


def plain_words(text: str, state: PageState) -> str:
    """A title or a name as plain words on one line."""
    text = _FIGURE.sub("", without_marks(text)) if FIGURE_START in text else without_marks(text)
    words = without_controls(clean(restored(line(text, breaks=" "), state)))
    # Quotes that were written as `&#39;`.
    return words.replace("''", "") if "''" in words else words
