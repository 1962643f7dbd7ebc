"""What FASTA headers say: dialects of NCBI, UniProt, UniRef, Ensembl, GENCODE, ENA, PDB and others.

NCBI's bars (`gi|...|ref|...|`): NCBI C++ Toolkit, "FASTA sequence identifiers". UniProt:
https://www.uniprot.org/help/fasta-headers. Ensembl: README of its `fasta` folders. A header of no
known dialect is an identifier and a description.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from corpora.sequences import Kind
from tokenization.marked_text import clean

_BARS: Final = {
    "ref": "RefSeq", "gb": "GenBank", "emb": "EMBL", "dbj": "DDBJ", "sp": "UniProtKB/Swiss-Prot",
    "tr": "UniProtKB/TrEMBL", "pdb": "Protein Data Bank", "pir": "PIR", "prf": "PRF",
    "tpg": "GenBank", "tpe": "EMBL", "tpd": "DDBJ", "pat": "patent", "gnl": "", "lcl": "",
    "bbs": "", "bbm": "", "gim": "", "gpp": "GenBank", "nat": "", "oth": "",
}  # fmt: skip
_PROTEIN_BARS: Final = frozenset(("sp", "tr", "pir", "prf"))
_REFSEQ: Final = re.compile(r"([ANWXY]P|[NX]M|[NX]R|[A-Z]{2})_[A-Z]{0,4}\d{5,}(?:\.\d+)?")
_ENSEMBL: Final = re.compile(r"ENS[A-Z]{0,6}([PTG])\d{11}(?:\.\d+)?(?:_PAR_Y)?")
_GENBANK_PROTEIN: Final = re.compile(r"[A-Z]{3}\d{5}(?:\d\d)?\.\d+")
_GENBANK_NUCLEOTIDE: Final = re.compile(
    r"(?:[A-Z]\d{5}|[A-Z]{2}\d{6}(?:\d\d)?|[A-Z]{4,6}\d{8,11})\.\d+"
)
_UNIPROT: Final = re.compile(
    r"(?:[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2})(?:-\d+)?"
)
_UNIPROT_KEY: Final = re.compile(r" (OS|OX|GN|PE|SV|NCBI_TaxID)=")
_UNIREF: Final = re.compile(r"(.*?) n=(\d+)(?: Tax=(.*?))?(?: TaxID=(\S+))?(?: RepID=(\S+))?")
_ENSEMBL_KIND: Final = re.compile(
    r"(pep|cds|cdna|ncrna|dna|dna_rm|dna_sm)(?::\S+)? "
    r"(\w+):([^:\s]+):([^:\s]+)(?::(\d+):(\d+)(?::(-?1))?)?"
)
_COLON_KEY: Final = re.compile(r"(?:^| )([a-z][a-z_]+):")
_BRACKETED: Final = re.compile(r" ?\[([A-Za-z][\w.-]{0,40})=((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_ORGANISM: Final = re.compile(
    r" \[((?:\[[A-Z][a-z]+\]|'?[A-Z][\w.-]*|[a-z]+ ?proteobacteri\w+|uncultured|unidentified|"
    r"synthetic|unclassified)[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]"
)
_PDB_RCSB: Final = re.compile(r"(\w{4,12})_(\d+)\|Chains? ([^|]+)\|([^|]*)(?:\|(.*))?")
_PDB_OLD: Final = re.compile(r"(\w{4})[:_]?(\w+)\|PDBID\|CHAIN\|SEQUENCE")
_PDB_SEQRES: Final = re.compile(r"(\w{4,12})_(\w+) mol:(protein|na) length:\d+\s*(.*)")
_TAIR: Final = re.compile(
    r"(\S+) ?\| ?Symbols: ?([^|]*)\|([^|]*)\| ?[Cc]hr(\w+):(\d+)-(\d+) (FORWARD|REVERSE) LENGTH=\d+"
)
_MEASURE: Final = re.compile(r"(?:^|(?<= ))[A-Za-z0-9][\w']*=(?:\[[^\]]*\]|\S*) ?")
_SEMICOLON_KEY: Final = re.compile(r"(\w+)=([^;]*);")
_FLIES: Final = {"Dmel": "Drosophila melanogaster"}
_TAXON_ID: Final = re.compile(r"\b(?:TaxID|OX|taxon|NCBI_TaxID)[=:](\d+)\b")
_PREDICTED: Final = ("PREDICTED: ", "LOW QUALITY PROTEIN: ")
_TAXON: Final = re.compile(r"(.+?) \((\d+)\)")
_UNIPROT_BARS: Final = ("sp|", "tr|")
_NEXT_ENTRY: Final = re.compile("\x01|\\^A(?=gi\\|)")
_SWISS_PROT: Final = re.compile(r"(sp|tr)\|([\w.-]+)\|(\w+)(?: (.*))?$")
_ISOFORM: Final = re.compile(r"Isoform (.+) of (.+)")
_LAST_PERIOD: Final = re.compile(r"(?<![\d.])\.$")


class Described(NamedTuple):
    """What a header says of its sequence.

    `database` is where `identifier` is from, empty where nothing tells; `title` names the sequence;
    `facts` are sentences of their own. `kind` is set where the header leaves no doubt of it.
    """

    identifier: str
    title: str = ""
    database: str = ""
    organism: str = ""
    taxonomy_id: int | None = None
    gene: str = ""
    kind: Kind | None = None
    facts: tuple[str, ...] = ()
    metadata: Mapping[str, str] = MappingProxyType({})


def kind_said(header: bytes) -> Kind | None:
    """What the identifier says that the sequence is: RefSeq's NP_, UniProt's sp|, Ensembl's pep."""
    return described(header[:4096]).kind


