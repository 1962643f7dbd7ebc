"""Kekulé SMILES from aromatic SMILES, by rewriting the string.

RDKit's way is to parse its canonical SMILES again, kekulize the molecule and write it, which takes
as long as reading the molecule did. Which bonds are double is a question about the string alone:
the aromatic atoms that lack a double bond are matched in pairs of neighbours. Matched greedily in
the order of the string, and by augmenting paths where that leaves atoms over, the result depends on
nothing but the canonical string, and so is canonical.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(r"\[[^\]]*\]|Br|Cl|%\d\d|%\(\d+\)|[A-Za-z0-9()=#\-/\\.]")
#: An aromatic atom in brackets: isotope, element, chirality, hydrogens, charge.
_BRACKET: Final = re.compile(r"\[(\d*)(se|te|si|as|[bcnops])(@{0,2})(H\d?)?([+-]\d?)?(?::\d+)?\]")
_ELEMENT: Final = re.compile("[a-z]+")
_OTHER_SIGNS: Final = re.compile(r"[:*~$>?]")
_AROMATIC, _OPEN, _CLOSE, _BOND, _DOT, _RING, _BRACKETED = range(1, 8)
# What a token is; one that is not here is an atom that is not aromatic, or begins with a bracket
# or a percent sign.
_KINDS: Final = (
    dict.fromkeys("bcnops", _AROMATIC)
    | dict.fromkeys("-=#/\\", _BOND)
    | dict.fromkeys("0123456789", _RING)
    | {"(": _OPEN, ")": _CLOSE, ".": _DOT}
)

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
    """Canonical aromatic SMILES, as RDKit writes it, with alternating bonds.

    None for what is beyond these rules (atoms that are rarely aromatic, bonds of other kinds), and
    for a string whose bonds cannot alternate.

    >>> kekule_smiles("Cc1ccc2[nH]ccc2c1")
    'CC1=CC=C2NC=CC2=C1'
    """
    if _OTHER_SIGNS.search(canonical):
        return None
    tokens = _TOKEN.findall(canonical)
    # Of each aromatic atom, known by the place of its token: its aromatic neighbours, each with the
    # place of the bond between them. Of every atom: its bonds, and whether one of them is double or
    # triple as it is written.
    neighbours: dict[int, list[tuple[int, int]]] = {}
    num_bonds = [0] * len(tokens)
    has_double = bytearray(len(tokens))
    before = -1
    bond = ""
    branches: list[int] = []
    rings: dict[str, tuple[int, int, str]] = {}
    for place, token in enumerate(tokens):
        kind = _KINDS.get(token, 0)
        if not kind and token[0] == "[":
            kind = _BRACKETED
        elif not kind and token[0] == "%":
            kind = _RING
        if kind == _OPEN:
            branches.append(before)
            continue
        if kind == _CLOSE:
            before = branches.pop()
            continue
        if kind == _BOND:
            bond = token
            continue
        if kind == _DOT:
            before = -1
            continue
        if kind == _RING:
            if token not in rings:
                rings[token] = (before, place, bond)
                bond = ""
                continue
            here = before
            other, at, symbol = rings.pop(token)
            symbol = symbol or bond
        else:
            if kind == _AROMATIC or (kind == _BRACKETED and _BRACKET.match(token)):
                neighbours[place] = []
            here, other, at, symbol = place, before, place, bond
            before = place
        bond = ""
        if other < 0:
            continue
        num_bonds[here] += 1
        num_bonds[other] += 1
        if symbol in ("=", "#"):
            has_double[here] = has_double[other] = 1
        elif not symbol and here in neighbours and other in neighbours:
            neighbours[here].append((other, at))
            neighbours[other].append((here, at))
    takes = _double_takers(tokens, neighbours, num_bonds, has_double)
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
    num_bonds: list[int],
    has_double: bytearray,
) -> list[int] | None:
    takers = []
    for atom in neighbours:
        token = tokens[atom]
        if token == "c":
            if not has_double[atom]:
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
        if rule is None or (take := rule.get(num_bonds[atom])) is None:
            return None
        if has_double[atom]:
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
