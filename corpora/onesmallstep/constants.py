r"""Constants of nature: as problems print them, and in full for the checks.

CODATA 2022 (Tiesinga et al., https://physics.nist.gov/constants) for physics; IAU 2015 resolution
B3 (arXiv:1510.07674) and IAU 2012 B2 for the Sun, the Earth, Jupiter and the astronomical unit. The
speed of light, h, k, e, N_A and the astronomical unit are exact; \(g\) is the rounded standard
acceleration of gravity.
"""

from typing import Final, NamedTuple

from corpora.onesmallstep.amounts import Amount, Quantity, given, quantity


class Constant(NamedTuple):
    """A constant rounded as it is printed, and in full."""

    printed: Amount
    full: Quantity


def _constant(full: float, unit: str, printed: str) -> Constant:
    return Constant(given(printed, unit), quantity(full, unit))


SPEED_OF_LIGHT: Final = _constant(299_792_458, "m/s", "2.998e8")
PLANCK: Final = _constant(6.626_070_15e-34, "J*s", "6.626e-34")
BOLTZMANN: Final = _constant(1.380_649e-23, "J/K", "1.381e-23")
AVOGADRO: Final = _constant(6.022_140_76e23, "mol^-1", "6.022e23")
ELEMENTARY_CHARGE: Final = _constant(1.602_176_634e-19, "C", "1.602e-19")
GAS_CONSTANT: Final = _constant(8.314_462_618, "J/(mol*K)", "8.314")
GRAVITATION: Final = _constant(6.674_30e-11, "m^3/(kg*s^2)", "6.674e-11")
ELECTRON_MASS: Final = _constant(9.109_383_7139e-31, "kg", "9.109e-31")
PROTON_MASS: Final = _constant(1.672_621_925_95e-27, "kg", "1.673e-27")
STEFAN_BOLTZMANN: Final = _constant(5.670_374_419e-8, "W/(m^2*K^4)", "5.670e-8")
WIEN: Final = _constant(2.897_771_955e-3, "m*K", "2.898e-3")
FARADAY: Final = _constant(96_485.332_12, "C/mol", "96485")
VACUUM_PERMITTIVITY: Final = _constant(8.854_187_8188e-12, "F/m", "8.854e-12")
VACUUM_PERMEABILITY: Final = _constant(1.256_637_061_27e-6, "T*m/A", "1.257e-6")
RYDBERG: Final = _constant(10_973_731.568_157, "m^-1", "1.097e7")
#: The standard acceleration 9.80665 m/s^2 as schools round it; it stands in the questions.
GRAVITY: Final = _constant(9.81, "m/s^2", "9.81")

#: The nominal GM of the bodies over the measured G; radii and luminosity are nominal too, but for
#: the Earth's mean radius (IUGG).
SUN_MASS: Final = _constant(1.327_124_4e20 / 6.674_30e-11, "kg", "1.988e30")
EARTH_MASS: Final = _constant(3.986_004e14 / 6.674_30e-11, "kg", "5.972e24")
JUPITER_MASS: Final = _constant(1.266_865_3e17 / 6.674_30e-11, "kg", "1.898e27")
SUN_RADIUS: Final = _constant(6.957e8, "m", "6.957e8")
EARTH_RADIUS: Final = _constant(6.371_0e6, "m", "6.371e6")
SUN_LUMINOSITY: Final = _constant(3.828e26, "W", "3.828e26")
ASTRONOMICAL_UNIT: Final = _constant(149_597_870_700, "m", "1.496e11")