def described(header: bytes) -> Described:
    """What a header says. The first of several (joined by Ctrl-A, or a `>`) stands for all."""
    try:
        text = header.decode("utf-8")
    except UnicodeDecodeError:
        text = header.decode("latin-1")
    if "\x01" not in text and "^A" not in text:
        return _first(text)
    first, *others = _NEXT_ENTRY.split(text)
    found = _first(first)
    if others:
        number = f"{len(others)} other database entr{'y has' if len(others) == 1 else 'ies have'}"
        found = found._replace(facts=(*found.facts, f"{number} the same sequence."))
    return found


def _first(text: str) -> Described:
    """What the header of one entry says."""
    if "  " in text or not (text.isascii() and text.isprintable()):
        text = clean(text)
        text = " ".join(text.split())
    else:
        text = text.strip()
    if text.startswith(_UNIPROT_BARS):
        found = _uniprot(text)
        if found is not None:
            return found
    if text.startswith("gi|"):
        found = _barred(text)
        if found is not None:
            return found
    # No other dialect is without all of these: most headers are plain.
    if "|" in text or ":" in text or ";" in text or "~" in text or text.startswith("UniRef"):
        for dialect in _DIALECTS:
            found = dialect(text)
            if found is not None:
                return found
    return _plain(text)


def _pir(text: str) -> Described | None:
    if text[2:3] != ";":
        return None
    match = re.match(r"(P1|F1|DL|DC|RL|RC|N1|N3|XX);(\S*)(?: (.*))?$", text)
    if match is None:
        return None
    kinds: dict[str, Kind] = {"P": "protein", "F": "protein", "D": "DNA", "R": "RNA", "N": "RNA"}
    title = (match[3] or "").removeprefix(match[2]).strip(" -")
    return Described(match[2], title, kind=kinds.get(match[1][0]))


def _uniprot(text: str) -> Described | None:
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
        identifier, name, _BARS[bars], organism, _taxon(taxon), gene, "protein", (),
        {"entry_name": entry_name},
    )  # fmt: skip


def _uniref(text: str) -> Described | None:
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
        f"{match[1]}_{match[2]}", title, match[1], organism or "", _taxon(taxon or ""),
        kind="protein", facts=tuple(facts),
    )  # fmt: skip


