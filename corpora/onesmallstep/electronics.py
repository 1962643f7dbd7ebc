"""Problems of electronics: networks of resistors, transients, alternating current, amplifiers."""

import math
from fractions import Fraction
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.problems import Draw, Problem, Template

#: The E12 series of preferred values (IEC 60063).
_E12: Final = (10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82)
#: Typical forward voltages of light-emitting diodes in volts.
_DIODES: Final = {"red": "1.8", "yellow": "2.1", "green": "2.2", "blue": "3.1", "white": "3.2"}


def parallel_resistors(draw: Draw) -> Problem:
    """Conductances, checked by exact fractions two resistors at a time."""
    r1, r2, r3 = (given(str(10 * n), "ohm") for n in sorted(draw.sample(_E12, 3)))
    v = draw.amount(3.0, 24.0, "V", 1)
    r = shown(1 / (1 / r1.q + 1 / r2.q + 1 / r3.q), "ohm", 4)
    i = shown(v.q / r.q, "mA")
    first, second, third = (Fraction(str(x.value)) for x in (r1, r2, r3))
    pair = first * second / (first + second)
    return Problem(
        draw.phrase(
            "Three resistors of <r1>, <r2> and <r3> are connected in parallel to a supply of <v>. "
            "What current does the supply deliver?",
            "A battery of <v> with negligible internal resistance feeds resistors of <r1>, <r2> "
            "and <r3>, all in parallel. Find the total current.",
            "What is the total current through <r1>, <r2> and <r3> in parallel across <v>?",
        ),
        [
            "The conductances of parallel resistors add up:",
            r"$$\frac{1}{R} = \frac{1}{<r1>} + \frac{1}{<r2>} + \frac{1}{<r3>} "
            r"\quad\Rightarrow\quad R = <r>$$",
            "Ohm's law gives the current:",
            r"$$I = \frac{V}{R} = \frac{<v>}{<r>} = <i>$$",
        ],
        "<i>",
        {"r1": r1, "r2": r2, "r3": r3, "v": v, "r": r, "i": i},
        [(i, v.q / quantity(float(pair * third / (pair + third)), "ohm"))],
    )


def loaded_divider(draw: Draw) -> Problem:
    """The lower branch as one resistor, checked by Thévenin's source."""
    r1, r2, load = (given(f"{n / 10:.1f}", "kohm") for n in draw.sample(_E12, 3))
    v = draw.amount(5.0, 24.0, "V", 1)
    lower = shown(r2.q * load.q / (r2.q + load.q), "kohm", 4)
    out = shown(v.q * lower.q / (r1.q + lower.q), "V")
    open_voltage = v.q * r2.q / (r1.q + r2.q)
    inner = r1.q * r2.q / (r1.q + r2.q)
    return Problem(
        draw.phrase(
            "A voltage divider consists of $R_1 = <r1>$ (to the supply of <v>) and $R_2 = <r2>$ "
            "(to ground). A load of <load> is connected across $R_2$. What is the voltage at the "
            "load?",
            "From a supply of <v>, a divider with $R_1 = <r1>$ and $R_2 = <r2>$ feeds a load of "
            "<load> in parallel with $R_2$. Calculate the output voltage under load.",
            "Find the voltage across a load of <load> that is fed by a divider of $R_1 = <r1>$ "
            "and $R_2 = <r2>$ from <v>, the load lying across $R_2$.",
        ),
        [
            "The load and $R_2$ are in parallel:",
            r"$$R_p = \frac{R_2 R_L}{R_2 + R_L} = "
            r"\frac{<r2> \times <load>}{<r2> + <load>} = <lower>$$",
            "With $R_1$ they divide the supply:",
            r"$$V_L = V\,\frac{R_p}{R_1 + R_p} = <v> \times \frac{<lower>}{<r1> + <lower>} = "
            r"<out>$$",
        ],
        "<out>",
        {"r1": r1, "r2": r2, "load": load, "v": v, "lower": lower, "out": out},
        [(out, open_voltage * load.q / (load.q + inner))],
    )


