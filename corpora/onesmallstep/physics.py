"""Problems of physics: mechanics, heat, waves, optics, relativity, quanta."""

import math
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    GRAVITY,
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
    "caesium": "2.14", "potassium": "2.30", "sodium": "2.75", "calcium": "2.87", "lithium": "2.90",
}  # fmt: skip
#: Densities of liquids at 20 °C in kg/m^3 (CRC Handbook).
_LIQUID_DENSITIES: Final = {
    "water": "998",
    "ethanol": "789",
    "glycerol": "1261",
    "olive oil": "911",
}


def free_fall(draw: Draw) -> Problem:
    """Energy, checked by the time of the fall."""
    h, g = draw.amount(2.0, 60.0, "m", 1), GRAVITY.printed
    v = shown((2 * g.q * h.q) ** 0.5, "m/s")
    time = (2 * h.q / g.q) ** 0.5
    thing = draw.phrase("stone", "steel ball", "coconut")
    return Problem(
        draw.phrase(
            f"A {thing} is dropped from rest at a height of <h>. With what speed does it hit the "
            "ground? Neglect air resistance and take $g = <g>$.",
            f"How fast is a {thing} moving just before it reaches the ground if it falls freely "
            "from rest through <h>? Use $g = <g>$ and ignore the drag of the air.",
        ),
        [
            "Energy is conserved: the potential energy that is lost becomes kinetic energy.",
            r"$$mgh = \tfrac{1}{2}mv^2 \quad\Rightarrow\quad v = \sqrt{2gh}$$",
            "The mass cancels. With the numbers,",
            r"$$v = \sqrt{2 \times <g> \times <h>} = <v>$$",
        ],
        "<v>",
        {"h": h, "g": g, "v": v},
        [(v, g.q * time)],
    )


def stopping_distance(draw: Draw) -> Problem:
    """Work of friction, checked by deceleration and time."""
    v0, mu = draw.amount(10, 35, "m/s", 1), draw.amount(0.35, 0.85, "", 2)
    g = GRAVITY.printed
    a = mu.q * g.q
    d = shown(v0.q**2 / (2 * a), "m")
    time = v0.q / a
    return Problem(
        draw.phrase(
            "A car travels at <v> on a level road when the driver locks the brakes. The "
            "coefficient of kinetic friction between tyres and road is <mu>. How far does the car "
            "slide before it stops? Take $g = <g>$.",
            "With locked wheels, a car slides to rest from <v> on a horizontal road. If the "
            "coefficient of kinetic friction is <mu> and $g = <g>$, what is the length of the "
            "skid?",
        ),
        [
            "On a level road the normal force is $mg$, so friction does the work $-\\mu mg d$. It "
            "takes away all the kinetic energy:",
            r"$$\tfrac{1}{2}mv^2 = \mu m g d \quad\Rightarrow\quad d = \frac{v^2}{2\mu g}$$",
            r"$$d = \frac{<v.p>^2}{2 \times <mu> \times <g>} = <d>$$",
        ],
        "<d>",
        {"v": v0, "mu": mu, "g": g, "d": d},
        [(d, v0.q * time - a * time**2 / 2)],
    )


def projectile_range(draw: Draw) -> Problem:
    """The formula of the range, checked by horizontal speed and time of flight."""
    v, angle = draw.amount(8, 45, "m/s", 1), draw.amount(20, 70, "degree")
    g = GRAVITY.printed
    radians = math.radians(angle.value)
    d = shown(v.q**2 * math.sin(2 * radians) / g.q, "m")
    time = 2 * v.q * math.sin(radians) / g.q
    double = given(str(round(2 * angle.value)), "degree")
    return Problem(
        draw.phrase(
            "A ball is kicked from level ground with a speed of <v> at an angle of <angle> above "
            "the horizontal. How far away does it land? Neglect air resistance; $g = <g>$.",
            "A projectile leaves the ground at <v>, at <angle> to the horizontal. Find its range "
            "on level ground without air resistance. Use $g = <g>$.",
        ),
        [
            "The vertical motion gives the time of flight, $t = 2v\\sin\\theta / g$. During this "
            "time the ball moves at the constant horizontal speed $v\\cos\\theta$:",
            r"$$R = v\cos\theta \cdot \frac{2v\sin\theta}{g} = \frac{v^2 \sin 2\theta}{g}$$",
            r"$$R = \frac{<v.p>^2 \times \sin <double>}{<g>} = <d>$$",
        ],
        "<d>",
        {"v": v, "angle": angle, "double": double, "g": g, "d": d},
        [(d, v.q * math.cos(radians) * time)],
    )


