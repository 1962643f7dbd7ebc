r"""The names at the head of a printed reference, in whatever order its style prints them.

    Evans, M. G.; Polanyi, M.    M. G. Evans and M. Polanyi    Evans MG, Polanyi M
    Michael G. Evans, Michael Polanyi       ATLAS collaboration, M. Aaboud et al.

Names are recognized by their shape and never guessed at: what follows the last one is the title.
"""

import re
from typing import Final, NamedTuple

from corpora.latex.bibliography.printed_text import GLUE, TIE, blanks

_LETTER: Final = r"[A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĢĪİĶĹĻĽŁŃŅŇŌŐŒŘŚŞŠŢŤŪŮŰŹŻŽ]"
_INITIALS: Final = rf"(?:{_LETTER}[a-z]?\.(?: ?[-‐] ?| )?){{1,6}}"
_PARTICLE: Final = (
    r"(?:(?:van|von|de|der|den|di|da|do|dos|du|del|della|la|le|ten|ter|zu|zum|zur|al|el|bin|ben|"
    r"ibn|af|av|on|e|y|Van|Von|De|Der|Den|Di|Da|Du|Del|La|Le|St\.|O) ){0,3}(?:d['’]|al-|D['’])?"
)
#: `Z. Physik` and `J. Math.` look like a person.
_NO_SURNAME: Final = (
    r"(?!(?:Physik|Physics|Phys|Math|Mathematik|Chem|Chemie|Comput|Stat|Appl|Mech|Opt|Funct|"
    r"Algebra|Differential|Number|Biol|Fluid|Amer|Am|Acoust|Atmos|Geophys|Astron|Astrophys|"
    r"Rev|Lett|Sci|Soc|Proc|Ann|Trans|Jr|Sr|II|III|IV)\b)"
)
#: No name begins so, but for `H. An`.
_NO_NAME: Final = r"(?!(?:In|The|An?|On)\b)"
_SURNAME: Final = rf"{_NO_SURNAME}{_PARTICLE}(?:[OD]['’]|Mc|Mac)?{_LETTER}[\w'’‐-]{{1,30}}"
_SUFFIX: Final = r"(?:,? (?:Jr|Sr)\b\.?| II\b| III\b| IV\b)?"
_NAME: Final = re.compile(
    rf"(?P<last_first>{_NO_NAME}{_SURNAME}(?: {_SURNAME}){{0,2}})"
    rf"(?:, (?P<after>{_INITIALS})| (?:{_LETTER}\.[ -]?){{1,5}}){_SUFFIX}"
    rf"|{_INITIALS} ?(?P<first_last>{_SURNAME}(?: {_SURNAME})?){_SUFFIX}"
    r"(?![\w'’])(?!\. ?\w+\.)"
    # Vancouver; `Jane D. Doe,` is a full name.
    rf"|(?P<vancouver>{_NO_NAME}{_SURNAME}(?: {_SURNAME})?)(?: (?:Jr|Sr|II|III)\.?)?"
    rf" (?!(?:II|III|IV)\b){_LETTER}(?:[‐-]?{_LETTER}){{0,3}}"
    rf"(?=[,;:]| \(|\.(?! ?{_LETTER}[\w'’-]+(?:,| and | & |$))|$)"
)
_FULL_NAME: Final = re.compile(
    rf"(?P<given>{_NO_NAME}{_SURNAME}(?:-{_LETTER}\w+)?)"
    rf"(?P<middle>(?: (?!(?:Le|La|De|Di|Du|Da|El|Al) ){_LETTER}(?:{_LETTER}|[a-z])?\.?){{0,3}})"
    rf"(?P<full>(?: {_SURNAME}){{1,3}}){_SUFFIX}(?=\s*(?:[,:;.(]|and\b|et al|&|$))"
)
_LAST_COMMA_GIVEN: Final = re.compile(
    rf"(?P<last_first>{_NO_NAME}{_SURNAME}(?: {_SURNAME})?), {_SURNAME}"
    rf"(?: {_LETTER}\.?| {_SURNAME}){{0,2}}"
    r"(?=\s*(?:;|[,.]? and\b|[,.]? &|\.|, ))"
)
#: `A J Doe` among full names.
_BARE_INITIALS: Final = re.compile(
    rf"{_LETTER}(?: {_LETTER}){{0,2}} (?P<first_last>{_SURNAME}(?: {_SURNAME})?)"
    r"(?=\s*(?:[,:;.(]|and\b|&|$))"
)
#: `ATLAS collaboration, `, `The HERA Team: `.
_GROUP: Final = re.compile(
    r"(?P<group>(?:The )?[A-Z][\w/&+.-]*(?: [\w/&+.-]+){0,6}? ?"
    r"(?:Collaborations?|collaborations?|Consortium|Group|Team|Working Group|Developers))"
    r"(?=\s*(?:[,:;.(]|et al|$))"
)
_SEPARATOR: Final = re.compile(r"\s*[;,]?\s*(?:&|\b(?:and|und|et)\b(?!\.? al\b))\s*|\s*[;,]\s+")
_ET_AL: Final = re.compile(
    r"[,;]?\s*(?:(?:and|&)\s+)?(?:et\.? al\b\.?|others\b\.?|[Cc]oauthors\b|[Cc]ollaborators\b|"
    r"colleagues\b|\[and others\])"
)
_ROLE: Final = re.compile(
    r"[,;]?\s*\(?\s*\b(?:[Ee]ds?|[Ee]ditors?|editors?|translators?)\b\.?\s*\)?\.?"
)
_HEAD_LIMIT: Final = 3000


