"""Problems of physics beyond mechanics: heat, sound, optics, quanta, relativity."""

import math
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    PLANCK,
    SPEED_OF_LIGHT,
)
from corpora.onesmallstep.problems import Draw, Problem, Template

#: Specific heat capacities near 25 °C in J/(g K) (CRC Handbook of Chemistry and Physics).
_SPECIFIC_HEATS: Final = {
    "aluminium": "0.897", "copper": "0.385", "iron": "0.449", "lead": "0.129", "silver": "0.235",
}  # fmt: skip
#: Refractive indices at 589 nm (CRC Handbook).
_REFRACTIVE_INDICES: Final = {
    "water": "1.33", "ethanol": "1.36", "fused quartz": "1.46", "crown glass": "1.52",
    "diamond": "2.42",
}  # fmt: skip
#: Work functions of clean metals in eV (CRC Handbook; polycrystalline).
_WORK_FUNCTIONS: Final = {
    "caesium": "1.95", "potassium": "2.29", "sodium": "2.36", "calcium": "2.87", "lithium": "2.93",
}  # fmt: skip


def calorimetry(draw: Draw) -> Problem:
    """The final temperature as a weighted mean, checked by bisection of the exchanged heat."""
    metal = draw.choice(sorted(_SPECIFIC_HEATS))
    c, cw = given(_SPECIFIC_HEATS[metal], "J/(g*K)"), given("4.184", "J/(g*K)")
    m, mw = draw.amount(50, 300, "g"), draw.amount(100, 400, "g")
    hot, cold = draw.whole(70, 100), draw.whole(15, 25)
    metal_side, water_side = m.value * c.value, mw.value * cw.value
    final = given(f"{(metal_side * hot + water_side * cold) / (metal_side + water_side):.1f}")
    low, high = float(cold), float(hot)
    for _ in range(60):
        middle = (low + high) / 2
        if metal_side * (hot - middle) > water_side * (middle - cold):
            low = middle
        else:
            high = middle
    return Problem(
        draw.phrase(
            f"A piece of {metal} of mass <m> at <hot> °C is dropped into <mw> of water at <cold> "
            "°C in an insulated vessel. What is the final temperature? The specific heat "
            f"capacities are <c> for {metal} and <cw> for water; that of the vessel is negligible.",
            f"<m> of {metal} (specific heat capacity <c>) at <hot> °C is put into <mw> of water "
            "(<cw>) at <cold> °C. No heat is lost to the surroundings or the vessel. At what "
            "temperature do they come to equilibrium?",
            f"A block of {metal} (<m>, <hot> °C) is lowered into <mw> of water at <cold> °C. If no "
            f"heat is lost, what temperature do both reach? ($c = <c>$ for {metal}, $c_w = <cw>$ "
            "for water)",
        ),
        [
            "The heat that the metal gives off is the heat that the water takes up:",
            r"$$m c\,(T_m - T) = m_w c_w\,(T - T_w) \quad\Rightarrow\quad "
            r"T = \frac{m c\,T_m + m_w c_w\,T_w}{m c + m_w c_w}$$",
            "Only differences of temperature stand in the balance, so that degrees Celsius may be "
            "used throughout:",
            r"$$T = \frac{<m.n> \times <c.n> \times <hot> + <mw.n> \times <cw.n> \times <cold>}"
            r"{<m.n> \times <c.n> + <mw.n> \times <cw.n>}\ {}^\circ\mathrm{C} = "
            r"<final.n>\ {}^\circ\mathrm{C}$$",
        ],
        r"$<final.n>\ {}^\circ\mathrm{C}$",
        {"m": m, "mw": mw, "c": c, "cw": cw, "hot": hot, "cold": cold, "final": final},
        [(final, quantity(low))],
    )


def doppler_siren(draw: Draw) -> Problem:
    """The formula for a moving source, checked by the spacing of its wave crests."""
    f, v = draw.amount(400, 1200, "Hz", 0), draw.amount(10, 45, "m/s", 1)
    c = given("343", "m/s")
    heard = shown(f.q * c.q / (c.q - v.q), "Hz")
    spacing = (c.q - v.q) / f.q
    return Problem(
        draw.phrase(
            "An ambulance drives at <v> straight towards a person at rest. Its siren sounds at "
            "<f>. What frequency does the person hear? The speed of sound is <c>.",
            "The siren of a police car has a frequency of <f>. The car approaches, at <v>, a "
            "listener who stands still. Which frequency reaches the listener, if sound travels at "
            "<c>?",
            "Sound travels at <c>. What frequency does a person at rest hear from a siren of <f> "
            "that comes nearer at <v>?",
        ),
        [
            "A source that approaches shortens the waves ahead of it, since it follows each crest "
            "before it sends out the next:",
            r"$$f' = f\,\frac{c}{c - v} = <f> \times \frac{<c>}{<c> - <v>} = <heard>$$",
            "The frequency is higher than that of the siren at rest, as it must be.",
        ],
        "<heard>",
        {"f": f, "v": v, "c": c, "heard": heard},
        [(heard, c.q / spacing)],
    )


