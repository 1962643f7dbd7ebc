"""The compiled rewriting of `kekule_smiles`: canonical aromatic SMILES to Kekulé SMILES, by Numba.

The atoms of the string are its tokens; which of the aromatic ones take a double bond is decided
from element, charge, hydrogens and bonds, and these are matched in pairs.
"""

from typing import Final

import numpy as np
from numba import njit

from tokenization.raw_memory import OPTIONS, compiled

_MAX_DEGREE: Final = 6
_RING_NUMBERS: Final = 100
_ATOM, _AROMATIC, _OPEN, _CLOSE, _BOND, _DOT, _RING = range(7)
_NO, _YES, _UNKNOWN = 0, 1, -1
_BEYOND: Final = 0


def _class_of(letters: bytes) -> np.ndarray:
    table = np.zeros(256, np.uint8)
    table[np.frombuffer(letters, np.uint8)] = 1
    return table


_IS_AROMATIC: Final = _class_of(b"bcnops")
_IS_FOREIGN: Final = _class_of(b":*~$>?" + bytes(range(33)) + bytes(range(127, 256)))
_C, _N, _O, _S, _SE, _TE, _OTHER = range(7)


@njit(**OPTIONS)
def _is_digit(letter):
    return 48 <= letter <= 57


@njit(**OPTIONS)
def _element(first, second):
    """The element of an aromatic atom, `_OTHER` for those RDKit decides on; -1 for none."""
    if first == 115 and second == 101:
        return _SE
    if first == 116 and second == 101:
        return _TE
    if (first == 115 and second == 105) or (first == 97 and second == 115):
        return _OTHER
    if first == 99:
        return _C
    if first == 110:
        return _N
    if first == 111:
        return _O
    if first == 115:
        return _S
    return _OTHER if first == 98 or first == 112 else -1


@njit(**OPTIONS)
def _takes_double(element, charge, hydrogens, bonds):
    """Whether an aromatic atom takes a double bond in the ring; what is not here, RDKit decides.

    `bonds` counts those of the ring, of chains, and double bonds as written, each once.
    """
    if element == _C:
        if charge == 0:
            if hydrogens == 0 and 2 <= bonds <= 3:
                return _YES
            return _YES if hydrogens == 1 and bonds == 2 else _UNKNOWN
        if (hydrogens == 0 and bonds == 3) or (hydrogens == 1 and bonds == 2):
            return _NO if charge == 1 or charge == -1 else _UNKNOWN
        return _UNKNOWN
    if element == _N:
        if charge == 0 and hydrogens == 0:
            return _YES if bonds == 2 else _NO if bonds == 3 else _UNKNOWN
        if charge == 0 and hydrogens == 1:
            return _NO if bonds == 2 else _UNKNOWN
        if charge == 1 and hydrogens == 0:
            return _YES if bonds == 3 else _UNKNOWN
        if charge == 1 and hydrogens == 1:
            return _YES if bonds == 2 else _UNKNOWN
        return _NO if charge == -1 and hydrogens == 0 and bonds == 2 else _UNKNOWN
    if bonds != 2 or hydrogens or element == _OTHER:
        return _UNKNOWN
    if charge == 0:
        return _NO
    return _YES if charge == 1 and element in (_O, _S) else _UNKNOWN


@njit(**OPTIONS)
def _bracket(text, begin, end):
    """Element, charge and hydrogens of an atom in brackets; the element -1 where none is aromatic.

    `begin` is the bracket, `end` what follows it.
    """
    at = begin + 1
    while _is_digit(text[at]):
        at += 1
    if at >= end - 1:
        return -1, 0, 0
    element = _element(text[at], text[at + 1])
    if element < 0:
        return -1, 0, 0
    two = text[at + 1]
    at += 2 if two == 101 or two == 105 or (two == 115 and text[at] == 97) else 1
    chirality = 0
    while text[at] == 64 and chirality < 2:
        at, chirality = at + 1, chirality + 1
    hydrogens = 0
    if text[at] == 72:
        at, hydrogens = at + 1, 1
        if _is_digit(text[at]):
            hydrogens = np.int64(text[at]) - 48
            at += 1
    charge = 0
    if text[at] == 43 or text[at] == 45:
        charge = 1 if text[at] == 43 else -1
        at += 1
        if _is_digit(text[at]):
            # `[c+1]` is not how RDKit writes it.
            charge = 9
            at += 1
    return (element if at == end - 1 else -1), charge, hydrogens


