"""Problems of astronomy: orbits, light and distances, stars, cosmology."""

import math
from typing import Final

from corpora.onesmallstep.amounts import Quantity, given, quantity, shown
from corpora.onesmallstep.constants import (
    ASTRONOMICAL_UNIT,
    EARTH_MASS,
    EARTH_RADIUS,
    GRAVITATION,
    JUPITER_MASS,
    SPEED_OF_LIGHT,
    STEFAN_BOLTZMANN,
    SUN_LUMINOSITY,
    SUN_MASS,
    SUN_RADIUS,
    WIEN,
)
from corpora.onesmallstep.problems import Draw, Problem, Template

#: Masses in kg and mean radii in km (NASA planetary fact sheets).
_BODIES: Final = {
    "the Moon": ("7.346e22", "1737"), "Mars": ("6.417e23", "3390"), "Mercury": ("3.301e23", "2440"),
    "Venus": ("4.867e24", "6052"), "Titan": ("1.345e23", "2575"), "Pluto": ("1.303e22", "1188"),
    "Saturn": ("5.683e26", "58232"), "Neptune": ("1.024e26", "24622"),
}  # fmt: skip
_LINES: Final = {
    r"H$\alpha$": "656.3", r"H$\beta$": "486.1", "[O III]": "500.7", "Ca II K": "393.4",
    "Na D": "589.3",
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
        ),
        [
            r"The mass is $M = <m> \times <sun> = <mass>$.",
            r"$$r_s = \frac{2GM}{c^2} = \frac{2 \times <g> \times <mass>}{<c.p>^2} = <r>$$",
        ],
        "<r>",
        {"m": m, "g": g, "c": c, "sun": sun, "mass": mass, "r": r},
        [(r, m.value * quantity(2.953_250, "km"))],
    )


def stellar_distance(draw: Draw) -> Problem:
    """One over the parallax, checked by the triangle on the Earth's orbit."""
    p, apparent = draw.amount(2.00, 90.0, "", 2), draw.amount(1.0, 12.0, "", 1)
    d = shown(quantity(1000 / p.value, "parsec"), "parsec", 4)
    distance = given(d.number, "pc")
    rounded = given(f"{apparent.value - 5 * math.log10(d.value / 10):.2f}")
    angle = math.radians(p.value / 1000 / 3600)
    metres = ASTRONOMICAL_UNIT.full / math.tan(angle)
    ratio = (metres / quantity(10, "parsec")).to("").magnitude
    return Problem(
        draw.phrase(
            "The parallax of a star is <p> milliarcseconds and its apparent magnitude <mag>. What "
            "are its distance and its absolute magnitude? Neglect interstellar extinction.",
            "A star of apparent magnitude <mag> has a parallax of <p> mas. Without extinction, how "
            "far away is it, and what is its absolute magnitude?",
        ),
        [
            "The distance in parsecs is one over the parallax in arcseconds:",
            r"$$d = \frac{1}{0.001 \times <p>}\ \mathrm{pc} = <d>$$",
            r"$$M = m - 5\log_{10}\frac{d}{10\ \mathrm{pc}} = "
            r"<mag> - 5\log_{10}\frac{<d.n>}{10} = <absolute>$$",
        ],
        "$d = <d>$, $M = <absolute>$",
        {"p": p, "mag": apparent, "d": distance, "absolute": rounded},
        [(d, metres), (rounded, quantity(apparent.value - 5 * math.log10(ratio)))],
    )


