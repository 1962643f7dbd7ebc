"""Sequences of the proteins that an assay is about, from a FASTA file beside the data set.

An entry belongs to a task where its first word is the task's name (`>NR-AR`) or holds the target's
UniProt accession (`>sp|P10275|ANDR_HUMAN`).
"""

import re
from collections.abc import Iterable
from pathlib import Path

from Bio.SeqIO.FastaIO import SimpleFastaParser

from corpora.documents import RecordUnreadable
from corpora.moleculenet.tasks import Task
from corpora.sequences import protein

#: Names that a file of targets has beside its data set.
NAMES = ("targets.fasta", "targets.fa", "targets.faa")
#: Larger files are no list of a dozen proteins.
MAX_BYTES = 16 * 1024 * 1024


def target_sequences(path: Path, tasks: Iterable[Task]) -> dict[str, str]:
    """A task's name -> the sequence of its target, for those that the file has.

    Raises RecordUnreadable for a file that is no FASTA of proteins.
    """
    if path.stat().st_size > MAX_BYTES:
        raise RecordUnreadable("file of targets too large", f"{path.name}: over {MAX_BYTES} bytes")
    listed = list(tasks)
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8") as stream:
            for title, sequence in SimpleFastaParser(stream):
                words = set(re.split(r"[|\s]", title))
                for task in listed:
                    if task.name in words or (task.accession and task.accession in words):
                        found.setdefault(task.name, str(protein(sequence)))
    except ValueError as error:
        raise RecordUnreadable("no FASTA of proteins", f"{path.name}: {error}") from None
    return found


def file_beside(path: Path) -> Path | None:
    """The file of targets in a data set's folder, by one of `NAMES`; None where there is none."""
    return next((file for name in NAMES if (file := path.parent / name).is_file()), None)
