"""Golden documents: one whole source a format, and the text that a scientist would not correct.

`golden/` holds a source of each prose format, written for this project in the raw form of a real
producer, and beside it `FORMAT.expected.md`: every document of the source, its citations resolved,
its markers in their bracket spelling, and the reason of every record that gave none, in the order
of the records. A difference fails with its lines.

Where a change of a reader means to change a text, write the expected files anew and READ what
changed (`git diff tests/corpora/golden`) beside the source before it is committed:

    python -m tests.corpora.test_golden_documents          # all of them
    python -m tests.corpora.test_golden_documents jats tei
"""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora.catalogue import load_format
from corpora.citations import resolve
from corpora.documents import ReadOptions
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

GOLDEN = Path(__file__).parent / "golden"
SOURCES = {
    "latex": "latex",
    "jats": "jats.xml",
    "pubmed": "pubmed.xml",
    "tei": "tei.xml",
    "s2orc": "s2orc",
    "mediawiki": "mediawiki.xml",
    "stackexchange": "Posts.xml",
    "openstax": "openstax.cnxml",
    "math": "math.jsonl",
    "onesmallstep": "onesmallstep.yaml",
    "prompts": "prompts",
    "moleculenet": "moleculenet",
    "preferences": "preferences.jsonl",
    "dialogue": "dialogue.jsonl",
    "oeis": "oeis",
    "lipidmaps": "lipidmaps.sdf",
    "paperswithcode": "paperswithcode",
    "goldbook": "goldbook",
    "reactome": "reactome",
    "exoplanet": "exoplanet",
    "pubchem": "pubchem",
    "chemicals": "chemicals",
    "commoncrawl": "commoncrawl.wet",
    "code": "code/orbit",
    "gsm8k": "gsm8k.jsonl",
    "jsonl": "jsonl.jsonl",
    "uniprot": "uniprot.xml",
    "fasta": "fasta.fa",
    "genbank": "genbank.gb",
    "ribosome": "genbank.gb",
    "pdb": "pdb.pdb",
}


def documents(name: str) -> Iterator[str]:
    """What each record of a format's source became, under a line that names it."""
    reader, options = load_format(name), ReadOptions()
    for path in reader.find(GOLDEN / SOURCES[name]):
        for record in frame_records(reader, path, path.name, options):
            if isinstance(record, Refusal):
                yield f"===== {record.position}\n{_refused(record)}"
                continue
            read = read_record(reader, record, options, seconds=60)
            if isinstance(read, Refusal):
                yield f"===== {record.record_id}\n{_refused(read)}"
            else:
                yield f"===== {record.record_id}\n{reveal(resolve(read)[0].text)}"


def _refused(refusal: Refusal) -> str:
    return f"({'quarantined' if refusal.quarantined else 'dropped'}: {refusal.reason})"


def text_of(name: str) -> str:
    return "\n".join(documents(name)) + "\n"


def expected_file(name: str) -> Path:
    return GOLDEN / f"{name}.expected.md"


@pytest.mark.parametrize("name", SOURCES)
def test_the_text_of_a_source_is_the_one_that_was_read_and_approved(name: str) -> None:
    expected = expected_file(name).read_text(encoding="utf-8")
    given = text_of(name)
    difference = "\n".join(
        difflib.unified_diff(
            expected.splitlines(),
            given.splitlines(),
            f"{name}: approved",
            f"{name}: given now",
            lineterm="",
            n=1,
        )
    )
    # Line ends and the end of the file count too, which a difference by lines does not show.
    assert given == expected, f"\n{difference or 'only line ends differ'}"


def test_every_expected_file_has_its_source() -> None:
    assert {path.name for path in GOLDEN.glob("*.expected.md")} == {
        expected_file(name).name for name in SOURCES
    }


if __name__ == "__main__":
    for chosen in sys.argv[1:] or SOURCES:
        expected_file(chosen).write_text(text_of(chosen), encoding="utf-8")
