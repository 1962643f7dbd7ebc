"""Documents in their final form: what others hold, and what an evaluation holds, is taken out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.documents_table import DocumentRow, read_documents, write_documents
from pipelines.execution import Outcome


@dataclass(frozen=True, slots=True)
class FinishArgument:
    """One resolved part to one part of documents."""

    resolved: Path
    documents: Path


def finish_documents(argument: FinishArgument) -> Outcome:
    """Write the documents of a part in their final form."""
    splits: Counter[str] = Counter()
    num_bytes = 0
    read = 0

    def rows() -> Iterator[DocumentRow]:
        nonlocal read, num_bytes
        for row in read_documents(argument.resolved):
            read += 1
            splits[row.split] += 1
            num_bytes += row.num_bytes
            yield row

    wrote = write_documents(argument.documents, rows())
    return Outcome(
        outputs=[argument.documents],
        read=read,
        wrote=wrote,
        facts={"splits": dict(sorted(splits.items())), "text_bytes": num_bytes},
    )
