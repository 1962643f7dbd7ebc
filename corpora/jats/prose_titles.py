"""The title of a cited work whose publisher tagged no title: found in the printed line, by rule.

A person knows the title of `Samet H, Lee K (2006) Foundations of data structures. Kaufmann.` by
what surrounds it: authors, a year, the full stop. Each style of reference is read by these marks
alone, and what fits none has no title here, since a wrong title is worse than none. Names are in
one of three orders: `Samet H` (Vancouver), `Samet, H.` (Harvard, APA, Nature), `H. Samet` (physics,
Science); or an organization stands there, or nobody.
"""

from typing import Final

#: Where a tagged part begins that is no title: the title ends before it. In text from outside the
#: character cannot occur, since XML forbids it.
STOP: Final = "\x07"

_MOST_CHARACTERS: Final = 1_500
_MOST
