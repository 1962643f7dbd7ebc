"""Blanks and dashes of running text that a program took out of a PDF, where they were printed.

GROBID's tokens lose a blank after a dash (`tools -search`), after a sentence, or around a number
(`Table3shows`), and get one before a point. Words are in `corpora.pdf_words`.

Papers have many words and few faults: each pattern begins with the rare character that it is about,
what stands before that is looked back at, and most are asked for only where a cheaper look finds
that character.
"""

import re
from typing import Final


def _after(words: str, mark: str) -> str:
    """A pattern that looks back at one of these words and the mark after it (both patterns)."""
    behind = (rf"(?<=\b{word}{mark})" for word in words.split("|"))
    return f"(?:{'|'.join(behind)})"


#: A citation that stands in the text ends in U+0002 (`corpora.jats.cited`).
_END: Final = r"[\w)\]%”’\"\x02]"
#: A word or a number, as most cells of a table hold: nothing to mend.
PLAIN: Final = re.compile(r"[A-Za-z]*[,.;:]?|[-+(]?[0-9.,%]*\)?")
_LOOSE_POINTS: Final = {
    f" {point}": re.compile(rf" \{point}(?=\s(?!\.)|$)(?<={_END} \{point})") for point in ".,;"
}
_LOOSE_END: Final = re.compile(r" \.(?=[A-Z][a-z]*\s)(?<=[a-z\d)] \.)")
_SENTENCE_STARTS: Final = (
    "The|This|These|Those|That|There|They|Then|Thus|Therefore|We|Our|In|It|Its|If|Is|A|An|And|As|"
    "At|All|Although|After|Also|Additionally|Among|Before|Besides|Both|But|By|Compared|"
    "Consequently|Despite|During|Each|Finally|First|Following|For|Four|Furthermore|From|Given|"
    "Here|Hence|How|However|Indeed|Interestingly|Moreover|Most|No|Note|Notably|Nevertheless|"
    "Of|On|One|Overall|Other|Second|Several|Similarly|Since|So|Some|Specifically|Such|"
    "Their|Three|To|Two|Under|Unlike|Until|Use|Using|Values|What|When|Where|Whereas|Whether|"
    "Which|While|Who|With|Within|Without|You"
)
_LOST_BLANK: Final = re.compile(
    rf"[.!?](?=[A-Z])(?:(?=(?:{_SENTENCE_STARTS}) )(?:(?<=[^\W\d_]{{3}}[.!?])|(?<=[)\]\x02]\.))"
    r"|(?<=[)\]\x02]\.)(?=[A-Z][a-z]+ [a-z]))"
)
#: What most of them have.
_JOINED: Final = re.compile(r"\.(?=[A-Z])")
#: `Table3shows`, `Figure9Throughput`; the panel of `Figure 3a` stays.
_NUMBERED: Final = (
    "Table|Tables|Figure|Figures|Section|Sections|Equation|Equations|Algorithm|Algorithms|"
    "Appendix|Appendices|Theorem|Lemma"
)
_ATTACHED_NUMBER: Final = re.compile(
    r"[0-9](?<=[aemnsx][0-9])(?=[0-9]{0,2}(?![\d-]))" + _after(_NUMBERED, "[0-9]")
)
#: `CO 2and water`, whose digit was lowered.
_ATTACHED_FORMULA: Final = re.compile(
    r"[0-9](?=(?:and|or|of|the|is|are|was|were|with|from|for|to|by)\b)"
    r"(?:(?<=[A-Z] [0-9])|(?<=[A-Z][a-z] [0-9])|(?<=[A-Z][A-Z][0-9]))"
)
_ATTACHED_WORD: Final = re.compile(
    r"[0-9](?=[A-Z][A-Za-z]|[a-z]{3}|(?:on|is|in|we|as|to|of|by|at|it)\b)"
    + f"(?:{'|'.join(_after(_NUMBERED, ' ' + '[0-9]' * digits) for digits in (1, 2, 3))})"
)
#: Without a digit next to such letters, neither finds anything.
_ATTACHED: Final = re.compile(r"[0-9](?:(?<=[aemnsx][0-9])|(?=[A-Z][A-Za-z]|[a-z]{2}))")
_SUSPENDED_PREFIXES: Final = (
    "bi|mono|pre|post|intra|inter|intro|multi|uni|sub|super|micro|macro|meso|nano|over|under|up|"
    "down|anti|pro|hyper|hypo|endo|exo|extra|homo|hetero|cis|one|two|three|four|left|short|medium|"
    "long|low|high|small|mid|mean|para|ortho|meta"
)
#: `intra-and inter-observer`, `bi-or monopolar`.
_SUSPENDED_TOGETHER: Final = re.compile(
    r"-(?:(?=(?:and|or|to|und|oder) [^\W_]+-[^\W\d_])(?<=[^\W_]-)|(?=(?:and|or|to) [a-z])"
    rf"{_after(_SUSPENDED_PREFIXES, '-')})"
    r"(and|or|to|und|oder) "
)
#: `the tools -search, answer`; not an option (`with -verbose`), not a suffix.
_DASH: Final = re.compile(
    r" -(?<=[^\W\d_][^\W\d_] -|.[)\]\x02”\"] -)"
    r"(?=[^\W\d_]{2,}+(?![\w(]* (?:flag|option|suffix|switch)))"
)
_NO_DASH_AFTER: Final = re.compile(
    r"\b(?:the|an?|with|of|by|using|use|options?|flags?|suffix|suffixes|prefix|ending|endings|"
    r"original|and|or|as|to|in|add|run|passing|command)$"
)
#: `compromised-and their`: a dash without blanks became a hyphen.
_DASHED_CLAUSE: Final = re.compile(
    r"-(?=(?:and|but|or) (?:the|it|its|their|they|some|thus|we|this|that|these|is|are|not|if|then|"
    r"so|therefore|even|hence|can|often|gradually|perhaps|in|for) "
    r"|(?:they|we|which|whether|because|while|whereas|these|those|not only) )(?<=[^\W\d_]{3}-)"
)
_NUMBER: Final = r"\d{1,6}(?:\.\d{1,4})?"
#: `1998 -1999`, `(38.9 -94.7)`, `range 1 -50`: elsewhere a minus sign is as likely.
_RANGE: Final = re.compile(
    rf"(?P<before>[(\[]|\b(?:range|ranges|ranging|from|between|of|about|pp?\.) )?"
    rf"(?<![\d.])(?P<low>{_NUMBER}) -(?P<high>{_NUMBER})(?P<after>[)\]]|(?= [a-z]{{3}}))?"
)
#: `ranging 123456.1234` before the hyphen, a number and ` and` after it.
_LONGEST_LOW: Final = 20
_LONGEST_HIGH: Final = 16
_HYPHEN_AND: Final = re.compile(
    "-(?:and|or|to|und|oder|but|they|we|which|whether|because|while|whereas|these|those|not only) "
)
_HYPHEN_NUMBER: Final = re.compile(r" -(?=\d)")
_DEGREE_SIGN: Final = re.compile("[•◦∘˚]")
#: `http:// hive.org`: a line ended there.
_ADDRESS_CUT: Final = re.compile(r"(?<=://) (?=[\w-]{1,60}\.[\w-])")
#: `Fig.3` and `FIG.S3`, where others have a blank.
_POINT_NUMBER: Final = re.compile(
    r"\.(?<=[bfgqsG]\.)(?=S?\d)" + _after("Fig|FIG|Figs|Tab|Eq|Eqs|Ref|Refs", r"\.")
)
_AFTER_SENTENCE: Final = re.compile(r"(?<=[?!.])(?=[¿¡])")
_YEARS: Final = range(1500, 2100)
#: The note of a title page, in the middle of a sentence: `the hive * byron@bees.org of wax`.
_ADDRESS: Final = re.compile(
    r"(?<=\w) [*†‡§] ?[\w.+-]{1,60}+@[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}(?=\s)"
)
_SPACE_BEFORE_CLOSING: Final = re.compile(r" \)(?<=[^\s(=<>] \))")
_SPACE_INSIDE: Final = re.compile(r"\( (?=[§\w])")
#: `the bee ' s wing`, `the " hive " of bees`.
_APART_S: Final = re.compile(r" '(?<=[^\W\d_] ') ?(?=s\b)")
_APART_CURLED_S: Final = re.compile(r" ’(?<=[^\W\d_] ’) ?(?=s\b)")
_APART_QUOTED: Final = re.compile(
    r"([\"“]) (?<!\S[\"“] )([^\"“”\n]{0,80}[^\W\d_]{3}) ([\"”])(?=[\s.,;:)]|$)"
)
#: The minus sign of a font that keeps it where others have the parenthesis.
_MINUS: Final = re.compile(r"\)(?=\d)(?<=[=<>] \))")
#: `37 • C`: the degree sign of many PDF fonts.
_DEGREES: Final = re.compile(r" ?[•◦∘˚](?:(?<=\d.)|(?<=\d .)) ?(?=[CF]\b)")


