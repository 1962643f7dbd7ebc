"""Problems of astronomy about orbits and gravity."""

import math
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.constants import (
    ASTRONOMICAL_UNIT,
    EARTH_MASS,
    EARTH_RADIUS,
    GRAVITATION,
    JUPITER_MASS,
    SPEED_OF_LIGHT,
    SUN_MASS,
)
from corpora.onesmallstep.problems import Draw, Problem, Template

#: Masses in kg and mean radii in km (NASA planetary fact sheets).
_BODIES: Final = {
    "the Moon": ("7.346e22", "1737"), "Mars": ("6.417e23", "3390"), "Mercury": ("3.301e23", "2440"),
    "Venus": ("4.867e24", "6052"), "Titan": ("1.345e23", "2575"), "Pluto": ("1.303e22", "1188"),
    "Saturn": ("5.683e26", "58232"), "Neptune": ("1.024e26", "24622"),
}  # fmt: skip


def satellite_period(draw: Draw) -> Problem:
    """Kepler's third law, checked by circumference over speed."""
    h = draw.amount(300, 36_000, "km")
    g, m, radius = GRAVITATION.printed, EARTH_MASS.printed, given("6371", "km")
    r = given(str(int(radius.value + h.value)), "km")
    metres = given(f"{r.value / 1e3 if r.value < 1e4 else r.value / 1e4:.4f}"
                   + ("e6" if r.value < 1e4 else "e7"), "m")  # fmt: skip
    t = shown(2 * math.pi * (metres.q**3 / (g.q * m.q)) ** 0.5, "hours")
    radius_full = EARTH_RADIUS.full + h.q
    speed = (GRAVITATION.full * EARTH_MASS.full / radius_full) ** 0.5
    return Problem(
        draw.phrase(
            "A satellite moves around the Earth on a circular orbit at an altitude of <h>. What is "
            "its period? The Earth has a mass of <m> and a mean radius of <radius>.",
            "How long does a satellite at a constant altitude of <h> need for one orbit of the "
            "Earth ($M = <m>$, mean radius <radius>)?",
            "Find the orbital period of a satellite on a circular orbit <h> above the surface of "
            "the Earth, whose mass is <m> and whose mean radius is <radius>.",
        ),
        [
            r"The radius of the orbit is $r = <radius> + <h> = <r>$. Gravity supplies the "
            "centripetal force, so that $4\\pi^2 r/T^2 = GM/r^2$:",
            r"$$T = 2\pi\sqrt{\frac{r^3}{GM}} = "
            r"2\pi\sqrt{\frac{<metres.p>^3}{<g> \times <m>}} = <t>$$",
        ],
        "<t>",
        {"h": h, "g": g, "m": m, "radius": radius, "r": r, "metres": metres, "t": t},
        [(t, 2 * math.pi * radius_full / speed)],
    )


def escape_velocity(draw: Draw) -> Problem:
    """Energy, checked by way of the surface gravity."""
    name = draw.choice(sorted(_BODIES))
    mass, radius = (
        given(text, unit) for text, unit in zip(_BODIES[name], ("kg", "km"), strict=True)
    )
    h = draw.amount(50, 900, "km")
    g = GRAVITATION.printed
    r = given(str(int(radius.value + h.value)), "km")
    v = shown((2 * g.q * mass.q / r.q) ** 0.5, "km/s")
    field = GRAVITATION.full * mass.q / r.q**2
    return Problem(
        draw.phrase(
            f"What is the escape velocity from {name} at an altitude of <h>? Its mass is <mass> "
            "and its radius <radius>. Neglect rotation and any atmosphere.",
            f"A probe is <h> above the surface of {name} (mass <mass>, radius <radius>). Which "
            "speed must it have at least to escape from its gravity without further thrust?",
            f"Calculate the escape velocity <h> above the surface of {name} (mass <mass>, radius "
            f"<radius>), without regard to rotation or air.",
        ),
        [
            "At the escape velocity the total energy is zero:",
            r"$$\tfrac{1}{2}mv^2 - \frac{GMm}{r} = 0 \quad\Rightarrow\quad v = "
            r"\sqrt{\frac{2GM}{r}}$$",
            r"$$r = <radius> + <h> = <r>$$",
            r"$$v = \sqrt{\frac{2 \times <g> \times <mass>}{<r>}} = <v>$$",
        ],
        "<v>",
        {"h": h, "mass": mass, "radius": radius, "r": r, "g": g, "v": v},
        [(v, (2 * field * r.q) ** 0.5)],
    )


