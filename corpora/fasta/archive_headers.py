"""Headers of the archives of sequences: NCBI, ENA, the Protein Data Bank and PIR.

NCBI's bars (`gi|...|ref|...|`): NCBI C++ Toolkit, "FASTA sequence identifiers".
"""

import re
from typing import Final

from corpora.fasta.plain_headers import LAST_PERIOD, Described, taxonomy_id, told
from corpora.fasta.uniprot_headers import DATABASES
from corpora.sequences import Kind

_BARS: Final = DATABASES | {
    "ref": "RefSeq", "gb": "GenBank", "emb": "EMBL", "dbj": "DDBJ", "pdb": "Protein Data Bank",
    "pir": "PIR", "prf": "PRF", "tpg": "GenBank", "tpe": "EMBL", "tpd": "DDBJ", "pat": "patent",
    "gnl": "", "lcl": "", "bbs": "", "bbm": "", "gim": "", "gpp": "GenBank", "nat": "", "oth": "",
}  # fmt: skip
_PROTEIN_BARS: Final = frozenset(("sp", "tr", "pir", "prf"))
_PDB_RCSB: Final = re.compile(r"(\w{4,12})_(\d+)\|Chains? ([^|]+)\|([^|]*)(?:\|(.*))?")
_PDB_OLD: Final = re.compile(r"(\w{4})[:_]?(\w+)\|PDBID\|CHAIN\|SEQUENCE")
_PDB_SEQRES: Final = re.compile(r"(\w{4,12})_(\w+) mol:(protein|na) length:\d+\s*(.*)")
_TAXON: Final = re.compile(r"(.+?) \((\d+)\)")


def barred(text: str) -> Described | None:
    """NCBI's bars: `gi|4504347|ref|NP_000549.1| hemoglobin subunit alpha [Homo sapiens]`."""
    word, _, rest = text.partition(" ")
    parts = word.split("|")
    if parts[0] == "gi" and len(parts) > 2:
        parts = parts[2:]
    if parts[0] not in _BARS or len(parts) < 2:
        return None
    kind: Kind | None = "protein" if parts[0] in _PROTEIN_BARS else None
    accession = parts[1] or (parts[2] if len(parts) > 2 else "")
    if parts[0] == "pdb":
        chain = parts[2] if len(parts) > 2 else ""
        accession = f"{parts[1]}, chain {chain}" if chain else parts[1]
        rest = re.sub(r"^Chain \w+, ", "", rest)
    elif parts[0] == "pat":
        accession = " ".join(filter(None, parts[1:4]))
    elif parts[0] == "gnl":
        accession = parts[2] if len(parts) > 2 else accession
    if not accession:
        return None
    found = told(accession, rest)
    return Described(
        accession, found.title, _BARS[parts[0]] or found.database, found.organism,
        found.taxonomy_id, found.gene, kind or found.kind, found.facts, found.metadata,
    )  # fmt: skip


def ena(text: str) -> Described | None:
    """`ENA|AAA12345|AAA12345.1 Homo sapiens alpha globin`."""
    if not text.startswith("E"):
        return None
    match = re.match(r"(?:ENA|EM|EMBL)\|\w+\|([\w.]+)(?: (.*))?$", text)
    if match is None:
        return None
    title = LAST_PERIOD.sub("", match[2] or "")
    return Described(match[1], title, "European Nucleotide Archive")


def pdb(text: str) -> Described | None:
    """`4HHB_1|Chains A, C|Hemoglobin subunit alpha|Homo sapiens (9606)`, and two older forms."""
    if "|" not in text and " mol:" not in text:
        return None
    match = _PDB_RCSB.fullmatch(text)
    if match:
        chains = re.sub(r"\[auth (\w+)\]", r"(author's \1)", match[3])
        taxon = _TAXON.fullmatch(match[5] or "")
        plural = "s" if "," in chains else ""
        return Described(
            f"{match[1]}, chain{plural} {chains}", match[4], "Protein Data Bank",
            taxon[1] if taxon else (match[5] or ""), taxonomy_id(taxon[2]) if taxon else None,
        )  # fmt: skip
    match = _PDB_OLD.match(text)
    if match:
        return Described(f"{match[1]}, chain {match[2]}", "", "Protein Data Bank")
    match = _PDB_SEQRES.fullmatch(text)
    if match:
        kind: Kind | None = "protein" if match[3] == "protein" else None
        entry, chain = match[1].upper(), match[2]
        return Described(f"{entry}, chain {chain}", match[4], "Protein Data Bank", kind=kind)
    return None


def pir(text: str) -> Described | None:
    """`P1;HAHU hemoglobin alpha chain`."""
    if text[2:3] != ";":
        return None
    match = re.match(r"(P1|F1|DL|DC|RL|RC|N1|N3|XX);(\S*)(?: (.*))?$", text)
    if match is None:
        return None
    kinds: dict[str, Kind] = {"P": "protein", "F": "protein", "D": "DNA", "R": "RNA", "N": "RNA"}
    title = (match[3] or "").removeprefix(match[2]).strip(" -")
    return Described(match[2], title, kind=kinds.get(match[1][0]))
