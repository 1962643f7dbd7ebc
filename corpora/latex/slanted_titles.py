r"""Titles of printed reference lists that no command marks: AMS style slants them, ACS style prints
them plain before a slanted journal.

    O. Catoni, \emph{Challenging the mean}, Ann. Stat. \textbf{48} (2012), 1148--1185.
    Bender, M. L. Oxygen Exchange. \textit{J. Am. Chem. Soc.} \textbf{1951}, \textit{73}, 1626.

Untitled styles (APS, AASTeX) slant journals too, so a title is taken only between authors that were
recognized and a journal, or slanted directly after authors and unlike a journal. When in doubt the
work has no title: an invented one would be learnt.
"""

import re
from typing import Final, NamedTuple

from corpora.latex.bibliography import Plain, clean_title
from corpora.latex.tokens import words

_LETTER: Final = r"[A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĢĪİĶĹĻĽŁŃŅŇŌŐŒŘŚŞŠŢŤŪŮŰŹŻŽ]"
_INITIALS: Final = rf"(?:{_LETTER}[a-z]?\.[ \-‐]?){{1,5}}"
_PARTICLE: Final = (
    r"(?:(?:van|von|de|der|den|di|da|do|dos|du|del|della|la|le|ten|ter|zu|al|el|bin|ben|ibn|"
    r"Van|Von|De|Der|Di|Da|La|Le|St\.) ){0,3}(?:d['’]|al-)?"
)
#: `Z. Physik` and `J. Math.` look like a person.
_NO_SURNAME: Final = (
    r"(?!(?:Physik|Physics|Phys|Math|Mathematik|Chem|Chemie|Comput|Stat|Appl|Mech|Opt|Funct|"
    r"Algebra|Differential|Number|Biol|Fluid|Amer|Am|Acoust|Atmos|Geophys|Astron|Astrophys)\b)"
)
_SURNAME: Final = rf"{_NO_SURNAME}{_PARTICLE}(?:[OD]['’]|Mc|Mac)?{_LETTER}[\w'’‐-]{{1,30}}"
_SUFFIX: Final = r"(?:,? (?:Jr|Sr)\.?| II| III)?"
_NAME: Final = re.compile(
    rf"(?:{_SURNAME}(?: {_SURNAME})?, {_INITIALS}{_SUFFIX}"
    rf"|{_INITIALS} ?{_SURNAME}(?: {_SURNAME})?{_SUFFIX}(?![\w'’])(?!\. ?\w+\.)"
    rf"|{_SURNAME} {_LETTER}{{1,3}}(?=[,.;:]))"
)
_FULL_NAME: Final = re.compile(
    rf"{_SURNAME}(?: {_LETTER}\.){{0,2}}(?: {_SURNAME}){{1,2}}(?=\s*(?:[,:]|and\b|&|$))"
)
_AND: Final = re.compile(r"\s*(?:;|,)?\s*(?:and|&)\s+|\s*;\s+|\s*,\s+")
_ET_AL: Final = re.compile(r"[,;]?\s*(?:and\s+)?(?:et\.? al\b\.?|others\b\.?)")

_SLANT: Final = re.compile(
    r"\\(?:emph|textit|textsl|bibemph|it|em|sl)\s*(?=\{)"
    r"|(?=\{\s*\\(?:it|em|sl|itshape|slshape|itfam)(?![a-zA-Z]))"
)
_SLANT_SWITCH: Final = re.compile(r"\{\s*\\(?:it|em|sl|itshape|slshape|itfam)(?![a-zA-Z])")
#: Slanted words that are neither a title nor a journal.
_ASIDE: Final = re.compile(
    r"(?:et\.? al\.?|in:?|and|eds?\.?|ibid\.?|idem|see|see also|cf\.?|e\.g\.|vol\.?|[\W\d_]*)",
    re.IGNORECASE,
)
_JOINERS: Final = frozenset(
    words("""
    of and the in on for to a an & de la le les et des du der die und für fur di e della i y
""")
)
_JOURNAL_WORDS: Final = re.compile(
    r"\b(?:Journal|Annals|Annales|Annalen|Proceedings|Transactions|Letters|Bulletin|Zeitschrift|"
    r"Comptes|Rendus|Reviews?|Archive?s?|Acta|Physica|Reports|Communications|Gazette|Monthly|"
    r"Magazine|Notices)\b"
)
_ONE_WORD_JOURNALS: Final = frozenset(
    words("""
    Nature Science Cell Lancet Icarus Tetrahedron Synthesis Synlett Biometrika Biometrics
    Bioinformatics Neuron Genetics Genomics Evolution Ecology Neuroimage NeuroImage Mind
    Econometrica Technometrics Automatica Nanoscale Polymer Langmuir Macromolecules Biochemistry
    Chemosphere Geology Carbon Small Chaos eLife Mathematika Topology Heredity Combinatorica
    Algorithmica Chest Blood Brain Cancer Circulation Gut Pediatrics Radiology Nonlinearity
    Metrologia Physics Entropy Sensors Molecules Water Energy Fuel
""")
)
_NOT_A_TITLE: Final = re.compile(
    r"(?:in|in:|see|see also|cf|also|ibid|private|personal|unpublished|preprint|submitted|to "
    r"appear|to be|in press|in preparation|accepted|ph\.?\s?d|thesis|arxiv|http|doi|edited|eds?)\b",
    re.IGNORECASE,
)


class Slanted(NamedTuple):
    """The first slanted words of an entry, with what stands around them."""

    before: str
    words: str
    after: str


