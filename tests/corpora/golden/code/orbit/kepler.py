"""Kepler's third law."""

import math

G = 6.67430e-11  # m^3 kg^-1 s^-2 (CODATA 2018)


def period(semi_major_axis: float, mass: float) -> float:
    """The period in seconds of an orbit of `semi_major_axis` metres around `mass` kilograms.

    The example in [START_REF] is ordinary text here.
    """
    return 2 * math.pi * math.sqrt(semi_major_axis**3 / (G * mass))
