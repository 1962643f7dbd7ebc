"""Problems of biology about cells, enzymes and bodies."""

from typing import Final

from corpora.onesmallstep.amounts import given, number_tex, quantity, shown
from corpora.onesmallstep.problems import Draw, Problem, Template


def michaelis_menten(draw: Draw) -> Problem:
    """The rate law, checked by the double reciprocal of Lineweaver and Burk."""
    vmax, km = draw.amount(10.0, 250.0, "umol/minute", 1), draw.amount(0.05, 5.00, "mmol/L", 2)
    s = draw.amount(0.2 * km.value, 8 * km.value, "mmol/L", 2)
    v = shown(vmax.q * s.q / (km.q + s.q), "umol/minute")
    part = shown(quantity(100 * v.value / vmax.value), "", 2)
    reciprocal = km.value / vmax.value / s.value + 1 / vmax.value
    unit = r"\ \mathrm{\mu mol/min}"
    return Problem(
        draw.phrase(
            f"An enzyme has $V_{{\\max}} = <vmax.n>{unit}$ and a Michaelis constant of <km>. What "
            f"is the rate of the reaction at a substrate concentration of <s>?",
            f"Find the initial rate of an enzyme that follows Michaelis–Menten kinetics with $K_m "
            f"= <km>$ and $V_{{\\max}} = <vmax.n>{unit}$, if the substrate is at <s>.",
            f"How fast does an enzyme with $K_m = <km>$ and $V_{{\\max}} = <vmax.n>{unit}$ "
            f"convert a substrate "
            "of concentration <s>?",
        ),
        [
            r"$$v = \frac{V_{\max}[S]}{K_m + [S]} = \frac{<vmax.n>" + unit + r" \times <s>}"
            r"{<km> + <s>} = <v.n>" + unit + "$$",
            r"This is $<part>\,\%$ of the maximum rate.",
        ],
        f"$<v.n>{unit}$",
        {"vmax": vmax, "km": km, "s": s, "v": v, "part": part},
        [(v, quantity(1 / reciprocal, "umol/minute"))],
    )


def magnification(draw: Draw) -> Problem:
    """Image over object, checked by the length of the scale bar."""
    factor = draw.whole(400, 4000, 100)
    cell = draw.choice(("mitochondrion", "chloroplast", "yeast cell", "pollen grain"))
    low, high = {"mitochondrion": (0.5, 9.9), "chloroplast": (3.0, 9.9), "yeast cell": (3.0, 8.0),
                 "pollen grain": (12.0, 45.0)}[cell]  # fmt: skip
    actual = draw.amount(low, high, "um", 1)
    image = given(number_tex(actual.value * factor / 1000, 3), "mm")
    size = shown(image.q / factor, "um", 2)
    bar = 10 * factor / 1000
    return Problem(
        draw.phrase(
            f"On a micrograph with a magnification of ×{factor}, a {cell} is <image> long. What is "
            "its actual length?",
            f"A {cell} measures <image> on an image that is magnified {factor} times. Find its "
            "real length in micrometres.",
            f"The picture of a {cell} is <image> long at a magnification of ×{factor}. How long "
            f"is the {cell} itself?",
        ),
        [
            r"$$\text{actual length} = \frac{\text{length on the image}}{\text{magnification}} = "
            rf"\frac{{<image>}}{{{factor}}} = <size>$$",
        ],
        "<size>",
        {"image": image, "size": size},
        [(size, quantity(10, "um") * (image.value / bar))],
    )


def cardiac_output(draw: Draw) -> Problem:
    """Rate times stroke volume, checked by Fick's principle with the oxygen that it implies."""
    rate = draw.whole(55, 175)
    end, left = draw.whole(110, 160), draw.whole(40, 70)
    stroke = given(str(end - left), "mL")
    output = shown(quantity(rate * stroke.value / 1000, "L/minute"), "L/minute")
    fraction = shown(quantity(100 * stroke.value / end), "")
    pumped = sum(end - left for _ in range(rate))
    return Problem(
        draw.phrase(
            f"At a heart rate of {rate} beats per minute, a ventricle holds {end} mL of blood "
            f"before and {left} mL after each contraction. What are the cardiac output and the "
            f"ejection fraction?",
            f"A heart beats {rate} times a minute. The end-diastolic volume is {end} mL and the "
            f"end-systolic volume {left} mL. Find the cardiac output and the ejection fraction.",
            f"An echocardiogram shows {end} mL of blood in a ventricle at the end of diastole and "
            f"{left} mL at the end of systole, at {rate} beats per minute. Calculate the cardiac "
            f"output and the ejection fraction.",
        ),
        [
            rf"The stroke volume is ${end}\ \mathrm{{mL}} - {left}\ \mathrm{{mL}} = <stroke>$.",
            rf"$$\text{{CO}} = {rate}\ \mathrm{{min^{{-1}}}} \times <stroke> = "
            r"<output.n>\ \mathrm{L/min}$$",
            rf"$$\text{{EF}} = \frac{{<stroke>}}{{{end}\ \mathrm{{mL}}}} = <fraction>\,\%$$",
        ],
        r"$<output.n>\ \mathrm{L/min}$; ejection fraction $<fraction>\,\%$",
        {"stroke": stroke, "output": output, "fraction": fraction},
        [(output, quantity(pumped, "mL/minute")),
         (fraction, quantity(100 * (1 - left / end)))],
    )  # fmt: skip


def drug_elimination(draw: Draw) -> Problem:
    """The exponential law, checked by halvings hour by hour."""
    dose, half = draw.whole(100, 800, 25), draw.amount(2.0, 12.0, "hours", 1)
    volume, time = draw.amount(12, 60, "L"), draw.amount(3.0, 30.0, "hours", 1)
    start = shown(quantity(dose / volume.value, "mg/L"), "mg/L", 5)
    left = shown(start.q * 0.5 ** (time.value / half.value), "mg/L")
    concentration, minutes = dose / volume.value, round(time.value * 60)
    for _ in range(minutes):
        concentration *= 2 ** (-1 / (60 * half.value))
    return Problem(
        draw.phrase(
            f"A patient gets {dose} mg of a drug intravenously. It distributes in a volume of "
            "<volume> and is eliminated with a half-life of <half>. What is its concentration in "
            "the plasma after <time>?",
            f"After an intravenous dose of {dose} mg, a drug with a volume of distribution of "
            "<volume> and a half-life of <half> is eliminated by first-order kinetics. Find its "
            "concentration <time> later.",
            f"What plasma concentration is left <time> after an intravenous dose of {dose} mg of "
            f"a drug with a half-life of <half> and a volume of distribution of <volume>?",
        ),
        [
            rf"$$c_0 = \frac{{{dose}\ \mathrm{{mg}}}}{{<volume>}} = <start>$$",
            r"$$c = c_0 \left(\tfrac{1}{2}\right)^{t/t_{1/2}} = <start> \times "
            r"\left(\tfrac{1}{2}\right)^{<time.n>/<half.n>} = <left>$$",
        ],
        "<left>",
        {"volume": volume, "half": half, "time": time, "start": start, "left": left},
        [(left, quantity(concentration, "mg/L"))],
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        michaelis_menten,
        magnification,
        cardiac_output,
        drug_elimination,
    )
}
