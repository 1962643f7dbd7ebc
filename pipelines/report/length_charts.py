"""How long the documents of a source are: a histogram over powers of two, as inline SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from pipelines.report.token_facts import SourceTokens

_WIDTH: Final = 320
_HEIGHT: Final = 110
_BOTTOM: Final = 88


@dataclass(frozen=True, slots=True)
class LengthChart:
    """The histogram of one source; `median` is the range that the median document lies in."""

    source: str
    documents: int
    median: str
    drawing: Markup


def length_charts(sources: Sequence[SourceTokens]) -> list[LengthChart]:
    """A histogram for each source that has documents, all over the same lengths in tokens."""
    bins = {number for source in sources for number in source.token_lengths}
    charts = []
    for source in sources:
        if source.documents:
            median = bin_range(median_bin(source.token_lengths))
            drawing = _draw(source, min(bins), max(bins), median)
            charts.append(LengthChart(source.name, source.documents, median, drawing))
    return charts


def median_bin(lengths: Mapping[int, int]) -> int:
    """The bin that the (lower) median document lies in.

    >>> median_bin({3: 1, 4: 1, 9: 1}), median_bin({2: 5, 7: 5})
    (4, 2)
    """
    left = (sum(lengths.values()) + 1) // 2
    for number in sorted(lengths):
        left -= lengths[number]
        if left <= 0:
            return number
    raise AssertionError("no documents have no median")


def bin_range(number: int) -> str:
    """The lengths of a bin, as people write them.

    >>> bin_range(0), bin_range(8), bin_range(20)
    ('0 to 1', '256 to 511', '1,048,576 to 2,097,151')
    """
    return f"{2**number if number else 0:,} to {2 ** (number + 1) - 1:,}"


def binary(number: int) -> str:
    """2 to a power, in units of 1,024.

    >>> binary(0), binary(9), binary(13), binary(24)
    ('0', '512', '8 k', '16 M')
    """
    if not number:
        return "0"
    steps, rest = divmod(number, 10)
    return f"{2**rest}{('', ' k', ' M', ' G', ' T')[min(steps, 4)]}"


def _draw(source: SourceTokens, first: int, last: int, median: str) -> Markup:
    slot = _WIDTH / (last - first + 1)
    highest = max(source.token_lengths.values())
    label = (
        f"Documents of {source.name} by length: the median has {median} tokens, "
        f"the longest {bin_range(max(source.token_lengths))}."
    )
    head = Markup('<svg class="chart lengths" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    parts = [head.format(_WIDTH, _HEIGHT, label)]
    for number in range(first, last + 1):
        count = source.token_lengths.get(number, 0)
        x = (number - first) * slot
        if count:
            height = max(1.5, (_BOTTOM - 8) * count / highest)
            parts.append(
                Markup(
                    '<rect class="bin" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
                    "<title>{} tokens: {} of the documents</title></rect>"
                ).format(
                    x + 1,
                    _BOTTOM - height,
                    max(1.0, slot - 2),
                    height,
                    bin_range(number),
                    f"{count:,}",
                )
            )
        every = -(-(last - first + 1) // 8)
        if (number - first) % every == 0:
            parts.append(
                Markup('<text class="tick" x="{:.1f}" y="{}">{}</text>').format(
                    min(x, _WIDTH - 26), _HEIGHT - 6, binary(number)
                )
            )
    parts.append(
        Markup('<line class="axis" x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(_BOTTOM, _WIDTH)
    )
    return Markup("\n").join([*parts, Markup("</svg>")])
