"""How large a structure RDKit is given: its calls cannot be interrupted, and deep ones crash.

A time limit by signals does not reach C++ code. What bounds RDKit's time is the size of the
structure and, for perceiving rings, that of each system of rings. Two measures, of what is left of
the graph without the bonds that are in no ring:

- independent rings x bonds, summed over the systems: some 2 microseconds each. C60 has 31 x 90, the
  fullerene C540 271 x 810; ladders, grids and random graphs of thousands of atoms have millions.
- crossings, the sum of (d (d - 1) / 2)^2 over atoms of d bonds: dense graphs have small rings
  without number. Ferrocene with all its bonds has 2,385, an icosahedron of metal atoms 1,200,
  the complete bipartite graph of 20 + 20 atoms, which takes half a minute, 1,444,000, and the
  points and lines of the projective plane of order 7, which take twelve seconds, 89,376.

Above both RDKit takes minutes or overflows its stack, which ends the process.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from corpora.documents import RecordUnreadable

TOO_LARGE: Final = "molecule too large"
RINGS_TOO_LARGE: Final = "ring system too large"
#: Canonicalizing a chain of 10,000 atoms takes seconds; PubChem's largest compounds have 1,000.
MAX_ATOMS: Final = 10_000
MAX_RING_WORK: Final = 400_000
MAX_CROSSINGS: Final = 50_000

#: So few rings or bonds stay below both measures, whatever they are.
_FEW_RINGS: Final = 20
_FEW_BONDS: Final = 100
#: Ring systems of so many bonds and of atoms with so few do, too.
_SOME_BONDS: Final = 400
_ORDINARY_DEGREE: Final = 6
#: An atom with its brackets, charge and ring bonds.
_SIGNS_AN_ATOM: Final = 8

_COUNTS: Final = re.compile(r"^M {1,9}V30 {1,9}COUNTS {1,9}(\d{1,9}) {1,9}(\d{1,9})", re.MULTILINE)
_BOND_BLOCK: Final = re.compile(r"^M +V30 +BEGIN +BOND\b(.*?)^M +V30 +END +BOND\b", re.M | re.S)
_CONTINUED: Final = re.compile(r"-[ \t]*\nM +V30 ")
_BOND: Final = re.compile(r"^M +V30 +\d+ +\d+ +(\d+) +(\d+)", re.MULTILINE)
_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]")
_RING_NUMBER: Final = re.compile(r"%\d\d|%\(\d{1,5}\)|\d")


def check_smiles_size(smiles: str) -> bool:
    """Whether a SMILES string has few rings. Raises RecordUnreadable where it is too long."""
    if len(smiles) > _SIGNS_AN_ATOM * MAX_ATOMS:
        raise too_large(f"{len(smiles)} characters of SMILES")
    if len(smiles) <= _FEW_BONDS:
        return True
    # Each ring bond is written twice.
    return len(_RING_NUMBER.findall(_BRACKETS.sub("", smiles))) <= 2 * _FEW_RINGS


def check_mol_block_size(block: str) -> None:
    """Raises RecordUnreadable where the structure of a molfile is too large, or its rings are."""
    counts = counts_of(block)
    if counts is None:
        # RDKit says what is wrong with such a block.
        if block.count("\n") > 4 * MAX_ATOMS:
            raise too_large("no counts of atoms and bonds, and many lines")
        return
    num_atoms, num_bonds = counts
    if num_atoms > MAX_ATOMS:
        raise too_large(f"{num_atoms} atoms")
    if num_bonds <= _FEW_BONDS:
        return
    if "V3000" in block:
        found = _BOND_BLOCK.search(block)
        pairs = _BOND.findall(_CONTINUED.sub("", found[1])) if found else []
    else:
        lines = block.split("\n")[4 + num_atoms : 4 + num_atoms + num_bonds]
        pairs = [(line[:3], line[3:6]) for line in lines]
    try:
        bonds = [(int(first) - 1, int(second) - 1) for first, second in pairs]
    except ValueError:
        bonds = []
    if len(bonds) != num_bonds or not all(
        0 <= first < num_atoms and 0 <= second < num_atoms for first, second in bonds
    ):
        raise RecordUnreadable("broken structure", f"no block of {num_bonds} bonds")
    check_ring_systems(num_atoms, bonds)


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
    if len(bonds) <= _SOME_BONDS:
        degrees = Counter(atom for bond in bonds for atom in bond)
        if max(degrees.values()) <= _ORDINARY_DEGREE:
            return
    system = _ring_systems(num_atoms, bonds)
    in_rings = [bond for bond in bonds if system[bond[0]] == system[bond[1]]]
    degrees = Counter(atom for bond in in_rings for atom in bond)
    crossings = sum((degree * (degree - 1) // 2) ** 2 for degree in degrees.values())
    if crossings > MAX_CROSSINGS:
        detail = f"its atoms have {crossings} crossings; the limit is {MAX_CROSSINGS}"
        raise RecordUnreadable(RINGS_TOO_LARGE, detail)
    sizes = Counter(system[first] for first, _ in in_rings)
    atoms = Counter(system[atom] for atom in degrees)
    work = sum(size * (size - atoms[number] + 1) for number, size in sizes.items())
    if work > MAX_RING_WORK:
        detail = f"rings x bonds is {work}; the limit is {MAX_RING_WORK}"
        raise RecordUnreadable(RINGS_TOO_LARGE, detail)


def too_large(found: str) -> RecordUnreadable:
    """The refusal of a structure of `found`."""
    return RecordUnreadable(TOO_LARGE, f"{found}; the limit is {MAX_ATOMS} atoms")


def _ring_systems(num_atoms: int, bonds: Sequence[tuple[int, int]]) -> list[int]:
    """The system of each atom: the parts of the graph without the bonds that are in no ring."""
    neighbours: list[list[tuple[int, int]]] = [[] for _ in range(num_atoms)]
    for number, (first, second) in enumerate(bonds):
        neighbours[first].append((second, number))
        neighbours[second].append((first, number))
    order, lowest, system = [0] * num_atoms, [0] * num_atoms, [-1] * num_atoms
    visited, systems = 0, 0
    for start in range(num_atoms):
        if order[start]:
            continue
        # Tarjan's search for bridges, with a stack of its own: chains are 10,000 atoms deep.
        visited += 1
        order[start] = lowest[start] = visited
        path: list[tuple[int, int, Iterator[tuple[int, int]]]]
        path, waiting = [(start, -1, iter(neighbours[start]))], [start]
        while path:
            atom, came_by, rest = path[-1]
            for other, bond in rest:
                if bond == came_by:
                    continue
                if order[other]:
                    lowest[atom] = min(lowest[atom], order[other])
                    continue
                visited += 1
                order[other] = lowest[other] = visited
                path.append((other, bond, iter(neighbours[other])))
                waiting.append(other)
                break
            else:
                path.pop()
                if path:
                    before = path[-1][0]
                    lowest[before] = min(lowest[before], lowest[atom])
                if lowest[atom] == order[atom]:
                    while system[atom] < 0:
                        system[waiting.pop()] = systems
                    systems += 1
    return system