def spring_oscillator(draw: Draw) -> Problem:
    """The period, checked by the angular frequency of the largest acceleration."""
    m, k = draw.amount(0.10, 2.50, "kg", 2), draw.amount(15, 400, "N/m")
    period = shown(2 * math.pi * (m.q / k.q) ** 0.5, "s")
    return Problem(
        draw.phrase(
            "A mass of <m> hangs on a spring with a spring constant of <k>. What is the period of "
            "its small vertical oscillations? The mass of the spring is negligible.",
            "A glider of mass <m> on a frictionless air track is attached to a spring of constant "
            "<k>. With what period does it oscillate?",
        ),
        [
            "The spring pulls back with $F = -kx$, so that the motion is simple harmonic with the "
            "angular frequency $\\omega = \\sqrt{k/m}$.",
            r"$$T = \frac{2\pi}{\omega} = 2\pi\sqrt{\frac{m}{k}} = "
            r"2\pi\sqrt{\frac{<m>}{<k>}} = <period>$$",
        ],
        "<period>",
        {"m": m, "k": k, "period": period},
        [(period, quantity(_oscillation_period(k.value, m.value), "s"))],
    )


def _oscillation_period(k: float, m: float) -> float:
    """The period of a spring found by following its motion from rest to where it turns (RK4)."""
    step = math.sqrt(m / k) / 100
    x, v, time = 1.0, 0.0, 0.0
    while True:
        k1x, k1v = v, -k / m * x
        k2x, k2v = v + step / 2 * k1v, -k / m * (x + step / 2 * k1x)
        k3x, k3v = v + step / 2 * k2v, -k / m * (x + step / 2 * k2x)
        k4x, k4v = v + step * k3v, -k / m * (x + step * k3x)
        new_x = x + step / 6 * (k1x + 2 * k2x + 2 * k3x + k4x)
        v += step / 6 * (k1v + 2 * k2v + 2 * k3v + k4v)
        if new_x <= 0:
            # A quarter of the period; the motion is nearly uniform near the middle.
            return 4 * (time + step * x / (x - new_x))
        x, time = new_x, time + step


def inclined_plane(draw: Draw) -> Problem:
    """Newton's second law along the slope, checked by the loss of energy over one metre."""
    angle, mu = draw.amount(25, 50, "degree"), draw.amount(0.05, 0.35, "", 2)
    g = GRAVITY.printed
    radians = math.radians(angle.value)
    a = shown(g.q * (math.sin(radians) - mu.value * math.cos(radians)), "m/s^2")
    metre = quantity(1, "m")
    speed_squared = 2 * g.q * metre * math.sin(radians) - (
        2 * mu.q * g.q * metre * math.sin(math.pi / 2 - radians)
    )
    return Problem(
        draw.phrase(
            "A crate slides down a ramp inclined at <angle>. The coefficient of kinetic friction "
            "is <mu>. What is its acceleration? Take $g = <g>$.",
            "A block slides down a plane that makes an angle of <angle> with the horizontal; the "
            "coefficient of kinetic friction is <mu>. Find its acceleration, with $g = <g>$.",
        ),
        [
            "Along the slope act the component $mg\\sin\\theta$ of the weight, downwards, and "
            "friction $\\mu N$, upwards, where $N = mg\\cos\\theta$.",
            r"$$ma = mg\sin\theta - \mu mg\cos\theta \quad\Rightarrow\quad "
            r"a = g(\sin\theta - \mu\cos\theta)$$",
            r"$$a = <g> \times (\sin <angle> - <mu> \times \cos <angle>) = <a>$$",
        ],
        "<a> down the slope",
        {"angle": angle, "mu": mu, "g": g, "a": a},
        [(a, speed_squared / (2 * metre))],
    )


