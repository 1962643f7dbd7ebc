"""Cited works: what a citation template or the words of a reference say of one.

Parameters: https://en.wikipedia.org/wiki/Help:Citation_Style_1, and those of the German, French,
Spanish, Italian, Portuguese and Dutch templates.
"""

import re
from dataclasses import replace
from typing import Final

from corpora.documents import Citation
from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.inline import plain_words
from corpora.mediawiki.standard_works import ENTRIES_OF, standard_work
from corpora.mediawiki.state import PageState

_TEMPLATE: Final = re.compile(
    r"(?:cite|cita|citar|citeer|vcite2?|vancite|harvard citation|kildehenvisning|cytuj|citace|"
    r"voir source) (?!needed|check|quote|quran|bible|style|req|plot|not|span)[\w. -]{1,40}|"
    r"citation|vcite|cite|literatur|internetquelle|ouvrage|article|lien web|chapitre|lien arxiv|"
    r"lien conférence|article encyclopédique|der spiegel|citation/core|comic book reference|"
    r"eb1911|1911|книга|статья|публикация|стаття|citace[ \w]*|cytuj[ \w]*|bogen|tidsskrift",
    re.IGNORECASE,
)
_TITLES: Final = (
    "chapter", "contribution", "entry", "article", "section", "titre chapitre", "capítulo",
    "capitulo", "capitolo", "title", "titel", "titre", "título", "titulo", "titolo", "werktitel",
    "script-title", "trans-title", "trans_title", "wstitle", "encyclopedia",
    "book-title", "заглавие", "название", "назва", "tytuł", "titul", "tittel",
)  # fmt: skip
_SURNAMES: Final = (
    "last", "surname", "author-last", "author-surname", "nom", "apellido", "apellidos", "cognome",
    "sobrenome", "último", "ultimo", "achternaam", "nachname",
    "nazwisko", "příjmení", "фамилия", "etternavn", "efternamn", "efternavn",
)  # fmt: skip
_AUTHORS: Final = (
    "vauthors", "author", "authors", "author1", "people", "autor", "auteur", "autores", "autore",
    "auteurs", "host", "inventor", "inventor1", "credits",
    "автор", "forfatter", "författare",
)  # fmt: skip
_EDITORS: Final = (
    "editor-last", "editor1-last", "editor-last1", "editor-surname", "editor-surname1",
    "editor1-surname",
)  # fmt: skip
_YEARS: Final = (
    "year", "date", "jahr", "datum", "année", "annee", "año", "fecha", "anno", "data", "ano",
    "jaar", "rok", "год", "рік", "år", "publication-date", "issue-date",
)  # fmt: skip
_DOI: Final = re.compile(r"10\.\d{4,9}/[^\s\"<>|\]}]+")
ARXIV: Final = re.compile(
    r"(?:arxiv:|arxiv\.org/(?:abs|pdf)/)\s*(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.I
)
YEAR: Final = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})([a-z]?)\b")
_ORGANISATION: Final = re.compile(
    r"\b(?:of|for|and|the|der|für|de la|des|du|University|Institute|Committee|Commission|"
    r"Organi[sz]ation|Association|Society|Agency|Department|Ministry|Office|Bureau|Council|Centre|"
    r"Center|Museum|Group|Team|Staff|Collaboration|Consortium|Inc|Ltd|Press|News|Service|Library|"
    r"Academy|Foundation|Union|Government|Reuters|BBC|NASA)\b|\d|\."
    r"(?:com|org|net|gov|edu)\b"
)


def is_citation(name: str) -> bool:
    """Whether a template of this name, in lower case, describes a cited work."""
    return _TEMPLATE.fullmatch(name) is not None


def template_work(name: str, given: Arguments, state: PageState) -> Citation:
    """The work of a citation template; it is known to {{sfn}} and its kin from here on."""
    title = plain_words(given.get(*_TITLES), state).strip(' "“”.,')
    surnames = _surnames(given, state)
    year = _year(given, state)
    written = " ".join(given.named.values())
    if name in _CHISHOLM:
        surnames, year = surnames or ["Chisholm"], year or "1911"
    doi = doi_of(given.get("doi", "doi-broken-date") or (given.at(1) if name == "cite doi" else ""))
    pmid = re.search(r"\d{1,8}", given.get("pmid") or (given.at(1) if "pmid" in name else ""))
    eprint = given.get("arxiv", "eprint") or (given.at(1) if name == "cite arxiv" else "")
    arxiv = re.search(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}", eprint)
    linked = ARXIV.search(written)
    found = re.search(r"\d{4}", year)
    work = Citation(
        as_written=_as_written(surnames, year, title),
        title=title or None,
        surname=surnames[0] if surnames else None,
        year=found.group() if found else None,
        doi=doi or doi_of(given.get("url")),
        pmid=pmid.group() if pmid else None,
        arxiv=arxiv.group() if arxiv else linked.group(1) if linked else None,
    )
    register(work, surnames or _editors(given, state), year, given.get("ref"), state)
    return work


def work_of_template(name: str, given: Arguments, state: PageState) -> Citation | None:
    """The work that a template describes or stands for; None where it is no such template."""
    if is_citation(name):
        return template_work(name, given, state)
    author = ENTRIES_OF.get(name)
    if author is not None:
        work = template_work(name, given, state)
        surname = work.surname or author or None
        return replace(work, surname=surname, as_written=f"({surname or work.title or name})")
    known = standard_work(name)
    if known is None:
        return None
    title, surname, year = known
    return Citation(_as_written([surname], year, title), title, surname, year or None)


