"""Problems of statistics: means and spreads, intervals, regression, tests."""

import math
import statistics
from fractions import Fraction
from statistics import NormalDist
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.problems import Draw, Problem, Template

#: Quantiles of the standard normal distribution for two-sided confidence.
_QUANTILES: Final = {90: "1.645", 95: "1.960", 99: "2.576"}
#: What is measured, its unit, a typical mean and a typical standard deviation.
_MEASURED: Final = (
    ("body masses of laboratory mice", "g", 25.0, 2.5),
    ("lengths of oak leaves", "cm", 11.0, 1.8),
    ("boiling points found by students", "°C", 78.2, 0.6),
    ("reaction times of volunteers", "ms", 310.0, 40.0),
    ("concentrations of nitrate in samples of a river", "mg/L", 18.0, 3.2),
)


def sample_standard_deviation(draw: Draw) -> Problem:
    """By a program, checked with exact fractions."""
    what, unit, mean, spread = draw.choice(_MEASURED)
    places = 0 if mean > 100 else 1
    values = [
        draw.amount(mean - 2 * spread, mean + 2 * spread, "", places).number for _ in range(11)
    ]
    # Of eleven values no mean is a tie of two last digits.
    exact = [Fraction(value) for value in values]
    middle = sum(exact) / 11
    variance = sum((x - middle) ** 2 for x in exact) / 10
    deviation = statistics.stdev(float(x) for x in values)
    result = shown(quantity(deviation), "")
    decimals = max(2 - math.floor(math.log10(result.value)), 0)
    average = given(f"{statistics.fmean(float(x) for x in values):.{places + 1}f}")
    listed = ", ".join(values[:-1]) + " and " + values[-1]
    program = f"""
import math

values = [{", ".join(values)}]
n = len(values)
mean = sum(values) / n
variance = sum((x - mean) ** 2 for x in values) / (n - 1)
print(f"mean {{mean:.{places + 1}f}}, standard deviation {{math.sqrt(variance):.{decimals}f}}")
"""
    return Problem(
        draw.phrase(
            f"The {what} are, in {unit}: {listed}. What are the mean and the sample standard "
            "deviation?",
            f"Eleven {what} were recorded ({unit}): {listed}. Compute the mean and the sample "
            "standard deviation.",
            f"Find the mean and the sample standard deviation of these {what} ({unit}): {listed}.",
        ),
        [
            "The mean of the $n$ values is $\\bar{x}$, and the sample standard deviation is",
            r"$$s = \sqrt{\frac{1}{n - 1}\sum_{i=1}^{n} (x_i - \bar{x})^2}.$$",
        ],
        f"Mean <average> {unit}, standard deviation <result> {unit}",
        {"result": result, "average": average},
        [(result, quantity(math.sqrt(variance))), (average, quantity(float(middle)))],
        program,
    )


def confidence_interval(draw: Draw) -> Problem:
    """The quantile of the table, checked by the coverage of the interval."""
    n, level = draw.whole(36, 400), draw.choice((90, 95, 99))
    mean, sd = draw.amount(20.0, 90.0, "", 1), draw.amount(2.0, 15.0, "", 1)
    z = given(_QUANTILES[level])
    margin = shown(quantity(z.value * sd.value / math.sqrt(n)), "", 2)
    decimals = max(1 - math.floor(math.log10(margin.value)), 0)
    low = given(f"{mean.value - margin.value:.{decimals}f}")
    high = given(f"{mean.value + margin.value:.{decimals}f}")
    lower, upper = 0.0, 5.0
    for _ in range(60):
        middle = (lower + upper) / 2
        if NormalDist().cdf(middle) - NormalDist().cdf(-middle) < level / 100:
            lower = middle
        else:
            upper = middle
    error = sd.value / math.sqrt(n)
    return Problem(
        draw.phrase(
            f"A random sample of {n} measurements has a mean of <mean> mm. The standard deviation "
            f"of "
            rf"the population is known to be <sd> mm. Give a ${level}\,\%$ confidence interval for "
            "the population mean.",
            rf"Find the ${level}\,\%$ confidence interval for the mean of a population with a "
            rf"known "
            f"standard deviation of <sd> mm, if {n} independent measurements average <mean> mm.",
            f"The mean of {n} independent measurements is <mean> mm; each has a standard "
            f"deviation of <sd> mm. "
            rf"What is the ${level}\,\%$ confidence interval for the true value?",
        ),
        [
            rf"For ${level}\,\%$ confidence the normal distribution gives $z = <z>$. The "
            rf"half-width "
            "of the interval is",
            rf"$$z\,\frac{{\sigma}}{{\sqrt{{n}}}} = <z> \times \frac{{<sd>}}{{\sqrt{{{n}}}}} = "
            r"<margin>,$$",
            r"$$<mean> - <margin> = <low>, \qquad <mean> + <margin> = <high>.$$",
        ],
        "From <low> mm to <high> mm",
        {"mean": mean, "sd": sd, "z": z, "margin": margin, "low": low, "high": high},
        [(margin, quantity(lower * error)), (low, quantity(mean.value - lower * error)),
         (high, quantity(mean.value + lower * error))],
    )  # fmt: skip


