"""A label as a prompt: the molecule in its markers, a question in words, and the answer.

The first form is that of Galactica's prompts (Taylor et al. 2022, section 3.2 and figure 4); a
seed chooses among several, so that a model does not learn one wording.
"""

import math
from collections import Counter
from functools import lru_cache
from typing import Final

from corpora import molecules
from corpora.documents import (
    Document,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.moleculenet.records import MISSING, Label
from corpora.moleculenet.splitting import MAX_SCAFFOLD_ATOMS, TRAIN, random_split
from corpora.moleculenet.tasks import ATOM_ENERGIES, Task
from corpora.seeded_choices import choice
from corpora.sequences import protein
from corpora.table_rows import choice_key
from corpora.text_columns import tidy
from tokenization.marked_text import clean
from tokenization.wrappers import amino, isomeric_smiles

_LAYOUTS: Final = (
    "Here is a SMILES formula:\n\n{molecule}\n\n{target}Question: {question}\n\nAnswer: {answer}",
    "{molecule}\n\n{target}Question: {question}\n\nAnswer: {answer}",
    "{target}Question: {question}\n\n{molecule}\n\nAnswer: {answer}",
    "A compound has the SMILES {molecule}.\n\n{target}{question} {answer}",
)
_NUMBER_QUESTIONS: Final = (
    "What is {of_compound}?",
    "Give {of_compound}.",
    "For this compound, what is {quantity}?",
)
_HELD_OUT: Final = "held out: {} split"
#: Digits that a float of the files has at most; more are noise of the machine that wrote it.
_DIGITS: Final = 10


def read(record: Record, options: ReadOptions) -> Document:
    """The prompt of one molecule and task. Metadata: `data_set`, `task`, `label`, `smiles`.

    Raises RecordUnreadable for a structure that RDKit refuses, a label that is none or is in
    another unit, and a target that is no protein; RecordDropped for what is held out or has no
    label.
    """
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    label: Label = record.payload
    if label.held_out_file:
        raise RecordDropped("not of a train split")
    if label.written in MISSING:
        raise RecordDropped("no label")
    cleaned: Counter[str] = Counter()
    structure = _structure(clean(label.smiles, cleaned))
    if isinstance(structure, RecordUnreadable):
        if label.leads:
            raise structure
        raise RecordDropped("its structure is in quarantine")
    smiles, drawn, atom_energy = structure
    if label.divided:
        split = label.by_scaffold or drawn
        if split != TRAIN:
            raise RecordDropped(_HELD_OUT.format(split))
    task = label.task
    answer, value = _answer(task, label.written, atom_energy)
    named = " ".join(tidy(label.target, cleaned).split())
    target = _target(named or task.target, clean(label.sequence, cleaned))
    key = f"{choice_key(label.row_id)}/{task.name}"
    question = _question(task, options.seed, key)
    layout = choice(list(_LAYOUTS), options.seed, key, "moleculenet: layout")
    text = layout.format(
        molecule=isomeric_smiles(smiles), target=target, question=question, answer=answer
    )
    return Document(
        record.record_id,
        text,
        {"data_set": label.data_set, "task": task.name, "label": value, "smiles": smiles},
        cleaned=cleaned,
    )


@lru_cache(maxsize=64)
def _structure(smiles: str) -> tuple[str, str, float | None] | RecordUnreadable:
    """The kekulized isomeric SMILES, the random split, and the energy of the free atoms, where all
    are of QM9; cached for the tasks of a molecule."""
    if not smiles:
        return RecordUnreadable("no structure", "the SMILES is empty")
    try:
        is_molfile = "\n" in smiles
        molecule = (molecules.from_mol_block if is_molfile else molecules.from_smiles)(smiles)
        if not molecule.GetNumAtoms():
            raise RecordUnreadable("no structure", "the SMILES has no atom")
        if molecule.GetNumAtoms() > MAX_SCAFFOLD_ATOMS:
            raise RecordUnreadable("molecule too large", f"the limit is {MAX_SCAFFOLD_ATOMS} atoms")
        if any(atom.GetAtomicNum() == 0 for atom in molecule.GetAtoms()):
            raise RecordUnreadable("undefined atoms (R groups) in the structure", smiles[:200])
    except RecordUnreadable as fault:
        return fault
    return molecules.smiles_pair(molecule)[0], random_split(molecule), _atom_energy(molecule)


def _atom_energy(molecule: molecules.Molecule) -> float | None:
    energy = 0.0
    for atom in molecule.GetAtoms():
        if atom.GetAtomicNum() not in ATOM_ENERGIES:
            return None
        energy += ATOM_ENERGIES[atom.GetAtomicNum()]
        energy += ATOM_ENERGIES[1] * atom.GetTotalNumHs()
    return energy


def _question(task: Task, seed: int, key: str) -> str:
    purpose = "moleculenet: question"
    if task.questions:
        return choice(list(task.questions), seed, key, purpose)
    form = choice(list(_NUMBER_QUESTIONS), seed, key, purpose)
    of_compound = task.quantity.replace("its ", "this compound's ", 1)
    return form.format(quantity=task.quantity, of_compound=of_compound)


def _answer(task: Task, written: str, atom_energy: float | None) -> tuple[str, int | float]:
    try:
        value = float(written)
    except ValueError:
        raise RecordUnreadable("not a label", f"{task.name} is {clean(written)[:80]!r}") from None
    if task.questions:
        if value not in (0, 1):
            raise RecordUnreadable("not a label", f"{task.name} is {written}, not 0 or 1")
        return ("Yes" if value else "No"), int(value)
    if not math.isfinite(value):
        raise RecordUnreadable("not a label", f"{task.name} is {written}")
    least, most = task.limits or (-math.inf, math.inf)
    if task.is_total_energy and atom_energy is not None:
        # Bonds are one or two percent of what atoms have by themselves.
        least, most = 1.03 * atom_energy - 1, atom_energy
    if not least <= value <= most:
        raise RecordUnreadable(
            "value in another unit", f"{task.name} is {written}; in{task.unit} it cannot be"
        )
    return printed_number(written, value) + task.unit, value


def printed_number(written: str, value: float) -> str:
    """A number as it is written, without the noise of floating point.

    >>> printed_number("0.044749000000000004", 0.044749000000000004), printed_number("-3.30", -3.3)
    ('0.044749', '-3.30')
    >>> printed_number("1e-05", 1e-05)
    '0.00001'
    """
    digits = written.lstrip("+-").replace(".", "", 1)
    if digits.isdecimal() and digits.isascii() and len(digits.lstrip("0")) <= _DIGITS:
        return written.removeprefix("+")
    shown = f"{value:.{_DIGITS}g}"
    return shown if "e" not in shown else f"{value:.15f}".rstrip("0").rstrip(".")


def _target(name: str, sequence: str) -> str:
    if not sequence:
        return ""
    try:
        residues = protein(sequence)
    except ValueError as error:
        raise RecordUnreadable("target is no protein", str(error)) from None
    written = amino(str(residues))
    return f"Here is the sequence of {name or 'the target protein'}:\n\n{written}\n\n"
