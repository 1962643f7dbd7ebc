"""How much of each evaluation stands in the corpus: one list of its records, and its counts."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipelines.decontamination.evaluation_files import EvaluationFiles
from pipelines.documents_table import TRAIN
from pipelines.execution import Outcome
from pipelines.parts import REASON, read_verdict
from tokenization.manifests import Manifest, atomic_file

NOT_FOUND: Final = "in no document"


@dataclass(frozen=True, slots=True)
class SummaryArgument:
    """The hits of all parts to the records of one evaluation that were found.

    `hits` are the lists of the parts; a line of `found` is a record with the number of documents.
    """

    evaluation: EvaluationFiles
    hits: tuple[Path, ...]
    found: Path


def summarize_evaluation(argument: SummaryArgument) -> Outcome:
    """Write the records of an evaluation that stand in documents, so that scores can be given with
    and without them."""
    records = read_verdict(argument.evaluation.records, "record")
    documents: Counter[int] = Counter()
    training: Counter[int] = Counter()
    for path in argument.hits:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                hit = json.loads(line)
                if hit["evaluation"] == argument.evaluation.name:
                    documents[hit["record_number"]] += 1
                    training[hit["record_number"]] += hit["split"] == TRAIN
    argument.found.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(argument.found) as temporary, temporary.open("w", encoding="utf-8") as stream:
        for number, count in sorted(documents.items()):
            found = {
                "record": records["record"][number],
                "record_number": number,
                "documents": count,
                "training_documents": training[number],
            }
            stream.write(json.dumps(found, ensure_ascii=False, sort_keys=True) + "\n")
    compared = sum(reason is None for reason in records[REASON])
    missing = compared - len(documents)
    return Outcome(
        outputs=[argument.found],
        read=compared,
        wrote=len(documents),
        dropped={NOT_FOUND: missing} if missing else {},
        facts={"evaluation": argument.evaluation.name},
    )


def contamination_summary(
    evaluations: Sequence[Manifest], removals: Sequence[Manifest], found: Sequence[Manifest]
) -> list[dict[str, Any]]:
    """For each evaluation, from the manifests of the stages: what was found and what went.

    `records` are all, `records_compared` those with words enough, `records_found` those that stand
    in any document, `share_found` their part of those compared.
    """
    totals: dict[str, Counter[str]] = {m.facts["evaluation"]: Counter() for m in evaluations}
    for manifest in removals:
        for name, counts in manifest.facts["evaluations"].items():
            totals[name].update(counts)
    return [
        {
            "evaluation": (name := indexed.facts["evaluation"]),
            "records": indexed.read,
            "records_compared": indexed.wrote,
            "records_not_compared": dict(indexed.dropped),
            "records_found": listed.wrote,
            "share_found": round(listed.wrote / indexed.wrote, 6),
            "documents": totals[name]["documents"],
            "paragraphs": totals[name]["paragraphs"],
            "bytes": totals[name]["bytes"],
            "held_out_documents": totals[name]["held_out_documents"],
        }
        for indexed, listed in zip(evaluations, found, strict=True)
    ]
