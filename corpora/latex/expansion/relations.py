r"""Relations that authors put together out of `<` and `\sim` in boxes, as the command there is."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from corpora.latex.tokens import words

_RELATIONS: Final = {
    "<\\sim": "\\lesssim", ">\\sim": "\\gtrsim", "<\\approx": "\\lessapprox",
    ">\\approx": "\\gtrapprox", "<>": "\\lessgtr",
}  # fmt: skip
_STACKING: Final = frozenset(
    words(r"""
    \lower \raise \raisebox \hbox \mbox \buildrel \stackrel \shortstack \rlap \llap \vcenter
    \kern \limits \over \atop \underset \overset
""")
)
_LAYOUT: Final = frozenset(
    words(r"""
    \mathrel \mathop \mathbin \mskip \hskip \ensuremath \ifmmode \else \fi \; \, \: \! \\
    \scriptstyle \displaystyle \offinterlineskip \relax \thinspace \smash \lineskip \baselineskip
    { } $ [ ] ~ \textstyle \nobreak
""")
) | {" ", "\x0b", "\n", "\\ "}
_LENGTH: Final = re.compile(r"[-+=.\d\s]*(?:ex|em|pt|mu|cm|mm)?[-+.\d\s]*")


def composed_relation(
    body: Sequence[str], meaning: Callable[[str], Sequence[str] | None]
) -> tuple[str, ...]:
    r"""The tokens of the relation that a macro's body draws; none where it draws none.

    `meaning` is the body of a macro defined before, since authors draw in two steps.

    >>> drawn = r"\lower .5ex \hbox { $ \buildrel < \over \sim $ }".split()
    >>> composed_relation(drawn, lambda token: None)
    ('\\ensuremath', '{', '\\lesssim', '}')
    """
    if _STACKING.isdisjoint(body):
        return ()
    signs: set[str] = set()
    for token in body:
        if token not in _STACKING and token not in _LAYOUT and not _LENGTH.fullmatch(token):
            signs.add(token)
    relation = _RELATIONS.get("".join(sorted(signs)))
    if relation is None and len(signs) == 1:
        inner = meaning(signs.pop())
        if inner and len(inner) == 4 and inner[2] in _RELATIONS.values():
            relation = inner[2]
    return ("\\ensuremath", "{", relation, "}") if relation else ()
