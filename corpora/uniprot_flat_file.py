"""The lines of a UniProt flat-file entry: what Bio.SwissProt parses, and what it would spoil.

Bio.SwissProt gives the names of things (accessions, organism, lineage, genes, references,
keywords, features, sequence). Comments and protein names are read from the lines themselves: it
joins every line of a comment by a space (`4,2',4',6'- tetrahydroxychalcone`), and protein names are
one item a line. Format: UniProt Knowledgebase user manual, https://web.expasy.org/docs/userman.html
"""

import io
import re
import warnings
from collections.abc import Iterable
from typing import Any, Final

from Bio import SwissProt

from corpora.documents import RecordUnreadable

MALFORMED: Final = "malformed entry"

# Lines this reader has no use for, or reads itself: a fault in one must not cost the entry.
_NOT_FOR_BIOPYTHON: Final = frozenset(
    ("CC", "DE", "DR", "DT", "KW", "OH", "PE", "RC", "RM", "RP", "**")
)
_NEEDED: Final = {"AC": "accession", "SQ": "sequence"}
# Biopython appends each line to a copy of what it has: endless lines would take it for ever.
_MOST_LINES: Final = {"GN": 2_000, "OG": 2_000}
_CONTINUED_FEATURE: Final = re.compile(r"(?:FT {19}.*\n){5000}")
_TOPIC: Final = re.compile(r"[A-Z][A-Z ()-]{2,40}")
_EVIDENCE: Final = re.compile(r"(\.?) ?\{ECO:[^{}]*\}(\.?)")
_INLINE_EVIDENCE: Final = re.compile(r" ?\{ECO:[^{}]*\}")
# `alpha- and beta-tubulin`: the only words before which a hyphen at a line's end keeps its space.
_SUSPENDED: Final = re.compile(r"(?:and|or|to)\b")


def lines_by_code(text: str) -> dict[str, list[str]]:
    """The contents of an entry's lines from column 6 on, by their two-letter code, in order.

    Raises RecordUnreadable for an entry without an accession or an SQ line.
    """
    lines: dict[str, list[str]] = {}
    for line in text.strip("\n").split("\n"):
        lines.setdefault(line[:2], []).append(line[5:].rstrip())
    for code, what in _NEEDED.items():
        if not any(lines.get(code, ())):
            raise RecordUnreadable(f"no {what}", f"the entry has no {code} line")
    return lines


def parse(text: str) -> Any:
    """The entry as a `Bio.SwissProt.Record`; what Biopython cannot parse is RecordUnreadable."""
    for code, most in _MOST_LINES.items():
        if text.count(f"\n{code}   ") > most:
            raise RecordUnreadable(MALFORMED, f"more than {most} {code} lines")
    if _CONTINUED_FEATURE.search(text):
        raise RecordUnreadable(MALFORMED, "a feature of 5000 lines")
    kept = [
        line
        for line in _INLINE_EVIDENCE.sub("", _modern_gene_names(text)).strip("\n").split("\n")
        if line.strip() and line[:2] not in _NOT_FOR_BIOPYTHON
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return SwissProt.read(io.StringIO("\n".join([*kept, "//", ""])))
        except (ValueError, AssertionError, LookupError, AttributeError) as error:
            raise RecordUnreadable(MALFORMED, f"{type(error).__name__}: {error}"[:300]) from None


def joined(lines: Iterable[str]) -> str:
    """Wrapped lines as one: a line broken after a hyphen goes on without a space.

    >>> joined(["the product 4,2',4',6'-", "tetrahydroxychalcone, alpha-", "and beta-tubulin"])
    "the product 4,2',4',6'-tetrahydroxychalcone, alpha- and beta-tubulin"
    """
    parts: list[str] = []
    for line in lines:
        part = " ".join(line.split())
        if not part:
            continue
        before = parts[-1] if parts else "-"
        if not before.endswith("-") or before.endswith(" -") or _SUSPENDED.match(part):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


def without_evidence(text: str) -> str:
    """Text without its evidence tags, one period where a tag stood between two, single spaces.

    >>> without_evidence("Belongs to a family. {ECO:0000305}. Nucleus {ECO:0000269|PubMed:1}.")
    'Belongs to a family. Nucleus.'
    """
    return _EVIDENCE.sub(lambda match: match[1] or match[2], " ".join(text.split()))


def comments(lines: Iterable[str]) -> list[tuple[str, str]]:
    """The CC blocks of an entry: (topic, text) pairs in order, without evidence and copyright.

    >>> comments(["-!- FUNCTION: Binds DNA-", "    and RNA. {ECO:0000305}.", "-----", "Terms"])
    [('FUNCTION', 'Binds DNA- and RNA.')]
    """
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith("-!-"):
            blocks.append([line[3:].strip()])
        elif line.startswith("    ") and blocks:
            blocks[-1].append(line)
        elif line.startswith("---"):
            break
    found = []
    for block in blocks:
        topic, _, first = block[0].partition(":")
        if not _TOPIC.fullmatch(topic):
            # Releases of the nineties have comments without a topic.
            topic, first = "MISCELLANEOUS", block[0]
        found.append((topic, without_evidence(joined([first, *block[1:]]))))
    return found


def _modern_gene_names(text: str) -> str:
    """GN lines of before 2004, `GN   TCMO OR TCM1.`, in the form that Biopython reads."""
    old = re.findall(r"^GN   (.*)$", text, re.MULTILINE)
    if not old or "=" in "".join(old):
        return text
    genes = []
    for gene in re.split(r" AND ", " ".join(old).strip().rstrip(".")):
        first, *others = [name.strip() for name in gene.strip("() ").split(" OR ")]
        genes.append(f"GN   Name={first};")
        if others:
            genes[-1] += f" Synonyms={', '.join(others)};"
    modern = iter(["\nGN   and\n".join(genes)])
    return re.sub(r"^GN   .*$", lambda _: next(modern, ""), text, flags=re.MULTILINE)
