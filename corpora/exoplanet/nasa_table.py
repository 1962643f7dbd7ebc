"""Rows of the NASA Exoplanet Archive's tables `ps`, `pscomppars`, and the former `planets`.

Columns: https://exoplanetarchive.ipac.caltech.edu/docs/API_PS_columns.html. A value `pl_x` has
its errors in `pl_xerr1` (upper) and `pl_xerr2` (lower, negative) and a limit flag in `pl_xlim`: 1
for an upper limit, -1 for a lower one.
"""

import html
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from corpora.documents import Citation, RecordUnreadable
from corpora.exoplanet.characteristics import PLANET, STAR, SYSTEM, Characteristic
from corpora.exoplanet.planets import Body, ParameterSet, Planet
from corpora.exoplanet.quantities import Quantity, measured, number
from tokenization.marked_text import clean

Cells = Mapping[str, str]

CATALOGUE: Final = "NASA Exoplanet Archive"

#: The columns of each characteristic; of several the first that has a value.
_PLANET: Final = {
    "density": ("pl_dens",),
    "period": ("pl_orbper",),
    "semi_major_axis": ("pl_orbsmax",),
    "separation_mas": ("pl_angsep",),
    "eccentricity": ("pl_orbeccen",),
    "inclination": ("pl_orbincl",),
    "argument_of_periastron": ("pl_orblper",),
    "equilibrium_temperature": ("pl_eqt",),
    "insolation": ("pl_insol",),
    "transit_depth": ("pl_trandep",),
    "transit_duration": ("pl_trandur",),
    "impact_parameter": ("pl_imppar",),
    "axis_ratio": ("pl_ratdor",),
    "radius_ratio": ("pl_ratror",),
    "occultation_depth": ("pl_occdep",),
    "velocity_amplitude": ("pl_rvamp",),
    "projected_obliquity": ("pl_projobliq",),
    "true_obliquity": ("pl_trueobliq",),
}
_STAR: Final = {
    "mass": ("st_mass",),
    "radius": ("st_rad",),
    "temperature": ("st_teff",),
    "metallicity": ("st_met", "st_metfe"),
    "luminosity": ("st_lum",),
    "gravity": ("st_logg",),
    "age": ("st_age",),
    "density": ("st_dens",),
    "rotation": ("st_rotp",),
    "rotation_velocity": ("st_vsin", "st_vsini"),
    "radial_velocity": ("st_radv",),
    "magnitude_B": ("sy_bmag", "st_bmag"),
    "magnitude_V": ("sy_vmag", "st_vj"),
    "magnitude_J": ("sy_jmag", "st_j"),
    "magnitude_H": ("sy_hmag", "st_h"),
    "magnitude_K": ("sy_kmag", "st_k"),
    "magnitude_Gaia G": ("sy_gaiamag", "gaia_gmag"),
    "magnitude_TESS": ("sy_tmag",),
    "magnitude_Kepler": ("sy_kepmag",),
    "magnitude_optical": ("st_optmag",),
}
_SYSTEM: Final = {
    "distance": ("sy_dist", "st_dist"),
    "parallax": ("sy_plx", "st_plx"),
    "proper_motion": ("sy_pm", "st_pm"),
}
#: Units of the table's comments that may stand for others: of many, and of one.
_UNITS: Final = {
    "days": ("days", "day"), "day": ("days", "day"), "hours": ("hours", "hour"),
    "hour": ("hours", "hour"), "hrs": ("hours", "hour"), "minutes": ("minutes", "minute"),
    "years": ("years", "year"), "au": ("AU", "AU"), "pc": ("parsecs", "parsec"),
    "ly": ("light-years", "light-year"), "mas": ("milliarcseconds", "milliarcsecond"),
    "arcsec": ("arcseconds", "arcsecond"), "m/s": ("m/s", "m/s"), "km/s": ("km/s", "km/s"),
    "k": ("K", "K"), "ppm": ("ppm", "ppm"), "%": ("%", "%"), "percent": ("%", "%"),
    "percentage": ("%", "%"), "gyr": ("billion years", "billion years"),
    "myr": ("million years", "million years"),
}  # fmt: skip
_OTHER_NAMES_OF_HOST: Final = ("hd_name", "hip_name", "tic_id", "gaia_dr3_id", "gaia_id")
_TIMES: Final = {
    "transit_time": ("pl_tranmid", "pl_tsystemref"),
    "periastron_time": ("pl_orbtper", "pl_orbtper_systemref"),
}
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
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_ARXIV: Final = re.compile(r"/abs/(?:\d{4}arXiv|arXiv:?)(\d{4})\.?(\d{4,5})", re.IGNORECASE)
_CALCULATED: Final = re.compile(r"calculated|explanet-|computed", re.IGNORECASE)
_UNKNOWN: Final = frozenset(
    ("", "null", "nan", "none", "n/a", "unknown", "multiple facilities", "multiple observatories")
)