def _ensembl(text: str) -> Described | None:
    if ":" not in text:
        return None
    identifier, _, rest = text.partition(" ")
    match = _ENSEMBL_KIND.match(rest)
    if match is None:
        return None
    _, *pairs = _COLON_KEY.split(rest[match.end() :])
    values = {k: v.strip() for k, v in zip(pairs[::2], pairs[1::2], strict=True)}
    kind, level, assembly, name, start, end, strand = match.groups()
    place = f"{level.replace('_', ' ')} {name} of assembly {assembly}"
    if start and end:
        place += f", bases {start} to {end}"
    if strand == "-1":
        place += " on the complementary strand"
    described = re.sub(r"\s*\[Source:[^\]]*\]", "", values.get("description", ""))
    symbol, gene = values.get("gene_symbol", ""), values.get("gene", "")
    facts = []
    if kind.startswith("dna"):
        title = f"{level.replace('_', ' ').capitalize()} {name}, assembly {assembly}"
        if start and start != "1":
            facts.append(f"It is {place}.")
    else:
        title = ", ".join(filter(None, [symbol, described])) or identifier
        facts.append(f"Its gene {gene or symbol or identifier} lies on {place}.")
        biotype = values.get("transcript_biotype") or values.get("gene_biotype")
        transcript = values.get("transcript")
        if transcript and biotype:
            facts.append(f"The transcript is {transcript} (biotype {biotype.replace('_', ' ')}).")
        elif biotype:
            facts.append(f"The transcript has the biotype {biotype.replace('_', ' ')}.")
    word = {"cds": "coding sequence", "cdna": "complementary DNA", "ncrna": "non-coding RNA"}
    if kind in word:
        facts.insert(0, f"It is a {word[kind]}.")
    return Described(
        identifier, title, "Ensembl" if _ENSEMBL.fullmatch(identifier) else "",
        gene=symbol, kind="protein" if kind == "pep" else None, facts=tuple(facts),
    )  # fmt: skip


def _gencode(text: str) -> Described | None:
    if not text.startswith("ENS"):
        return None
    parts = text.split("|")
    if len(parts) < 6 or not _ENSEMBL.fullmatch(parts[0]):
        return None
    genes = [part for part in parts if (m := _ENSEMBL.fullmatch(part)) and m[1] == "G"]
    names = [part for part in parts[4:] if part and not re.match(r"OTT|ENS|\d|-|UTR|CDS", part)]
    symbol = names[1] if len(names) > 1 else ""
    facts = [f"The gene is {genes[0]}."] if genes else []
    kind: Kind | None = "protein" if parts[0].startswith("ENSP") else None
    if re.match(r"ENS[A-Z]{0,6}P\d", parts[0]):
        kind = "protein"
    return Described(parts[0], names[0] if names else "", "GENCODE", gene=symbol, kind=kind,
                     facts=tuple(facts))  # fmt: skip


def _ena(text: str) -> Described | None:
    if not text.startswith("E"):
        return None
    match = re.match(r"(?:ENA|EM|EMBL)\|\w+\|([\w.]+)(?: (.*))?$", text)
    if match is None:
        return None
    title = _LAST_PERIOD.sub("", match[2] or "")
    return Described(match[1], title, "European Nucleotide Archive")


