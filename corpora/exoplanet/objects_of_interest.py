"""Rows of the archive's tables of candidates: Kepler objects of interest, TESS objects of interest.

Columns: https://exoplanetarchive.ipac.caltech.edu/docs/API_kepcandidate_columns.html (`cumulative`
and the deliveries before it; errors in `koi_x_err1`, depths in parts per million) and
.../docs/API_TOI_columns.html (`toi`).
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.exoplanet.characteristics import PLANET, STAR, SYSTEM
from corpora.exoplanet.dispositions import TESS, as_disposed
from corpora.exoplanet.nasa_columns import (
    CATALOGUE,
    PLANET_COLUMNS,
    STAR_COLUMNS,
    SYSTEM_COLUMNS,
    Cells,
    cell_text,
    quantities_of,
    times_of,
    units_of,
)
from corpora.exoplanet.planets import Body, Planet
from corpora.exoplanet.quantities import number

#: What tells the tables from others.
KEPLER_COLUMN: Final = "kepoi_name"
TESS_COLUMNS: Final = frozenset(("toi", "tfopwg_disp"))

_KOI: Final = re.compile(r"K0*(\d{1,6}\.\d\d)")
#: Of most objects in `cumulative` the eccentricity is assumed to be nought: it is left out.
_KEPLER_PLANET: Final = {
    "period": ("koi_period",),
    "semi_major_axis": ("koi_sma",),
    "inclination": ("koi_incl",),
    "radius_earth": ("koi_prad",),
    "equilibrium_temperature": ("koi_teq",),
    "insolation": ("koi_insol",),
    "transit_depth": ("koi_depth",),
    "transit_duration": ("koi_duration",),
    "impact_parameter": ("koi_impact",),
    "axis_ratio": ("koi_dor",),
    "radius_ratio": ("koi_ror",),
}
_KEPLER_STAR: Final = {
    "mass": ("koi_smass",),
    "radius": ("koi_srad",),
    "temperature": ("koi_steff",),
    "metallicity": ("koi_smet",),
    "gravity": ("koi_slogg",),
    "age": ("koi_sage",),
    "density": ("koi_srho",),
    "magnitude_Kepler": ("koi_kepmag",),
    "magnitude_J": ("koi_jmag",),
    "magnitude_H": ("koi_hmag",),
    "magnitude_K": ("koi_kmag",),
}
#: `koi_time0bk` is counted from this Julian date.
_KEPLER_EPOCH: Final = Decimal("2454833.0")
_FROM_EPOCH: Final = {"transit_time": ("koi_time0bk", "")}
_TESS_PLANET: Final = {
    **PLANET_COLUMNS,
    "radius_earth": ("pl_rade",),
    "transit_duration": ("pl_trandurh",),
}
_KEPLER_UNITS: Final = {"koi_depth": "ppm"}
_TESS_UNITS: Final = {"pl_trandep": "ppm"}
#: The columns of flags with which a Kepler object was found to be no planet.
_FALSE_POSITIVE_FLAGS: Final = {
    "koi_fpflag_nt": "Its light curve is not like that of a transiting planet.",
    "koi_fpflag_ss": "A secondary eclipse or a variation out of eclipse tells of an eclipsing "
    "binary star.",
    "koi_fpflag_co": "The signal comes from another, nearby star.",
    "koi_fpflag_ec": "Its period and epoch are those of another object, whose light contaminates "
    "that of the star.",
}


def kepler_object(row: Cells, units: Mapping[str, str]) -> Planet:
    """A Kepler object of interest. Raises RecordUnreadable where the row does not name it."""
    cells = {re.sub(r"_err([12])$", r"err\1", column): value for column, value in row.items()}
    written = cell_text(cells, KEPLER_COLUMN)
    if not written:
        raise RecordUnreadable("no name of a Kepler object of interest")
    match = _KOI.fullmatch(written)
    names = [f"KOI-{match[1]}", written] if match else [written]
    disposition = cell_text(cells, "koi_disposition") or cell_text(cells, "koi_pdisposition")
    disposition = disposition.lower()
    kepler_name = cell_text(cells, "kepler_name")
    star_names = [f"KIC {identifier}"] if (identifier := _whole(cells, "kepid")) else []
    if kepler_name and disposition == "confirmed":
        names.insert(0, kepler_name)
        star_names.insert(0, re.sub(r" ?[a-z]$", "", kepler_name))
    planet = Planet(
        Body(
            tuple(names),
            quantities_of(cells, _KEPLER_PLANET),
            times_of(cells, {"transit_time": ("koi_time0", "")}) or _kepler_times(cells),
            units_of(_KEPLER_PLANET, PLANET, {**_KEPLER_UNITS, **units}),
        ),
        stars=(_star(star_names, cells, _KEPLER_STAR, units),),
        orbits=_orbits(star_names),
        remarks=tuple(_kepler_remarks(cells, disposition)),
        right_ascension=cell_text(cells, "ra_str") or _in_degrees(cells, "ra"),
        declination=cell_text(cells, "dec_str") or _in_degrees(cells, "dec"),
        catalogue=CATALOGUE,
    )
    return as_disposed(planet, disposition, "Kepler")


def _kepler_times(cells: Cells) -> dict[str, str]:
    """The time of a transit, from its days since the start of Kepler's mission."""
    days = number(cells.get("koi_time0bk"))
    if days is None:
        return {}
    return times_of({**cells, "koi_time0bk": str(Decimal(days) + _KEPLER_EPOCH)}, _FROM_EPOCH)


