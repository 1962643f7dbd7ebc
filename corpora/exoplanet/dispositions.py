"""What a catalogue of candidates holds an object to be, in words.

NASA Exoplanet Archive: `disposition` (K2), `koi_disposition` (Kepler), `tfopwg_disp` (TESS). Many
objects of these tables are no planets, and their documents say so before anything else.
"""

from dataclasses import replace
from typing import Final

from corpora.exoplanet.planets import Planet

#: `tfopwg_disp`, of the TESS Follow-up Observing Program Working Group.
TESS: Final = {
    "PC": "candidate",
    "APC": "ambiguous candidate",
    "CP": "confirmed",
    "KP": "known planet",
    "FP": "false positive",
    "FA": "false alarm",
}
_KINDS: Final = {
    "confirmed": "an exoplanet",
    "known planet": "an exoplanet",
    "candidate": "an exoplanet candidate",
    "ambiguous candidate": "an ambiguous exoplanet candidate",
}
_REFUTED: Final = {
    "false positive": ("a false positive", "not that of a planet"),
    "false alarm": ("a false alarm", "not that of a transit"),
    "refuted": ("a refuted planet", "not that of a planet"),
}


def as_disposed(planet: Planet, disposition: str, mission: str) -> Planet:
    """A planet with what its disposition, in small letters, makes of it.

    What is refuted orbits nothing and was not discovered; an unknown disposition leaves an object
    of interest of the mission, and no more is said of it.
    """
    planet = replace(planet, disposition=disposition)
    if disposition in _KINDS:
        return replace(planet, kind=_KINDS[disposition])
    undecided = replace(planet, orbits=None, method="", year="", facility="", is_planet=False)
    if disposition in _REFUTED:
        noun, verdict = _REFUTED[disposition]
        where = f" in the light of {planet.orbits}" if planet.orbits else ""
        kind = (
            f"{noun} among the objects of interest of {mission}: a signal{where} that is {verdict}"
        )
        return replace(undecided, kind=kind)
    remarks = ("It has not been decided what it is.",)
    return replace(undecided, kind=f"an object of interest of {mission}", remarks=remarks)