def name_of(cells: Cells) -> str:
    """The name of a row's planet; "" where it has none."""
    name = _text(cells, "pl_name")
    if not name:
        host = _text(cells, "hostname") or _text(cells, "pl_hostname")
        letter = _text(cells, "pl_letter")
        name = f"{host} {letter}" if host and letter else ""
    return name


def is_default(cells: Cells) -> bool:
    """Whether a row is the archive's own choice among the parameter sets of its planet."""
    return _text(cells, "default_flag") in ("1", "1.0", "true", "True")


def planet_of(rows: Sequence[Cells], units: Mapping[str, str]) -> Planet:
    """A planet from its rows, one a publication; `units` are those of the table's comments.

    Raises RecordUnreadable where the rows name no planet.
    """
    default = next((row for row in rows if is_default(row)), _latest(rows))
    name = name_of(default)
    if not name:
        raise RecordUnreadable("no planet's name")
    host = _text(default, "hostname") or _text(default, "pl_hostname")
    others = [row for row in rows if row is not default]
    if "pl_hostname" in default:
        # The former table had durations in days.
        units = {"pl_trandur": "days", **units}
    own_units = _units(_PLANET, PLANET, units)
    return Planet(
        Body((name,), _quantities(default), _times(default), own_units),
        kind=_kind(rows),
        stars=(_star(default, host, _units(_STAR, STAR, units)),),
        orbits=_orbits(default, host),
        method=_text(default, "discoverymethod") or _text(default, "pl_discmethod"),
        year=_text(default, "disc_year").removesuffix(".0") or _text(default, "pl_disc"),
        facility=_facility(default),
        remarks=tuple(_remarks(rows)),
        system=Body(
            quantities=_from_columns(default, _SYSTEM), units=_units(_SYSTEM, SYSTEM, units)
        ),
        right_ascension=_text(default, "rastr") or _text(default, "ra_str"),
        declination=_text(default, "decstr") or _text(default, "dec_str"),
        num_stars=_text(default, "sy_snum").removesuffix(".0"),
        num_planets=(_text(default, "sy_pnum") or _text(default, "pl_pnum")).removesuffix(".0"),
        reference=_reference(default) if "pl_refname" in default else None,
        others=tuple(
            ParameterSet(reference, Body((name,), _quantities(row), _times(row), own_units))
            for row in others
            if (reference := _reference(row)) is not None
        ),
        catalogue=CATALOGUE,
    )


def _latest(rows: Sequence[Cells]) -> Cells:
    return max(rows, key=lambda row: _text(row, "pl_pubdate") or _text(row, "rowupdate"))


def _text(cells: Cells, column: str) -> str:
    value = " ".join(_TAG.sub("", cells.get(column, "")).split())
    return "" if value.lower() in _UNKNOWN else value


def _measured(cells: Cells, column: str) -> Quantity:
    return measured(
        cells.get(column),
        cells.get(f"{column}err1"),
        cells.get(f"{column}err2"),
        cells.get(f"{column}lim"),
    )


def _from_columns(cells: Cells, columns: Mapping[str, Sequence[str]]) -> dict[str, Quantity]:
    return {
        key: found
        for key, names in columns.items()
        if (found := next((q for name in names if (q := _measured(cells, name))), None))
    }


def _quantities(cells: Cells) -> dict[str, Quantity]:
    found = _from_columns(cells, _PLANET)
    found |= _mass(cells)
    earth, jupiter = _measured(cells, "pl_rade"), _measured(cells, "pl_radj")
    links = cells.get("pl_rade_reflink", "") + cells.get("pl_radj_reflink", "")
    key = "estimated_radius" if _CALCULATED.search(links) else "radius"
    return found | _on_scale(key, earth, jupiter, _EARTHLIKE_RADIUS)


