"""Which documents differ, once their sums do: the second look, at a few shares of the ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from pipelines.documents_table import read_documents
from pipelines.execution import Executor
from pipelines.verification.document_sums import DocumentSums, bucket_of, document_hash
from pipelines.verification.files import FileCheck, decoder_of
from pipelines.verification.token_files import decoded, read_shard, read_tokens

#: Shares of the ids that are looked at, of each split; what is found in them stands for the rest.
_SHARES = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents of a file whose ids are in some buckets, by split."""

    check: FileCheck
    buckets: Mapping[str, frozenset[int]]

    def __str__(self) -> str:
        return str(self.check)


def select_documents(selection: Selection) -> list[tuple[str, str, int]]:
    """The split, id and hash of each chosen document, whichever way the file holds it."""
    check = selection.check
    path, decoder = check.root / check.name, decoder_of(check.root)

    def rows() -> Iterator[tuple[str, str, str, bytes]]:
        if path.suffix == ".parquet":
            for row in read_documents(path):
                if _chosen(row.split, row.doc_id):
                    yield row.doc_id, row.source, row.split, decoder.expected(row.text)
            return
        is_shard = check.name.startswith("shards/")
        for batch in read_shard(path, path.parent.name) if is_shard else read_tokens(path):
            yield from decoded(batch, decoder)

    def _chosen(split: str, doc_id: str) -> bool:
        return bucket_of(doc_id) in selection.buckets.get(split, ())

    return [
        (split, doc_id, document_hash(source, doc_id, text))
        for doc_id, source, split, text in rows()
        if _chosen(split, doc_id)
    ]


def differences(
    executor: Executor,
    documents: Sequence[FileCheck],
    others: Sequence[FileCheck],
    sums: tuple[DocumentSums, DocumentSums],
    other_name: str,
) -> Iterator[str]:
    """Name documents that token files or shards hold in another form, not, or too many of."""
    buckets = {
        split: frozenset(islice(found, _SHARES))
        for split, found in sums[0].differing(sums[1]).items()
    }
    if not buckets:
        return

    def gather(files: Sequence[FileCheck]) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        selections = [Selection(check, buckets) for check in files]
        for _, rows in executor.run(select_documents, selections):
            for split, doc_id, value in rows:
                found.setdefault((split, doc_id), []).append(value)
        return found

    ours, theirs = gather(documents), gather(others)
    for split, doc_id in sorted(ours.keys() | theirs.keys()):
        mine, its = ours.get((split, doc_id), []), theirs.get((split, doc_id), [])
        if sorted(mine) == sorted(its):
            continue
        if len(mine) != len(its):
            yield f"{doc_id} ({split}): {len(mine)} in documents/, {len(its)} in {other_name}"
        else:
            yield f"{doc_id} ({split}): {other_name} do not decode to its text"
