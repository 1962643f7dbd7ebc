"""Headers of genome annotations: Ensembl (README of its `fasta` folders), GENCODE, TAIR, FlyBase
and Prokka."""

import re
from typing import Final

from corpora.fasta.plain_headers import ENSEMBL, Described, plain
from corpora.sequences import Kind

_ENSEMBL_KIND: Final = re.compile(
    r"(pep|cds|cdna|ncrna|dna|dna_rm|dna_sm)(?::\S+)? "
    r"(\w+):([^:\s]+):([^:\s]+)(?::(\d+):(\d+)(?::(-?1))?)?"
)
_COLON_KEY: Final = re.compile(r"(?:^| )([a-z][a-z_]+):")
_TAIR: Final = re.compile(
    r"(\S+) ?\| ?Symbols: ?([^|]*)\|([^|]*)\| ?[Cc]hr(\w+):(\d+)-(\d+) (FORWARD|REVERSE) LENGTH=\d+"
)
_SEMICOLON_KEY: Final = re.compile(r"(\w+)=([^;]*);")
_FLIES: Final = {"Dmel": "Drosophila melanogaster"}


def ensembl(text: str) -> Described | None:
    """`ENSP00000251595.6 pep chromosome:GRCh38:16:172876:173710:1 gene:ENSG00000188536.13 ...`."""
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
        identifier, title, "Ensembl" if ENSEMBL.fullmatch(identifier) else "",
        gene=symbol, kind="protein" if kind == "pep" else None, facts=tuple(facts),
    )  # fmt: skip


def gencode(text: str) -> Described | None:
    """`ENSP00000251595.6|ENST00000251595.11|ENSG00000188536.13|OTT...|-|HBA2-201|HBA2|142`."""
    if not text.startswith("ENS"):
        return None
    parts = text.split("|")
    if len(parts) < 6 or not ENSEMBL.fullmatch(parts[0]):
        return None
    genes = [part for part in parts if (m := ENSEMBL.fullmatch(part)) and m[1] == "G"]
    names = [part for part in parts[4:] if part and not re.match(r"OTT|ENS|\d|-|UTR|CDS", part)]
    symbol = names[1] if len(names) > 1 else ""
    facts = [f"The gene is {genes[0]}."] if genes else []
    kind: Kind | None = "protein" if parts[0].startswith("ENSP") else None
    if re.match(r"ENS[A-Z]{0,6}P\d", parts[0]):
        kind = "protein"
    return Described(parts[0], names[0] if names else "", "GENCODE", gene=symbol, kind=kind,
                     facts=tuple(facts))  # fmt: skip


def tair(text: str) -> Described | None:
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


def flybase(text: str) -> Described | None:
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


def prokka(text: str) -> Described | None:
    """`P0A7Y4 3.1.26.4~~~rnhA~~~Ribonuclease HI~~~COG0328`."""
    if "~~~" not in text:
        return None
    identifier, _, rest = text.partition(" ")
    parts = rest.split("~~~")
    if len(parts) not in (3, 4):
        return None
    facts = (f"The enzyme's number is EC {parts[0]}.",) if parts[0] else ()
    return plain(identifier)._replace(title=parts[2], gene=parts[1], facts=facts, kind="protein")