def _kepler_remarks(cells: Cells, disposition: str) -> list[str]:
    if disposition == "false positive":
        return [
            sentence
            for column, sentence in _FALSE_POSITIVE_FLAGS.items()
            if cell_text(cells, column) in ("1", "1.0")
        ]
    seen = ["Its transits were seen with the Kepler space telescope."]
    score = number(cells.get("koi_score"))
    if disposition == "candidate" and score is not None:
        seen.append(f"The confidence that it is a candidate, from 0 to 1, is {score}.")
    return seen


def tess_object(cells: Cells, units: Mapping[str, str]) -> Planet:
    """A TESS object of interest. Raises RecordUnreadable where the row does not name it."""
    name = name_of_tess(cells)
    if not name:
        raise RecordUnreadable("no name of a TESS object of interest")
    disposition = cell_text(cells, "tfopwg_disp")
    disposition = TESS.get(disposition.upper(), disposition.lower())
    star_names = [f"TIC {identifier}"] if (identifier := _whole(cells, "tid")) else []
    remarks = ["Its transits were seen with the TESS space telescope."]
    if disposition == "known planet":
        remarks = ["It was known before TESS saw its transits."]
    planet = Planet(
        Body(
            (name,),
            quantities_of(cells, _TESS_PLANET),
            times_of(cells),
            units_of(_TESS_PLANET, PLANET, {**_TESS_UNITS, **units}),
        ),
        stars=(_star(star_names, cells, STAR_COLUMNS, units),),
        orbits=_orbits(star_names),
        remarks=() if disposition in ("false positive", "false alarm") else tuple(remarks),
        system=Body(
            quantities=quantities_of(cells, SYSTEM_COLUMNS),
            units=units_of(SYSTEM_COLUMNS, SYSTEM, units),
        ),
        right_ascension=cell_text(cells, "rastr") or _in_degrees(cells, "ra"),
        declination=cell_text(cells, "decstr") or _in_degrees(cells, "dec"),
        catalogue=CATALOGUE,
    )
    return as_disposed(planet, disposition, "TESS")


def name_of_tess(cells: Cells) -> str:
    """`TOI-1000.01` of `1000.01`."""
    written = cell_text(cells, "toi")
    return f"TOI-{written}" if written[:1].isdecimal() else written


def _star(
    names: Sequence[str],
    cells: Cells,
    columns: Mapping[str, Sequence[str]],
    units: Mapping[str, str],
) -> Body:
    return Body(tuple(names), quantities_of(cells, columns), units=units_of(columns, STAR, units))


def _orbits(star_names: Sequence[str]) -> str | None:
    return f"the star {star_names[0]}" if star_names else None


def _whole(cells: Cells, column: str) -> str:
    written = cell_text(cells, column).removesuffix(".0")
    return written if written.isascii() and written.isdecimal() else ""


def _in_degrees(cells: Cells, column: str) -> str:
    written = number(cells.get(column))
    return f"{written}°" if written else ""