def led_resistor(draw: Draw) -> Problem:
    """The voltage left for the resistor, checked by the balance of power."""
    colour = draw.choice(sorted(_DIODES))
    v, forward = draw.amount(5.0, 15.0, "V", 1), given(_DIODES[colour], "V")
    i = draw.amount(5, 20, "mA")
    across = given(f"{v.value - forward.value:.1f}", "V")
    r = shown(across.q / i.q, "ohm")
    power = shown(across.q * i.q, "mW")
    heat = v.q * i.q - forward.q * i.q
    return Problem(
        draw.phrase(
            f"A {colour} LED with a forward voltage of <forward> is to run at <i> from a supply of "
            "<v>. Which series resistance does it need, and what power does the resistor "
            "dissipate?",
            f"Find the series resistor for a {colour} LED (forward voltage <forward>) that is to "
            "draw <i> from <v>, and the power dissipated in the resistor.",
            f"A supply of <v> is to drive a {colour} LED (forward voltage <forward>) at <i>. "
            "Calculate the series resistance and the power that turns to heat in it.",
        ),
        [
            "The resistor takes the part of the supply voltage that the diode leaves:",
            r"$$V_R = <v> - <forward> = <across>$$",
            r"$$R = \frac{V_R}{I} = \frac{<across>}{<i>} = <r>$$",
            r"$$P = V_R I = <across> \times <i> = <power>$$",
        ],
        "$R = <r>$; the resistor dissipates <power>",
        {"v": v, "forward": forward, "i": i, "across": across, "r": r, "power": power},
        [(r, heat / i.q**2), (power, heat)],
    )


def capacitor_charging(draw: Draw) -> Problem:
    """The logarithm, checked by following the voltage in small steps."""
    r, c = given(str(draw.choice(_E12)), "kohm"), given(str(draw.choice(_E12) * 10), "uF")
    v = draw.amount(5.0, 15.0, "V", 1)
    target = draw.amount(0.3 * v.value, 0.9 * v.value, "V", 1)
    tau = shown(r.q * c.q, "s", 4)
    t = shown(-tau.q * math.log(1 - target.value / v.value), "s")
    return Problem(
        draw.phrase(
            "An uncharged capacitor of <c> is connected to a supply of <v> through a resistor of "
            "<r>. After what time is the voltage across the capacitor <target>?",
            "A capacitor of <c>, at first without charge, charges through <r> from <v>. How long "
            "does it take to reach <target>?",
            "How long does a capacitor of <c>, discharged at first, take to charge to <target> "
            "from <v> through a resistor of <r>?",
        ),
        [
            r"The time constant is $\tau = RC = <r> \times <c> = <tau>$.",
            r"$$V_C = V\left(1 - e^{-t/\tau}\right) \quad\Rightarrow\quad "
            r"t = -\tau \ln\left(1 - \frac{V_C}{V}\right)$$",
            r"$$t = -<tau> \times \ln\left(1 - \frac{<target>}{<v>}\right) = <t>$$",
        ],
        "<t>",
        {"r": r, "c": c, "v": v, "target": target, "tau": tau, "t": t},
        [(t, quantity(_charging_time(v.value, target.value), "") * (r.q * c.q))],
    )


def _charging_time(supply: float, target: float) -> float:
    """The time in time constants by the midpoint rule."""
    voltage, steps, step = 0.0, 0, 1e-3
    while True:
        half = voltage + (supply - voltage) * step / 2
        change = (supply - half) * step
        if voltage + change >= target:
            return (steps + (target - voltage) / change) * step
        voltage, steps = voltage + change, steps + 1


def resonant_circuit(draw: Draw) -> Problem:
    """Thomson's formula, checked by equal reactances found by bisection."""
    l_, c = draw.amount(10, 990, "uH", 0), draw.amount(100, 999, "pF", 0)
    f = shown(1 / (2 * math.pi * (l_.q * c.q) ** 0.5), "kHz")
    henry, farad = l_.value * 1e-6, c.value * 1e-12
    low, high = 1e3, 1e9
    for _ in range(100):
        middle = math.sqrt(low * high)
        if 2 * math.pi * middle * henry < 1 / (2 * math.pi * middle * farad):
            low = middle
        else:
            high = middle
    return Problem(
        draw.phrase(
            "What is the resonance frequency of a circuit with an inductance of <l> and a "
            "capacitance of <c>?",
            "A coil of <l> and a capacitor of <c> form an LC circuit. At which frequency does it "
            "resonate?",
            "Calculate the frequency at which a coil of <l> in series with a capacitor of <c> "
            "resonates.",
        ),
        [
            r"At resonance the two reactances are equal, $\omega L = 1/(\omega C)$, so that "
            r"$\omega = 1/\sqrt{LC}$.",
            r"$$f = \frac{1}{2\pi\sqrt{LC}} = \frac{1}{2\pi\sqrt{<l> \times <c>}} = <f>$$",
        ],
        "<f>",
        {"l": l_, "c": c, "f": f},
        [(f, quantity(low, "Hz"))],
    )