def _as_written(surnames: list[str], year: str, title: str) -> str:
    if not surnames:
        return f"({title or year or 'source'})"
    names = surnames[0]
    if len(surnames) == 2:
        names = f"{surnames[0]} and {surnames[1]}"
    elif len(surnames) > 2:
        names = f"{surnames[0]} et al."
    return f"({names} {year})" if year else f"({names})"


def _surnames(given: Arguments, state: PageState) -> list[str]:
    """Surnames of up to four authors, which is as many as {{sfn}} names."""
    found = [given.get(*_SURNAMES, *(f"{name}1" for name in _SURNAMES))]
    for number in range(2, 5):
        found.append(given.get(*(f"{name}{number}" for name in _SURNAMES)))
    if not found[0] and any(found):
        # `author1=Byron |first1=A. |last2=Lovelace`
        found[0] = surname_of(plain_words(given.get(*_AUTHORS), state))
    surnames = [plain_words(name, state).strip(" ,;.") for name in found if name]
    if surnames:
        # `last=A. Byron`
        return [
            surname_of(name) if re.match(r"[A-Z]\.", name) else name for name in surnames if name
        ]
    written = plain_words(given.get(*_AUTHORS), state)
    names = _people(written)
    names += [
        surname_of(plain_words(given.get(f"author{number}"), state))
        for number in range(2, 5)
        if len(names) == 1
    ]
    return [name for name in names if name]


def _editors(given: Arguments, state: PageState) -> list[str]:
    name = plain_words(given.get(*_EDITORS, "editor", "editors"), state)
    return [surname_of(name)] if name else []


def _people(written: str) -> list[str]:
    """Surnames of a list of authors as one parameter holds them."""
    written = re.sub(r"\s*\(?\b(?:eds?|hrsg)\b\.?\)?|,? et al\.?", "", written, flags=re.I)
    if ";" in written:
        return [surname_of(name) for name in written.split(";")[:4]]
    if re.search(r"\s(?:and|&|und|et)\s", written) and not _ORGANISATION.search(
        re.sub(r"\sand\s", " ", written)
    ):
        names = re.split(r",?\s(?:and|&|und|et)\s|,\s(?=\S+\s\S)", written)
        return [surname_of(name) for name in names[:4]]
    # `((Name))` says that a name is no surname with initials.
    written = re.sub(r"\(\(|\)\)", "", written)
    vancouver = re.findall(r"([^\W\d_][\w'’ -]*?)\s[A-Z][A-Z-]{0,3}(?:,|$)", written)
    if vancouver and written.count(",") == len(vancouver) - 1:
        return vancouver[:4]
    return [surname_of(written)] if written else []


def surname_of(name: str) -> str:
    """The surname of one author; the whole name of an organisation.

    >>> surname_of("Ada L. Byron"), surname_of("Byron, Ada"), surname_of("Ludwig van Beethoven")
    ('Byron', 'Byron', 'van Beethoven')
    >>> surname_of("World Health Organization"), surname_of("Ada L. Byron, Ben Ore")
    ('World Health Organization', 'Byron')
    """
    name = " ".join(name.strip(" ,;.").split())
    if "," in name:
        first, *others = (part.strip() for part in name.split(","))
        several = " " in first and all(" " in part for part in others)
        if several and (len(others) > 1 or re.search(r"\b[A-Z]\.", first)):
            return surname_of(first)  # `Ada L. Byron, Ben Ore`
        return first
    words = name.split()
    if len(words) < 2 or len(words) > 4 or _ORGANISATION.search(name):
        return name
    if (
        len(words[-1]) < 7
        and (initials := words[-1].replace(".", "")).isupper()
        and len(initials) < 4
    ):
        return " ".join(words[:-1])  # Vancouver: `Byron AL`
    at = next(
        (n for n, word in enumerate(words[1:-1], start=1) if word.lower() in _PARTICLES), None
    )
    return " ".join(words[at:]) if at else words[-1]


#: The Encyclopædia Britannica of 1911, whose editor the template adds.
_CHISHOLM: Final = frozenset(("eb1911", "cite eb1911", "1911"))
_PARTICLES: Final = frozenset("van von der den de la le du di da ten ter zu".split())


def _year(given: Arguments, state: PageState) -> str:
    for name in _YEARS:
        value = given.get(name)
        if value:
            words = plain_words(value, state)
            found = YEAR.search(words)
            if found:
                return found.group()
            if re.fullmatch(r"n\.?\s?d\.?", words.strip()):
                return "n.d."
    return ""


def doi_of(written: str) -> str | None:
    """The first DOI in some words."""
    found = _DOI.search(written)
    return found.group().rstrip(".,;") if found else None


def author_year_key(surnames: list[str], year: str) -> str:
    """How {{sfn|Surname|Surname|Year}} and the anchor of a work agree (`CITEREFSurnameYear`)."""
    return re.sub(r"[\W_]", "", "".join(surnames[:4]) + year).lower()


def register(work: Citation, surnames: list[str], year: str, anchor: str, state: PageState) -> None:
    """Makes a work known to {{sfn}} and to footnotes that name its authors and year."""
    if anchor and anchor not in ("harv", "none"):
        key = re.sub(r"[\W_]", "", anchor.removeprefix("CITEREF")).lower()
        state.by_author_year.setdefault(key, work)
    if surnames:
        state.by_author_year.setdefault(author_year_key(surnames, year), work)
        state.by_surname.setdefault(author_year_key(surnames[:1], ""), set()).add(work)
    elif work.title:
        state.by_author_year.setdefault(author_year_key([work.title], year), work)
