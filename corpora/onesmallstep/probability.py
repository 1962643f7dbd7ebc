"""Problems of statistics: probabilities, distributions, estimates, tests, regression."""

import math
import statistics
from fractions import Fraction
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
#: What is made or grown, what is measured of it, the comparative, the unit, ranges of the mean and
#: the standard deviation, and the latter's decimals.
_PRODUCED: Final = (
    ("bags of flour", "masses", "heavier", "g", (500, 1500, 50), (3.0, 12.0), 1),
    ("steel rods", "lengths", "longer", "mm", (100, 500, 10), (0.10, 1.50), 2),
    ("apples", "masses", "heavier", "g", (120, 220, 5), (10.0, 28.0), 1),
    ("light bulbs", "lifetimes", "longer-lived", "h", (900, 1500, 50), (60.0, 150.0), 0),
)


def _normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


def _density_sum(low: float, high: float) -> float:
    """The normal distribution's density between two points, by Simpson's rule."""
    n = 200
    h = (high - low) / n
    weights = (1 if i in (0, n) else 4 if i % 2 else 2 for i in range(n + 1))
    values = (math.exp(-((low + i * h) ** 2) / 2) for i in range(n + 1))
    return (
        math.fsum(w * v for w, v in zip(weights, values, strict=True))
        * h
        / 3
        / math.sqrt(2 * math.pi)
    )


def sample_standard_deviation(draw: Draw) -> Problem:
    """By a program, checked with exact fractions."""
    what, unit, mean, spread = draw.choice(_MEASURED)
    places = 0 if mean > 100 else 1
    values = [
        draw.amount(mean - 2 * spread, mean + 2 * spread, "", places).number for _ in range(12)
    ]
    exact = [Fraction(value) for value in values]
    middle = sum(exact) / 12
    variance = sum((x - middle) ** 2 for x in exact) / 11
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
            f"Twelve {what} were recorded ({unit}): {listed}. Compute the mean and the sample "
            "standard deviation.",
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


def binomial_probability(draw: Draw) -> Problem:
    """The formula, checked by adding up the distribution trial by trial."""
    n, percent = draw.whole(6, 15), draw.whole(10, 60, 5)
    k = draw.whole(2, min(n - 1, 6))
    p = Fraction(percent, 100)
    result = shown(quantity(float(math.comb(n, k) * p**k * (1 - p) ** (n - k))), "")
    distribution = [Fraction(1)]
    for _ in range(n):
        distribution = [
            (distribution[i] if i < len(distribution) else 0) * (1 - p)
            + (distribution[i - 1] * p if i else 0)
            for i in range(len(distribution) + 1)
        ]
    success, failure = given(f"{percent / 100:.2f}"), given(f"{1 - percent / 100:.2f}")
    return Problem(
        draw.phrase(
            rf"A seed germinates with a probability of ${percent}\,\%$. What is the probability "
            rf"that "
            f"exactly {k} of {n} seeds germinate?",
            rf"A treatment helps ${percent}\,\%$ of patients. It is given to {n} patients. How "
            rf"likely "
            f"is it that it helps exactly {k} of them?",
            rf"An event has the probability ${percent}\,\%$ in each of {n} independent trials. "
            rf"Find "
            f"the probability that it happens exactly {k} times.",
        ),
        [
            "The number of successes has a binomial distribution:",
            rf"$$P(X = {k}) = \binom{{{n}}}{{{k}}} p^{{{k}}} (1 - p)^{{{n - k}}} = "
            rf"{math.comb(n, k)} \times <success>^{{{k}}} \times <failure>^{{{n - k}}} = "
            rf"<result>$$",
        ],
        "<result>",
        {"success": success, "failure": failure, "result": result},
        [(result, quantity(float(distribution[k])))],
    )