def series_impedance(draw: Draw) -> Problem:
    """Magnitude by reactances, checked with complex numbers."""
    r, l_ = draw.amount(20, 200, "ohm"), draw.amount(20, 300, "mH")
    c, f = draw.amount(10, 99, "uF"), given(str(draw.choice((50, 60, 100, 400))), "Hz")
    v = given(str(draw.whole(12, 48, 6)), "V")
    xl = shown(quantity(2 * math.pi * f.value * l_.value * 1e-3, "ohm"), "ohm", 4)
    xc = shown(quantity(1e6 / (2 * math.pi * f.value * c.value), "ohm"), "ohm", 4)
    z = shown((r.q**2 + (xl.q - xc.q) ** 2) ** 0.5, "ohm", 4)
    i = shown(v.q / z.q, "A")
    omega = 2 * math.pi * f.value
    impedance = r.value + 1j * omega * l_.value * 1e-3 + 1 / (1j * omega * c.value * 1e-6)
    return Problem(
        draw.phrase(
            "A resistor of <r>, a coil of <l> and a capacitor of <c> are in series across an "
            "alternating voltage of <v> (rms) at <f>. What is the rms current?",
            "Find the rms current in a series circuit of <r>, <l> and <c> at <v> (rms) and <f>.",
            "A voltage of <v> (rms, <f>) is applied to a resistor of <r>, an inductance of <l> "
            "and a capacitance of <c> in series. Calculate the rms current.",
        ),
        [
            r"$$X_L = 2\pi f L = 2\pi \times <f> \times <l> = <xl>$$",
            r"$$X_C = \frac{1}{2\pi f C} = \frac{1}{2\pi \times <f> \times <c>} = <xc>$$",
            "The reactances are opposite in phase and at right angles to the resistance:",
            r"$$Z = \sqrt{R^2 + (X_L - X_C)^2} = "
            r"\sqrt{<r.p>^2 + \left(<xl> - <xc>\right)^2} = <z>$$",
            r"$$I = \frac{V}{Z} = \frac{<v>}{<z>} = <i>$$",
        ],
        "<i>",
        {"r": r, "l": l_, "c": c, "f": f, "v": v, "xl": xl, "xc": xc, "z": z, "i": i},
        [(i, quantity(v.value / abs(impedance), "A"))],
    )


def noninverting_amplifier(draw: Draw) -> Problem:
    """The gain, checked by the virtual short at the inputs."""
    rg, rf = given(f"{draw.choice(_E12) / 10:.1f}", "kohm"), given(str(draw.choice(_E12)), "kohm")
    vin = draw.amount(20.0, 99.9, "mV", 1)
    gain = shown(1 + rf.q / rg.q, "", 4)
    out = shown(gain.q * vin.q, "V")
    current = vin.q / rg.q
    return Problem(
        draw.phrase(
            "A non-inverting amplifier with an ideal operational amplifier has a feedback "
            "resistor of <rf> and a resistor of <rg> from the inverting input to ground. The "
            "input is <vin>. What is the output voltage?",
            "In a non-inverting operational amplifier circuit $R_f = <rf>$ and $R_g = <rg>$. Find "
            "the output for an input of <vin>; the amplifier is ideal.",
            "What does a non-inverting amplifier with $R_f = <rf>$ and $R_g = <rg>$ make of an "
            "input of <vin>? Take the operational amplifier as ideal and give the output voltage.",
        ),
        [
            "The ideal amplifier keeps both inputs at the same voltage, and no current flows into "
            "them. The gain of the circuit is therefore",
            r"$$A = 1 + \frac{R_f}{R_g} = 1 + \frac{<rf>}{<rg>} = <gain>,$$",
            r"$$V_{\text{out}} = A V_{\text{in}} = <gain> \times <vin> = <out>.$$",
        ],
        "<out>",
        {"rg": rg, "rf": rf, "vin": vin, "gain": gain, "out": out},
        [(out, current * (rf.q + rg.q))],
    )


def low_pass_filter(draw: Draw) -> Problem:
    """Magnitude of the transfer function, checked as a complex divider."""
    r, c = given(f"{draw.choice(_E12) / 10:.1f}", "kohm"), given(str(draw.choice(_E12)), "nF")
    corner = shown(1 / (2 * math.pi * r.q * c.q), "kHz", 4)
    f = draw.amount(0.3 * corner.value, 10 * corner.value, "kHz", 3)
    ratio = shown(1 / (1 + (f.q / corner.q) ** 2) ** 0.5, "", 4)
    decibel = shown(quantity(20 * math.log10(ratio.value)), "")
    capacitor = 1 / (1j * 2 * math.pi * f.value * 1e3 * c.value * 1e-9)
    transfer = capacitor / (r.value * 1e3 + capacitor)
    return Problem(
        draw.phrase(
            "A low-pass filter consists of a resistor of <r> and a capacitor of <c>. What is its "
            "gain in decibels at <f>, without a load?",
            "By how many decibels does an unloaded RC low-pass with $R = <r>$ and $C = <c>$ change "
            "a signal of <f>? Give the gain.",
            "Calculate the gain, in decibels, of an unloaded RC low-pass ($R = <r>$, $C = <c>$) "
            "at <f>.",
        ),
        [
            r"$$f_c = \frac{1}{2\pi RC} = \frac{1}{2\pi \times <r> \times <c>} = <corner>$$",
            r"$$|H| = \frac{1}{\sqrt{1 + (f/f_c)^2}} = "
            r"\frac{1}{\sqrt{1 + (<f.n>/<corner.n>)^2}} = <ratio>$$",
            r"$$G = 20 \log_{10} |H| = 20 \log_{10} <ratio> = <decibel>\ \mathrm{dB}$$",
        ],
        r"$<decibel>\ \mathrm{dB}$",
        {"r": r, "c": c, "f": f, "corner": corner, "ratio": ratio, "decibel": decibel},
        [(decibel, quantity(20 * math.log10(abs(transfer))))],
    )