def stellar_luminosity(draw: Draw) -> Problem:
    """In watts, checked against the Sun of 5772 K."""
    radius, t = draw.amount(0.50, 30.0, "", 2), given(str(draw.whole(3200, 25_000, 50)), "K")
    sun, sigma, unit = SUN_RADIUS.printed, STEFAN_BOLTZMANN.printed, SUN_LUMINOSITY.printed
    r = shown(radius.value * sun.q, "m", 4)
    power = shown(4 * math.pi * r.q**2 * sigma.q * t.q**4, "W", 4)
    ratio = shown(power.q / unit.q, "")
    watts = shown(power.q, "W")
    return Problem(
        draw.phrase(
            "A star has <radius> times the radius of the Sun and an effective temperature of <t>. "
            "What is its luminosity, in watts and in solar luminosities?",
            "Find the luminosity of a star of radius $<radius>\\,R_\\odot$ and effective "
            "temperature <t>, in watts and in units of that of the Sun.",
        ),
        [
            r"$$R = <radius> \times <sun> = <r>$$",
            "The law of Stefan and Boltzmann:",
            r"$$L = 4\pi R^2 \sigma T^4 = 4\pi \times <r.p>^2 \times <sigma> \times <t.p>^4 "
            r"= <power>$$",
            r"$$\frac{L}{L_\odot} = \frac{<power>}{<unit>} = <ratio>$$",
        ],
        r"<watts>, or $<ratio>\,L_\odot$",
        {"radius": radius, "t": t, "sun": sun, "sigma": sigma, "unit": unit, "r": r,
         "power": power, "ratio": ratio, "watts": watts},
        [(ratio, quantity(radius.value**2 * (t.value / 5772.0) ** 4)),
         (watts, _blackbody_power(radius.value * SUN_RADIUS.full, t.value))],
    )  # fmt: skip


def _blackbody_power(radius: Quantity, kelvin: float) -> Quantity:
    """Planck's law summed over the spectrum: pi^4/15 is the integral of x^3/(e^x - 1)."""
    step = 0.01
    integral = math.fsum((x := (n + 0.5) * step) ** 3 / math.expm1(x) * step for n in range(4000))
    h, c, k = 6.626_070_15e-34, 299_792_458.0, 1.380_649e-23
    flux = 2 * math.pi * k**4 * kelvin**4 / (h**3 * c**2) * integral
    return 4 * math.pi * radius**2 * quantity(flux, "W/m^2")


def wien_temperature(draw: Draw) -> Problem:
    """Wien's law, checked by the maximum of Planck's law."""
    peak, b = draw.amount(250, 1200, "nm", 1), WIEN.printed
    t = shown(b.q / peak.q, "K")
    # The maximum of Planck's law in x = hc/(lambda k T): x = 5(1 - e^-x).
    x = 5.0
    for _ in range(50):
        x = 5 * -math.expm1(-x)
    hc_over_k = quantity(6.626_070_15e-34 * 299_792_458.0 / 1.380_649e-23, "m*K")
    return Problem(
        draw.phrase(
            "The spectrum of a star is brightest, per unit of wavelength, at <peak>. If it "
            "radiates like a black body, what is the temperature of its surface?",
            "At what surface temperature does a star, taken as a black body, have the maximum of "
            "its spectral radiance per wavelength at <peak>?",
        ),
        [
            "Wien's displacement law:",
            r"$$T = \frac{b}{\lambda_{\max}} = \frac{<b>}{<metres>} = <t>$$",
        ],
        "<t>",
        {"peak": peak, "b": b, "t": t, "metres": given(f"{peak.value * 1e-9:.4e}", "m")},
        [(t, hc_over_k / (x * peak.q))],
    )


