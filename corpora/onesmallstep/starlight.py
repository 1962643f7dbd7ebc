"""Problems of astronomy about light: distances, temperatures, luminosities."""

import math
from typing import Final

from corpora.onesmallstep.amounts import Quantity, given, quantity, shown
from corpora.onesmallstep.constants import (
    ASTRONOMICAL_UNIT,
    SPEED_OF_LIGHT,
    STEFAN_BOLTZMANN,
    SUN_LUMINOSITY,
    SUN_RADIUS,
    WIEN,
)
from corpora.onesmallstep.problems import Draw, Problem, Template

_LINES: Final = {
    r"H$\alpha$": "656.3", r"H$\beta$": "486.1", "[O III]": "500.7", "Ca II K": "393.4",
    "Na D": "589.3",
}  # fmt: skip


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
            "Astronomers measure a parallax of <p> mas for a star of apparent magnitude <mag>. "
            "Find its distance in parsecs and, if no light is absorbed on the way, its absolute "
            "magnitude.",
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
            "How luminous is a star with an effective temperature of <t> and a radius of "
            "$<radius>\\,R_\\odot$? "
            "Give the luminosity in watts and in solar luminosities.",
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
            "Estimate the surface temperature of a star from the maximum of its spectrum (per "
            "unit of wavelength) at <peak>, taking it as a black body.",
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
            f"In the spectrum of a galaxy the {line} line is shifted from <rest> to <observed>. "
            "Use Hubble's law with $H_0 = <h0.n>\\ \\mathrm{km\\,s^{-1}\\,Mpc^{-1}}$ to estimate "
            "the distance.",
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
            "Calculate the equilibrium temperature of an airless, quickly rotating body with a "
            "Bond albedo of <albedo>, <a> from the Sun.",
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


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        stellar_distance,
        stellar_luminosity,
        wien_temperature,
        hubble_distance,
        equilibrium_temperature,
    )
}
