"""Problems of calculus and geometry."""

import math
from fractions import Fraction
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.polynomials import fraction_tex, polynomial_tex, signed_tex
from corpora.onesmallstep.problems import Draw, Problem, Template


def definite_integral(draw: Draw) -> Problem:
    """The antiderivative in fractions, checked by Simpson's rule (exact for cubics)."""
    a, b, c = draw.whole(1, 6), draw.whole(-8, 8), draw.whole(-9, 9)
    low = draw.whole(-2, 2)
    high = low + draw.whole(1, 5)

    def anti(x: int) -> Fraction:
        return Fraction(a * x**3, 3) + Fraction(b * x**2, 2) + c * x

    def integrand(x: Fraction) -> Fraction:
        return a * x * x + b * x + c

    result = anti(high) - anti(low)
    middle = Fraction(low + high, 2)
    simpson = (high - low) * (
        integrand(Fraction(low)) + 4 * integrand(middle) + integrand(Fraction(high))
    ) / 6  # fmt: skip
    terms = fraction_tex(Fraction(a, 3)) if a != 3 else ""
    primitive = f"{terms}x^3"
    if b:
        half = Fraction(abs(b), 2)
        primitive += (" - " if b < 0 else " + ") + (fraction_tex(half) if half != 1 else "") + "x^2"
    primitive += signed_tex(c, "x")
    lower = anti(low)
    minus = fraction_tex(lower) if lower >= 0 else rf"\left({fraction_tex(lower)}\right)"
    return Problem(
        draw.phrase(
            rf"Evaluate $\int_{{{low}}}^{{{high}}} \left({polynomial_tex(a, b, c)}\right) "
            r"\mathrm{d}x$.",
            rf"What is the integral of $f(x) = {polynomial_tex(a, b, c)}$ from $x = {low}$ to "
            rf"$x = {high}$?",
            rf"Compute $\int_{{{low}}}^{{{high}}} f(x)\,\mathrm{{d}}x$ for $f(x) = "
            rf"{polynomial_tex(a, b, c)}$.",
        ),
        [
            f"An antiderivative is $F(x) = {primitive}$.",
            rf"$$F({high}) - F({low}) = {fraction_tex(anti(high))} - {minus} = "
            rf"{fraction_tex(result)}$$",
        ],
        f"${fraction_tex(result)}$",
        {},
        [(str(result), str(simpson))],
    )


def tangent_line(draw: Draw) -> Problem:
    """The derivative by rule, checked by an exact division of differences."""
    a, b, c, d = draw.whole(1, 4), draw.whole(-6, 6), draw.whole(-9, 9), draw.whole(-9, 9)
    x0 = draw.whole(-3, 4)
    slope = 3 * a * x0**2 + 2 * b * x0 + c
    y0 = a * x0**3 + b * x0**2 + c * x0 + d
    intercept = y0 - slope * x0

    def f(x: Fraction) -> Fraction:
        return a * x**3 + b * x**2 + c * x + d

    # For a cubic the symmetric quotient is f' + a h^2, exactly.
    h = Fraction(1, 10)
    quotient = (f(x0 + h) - f(x0 - h)) / (2 * h) - a * h * h
    line = polynomial_tex(slope, intercept)
    factored = signed_tex(slope, f"(x{signed_tex(-x0)})", first=True)
    derivative = polynomial_tex(3 * a, 2 * b, c)
    return Problem(
        draw.phrase(
            f"Find the equation of the tangent to the curve $y = {polynomial_tex(a, b, c, d)}$ at "
            f"$x = {x0}$.",
            f"Which line touches the graph of $f(x) = {polynomial_tex(a, b, c, d)}$ at the point "
            f"with $x = {x0}$?",
            f"What is the tangent to $y = {polynomial_tex(a, b, c, d)}$ at the point whose "
            f"$x$-coordinate is ${x0}$?",
        ),
        [
            f"The derivative is ${derivative}$.",
            rf"At $x = {x0}$ the curve has the height $y = {y0}$ and the slope $m = {slope}$.",
            rf"$$y = {factored}{signed_tex(y0)} = {line}$$" if x0 and slope else rf"$$y = {line}$$",
        ],
        f"$y = {line}$",
        {},
        [(slope, int(quotient)), (str(f(Fraction(x0))), str(slope * x0 + intercept))],
    )