def refraction(draw: Draw) -> Problem:
    """Snell's law, checked by the time of travel being least (Fermat)."""
    name = draw.choice(sorted(_REFRACTIVE_INDICES))
    n, angle = given(_REFRACTIVE_INDICES[name]), draw.amount(15, 75, "degree", 1)
    sine = math.sin(math.radians(angle.value)) / n.value
    inside = shown(quantity(math.degrees(math.asin(sine)), "degree"), "degree")
    return Problem(
        draw.phrase(
            f"A ray of light in air meets the flat surface of {name} ($n = <n>$) at an angle of "
            "incidence of <angle>. What is the angle of refraction?",
            f"Light passes from air into {name}, whose refractive index is <n>. The angle of "
            "incidence is <angle>. At what angle to the normal does the light travel inside?",
            f"Find the angle of refraction of light that enters {name} ($n = <n>$) from air at an "
            f"angle of incidence of <angle>.",
        ),
        [
            "Snell's law, with $n = 1.00$ for air:",
            r"$$\sin\theta_1 = n\sin\theta_2 \quad\Rightarrow\quad "
            r"\sin\theta_2 = \frac{\sin <angle>}{<n>} = <sine>$$",
            r"$$\theta_2 = \arcsin(<sine>) = <inside>$$",
        ],
        "<inside>",
        {"n": n, "angle": angle, "inside": inside, "sine": shown(quantity(sine), "", 5)},
        [(inside, quantity(_fastest_angle(n.value, math.radians(angle.value)), "rad"))],
    )


def _fastest_angle(n: float, incidence: float) -> float:
    """The angle of refraction of the fastest path between two points at the depth 1."""
    # The far point is unknown: that offset is searched for which the fastest path comes in at
    # the given angle. In the time of travel, d/dx of sqrt(1+x^2) + n sqrt(1+(w-x)^2) is zero.
    entry = math.tan(incidence)
    low, high = 0.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        slope = entry / math.hypot(1, entry) - n * middle / math.hypot(1, middle)
        low, high = (middle, high) if slope > 0 else (low, middle)
    return math.atan(low)


def thin_lens(draw: Draw) -> Problem:
    """The lens equation, checked by two principal rays."""
    f = draw.amount(5.0, 25.0, "cm", 1)
    s = draw.amount(1.3 * f.value, 4 * f.value, "cm", 1)
    image = shown(1 / (1 / f.q - 1 / s.q), "cm")
    m = shown(-image.q / s.q, "")
    # The ray through the centre, and the one that is parallel before the lens.
    crossing = f.q / (1 - f.q / s.q)
    return Problem(
        draw.phrase(
            "An object stands <s> in front of a converging lens with a focal length of <f>. Where "
            "is the image, and what is the magnification?",
            "A candle stands <s> from a thin converging lens with $f = <f>$. Find the distance of "
            "its image from the lens and the magnification.",
            "Locate the image of an object <s> in front of a thin converging lens of focal length "
            "<f>, and find its magnification.",
        ),
        [
            "The equation of thin lenses:",
            r"$$\frac{1}{f} = \frac{1}{s} + \frac{1}{s'} \quad\Rightarrow\quad "
            r"s' = \left(\frac{1}{<f>} - \frac{1}{<s>}\right)^{-1} = <image>$$",
            r"$$M = -\frac{s'}{s} = -\frac{<image>}{<s>} = <m>$$",
            "The object is outside the focal length: the image is real, on the other side of the "
            "lens, and inverted.",
        ],
        "The real, inverted image is <image> behind the lens; $M = <m>$",
        {"f": f, "s": s, "image": image, "m": m},
        [(image, crossing), (m, 1 - crossing / f.q)],
    )