def _pdb(text: str) -> Described | None:
    if "|" not in text and " mol:" not in text:
        return None
    match = _PDB_RCSB.fullmatch(text)
    if match:
        chains = re.sub(r"\[auth (\w+)\]", r"(author's \1)", match[3])
        taxon = _TAXON.fullmatch(match[5] or "")
        plural = "s" if "," in chains else ""
        return Described(
            f"{match[1]}, chain{plural} {chains}", match[4], "Protein Data Bank",
            taxon[1] if taxon else (match[5] or ""), _taxon(taxon[2]) if taxon else None,
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


def _barred(text: str) -> Described | None:
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
    found = _told(accession, rest)
    return Described(
        accession, found.title, _BARS[parts[0]] or found.database, found.organism,
        found.taxonomy_id, found.gene, kind or found.kind, found.facts, found.metadata,
    )  # fmt: skip


def _prokka(text: str) -> Described | None:
    """`P0A7Y4 3.1.26.4~~~rnhA~~~Ribonuclease HI~~~COG0328`."""
    if "~~~" not in text:
        return None
    identifier, _, rest = text.partition(" ")
    parts = rest.split("~~~")
    if len(parts) not in (3, 4):
        return None
    facts = (f"The enzyme's number is EC {parts[0]}.",) if parts[0] else ()
    return _plain(identifier)._replace(title=parts[2], gene=parts[1], facts=facts, kind="protein")


def _tair(text: str) -> Described | None:
    """`AT1G01010.1 | Symbols: NAC001 | NAC domain protein | chr1:3760-5630 FORWARD LENGTH=429`."""
    if "Symbols:" not in text:
        return None
    match = _TAIR.fullmatch(text)
    if match is None:
        return None
    genes = ", ".join(part.strip() for part in match[2].split(",") if part.strip())
    strand = " on the complementary strand" if match[7] == "REVERSE" else ""
    place = f"It lies on chromosome {match[4]}, bases {match[5]} to {match[6]}{strand}."
    return Described(match[1], match[3].strip(), gene=genes, facts=(place,))


def _flybase(text: str) -> Described | None:
    """`FBpp0070000 type=protein; loc=X:join(...); ID=FBpp0070000; name=Nep3-PA; species=Dmel;`."""
    if text.count(";") < 3:
        return None
    identifier, _, rest = text.partition(" ")
    values = {key.lower(): value.strip() for key, value in _SEMICOLON_KEY.findall(rest)}
    if len(values) < 3 or "type" not in values:
        return None
    protein = values["type"] in ("protein", "polypeptide")
    place = f"It lies at {values['loc']}." if values.get("loc") else ""
    return Described(
        identifier, values.get("name", ""), organism=_FLIES.get(values.get("species", ""), ""),
        kind="protein" if protein else None, facts=tuple(filter(None, [place])),
    )  # fmt: skip


def _plain(text: str) -> Described:
    identifier, _, rest = text.partition(" ")
    return _told(identifier, rest)


def _told(identifier: str, rest: str) -> Described:
    """What an identifier and the words after it say."""
    database, kind = _by_accession(identifier)
    if "[" in rest and "=" in rest:
        values = dict(_BRACKETED.findall(rest))
        if len(values) > 1 or "protein_id" in values:
            return _bracketed(identifier, values)._replace(kind=kind)
    rest = rest.strip(" |-").strip()
    if database and rest.startswith(_PREDICTED):
        rest = rest.partition(": ")[2]
    organism = ""
    if rest.endswith("]"):
        rest, organism = _without_organism(rest)
    taxon = None
    if "=" in rest or ":" in rest:
        numbered = _TAXON_ID.search(rest)
        taxon = _taxon(numbered[1]) if numbered else None
        if "=" in rest:
            # `len=247 path=[...]`: measures of programs, no words.
            rest = _MEASURE.sub("", rest).strip()
    if rest.endswith("."):
        rest = _LAST_PERIOD.sub("", rest)
    return Described(identifier, rest, database, organism, taxon, "", kind)


def _without_organism(text: str) -> tuple[str, str]:
    """A text that ends by a bracket as what stands before its organism, and this."""
    at = 0
    while (at := text.find(" [", at)) >= 0:
        match = _ORGANISM.fullmatch(text, at)
        if match:
            return text[:at], match[1]
        at += 1
    return text, ""


def _bracketed(identifier: str, values: dict[str, str]) -> Described:
    """NCBI's `[gene=...] [protein=...] [location=...]` of coding sequences and submissions."""
    protein_id = values.get("protein_id", "")
    source, _, _ = identifier.removeprefix("lcl|").partition("_cds_")
    title = values.get("protein") or values.get("product") or values.get("gene") or protein_id
    facts = []
    if values.get("gbkey") == "CDS" or "_cds_" in identifier:
        title = f"Coding sequence of {title}" if title else "Coding sequence"
        if protein_id:
            facts.append(f"It encodes the protein {protein_id}.")
    if values.get("locus_tag"):
        facts.append(f"The locus tag is {values['locus_tag']}.")
    if values.get("location") and source != identifier:
        facts.append(f"It lies at {values['location']} of {source}.")
    return Described(
        identifier, title, "", values.get("organism", ""), gene=values.get("gene", ""),
        facts=tuple(facts), metadata=values,
    )  # fmt: skip


def _by_accession(identifier: str) -> tuple[str, Kind | None]:
    if identifier[2:3] == "_":
        match = _REFSEQ.fullmatch(identifier)
        if match and match[1] in ("AP", "NP", "WP", "XP", "YP"):
            return "RefSeq", "protein"
        if match and match[1] in ("AC", "NC", "NG", "NM", "NR", "NT", "NW", "NZ", "XM", "XR"):
            return "RefSeq", None
    elif identifier.startswith("ENS"):
        match = _ENSEMBL.fullmatch(identifier)
        if match:
            return "Ensembl", "protein" if match[1] == "P" else None
    if "." in identifier:
        if _GENBANK_PROTEIN.fullmatch(identifier):
            return "GenBank", "protein"
        if _GENBANK_NUCLEOTIDE.fullmatch(identifier):
            return "GenBank", None
    elif _UNIPROT.fullmatch(identifier):
        return "UniProt", "protein"
    return "", None


def _taxon(digits: str) -> int | None:
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else None


_DIALECTS: Final[tuple[Callable[[str], Described | None], ...]] = (
    _uniref, _ensembl, _gencode, _ena, _pdb, _barred, _pir, _prokka, _tair, _flybase,
)  # fmt: skip
