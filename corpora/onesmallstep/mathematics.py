"""Problems of mathematics: algebra, number theory, combinatorics, geometry, calculus, matrices."""

import math
import re
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.problems import Draw, Problem, Template


def _signed(value: int, symbol: str = "", *, first: bool = False) -> str:
    """A term of a sum: ` + 3x`, ` - x`, nothing for zero."""
    if value == 0:
        return ""
    sign = ("-" if value < 0 else "") if first else (" - " if value < 0 else " + ")
    size = abs(value)
    return sign + (str(size) if size != 1 or not symbol else "") + symbol


def _polynomial(*coefficients: int, symbol: str = "x") -> str:
    """Coefficients from the highest power down, as LaTeX."""
    degree = len(coefficients) - 1
    written = ""
    for index, value in enumerate(coefficients):
        power = degree - index
        name = "" if power == 0 else symbol if power == 1 else f"{symbol}^{{{power}}}"
        written += _signed(value, name, first=not written)
    return written or "0"


def _fraction(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def quadratic_roots(draw: Draw) -> Problem:
    """The quadratic formula, checked by putting the roots in."""
    a = draw.whole(1, 4)
    root1, root2 = draw.sample([n for n in range(-9, 10) if n], 2)
    small, large = sorted((Fraction(root1), Fraction(root2, a)))
    # a (x - r1)(x - r2/a) = a x^2 - (a r1 + r2) x + r1 r2
    b, c = -(a * root1 + root2), root1 * root2
    discriminant = b * b - 4 * a * c
    root = math.isqrt(discriminant)
    low, high = sorted((Fraction(-b - root, 2 * a), Fraction(-b + root, 2 * a)))
    answer = (
        f"$x = {_fraction(low)}$ or $x = {_fraction(high)}$"
        if low != high
        else f"$x = {_fraction(low)}$"
    )
    bracketed = f"({b})" if b < 0 else str(b)
    third = f"({c})" if c < 0 else str(c)
    formula = rf"\frac{{{-b} \pm {root}}}{{{2 * a}}}" if root else _fraction(low)
    return Problem(
        draw.phrase(
            f"Solve the equation ${_polynomial(a, b, c)} = 0$.",
            f"Find all solutions of ${_polynomial(a, b, c)} = 0$.",
            f"For which values of $x$ is ${_polynomial(a, b, c)}$ equal to zero?",
        ),
        [
            rf"This is a quadratic equation with $a = {a}$, $b = {b}$ and $c = {c}$. Its "
            "discriminant is",
            rf"$$b^2 - 4ac = {bracketed}^2 - 4 \times {a} \times {third} = {discriminant}"
            + (rf" = {root}^2.$$" if root else ".$$"),
            rf"$$x = \frac{{-b \pm \sqrt{{b^2 - 4ac}}}}{{2a}} = {formula}$$",
        ],
        answer,
        {},
        [(str((low, high)), str((small, large))),
         (0, int(a * low**2 + b * low + c)), (0, int(a * high**2 + b * high + c))],
    )  # fmt: skip


def arithmetic_series(draw: Draw) -> Problem:
    """The formula of the sum, checked term by term."""
    first, step, n = draw.whole(-20, 60), draw.whole(2, 15), draw.whole(15, 120)
    last = first + (n - 1) * step
    total = n * (first + last) // 2
    second, third = first + step, first + 2 * step
    return Problem(
        draw.phrase(
            f"What is the sum of the first {n} terms of the arithmetic sequence "
            f"${first}, {second}, {third}, \\ldots$?",
            f"An arithmetic sequence begins ${first}, {second}, {third}, \\ldots$ Find the sum of "
            f"its first {n} terms.",
        ),
        [
            f"The common difference is ${step}$. The last of the terms is",
            rf"$$a_{{{n}}} = {first} + ({n} - 1) \times {step} = {last}.$$",
            "The sum is the number of terms times the mean of the first and the last:",
            rf"$$S = {n} \times \frac{{{first}{_signed(last)}}}{{2}} = {total}$$",
        ],
        f"${total}$",
        {},
        [(total, sum(range(first, last + 1, step)))],
    )


def euclidean_algorithm(draw: Draw) -> Problem:
    """Divisions with remainder, checked by prime factors."""
    common = draw.whole(2, 48)
    a, b = common * draw.whole(20, 220), common * draw.whole(20, 220)
    a, b = max(a, b), min(a, b)
    if a == b:
        a += common
    steps = []
    x, y = a, b
    while y:
        steps.append(rf"{x} &= {x // y} \times {y} + {x % y}")
        x, y = y, x % y
    multiple = a * b // x
    return Problem(
        draw.phrase(
            f"Find the greatest common divisor and the least common multiple of {a} and {b}.",
            f"What are the greatest common divisor and the least common multiple of the numbers "
            f"{a} and {b}?",
        ),
        [
            "The Euclidean algorithm divides with remainder until nothing is left over:",
            r"$$\begin{aligned} " + r" \\ ".join(steps) + r" \end{aligned}$$",
            f"The last divisor, ${x}$, is the greatest common divisor. The least common multiple "
            "follows from the product:",
            rf"$$\frac{{{a} \times {b}}}{{{x}}} = {multiple}$$",
        ],
        rf"$\gcd = {x}$, $\operatorname{{lcm}} = {multiple}$",
        {},
        [(x, _common_by_factors(a, b)), (multiple, math.lcm(a, b))],
    )


def _factors(number: int) -> dict[int, int]:
    found: dict[int, int] = {}
    prime = 2
    while prime * prime <= number:
        while number % prime == 0:
            found[prime] = found.get(prime, 0) + 1
            number //= prime
        prime += 1
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return found


def _common_by_factors(a: int, b: int) -> int:
    first, second = _factors(a), _factors(b)
    return math.prod(p ** min(n, second.get(p, 0)) for p, n in first.items())


def modular_power(draw: Draw) -> Problem:
    """Repeated squaring, checked by multiplying one factor at a time."""
    base, exponent = draw.whole(2, 30), draw.whole(20, 250)
    modulus = draw.choice((7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 97, 101))
    base = base if base % modulus else base + 1
    squares, power = [], 1
    value = base % modulus
    steps = []
    while power <= exponent:
        steps.append(rf"{base}^{{{power}}} &\equiv {value}")
        if exponent & power:
            squares.append((power, value))
        power, value = power * 2, value * value % modulus
    result = math.prod(v for _, v in squares) % modulus
    slow = 1
    for _ in range(exponent):
        slow = slow * base % modulus
    product = r" \times ".join(str(v) for _, v in squares)
    binary = " + ".join(str(p) for p, _ in squares)
    last = rf"{product} \equiv {result}" if len(squares) > 1 else str(result)
    return Problem(
        draw.phrase(
            f"What is the remainder when ${base}^{{{exponent}}}$ is divided by {modulus}?",
            rf"Compute ${base}^{{{exponent}}} \bmod {modulus}$.",
        ),
        [
            f"Squaring again and again gives, modulo {modulus},",
            r"$$\begin{aligned} " + r" \\ ".join(steps) + r". \end{aligned}$$",
            rf"Since ${exponent} = {binary}$,"
            if len(squares) > 1
            else f"The exponent is {exponent}, a power of two, so that",
            rf"$${base}^{{{exponent}}} \equiv {last} \pmod{{{modulus}}}.$$",
        ],
        str(result),
        {},
        [(result, slow)],
    )


def determinant(draw: Draw) -> Problem:
    """Expansion along the first row, checked by Leibniz' sum over permutations."""
    m = [[draw.whole(-6, 9) for _ in range(3)] for _ in range(3)]
    (a, b, c), (d, e, f), (g, h, i) = m
    minors = (e * i - f * h, d * i - f * g, d * h - e * g)
    result = a * minors[0] - b * minors[1] + c * minors[2]
    leibniz = sum(
        (-1) ** sum(p[x] > p[y] for x in range(3) for y in range(x + 1, 3))
        * m[0][p[0]] * m[1][p[1]] * m[2][p[2]]
        for p in permutations(range(3))
    )  # fmt: skip
    rows = r" \\ ".join(" & ".join(map(str, row)) for row in m)

    def number(value: int) -> str:
        return f"({value})" if value < 0 else str(value)

    def minor(p: int, q: int, r: int, s: int) -> str:
        return rf"\begin{{vmatrix}} {p} & {q} \\ {r} & {s} \end{{vmatrix}}"

    return Problem(
        draw.phrase(
            rf"Compute the determinant of $\begin{{pmatrix}} {rows} \end{{pmatrix}}$.",
            rf"What is $\det \begin{{pmatrix}} {rows} \end{{pmatrix}}$?",
        ),
        [
            "Expansion along the first row:",
            rf"$${a} \cdot {minor(e, f, h, i)} - {number(b)} \cdot {minor(d, f, g, i)} + "
            rf"{number(c)} \cdot {minor(d, e, g, h)}$$",
            rf"$$= {a} \cdot {number(minors[0])} - {number(b)} \cdot {number(minors[1])} + "
            rf"{number(c)} \cdot {number(minors[2])} = {result}$$",
        ],
        f"${result}$",
        {},
        [(result, leibniz)],
    )


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
    terms = _fraction(Fraction(a, 3)) if a != 3 else ""
    primitive = f"{terms}x^3"
    if b:
        half = Fraction(abs(b), 2)
        primitive += (" - " if b < 0 else " + ") + (_fraction(half) if half != 1 else "") + "x^2"
    primitive += _signed(c, "x")
    lower = anti(low)
    minus = _fraction(lower) if lower >= 0 else rf"\left({_fraction(lower)}\right)"
    return Problem(
        draw.phrase(
            rf"Evaluate $\int_{{{low}}}^{{{high}}} \left({_polynomial(a, b, c)}\right) "
            r"\mathrm{d}x$.",
            rf"What is the integral of $f(x) = {_polynomial(a, b, c)}$ from $x = {low}$ to "
            rf"$x = {high}$?",
        ),
        [
            f"An antiderivative is $F(x) = {primitive}$.",
            rf"$$F({high}) - F({low}) = {_fraction(anti(high))} - {minus} = "
            rf"{_fraction(result)}$$",
        ],
        f"${_fraction(result)}$",
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
    line = _polynomial(slope, intercept)
    derivative = _polynomial(3 * a, 2 * b, c)
    return Problem(
        draw.phrase(
            f"Find the equation of the tangent to the curve $y = {_polynomial(a, b, c, d)}$ at "
            f"$x = {x0}$.",
            f"Which line touches the graph of $f(x) = {_polynomial(a, b, c, d)}$ at the point with "
            f"$x = {x0}$?",
        ),
        [
            f"The derivative is ${derivative}$.",
            rf"At $x = {x0}$ the curve has the height $y = {y0}$ and the slope $m = {slope}$.",
            rf"$$y = {_signed(slope, rf'(x{_signed(-x0)})', first=True)}{_signed(y0)} = {line}$$"
            if x0 and slope
            else rf"$$y = {line}$$",
        ],
        f"$y = {line}$",
        {},
        [(slope, int(quotient)), (str(f(Fraction(x0))), str(slope * x0 + intercept))],
    )


def compound_interest(draw: Draw) -> Problem:
    """The power, checked year by year."""
    capital, rate = draw.whole(500, 20_000, 100), draw.amount(1.0, 7.5, "", 1)
    years = draw.whole(3, 25)
    result = given(f"{capital * (1 + rate.value / 100) ** years:.2f}")
    account = float(capital)
    for _ in range(years):
        account += account * rate.value / 100
    factor = given(f"{1 + rate.value / 100:.3f}")
    return Problem(
        draw.phrase(
            rf"\${capital} is deposited at $<rate>\,\%$ interest per year, compounded annually. "
            rf"What "
            f"is the balance after {years} years?",
            rf"How much do \${capital} grow to in {years} years at an annual interest rate of "
            r"$<rate>\,\%$, compounded once a year?",
        ),
        [
            r"Each year multiplies the balance by $1 + <rate>/100 = <factor>$.",
            rf"$$K = \${capital} \times <factor>^{{{years}}} = \$<result>$$",
        ],
        r"$\$<result>$",
        {"rate": rate, "result": result, "factor": factor},
        [(result, quantity(account))],
    )


def committee_choices(draw: Draw) -> Problem:
    """A product of binomial coefficients, checked by Pascal's triangle."""
    women, men = draw.whole(5, 12), draw.whole(5, 12)
    w, m = draw.whole(2, 4), draw.whole(2, 4)
    result = math.comb(women, w) * math.comb(men, m)
    words = {2: "two", 3: "three", 4: "four"}

    def pascal(n: int, k: int) -> int:
        row = [1]
        for _ in range(n):
            row = [1, *(x + y for x, y in pairwise(row)), 1]
        return row[k]

    return Problem(
        draw.phrase(
            f"A committee of {words[w]} women and {words[m]} men is to be chosen from {women} "
            f"women and {men} men. In how many ways is that possible?",
            f"From {women} women and {men} men, how many different committees with {words[w]} "
            f"women and {words[m]} men can be formed?",
        ),
        [
            "The order within the committee does not matter. The women and the men are chosen "
            "independently, so that the numbers of choices are multiplied:",
            rf"$$\binom{{{women}}}{{{w}}} \times \binom{{{men}}}{{{m}}} = {math.comb(women, w)} "
            rf"\times {math.comb(men, m)} = {result}$$",
        ],
        f"${result}$",
        {},
        [(result, pascal(women, w) * pascal(men, m))],
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


def linear_recurrence(draw: Draw) -> Problem:
    """Term by term in a program, checked by powers of the matrix."""
    p, q = draw.whole(1, 4), draw.choice((-3, -2, -1, 1, 2, 3))
    a0, a1, n = draw.whole(0, 6), draw.whole(1, 9), draw.whole(12, 30)
    x, y = a0, a1
    for _ in range(n - 1):
        x, y = y, p * y + q * x
    power, square, exponent = ((1, 0), (0, 1)), ((p, q), (1, 0)), n - 1
    while exponent:
        if exponent & 1:
            power = _product(power, square)
        square, exponent = _product(square, square), exponent >> 1
    after = _signed(p, "current", first=True) + _signed(q, "previous")
    after = re.sub(r"(\d)(?=[a-z])", r"\1 * ", after)
    program = f"""
previous, current = {a0}, {a1}
for _ in range({n} - 1):
    previous, current = current, {after}
print(current)
"""
    rule = f"{_signed(p, 'a_{n-1}', first=True)}{_signed(q, 'a_{n-2}')}"
    return Problem(
        draw.phrase(
            f"A sequence is defined by $a_0 = {a0}$, $a_1 = {a1}$ and $a_n = {rule}$ for $n \\ge "
            f"2$. What is $a_{{{n}}}$?",
            f"Let $a_0 = {a0}$, $a_1 = {a1}$ and, for $n \\ge 2$, $a_n = {rule}$. Compute "
            f"$a_{{{n}}}$.",
        ),
        [
            f"Each term follows from the two before it; the next is $a_2 = {p * a1 + q * a0}$. The "
            "others are best left to a program:",
        ],
        f"${y}$",
        {},
        [(y, power[0][0] * a1 + power[0][1] * a0)],
        program,
    )


_Matrix = tuple[tuple[int, int], tuple[int, int]]


def _product(a: _Matrix, b: _Matrix) -> _Matrix:
    return (
        (a[0][0] * b[0][0] + a[0][1] * b[1][0], a[0][0] * b[0][1] + a[0][1] * b[1][1]),
        (a[1][0] * b[0][0] + a[1][1] * b[1][0], a[1][0] * b[0][1] + a[1][1] * b[1][1]),
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        quadratic_roots, arithmetic_series, euclidean_algorithm, modular_power, determinant,
        definite_integral, tangent_line, compound_interest, committee_choices, law_of_cosines,
        root_of_an_equation, linear_recurrence,
    )
}  # fmt: skip
