"""The structure of a `PC-Compound`: atoms, bonds, charges, isotopes, radicals and stereo parities.

Parities say everything that the coordinates do, and the documents have no coordinates. Format:
`PC-Atoms`, `PC-Bonds`, `PC-StereoTetrahedral` and `PC-StereoPlanar` of pubchem.xsd. Dative, complex
and ionic bonds are left out, as in PubChem's own SMILES, SDF and InChI: the parts are listed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rdkit import Chem

from corpora import molecules
from corpora.documents import JSON, RecordDropped, RecordUnreadable

_ORDERS: Final = {
    1: Chem.BondType.SINGLE,
    2: Chem.BondType.DOUBLE,
    3: Chem.BondType.TRIPLE,
    4: Chem.BondType.QUADRUPLE,
}
_ORDER_WORDS: Final = {"single": 1, "double": 2, "triple": 3, "quadruple": 4}
# Elements above these are dummy atoms, R groups and lone pairs (252 to 255).
_LAST_ELEMENT: Final = 118
_UNDEFINED_WORDS: Final = frozenset(("a", "d", "r", "lp"))
# Spin multiplicity -> unpaired electrons; of a singlet carbene two, which are paired.
_UNPAIRED: Final = {1: 2, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7}
_SPIN_WORDS: Final = {
    word: number
    for number, word in enumerate(
        "singlet doublet triplet quartet quintet hextet heptet octet".split(), start=1
    )
}
# The parities of stereo that is known. They compare it with the order of the atoms' numbers; what
# it is, the sides that the atoms are listed at say alone.
_TETRAHEDRAL: Final = (1, 2, "clockwise", "counterclockwise")
_PLANAR: Final = (1, 2, "same", "opposite")
_BROKEN: Final = "broken structure"
# The property of an atom that says where it stood before hydrogens were removed.
_PLACE: Final = "_galacticaPlace"


def molecule_of(compound: Mapping[str, JSON]) -> molecules.Molecule:
    """The sanitized molecule of a `PC-Compound`, explicit hydrogens folded.

    Raises RecordUnreadable for atoms or bonds that do not fit together, with RDKit's reason where
    it refuses the structure, and for one that is too large; RecordDropped for R groups.
    """
    numbers, elements = _atoms(compound)
    bonds = list(_bonds(compound, numbers))

    def make() -> molecules.Molecule:
        molecule = Chem.RWMol()
        for element in elements:
            molecule.AddAtom(Chem.Atom(element))
        for first, second, order in bonds:
            molecule.AddBond(first, second, _ORDERS[order])
        _set_atoms(molecule, compound, numbers)
        for found in _stereo(compound, "tetrahedral", _TETRAHEDRAL):
            _set_tetrahedral(molecule, found, numbers)
        planar = [
            sides
            for found in _stereo(compound, "planar", _PLANAR)
            if (sides := _planar_sides(molecule, found, numbers)) is not None
        ]
        Chem.SanitizeMol(molecule)
        return _with_planar(molecule, planar)

    return molecules.from_graph(make, len(elements), [(a, b) for a, b, _ in bonds])


def _atoms(compound: Mapping[str, JSON]) -> tuple[dict[int, int], list[int]]:
    """Number in the record -> place in the molecule, and the element of each place."""
    atoms: Any = compound["atoms"]
    written, elements = atoms.get("aid"), atoms.get("element")
    if not isinstance(written, list) or not isinstance(elements, list) or not elements:
        raise RecordDropped("no structure")
    numbers = {aid: place for place, aid in enumerate(written) if isinstance(aid, int)}
    if not len(numbers) == len(written) == len(elements):
        raise RecordUnreadable(_BROKEN, f"{len(numbers)} atom numbers, {len(elements)} elements")
    return numbers, [_element(element) for element in elements]


def _element(written: JSON) -> int:
    if isinstance(written, str):
        if written in _UNDEFINED_WORDS:
            raise RecordDropped("undefined atoms (R groups) in the structure")
        try:
            return int(Chem.GetPeriodicTable().GetAtomicNumber(written.capitalize()))
        except RuntimeError:
            raise RecordUnreadable(_BROKEN, f"element {written[:20]!r}") from None
    if not isinstance(written, int) or written < 1:
        raise RecordUnreadable(_BROKEN, f"element {str(written)[:20]}")
    if written > _LAST_ELEMENT:
        raise RecordDropped("undefined atoms (R groups) in the structure")
    return written


def _bonds(
    compound: Mapping[str, JSON], numbers: Mapping[int, int]
) -> Iterator[tuple[int, int, int]]:
    bonds: Any = compound.get("bonds")
    if not isinstance(bonds, dict):
        return
    lists = [bonds.get(name) for name in ("aid1", "aid2", "order")]
    lengths = {len(found) if isinstance(found, list) else -1 for found in lists}
    if len(lengths) != 1 or -1 in lengths:
        raise RecordUnreadable(_BROKEN, "lists of bonds of several lengths")
    seen = set()
    for first, second, order in zip(*lists, strict=True):
        order = _ORDER_WORDS.get(order, 0) if isinstance(order, str) else _integer(order)
        if order not in _ORDERS:
            continue
        ends = (_place(first, numbers), _place(second, numbers))
        if ends[0] == ends[1] or frozenset(ends) in seen:
            raise RecordUnreadable(_BROKEN, f"bond {first}-{second}")
        seen.add(frozenset(ends))
        yield *ends, order


def _place(aid: Any, numbers: Mapping[int, int]) -> int:
    place = numbers.get(aid) if isinstance(aid, int) else None
    if place is None:
        raise RecordUnreadable(_BROKEN, f"no atom {str(aid)[:20]}")
    return place


def _set_atoms(
    molecule: molecules.Molecule, compound: Mapping[str, JSON], numbers: Mapping[int, int]
) -> None:
    atoms: Any = compound["atoms"]
    for found in _entries(atoms.get("charge"), "value"):
        molecule.GetAtomWithIdx(_place(found["aid"], numbers)).SetFormalCharge(found["value"])
    for found in _entries(atoms.get("isotope"), "value"):
        if found["value"] > 0:
            molecule.GetAtomWithIdx(_place(found["aid"], numbers)).SetIsotope(found["value"])
    radicals = atoms.get("radical")
    for found in radicals if isinstance(radicals, list) else ():
        if isinstance(found, dict):
            spin = found.get("type")
            spin = _SPIN_WORDS.get(spin) if isinstance(spin, str) else spin
            unpaired = _UNPAIRED.get(spin, 0) if isinstance(spin, int) else 0
            place = _place(found.get("aid"), numbers)
            molecule.GetAtomWithIdx(place).SetNumRadicalElectrons(unpaired)


def _entries(found: Any, value: str) -> Iterator[dict[str, Any]]:
    for entry in found if isinstance(found, list) else ():
        if not isinstance(entry, dict) or not -300 < _integer(entry.get(value)) < 400:
            raise RecordUnreadable(_BROKEN, f"{str(entry)[:60]}")
        yield entry


def _integer(value: Any) -> int:
    return value if isinstance(value, int) else 1_000


def _stereo(
    compound: Mapping[str, JSON], kind: str, known: tuple[int | str, ...]
) -> Iterator[Mapping[str, Any]]:
    """The centres or bonds of a kind whose configuration is known."""
    entries = compound.get("stereo")
    for entry in entries if isinstance(entries, list) else ():
        found = entry.get(kind) if isinstance(entry, dict) else None
        if isinstance(found, dict) and found.get("parity") in known:
            yield found


def _set_tetrahedral(
    molecule: molecules.Molecule, found: Mapping[str, Any], numbers: Mapping[int, int]
) -> None:
    """Looking from the atom above, the others are clockwise in the order top, bottom, below."""
    atom = molecule.GetAtomWithIdx(_place(found.get("center"), numbers))
    # A hydrogen or lone pair that is no atom of the record is -1; RDKit takes it for the last.
    order = [_beside(found, side, numbers) for side in ("above", "top", "bottom", "below")]
    bonded = [bond.GetOtherAtomIdx(atom.GetIdx()) for bond in atom.GetBonds()]
    bonded += [-1] * (len(order) - len(bonded))
    if sorted(order) != sorted(bonded) or len(set(order)) != len(order):
        return
    places = [bonded.index(place) for place in order]
    inversions = sum(a > b for i, a in enumerate(places) for b in places[i + 1 :])
    atom.SetChiralTag(
        Chem.ChiralType.CHI_TETRAHEDRAL_CCW
        if inversions % 2
        else Chem.ChiralType.CHI_TETRAHEDRAL_CW
    )


def _beside(found: Mapping[str, Any], side: str, numbers: Mapping[int, int]) -> int:
    """The place of the atom on one side; -1 for a hydrogen or lone pair that is no atom."""
    aid = found.get(side)
    return numbers.get(aid, -1) if isinstance(aid, int) else -1


def _planar_sides(
    molecule: molecules.Molecule, found: Mapping[str, Any], numbers: Mapping[int, int]
) -> tuple[int, int, int, int, bool] | None:
    """Both ends of a double bond, a neighbour of each, and whether these lie on one side of it.

    Atoms at the tops lie on one side, those at the bottoms on the other. None where the record
    describes no double bond.
    """
    ends = _place(found.get("left"), numbers), _place(found.get("right"), numbers)
    bond = molecule.GetBondBetweenAtoms(*ends)
    if bond is None or bond.GetBondType() != Chem.BondType.DOUBLE:
        return None
    chosen = []
    for end, top, bottom in ((ends[0], "ltop", "lbottom"), (ends[1], "rtop", "rbottom")):
        sides = [
            (molecule.GetAtomWithIdx(place).GetAtomicNum() == 1, side == bottom, place)
            for side in (top, bottom)
            if (place := _beside(found, side, numbers)) >= 0
            and molecule.GetBondBetweenAtoms(end, place) is not None
        ]
        if not sides:
            return None
        chosen.append(min(sides))
    return *ends, chosen[0][2], chosen[1][2], chosen[0][1] == chosen[1][1]


def _with_planar(
    molecule: molecules.Molecule, planar: list[tuple[int, int, int, int, bool]]
) -> molecules.Molecule:
    """The molecule without its explicit hydrogens, its double bonds with their geometry.

    RDKit forgets the geometry when it removes hydrogens, so that it is set after that. Hydrogens
    that tell it (of `N=C`) stay: they are numbered, and atoms with numbers are not removed.
    """
    for atom in molecule.GetAtoms():
        atom.SetIntProp(_PLACE, atom.GetIdx())
    for _, _, first, second, _ in planar:
        for place in (first, second):
            molecule.GetAtomWithIdx(place).SetAtomMapNum(1)
    parameters: Any = Chem.RemoveHsParameters()
    parameters.removeMapped = False
    folded = Chem.RWMol(Chem.RemoveHs(molecule, parameters))
    places = {atom.GetIntProp(_PLACE): atom.GetIdx() for atom in folded.GetAtoms()}
    for begin, end, first, second, together in planar:
        bond = folded.GetBondBetweenAtoms(places[begin], places[end])
        sides = [places[first], places[second]]
        bond.SetStereoAtoms(*(sides if bond.GetBeginAtomIdx() == places[begin] else sides[::-1]))
        bond.SetStereo(Chem.BondStereo.STEREOCIS if together else Chem.BondStereo.STEREOTRANS)
    for atom in folded.GetAtoms():
        atom.SetAtomMapNum(0)
        atom.ClearProp(_PLACE)
    if planar:
        Chem.SetDoubleBondNeighborDirections(folded)
    Chem.AssignStereochemistry(folded, cleanIt=True, force=True)
    return folded.GetMol()
