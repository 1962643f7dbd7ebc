"""Rows of the NASA Exoplanet Archive's tables `ps`, `pscomppars`, `k2pandc`, the former `planets`.

A row is what one publication says of a planet; the archive's own choice is its default.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from corpora.documents import Citation, RecordUnreadable
from corpora.exoplanet.characteristics import PLANET, STAR, SYSTEM
from corpora.exoplanet.dispositions import as_disposed
from corpora.exoplanet.nasa_columns import (
    CATALOGUE,
    PLANET_COLUMNS,
    STAR_COLUMNS,
    SYSTEM_COLUMNS,
    TAG,
    Cells,
    cell_text,
    measured_cell,
    quantities_of,
    times_of,
    units_of,
)
from corpora.exoplanet.planets import Body, ParameterSet, Planet
from corpora.exoplanet.quantities import Quantity, number
from tokenization.marked_text import clean

_OTHER_NAMES_OF_HOST: Final = ("hd_name", "hip_name", "tic_id", "gaia_dr3_id", "gaia_id")
#: Below, a planet is compared with Earth, above with Jupiter.
_EARTHLIKE_MASS: Final = Decimal(50)
_EARTHLIKE_RADIUS: Final = Decimal(6)

#: `pl_bmassprov` without blanks, in small letters.
_KINDS_OF_MASS: Final = {
    "mass": "mass",
    "msini": "minimum_mass",
    "msin(i)": "minimum_mass",
    "msin(i)/sin(i)": "mass",
    "m-rrelationship": "estimated_mass",
}
_METALLICITIES: Final = {"[Fe/H]": "metallicity_iron", "[M/H]": "metallicity_metals"}

_ANCHOR: Final = re.compile(r"<a\b[^<>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)
_ARXIV: Final = re.compile(r"/abs/(?:\d{4}arXiv|arXiv:?)(\d{4})\.?(\d{4,5})", re.IGNORECASE)
_CALCULATED: Final = re.compile(r"calculated|explanet-|computed", re.IGNORECASE)


def name_of(cells: Cells) -> str:
    """The name of a row's planet; "" where it has none."""
    name = cell_text(cells, "pl_name")
    if not name:
        host = cell_text(cells, "hostname") or cell_text(cells, "pl_hostname")
        letter = cell_text(cells, "pl_letter")
        name = f"{host} {letter}" if host and letter else ""
    return name


def is_default(cells: Cells) -> bool:
    """Whether a row is the archive's own choice among the parameter sets of its planet."""
    return cell_text(cells, "default_flag") in ("1", "1.0", "true", "True")


def planet_of(rows: Sequence[Cells], units: Mapping[str, str]) -> Planet:
    """A planet from its rows, one a publication; `units` are those of the table's comments.

    Raises RecordUnreadable where the rows name no planet.
    """
    default = next((row for row in rows if is_default(row)), _latest(rows))
    name = name_of(default)
    if not name:
        raise RecordUnreadable("no planet's name")
    host = cell_text(default, "hostname") or cell_text(default, "pl_hostname")
    others = [row for row in rows if row is not default]
    if "pl_hostname" in default:
        # The former table had durations in days.
        units = {"pl_trandur": "days", **units}
    own_units = units_of(PLANET_COLUMNS, PLANET, units)
    planet = Planet(
        Body((name,), _quantities(default), times_of(default), own_units),
        kind=_kind(rows),
        stars=(_star(default, host, units_of(STAR_COLUMNS, STAR, units)),),
        orbits=_orbits(default, host),
        method=cell_text(default, "discoverymethod") or cell_text(default, "pl_discmethod"),
        year=cell_text(default, "disc_year").removesuffix(".0") or cell_text(default, "pl_disc"),
        facility=_facility(default),
        remarks=tuple(_remarks(rows)),
        system=Body(
            quantities=quantities_of(default, SYSTEM_COLUMNS),
            units=units_of(SYSTEM_COLUMNS, SYSTEM, units),
        ),
        right_ascension=cell_text(default, "rastr") or cell_text(default, "ra_str"),
        declination=cell_text(default, "decstr") or cell_text(default, "dec_str"),
        num_stars=cell_text(default, "sy_snum").removesuffix(".0"),
        num_planets=_num_planets(default),
        reference=_reference(default) if "pl_refname" in default else None,
        others=tuple(
            ParameterSet(reference, Body((name,), _quantities(row), times_of(row), own_units))
            for row in others
            if (reference := _reference(row)) is not None
        ),
        catalogue=CATALOGUE,
    )
    disposition = cell_text(default, "disposition").lower()
    if not disposition:
        return planet
    source = cell_text(default, "disp_refname")
    if source:
        remark = (
            f"It was confirmed by {source}."
            if disposition == "confirmed"
            else f"Its disposition as {disposition} is that of {source}."
        )
        planet = replace(planet, remarks=(*planet.remarks, remark))
    return as_disposed(planet, disposition, "K2")


def _num_planets(cells: Cells) -> str:
    return (cell_text(cells, "sy_pnum") or cell_text(cells, "pl_pnum")).removesuffix(".0")