def hubble_distance(draw: Draw) -> Problem:
    """A small redshift and Hubble's law, checked by the relative stretch of the wave."""
    line = draw.choice(sorted(_LINES))
    rest = given(_LINES[line], "nm")
    observed = draw.amount(1.005 * rest.value, 1.05 * rest.value, "nm", 1)
    h0, c = (
        draw.choice((given("67.4", "km/s/Mpc"), given("70.0", "km/s/Mpc"))),
        given("299792", "km/s"),
    )
    z = shown((observed.q - rest.q) / rest.q, "", 4)
    v = shown(z.value * c.q, "km/s", 4)
    d = shown(v.q / h0.q, "Mpc")
    return Problem(
        draw.phrase(
            f"The {line} line, of rest wavelength <rest>, is observed at <observed> in the "
            f"spectrum "
            "of a galaxy. Estimate its distance with a Hubble constant of $<h0.n>\\ "
            "\\mathrm{km\\,s^{-1}\\,Mpc^{-1}}$.",
            f"A galaxy shows the {line} line at <observed> instead of <rest>. How far away is it, "
            f"if "
            "the Hubble constant is $<h0.n>\\ \\mathrm{km\\,s^{-1}\\,Mpc^{-1}}$?",
        ),
        [
            r"$$z = \frac{\lambda - \lambda_0}{\lambda_0} = \frac{<observed> - <rest>}{<rest>} = "
            r"<z>$$",
            "The redshift is small, so that $v \\approx cz$:",
            r"$$v = <z> \times <c> = <v>$$",
            "Hubble's law, $v = H_0 d$, gives",
            r"$$d = \frac{<v>}{<h0.n>\ \mathrm{km\,s^{-1}\,Mpc^{-1}}} = <d>.$$",
        ],
        "<d>",
        {"rest": rest, "observed": observed, "h0": h0, "c": c, "z": z, "v": v, "d": d},
        [(d, SPEED_OF_LIGHT.full * (observed.value / rest.value - 1) / h0.q)],
    )


def equilibrium_temperature(draw: Draw) -> Problem:
    """By the absorbed flux, checked by scaling the Sun's temperature."""
    a, albedo = draw.amount(0.30, 10.0, "au", 2), draw.amount(0.05, 0.75, "", 2)
    luminosity, sigma = SUN_LUMINOSITY.printed, STEFAN_BOLTZMANN.printed
    au = ASTRONOMICAL_UNIT.printed
    d = shown(a.value * au.q, "m", 4)
    flux = shown(luminosity.q / (4 * math.pi * d.q**2), "W/m^2", 4)
    t = shown((flux.q * (1 - albedo.value) / (4 * sigma.q)) ** 0.25, "K")
    ratio = (SUN_RADIUS.full / (2 * a.value * ASTRONOMICAL_UNIT.full)).to("").magnitude
    return Problem(
        draw.phrase(
            "A planet without an atmosphere orbits the Sun at <a> and reflects a fraction <albedo> "
            "of the sunlight (Bond albedo). Estimate its equilibrium temperature, if it rotates "
            "fast.",
            "What is the equilibrium temperature of a rapidly rotating body at <a> from the Sun "
            "with a Bond albedo of <albedo>?",
        ),
        [
            r"The distance is $d = <a.n> \times <au> = <d>$. The flux of sunlight there is",
            r"$$F = \frac{L_\odot}{4\pi d^2} = \frac{<luminosity>}{4\pi \times <d.p>^2} = "
            r"<flux>.$$",
            "The body absorbs on its cross-section $\\pi R^2$ and radiates from its whole surface "
            "$4\\pi R^2$:",
            r"$$F(1 - A)\,\pi R^2 = 4\pi R^2 \sigma T^4 \quad\Rightarrow\quad "
            r"T = \left(\frac{F(1 - A)}{4\sigma}\right)^{1/4}$$",
            r"$$T = \left(\frac{<flux> \times (1 - <albedo>)}{4 \times <sigma>}\right)^{1/4} = "
            r"<t>$$",
        ],
        "<t>",
        {"a": a, "albedo": albedo, "luminosity": luminosity, "sigma": sigma, "au": au, "d": d,
         "flux": flux, "t": t},
        [(t, quantity(5772 * math.sqrt(ratio) * (1 - albedo.value) ** 0.25, "K"))],
    )  # fmt: skip


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
        satellite_period, escape_velocity, kepler_third_law, schwarzschild_radius,
        stellar_distance, stellar_luminosity, wien_temperature, hubble_distance,
        equilibrium_temperature, radial_velocity, kepler_equation,
    )
}  # fmt: skip