def inelastic_collision(draw: Draw) -> Problem:
    """Momentum, checked in the frame of the centre of mass."""
    m1, m2 = draw.amount(800, 2400, "kg"), draw.amount(800, 2400, "kg")
    v1 = draw.amount(8, 30, "m/s", 1)
    v = shown(m1.q * v1.q / (m1.q + m2.q), "m/s")
    lost = shown(m1.q * m2.q / (m1.q + m2.q) * v1.q**2 / 2, "kJ")
    after = m1.q * v1.q / (m1.q + m2.q)
    return Problem(
        draw.phrase(
            "A car of mass <m1> moving at <v1> runs into a car of mass <m2> at rest, and the two "
            "lock together. What is their common speed just after the collision, and how much "
            "kinetic energy is lost?",
            "A <m1> car at <v1> hits a stationary <m2> car; they stick together. Find the speed of "
            "the wreck just after the impact and the kinetic energy that was lost.",
        ),
        [
            "Momentum is conserved in the collision:",
            r"$$m_1 v_1 = (m_1 + m_2) v \quad\Rightarrow\quad v = \frac{<m1> \times <v1>}"
            r"{<m1> + <m2>} = <v>$$",
            "The kinetic energy that is lost is, with this $v$,",
            r"$$\Delta E = \tfrac{1}{2}m_1 v_1^2 - \tfrac{1}{2}(m_1 + m_2)v^2 = "
            r"\frac{1}{2}\,\frac{m_1 m_2}{m_1 + m_2}\,v_1^2,$$",
            r"$$\Delta E = \frac{1}{2} \times \frac{<m1> \times <m2>}{<m1> + <m2>} "
            r"\times <v1.p>^2 = <lost>$$",
        ],
        "<v>; <lost> of kinetic energy is lost",
        {"m1": m1, "m2": m2, "v1": v1, "v": v, "lost": lost},
        [
            (v, v1.q - m2.q / (m1.q + m2.q) * v1.q),
            (lost, m1.q * v1.q**2 / 2 - (m1.q + m2.q) * after**2 / 2),
        ],
    )


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
            "The siren of a police car has a frequency of <f>. The car approaches a listener who "
            "stands still at <v>. Which frequency reaches the listener, if sound travels at <c>?",
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
    n, angle = given(_REFRACTIVE_INDICES[name]), draw.amount(15, 75, "degree")
    sine = math.sin(math.radians(angle.value)) / n.value
    inside = shown(quantity(math.degrees(math.asin(sine)), "degree"), "degree")
    return Problem(
        draw.phrase(
            f"A ray of light in air meets the flat surface of {name} ($n = <n>$) at an angle of "
            "incidence of <angle>. What is the angle of refraction?",
            f"Light passes from air into {name}, whose refractive index is <n>. The angle of "
            "incidence is <angle>. At what angle to the normal does the light travel inside?",
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
            "A thin converging lens ($f = <f>$) forms an image of a candle at a distance of <s>. "
            "Find the distance of the image from the lens and the magnification.",
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
        ),
        [
            "The energy of a photon is",
            r"$$E = \frac{hc}{\lambda} = \frac{<h> \times <c>}{<wm>} = <photon> = <volts>,$$",
            "where $1\\ \\mathrm{eV} = 1.602 \\times 10^{-19}\\ \\mathrm{J}$. An electron gets "
            "all of it and spends at least the work function to leave the metal:",
            r"$$K_{\max} = E - \phi = <volts> - <phi> = <energy>$$",
        ],
        "<energy>",
        {"w": wavelength, "wm": given(f"{wavelength.value / 100:.2f}e-7", "m"), "phi": phi,
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


def buoyancy(draw: Draw) -> Problem:
    """Archimedes' principle, checked by the pressure on the faces of a cube."""
    liquid = draw.choice(sorted(_LIQUID_DENSITIES))
    rho, g = given(_LIQUID_DENSITIES[liquid], "kg/m^3"), GRAVITY.printed
    edge = draw.amount(8.0, 20.0, "cm", 1)
    # Between the densities of aluminium and lead.
    m = draw.amount(2.7e-3 * edge.value**3, 11.3e-3 * edge.value**3, "kg", 2)
    volume = shown(edge.q**3, "m^3", 5)
    lift = shown(rho.q * volume.q * g.q, "N", 5)
    weight = shown(m.q * g.q, "N", 5)
    tension = weight.value - lift.value
    force = shown(quantity(tension, "N"), "N")
    top = quantity(0.3, "m") * rho.q * g.q
    bottom = (quantity(0.3, "m") + edge.q) * rho.q * g.q
    return Problem(
        draw.phrase(
            f"A metal cube with edges of <edge> and a mass of <m> hangs from a wire, fully "
            f"immersed in {liquid} of density <rho>. What is the tension of the wire? Take $g = "
            f"<g>$.",
            f"A cube of edge <edge> and mass <m> is held completely under {liquid} "
            "($\\rho = <rho>$) by a thin wire from above. Find the force in the wire; $g = <g>$.",
        ),
        [
            "The cube displaces its own volume of liquid,",
            r"$$V = <edge.p>^3 = <volume>,$$",
            "whose weight is the buoyant force:",
            r"$$F_b = \rho V g = <rho> \times <volume> \times <g> = <lift>$$",
            "The wire carries the rest of the weight of the cube:",
            r"$$F = mg - F_b = <m> \times <g> - <lift> = <weight> - <lift> = <force>$$",
        ],
        "<force>",
        {"edge": edge, "m": m, "rho": rho, "g": g, "volume": volume, "lift": lift,
         "weight": weight, "force": force},
        [(force, m.q * g.q - (bottom - top) * edge.q**2)],
    )  # fmt: skip


def fall_with_drag(draw: Draw) -> Problem:
    """A fall with quadratic drag step by step, checked by the solution in closed form."""
    m, terminal = draw.amount(55, 100, "kg"), draw.amount(45, 60, "m/s")
    seconds = draw.whole(3, 10)
    g = GRAVITY.printed
    k = shown(m.q * g.q / terminal.q**2, "kg/m", 4)
    # v(t) = sqrt(mg/k) tanh(t sqrt(gk/m)), from the k that is printed.
    exact = math.sqrt(m.value * g.value / k.value) * math.tanh(
        seconds * math.sqrt(g.value * k.value / m.value)
    )
    v = shown(quantity(exact, "m/s"), "m/s")
    program = f"""
m = {m.number}  # kg
g = {g.number}  # m/s^2
k = {k.number}  # kg/m
dt = 0.0001  # s
v = 0.0
for _ in range(round({seconds} / dt)):
    # The midpoint rule: the acceleration at the speed half a step later.
    half = v + (g - k / m * v**2) * dt / 2
    v += (g - k / m * half**2) * dt
print(f"{{v:.1f}} m/s")
"""
    return Problem(
        draw.phrase(
            f"A skydiver of mass <m> (with equipment) falls from rest. The drag of the air is "
            f"$kv^2$, and the terminal speed is <terminal>. How fast is the skydiver after "
            f"{seconds} s? Take $g = <g>$.",
            f"Find the speed, {seconds} s after the jump, of a skydiver of <m> whose terminal "
            f"speed is <terminal>, if air resistance grows with the square of the speed. Use $g = "
            f"<g>$.",
        ),
        [
            "At the terminal speed $v_t$ the drag balances the weight:",
            r"$$k v_t^2 = mg \quad\Rightarrow\quad k = \frac{mg}{v_t^2} = "
            r"\frac{<m> \times <g>}{<terminal.p>^2} = <k>$$",
            r"The equation of motion, $m\,\mathrm{d}v/\mathrm{d}t = mg - kv^2$, is solved step by "
            "step:",
        ],
        "<v>",
        {"m": m, "terminal": terminal, "g": g, "k": k, "v": v},
        [(v, quantity(terminal.value * math.tanh(g.value * seconds / terminal.value), "m/s"))],
        program,
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        free_fall, stopping_distance, projectile_range, spring_oscillator, inclined_plane,
        inelastic_collision, calorimetry, doppler_siren, refraction, thin_lens,
        photoelectric_effect, de_broglie, time_dilation, buoyancy, fall_with_drag,
    )
}  # fmt: skip
