"""The way from raw records to documents as a drawing: a stream that narrows, and where it went.

Drawn twice, wide and narrow, as the line charts are. The stream and where a loss leaves it are to
scale; at its label a loss has a width that can be seen. Records outside of the sample that a recipe
draws are named and not drawn: they may be a hundred times the others.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from pipelines.report.corpus_facts import Passage
from pipelines.tasks.ingest import NOT_SAMPLED

#: Reasons of one stage that are named in the drawing; the table names all.
NAMED_REASONS: Final = 6
_BAR: Final = 14
_LINE: Final = 19
_LETTER: Final = 6.7  # width of a letter at 12 px, about


def flow_chart(flow: Sequence[Passage], splits: Mapping[str, int]) -> Markup:
    """The stages from top to bottom, then the documents by split, where there are any."""
    wide = _draw(flow, splits, "wide", width=1040, stream=560)
    return Markup("\n").join([wide, _draw(flow, splits, "narrow", width=360, stream=112)])


def reasons_of(passage: Passage) -> list[tuple[str, int]]:
    """Why records were dropped, the most frequent reason first, the rare ones taken together."""
    ordered = sorted(passage.dropped.items(), key=lambda item: (-item[1], item[0]))
    named = [(reason, count) for reason, count in ordered if count and reason != NOT_SAMPLED]
    if len(named) <= NAMED_REASONS:
        return named
    rest = named[NAMED_REASONS - 1 :]
    total = sum(count for _, count in rest)
    return [*named[: NAMED_REASONS - 1], (f"{len(rest)} other reasons", total)]


def _drawn(passage: Passage) -> int:
    return passage.read - passage.dropped.get(NOT_SAMPLED, 0)


def _draw(
    flow: Sequence[Passage], splits: Mapping[str, int], css_class: str, *, width: int, stream: int
) -> Markup:
    scale = stream / max(1, *(_drawn(passage) for passage in flow))
    labels_at = stream + 28
    room = int((width - labels_at) / _LETTER)
    parts: list[Markup] = []
    y = 4.0
    for passage in flow:
        reasons = reasons_of(passage)
        not_sampled = passage.dropped.get(NOT_SAMPLED, 0)
        height = _LINE * (1 + len(reasons) + bool(not_sampled)) + 13
        kept = passage.wrote * scale
        parts += [
            _rect("kept", 0, y, kept, _BAR),
            _rect("kept stream", 0, y + _BAR, kept, height - _BAR),
            _label("stage", labels_at, y + 11, f"{passage.stage}: {passage.read:,}", room),
        ]
        right = _drawn(passage) * scale
        for number, (reason, count) in enumerate(reasons):
            text = f"−{count:,} {reason}"
            left = max(kept, right - count * scale)
            line = y + _LINE * (number + 1) + 11
            parts.append(_loss(left, right, y, line - 4, labels_at - 6, text))
            parts.append(_label("reason", labels_at, line, text, room))
            right = left
        if not_sampled:
            text = f"−{not_sampled:,} {NOT_SAMPLED}, not drawn"
            line = y + _LINE * (len(reasons) + 1) + 11
            parts.append(_label("reason", labels_at, line, text, room))
        y += height
    left = 0.0
    ends = [(split, count) for split, count in splits.items() if count]
    parts.append(_label("stage", labels_at, y + 11, f"by split: {sum(splits.values()):,}", room))
    for number, (split, count) in enumerate(ends):
        css = f"split split{number % 4}"
        parts.append(_rect(css, left, y, count * scale, _BAR, f"{split}: {count:,}"))
        line = y + _LINE * (number + 1) + 11
        parts.append(_rect(css, labels_at, line - 9, 10, 10))
        parts.append(_label("reason", labels_at + 15, line, f"{count:,} {split}", room - 2))
        left += count * scale
    y += _LINE * (1 + len(ends)) + 4
    head = Markup(
        '<svg class="chart flow {}" viewBox="0 0 {} {}" role="img" aria-label="{}">'
    ).format(css_class, width, round(y), _described(flow, splits))
    return Markup("\n").join([head, *parts, Markup("</svg>")])


def _described(flow: Sequence[Passage], splits: Mapping[str, int]) -> str:
    lost = [
        f"{passage.stage} dropped {passage.read - passage.wrote:,}"
        for passage in flow
        if passage.read != passage.wrote
    ]
    ends = ", ".join(f"{count:,} {split}" for split, count in splits.items() if count)
    losses = "; ".join(lost) or "no stage dropped any"
    return f"From {flow[0].read:,} records to documents: {losses}. Documents: {ends}."


def _rect(
    css_class: str, x: float, y: float, width: float, height: float, title: str = ""
) -> Markup:
    shape = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.2f}" height="{:.1f}"').format(
        css_class, x, y, max(0.0, width), height
    )
    if not title:
        return shape + Markup("/>")
    return shape + Markup("><title>{}</title></rect>").format(title)


def _loss(left: float, right: float, top: float, line: float, end: float, title: str) -> Markup:
    """A loss: a piece of the bar, and the ribbon that leaves it for its label."""
    bottom = top + _BAR
    left, right = min(left, right - 0.8), right
    half = min(6.0, max(0.6, (right - left) / 2))
    path = (
        f"M{left:.1f},{top:.1f}V{bottom:.1f}"
        f"C{left:.1f},{line + half:.1f} {left:.1f},{line + half:.1f} {end:.1f},{line + half:.1f}"
        f"V{line - half:.1f}"
        f"C{right:.1f},{line - half:.1f} {right:.1f},{line - half:.1f} {right:.1f},{bottom:.1f}"
        f"V{top:.1f}z"
    )
    return Markup('<path class="lost" d="{}"><title>{}</title></path>').format(path, title)


def _label(css_class: str, x: float, y: float, text: str, room: int) -> Markup:
    shown = text if len(text) <= room else text[: max(1, room - 1)].rstrip() + "…"
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}<title>{}</title></text>').format(
        css_class, x, y, shown, text
    )
