"""Comments of UniProt XML as the texts of the flat file: `Reaction=...; EC=...;`."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from lxml import etree

_TOPICS: Final = {"online information": "WEB RESOURCE"}
#: Topics whose elements the flat file gives in one comment.
_TOGETHER: Final = frozenset(("INTERACTION", "SEQUENCE CAUTION"))
_BIOPHYSICS: Final = (
    ("absorption", "Absorption"),
    ("kinetics", "Kinetic parameters"),
    ("phDependence", "pH dependence"),
    ("redoxPotential", "Redox potential"),
    ("temperatureDependence", "Temperature dependence"),
)


def comment_texts(comments: Sequence[etree._Element]) -> Iterator[tuple[str, str]]:
    """The comments of an entry: (topic, text) pairs in order."""
    found: list[tuple[str, str]] = []
    for comment in comments:
        kind = comment.get("type", "")
        topic = _TOPICS.get(kind, kind.upper())
        text = _WRITERS.get(kind, _free_text)(comment)
        molecule = _text(comment.find("molecule")) or comment.get("molecule", "")
        if molecule:
            text = f"[{molecule}]: {text}"
        if topic in _TOGETHER and found and found[-1][0] == topic:
            text = f"{found.pop()[1]} {text}"
        found.append((topic, text))
    yield from found


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _texts(element: etree._Element) -> str:
    return " ".join(_with_status(text) for text in element.findall("text"))


def _free_text(comment: etree._Element) -> str:
    return _texts(comment)


def _with_status(element: etree._Element) -> str:
    """A text as before 2014: `Cytoplasm (Potential)`."""
    text, status = _text(element), element.get("status", "")
    return f"{text.rstrip('.')} ({status[:1].upper()}{status[1:]})" if status else text


def _note(comment: etree._Element) -> str:
    text = _texts(comment)
    return f" Note={text};" if text else ""


def _catalytic_activity(comment: etree._Element) -> str:
    fields = []
    for reaction in comment.findall("reaction"):
        fields.append(f"Reaction={_text(reaction.find('text'))};")
        for reference in reaction.findall("dbReference"):
            if reference.get("type") == "EC":
                fields.append(f"EC={reference.get('id', '')};")
    for reaction in comment.findall("physiologicalReaction"):
        fields.append(f"PhysiologicalDirection={reaction.get('direction', '')};")
    return " ".join(fields) or _free_text(comment)


def _cofactor(comment: etree._Element) -> str:
    names = [f"Name={_text(name)};" for name in comment.findall("cofactor/name")]
    return " ".join(names) + _note(comment) if names else _free_text(comment)


def _biophysics(comment: etree._Element) -> str:
    parts = []
    for tag, heading in _BIOPHYSICS:
        for element in comment.findall(tag):
            values = []
            for child in element:
                words = _with_status(child)
                match child.tag:
                    case "max":
                        values.append(f"Abs(max)={words};")
                    case "KM" | "Vmax":
                        values.append(f"{child.tag}={words};")
                    case "text" if tag in ("absorption", "kinetics"):
                        values.append(f"Note={words};")
                    case _:
                        values.append(f"{words};")
            parts.append(f"{heading}: {' '.join(values)}")
    return " ".join(parts) or _free_text(comment)


def _subcellular_location(comment: etree._Element) -> str:
    places = []
    for place in comment.findall("subcellularLocation"):
        first, *others = [_with_status(location) for location in place.findall("location")] or [""]
        words = ", ".join([first, *map(_lowered, others)])
        for name in ("topology", "orientation"):
            words += "".join(f"; {_with_status(element)}" for element in place.findall(name))
        places.append(f"{words}.")
    note = _texts(comment)
    return " ".join([*places, *([f"Note={note}"] if note else [])])


def _lowered(name: str) -> str:
    """`Extracellular space` after `Secreted, ` begins small; `PML body` does not."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _alternative_products(comment: etree._Element) -> str:
    events = [event.get("type", "") for event in comment.findall("event")]
    isoforms = comment.findall("isoform")
    event = ", ".join(name[:1].upper() + name[1:] for name in events)
    fields = [f"Event={event}; Named isoforms={len(isoforms)};"]
    text = _texts(comment).rstrip(".")
    if text:
        fields.append(f"Comment={text};")
    for isoform in isoforms:
        name, *synonyms = [_text(name) for name in isoform.findall("name")] or [""]
        fields.append(f"Name={name};")
        if synonyms:
            fields.append(f"Synonyms={', '.join(synonyms)};")
        identifiers = ", ".join(_text(identifier) for identifier in isoform.findall("id"))
        fields.append(f"IsoId={identifiers};")
        sequence = isoform.find("sequence")
        if sequence is not None:
            references = ", ".join(sequence.get("ref", "").split())
            kind = sequence.get("type", "")
            fields.append(f"Sequence={references or kind[:1].upper() + kind[1:]};")
        notes = " ".join(_text(note) for tag in ("text", "note") for note in isoform.findall(tag))
        if notes:
            fields.append(f"Note={notes};")
    return " ".join(fields)


