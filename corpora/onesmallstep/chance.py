"""Problems of probability: distributions, conditional probability, draws."""

import math
from fractions import Fraction
from statistics import NormalDist
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.problems import Draw, Problem, Template

#: What is made or grown, what is measured of it (of one, of several), the unit, ranges of the mean
#: and the standard deviation, and the latter's decimals.
_PRODUCED: Final = (
    ("bags of flour", "mass", "masses", "g", (500, 1500, 50), (3.0, 12.0), 1),
    ("steel rods", "length", "lengths", "mm", (100, 500, 10), (0.10, 1.50), 2),
    ("apples", "mass", "masses", "g", (120, 220, 5), (10.0, 28.0), 1),
    ("light bulbs", "lifetime", "lifetimes", "h", (900, 1500, 50), (60.0, 150.0), 0),
)


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
            rf"What is the probability that a person with a positive test has the disease, if "
            rf"${per_cent}\,\%$ of "
            rf"the people tested have it and the test has a sensitivity of ${sensitivity}\,\%$ "
            rf"and a specificity "
            rf"of ${specificity}\,\%$?",
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
    what, kind, kinds, unit, means, spreads, places = draw.choice(_PRODUCED)
    mean, sd = draw.whole(*means), draw.amount(*spreads, "", places).number
    z = draw.amount(-2.4, 2.4, "", 1)
    text = f"{mean + z.value * float(sd):.{places}f}"
    z_exact = (float(text) - mean) / float(sd)
    probability = shown(quantity(1 - NormalDist().cdf(z_exact)), "")
    places = 2 - math.floor(math.log10(probability.value))
    program = f"""
import math

z = ({text} - {mean}) / {sd}
probability = (1 - math.erf(z / math.sqrt(2))) / 2
print(f"{{probability:.{places}f}}")
"""
    return Problem(
        draw.phrase(
            f"The {kinds} of {what} are normally distributed with a mean of {mean} {unit} and a "
            f"standard deviation of {sd} {unit}. What fraction of the {kinds} exceeds {text} "
            f"{unit}?",
            f"{what[0].upper()}{what[1:]} have normally distributed {kinds} with mean {mean} "
            f"{unit} and standard deviation {sd} {unit}. Find the probability that the {kind} of "
            f"one of them is above {text} {unit}.",
            f"{what[0].upper()}{what[1:]} come with a mean {kind} of {mean} {unit} and a standard "
            f"deviation of {sd} {unit}, normally distributed. What share of them has a {kind} "
            f"above {text} {unit}?",
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
            f"The mean number of {noun} is <rate> per {span}, and they come independently. Find "
            f"the probability that exactly {k} come in one {span}.",
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
            f"An urn contains {red} {colours[0]} and {blue} {colours[1]} balls, of which "
            f"{words[n]} are taken out at random, none being put back. How likely is it that "
            f"exactly {words[k]} {is_are} {colours[0]}?",
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


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        binomial_probability,
        positive_test,
        normal_tail,
        poisson_probability,
        drawing_without_replacement,
    )
}