def authors_end(text: str) -> int:
    """The index after the names at the head of an entry; 0 where none is recognized.

    >>> text = "Evans, M. G.; Polanyi, M. Some Applications"
    >>> text[:authors_end(text)]
    'Evans, M. G.; Polanyi, M. '
    """
    end = at = 0
    full = False
    while at < len(text) and at < 3000:
        match = _NAME.match(text, at)
        if match is None and (full or at == 0):
            match = _FULL_NAME.match(text, at)
            full = match is not None
        if match is None:
            break
        end = match.end()
        others = _ET_AL.match(text, end)
        if others is not None:
            return others.end()
        separator = _AND.match(text, end)
        if separator is None:
            break
        at = separator.end()
    return end


def looks_like_journal(name: str) -> bool:
    """Whether slanted words read as the name of a journal and not as a title.

    >>> looks_like_journal("Trans. Faraday Soc."), looks_like_journal("On the theory of ions")
    (True, False)
    """
    tokens = name.strip(" ,;:").split()
    content = [token for token in tokens if token.lower() not in _JOINERS]
    if not content or len(tokens) > 14:
        return False
    if " ".join(tokens).rstrip(".") in _ONE_WORD_JOURNALS:
        return True
    if any(token[0].islower() for token in content):
        return False
    if _JOURNAL_WORDS.search(name) or (len(tokens) == 1 and name.isupper()):
        return True
    inner = content[:-1] if len(content) > 1 else content
    return any(re.fullmatch(r"(?:[^\W\d_]\.?-?){1,9}\.,?", token) for token in inner)


def slanted_title(body: str, plain: Plain) -> tuple[str | None, str] | None:
    """The title, if there is one, and the words before it; None where no authors are recognized."""
    found = _first_slanted(body, plain)
    if found is None:
        return None
    head = re.sub(r"^\(?[a-z]\)\s*", "", found.before)
    end = authors_end(head)
    if end == 0:
        return None
    names, between = head[:end], head[end:].strip(" ,.:;")
    journal = looks_like_journal(found.words) or _is_volume(found.after)
    if not between:
        # Slanted directly after the authors: a title, unless it is the journal.
        untitled = journal or _bare_year(found) or _is_book_of_untitled(names, found.after)
        return (None if untitled else clean_title(found.words)), names
    chapter = re.fullmatch(r"(.+?)[.,;:]\s*[Ii]n:?", between)
    if chapter is not None:
        between, journal = chapter.group(1), True
    return (clean_title(between) if journal and _is_title(between) else None), names


def _first_slanted(body: str, plain: Plain) -> Slanted | None:
    at = 0
    for _ in range(8):
        match = _SLANT.search(body, at)
        if match is None:
            return None
        end = _closing(body, match.end())
        if end < 0:
            return None
        inner = body[match.end() + 1 : end - 1]
        switch = _SLANT_SWITCH.match(body, match.end())
        if switch is not None:
            inner = body[switch.end() : end - 1]
        slanted = plain(inner).strip()
        if not _ASIDE.fullmatch(slanted):
            before = plain(body[: match.start()])
            return Slanted(" ".join(before.split()), slanted, body[end : end + 300])
        at = end
    return None


def _closing(body: str, at: int) -> int:
    depth = 0
    for position in range(at, len(body)):
        if position and body[position - 1] == "\\":
            continue
        depth += (body[position] == "{") - (body[position] == "}")
        if depth == 0:
            return position + 1
    return -1


def _is_volume(after: str) -> bool:
    r"""Whether what follows slanted words is a volume, or the bold year that ACS style prints."""
    if re.match(r"[\s,.~\\/]*(?:\\(?:textbf|bf|mathbf)\b|\{\s*\\(?:bf|bfseries)\b)", after):
        return True
    digits = re.match(r"[\s,.~]*(?:\\[, ])?\s*(?:vol(?:ume)?\.?[\s~]*)?([A-G]?\d{1,4})\b", after)
    if digits is None:
        return False
    year = re.fullmatch(r"(?:18|19|20)\d\d", digits.group(1))
    return year is None or bool(re.match(r"\s*[,;]\s*\d", after[digits.end() :]))


def _bare_year(found: Slanted) -> bool:
    """Whether only a year follows and nothing in the words says that they are a title."""
    if not re.match(r"[\s,.~]*\(?(?:18|19|20)\d\d\)?[\s.;,]*$", found.after):
        return False
    return not any(
        token[0].islower() and token.lower() not in _JOINERS for token in found.words.split()
    )


def _is_book_of_untitled(names: str, after: str) -> bool:
    r"""Whether slanted words are a book's in the style of astronomy, `Poe, E., \emph{Book}, Press`.

    Its lists print no titles of articles, and their books stay untitled with them.
    """
    if after.lstrip().startswith(";") or not re.match(rf"{_SURNAME}(?: {_SURNAME})?, ", names):
        return False
    volume = r"\\(?:textbf|bf)\b|\b\d+\s*\((?:18|19|20)\d\d\)|\b\d+,\s*\d+|\b\d+:\d+"
    return not re.search(volume, after)


def _is_title(between: str) -> bool:
    """Whether the words between authors and journal are a title and no other reference."""
    if len(between.split()) < 2 or _NOT_A_TITLE.match(between) or looks_like_journal(between):
        return False
    # Volume, page and year of another work.
    if re.search(r"\((?:18|19|20)\d\d\)|\b\d+, \d+|\b[A-Z][a-z]*\. (?:[A-Z] )?\d", between):
        return False
    return bool(re.match(r"[^\W_]|[“‘'\"(\[]", between))