def spaced(text: str) -> str:
    """Blanks and dashes of running text where they were printed.

    >>> spaced("We use tools -search, answer .They work (Table3shows); see intra-and inter-class.")
    'We use tools – search, answer. They work (Table 3 shows); see intra- and inter-class.'
    >>> spaced("in 1998 -1999 (range 1 -50), 10 -3 M, x -y, option -verbose")
    'in 1998–1999 (range 1–50), 10 -3 M, x -y, option -verbose'
    """
    if PLAIN.fullmatch(text):
        return text
    if " ." in text or " ," in text or " ;" in text:
        text = _LOOSE_END.sub(". ", text)
        for blank_point, pattern in _LOOSE_POINTS.items():
            if blank_point in text:
                text = pattern.sub(blank_point[1], text)
    if (_JOINED.search(text) or "!" in text or "?" in text) and _LOST_BLANK.search(text):
        text = _LOST_BLANK.sub(_with_blank, text)
    if _ATTACHED.search(text):
        text = _ATTACHED_NUMBER.sub(_after_blank, text)
        text = _ATTACHED_WORD.sub(_with_blank, text)
        text = _ATTACHED_FORMULA.sub(_with_blank, text)
    if "-" in text:
        if _HYPHEN_AND.search(text):
            text = _SUSPENDED_TOGETHER.sub(r"- \1 ", text)
            text = _DASHED_CLAUSE.sub("—", text)
        if " -" in text:
            text = _ranged(_DASH.sub(_dash, text))
    if ":// " in text:
        text = _ADDRESS_CUT.sub("", text)
    if "." in text:
        text = _POINT_NUMBER.sub(". ", text)
    if "@" in text:
        text = _ADDRESS.sub("", text)
    if "(" in text and "( " in text:
        text = _SPACE_INSIDE.sub("(", text)
    if ")" in text and " )" in text:
        text = _SPACE_BEFORE_CLOSING.sub(")", _MINUS.sub("−", text))
    if "'" in text and " ' " in text:
        text = _APART_S.sub("'", text)
    if '"' in text or "“" in text:
        text = _APART_QUOTED.sub(r"\1\2\3", text)
    if not text.isascii():
        if " ’ " in text:
            text = _APART_CURLED_S.sub("’", text)
        if "¿" in text or "¡" in text:
            text = _AFTER_SENTENCE.sub(" ", text)
        if _DEGREE_SIGN.search(text):
            text = _DEGREES.sub(" °", text)
    return text


