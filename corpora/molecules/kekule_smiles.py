"""Kekulé SMILES from aromatic SMILES, by rewriting the string.

RDKit's way is to parse its canonical SMILES again, kekulize the molecule and write it, which takes
as long as reading the molecule did. Which bonds are double is a question about the string alone: the
aromatic atoms that lack a double bond are matched in pairs of neighbours. Matched greedily in the
order of the string, and by augmenting paths where that leaves atoms over, the result depends on
nothing but the canonical string, and so is canonical.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(r"\[[^\]]*\]|Br|Cl|%\d\d|%\(\d+\)|[A-Za-z0-9()=#\-/\\.]")
#: An aromatic atom in brackets: isotope, element, chirality, hydrogens, charge.
_BRACKET: Final = re.compile(r"\[(\d*)(se|te|si|as|[bcnops])(@{0,2})(H\d?)?([+-]\d?)?(?::\d+)?\]")
_ELEMENT: Final = re.compile("[a-z]+")
_AROMATIC: Final = frozenset("bcnops")
_OTHER_SIGNS: Final = re.compile(r"[:*~$>?]")

# Whether an aromatic atom takes a double bond in the ring: element, charge, hydrogens, and its
# bonds (ring, chains and explicit double bonds). What is not here, RDKit decides.
_TAKES: Final[dict[tuple[str, str, int], dict[int, bool]]] = {
    ("c", "", 0): {2: True, 3: True},
    ("c", "", 1): {2: True},
    ("c", "-", 0): {3: False},
    ("c", "-", 1): {2: False},
    ("c", "+", 0): {3: False},
    ("c", "+", 1): {2: False},
    ("n", "", 0): {2: True, 3: False},
    ("n", "", 1): {2: False},
    ("n", "+", 0): {3: True},
    ("n", "+", 1): {2: True},
    ("n", "-", 0): {2: False},
    ("o", "", 0): {2: False},
    ("o", "+", 0): {2: True},
    ("s", "", 0): {2: False},
    ("s", "+", 0): {2: True},
    ("se", "", 0): {2: False},
    ("te", "", 0): {2: False},
}


def kekule_smiles(canonical: str) -> str | None:
    """Canonical aromatic SMILES with alternating bonds; None for what is beyond these rules.

    >>> kekule_smiles("Cc1ccc2[nH]ccc2c1")
    'CC1=CC=C2NC=CC2=C1'
    """
    if _OTHER_SIGNS.search(canonical):
        return None
    tokens = _TOKEN.findall(canonical)
    # Of each aromatic atom: where its token stands, and its aromatic neighbours with the place of
    # the bond between them.
    neighbours: dict[int, list[tuple[int, int]]] = {}
    bonds_of: dict[int, int] = {}
    has_double: set[int] = set()
    before: int = -1
    bond = ""
    branches: list[int] = []
    rings: dict[str, tuple[int, int, str]] = {}
    for place, token in enumerate(tokens):
        first = token[0]
        if first == "(":
            branches.append(before)
            continue
        if first == ")":
            before = branches.pop()
            continue
        if first in "-=#/\\.":
            if first == ".":
                before = -1
            else:
                bond = first
            continue
        if first.isdigit() or first == "%":
            opened = rings.pop(token, None)
            if opened is None:
                rings[token] = (before, place, bond)
                bond = ""
                continue
            other, at, symbol = opened
            symbol = symbol or bond
            here = before
        else:
            here, other, at, symbol = place, before, place, bond
            before = place
            if first in _AROMATIC or (first == "[" and _BRACKET.match(token)):
                neighbours[place] = []
        bond = ""
        if other < 0:
            continue
        for atom in (here, other):
            bonds_of[atom] = bonds_of.get(atom, 0) + 1
        if symbol == "=":
            has_double.update((here, other))
        elif not symbol and here in neighbours and other in neighbours:
            neighbours[here].append((other, at))
            neighbours[other].append((here, at))
    takes = _double_takers(tokens, neighbours, bonds_of, has_double)
    if takes is None:
        return None
    partner = _matched(takes, neighbours)
    if partner is None:
        return None
    doubled = {
        at
        for atom, other in partner.items()
        for neighbour, at in neighbours[atom]
        if neighbour == other
    }
    return _written(tokens, neighbours, doubled)


def _double_takers(
    tokens: list[str],
    neighbours: dict[int, list[tuple[int, int]]],
    bonds_of: dict[int, int],
    has_double: set[int],
) -> list[int] | None:
    takers = []
    for atom in neighbours:
        token = tokens[atom]
        if token == "c":
            if atom not in has_double:
                takers.append(atom)
            continue
        if token[0] != "[":
            key = (token, "", 0)
        else:
            found = _BRACKET.match(token)
            assert found is not None
            hydrogens = found[4]
            count = 0 if not hydrogens else int(hydrogens[1:] or 1)
            key = (found[2], found[5] or "", count)
        rule = _TAKES.get(key)
        if rule is None or (take := rule.get(bonds_of.get(atom, 0))) is None:
            return None
        if atom in has_double:
            if not take:
                return None
            continue
        if take:
            takers.append(atom)
    return takers


def _matched(
    takers: list[int], neighbours: dict[int, list[tuple[int, int]]]
) -> dict[int, int] | None:
    """Each atom's partner of its double bond; None where some atom is left over."""
    wanting = set(takers)
    partner: dict[int, int] = {}
    for atom in takers:
        if atom in partner:
            continue
        for other, _ in neighbours[atom]:
            if other in wanting and other not in partner:
                partner[atom], partner[other] = other, atom
                break
    for atom in takers:
        if atom not in partner and not _augment(atom, wanting, neighbours, partner):
            return None
    return partner


def _augment(
    start: int,
    wanting: set[int],
    neighbours: dict[int, list[tuple[int, int]]],
    partner: dict[int, int],
) -> bool:
    """Finds a path of bonds in turn single and double to another atom left over, and swaps them."""
    came_from: dict[int, int] = {}
    queue, seen = [start], {start}
    for atom in queue:
        for other, _ in neighbours[atom]:
            if other not in wanting or other in came_from or other == start:
                continue
            came_from[other] = atom
            mate = partner.get(other)
            if mate is None:
                while True:
                    atom = came_from[other]
                    following = partner.get(atom)
                    partner[atom], partner[other] = other, atom
                    if following is None:
                        return True
                    other = following
            if mate not in seen:
                seen.add(mate)
                queue.append(mate)
    return False


def _written(
    tokens: list[str], neighbours: dict[int, list[tuple[int, int]]], doubled: set[int]
) -> str:
    for place in neighbours:
        token = tokens[place]
        if token == "[nH]":
            tokens[place] = "N"
        elif token[0] == "[":
            tokens[place] = _ELEMENT.sub(lambda found: found[0].capitalize(), token, count=1)
        else:
            tokens[place] = token.upper()
    for place in doubled:
        tokens[place] = "=" + tokens[place]
    # Single bonds are only written between aromatic atoms.
    return "".join([token for token in tokens if token != "-"])