def kepler_third_law(draw: Draw) -> Problem:
    """In units of the solar system, checked in SI units."""
    m, t = draw.amount(0.50, 2.50, "", 2), draw.amount(3.0, 900.0, "day", 1)
    years = shown(quantity(t.value / 365.25, "year"), "year", 5)
    a = shown(quantity((m.value * years.value**2) ** (1 / 3), "au"), "au")
    full = GRAVITATION.full * SUN_MASS.full * m.value * t.q**2 / (4 * math.pi**2)
    return Problem(
        draw.phrase(
            "A planet orbits a star of <m> solar masses with a period of <t.n> days. What is the "
            "semi-major axis of its orbit? The mass of the planet is negligible.",
            "An exoplanet transits its star every <t.n> days. The star has <m> times the mass of "
            "the Sun. How far, on average, is the planet from the star (semi-major axis)?",
            "Use Kepler's third law to find the semi-major axis of a planet that goes round a "
            "star of <m> solar masses once in <t.n> days.",
        ),
        [
            "In astronomical units, years and solar masses Kepler's third law is $a^3 = M T^2$, "
            "because the Earth has $a = 1$, $T = 1$ and $M = 1$.",
            r"$$T = \frac{<t.n>}{365.25}\ \text{years} = <years>$$",
            r"$$a = \sqrt[3]{<m> \times <years.n>^2}\ \text{au} = <a>$$",
        ],
        "<a>",
        {"m": m, "t": t, "years": years, "a": a},
        [(a, full ** (1 / 3))],
    )


def schwarzschild_radius(draw: Draw) -> Problem:
    """The formula, checked by the three kilometres of the Sun."""
    m = draw.amount(3.0, 90.0, "", 1)
    g, c, sun = GRAVITATION.printed, SPEED_OF_LIGHT.printed, SUN_MASS.printed
    mass = shown(m.value * sun.q, "kg", 4)
    r = shown(2 * g.q * mass.q / c.q**2, "km")
    return Problem(
        draw.phrase(
            "What is the Schwarzschild radius of a black hole of <m> solar masses?",
            "A black hole has a mass of <m> solar masses. Find the radius of its event horizon if "
            "it does not rotate.",
            "To what radius would <m> solar masses have to shrink to become a black hole without "
            "rotation?",
        ),
        [
            r"The mass is $M = <m> \times <sun> = <mass>$.",
            r"$$r_s = \frac{2GM}{c^2} = \frac{2 \times <g> \times <mass>}{<c.p>^2} = <r>$$",
        ],
        "<r>",
        {"m": m, "g": g, "c": c, "sun": sun, "mass": mass, "r": r},
        [(r, m.value * quantity(2.953_250, "km"))],
    )