def _interaction(comment: etree._Element) -> str:
    partners = []
    for partner in comment.findall("interactant"):
        identifier = _text(partner.find("id"))
        reference = partner.find("dbReference")
        if reference is not None:
            identifier += f" [{reference.get('id', '')}]"
        label = _text(partner.find("label"))
        partners.append(f"{identifier}: {label}" if label else identifier)
    foreign = " Xeno;" if _text(comment.find("organismsDiffer")) == "true" else ""
    number = _text(comment.find("experiments"))
    if len(partners) == 1:
        partners.append("Self")
    first = partners[0].partition(":")[0] if partners else ""
    return f"{first}; {'; '.join(partners[1:])};{foreign} NbExp={number}; IntAct=EBI;"


def _mass_spectrometry(comment: etree._Element) -> str:
    fields = [
        f"{field}={comment.get(name)};"
        for name, field in (("mass", "Mass"), ("error", "Mass_error"), ("method", "Method"))
        if comment.get(name)
    ]
    for location in comment.findall("location"):
        ends = [location.find(tag) for tag in ("begin", "end")]
        if all(end is not None for end in ends):
            start, end = (end.get("position", "?") for end in ends if end is not None)
            fields.append(f"Range={start}-{end};")
    return " ".join(fields) + _note(comment)


def _sequence_caution(comment: etree._Element) -> str:
    fields = []
    for conflict in comment.findall("conflict"):
        kind = conflict.get("type", "")
        sequence = conflict.find("sequence")
        if sequence is not None:
            version = sequence.get("version", "")
            name = sequence.get("id", "") + (f".{version}" if version else "")
            fields.append(f"Sequence={name};")
        fields.append(f"Type={kind[:1].upper()}{kind[1:]};")
    return " ".join(fields) + _note(comment)


def _rna_editing(comment: etree._Element) -> str:
    positions = [
        position.get("position", "")
        for location in comment.findall("location")
        for position in location.findall("position")
    ]
    where = ", ".join(filter(None, positions)) or comment.get("locationType", "Undetermined")
    return f"Modified_positions={where};{_note(comment)}"


def _disease(comment: etree._Element) -> str:
    disease = comment.find("disease")
    if disease is None:
        return _note_of_text(comment)
    name, acronym = _text(disease.find("name")), _text(disease.find("acronym"))
    words = f"{name} ({acronym})" if acronym else name
    for reference in disease.findall("dbReference"):
        if reference.get("type") == "MIM":
            words += f" [MIM:{reference.get('id', '')}]"
    note = _texts(comment)
    return f"{words}: {_text(disease.find('description'))}" + (f" Note={note}" if note else "")


def _note_of_text(comment: etree._Element) -> str:
    return re.sub(r"^(?!Note=)", "Note=", _texts(comment))


_WRITERS: Final[dict[str, Callable[[etree._Element], str]]] = {
    "catalytic activity": _catalytic_activity,
    "cofactor": _cofactor,
    "biophysicochemical properties": _biophysics,
    "subcellular location": _subcellular_location,
    "alternative products": _alternative_products,
    "interaction": _interaction,
    "mass spectrometry": _mass_spectrometry,
    "sequence caution": _sequence_caution,
    "RNA editing": _rna_editing,
    "disease": _disease,
}