@njit(**OPTIONS)
def _augment(start, wants, degrees, neighbours, partner, came_from, queue):
    """Finds a path of bonds in turn single and double to another atom left over, and swaps them."""
    came_from[:] = -1
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        atom = queue[head]
        head += 1
        for i in range(degrees[atom]):
            other = neighbours[atom, i]
            if not wants[other] or came_from[other] >= 0 or other == start:
                continue
            came_from[other] = atom
            mate = partner[other]
            if mate < 0:
                while True:
                    before = came_from[other]
                    following = partner[before]
                    partner[before], partner[other] = other, before
                    if following < 0:
                        return True
                    other = following
            # A matched atom is reached through its partner alone, so it is queued once.
            queue[tail] = mate
            tail += 1
    return False


@compiled("int64(uint8[::1], uint8[::1])")
def kekulize(text, out):
    """Writes the Kekulé form of an aromatic SMILES to `out` and gives its length.

    `out` is twice as long as the text. 0 stands for what is beyond the rules, and for a string
    whose bonds cannot alternate.
    """
    size = len(text)
    starts = np.empty(size + 1, np.int64)
    kinds = np.empty(size, np.int64)
    elements = np.full(size, -1, np.int64)
    charges = np.zeros(size, np.int64)
    hydrogens = np.zeros(size, np.int64)
    num_bonds = np.zeros(size, np.int64)
    has_double = np.zeros(size, np.uint8)
    degrees = np.zeros(size, np.int64)
    neighbours = np.empty((size, _MAX_DEGREE), np.int64)
    places = np.empty((size, _MAX_DEGREE), np.int64)
    branches = np.empty(size, np.int64)
    ring_atoms = np.full(_RING_NUMBERS, -1, np.int64)
    ring_places = np.empty(_RING_NUMBERS, np.int64)
    ring_bonds = np.empty(_RING_NUMBERS, np.uint8)
    before, depth, bond, token, at = -1, 0, np.uint8(0), 0, 0
    while at < size:
        letter = text[at]
        if _IS_FOREIGN[letter]:
            return _BEYOND
        starts[token] = at
        kind, number = _ATOM, 0
        end = at + 1
        if letter == 40:
            kind = _OPEN
        elif letter == 41:
            kind = _CLOSE
        elif letter == 46:
            kind = _DOT
        elif letter == 45 or letter == 61 or letter == 35 or letter == 47 or letter == 92:
            kind = _BOND
        elif _is_digit(letter):
            kind, number = _RING, np.int64(letter) - 48
        elif letter == 37:
            if at + 2 >= size or not _is_digit(text[at + 1]) or not _is_digit(text[at + 2]):
                return _BEYOND
            number = 10 * (np.int64(text[at + 1]) - 48) + np.int64(text[at + 2]) - 48
            kind, end = _RING, at + 3
        elif letter == 91:
            while end < size and text[end] != 93:
                if _IS_FOREIGN[text[end]]:
                    return _BEYOND
                end += 1
            end += 1
            if end > size:
                return _BEYOND
            element, charge, count = _bracket(text, at, end)
            if element >= 0:
                kind = _AROMATIC
                elements[token], charges[token], hydrogens[token] = element, charge, count
        elif _IS_AROMATIC[letter]:
            kind = _AROMATIC
            elements[token] = _element(letter, np.uint8(0))
        elif end < size and (
            (letter == 66 and text[end] == 114) or (letter == 67 and text[end] == 108)
        ):
            end += 1
        kinds[token] = kind
        here, other, place, symbol = token, before, token, bond
        token += 1
        at = end
        if kind == _OPEN:
            branches[depth] = before
            depth += 1
            continue
        if kind == _CLOSE:
            if depth == 0:
                return _BEYOND
            depth -= 1
            before = branches[depth]
            continue
        if kind == _BOND:
            bond = letter
            continue
        if kind == _DOT:
            before = -1
            continue
        if kind == _RING:
            if ring_atoms[number] < 0:
                ring_atoms[number], ring_places[number] = before, here
                ring_bonds[number] = bond
                bond = np.uint8(0)
                continue
            here, other = before, ring_atoms[number]
            place = ring_places[number]
            symbol = ring_bonds[number] if ring_bonds[number] else bond
            ring_atoms[number] = -1
        else:
            before = here
        bond = np.uint8(0)
        if other < 0 or here < 0:
            continue
        num_bonds[here] += 1
        num_bonds[other] += 1
        if symbol == 61 or symbol == 35:
            has_double[here] = has_double[other] = 1
        elif symbol == 0 and kinds[here] == _AROMATIC and kinds[other] == _AROMATIC:
            if degrees[here] == _MAX_DEGREE or degrees[other] == _MAX_DEGREE:
                return _BEYOND
            neighbours[here, degrees[here]], places[here, degrees[here]] = other, place
            neighbours[other, degrees[other]], places[other, degrees[other]] = here, place
            degrees[here] += 1
            degrees[other] += 1
    starts[token] = size

    wants = np.zeros(token, np.uint8)
    for atom in range(token):
        if kinds[atom] != _AROMATIC:
            continue
        if elements[atom] == _C and starts[atom + 1] - starts[atom] == 1:
            wants[atom] = not has_double[atom]
            continue
        takes = _takes_double(elements[atom], charges[atom], hydrogens[atom], num_bonds[atom])
        if takes == _UNKNOWN or (has_double[atom] and takes == _NO):
            return _BEYOND
        wants[atom] = takes == _YES and not has_double[atom]

    partner = np.full(token, -1, np.int64)
    num_left = 0
    for atom in range(token):
        if wants[atom] and partner[atom] < 0:
            num_left += 1
            for i in range(degrees[atom]):
                other = neighbours[atom, i]
                if wants[other] and partner[other] < 0:
                    partner[atom], partner[other] = other, atom
                    num_left -= 1
                    break
    if num_left:
        came_from = np.empty(token, np.int64)
        queue = np.empty(token + 1, np.int64)
        for atom in range(token):
            if not wants[atom] or partner[atom] >= 0:
                continue
            if not _augment(atom, wants, degrees, neighbours, partner, came_from, queue):
                return _BEYOND

    is_double = np.zeros(token, np.uint8)
    for atom in range(token):
        if partner[atom] >= 0:
            for i in range(degrees[atom]):
                if neighbours[atom, i] == partner[atom]:
                    is_double[places[atom, i]] = 1
    length = 0
    for atom in range(token):
        begin, end = starts[atom], starts[atom + 1]
        # Single bonds are only written between aromatic atoms.
        if kinds[atom] == _BOND and text[begin] == 45:
            continue
        if is_double[atom]:
            out[length] = 61
            length += 1
        if kinds[atom] != _AROMATIC:
            for i in range(begin, end):
                out[length] = text[i]
                length += 1
        elif end - begin == 4 and text[begin + 1] == 110 and text[begin + 2] == 72:
            out[length] = 78
            length += 1
        else:
            is_first = True
            for i in range(begin, end):
                letter = text[i]
                if is_first and 97 <= letter <= 122:
                    letter -= np.uint8(32)
                    is_first = False
                out[length] = letter
                length += 1
    return length
