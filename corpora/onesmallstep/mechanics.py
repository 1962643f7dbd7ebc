"""Problems of mechanics: falls, collisions, oscillations, friction, fluids."""

import math
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.constants import (
    GRAVITY,
)
from corpora.onesmallstep.problems import Draw, Problem, Template

#: Densities of liquids at 20 °C in kg/m^3 (CRC Handbook).
_LIQUID_DENSITIES: Final = {
    "water": "998",
    "ethanol": "789",
    "glycerol": "1261",
    "olive oil": "911",
}


def free_fall(draw: Draw) -> Problem:
    """Energy, checked by the time of the fall."""
    h, g = draw.amount(2.00, 60.0, "m", 2), GRAVITY.printed
    v = shown((2 * g.q * h.q) ** 0.5, "m/s")
    time = (2 * h.q / g.q) ** 0.5
    thing = draw.phrase("stone", "steel ball", "coconut")
    return Problem(
        draw.phrase(
            f"A {thing} is dropped from rest at a height of <h>. With what speed does it hit the "
            "ground? Neglect air resistance and take $g = <g>$.",
            f"How fast is a {thing} moving just before it reaches the ground if it falls freely "
            "from rest through <h>? Use $g = <g>$ and ignore the drag of the air.",
            f"A {thing} falls <h> from rest, without noticeable air resistance. What speed does "
            f"it reach? Use $g = <g>$.",
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
            "Find the braking distance of a car that skids from <v> on a level road, if the "
            "coefficient of kinetic friction is <mu> ($g = <g>$).",
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
            "How far does a ball fly over level ground if it is launched at <v>, <angle> above "
            "the horizontal, and air resistance is negligible? Take $g = <g>$.",
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
            "Calculate the period with which a mass of <m> oscillates on a light spring of "
            "constant <k>.",
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
            "Find the acceleration of a box that slides down a slope of <angle>, if the "
            "coefficient of kinetic "
            "friction is <mu> and $g = <g>$.",
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
            "Two cars collide and stay together: one, of mass <m1>, came at <v1>, the other, of "
            "mass <m2>, stood still. Calculate the speed after the collision and the loss of "
            "kinetic energy.",
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
            f"What force does a wire exert on a cube (edge <edge>, mass <m>) that hangs from it, "
            f"completely submerged in {liquid} of density <rho>? Use $g = <g>$.",
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
dt = 0.001  # s
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
            f"The terminal speed of a skydiver of <m> is <terminal>; the drag is proportional to "
            f"the square of the speed. Calculate the speed {seconds} s after the start from rest, "
            f"with $g = <g>$.",
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
        free_fall,
        stopping_distance,
        projectile_range,
        spring_oscillator,
        inclined_plane,
        inelastic_collision,
        buoyancy,
        fall_with_drag,
    )
}
