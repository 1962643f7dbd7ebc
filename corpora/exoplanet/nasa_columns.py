"""Columns of the NASA Exoplanet Archive's tables: which characteristic each is, values, units.

https://exoplanetarchive.ipac.caltech.edu/docs/API_PS_columns.html. A value `pl_x` has its errors in
`pl_xerr1` (upper) and `pl_xerr2` (lower, negative) and a limit flag in `pl_xlim`: 1 for an upper
limit, -1 for a lower one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from corpora.exoplanet.characteristics import Characteristic
from corpora.exoplanet.quantities import Quantity, measured

Cells = Mapping[str, str]

CATALOGUE: Final = "NASA Exoplanet Archive"

#: The columns of each characteristic; of several the first that has a value.
PLANET_COLUMNS: Final = {
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
STAR_COLUMNS: Final = {
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
    "magnitude_TESS": ("sy_tmag", "st_tmag"),
    "magnitude_Kepler": ("sy_kepmag",),
    "magnitude_optical": ("st_optmag",),
}
SYSTEM_COLUMNS: Final = {
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
#: Of each time its column, and that of the system that it is counted in.
TIME_COLUMNS: Final = {
    "transit_time": ("pl_tranmid", "pl_tsystemref"),
    "periastron_time": ("pl_orbtper", "pl_orbtper_systemref"),
}

#: What cells have of HTML.
TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_UNKNOWN: Final = frozenset(
    ("", "null", "nan", "none", "n/a", "unknown", "multiple facilities", "multiple observatories")
)


def cell_text(cells: Cells, column: str) -> str:
    """The words of a cell, without its tags; "" where it says that there are none."""
    value = " ".join(TAG.sub("", cells.get(column, "")).split())
    return "" if value.lower() in _UNKNOWN else value


def measured_cell(cells: Cells, column: str) -> Quantity:
    """The value of a column with what its columns of errors and of limits say."""
    return measured(
        cells.get(column),
        cells.get(f"{column}err1"),
        cells.get(f"{column}err2"),
        cells.get(f"{column}lim"),
    )


def quantities_of(cells: Cells, columns: Mapping[str, Sequence[str]]) -> dict[str, Quantity]:
    """The quantities that a row has, each from the first of its columns with a value."""
    return {
        key: found
        for key, names in columns.items()
        if (found := next((q for name in names if (q := measured_cell(cells, name))), None))
    }


def times_of(cells: Cells, columns: Mapping[str, tuple[str, str]] = TIME_COLUMNS) -> dict[str, str]:
    """Times with the system that they are counted in, Julian dates of the barycentre by default.

    Of each, `columns` has the time's own column and that of its system.
    """
    words = {}
    for key, (column, reference) in columns.items():
        quantity = measured_cell(cells, column)
        if quantity.value is None:
            continue
        system = cell_text(cells, reference) or "BJD"
        errors = f" ± {quantity.plus}" if quantity.plus and quantity.plus == quantity.minus else (
            f" +{quantity.plus}/-{quantity.minus}" if quantity.plus else ""
        )  # fmt: skip
        words[key] = f"{system} {quantity.value}{errors}{' days' if errors else ''}"
    return words


def units_of(
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