def ladder_network(draw: Draw) -> Problem:
    """Node voltages by a program, checked by folding the ladder from its end in fractions."""
    v = draw.whole(5, 24)
    series = [draw.choice(_E12) * 10 for _ in range(3)]
    shunt = [draw.choice(_E12) * 10 for _ in range(3)]
    # Ohm's law from the end back: with 1 V at the last node, the voltage that the source needs.
    voltage = Fraction(1)
    current = Fraction(0)
    for s, p in zip(reversed(series), reversed(shunt), strict=True):
        current += voltage / p
        voltage += current * s
    exact = v / voltage
    answer = shown(quantity(_relaxed_ladder(v, series, shunt), "V"), "V")
    places = max(2 - math.floor(math.log10(answer.value)), 0)
    program = f"""
V = {v}  # volts
series = {series}  # ohms
shunt = {shunt}  # ohms

# Kirchhoff's current law at each node, as rows of G v = i.
n = len(series)
G = [[0.0] * (n + 1) for _ in range(n)]
for k in range(n):
    G[k][k] += 1 / series[k] + 1 / shunt[k]
    if k == 0:
        G[k][n] = V / series[k]
    else:
        G[k][k - 1] -= 1 / series[k]
        G[k - 1][k] -= 1 / series[k]
        G[k - 1][k - 1] += 1 / series[k]

# Gaussian elimination, then the last voltage.
for k in range(n):
    for row in range(k + 1, n):
        factor = G[row][k] / G[k][k]
        for column in range(k, n + 1):
            G[row][column] -= factor * G[k][column]
print(f"{{G[n - 1][n] / G[n - 1][n - 1]:.{places}f}} V")
"""
    listed = [rf"${r}\ \mathrm{{\Omega}}$" for r in (*series, *shunt)]
    return Problem(
        draw.phrase(
            f"A source of ${v}\\ \\mathrm{{V}}$ feeds a ladder of three sections. The series "
            f"resistors are, from the source on, {listed[0]}, {listed[1]} and {listed[2]}; after "
            f"each of them a resistor goes to ground: {listed[3]}, {listed[4]} and {listed[5]}. "
            f"What is the voltage at the last node?",
            f"In a resistor ladder driven by ${v}\\ \\mathrm{{V}}$ the series resistors are "
            f"{listed[0]}, {listed[1]}, {listed[2]} and the resistors from the nodes to ground "
            f"{listed[3]}, {listed[4]}, {listed[5]}, counted from the source. Find the voltage "
            "across the last resistor.",
            f"Three resistors in series, {listed[0]}, {listed[1]} and {listed[2]}, lead away from "
            f"a source of ${v}\\ \\mathrm{{V}}$. From the ends of the first, the second and the "
            f"third, {listed[3]}, {listed[4]} and {listed[5]} go to ground. What is the voltage "
            f"at the far end?",
        ),
        [
            "The sum of the currents that leave a node is zero. This gives one linear equation for "
            "each of the three node voltages, which are solved by elimination:",
        ],
        "<answer>",
        {"answer": answer},
        [(answer, quantity(float(exact), "V"))],
        program,
    )


def _relaxed_ladder(v: int, series: list[int], shunt: list[int]) -> float:
    """The last voltage, each node set to the mean of its neighbours until nothing changes."""
    nodes = [float(v), 0.0, 0.0, 0.0]
    for _ in range(400):
        for k in (1, 2, 3):
            conductance = 1 / series[k - 1] + 1 / shunt[k - 1]
            current = nodes[k - 1] / series[k - 1]
            if k < 3:
                conductance += 1 / series[k]
                current += nodes[k + 1] / series[k]
            nodes[k] = current / conductance
    return nodes[3]


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        parallel_resistors, loaded_divider, led_resistor, capacitor_charging, resonant_circuit,
        series_impedance, noninverting_amplifier, low_pass_filter, ladder_network,
    )
}  # fmt: skip