def positive_test(draw: Draw) -> Problem:
    """Bayes' theorem, checked by counting people."""
    prevalence = draw.whole(1, 50)
    sensitivity, specificity = draw.whole(80, 99), draw.whole(85, 99)
    sick = Fraction(prevalence, 1000)
    positive_sick = sick * Fraction(sensitivity, 100)
    positive_well = (1 - sick) * Fraction(100 - specificity, 100)
    result = shown(quantity(float(positive_sick / (positive_sick + positive_well))), "")
    # Of a hundred thousand people.
    true = prevalence * sensitivity
    false = (1000 - prevalence) * (100 - specificity)
    share = given(f"{prevalence / 1000:.3f}")
    values = {
        "share": share, "healthy": given(f"{1 - prevalence / 1000:.3f}"),
        "se": given(f"{sensitivity / 100:.2f}"), "fp": given(f"{1 - specificity / 100:.2f}"),
        "result": result,
    }  # fmt: skip
    per_cent = f"{prevalence / 10:.1f}"
    return Problem(
        draw.phrase(
            rf"A disease affects ${per_cent}\,\%$ of a population. A test for it has a "
            rf"sensitivity of "
            rf"${sensitivity}\,\%$ and a specificity of ${specificity}\,\%$. A person chosen at "
            rf"random "
            "tests positive. What is the probability that this person has the disease?",
            rf"A screening test detects ${sensitivity}\,\%$ of the people who have a disease and "
            rf"is "
            rf"negative for ${specificity}\,\%$ of those who do not. ${per_cent}\,\%$ have the "
            "disease. How likely is it that a person with a positive result is ill?",
        ),
        [
            "By Bayes' theorem, with $D$ for the disease and $+$ for a positive test,",
            r"$$P(D \mid +) = \frac{P(+ \mid D)\,P(D)}{P(+ \mid D)\,P(D) + "
            r"P(+ \mid \bar{D})\,P(\bar{D})}$$",
            r"$$= \frac{<se> \times <share>}{<se> \times <share> + <fp> \times <healthy>} = "
            r"<result>$$",
        ],
        "<result>",
        values,
        [(result, quantity(true / (true + false)))],
    )


def normal_tail(draw: Draw) -> Problem:
    """The error function in a program, checked by integrating the density."""
    what, kind, above, unit, means, spreads, places = draw.choice(_PRODUCED)
    mean, sd = draw.whole(*means), draw.amount(*spreads, "", places).number
    z = draw.amount(-2.4, 2.4, "", 1)
    text = f"{mean + z.value * float(sd):.{places}f}"
    z_exact = (float(text) - mean) / float(sd)
    probability = shown(quantity(1 - _normal(z_exact)), "")
    places = 2 - math.floor(math.log10(probability.value))
    program = f"""
import math

z = ({text} - {mean}) / {sd}
probability = (1 - math.erf(z / math.sqrt(2))) / 2
print(f"{{probability:.{places}f}}")
"""
    return Problem(
        draw.phrase(
            f"The {kind} of {what} are normally distributed with a mean of {mean} {unit} and a "
            f"standard deviation of {sd} {unit}. What fraction of them is {above} than {text} "
            f"{unit}?",
            f"{what[0].upper()}{what[1:]} have normally distributed {kind} with mean {mean} {unit} "
            f"and standard deviation {sd} {unit}. Find the probability that one is {above} than "
            f"{text} {unit}.",
        ),
        [
            r"With $z = (x - \mu)/\sigma$, the fraction above $x$ is",
            r"$$P(X > x) = 1 - \Phi(z) = \tfrac{1}{2}\left(1 - "
            r"\operatorname{erf}\frac{z}{\sqrt{2}}\right).$$",
        ],
        "<probability>",
        {"probability": probability},
        [(probability, quantity(_density_sum(z_exact, z_exact + 12)))],
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
        if _normal(middle) - _normal(-middle) < level / 100:
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
    xs = [1, 2, 3, 4, 5, 6, 7, 8]
    ys = [
        f"{slope.value * x + intercept.value + draw.amount(-1.5, 1.5, '', 1).value:.1f}" for x in xs
    ]
    exact = [Fraction(y) for y in ys]
    n, sx, sy = 8, sum(xs), sum(exact)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, exact, strict=True))
    b = Fraction(n * sxy - sx * sy, n * sxx - sx * sx)
    a = (sy - b * sx) / n
    # Another path: the slope as the mean of y weighted by the distance of x from its mean.
    weights = [Fraction(2 * x - 9, 84) for x in xs]
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
        ),
        [
            "The line through the point of the means with the least sum of squared residuals has "
            "the slope",
            r"$$b = \frac{\sum (x_i - \bar{x})(y_i - \bar{y})}{\sum (x_i - \bar{x})^2}, \qquad "
            r"a = \bar{y} - b\bar{x}.$$",
        ],
        f"$y = <fitted>\\,x {sign} <size>$",
        {"fitted": fitted, "size": given(start.number.lstrip("-"))},
        [(fitted, quantity(float(b))), (start, quantity(float(sy / n - other * Fraction(9, 2))))],
        program,
    )


