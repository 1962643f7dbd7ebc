"""Problems of biology about genes and populations."""

import math
from fractions import Fraction
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.problems import Draw, Problem, Template
from tokenization.wrappers import dna

#: Recessive conditions: of how many newborns one is affected, in different populations.
_CONDITIONS: Final = {
    "cystic fibrosis": (2000, 6000), "phenylketonuria": (5000, 20_000),
    "albinism": (10_000, 40_000), "galactosaemia": (20_000, 60_000),
}  # fmt: skip
_ANIMALS: Final = ("trout", "snails", "newts", "beetles", "crabs")
_MICROBES: Final = ("E. coli", "yeast", "Bacillus subtilis", "Pseudomonas")


def carrier_frequency(draw: Draw) -> Problem:
    """Hardy and Weinberg, checked by counting among pairs of gametes."""
    name = draw.choice(sorted(_CONDITIONS))
    n = draw.whole(*_CONDITIONS[name], 100)
    q = shown(quantity(math.sqrt(1 / n)), "", 5)
    p = given(f"{1 - q.value:.5f}")
    carriers = shown(quantity(2 * p.value * q.value), "")
    one_in = round(1 / (2 * p.value * q.value))
    affected, normal = math.sqrt(1 / n), 1 - math.sqrt(1 / n)
    return Problem(
        draw.phrase(
            f"In a population, {name}, a recessive autosomal condition, affects one newborn in "
            f"{n}. Assuming Hardy–Weinberg equilibrium, what fraction of the population are "
            f"carriers?",
            f"One child in {n} is born with {name}, which is autosomal recessive. Estimate the "
            "frequency of heterozygous carriers, if the population is in Hardy–Weinberg "
            "equilibrium.",
            f"What fraction of a population in Hardy–Weinberg equilibrium carries one allele for "
            f"{name}, a recessive autosomal condition, if one newborn in {n} is affected?",
        ),
        [
            "The affected children are homozygous for the recessive allele, whose frequency is "
            "$q$:",
            rf"$$q^2 = \frac{{1}}{{{n}}} \quad\Rightarrow\quad q = <q>, \qquad p = 1 - q = <p>$$",
            "The carriers are heterozygous:",
            r"$$2pq = 2 \times <p> \times <q> = <carriers>$$",
            f"This is about one person in {one_in}.",
        ],
        "<carriers>",
        {"q": q, "p": p, "carriers": carriers},
        [(carriers, quantity(1 - affected**2 - normal**2))],
    )


