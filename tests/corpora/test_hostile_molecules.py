"""Structures that RDKit would take minutes for, or crash on, are refused before it sees them.

Nothing here measures seconds: that a case ends at all, with its reason, is the test.
"""

import random
from collections.abc import Sequence
from itertools import combinations, pairwise, product

import pytest

from corpora.documents import RecordUnreadable
from corpora.molecules import (
    MAX_ATOMS,
    Molecule,
    from_graph,
    from_mol_block,
    from_smiles,
    properties,
    smiles_pair,
)
from corpora.molecules.size_limits import MAX_RING_WORK, check_ring_systems

Graph = tuple[int, list[tuple[int, int]]]

C60 = (
    "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1"
    "c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41"
)


def grid(width: int, height: int, *, closed: bool = False) -> Graph:
    bonds = [(i * width + j, i * width + j + 1) for i in range(height) for j in range(width - 1)]
    bonds += [(i * width + j, (i + 1) * width + j) for i in range(height - 1) for j in range(width)]
    if closed:
        bonds += [(i * width, i * width + width - 1) for i in range(height)]
        bonds += [(j, (height - 1) * width + j) for j in range(width)]
    return width * height, bonds


def hypercube(dimensions: int) -> Graph:
    nodes = range(1 << dimensions)
    bonds = [(a, a | 1 << k) for a in nodes for k in range(dimensions) if not a >> k & 1]
    return len(nodes), bonds


def complete(size: int) -> Graph:
    return size, list(combinations(range(size), 2))


def bipartite(first: int, second: int) -> Graph:
    return first + second, [(a, first + b) for a, b in product(range(first), range(second))]


def projective_plane(order: int) -> Graph:
    """Points and lines of the plane over a prime field: many bonds an atom, no ring below six."""
    field = range(order)
    points = [(1, a, b) for a in field for b in field] + [(0, 1, a) for a in field] + [(0, 0, 1)]
    bonds = [
        (i, len(points) + j)
        for (i, first), (j, second) in product(enumerate(points), repeat=2)
        if sum(a * b for a, b in zip(first, second, strict=True)) % order == 0
    ]
    return 2 * len(points), bonds


def regular(size: int, degree: int) -> Graph:
    """A random graph of atoms with at most `degree` bonds, nearly all of them with so many."""
    stubs = list(range(size)) * degree
    random.Random(0).shuffle(stubs)
    pairs = {(min(a, b), max(a, b)) for a, b in zip(stubs[::2], stubs[1::2], strict=True)}
    return size, sorted((a, b) for a, b in pairs if a != b)


def mol_block(graph: Graph, symbol: str = "C", order: int = 1) -> str:
    """A V3000 molfile of a graph."""
    size, bonds = graph
    atoms = "".join(f"M  V30 {i + 1} {symbol} {i} {i % 7} 0 0\n" for i in range(size))
    lines = "".join(f"M  V30 {i + 1} {order} {a + 1} {b + 1}\n" for i, (a, b) in enumerate(bonds))
    return (
        "\n\n\n  0  0  0     0  0            999 V3000\nM  V30 BEGIN CTAB\n"
        f"M  V30 COUNTS {size} {len(bonds)} 0 0 0\nM  V30 BEGIN ATOM\n{atoms}M  V30 END ATOM\n"
        f"M  V30 BEGIN BOND\n{lines}M  V30 END BOND\nM  V30 END CTAB\nM  END\n"
    )


def smiles(path: Sequence[int], graph: Graph, symbol: str = "C") -> str:
    """SMILES of a graph along a path through all its atoms; other bonds are ring closures."""
    along = {frozenset(pair) for pair in pairwise(path)}
    closures: dict[int, str] = {}
    for number, bond in enumerate(b for b in graph[1] if frozenset(b) not in along):
        for atom in bond:
            closures[atom] = closures.get(atom, "") + f"%({number + 100})"
    return "".join(symbol + closures.get(atom, "") for atom in path)


def work(molecule: Molecule) -> str:
    """Everything that a document asks RDKit for."""
    properties(molecule)
    return smiles_pair(molecule)[0]


@pytest.mark.parametrize(
    ("graph", "symbol", "order"),
    [
        (grid(80, 80), "C", 1),
        (grid(40, 40, closed=True), "C", 1),
        (grid(2, 2000), "C", 1),
        (grid(70, 70), "C", 4),
        (regular(3000, 3), "C", 1),
        (regular(3000, 4), "C", 1),
        (hypercube(10), "Fe", 1),
        (complete(100), "Fe", 1),
        (bipartite(24, 24), "Fe", 1),
        (bipartite(20, 20), "Fe", 1),
        (bipartite(2, 300), "Fe", 1),
        (projective_plane(7), "Fe", 1),
    ],
)
def test_ring_systems_that_rdkit_cannot_finish_are_refused(
    graph: Graph, symbol: str, order: int
) -> None:
    with pytest.raises(RecordUnreadable, match=r"ring system too large: .* the limit is"):
        from_mol_block(mol_block(graph, symbol, order))
    with pytest.raises(RecordUnreadable, match="ring system too large"):
        from_graph(lambda: pytest.fail("RDKit was asked"), *graph)