def poisson_probability(draw: Draw) -> Problem:
    """The formula, checked by ratios of successive terms."""
    rate, k = draw.amount(0.8, 6.5, "", 1), draw.whole(2, 6)
    event = draw.choice((
        "decays are counted per second by a detector",
        "calls reach a switchboard per minute",
        "cosmic-ray hits are recorded per hour",
        "mutations occur per generation in a culture",
    ))  # fmt: skip
    unit = {"second": "second", "minute": "minute", "hour": "hour", "generation": "generation"}
    span = next(word for word in unit if f"per {word}" in event)
    noun = event.split()[0] if event[:6] != "cosmic" else "hits"
    result = shown(quantity(math.exp(-rate.value) * rate.value**k / math.factorial(k)), "")
    term = total = 1.0
    wanted = 0.0
    for i in range(1, 200):
        term *= rate.value / i
        total += term
        if i == k:
            wanted = term
    return Problem(
        draw.phrase(
            f"On average <rate> {event}, independently of each other. What is the probability of "
            f"exactly {k} {noun} in a given {span}?",
            f"On average, <rate> {event}. The events are independent. How likely are exactly {k} "
            f"of them in one {span}?",
        ),
        [
            "Independent events at a constant mean rate follow the Poisson distribution:",
            rf"$$P(X = {k}) = \frac{{\lambda^{{{k}}} e^{{-\lambda}}}}{{{k}!}} = "
            rf"\frac{{<rate>^{{{k}}} \times e^{{-<rate>}}}}{{{math.factorial(k)}}} = <result>$$",
        ],
        "<result>",
        {"rate": rate, "result": result},
        [(result, quantity(wanted / total))],
    )


def chi_square_cross(draw: Draw) -> Problem:
    """The statistic from differences, checked from the squares of the counts."""
    total = draw.whole(160, 640, 16)
    expected = [9 * total // 16, 3 * total // 16, 3 * total // 16, total // 16]
    observed = [e + draw.whole(-e // 8 - 1, e // 8 + 1) for e in expected[:3]]
    observed.append(total - sum(observed))
    if observed[3] <= 0:
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


def drawing_without_replacement(draw: Draw) -> Problem:
    """The hypergeometric formula, checked by multiplying along the draws."""
    red, blue = draw.whole(4, 12), draw.whole(4, 12)
    n = draw.whole(3, 5)
    k = draw.whole(1, n - 1)
    colours = draw.choice((("red", "blue"), ("black", "white"), ("green", "yellow")))
    exact = Fraction(math.comb(red, k) * math.comb(blue, n - k), math.comb(red + blue, n))
    result = shown(quantity(float(exact)), "")
    path = Fraction(1)
    for i in range(k):
        path *= Fraction(red - i, red + blue - i)
    for i in range(n - k):
        path *= Fraction(blue - i, red + blue - k - i)
    words = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
    is_are = "is" if k == 1 else "are"
    return Problem(
        draw.phrase(
            f"A bag holds {red} {colours[0]} and {blue} {colours[1]} balls. "
            f"{words[n].capitalize()} "
            f"are drawn at random without replacement. What is the probability that exactly "
            f"{words[k]} of them {is_are} {colours[0]}?",
            f"From {red} {colours[0]} and {blue} {colours[1]} marbles, {words[n]} are taken at "
            f"random without putting any back. Find the probability of exactly {words[k]} "
            f"{colours[0]} {'marble' if k == 1 else 'marbles'}.",
        ),
        [
            "All selections are equally likely, so that they can be counted:",
            rf"$$P = \frac{{\binom{{{red}}}{{{k}}} \binom{{{blue}}}{{{n - k}}}}}"
            rf"{{\binom{{{red + blue}}}{{{n}}}}} = \frac{{{math.comb(red, k)} \times "
            rf"{math.comb(blue, n - k)}}}{{{math.comb(red + blue, n)}}} = <result>$$",
        ],
        "<result>",
        {"result": result},
        [(result, quantity(float(path * math.comb(n, k))))],
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
            rf"{unit}$ and $(<third> \pm <e3>){unit}$. What is the weighted mean and its standard "
            "error?",
            rf"Combine the independent results $(<first> \pm <e1>){unit}$, $(<second> \pm "
            rf"<e2>){unit}$ "
            rf"and $(<third> \pm <e3>){unit}$ for the acceleration of gravity into a weighted mean "
            "with its standard error.",
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
        sample_standard_deviation, binomial_probability, positive_test, normal_tail,
        confidence_interval, regression_line, poisson_probability, chi_square_cross,
        drawing_without_replacement, weighted_mean,
    )
}  # fmt: skip
