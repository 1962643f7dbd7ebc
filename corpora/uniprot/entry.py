"""A UniProt entry as both of its formats give it: the flat file and XML."""

from dataclasses import dataclass, field

from corpora.documents import Citation
from corpora.uniprot.names import ProteinNames


@dataclass(slots=True)
class Feature:
    """A feature by the flat file's key; its ends as written there (`<1`, `?`, `?12`, `30`).

    `sequence` is the isoform that the ends count in, if it is not the one displayed; `description`
    is without evidence; `identifier` is that of an alternative sequence.
    """

    key: str
    start: str
    end: str
    description: str = ""
    identifier: str = ""
    sequence: str = ""


@dataclass(slots=True)
class Entry:
    """What an entry says, without evidence tags and links. `comments` are pairs of a topic and the
    text of the flat file, `references` of a number and the work; `said_lengths` are the lengths
    that the entry says, by where it does."""

    accessions: list[str]
    name: str
    is_reviewed: bool
    names: ProteinNames
    genes: list[dict[str, str | list[str]]]
    organism: str
    taxa: list[str]
    lineage: list[str]
    hosts: list[str]
    organelle: str
    references: list[tuple[str, Citation]]
    comments: list[tuple[str, str]]
    existence: str
    keywords: list[str]
    features: list[Feature]
    sequence: str
    said_lengths: dict[str, int] = field(default_factory=dict)
    mass: int = 0
    checksum: str = ""