def regression_line(draw: Draw) -> Problem:
    """Sums in a program, checked by the normal equations in fractions."""
    slope, intercept = draw.amount(0.5, 6.0, "", 1), draw.amount(-4.0, 12.0, "", 1)
    # Of seven points no coefficient is a tie of two last digits.
    xs = [1, 2, 3, 4, 5, 6, 7]
    ys = [
        f"{slope.value * x + intercept.value + draw.amount(-1.5, 1.5, '', 1).value:.1f}" for x in xs
    ]
    exact = [Fraction(y) for y in ys]
    n, sx, sy = 7, sum(xs), sum(exact)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, exact, strict=True))
    b = Fraction(n * sxy - sx * sy, n * sxx - sx * sx)
    a = (sy - b * sx) / n
    # Another path: the slope as the mean of y weighted by the distance of x from its mean.
    weights = [Fraction(x - 4, 28) for x in xs]
    other = sum(w * y for w, y in zip(weights, exact, strict=True))
    fitted, start = given(f"{float(other):.3f}"), given(f"{float(a):.3f}")
    pairs = ", ".join(f"$({x}, {y})$" for x, y in zip(xs, ys, strict=True))
    sign = "-" if start.value < 0 else "+"
    program = f"""
x = {xs}
y = [{", ".join(ys)}]
mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
covariation = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
variation = sum((a - mean_x) ** 2 for a in x)
slope = covariation / variation
print(f"intercept {{mean_y - slope * mean_x:.3f}}, slope {{slope:.3f}}")
"""
    return Problem(
        draw.phrase(
            f"Fit a straight line by least squares to the points {pairs}.",
            f"Find the regression line of $y$ on $x$ for the data {pairs}.",
            f"Which straight line fits the points {pairs} best in the sense of least squares?",
        ),
        [
            "The line through the point of the means with the least sum of squared residuals has "
            "the slope",
            r"$$b = \frac{\sum (x_i - \bar{x})(y_i - \bar{y})}{\sum (x_i - \bar{x})^2}, \qquad "
            r"a = \bar{y} - b\bar{x}.$$",
        ],
        f"$y = <fitted>\\,x {sign} <size>$",
        {"fitted": fitted, "size": given(start.number.lstrip("-"))},
        [(fitted, quantity(float(b))), (start, quantity(float(sy / n - other * 4)))],
        program,
    )