class Names(NamedTuple):
    """Where the names end (0: none recognized), the first surnames, and whether there are more."""

    end: int
    surnames: tuple[str, ...]
    others: bool


def read_names(text: str) -> Names:
    """The names at the head of a text with its ties.

    >>> text = "Evans, M. G.; Polanyi, M. Some Applications"
    >>> names = read_names(text)
    >>> text[:names.end], names.surnames
    ('Evans, M. G.; Polanyi, M. ', ('Evans', 'Polanyi'))
    >>> read_names("Dmitri N. Akhiezer, On groups").surnames
    ('Akhiezer',)
    """
    flat = blanks(text[:_HEAD_LIMIT])
    surnames: list[str] = []
    end = at = 0
    form = ""
    others = False
    group = _GROUP.match(flat)
    if group is not None:
        surnames.append(group.group("group"))
        end = at = group.end()
        separator = re.compile(r"\s*[,:;]?\s+").match(flat, at)
        follows = _NAME.match(flat, separator.end()) if separator else None
        if separator is None or follows is None:
            more = _ET_AL.match(flat, end)
            end = more.end() if more is not None else end
            return Names(_after_role(flat, end), tuple(surnames), more is not None)
        # The people of a collaboration are what a database names first.
        surnames.clear()
        at = separator.end()
    while at < len(flat):
        match = _one(flat, at, form)
        if match is None:
            break
        form, surname = _surname(match, text)
        end = match.end()
        surnames.append(surname)
        more = _ET_AL.match(flat, end)
        if more is not None:
            others, end = True, more.end()
            break
        separator = _SEPARATOR.match(flat, end)
        if separator is None:
            break
        at = separator.end()
    if not surnames:
        return Names(0, (), False)
    return Names(_after_role(flat, end), tuple(surnames[:3]), others or len(surnames) > 3)


def _after_role(flat: str, end: int) -> int:
    role = _ROLE.match(flat, end)
    return role.end() if role is not None else end


def _one(flat: str, at: int, form: str) -> re.Match[str] | None:
    """The name at a place; full names are looked for at the head, and where one stood before."""
    match = _NAME.match(flat, at)
    if form in ("", "full", "given"):
        full = _FULL_NAME.match(flat, at)
        if full is not None and (
            match is None or full.end() > match.end() or _of_next(match, flat)
        ):
            return full
        if match is None and at == 0:
            return _LAST_COMMA_GIVEN.match(flat, at)
    if match is None and form in ("full", "first_last"):
        other = _FULL_NAME.match(flat, at) or _BARE_INITIALS.match(flat, at)
        listed = other is not None and re.match(r"\s*(?:,|and\b|&|$)", flat[other.end() :][:9])
        return other if listed else None
    return match


def _of_next(match: re.Match[str], flat: str) -> bool:
    """Whether the initials after a comma belong to the next name: `Shen Chern, R. Gardner`."""
    return bool(match.group("after") and re.match(_SURNAME, flat[match.end() : match.end() + 40]))


def _surname(match: re.Match[str], text: str) -> tuple[str, str]:
    """The form of a name and its surname, with the ties that BibTeX left in it."""
    groups = match.groupdict()
    if match.re is _LAST_COMMA_GIVEN:
        return "given", groups["last_first"]
    for form in ("last_first", "vancouver", "first_last"):
        if groups.get(form):
            return form, groups[form]
    start, end = match.span("full")
    if text[start] == GLUE:
        # `{Intel Corporation}`, braced whole, is no person.
        return "full", match.group()
    printed = text[start:end].lstrip(f" {TIE}{GLUE}")
    return "full", surname_of_full(printed)


def surname_of_full(printed: str) -> str:
    """The surname of the words after the given name: BibTeX ties the words of one surname.

    >>> surname_of_full("Antonio Vieira\\uf8c5Monteiro"), surname_of_full("Maria van der Berg")
    ('Vieira Monteiro', 'van der Berg')
    """
    words = printed.split(" ")
    start = len(words) - 1
    while start > 0 and words[start - 1][:1].islower():
        start -= 1
    return blanks(" ".join(words[start:]))