def _after_blank(match: re.Match[str]) -> str:
    return f" {match.group()}"


def _with_blank(match: re.Match[str]) -> str:
    return f"{match.group()} "


def _dash(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 12) : match.start()]
    return match.group() if _NO_DASH_AFTER.search(before) else " – "


def _ranged(text: str) -> str:
    """A text with the dashes of its ranges, each looked for around its hyphen."""
    pieces: list[str] = []
    done = 0
    for hyphen in _HYPHEN_NUMBER.finditer(text):
        start, end = hyphen.start() - _LONGEST_LOW, hyphen.end() + _LONGEST_HIGH
        match = _RANGE.search(text, max(done, start), end)
        if match and match.start() < hyphen.start() < match.end():
            pieces += [text[done : match.start()], _range(match)]
            done = match.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def _range(match: re.Match[str]) -> str:
    low, high = match["low"], match["high"]
    written = match.group()
    if float(high) <= float(low):
        return written
    years = low.isdigit() and high.isdigit() and int(low) in _YEARS and int(high) in _YEARS
    before, after = match["before"], match["after"]
    enclosed = before is not None and (before not in "([" or after)
    # `8 -28 minutes`; `10 -11 metres` is a power of ten.
    measured = after == "" and low.isdigit() and high.isdigit() and low != "10"
    if not years and not enclosed and not measured:
        return written
    return f"{match['before'] or ''}{low}–{high}{match['after'] or ''}"