def chi_square_cross(draw: Draw) -> Problem:
    """The statistic from differences, checked from the squares of the counts."""
    total = draw.whole(160, 640, 16)
    expected = [9 * total // 16, 3 * total // 16, 3 * total // 16, total // 16]
    observed = [e + draw.whole(-e // 8 - 1, e // 8 + 1) for e in expected[:3]]
    observed.append(total - sum(observed))
    if observed[3] < 2:
        return chi_square_cross(draw)
    value = sum(Fraction((o - e) ** 2, e) for o, e in zip(observed, expected, strict=True))
    other = sum(Fraction(o * o, e) for o, e in zip(observed, expected, strict=True)) - total
    chi = given(f"{float(value):.2f}")
    significant = value > Fraction("7.815")
    counts = ", ".join(map(str, observed[:3])) + f" and {observed[3]}"
    terms = " + ".join(
        rf"\frac{{({o} - {e})^2}}{{{e}}}" for o, e in zip(observed, expected, strict=True)
    )
    verdict = (
        "exceeds the critical value of $7.815$ at this level: the ratio is rejected"
        if significant
        else "does not exceed the critical value of $7.815$ at this level: the data agree with the "
        "ratio"
    )
    return Problem(
        draw.phrase(
            f"A dihybrid cross gives {counts} offspring in the four phenotypic classes, where a "
            "ratio of 9:3:3:1 is expected. Compute $\\chi^2$ and test at the $5\\,\\%$ level.",
            f"In an F2 generation of {total} plants the four phenotypes occur {counts} times. Test "
            "the expected ratio of 9:3:3:1 with $\\chi^2$ at the $5\\,\\%$ level.",
            f"The four phenotypes among {total} offspring of a dihybrid cross occur {counts} "
            f"times. Do the numbers fit a ratio of 9:3:3:1? Use $\\chi^2$ at the $5\\,\\%$ level.",
        ),
        [
            f"The expected numbers of the {total} offspring are {expected[0]}, {expected[1]}, "
            f"{expected[2]} and {expected[3]}.",
            rf"$$\chi^2 = \sum \frac{{(O - E)^2}}{{E}} = {terms} = <chi>$$",
            f"With $4 - 1 = 3$ degrees of freedom this {verdict}.",
        ],
        r"$\chi^2 = <chi>$; the 9:3:3:1 ratio is "
        + ("rejected" if significant else "not rejected"),
        {"chi": chi},
        [(chi, quantity(float(other)))],
    )


def weighted_mean(draw: Draw) -> Problem:
    """Weights of one over the variance, checked by minimizing chi-square."""
    first = draw.amount(9.76, 9.86, "", 2)
    second, third = draw.amount(9.76, 9.86, "", 2), draw.amount(9.76, 9.86, "", 2)
    e1, e2, e3 = (given(draw.choice(("0.02", "0.03", "0.04", "0.05", "0.06"))) for _ in range(3))
    weights = [1 / e.value**2 for e in (e1, e2, e3)]
    values = [first.value, second.value, third.value]
    total = math.fsum(weights)
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / total
    result, error = given(f"{mean:.3f}"), given(f"{total**-0.5:.3f}")
    low, high = 9.0, 11.0
    for _ in range(200):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        chi = [math.fsum(w * (v - x) ** 2 for w, v in zip(weights, values, strict=True))
               for x in (left, right)]  # fmt: skip
        low, high = (low, right) if chi[0] < chi[1] else (left, high)
    terms = " + ".join(
        rf"\frac{{{v.number}}}{{{e.number}^2}}"
        for v, e in zip((first, second, third), (e1, e2, e3), strict=True)
    )
    inverse = " + ".join(rf"\frac{{1}}{{{e.number}^2}}" for e in (e1, e2, e3))
    unit = r"\ \mathrm{m/s^2}"
    return Problem(
        draw.phrase(
            rf"Three groups measure $g$ and find $(<first> \pm <e1>){unit}$, $(<second> \pm <e2>)"
            rf"{unit}$ and $(<third> \pm <e3>){unit}$. What are the weighted mean and its "
            "standard error?",
            rf"Combine the independent results $(<first> \pm <e1>){unit}$, $(<second> \pm "
            rf"<e2>){unit}$ "
            rf"and $(<third> \pm <e3>){unit}$ for the acceleration of gravity into a weighted mean "
            "with its standard error.",
            rf"Measurements of $g$ give $(<first> \pm <e1>){unit}$, $(<second> \pm <e2>){unit}$ "
            rf"and "
            rf"$(<third> \pm <e3>){unit}$. Calculate the mean with weights $1/\sigma^2$ and its "
            rf"standard error.",
        ),
        [
            "Each result has the weight $1/\\sigma_i^2$:",
            rf"$$\bar{{g}} = \frac{{{terms}}}{{{inverse}}}{unit} = <result>{unit}$$",
            rf"$$\sigma = \left({inverse}\right)^{{-1/2}}{unit} = <error>{unit}$$",
        ],
        rf"$(<result> \pm <error>){unit}$",
        {"first": first, "second": second, "third": third, "e1": e1, "e2": e2, "e3": e3,
         "result": result, "error": error},
        [(result, quantity((low + high) / 2)),
         (error, quantity(_parallel(e1.value, e2.value, e3.value)))],
    )  # fmt: skip


def _parallel(*errors: float) -> float:
    """Errors combined two by two: s1 s2 / sqrt(s1^2 + s2^2)."""
    combined = errors[0]
    for error in errors[1:]:
        combined = combined * error / math.hypot(combined, error)
    return combined


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        sample_standard_deviation,
        confidence_interval,
        regression_line,
        chi_square_cross,
        weighted_mean,
    )
}