def law_of_cosines(draw: Draw) -> Problem:
    """The law, checked with coordinates."""
    a, b = draw.amount(3.0, 20.0, "cm", 1), draw.amount(3.0, 20.0, "cm", 1)
    angle = draw.amount(25, 155, "degree")
    radians = math.radians(angle.value)
    c = shown((a.q**2 + b.q**2 - 2 * a.q * b.q * math.cos(radians)) ** 0.5, "cm")
    x, y = b.value * math.cos(radians) - a.value, b.value * math.sin(radians)
    return Problem(
        draw.phrase(
            "Two sides of a triangle are <a> and <b> long and enclose an angle of <angle>. How "
            "long is the third side?",
            r"In a triangle, $a = <a>$, $b = <b>$ and the angle between them is $\gamma = "
            r"<angle>$. "
            "Find $c$.",
            "Calculate the third side of a triangle whose other sides, <a> and <b>, meet at an "
            "angle of <angle>.",
        ),
        [
            "The law of cosines:",
            r"$$c = \sqrt{a^2 + b^2 - 2ab\cos\gamma}$$",
            r"$$c = \sqrt{<a.p>^2 + <b.p>^2 - 2 \times <a> \times <b> \times \cos <angle>} = <c>$$",
        ],
        "<c>",
        {"a": a, "b": b, "angle": angle, "c": c},
        [(c, quantity(math.hypot(x, y), "cm"))],
    )


def root_of_an_equation(draw: Draw) -> Problem:
    """Bisection by program, checked by Newton's method."""
    k, n = draw.amount(0.10, 3.00, "", 2), draw.amount(1.5, 9.5, "", 1)
    kind = draw.choice(("exponential", "logarithm", "cosine"))
    functions = {
        "exponential": (lambda x: math.exp(k.value * x) + x - n.value - 1,
                        lambda x: k.value * math.exp(k.value * x) + 1,
                        "e^{<k> x} + x = <m>", f"math.exp({k.number} * x) + x - {n.value + 1:.1f}"),
        "logarithm": (lambda x: x + k.value * math.log(x) - n.value,
                      lambda x: 1 + k.value / x,
                      r"x + <k> \ln x = <n>", f"x + {k.number} * math.log(x) - {n.number}"),
        "cosine": (lambda x: x - n.value / 10 * math.cos(x) - k.value / 10,
                   lambda x: 1 + n.value / 10 * math.sin(x),
                   r"x - <tenth> \cos x = <small>",
                   f"x - {n.value / 10:.2f} * math.cos(x) - {k.value / 10:.3f}"),
    }  # fmt: skip
    f, slope, equation, code = functions[kind]
    low, high = 1e-9, 12.0
    for _ in range(100):
        x = (low + high) / 2
        low, high = (low, x) if f(x) > 0 else (x, high)
    root = given(f"{low:.4f}")
    newton = 1.0
    for _ in range(100):
        newton = max(newton - f(newton) / slope(newton), 1e-6)
    program = f"""
import math


def f(x):
    return {code}


low, high = 1e-9, 12.0
while high - low > 1e-10:
    x = (low + high) / 2
    if f(x) > 0:
        high = x
    else:
        low = x
print(f"x = {{x:.4f}}")
"""
    return Problem(
        draw.phrase(
            f"Solve ${equation}$ for positive $x$, to four decimal places.",
            f"Find the positive solution of ${equation}$ to four decimal places.",
            f"For which positive $x$ is ${equation}$? Give four decimal places.",
        ),
        [
            "There is no solution in closed form. The difference of the two sides grows with $x$ "
            "where $x$ is positive, so that it is zero only once, which bisection finds:",
        ],
        "$x = <root>$",
        {"k": k, "n": n, "root": root, "m": given(f"{n.value + 1:.1f}"),
         "tenth": given(f"{n.value / 10:.2f}"), "small": given(f"{k.value / 10:.3f}")},
        [(root, quantity(newton))],
        program,
    )  # fmt: skip


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        definite_integral,
        tangent_line,
        law_of_cosines,
        root_of_an_equation,
    )
}
