"""A pathway of Reactome as a document: what it is, where it belongs, summary, participants."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from corpora.documents import JSON, Document, ReadOptions
from corpora.html_or_plain import blocks_of
from corpora.reactome.tables import MOST_PARTICIPANTS, Participants, Pathway
from corpora.seeded_choices import chance
from tokenization.marked_text import clean

#: As the paper's knowledge bases pose some of their sections.
QUESTION_PROBABILITY: Final = 1 / 3
#: Species of identifiers, where no table names one.
_SPECIES: Final = {
    "HSA": "Homo sapiens", "MMU": "Mus musculus", "RNO": "Rattus norvegicus", "BTA": "Bos taurus",
    "GGA": "Gallus gallus", "DRE": "Danio rerio", "DME": "Drosophila melanogaster",
    "CEL": "Caenorhabditis elegans", "SCE": "Saccharomyces cerevisiae", "XTR": "Xenopus tropicalis",
    "SSC": "Sus scrofa", "CFA": "Canis familiaris", "SPO": "Schizosaccharomyces pombe",
    "PFA": "Plasmodium falciparum", "DDI": "Dictyostelium discoideum",
    "MTU": "Mycobacterium tuberculosis",
}  # fmt: skip
_MOST_SUBPATHWAYS: Final = 40


@dataclass(frozen=True, slots=True)
class Known:
    """A pathway, the names of those it is a part of (next first), of other parents, and of its
    parts."""

    pathway: Pathway
    above: Sequence[str]
    also_above: Sequence[str]
    below: Sequence[str]


def pathway_document(
    record_id: str, known: Known, options: ReadOptions, cleaned: Counter[str]
) -> Document:
    """The document of one pathway; all strings of `known` are raw."""
    pathway = known.pathway
    name = _line(pathway.name, cleaned)
    species = _line(pathway.species, cleaned) or _SPECIES.get(pathway.identifier[2:5], "")
    summary = [
        block
        for text in dict.fromkeys(pathway.summaries)
        for block in blocks_of(text, options, cleaned)
    ]
    blocks = [f"# {name}", _introduction(known, name, species, cleaned)]
    asked = chance(options.seed, record_id, "reactome: question") < QUESTION_PROBABILITY
    if summary and asked:
        where = f" in {species}" if species else ""
        blocks += [f"Question: What happens in the pathway “{name}”{where}?"]
        blocks += [f"Answer: {summary[0]}", *summary[1:]]
    elif summary:
        blocks += ["## Summary", *summary]
    parts = [_line(part, cleaned) for part in known.below]
    if parts:
        shown = "\n".join(f"- {part}" for part in parts[:_MOST_SUBPATHWAYS])
        more = len(parts) - _MOST_SUBPATHWAYS
        rest = f"\n- {more} more" if more > 0 else ""
        blocks += ["## Subpathways", f"{shown}{rest}"]
    proteins = _participants(pathway.proteins, "protein", "UniProt ", cleaned)
    chemicals = _participants(pathway.chemicals, "small molecule", "CHEBI:", cleaned)
    genes = _participants(pathway.genes, "gene", "", cleaned)
    if proteins or chemicals or genes:
        blocks += ["## Participants", *filter(None, [proteins, chemicals, genes])]
    metadata: dict[str, JSON] = {
        "identifier": pathway.identifier,
        "name": name,
        "species": species or None,
        "ancestors": [_line(above, cleaned) for above in known.above],
        "num_proteins": pathway.proteins.total,
        "num_chemicals": pathway.chemicals.total,
    }
    return Document(record_id, "\n\n".join(blocks), metadata, cleaned=cleaned)


def _introduction(known: Known, name: str, species: str, cleaned: Counter[str]) -> str:
    where = f" of {species}" if species else ""
    sentences = [f"{name} is a pathway{where} in Reactome ({known.pathway.identifier})."]
    if known.above:
        first, *others = (_line(above, cleaned) for above in known.above)
        chain = "".join(f", which is part of {above}" for above in others)
        sentences.append(f"It is part of {first}{chain}.")
    elif known.below:
        sentences.append("It is a top-level pathway.")
    if known.also_above:
        others = [_line(above, cleaned) for above in known.also_above[:_MOST_SUBPATHWAYS]]
        sentences.append(f"It is also part of {' and of '.join(others)}.")
    if known.below:
        number = len(known.below)
        sentences.append(f"It has {'one subpathway' if number == 1 else f'{number} subpathways'}.")
    return " ".join(sentences)


def _participants(participants: Participants, noun: str, prefix: str, cleaned: Counter[str]) -> str:
    """A sentence on what takes part, by name where the table has names."""
    if not participants.total:
        return ""
    named = []
    for accession, name in participants.named.items():
        shown = _line(accession, cleaned)
        shown = shown if shown.startswith(prefix) else f"{prefix}{shown}"
        # `GNAS [cytosol]`
        match = re.fullmatch(r"(.+?) \[(.+)\]", _line(name, cleaned))
        if match:
            named.append(f"{match[1]} in the {match[2]} ({shown})")
        else:
            named.append(f"{name} ({shown})" if name else shown)
    plural = noun if participants.total == 1 else f"{noun}s"
    number = "One" if participants.total == 1 else str(participants.total)
    verb = "takes" if participants.total == 1 else "take"
    more = participants.total - len(named)
    assert len(named) <= MOST_PARTICIPANTS
    ending = f", and {more} more" if more else ""
    return f"{number} {plural} {verb} part in it: {', '.join(named)}{ending}."


def _line(text: str, cleaned: Counter[str]) -> str:
    return " ".join(clean(text, cleaned).split())
