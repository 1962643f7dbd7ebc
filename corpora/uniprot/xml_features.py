"""Features of UniProt XML in the form of the flat file."""

from typing import Final

from lxml import etree

from corpora.uniprot.entry import Feature

_KEYS: Final = {
    "active site": "ACT_SITE", "binding site": "BINDING", "calcium-binding region": "CA_BIND",
    "chain": "CHAIN", "coiled-coil region": "COILED", "compositionally biased region": "COMPBIAS",
    "cross-link": "CROSSLNK", "disulfide bond": "DISULFID", "DNA-binding region": "DNA_BIND",
    "domain": "DOMAIN", "glycosylation site": "CARBOHYD", "helix": "HELIX",
    "initiator methionine": "INIT_MET", "intramembrane region": "INTRAMEM",
    "lipid moiety-binding region": "LIPID", "metal ion-binding site": "METAL",
    "modified residue": "MOD_RES", "mutagenesis site": "MUTAGEN",
    "non-consecutive residues": "NON_CONS", "non-standard amino acid": "NON_STD",
    "non-terminal residue": "NON_TER", "nucleotide phosphate-binding region": "NP_BIND",
    "peptide": "PEPTIDE", "propeptide": "PROPEP", "region of interest": "REGION",
    "repeat": "REPEAT", "sequence conflict": "CONFLICT", "sequence variant": "VARIANT",
    "short sequence motif": "MOTIF", "signal peptide": "SIGNAL", "site": "SITE",
    "splice variant": "VAR_SEQ", "strand": "STRAND", "thioether bond": "THIOETH",
    "thiolester bond": "THIOLEST", "topological domain": "TOPO_DOM", "transit peptide": "TRANSIT",
    "transmembrane region": "TRANSMEM", "turn": "TURN", "unsure residue": "UNSURE",
    "zinc finger region": "ZN_FING",
}  # fmt: skip
_ALTERNATIVES: Final = frozenset(("VAR_SEQ", "VARIANT", "CONFLICT"))
_SIGNS: Final = {"less than": "<", "greater than": ">", "uncertain": "?"}
_LIGAND: Final = ("ligand", "ligandPart")


def xml_feature(feature: etree._Element) -> Feature:
    """A feature by the flat file's key, its description as there."""
    kind = feature.get("type", "")
    key = _KEYS.get(kind, kind.replace(" ", "_").upper())
    location = feature.find("location")
    start = end = "?"
    sequence = ""
    if location is not None:
        sequence = location.get("sequence", "")
        one = location.find("position")
        start = _position(one if one is not None else location.find("begin"))
        end = _position(one if one is not None else location.find("end"))
    described = _described(feature, key)
    status = feature.get("status", "")
    if status:
        status = status[:1].upper() + status[1:]
        described = f"{described.rstrip('.')} ({status})" if described else status
    return Feature(key, start, end, described.rstrip(" ."), feature.get("id", ""), sequence)


def _position(position: etree._Element | None) -> str:
    if position is None:
        return "?"
    number = position.get("position", "")
    number = number if number.isascii() and number.isdecimal() and len(number) < 10 else ""
    sign = _SIGNS.get(position.get("status", ""), "")
    return f"{sign}{number}" if number else "?"


def _described(feature: etree._Element, key: str) -> str:
    description = " ".join(feature.get("description", "").split())
    if key == "BINDING" or feature.find("ligand") is not None:
        return "; ".join(filter(None, [*_ligands(feature), description]))
    if key not in _ALTERNATIVES and key != "MUTAGEN":
        return description
    original = _residues(feature.find("original"))
    variations = ",".join(map(_residues, feature.findall("variation")))
    description = description.rstrip(".") if key in _ALTERNATIVES else description
    if key == "MUTAGEN":
        change = f"{original}->{variations}" if variations else "Missing"
        return f"{change}: {description}" if description else change
    change = f"{original} -> {variations}" if variations else "Missing"
    if description:
        change += f" ({description[:1].lower()}{description[1:]})"
    return change


def _residues(element: etree._Element | None) -> str:
    return "" if element is None else "".join((element.text or "").split())


def _ligands(feature: etree._Element) -> list[str]:
    """The ligand with its label (`Zn(2+) 1`) and its part, in the order of the flat file."""
    told = []
    notes = []
    for name in _LIGAND:
        ligand = feature.find(name)
        if ligand is None:
            continue
        told.append(f"{_words(ligand.find('name'))} {_words(ligand.find('label'))}".strip())
        notes.append(_words(ligand.find("note")))
    return [text for text in (*told, *notes) if text]


def _words(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())
