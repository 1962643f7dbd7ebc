"""Molecules through RDKit: parsing with RDKit's own complaint, kekulized SMILES, properties.

SMILES are written as PubChem writes them, kekulized (`C1=CC=CC=C1`), and are canonical: the same
structure gives the same string whatever order its atoms came in. RDKit's log never reaches the
terminal: it is blocked while a molecule is parsed and, where RDKit refuses one, read for why.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import takewhile
from typing import Any, Final

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors

from corpora.documents import RecordUnreadable

#: An `rdkit.Chem.Mol`; RDKit ships no types.
Molecule = Any

REFUSED: Final = "RDKit refuses the structure"
#: Canonicalizing a chain of 10,000 atoms takes seconds; PubChem's largest compounds have 1,000.
MAX_ATOMS: Final = 10_000

# Chirality, double-bond geometry and isotopes, as SMILES spells them.
_ISOMERIC: Final = re.compile(r"[@/\\]|\[\d")
# `C6H12O6`, `C2H3O2-`, `C12[13C]H10O`, `Fe+3`.
_FORMULA: Final = re.compile(r"((?:(?:[A-Z][a-z]?|\[\d+[A-Z][a-z]?\])\d{0,9})+)([+-]\d{0,9})?")
_ELEMENT: Final = re.compile(r"(?:\[\d+)?([A-Z][a-z]?)\]?(\d{0,9})")
# What RDKit logs about its own source code.
_INTERNALS: Final = re.compile(r"\*\*\*\*|Violation occurred|Failed Expression|RDKIT:|BOOST:|---")
_LOG_TIME: Final = re.compile(r"^\[\d\d:\d\d:\d\d\]\s*")


def from_mol_block(block: str) -> Molecule:
    """The sanitized molecule of a molfile (V2000 or V3000), stereo perceived, explicit H folded.

    Raises RecordUnreadable with RDKit's message where it refuses the block, and for more than
    `MAX_ATOMS` atoms.
    """
    _check_size(block.count("\n"))
    return _parsed(lambda: Chem.MolFromMolBlock(block))


def from_smiles(smiles: str) -> Molecule:
    """The sanitized molecule of a SMILES string; raises like `from_mol_block`.

    >>> from_smiles("C(C)(C)(C)(C)C")
    Traceback (most recent call last):
    ...
    corpora.documents.RecordUnreadable: RDKit refuses the structure: Explicit valence for atom \