def _latest(rows: Sequence[Cells]) -> Cells:
    return max(rows, key=lambda row: cell_text(row, "pl_pubdate") or cell_text(row, "rowupdate"))


def _quantities(cells: Cells) -> dict[str, Quantity]:
    found = quantities_of(cells, PLANET_COLUMNS)
    found |= _mass(cells)
    earth, jupiter = measured_cell(cells, "pl_rade"), measured_cell(cells, "pl_radj")
    links = cells.get("pl_rade_reflink", "") + cells.get("pl_radj_reflink", "")
    key = "estimated_radius" if _CALCULATED.search(links) else "radius"
    return found | _on_scale(key, earth, jupiter, _EARTHLIKE_RADIUS)


def _mass(cells: Cells) -> dict[str, Quantity]:
    """The mass, or m sin i where that is all that is known."""
    for prefix, key in (("pl_mass", "mass"), ("pl_msini", "minimum_mass")):
        # Beside the best mass of `pl_bmass`, some tables have each kind apart.
        earth, jupiter = measured_cell(cells, f"{prefix}e"), measured_cell(cells, f"{prefix}j")
        if earth or jupiter:
            return _on_scale(key, earth, jupiter, _EARTHLIKE_MASS)
    provenance = cell_text(cells, "pl_bmassprov").lower().replace(" ", "").replace("*", "")
    key = _KINDS_OF_MASS.get(provenance, "either_mass")
    earth, jupiter = measured_cell(cells, "pl_bmasse"), measured_cell(cells, "pl_bmassj")
    return _on_scale(key, earth, jupiter, _EARTHLIKE_MASS)


def _on_scale(
    key: str, earth: Quantity, jupiter: Quantity, boundary: Decimal
) -> dict[str, Quantity]:
    size = number(earth.value or earth.upper or earth.lower)
    if earth and (not jupiter or (size is not None and Decimal(size) < boundary)):
        return {f"{key}_earth": earth}
    return {key: jupiter} if jupiter else {}


def _star(cells: Cells, host: str, units: Mapping[str, tuple[str, str]]) -> Body:
    spectral_type = cell_text(cells, "st_spectype") or cell_text(cells, "st_spstr")
    words = {"spectral_type": spectral_type} if spectral_type else {}
    quantities = quantities_of(cells, STAR_COLUMNS)
    kind = _METALLICITIES.get(cell_text(cells, "st_metratio"))
    if kind and "metallicity" in quantities:
        quantities[kind] = quantities.pop("metallicity")
    names = (host, *(cell_text(cells, column) for column in _OTHER_NAMES_OF_HOST))
    known = tuple(dict.fromkeys(filter(None, names))) if host else ()
    return Body(known, quantities, words, units)


def _orbits(cells: Cells, host: str) -> str | None:
    if not host:
        return None
    if cell_text(cells, "cb_flag") in ("1", "1.0"):
        return f"the binary star {host}"
    return f"the star {host}"


def _kind(rows: Sequence[Cells]) -> str:
    types = [cell_text(row, "soltype").lower() for row in rows]
    if any(types) and not any("confirmed" in kind for kind in types):
        return "an exoplanet candidate"
    return "an exoplanet"


def _facility(cells: Cells) -> str:
    facility = cell_text(cells, "disc_facility") or cell_text(cells, "pl_facility")
    telescope, instrument = cell_text(cells, "disc_telescope"), cell_text(cells, "disc_instrument")
    parts = [facility]
    parts += [
        part
        for part in (telescope, instrument)
        if part and part.lower() not in facility.lower() and not part.lower().startswith("multiple")
    ]
    return ", ".join(part for part in parts if part)


def _remarks(rows: Sequence[Cells]) -> list[str]:
    flagged = {
        "pl_controv_flag": "Its existence is controversial.",
        "tran_flag": "It transits its star.",
        "ttv_flag": "Its orbit shows transit timing variations.",
    }
    return [
        sentence
        for column, sentence in flagged.items()
        if any(cell_text(row, column) in ("1", "1.0") for row in rows)
    ]


def _reference(cells: Cells) -> Citation | None:
    """The publication of a row, `<a href=.../abs/2015arXiv150907750N...>Author et al. 2015</a>`."""
    written = cells.get("pl_refname", "") or cells.get("pl_def_reflink", "")
    anchor = _ANCHOR.search(written)
    words = " ".join(clean(html.unescape(TAG.sub("", anchor[1] if anchor else written))).split())
    if not words or _CALCULATED.search(words):
        return None
    arxiv = _ARXIV.search(clean(html.unescape(written)))
    year = re.search(r"\b(?:19|20)\d\d\b", words)
    surname = re.match(r"[^\W\d_][\w’' -]{0,60}?(?= et al| &| and| \d|$)", words)
    return Citation(
        as_written=words,
        surname=surname.group().strip() if surname else None,
        year=year.group() if year else None,
        arxiv=f"{arxiv[1]}.{arxiv[2]}" if arxiv else None,
    )
