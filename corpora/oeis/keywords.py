"""The keywords of the OEIS in words (https://oeis.org/eishelp2.html)."""

from collections.abc import Iterable
from typing import Final

#: In the order in which they are told. What only editors need (`changed`, `uned`) is left out.
MEANINGS: Final = {
    "core": "This is one of the core sequences of the encyclopedia.",
    "nonn": "All its terms are nonnegative.",
    "sign": "Some of its terms are negative.",
    "fini": "It is a finite sequence.",
    "cons": "Its terms are the digits of a constant.",
    "cofr": "Its terms are those of a continued fraction.",
    "frac": "Its terms are numerators or denominators of a sequence of fractions.",
    "tabl": "Its terms form a triangle or square array, read by rows or antidiagonals.",
    "tabf": "Its terms form an array with rows of irregular lengths, read by rows.",
    "mult": "It is multiplicative: a(m*n) = a(m)*a(n) whenever gcd(m, n) = 1.",
    "eigen": "It is an eigensequence: some transformation of sequences leaves it fixed.",
    "walk": "It counts walks or self-avoiding paths.",
    "base": "It depends on the base in which numbers are written.",
    "word": "It depends on the words of some language.",
    "easy": "Its terms are easy to compute.",
    "hard": "Its further terms are hard to compute.",
    "more": "More terms are wanted.",
    "bref": "It has too few known terms for an analysis.",
    "unkn": "Little is known of it: a formula or recurrence is wanted.",
}


def sentences(keywords: Iterable[str], *, all_terms_given: bool) -> str:
    """What keywords say of a sequence; keywords without a meaning here say nothing.

    >>> sentences(["easy", "nonn", "changed"], all_terms_given=False)
    'All its terms are nonnegative. Its terms are easy to compute.'
    """
    given = set(keywords)
    told = [meaning for keyword, meaning in MEANINGS.items() if keyword in given]
    if all_terms_given:
        full = "It is a finite sequence, and these are all its terms."
        told = [full if sentence == MEANINGS["fini"] else sentence for sentence in told]
    return " ".join(told)