def test_they_are_refused_as_smiles_too() -> None:
    snake = [i * 60 + (j if i % 2 == 0 else 59 - j) for i in range(60) for j in range(60)]
    zigzag = [atom for pair in zip(range(20), range(20, 40), strict=True) for atom in pair]
    for written in (smiles(snake, grid(60, 60)), smiles(zigzag, bipartite(20, 20), "[Fe]")):
        with pytest.raises(RecordUnreadable, match="ring system too large"):
            from_smiles(written)


def test_no_part_hides_behind_others() -> None:
    """Ions without bonds make the bonds of a structure fewer than its atoms."""
    size, bonds = bipartite(20, 20)
    with pytest.raises(RecordUnreadable, match="ring system too large"):
        from_mol_block(mol_block((size + 5000, bonds), "Fe"))
    squares = [(a + 60 * i, b + 60 * i) for i in range(100) for a, b in regular(60, 4)[1]]
    with pytest.raises(RecordUnreadable, match="ring system too large"):
        check_ring_systems(6000, squares)


def test_a_bond_block_that_cannot_be_read_is_no_way_around() -> None:
    block = mol_block(bipartite(20, 20), "Fe")
    for damaged in (
        block.replace("M  V30 400 1 20 40\n", ""),
        block.replace(" 20 40\n", " 20 99\n"),
    ):
        with pytest.raises(RecordUnreadable, match="broken structure: no block of 400 bonds"):
            from_mol_block(damaged)
    continued = block.replace("M  V30 7 1 ", "M  V30 7 1 -\nM  V30 ")
    with pytest.raises(RecordUnreadable, match="ring system too large"):
        from_mol_block(continued)


@pytest.mark.parametrize(
    "written",
    [
        "C" * 20_000,
        ".".join(["O"] * 20_000),
        "C(" * 30_000 + "C" + ")" * 30_000,
        "[C@@H](F)" * 12_000,
        "C" * (MAX_ATOMS + 1),
    ],
)
def test_structures_of_too_many_atoms_are_refused(written: str) -> None:
    with pytest.raises(RecordUnreadable, match="molecule too large"):
        from_smiles(written)


def test_lies_about_counts_are_refused() -> None:
    block = mol_block((3, [(0, 1), (1, 2)]))
    with pytest.raises(RecordUnreadable, match="molecule too large: 99999999 atoms"):
        from_mol_block(block.replace("COUNTS 3 2", "COUNTS 99999999 2"))
    with pytest.raises(RecordUnreadable, match="no block of 88888888 bonds"):
        from_mol_block(block.replace("COUNTS 3 2", "COUNTS 3 88888888"))


@pytest.mark.parametrize(
    "written",
    [
        C60,
        ".".join([C60] * 5),
        "C" * 1500,
        "C" + "/C=C/C" * 150,
        "C" + "[C@H](O)" * 300 + "C",
        "N" + "CC(=O)N[C@@H](C)C(=O)N" * 60,
        "C(" * 500 + "C" + ")" * 500,
        "C1CCC(CC1)" * 60 + "C",
        "C1" + "C" * 1000 + "1",
        ".".join(["O"] * 1000),
        "[Fe]" + "(Cl)" * 11,
    ],
)
def test_large_structures_of_real_kinds_are_read(written: str) -> None:
    molecule = from_smiles(written)
    again = from_smiles(work(molecule))
    assert again.GetNumAtoms() == molecule.GetNumAtoms()


def test_the_largest_fullerenes_stay_below_the_limit() -> None:
    """C720 has 360 faces but one and 1,080 bonds."""
    assert MAX_RING_WORK > 359 * 1080


@pytest.mark.parametrize("graph", [grid(12, 12), hypercube(5), regular(100, 4), bipartite(8, 8)])
def test_cages_of_hundreds_of_bonds_are_read(graph: Graph) -> None:
    assert from_smiles(work(from_mol_block(mol_block(graph, "Fe")))).GetNumBonds() == len(graph[1])


@pytest.mark.parametrize("bond", ["  1 \N{MICRO SIGN} 2  1", "  1 2\N{MICRO SIGN}  1"])
def test_a_refusal_that_quotes_half_a_character_is_a_refusal(bond: str) -> None:
    # RDKit cuts columns by bytes: its message may end inside the letter.
    atoms = "".join(f"{x:10.4f}    0.0000    0.0000 C   0  0\n" for x in (0, 1.5))
    block = f"\n\n\n  2  1  0     0  0  0  0  0  0999 V2000\n{atoms}{bond}\nM  END\n"
    with pytest.raises(RecordUnreadable, match="RDKit refuses the structure"):
        from_mol_block(block)