def radial_velocity(draw: Draw) -> Problem:
    """The reflex motion of a star, checked by its small orbit around the barycentre."""
    m, a = draw.amount(0.50, 10.00, "", 2), draw.amount(0.50, 8.00, "au", 2)
    g, sun, jupiter = GRAVITATION.printed, SUN_MASS.printed, JUPITER_MASS.printed
    au = ASTRONOMICAL_UNIT.printed
    planet = shown(m.value * jupiter.q, "kg", 4)
    distance = shown(a.value * au.q, "m", 4)
    speed = shown((g.q * sun.q / distance.q) ** 0.5, "km/s", 4)
    v = shown(planet.q / sun.q * speed.q, "m/s")
    period = 2 * math.pi * (distance.q**3 / (GRAVITATION.full * SUN_MASS.full)) ** 0.5
    return Problem(
        draw.phrase(
            "A planet of <m> Jupiter masses moves on a circular orbit of radius <a> around a star "
            "like the Sun (<sun>). With what speed does the star move around the common centre of "
            "mass? The planet is much lighter than the star.",
            "How fast does a star of <sun> move in response to a planet of <m> times the mass of "
            "Jupiter (<jupiter>) on a circular orbit of <a>? Neglect the mass of the planet beside "
            "that of the star.",
            "A star of <sun> has one planet, of <m> Jupiter masses ($M_\\mathrm{J} = <jupiter>$), "
            "on a circular orbit of radius <a>. Find the speed of the star on its own small "
            "orbit; the planet is much lighter than the star.",
        ),
        [
            r"The planet has the mass $<m> \times <jupiter> = <planet>$ and its orbit the radius "
            r"$<a.n> \times <au> = <distance>$. Its speed is",
            r"$$v_p = \sqrt{\frac{GM}{r}} = \sqrt{\frac{<g> \times <sun>}{<distance>}} = "
            r"<speed>.$$",
            "The momenta of planet and star are equal and opposite:",
            r"$$v_* = \frac{m}{M}\,v_p = \frac{<planet>}{<sun>} \times <speed> = <v>$$",
        ],
        "<v>",
        {"m": m, "a": a, "g": g, "sun": sun, "jupiter": jupiter, "au": au, "planet": planet,
         "distance": distance, "speed": speed, "v": v},
        [(v, 2 * math.pi * (distance.q * planet.q / SUN_MASS.full) / period)],
    )  # fmt: skip


def kepler_equation(draw: Draw) -> Problem:
    """Newton's method by program, checked by bisection."""
    e = draw.amount(0.050, 0.900, "", 3)
    a, mass = draw.amount(0.50, 3.00, "au", 2), draw.amount(0.50, 2.00, "", 2)
    # The mass of the star is not told; it only makes the period one that stars have.
    period = given(str(round(365.25 * math.sqrt(a.value**3 / mass.value))), "days")
    t = draw.amount(0.05 * period.value, 0.95 * period.value, "days")
    mean = 2 * math.pi * t.value / period.value
    low, high = 0.0, 2 * math.pi
    for _ in range(100):
        x = (low + high) / 2
        low, high = (x, high) if x - e.value * math.sin(x) < mean else (low, x)
    r = shown(quantity(a.value * (1 - e.value * math.cos(low)), "au"), "au")
    places = max(2 - math.floor(math.log10(r.value)), 0)
    anomaly = mean
    for _ in range(200):
        anomaly -= (anomaly - e.value * math.sin(anomaly) - mean) / (
            1 - e.value * math.cos(anomaly)
        )
    program = f"""
import math

a = {a.number}  # au
e = {e.number}
M = 2 * math.pi * {t.number} / {period.number}

# Newton's method for E - e sin E = M.
E = M
for _ in range(50):
    E -= (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
print(f"r = {{a * (1 - e * math.cos(E)):.{places}f}} au")
"""
    return Problem(
        draw.phrase(
            "A planet moves around its star on an ellipse of semi-major axis <a> and eccentricity "
            "<e>, with a period of <period>. How far from the star is it <t> after it was closest?",
            "The orbit of a planet has a semi-major axis of <a>, an eccentricity of <e> and a "
            "period of <period>. Find its distance from the star <t> after periastron.",
            "An exoplanet on an orbit with $a = <a>$ and $e = <e>$ returns to periastron every "
            "<period>. What is its distance from the star <t> after periastron?",
        ),
        [
            r"The mean anomaly grows evenly with time, $M = 2\pi t/T$. The eccentric anomaly $E$ "
            "follows from Kepler's equation, which has no solution in closed form:",
            r"$$E - e\sin E = M, \qquad r = a(1 - e\cos E)$$",
        ],
        "<r>",
        {"e": e, "t": t, "period": period, "a": a, "r": r},
        [(r, quantity(a.value * (1 - e.value * math.cos(anomaly)), "au"))],
        program,
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        satellite_period,
        escape_velocity,
        kepler_third_law,
        schwarzschild_radius,
        radial_velocity,
        kepler_equation,
    )
}
