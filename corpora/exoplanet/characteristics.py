"""The characteristics of planets, stars and systems: what each is called, and its unit.

Units: NASA Exoplanet Archive, "Planetary Systems and Planetary Systems Composite Parameters Column
Definitions"; Open Exoplanet Catalogue, README, "Data Structure".
"""

from dataclasses import dataclass
from typing import Final

from tokenization.wrappers import subscript, superscript


@dataclass(frozen=True, slots=True)
class Characteristic:
    """The noun of a sentence `Its NOUN is VALUE UNIT`, the unit, and the unit of exactly one."""

    noun: str
    unit: str = ""
    singular: str | None = None
    #: Whether `It has a NOUN of VALUE` says it as well.
    had: bool = True
    #: A sentence of its own, with the value in its place.
    sentence: str = ""


_JUPITER_MASSES: Final = ("Jupiter masses", "Jupiter mass")
_EARTH_MASSES: Final = ("Earth masses", "Earth mass")
_JUPITER_RADII: Final = ("Jupiter radii", "Jupiter radius")
_EARTH_RADII: Final = ("Earth radii", "Earth radius")
_DEGREES: Final = ("degrees", "degree")
_DAYS: Final = ("days", "day")
_DENSITY: Final = f"g/cm{superscript('3')}"
_RADIUS_RATIO: Final = f"R{subscript('p')}/R{subscript('*')}"
_AXIS_RATIO: Final = f"a/R{subscript('*')}"

PLANET: Final = {
    "mass": Characteristic("mass", *_JUPITER_MASSES),
    "mass_earth": Characteristic("mass", *_EARTH_MASSES),
    "minimum_mass": Characteristic("minimum mass, m sin i,", *_JUPITER_MASSES, had=False),
    "minimum_mass_earth": Characteristic("minimum mass, m sin i,", *_EARTH_MASSES, had=False),
    "either_mass": Characteristic("mass, or minimum mass m sin i,", *_JUPITER_MASSES, had=False),
    "either_mass_earth": Characteristic(
        "mass, or minimum mass m sin i,", *_EARTH_MASSES, had=False
    ),
    "estimated_mass": Characteristic(
        "mass, estimated from its radius,", *_JUPITER_MASSES, had=False
    ),
    "estimated_mass_earth": Characteristic(
        "mass, estimated from its radius,", *_EARTH_MASSES, had=False
    ),
    "radius": Characteristic("radius", *_JUPITER_RADII),
    "radius_earth": Characteristic("radius", *_EARTH_RADII),
    "estimated_radius": Characteristic(
        "radius, estimated from its mass,", *_JUPITER_RADII, had=False
    ),
    "estimated_radius_earth": Characteristic(
        "radius, estimated from its mass,", *_EARTH_RADII, had=False
    ),
    "density": Characteristic("density", _DENSITY),
    "period": Characteristic("orbital period", *_DAYS),
    "semi_major_axis": Characteristic("orbital semi-major axis", "AU"),
    "separation": Characteristic("projected separation from its host", "AU"),
    "angular_separation": Characteristic(
        "projected separation from its host", "arcseconds", "arcsecond"
    ),
    "separation_mas": Characteristic("projected separation from its host", "milliarcseconds"),
    "eccentricity": Characteristic("orbital eccentricity"),
    "inclination": Characteristic("orbital inclination", *_DEGREES),
    "argument_of_periastron": Characteristic("argument of periastron", *_DEGREES, had=False),
    "longitude_of_periastron": Characteristic("longitude of periastron", *_DEGREES, had=False),
    "longitude": Characteristic("mean longitude", *_DEGREES),
    "mean_anomaly": Characteristic("mean anomaly", *_DEGREES),
    "ascending_node": Characteristic("longitude of the ascending node", *_DEGREES, had=False),
    "equilibrium_temperature": Characteristic("equilibrium temperature", "K"),
    "temperature": Characteristic("temperature", "K"),
    "insolation": Characteristic("insolation flux", "times that of Earth", had=False),
    "age": Characteristic("age", "billion years", had=False),
    "transit_depth": Characteristic("transit depth", "%"),
    "transit_duration": Characteristic("transit duration", "hours", "hour"),
    "impact_parameter": Characteristic("transit impact parameter"),
    "axis_ratio": Characteristic(
        f"ratio of semi-major axis to stellar radius, {_AXIS_RATIO},", had=False
    ),
    "radius_ratio": Characteristic(
        f"ratio of planetary to stellar radius, {_RADIUS_RATIO},", had=False
    ),
    "occultation_depth": Characteristic("occultation depth", "%"),
    "velocity_amplitude": Characteristic("radial velocity semi-amplitude", "m/s"),
    "projected_obliquity": Characteristic("projected obliquity", *_DEGREES),
    "true_obliquity": Characteristic("true obliquity", *_DEGREES),
    "spin_orbit_angle": Characteristic("spin-orbit angle", *_DEGREES),
    "tilt": Characteristic("axial tilt", *_DEGREES),
    "spectral_type": Characteristic("spectral type", had=False),
    "transit_time": Characteristic(
        "time of mid-transit", sentence="The midpoint of one of its transits is at {}."
    ),
    "periastron_time": Characteristic(
        "time of periastron", sentence="It passes its periastron at {}."
    ),
    "velocity_maximum_time": Characteristic(
        "time of maximum radial velocity",
        sentence="The radial velocity of its star is greatest at {}.",
    ),
}
STAR: Final = {
    "mass": Characteristic("mass", "solar masses", "solar mass"),
    "radius": Characteristic("radius", "solar radii", "solar radius"),
    "temperature": Characteristic("effective temperature", "K"),
    "metallicity": Characteristic("metallicity", "dex"),
    "metallicity_iron": Characteristic("metallicity, [Fe/H],", "dex", had=False),
    "metallicity_metals": Characteristic("metallicity, [M/H],", "dex", had=False),
    "luminosity": Characteristic(
        f"luminosity in solar units, as log{subscript('10')}(L/L{subscript('☉')}),", had=False
    ),
    "gravity": Characteristic(
        f"surface gravity, as log{subscript('10')} g in cgs units,", had=False
    ),
    "age": Characteristic("age", "billion years", had=False),
    "density": Characteristic("density", _DENSITY),
    "rotation": Characteristic("rotational period", *_DAYS),
    "rotation_velocity": Characteristic(
        "projected rotational velocity, v sin i,", "km/s", had=False
    ),
    "radial_velocity": Characteristic("systemic radial velocity", "km/s"),
    **{
        f"magnitude_{band}": Characteristic(f"apparent {band} magnitude", had=False)
        for band in ("U", "B", "V", "R", "I", "J", "H", "K", "Gaia G", "TESS", "Kepler", "optical")
    },
}
SYSTEM: Final = {
    "distance": Characteristic("distance from the Sun", "parsecs", "parsec", had=False),
    "parallax": Characteristic("parallax", "milliarcseconds"),
    "proper_motion": Characteristic("total proper motion", "milliarcseconds a year"),
}
