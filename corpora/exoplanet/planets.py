"""A planet with its stars and system, as its catalogue describes it, and its document."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from corpora.citations import span
from corpora.documents import JSON, Citation, Document, ReadOptions, RecordUnreadable
from corpora.english_lists import listed
from corpora.exoplanet.characteristics import PLANET, STAR, SYSTEM, Characteristic
from corpora.exoplanet.quantities import Quantity, in_words
from corpora.seeded_choices import chance, shuffled

#: How a discovery was made, by the words of either catalogue in lower case.
_METHODS: Final = {
    "rv": "by the radial velocity method",
    "radial velocity": "by the radial velocity method",
    "transit": "by the transit method",
    "timing": "by timing variations",
    "imaging": "by direct imaging",
    "microlensing": "by gravitational microlensing",
    "astrometry": "by astrometry",
}
_SEXAGESIMAL: Final = re.compile(
    r"([+-]?)(\d{1,3})[ hd:°](\d{1,2})[ m:′']?(?:(\d{1,2}(?:\.\d+)?)[s″\"]?)?"
)
_IN_DEGREES: Final = re.compile(r"-?\d{1,3}(?:\.\d{1,12})?°")
_NEVER_NEGATIVE: Final = re.compile(
    r"mass|radius|density|period|axis|separation|eccentricity|temperature|insolation|^age$|distance"
)
#: Before the characteristics of what is no planet, or not known to be one.
_SUPPOSED: Final = (
    "If its signal were that of a planet, these would be the planet's characteristics."
)
#: Other measurements beyond these are left out of the text.
_MOST_PARAMETER_SETS: Final = 10


@dataclass(frozen=True, slots=True)
class Body:
    """A star, or the planet itself: its names, the first of them usual, and its quantities.

    Quantities are under the keys of `characteristics`; a key's words replace a number where the
    characteristic has none (`spectral_type`).
    """

    names: tuple[str, ...] = ()
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    #: Units of many and of one, for quantities that are not in those of `characteristics`.
    units: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """What one publication says of a planet."""

    citation: Citation
    planet: Body


@dataclass(frozen=True, slots=True)
class Planet:
    """A planet of a catalogue.

    `kind` is the noun phrase that it is (`an exoplanet`); `disposition` is the word that a table of
    candidates has for it, and `is_planet` is false where that says that it is none, or nothing.
    `remarks` are sentences that the source has already; `others` are what other publications say.
    """

    body: Body
    kind: str = "an exoplanet"
    stars: tuple[Body, ...] = ()
    orbits: str | None = None
    method: str = ""
    year: str = ""
    facility: str = ""
    remarks: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    system: Body = field(default_factory=Body)
    right_ascension: str = ""
    declination: str = ""
    constellation: str = ""
    num_stars: str = ""
    num_planets: str = ""
    reference: Citation | None = None
    others: tuple[ParameterSet, ...] = ()
    catalogue: str = ""
    disposition: str = ""
    is_planet: bool = True


def planet_document(
    record_id: str, planet: Planet, options: ReadOptions, cleaned: Counter[str]
) -> Document:
    """The document of a planet: characteristics in an order of its own for each record.

    Raises RecordUnreadable for values that no planet or star has.
    """
    name = planet.body.names[0]
    for body in (planet.body, *planet.stars, planet.system):
        _refuse_impossible(body)
    cited: list[Citation] = []
    blocks = [f"# {name}", _introduction(planet)]
    blocks += planet.descriptions
    sentences = _sentences(planet.body, PLANET, options.seed, record_id)
    if sentences:
        blocks.append("## Characteristics")
        text = " ".join(sentences if planet.is_planet else [_SUPPOSED, *sentences])
        if planet.reference is not None:
            cited.append(planet.reference)
            text += f" These parameters are those of {span(planet.reference)}."
        blocks.append(text)
    others = [
        (one.citation, facts)
        for one in planet.others
        if (facts := _facts(one.planet, options.seed, record_id))
    ][:_MOST_PARAMETER_SETS]
    if others:
        blocks.append("## Other Measurements")
        for citation, facts in others:
            cited.append(citation)
            blocks.append(f"According to {span(citation)}, {_joined(facts)}.")
    several = len(planet.stars) > 1
    stars = [
        text
        for star in planet.stars
        if (text := _star(star, several, planet.is_planet, options.seed, record_id))
    ]
    if stars:
        heading = "Host Star" if planet.is_planet else "Star"
        blocks += [f"## {heading}{'s' if several else ''}", *stars]
    system = _system(planet)
    if system:
        blocks += ["## Planetary System" if planet.is_planet else "## Position", system]
    return Document(
        record_id, "\n\n".join(blocks), _metadata(planet), citations=tuple(cited), cleaned=cleaned
    )


def _refuse_impossible(body: Body) -> None:
    """Raises RecordUnreadable for a negative mass and the like: such tables were scaled."""
    for key, quantity in body.quantities.items():
        value = quantity.value or quantity.upper
        if value is None or not _NEVER_NEGATIVE.search(key):
            continue
        if Decimal(value) < 0 or (key == "eccentricity" and Decimal(value) > 1):
            raise RecordUnreadable("a value that cannot be", f"{key} {value}")


def _introduction(planet: Planet) -> str:
    name, *others = planet.body.names
    words = f"{name} is {planet.kind}"
    if planet.orbits:
        words += f" that orbits {planet.orbits}"
    sentences = [f"{words}."]
    if others:
        sentences.append(f"It is also known as {listed(others)}.")
    when = f" in {planet.year}" if re.fullmatch(r"[12]\d{3}", planet.year) else ""
    method = planet.method.strip().lower()
    how = _METHODS.get(method, f"by {method}") if method else ""
    where = f"; the facility was {planet.facility}" if planet.facility else ""
    if when or how:
        sentences.append(f"It was discovered{when}{' ' if how else ''}{how}{where}.")
    return " ".join([*sentences, *planet.remarks])


def _sentences(
    body: Body, known: Mapping[str, Characteristic], seed: int, record_id: str
) -> list[str]:
    """A sentence for each characteristic of a body, in random order."""
    place = body.names[0] if body.names else ""
    keys = shuffled(
        [key for key in known if _value(body, key, known[key])],
        seed,
        record_id,
        f"exoplanet: order {place}",
    )
    sentences = []
    for key in keys:
        noun = known[key].noun
        value = _value(body, key, known[key])
        if known[key].sentence:
            sentences.append(known[key].sentence.format(value))
            continue
        has = chance(seed, record_id, f"exoplanet: verb {place} {key}") < 1 / 2
        if has and known[key].had:
            article = "an" if noun[0] in "aeiou" else "a"
            sentences.append(f"It has {article} {noun} of {value}.")
        else:
            sentences.append(f"Its {noun} is {value}.")
    return sentences


def _value(body: Body, key: str, characteristic: Characteristic) -> str:
    words = body.words.get(key, "")
    if words:
        return words
    quantity = body.quantities.get(key)
    if not quantity:
        return ""
    unit, singular = body.units.get(key, (characteristic.unit, characteristic.singular))
    shown = in_words(quantity, unit, singular)
    return shown.replace(" %", "%")


def _facts(body: Body, seed: int, record_id: str) -> list[str]:
    return [
        sentence[0].lower() + sentence[1:].removesuffix(".")
        for sentence in _sentences(body, PLANET, seed, record_id)
    ]


def _star(star: Body, several: bool, is_host: bool, seed: int, record_id: str) -> str:
    sentences = _sentences(star, STAR, seed, record_id)
    name = star.names[0] if star.names else ""
    others = list(star.names[1:])
    spectral_type = star.words.get("spectral_type", "")
    if not sentences and not others and not spectral_type:
        return ""
    role = "host star" if is_host else "star of the signal"
    kind = f"a star of spectral type {spectral_type}" if spectral_type else f"the {role}"
    if several and not spectral_type:
        kind = "one of the host stars"
    known_as = f", also known as {listed(others)}" if others else ""
    if not name and not spectral_type:
        first = sentences[0].replace("It has ", f"The {role} has ", 1)
        return " ".join([first.replace("Its ", f"The {role}'s ", 1), *sentences[1:]])
    return " ".join([f"{name or f'The {role}'} is {kind}{known_as}.", *sentences])


def _system(planet: Planet) -> str:
    sentences: list[str] = []
    stars, planets = _count(planet.num_stars, "star"), _count(planet.num_planets, "planet")
    counts = [count for count in (stars, planets) if count]
    if counts and planet.num_stars != "0":
        sentences.append(f"The system has {' and '.join(counts)}.")
    for key, characteristic in SYSTEM.items():
        value = _value(planet.system, key, characteristic)
        if value:
            sentences.append(f"Its {characteristic.noun} is {value}.")
    where = []
    right_ascension = _hours(planet.right_ascension)
    declination = _degrees(planet.declination)
    if right_ascension and declination:
        where.append(f"at right ascension {right_ascension} and declination {declination}")
    if planet.constellation:
        where.append(f"in the constellation {planet.constellation}")
    if where:
        sentences.append(f"It lies {', '.join(where)}.")
    return " ".join(sentences)


def _count(written: str, noun: str) -> str:
    if not re.fullmatch(r"\d{1,3}", written) or int(written) == 0:
        return ""
    known = "known " if noun == "planet" else ""
    return f"one {known}{noun}" if int(written) == 1 else f"{int(written)} {known}{noun}s"


def _hours(written: str) -> str:
    """A right ascension in hours, minutes and seconds.

    Of a table that has degrees, in degrees.

    >>> _hours("19 16 18.5"), _hours("19h16m18.50s"), _hours("291.934230°")
    ('19 h 16 min 18.5 s', '19 h 16 min 18.50 s', '291.934230°')
    """
    if _IN_DEGREES.fullmatch(written):
        return written
    match = _SEXAGESIMAL.fullmatch(written.strip())
    if match is None or match[1] == "-":
        return ""
    return f"{match[2]} h {match[3]} min" + (f" {match[4]} s" if match[4] else "")


def _degrees(written: str) -> str:
    if _IN_DEGREES.fullmatch(written):
        return written
    match = _SEXAGESIMAL.fullmatch(written.strip())
    if match is None:
        return ""
    return f"{match[1]}{match[2]}° {match[3]}′" + (f" {match[4]}″" if match[4] else "")


def _joined(facts: Sequence[str]) -> str:
    if len(facts) < 3:
        return " and ".join(facts)
    return f"{', '.join(facts[:-1])}, and {facts[-1]}"


def _metadata(planet: Planet) -> dict[str, JSON]:
    host = planet.stars[0].names[:1] if len(planet.stars) == 1 else ()
    return {
        "name": planet.body.names[0],
        "host": host[0] if host else None,
        "discovery_year": planet.year or None,
        "catalogue": planet.catalogue,
        **({"disposition": planet.disposition} if planet.disposition else {}),
    }
