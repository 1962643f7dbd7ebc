"""Problems of algebra, number theory and combinatorics."""

import math
import re
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Final

from corpora.onesmallstep.amounts import given, quantity
from corpora.onesmallstep.polynomials import fraction_tex, polynomial_tex, signed_tex
from corpora.onesmallstep.problems import Draw, Problem, Template

_Matrix = tuple[tuple[int, int], tuple[int, int]]


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
        f"$x = {fraction_tex(low)}$ or $x = {fraction_tex(high)}$"
        if low != high
        else f"$x = {fraction_tex(low)}$"
    )
    bracketed = f"({b})" if b < 0 else str(b)
    third = f"({c})" if c < 0 else str(c)
    formula = rf"\frac{{{-b} \pm {root}}}{{{2 * a}}}" if root else fraction_tex(low)
    return Problem(
        draw.phrase(
            f"Solve the equation ${polynomial_tex(a, b, c)} = 0$.",
            f"Find all solutions of ${polynomial_tex(a, b, c)} = 0$.",
            f"For which values of $x$ is ${polynomial_tex(a, b, c)}$ equal to zero?",
        ),
        [
            rf"This is a quadratic equation with $a = {a}$, $b = {b}$ and $c = {c}$. Its "
            "discriminant is",
            rf"$$b^2 - 4ac = {bracketed}^2 - 4 \times {a} \times {third} = {discriminant}"
            + (rf" = {root}^2.$$" if root > 1 else ".$$"),
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
            f"Add up the first {n} terms of ${first}, {second}, {third}, \\ldots$, in which each "
            f"term is {step} more "
            "than the one before.",
        ),
        [
            f"The common difference is ${step}$. The last of the terms is",
            rf"$$a_{{{n}}} = {first} + ({n} - 1) \times {step} = {last}.$$",
            "The sum is the number of terms times the mean of the first and the last:",
            rf"$$S = {n} \times \frac{{{first}{signed_tex(last)}}}{{2}} = {total}$$",
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
            f"Compute $\\gcd({a}, {b})$ and $\\operatorname{{lcm}}({a}, {b})$.",
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
            rf"Find the smallest non-negative $x$ with $x \equiv {base}^{{{exponent}}} "
            rf"\pmod{{{modulus}}}$.",
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
            rf"Find $\begin{{vmatrix}} {rows} \end{{vmatrix}}$.",
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
            rf"To what amount does \${capital} grow in {years} years at an annual interest rate of "
            r"$<rate>\,\%$, compounded once a year?",
            rf"\${capital} earns $<rate>\,\%$ compound interest per year. Find the balance at the "
            rf"end of {years} "
            "years.",
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
            f"How many ways are there to choose {words[w]} of {women} women and {words[m]} of "
            f"{men} men for a committee?",
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
    after = signed_tex(p, "current", first=True) + signed_tex(q, "previous")
    after = re.sub(r"(\d)(?=[a-z])", r"\1 * ", after)
    program = f"""
previous, current = {a0}, {a1}
for _ in range({n} - 1):
    previous, current = current, {after}
print(current)
"""
    rule = f"{signed_tex(p, 'a_{n-1}', first=True)}{signed_tex(q, 'a_{n-2}')}"
    return Problem(
        draw.phrase(
            f"A sequence is defined by $a_0 = {a0}$, $a_1 = {a1}$ and $a_n = {rule}$ for $n \\ge "
            f"2$. What is $a_{{{n}}}$?",
            f"Let $a_0 = {a0}$, $a_1 = {a1}$ and, for $n \\ge 2$, $a_n = {rule}$. Compute "
            f"$a_{{{n}}}$.",
            f"Find $a_{{{n}}}$ if $a_n = {rule}$ for $n \\ge 2$, with $a_0 = {a0}$ and $a_1 = "
            f"{a1}$.",
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


def _product(a: _Matrix, b: _Matrix) -> _Matrix:
    return (
        (a[0][0] * b[0][0] + a[0][1] * b[1][0], a[0][0] * b[0][1] + a[0][1] * b[1][1]),
        (a[1][0] * b[0][0] + a[1][1] * b[1][0], a[1][0] * b[0][1] + a[1][1] * b[1][1]),
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        quadratic_roots,
        arithmetic_series,
        euclidean_algorithm,
        modular_power,
        determinant,
        compound_interest,
        committee_choices,
        linear_recurrence,
    )
}