def dihybrid_cross(draw: Draw) -> Problem:
    """A product of probabilities, checked by all pairs of gametes."""
    shape, colour = draw.choice(("round", "smooth")), draw.choice(("yellow", "purple"))
    first, second = draw.choice(("Aa", "aa")), draw.choice(("Bb", "bb"))
    total = draw.whole(160, 1600, 16)
    # One parent is AaBb, the other as drawn.
    dominant_a = Fraction(3, 4) if first == "Aa" else Fraction(1, 2)
    dominant_b = Fraction(3, 4) if second == "Bb" else Fraction(1, 2)
    share = dominant_a * (1 - dominant_b)
    expected = int(share * total)
    counted = sum(
        ("A" in x + u) and ("B" not in y + v)
        for x in "Aa" for y in "Bb" for u in first for v in second
    )  # fmt: skip
    return Problem(
        draw.phrase(
            f"In a plant, the allele A ({shape} seeds) is dominant over a and B ({colour} flowers) "
            f"over b; the genes are not linked. A plant AaBb is crossed with {first}{second}. How "
            f"many of {total} offspring are expected to have {shape} seeds but not {colour} "
            "flowers?",
            f"Plants with the dominant allele A have {shape} seeds, those with the dominant allele "
            f"B {colour} flowers. The genes assort independently. From the cross AaBb × "
            f"{first}{second}, {total} plants are raised. How many of them are expected to have "
            f"{shape} seeds, but flowers that are not {colour}?",
            f"Parents AaBb and {first}{second} have {total} offspring. A ({shape} seeds) and B "
            f"({colour} flowers) are dominant and not linked. What is the expected number of "
            f"offspring with {shape} seeds and without {colour} flowers?",
        ),
        [
            "Independent genes can be followed one by one.",
            rf"Aa × {first}: the fraction with at least one A is ${_tex(dominant_a)}$.",
            rf"Bb × {second}: the fraction bb is ${_tex(1 - dominant_b)}$.",
            rf"$${_tex(dominant_a)} \times {_tex(1 - dominant_b)} = {_tex(share)}, \qquad "
            rf"{_tex(share)} \times {total} = {expected}$$",
        ],
        f"{expected} plants",
        {},
        [(expected, counted * total // 16)],
    )


def _tex(value: Fraction) -> str:
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def bacterial_growth(draw: Draw) -> Problem:
    """Doublings, checked by the growth rate."""
    start = draw.amount(1.00, 9.99, "", 2, draw.choice((3, 4, 5)))
    doubling = draw.whole(18, 60)
    hours = draw.amount(3.0, 9.0, "hours", 1)
    microbe = draw.choice(("E. coli", "Bacillus subtilis", "Vibrio"))
    minutes = round(hours.value * 60)
    generations = shown(quantity(minutes / doubling), "", 5)
    count = shown(start.value * quantity(2**generations.value), "")
    rate = math.log(2) / doubling
    return Problem(
        draw.phrase(
            f"A culture of {microbe} starts with <start> cells and doubles every {doubling} "
            "minutes. How many cells are there after <hours> of exponential growth?",
            f"<start> cells of {microbe} are put into fresh medium, where they divide every "
            f"{doubling} minutes. Estimate their number <hours> later; growth stays exponential.",
            f"{microbe} divides every {doubling} minutes in a rich medium. To what number do "
            f"<start> cells grow in <hours>, if growth is exponential all the time?",
        ),
        [
            rf"In $<hours> = {minutes}\ \mathrm{{min}}$ the number of doublings is",
            rf"$$n = \frac{{{minutes}}}{{{doubling}}} = <generations>.$$",
            r"$$N = N_0 \times 2^n = <start> \times 2^{<generations>} = <count>$$",
        ],
        "<count> cells",
        {"start": start, "hours": hours, "generations": generations, "count": count},
        [(count, quantity(start.value * math.exp(rate * minutes)))],
    )


def melting_temperature(draw: Draw) -> Problem:
    """Wallace's rule, checked base by base on both strands."""
    length = draw.whole(14, 20)
    primer = "".join(draw.choice("ACGT") for _ in range(length))
    at, gc = primer.count("A") + primer.count("T"), primer.count("G") + primer.count("C")
    result = 2 * at + 4 * gc
    bonds = sum({"A": 2, "T": 2, "G": 3, "C": 3}[base] for base in primer)
    # A pair of A and T has two hydrogen bonds and 2 degrees, one of G and C three and 4.
    checked = 2 * (bonds - length)
    share = shown(quantity(100 * gc / length), "")
    percentage = share.number
    return Problem(
        draw.phrase(
            f"Estimate the melting temperature of the primer 5′-{dna(primer)}-3′ by Wallace's "
            f"rule, and give its GC content.",
            f"A PCR primer has the sequence 5′-{dna(primer)}-3′. What are its GC content and, by "
            "Wallace's rule, its melting temperature?",
            f"For the oligonucleotide 5′-{dna(primer)}-3′, find the GC content and the melting "
            f"temperature by Wallace's rule.",
        ),
        [
            f"The primer of {length} bases has {_bases(at)} A or T and {_bases(gc)} G or C.",
            rf"$$\text{{GC content}} = \frac{{{gc}}}{{{length}}} = {percentage}\,\%$$",
            "Wallace's rule gives 2 °C for each A or T and 4 °C for each G or C:",
            rf"$$T_m = (2 \times {at} + 4 \times {gc})\ {{}}^\circ\mathrm{{C}} = "
            rf"{result}\ {{}}^\circ\mathrm{{C}}$$",
        ],
        rf"$T_m = {result}\ {{}}^\circ\mathrm{{C}}$, GC content ${percentage}\,\%$",
        {},
        [(result, checked)],
    )


def _bases(number: int) -> str:
    return "one" if number == 1 else str(number)


def capture_recapture(draw: Draw) -> Problem:
    """Lincoln and Petersen, checked by the proportion of marked animals."""
    marked, caught = draw.whole(40, 180), draw.whole(50, 200)
    found = draw.whole(5, min(marked, caught) // 3)
    animals = draw.choice(_ANIMALS)
    estimate = (2 * marked * caught + found) // (2 * found)
    exact = Fraction(marked) / Fraction(found, caught)
    relation = "=" if exact == estimate else r"\approx"
    nearest = math.floor(exact + Fraction(1, 2))
    return Problem(
        draw.phrase(
            f"Biologists catch, mark and release {marked} {animals}. A week later they catch "
            f"{caught}, of which {found} are marked. Estimate the size of the population.",
            f"{marked} {animals} are marked and set free. In a second sample of {caught}, {found} "
            "carry a mark. How large is the population by the Lincoln–Petersen method?",
            f"To count the {animals} of a habitat, {marked} are caught, marked and released. Of "
            f"{caught} caught later, {found} are marked. Estimate the number of {animals}.",
        ),
        [
            f"The marked animals ($M = {marked}$) mix with the others. Of the $C = {caught}$ in "
            f"the second sample, $R = {found}$ are marked; this is the fraction in the whole "
            f"population, $R/C = M/N$:",
            rf"$$N = \frac{{MC}}{{R}} = \frac{{{marked} \times {caught}}}{{{found}}} "
            rf"{relation} {estimate}$$",
        ],
        f"About {estimate} {animals}",
        {},
        [(estimate, nearest)],
    )


def serial_dilution(draw: Draw) -> Problem:
    """Colonies back to the culture, checked by diluting the culture forward."""
    steps, colonies = draw.whole(4, 6), draw.whole(31, 290)
    plated = given(draw.choice(("0.10", "0.20", "0.25", "0.50")), "mL")
    microbe = draw.choice(_MICROBES)
    density = shown(quantity(colonies * 10**steps, "") / plated.q, "mL^-1")
    culture = colonies / plated.q
    for _ in range(steps):
        culture = 10 * culture
    times = {4: "four", 5: "five", 6: "six"}[steps]
    return Problem(
        draw.phrase(
            f"A culture of {microbe} is diluted tenfold {times} times in succession. <plated> of "
            f"the last dilution gives {colonies} colonies on a plate. What was the concentration "
            f"of living cells in the culture?",
            f"After {times} successive tenfold dilutions of a culture of {microbe}, {colonies} "
            "colonies grow from <plated>. How many colony-forming units per millilitre did the "
            "culture contain?",
            f"{colonies} colonies grow on a plate spread with <plated> of a culture of {microbe} "
            f"that was diluted tenfold {times} times. What is the density of living cells in the "
            f"undiluted culture?",
        ),
        [
            "Each colony comes from one cell (or clump of cells), a colony-forming unit. The "
            f"dilution factor is $10^{{{steps}}}$.",
            rf"$$c = \frac{{{colonies} \times 10^{{{steps}}}}}{{<plated>}} = <density>$$",
        ],
        r"$<density.n>$ CFU/mL",
        {"plated": plated, "density": density},
        [(density, culture)],
    )


def logistic_growth(draw: Draw) -> Problem:
    """The curve by small steps in a program, checked by its closed form."""
    start, capacity = draw.whole(20, 120, 5), draw.whole(500, 3000, 50)
    r, years = draw.amount(0.20, 0.90, "", 2), draw.whole(4, 14)
    animals = draw.choice(("deer", "rabbits", "goats", "reindeer"))
    exact = capacity / (1 + (capacity - start) / start * math.exp(-r.value * years))
    n = shown(quantity(exact), "", len(str(round(exact))))
    program = f"""
r = {r.number}  # per year
K = {capacity}
N = {start}
dt = 0.001  # years
for _ in range(round({years} / dt)):
    # The midpoint rule.
    half = N + r * N * (1 - N / K) * dt / 2
    N += r * half * (1 - half / K) * dt
print(f"{{N:.0f}}")
"""
    # A separate way: the odds N/(K - N) grow exponentially, in as many equal factors as years.
    odds = start / (capacity - start)
    for _ in range(years):
        odds *= math.exp(r.value)
    return Problem(
        draw.phrase(
            f"A population of {start} {animals} grows logistically with $r = <r>$ per year in a "
            f"habitat that can carry {capacity}. How many are there after {years} years?",
            f"On an island with a carrying capacity of {capacity} {animals}, a population of "
            f"{start} grows by the logistic equation with $r = <r>$ per year. What is its size "
            f"{years} years later?",
            f"{start} {animals} settle in an area with a carrying capacity of {capacity}. Their "
            f"number follows the logistic equation with $r = <r>$ per year. How many are there "
            f"{years} years later?",
        ),
        [
            "The logistic equation is",
            r"$$\frac{\mathrm{d}N}{\mathrm{d}t} = rN\left(1 - \frac{N}{K}\right).$$",
            "It is solved in small steps of time:",
        ],
        f"{round(exact)} {animals}",
        {"r": r},
        [(n, quantity(capacity * odds / (1 + odds)))],
        program,
    )


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        carrier_frequency,
        dihybrid_cross,
        melting_temperature,
        capture_recapture,
        bacterial_growth,
        serial_dilution,
        logistic_growth,
    )
}