def _mass(cells: Cells) -> dict[str, Quantity]:
    """The mass, or m sin i where that is all that is known."""
    for prefix, key in (("pl_mass", "mass"), ("pl_msini", "minimum_mass")):
        # Beside the best mass of `pl_bmass`, some tables have each kind apart.
        earth, jupiter = _measured(cells, f"{prefix}e"), _measured(cells, f"{prefix}j")
        if earth or jupiter:
            return _on_scale(key, earth, jupiter, _EARTHLIKE_MASS)
    provenance = _text(cells, "pl_bmassprov").lower().replace(" ", "").replace("*", "")
    key = _KINDS_OF_MASS.get(provenance, "either_mass")
    earth, jupiter = _measured(cells, "pl_bmasse"), _measured(cells, "pl_bmassj")
    return _on_scale(key, earth, jupiter, _EARTHLIKE_MASS)


def _on_scale(
    key: str, earth: Quantity, jupiter: Quantity, boundary: Decimal
) -> dict[str, Quantity]:
    size = number(earth.value or earth.upper or earth.lower)
    if earth and (not jupiter or (size is not None and Decimal(size) < boundary)):
        return {f"{key}_earth": earth}
    return {key: jupiter} if jupiter else {}


def _times(cells: Cells) -> dict[str, str]:
    """Times with the system that they are counted in, Julian dates of the barycentre by default."""
    words = {}
    for key, (column, reference) in _TIMES.items():
        quantity = _measured(cells, column)
        if quantity.value is None:
            continue
        system = _text(cells, reference) or "BJD"
        errors = f" ± {quantity.plus}" if quantity.plus and quantity.plus == quantity.minus else (
            f" +{quantity.plus}/-{quantity.minus}" if quantity.plus else ""
        )  # fmt: skip
        words[key] = f"{system} {quantity.value}{errors}{' days' if errors else ''}"
    return words


def _units(
    columns: Mapping[str, Sequence[str]],
    known: Mapping[str, Characteristic],
    units: Mapping[str, str],
) -> dict[str, tuple[str, str]]:
    """The units that a table's comments give, where they are not those that are known."""
    found = {}
    for key, names in columns.items():
        for name in names:
            unit = _UNITS.get(" ".join(units.get(name, "").lower().split()))
            if unit is not None and unit[0] != known[key].unit:
                found[key] = unit
    return found


def _star(cells: Cells, host: str, units: Mapping[str, tuple[str, str]]) -> Body:
    spectral_type = _text(cells, "st_spectype") or _text(cells, "st_spstr")
    words = {"spectral_type": spectral_type} if spectral_type else {}
    quantities = _from_columns(cells, _STAR)
    kind = _METALLICITIES.get(_text(cells, "st_metratio"))
    if kind and "metallicity" in quantities:
        quantities[kind] = quantities.pop("metallicity")
    names = (host, *(_text(cells, column) for column in _OTHER_NAMES_OF_HOST))
    known = tuple(dict.fromkeys(filter(None, names))) if host else ()
    return Body(known, quantities, words, units)


def _orbits(cells: Cells, host: str) -> str | None:
    if not host:
        return None
    if _text(cells, "cb_flag") in ("1", "1.0"):
        return f"the binary star {host}"
    return f"the star {host}"


def _kind(rows: Sequence[Cells]) -> str:
    types = [_text(row, "soltype").lower() for row in rows]
    if any(types) and not any("confirmed" in kind for kind in types):
        return "an exoplanet candidate"
    return "an exoplanet"


def _facility(cells: Cells) -> str:
    facility = _text(cells, "disc_facility") or _text(cells, "pl_facility")
    telescope, instrument = _text(cells, "disc_telescope"), _text(cells, "disc_instrument")
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
        if any(_text(row, column) in ("1", "1.0") for row in rows)
    ]


def _reference(cells: Cells) -> Citation | None:
    """The publication of a row, `<a href=.../abs/2015arXiv150907750N...>Author et al. 2015</a>`."""
    written = cells.get("pl_refname", "") or cells.get("pl_def_reflink", "")
    anchor = _ANCHOR.search(written)
    words = " ".join(clean(html.unescape(_TAG.sub("", anchor[1] if anchor else written))).split())
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