# 0 C, 5, is greater than permitted
    """
    _check_size(len(smiles))
    return _parsed(lambda: Chem.MolFromSmiles(smiles))


def smiles_pair(molecule: Molecule) -> tuple[str, str]:
    """The isomeric and the connectivity-only SMILES, both kekulized and canonical.

    The second leaves out stereo and isotopes; the two are equal where there is neither.

    >>> smiles_pair(from_smiles("N[C@@H](C)c1ccccc1"))
    ('C[C@H](N)C1=CC=CC=C1', 'CC(N)C1=CC=CC=C1')
    """
    with rdBase.BlockLogs():
        isomeric = _kekulized(Chem.MolToSmiles(molecule))
        if not _ISOMERIC.search(isomeric):
            return isomeric, isomeric
        plain = Chem.Mol(molecule)
        for atom in plain.GetAtoms():
            atom.SetIsotope(0)
        plain = Chem.RemoveHs(plain)
        return isomeric, _kekulized(Chem.MolToSmiles(plain, isomericSmiles=False))


def _kekulized(canonical: str) -> str:
    """Canonical aromatic SMILES rewritten with alternating bonds.

    Starting from the canonical string fixes which of the Kekulé forms is taken. A string RDKit
    cannot read back (rare metal complexes) keeps the form it has.
    """
    molecule: Molecule = Chem.MolFromSmiles(canonical)
    if molecule is None or not any(atom.GetIsAromatic() for atom in molecule.GetAtoms()):
        return str(canonical)
    Chem.Kekulize(molecule, clearAromaticFlags=True)
    return str(Chem.MolToSmiles(molecule, kekuleSmiles=True))


def formula(molecule: Molecule) -> str:
    """The molecular formula in Hill order, isotopes not told apart, the charge last (`C2H3O2-`)."""
    return str(rdMolDescriptors.CalcMolFormula(molecule))


def element_counts(written_formula: str) -> Counter[str] | None:
    """The atoms of a formula in any order, deuterium and tritium as H; None if it is no formula.

    >>> element_counts("D2O") == element_counts("H2O")
    True
    >>> element_counts("2H2O.Th") is None
    True
    """
    match = _FORMULA.fullmatch(written_formula)
    if match is None:
        return None
    counts: Counter[str] = Counter()
    for element, number in _ELEMENT.findall(match[1]):
        counts["H" if element in ("D", "T") else element] += int(number or 1)
    return counts


def properties(molecule: Molecule) -> dict[str, str]:
    """The properties RDKit can compute, under PubChem's names and in its order (g/mol, Å²).

    The donor, acceptor and rotatable-bond counts follow RDKit's definitions, which differ from
    PubChem's (Cactvs) for some groups. RDKit has neither XLogP3 nor PubChem's complexity.
    """
    atom_centres = {True: 0, False: 0}
    bond_centres = {True: 0, False: 0}
    with rdBase.BlockLogs():
        for element in Chem.FindPotentialStereo(molecule):
            centres = bond_centres if element.type == Chem.StereoType.Bond_Double else atom_centres
            centres[element.specified == Chem.StereoSpecified.Specified] += 1
        isotopes = sum(1 for atom in molecule.GetAtoms() if atom.GetIsotope())
        return {
            "Molecular Weight": f"{rdMolDescriptors._CalcMolWt(molecule):.2f} g/mol",
            "Hydrogen Bond Donor Count": str(rdMolDescriptors.CalcNumHBD(molecule)),
            "Hydrogen Bond Acceptor Count": str(rdMolDescriptors.CalcNumHBA(molecule)),
            "Rotatable Bond Count": str(rdMolDescriptors.CalcNumRotatableBonds(molecule)),
            "Exact Mass": f"{exact_mass(molecule):.6f} g/mol",
            "Monoisotopic Mass": f"{rdMolDescriptors.CalcExactMolWt(molecule):.6f} g/mol",
            # PubChem's surface area counts S and P, RDKit's default does not.
            "Topological Polar Surface Area": (
                f"{rdMolDescriptors.CalcTPSA(molecule, includeSandP=True):.1f}".removesuffix(".0")
                + " Å²"
            ),
            "Heavy Atom Count": str(molecule.GetNumHeavyAtoms()),
            "Formal Charge": str(Chem.GetFormalCharge(molecule)),
            "Isotope Atom Count": str(isotopes),
            "Defined Atom Stereocenter Count": str(atom_centres[True]),
            "Undefined Atom Stereocenter Count": str(atom_centres[False]),
            "Defined Bond Stereocenter Count": str(bond_centres[True]),
            "Undefined Bond Stereocenter Count": str(bond_centres[False]),
            "Covalently-Bonded Unit Count": str(len(Chem.GetMolFrags(molecule))),
        }


def exact_mass(molecule: Molecule) -> float:
    """The mass of the most likely isotopic composition, in daltons (PubChem's "Exact Mass").

    It is the monoisotopic mass but where many atoms of one element make another composition
    likelier: hexachlorobenzene most often holds one chlorine-37.

    >>> round(exact_mass(from_smiles("Clc1c(Cl)c(Cl)c(Cl)c(Cl)c1Cl")), 3)
    283.81
    """
    table = Chem.GetPeriodicTable()
    mass = 0.0
    unlabelled: Counter[int] = Counter()
    for atom in molecule.GetAtoms():
        number, isotope = atom.GetAtomicNum(), atom.GetIsotope()
        if isotope:
            mass += table.GetMassForIsotope(number, isotope)
        else:
            unlabelled[number] += 1
        unlabelled[1] += atom.GetTotalNumHs()
    for number, count in sorted(unlabelled.items()):
        mass += _likeliest_mass(number, count)
    return mass - Chem.GetFormalCharge(molecule) * _ELECTRON_MASS


#: In daltons (CODATA 2018).
_ELECTRON_MASS: Final = 0.000548579909


@lru_cache(maxsize=4096)
def _likeliest_mass(atomic_number: int, count: int) -> float:
    """The mass of the likeliest isotopes of `count` atoms: the mode of a multinomial distribution.

    Adding each atom as the isotope that gains most, abundance / (its atoms + 1), reaches the mode.
    """
    isotopes = _isotopes(atomic_number)
    if len(isotopes) == 1:
        return isotopes[0][0] * count
    atoms = [0] * len(isotopes)
    for _ in range(count):
        best = max(range(len(isotopes)), key=lambda i: isotopes[i][1] / (atoms[i] + 1))
        atoms[best] += 1
    return sum(number * mass for number, (mass, _) in zip(atoms, isotopes, strict=True))


@lru_cache(maxsize=256)
def _isotopes(atomic_number: int) -> list[tuple[float, float]]:
    """Mass and natural abundance of each isotope; RDKit's commonest where none is natural."""
    table = Chem.GetPeriodicTable()
    common = table.GetMostCommonIsotope(atomic_number)
    found = [
        (table.GetMassForIsotope(atomic_number, number), abundance)
        for number in range(1, 3 * max(atomic_number, 1) + 3)
        if (abundance := table.GetAbundanceForIsotope(atomic_number, number)) > 0
    ]
    return found or [(table.GetMassForIsotope(atomic_number, common), 1.0)]


def _check_size(written: int) -> None:
    """Refuses what could not but be too large: SMILES characters or molfile lines, 4 an atom."""
    if written > 4 * MAX_ATOMS:
        raise RecordUnreadable("molecule too large", f"the limit is {MAX_ATOMS} atoms")


def _parsed(parse: Callable[[], Molecule]) -> Molecule:
    with rdBase.BlockLogs():
        try:
            molecule = parse()
        except (RuntimeError, ValueError) as error:
            raise RecordUnreadable(REFUSED, str(error).strip().split("\n")[0][:300]) from None
    if molecule is None:
        with _rdkit_log() as messages:
            parse()
        # A stack trace names files of this machine.
        said = takewhile(lambda message: not message.startswith("Stacktrace"), messages)
        raise RecordUnreadable(REFUSED, "; ".join(said)[:300] or "no reason given")
    if molecule.GetNumAtoms() > MAX_ATOMS:
        raise RecordUnreadable("molecule too large", f"the limit is {MAX_ATOMS} atoms")
    table = Chem.GetPeriodicTable()
    for atom in molecule.GetAtoms():
        isotope, number = atom.GetIsotope(), atom.GetAtomicNum()
        if isotope and number and not table.GetMassForIsotope(number, isotope):
            raise RecordUnreadable("unknown isotope", f"{isotope}{atom.GetSymbol()}")
    return molecule


@contextmanager
def _rdkit_log() -> Iterator[list[str]]:
    """RDKit's messages as a list, instead of on the standard error stream."""
    messages: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = _LOG_TIME.sub("", record.getMessage()).strip()
            if message and not _INTERNALS.match(message):
                messages.append(message)

    logger = logging.getLogger("rdkit")
    before = (logger.handlers[:], logger.propagate)
    rdBase.LogToPythonLogger()
    logger.handlers, logger.propagate = [Collect()], False
    try:
        yield messages
    finally:
        rdBase.LogToCppStreams()
        logger.handlers, logger.propagate = before
