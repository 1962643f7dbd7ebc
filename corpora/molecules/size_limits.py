"""How large a structure RDKit is given: its calls cannot be interrupted, and deep ones crash.

A time limit by signals does not reach C++ code. What bounds RDKit's time is the size of the
structure and, for perceiving rings, that of each system of rings: with R independent rings and B
bonds it takes some R x B steps of 1 to 4 microseconds. C60 has 31 x 90, the fullerene C540 271 x
810; grids and random graphs of thousands of atoms have millions, and overflow RDKit's stack.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from corpora.documents import RecordUnreadable

TOO_LARGE: Final = "molecule too large"
#: Canonicalizing a chain of 10,000 atoms takes seconds; PubChem's largest compounds have 1,000.
MAX_ATOMS: Final = 10_000
#: The sum over ring systems of independent rings x bonds: a second or two of RDKit's time.
MAX_RING_WORK: Final = 400_000
#: Up to so many ring bonds of a SMILES string, or bonds of a molfile, none comes near the limit.
_FEW_RINGS: Final = MAX_RING_WORK // MAX_ATOMS
_FEW_BONDS: Final = 400
#: An atom and its brackets, charge and ring bonds, or a line for itself and three bonds.
_SIGNS_AN_ATOM: Final = 8

_COUNTS: Final = re.compile(r"^M {2}V30 COUNTS +(\d{1,9}) +(\d{1,9})", re.MULTILINE)
_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]")
_RING_NUMBER: Final = re.compile(r"%\d\d|%\(\d{1,5}\)|\d")


def check_smiles_size(smiles: str) -> bool:
    """Whether the structure has few rings. Raises RecordUnreadable where it is too large."""
    if len(smiles) > _SIGNS_AN_ATOM * MAX_ATOMS:
        raise too_large(f"{len(smiles)} characters of SMILES")
    if len(smiles) <= _FEW_BONDS:
        return True
    # Each ring bond is written twice.
    rings = len(_RING_NUMBER.findall(_BRACKETS.sub("", smiles))) / 2
    return rings <= _FEW_RINGS


def check_mol_block_size(block: str) -> bool:
    """Whether the structure has few rings. Raises RecordUnreadable where it is too large."""
    counts = counts_of(block)
    if counts is None:
        # RDKit says what is wrong with such a block, but reads no more of it than is sound.
        if block.count("\n") > 4 * MAX_ATOMS:
            raise too_large(f"{block.count(chr(10))} lines")
        return True
    atoms, bonds = counts
    if atoms > MAX_ATOMS:
        raise too_large(f"{atoms} atoms")
    return bonds <= _FEW_BONDS


def counts_of(block: str) -> tuple[int, int] | None:
    """The numbers of atoms and bonds that a molfile says it has; None where it says none."""
    lines = block.split("\n", 4)
    if len(lines) < 4:
        return None
    if "V3000" in lines[3]:
        found = _COUNTS.search(block)
        return (int(found[1]), int(found[2])) if found else None
    atoms, bonds = lines[3][:3].strip(), lines[3][3:6].strip()
    return (int(atoms), int(bonds or "0")) if f"{atoms}{bonds}".isdecimal() and atoms else None


def check_ring_systems(num_atoms: int, bonds: Sequence[tuple[int, int]]) -> None:
    """Raises RecordUnreadable where perceiving the rings would take RDKit more than seconds.

    `bonds` are pairs of atoms, counted from 0.
    """
    if num_atoms > MAX_ATOMS:
        raise too_large(f"{num_atoms} atoms")
    if len(bonds) <= _FEW_BONDS:
        return
    work = sum(rings * size for rings, size in _ring_systems(num_atoms, bonds))
    if work > MAX_RING_WORK:
        raise RecordUnreadable(
            "ring system too large", f"rings x bonds is {work}; the limit is {MAX_RING_WORK}"
        )


def too_large(found: str) -> RecordUnreadable:
    """The refusal of a structure of `found`."""
    return RecordUnreadable(TOO_LARGE, f"{found}; the limit is {MAX_ATOMS} atoms")


def _ring_systems(num_atoms: int, bonds: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Independent rings and bonds of each system: what is left of a graph without its bridges."""
    neighbours: list[list[tuple[int, int]]] = [[] for _ in range(num_atoms)]
    for number, (first, second) in enumerate(bonds):
        neighbours[first].append((second, number))
        neighbours[second].append((first, number))
    order = [0] * num_atoms
    lowest = [0] * num_atoms
    system = [-1] * num_atoms
    next_order, next_system = 1, 0
    for start in range(num_atoms):
        if order[start]:
            continue
        order[start] = lowest[start] = next_order
        next_order += 1
        # Tarjan's search for bridges, with a stack of its own: chains are 10,000 atoms deep.
        path = [(start, -1, iter(neighbours[start]))]
        waiting = [start]
        while path:
            atom, came_by, rest = path[-1]
            for other, bond in rest:
                if bond == came_by:
                    continue
                if order[other]:
                    lowest[atom] = min(lowest[atom], order[other])
                    continue
                order[other] = lowest[other] = next_order
                next_order += 1
                path.append((other, bond, iter(neighbours[other])))
                waiting.append(other)
                break
            else:
                path.pop()
                if path:
                    before = path[-1][0]
                    lowest[before] = min(lowest[before], lowest[atom])
                if lowest[atom] == order[atom]:
                    while True:
                        member = waiting.pop()
                        system[member] = next_system
                        if member == atom:
                            break
                    next_system += 1
    sizes = [[0, 0] for _ in range(next_system)]
    for atom in range(num_atoms):
        sizes[system[atom]][0] += 1
    for first, second in bonds:
        if system[first] == system[second]:
            sizes[system[first]][1] += 1
    return [(edges - atoms + 1, edges) for atoms, edges in sizes if edges]
