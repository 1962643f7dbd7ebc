"""Headers of UniProt and of UniRef: https://www.uniprot.org/help/fasta-headers."""

import re
from typing import Final

from corpora.fasta.plain_headers import Described, taxonomy_id

#: What `sp` and `tr` stand for before a bar.
DATABASES: Final = {"sp": "UniProtKB/Swiss-Prot", "tr": "UniProtKB/TrEMBL"}
_UNIPROT_KEY: Final = re.compile(r" (OS|OX|GN|PE|SV|NCBI_TaxID)=")
_UNIREF: Final = re.compile(r"(.*?) n=(\d+)(?: Tax=(.*?))?(?: TaxID=(\S+))?(?: RepID=(\S+))?")
_SWISS_PROT: Final = re.compile(r"(sp|tr)\|([\w.-]+)\|(\w+)(?: (.*))?$")
_ISOFORM: Final = re.compile(r"Isoform (.+) of (.+)")


def uniprot(text: str) -> Described | None:
    """`sp|P69905|HBA_HUMAN Hemoglobin subunit alpha OS=Homo sapiens OX=9606 GN=HBA1 PE=1 SV=2`."""
    match = _SWISS_PROT.match(text)
    if match is None:
        return None
    bars, identifier, entry_name, rest = match.groups("")
    # Keys are found as they are meant to stand; where they do not, one by one.
    name, _, values = rest.partition(" OS=")
    organism, has_taxon, values = values.partition(" OX=")
    taxon, has_gene, values = values.partition(" GN=")
    gene, _, _ = values.partition(" PE=")
    if not (has_taxon and has_gene) or _UNIPROT_KEY.search(f" {name} {organism} {taxon} {gene}"):
        name, *pairs = _UNIPROT_KEY.split(rest)
        found = dict(zip(pairs[::2], pairs[1::2], strict=True))
        organism, taxon, gene = (found.get(key, "") for key in ("OS", "OX", "GN"))
    if name.startswith("Isoform ") and (isoform := _ISOFORM.fullmatch(name)):
        name = f"{isoform[2]}, isoform {isoform[1]}"
    return Described(
        identifier, name, DATABASES[bars], organism, taxonomy_id(taxon), gene, "protein", (),
        {"entry_name": entry_name},
    )  # fmt: skip


def uniref(text: str) -> Described | None:
    """`UniRef90_P69905 Hemoglobin subunit alpha n=41 Tax=Homininae TaxID=207598 RepID=...`."""
    if not text.startswith("UniRef"):
        return None
    match = re.match(r"(UniRef\d+)_(\S+) (.*)$", text)
    if match is None:
        return None
    rest = _UNIREF.fullmatch(match[3])
    if rest is None:
        return Described(f"{match[1]}_{match[2]}", match[3], kind="protein")
    name, members, organism, taxon, representative = rest.groups()
    facts = []
    if members:
        number = "one member" if members == "1" else f"{members} members"
        facts.append(f"The cluster has {number} with at least {match[1][6:]}% sequence identity.")
        if match[1] == "UniRef100":
            facts = [f"The cluster has {number} of identical sequence."]
    if representative:
        facts.append(f"Its representative is {representative}.")
    title = re.sub(r"^Cluster: ", "", name)
    return Described(
        f"{match[1]}_{match[2]}", title, match[1], organism or "", taxonomy_id(taxon or ""),
        kind="protein", facts=tuple(facts),
    )  # fmt: skip
