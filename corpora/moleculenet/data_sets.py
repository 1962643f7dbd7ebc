"""Which data set of MoleculeNet a table is, told by its columns, and how the field splits it.

The splits are those that MoleculeNet recommends (Wu et al. 2018, arXiv:1703.00564, table 3).
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from corpora.documents import RecordUnreadable
from corpora.moleculenet import tasks
from corpora.moleculenet.tasks import Task
from tokenization.marked_text import clean

SplitKind = Literal["scaffold", "random"]
#: Names of the column with the structure.
SMILES_COLUMNS: Final = ("smiles", "mol", "structure", "canonical_smiles", "smile")
#: The column of the one label in releases that name their tasks by the file.
_LABEL: Final = "label"
#: Names of a column with the sequence of a target protein.
SEQUENCE_COLUMNS: Final = ("target_sequence", "protein_sequence", "target_protein", "sequence")
#: Names of a column with that protein's name.
TARGET_COLUMNS: Final = ("target_name", "protein_name")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set. A table is one where it has `least` of the tasks' columns and all of `beside`,
    or, with the former, one of `words` in its file's name; in such a file a single column `label`
    may stand for its first task. Where `assays` is given, every column of this
    pattern is a task, that `assay` makes."""

    name: str
    tasks: tuple[Task, ...]
    split: SplitKind
    least: int = 1
    beside: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    assays: re.Pattern[str] | None = None
    assay: Callable[[str], Task] | None = None


#: Those that need more of a table's columns come first.
DATA_SETS: Final = (
    DataSet("QM9", tasks.QM9, "random", 3, ("homo", "lumo")),
    DataSet("Tox21", tasks.TOX21, "random", 3),
    DataSet("SIDER", tasks.SIDER, "random", 3),
    DataSet("ClinTox", tasks.CLINTOX, "random", 2),
    DataSet("HIV", tasks.HIV, "scaffold", words=("hiv",)),
    DataSet("BBBP", tasks.BBBP, "scaffold", words=("bbbp",)),
    DataSet("BACE", tasks.BACE, "scaffold", 1, ("pIC50",), ("bace",)),
    DataSet("ESOL", tasks.ESOL, "random", words=("esol", "delaney")),
    DataSet("FreeSolv", tasks.FREESOLV, "random", 1, ("calc",), ("freesolv", "sampl")),
    DataSet("Lipophilicity", tasks.LIPOPHILICITY, "random", 1, ("CMPD_CHEMBLID",), ("lipo",)),
    DataSet("QM8", tasks.QM8, "random", 6),
    DataSet("PCBA", (), "random", 1, assays=re.compile(r"PCBA-\d{1,9}"), assay=tasks.bioassay),
    DataSet("MUV", (), "random", 1, assays=re.compile(r"MUV-\d{1,9}"), assay=tasks.bioassay),
    DataSet(
        "ToxCast",
        (),
        "random",
        3,
        assays=re.compile(
            r"(?:ACEA|APR|ATG|BSK|CEETOX|CLD|NCCT|NHEERL|NVS|OT|TOX21|Tanguay)_\w{1,100}", re.ASCII
        ),
        assay=tasks.toxcast_assay,
    ),
    DataSet("QM7", tasks.QM7, "random", 1, (), ("qm7",)),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A data set and the columns of one table that hold it."""

    data_set: DataSet
    tasks: tuple[Task, ...]
    smiles: str | None  # None where the structures lie in a file beside
    columns: Mapping[str, str]  # a task's name -> its column
    sequence: str | None
    target: str | None


def layout_of(columns: Collection[str], file_name: str, *, structures_beside: bool) -> Layout:
    """The layout of a table with these columns; its structures may lie beside, in an SDF file.

    Raises RecordUnreadable for a table that is no data set of MoleculeNet or has no structures.
    """
    there = {_plain(column): column for column in reversed(list(columns))}
    for data_set in DATA_SETS:
        asked = _tasks(data_set, columns)
        # At the start of a word: freesolv is no esol.
        named = any(re.search(f"(?<![a-z]){w}", file_name.lower()) for w in data_set.words)
        found = {
            task.name: there[plain]
            for task in asked
            for name in reversed(task.columns)
            if (plain := _plain(name)) in there
        }
        beside = bool(data_set.beside) and all(_plain(n) in there for n in data_set.beside)
        if not found and named and _LABEL in there:
            found = {asked[0].name: there[_LABEL]}
        sure = beside or named or not data_set.beside
        own_name = any(_plain(column) in data_set.words for column in found.values())
        if len(found) >= data_set.least and (sure or own_name):
            smiles = _first(there, SMILES_COLUMNS)
            if smiles is None and not structures_beside:
                detail = f"{data_set.name} without one of {', '.join(SMILES_COLUMNS)}"
                raise RecordUnreadable("no column of structures", detail)
            sequence, target = _first(there, SEQUENCE_COLUMNS), _first(there, TARGET_COLUMNS)
            return Layout(data_set, asked, smiles, found, sequence, target)
    names = ", ".join(clean(column) for column in list(columns)[:20])
    known = ", ".join(data_set.name for data_set in DATA_SETS)
    raise RecordUnreadable(
        "no data set of MoleculeNet", f"its columns are {names}; known are {known}"
    )


def _tasks(data_set: DataSet, columns: Collection[str]) -> tuple[Task, ...]:
    if data_set.assays is None or data_set.assay is None:
        return data_set.tasks
    return tuple(data_set.assay(name) for name in columns if data_set.assays.fullmatch(name))


def _first(there: Mapping[str, str], names: Collection[str]) -> str | None:
    return next((there[name] for name in map(_plain, names) if name in there), None)


def _plain(name: str) -> str:
    """A column's name without its case and punctuation, which releases write differently."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())