def photoelectric_effect(draw: Draw) -> Problem:
    """Joules by the constants, checked in electronvolts with hc = 1239.84 eV nm."""
    metal = draw.choice(sorted(_WORK_FUNCTIONS))
    phi, wavelength = given(_WORK_FUNCTIONS[metal], "eV"), draw.amount(250, 400, "nm")
    h, c, e = PLANCK.printed, SPEED_OF_LIGHT.printed, ELEMENTARY_CHARGE.printed
    photon = shown(h.q * c.q / wavelength.q, "J", 4)
    volts = shown(quantity(photon.value / e.value, "eV"), "eV", 4)
    energy = shown(volts.q - phi.q, "eV")
    full = quantity(1239.841984, "eV*nm") / wavelength.q
    return Problem(
        draw.phrase(
            f"Ultraviolet light of wavelength <w> falls on {metal}, whose work function is <phi>. "
            "What is the maximum kinetic energy of the electrons that leave the metal?",
            f"The work function of {metal} is <phi>. Find the largest kinetic energy, in "
            "electronvolts, of the photoelectrons that light of <w> ejects from it.",
            f"Light of <w> releases electrons from {metal} ($\\phi = <phi>$). How large is their "
            f"kinetic energy at most, in electronvolts?",
        ),
        [
            "The energy of a photon is",
            r"$$E = \frac{hc}{\lambda} = \frac{<h> \times <c>}{<wm>} = <photon> = <volts>,$$",
            "where $1\\ \\mathrm{eV} = 1.602 \\times 10^{-19}\\ \\mathrm{J}$. An electron gets "
            "all of it and spends at least the work function to leave the metal:",
            r"$$K_{\max} = E - \phi = <volts> - <phi> = <energy>$$",
        ],
        "<energy>",
        {"w": wavelength, "wm": given(f"{wavelength.value * 1e-9:.2e}", "m"), "phi": phi,
         "h": h, "c": c, "photon": photon, "volts": volts, "energy": energy},
        [(energy, full - phi.q)],
    )  # fmt: skip


def de_broglie(draw: Draw) -> Problem:
    """The wavelength by the momentum, checked by the kinetic energy in electronvolts."""
    v = draw.amount(1.00, 9.99, "m/s", 2, 6)
    h, m = PLANCK.printed, ELECTRON_MASS.printed
    wavelength = shown(h.q / (m.q * v.q), "nm")
    energy = ELECTRON_MASS.full * v.q**2 / 2
    return Problem(
        draw.phrase(
            "What is the de Broglie wavelength of an electron that moves at <v>?",
            "An electron has a speed of <v>. Calculate its de Broglie wavelength.",
            "Find the de Broglie wavelength of electrons with a speed of <v>.",
        ),
        [
            "The speed is below 4 % of that of light, so that the momentum is $p = mv$.",
            r"$$\lambda = \frac{h}{mv} = \frac{<h>}{<m> \times <v>} = <wavelength>$$",
        ],
        "<wavelength>",
        {"v": v, "h": h, "m": m, "wavelength": wavelength},
        [(wavelength, PLANCK.full / (2 * ELECTRON_MASS.full * energy) ** 0.5)],
    )


def time_dilation(draw: Draw) -> Problem:
    """The Lorentz factor, checked by the light clock's triangle."""
    beta, proper = draw.amount(0.300, 0.990, "", 3), draw.amount(1.0, 20.0, "year", 1)
    gamma = shown(quantity(1 / math.sqrt(1 - beta.value**2)), "", 5)
    time = shown(gamma.value * proper.q, "year")
    side = quantity(math.sin(math.acos(beta.value)))
    return Problem(
        draw.phrase(
            "A spacecraft leaves the Earth at a constant speed of <beta.n> times the speed of "
            "light. <t> pass on board. How much time passes on the Earth?",
            "An astronaut travels at $<beta>\\,c$ for <t> by her own clock. How long does the "
            "journey last for people on the Earth?",
            "How long, by clocks on the Earth, is a flight at <beta.n> times the speed of light "
            "that takes <t> by the clocks on board?",
        ),
        [
            "The clock on board shows proper time. The Lorentz factor is",
            r"$$\gamma = \frac{1}{\sqrt{1 - v^2/c^2}} = \frac{1}{\sqrt{1 - <beta>^2}} = <gamma>.$$",
            "On the Earth more time passes:",
            r"$$\Delta t = \gamma\,\Delta\tau = <gamma> \times <t> = <time>$$",
        ],
        "<time>",
        {"beta": beta, "t": proper, "gamma": gamma, "time": time},
        [(time, proper.q / side)],
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        calorimetry,
        doppler_siren,
        refraction,
        thin_lens,
        photoelectric_effect,
        de_broglie,
        time_dilation,
    )
}
