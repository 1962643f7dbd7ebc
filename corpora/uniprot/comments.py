"""UniProt comments as prose: each topic, structured or free text, as paragraphs a person reads.

Structured topics (`Reaction=...; EC=...;`) lose their keys, database references and evidence; free
text loses only `Note=`. Topics: UniProt user manual, section "The CC line".
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_KEY: Final = re.compile(r"(?:^|;)\s*([A-Z][A-Za-z_]*(?: isoforms)?)=")
_SUBJECT: Final = re.compile(r"(\[[^\]]*\]:)\s*(.*)", re.DOTALL)
_NOTE: Final = re.compile(r"\bNote=")
_BRACKETED: Final = re.compile(r"\[([^\]]*)\]")
_OMIM: Final = re.compile(r"\[MIM:(\d+)\]")

#: Topics that are links, not statements about the protein.
LEFT_OUT: Final = frozenset(("WEB RESOURCE", "DATABASE"))
_HEADINGS: Final = {
    "PTM": "Post-translational modifications",
    "RNA EDITING": "RNA editing",
    "ENZYME REGULATION": "Activity regulation",
    "INTERACTION": "Interactions",
    "ALTERNATIVE PRODUCTS": "Isoforms",
}
_DIRECTIONS: Final = {
    "left-to-right": "The reaction goes from left to right under physiological conditions.",
    "right-to-left": "The reaction goes from right to left under physiological conditions.",
}


def heading(topic: str) -> str:
    """The section heading of a topic: `SUBCELLULAR LOCATION` becomes `Subcellular location`."""
    return _HEADINGS.get(topic, topic.capitalize())


def prose(topic: str, text: str, changed_residues: Mapping[str, str], accession: str) -> str:
    """A comment's text as prose.

    `changed_residues` says for each splice-variant id what it does to which residues; `accession`
    is the entry's, which an interaction of the protein with itself names.
    """
    if topic == "ALTERNATIVE PRODUCTS":
        return _isoforms(text, changed_residues)
    if topic == "INTERACTION":
        return _interactions(text, accession)
    rewrite = _REWRITES.get(topic)
    if rewrite is None:
        return _free_text(text)
    subject = _SUBJECT.fullmatch(text)
    prefix, body = (subject[1] + " ", subject[2]) if subject else ("", text)
    return prefix + rewrite(body)


def _fields(text: str) -> list[tuple[str, str]]:
    """`Name=Mg(2+); Xref=...; Note=Binds 2 ions.;` as (key in lower case, value) pairs.

    >>> _fields("Reaction=a = b; EC=1.1.1.1;")
    [('reaction', 'a = b'), ('ec', '1.1.1.1')]
    """
    parts = _KEY.split(text)
    return [
        (key.lower(), value.strip().rstrip(";").strip())
        for key, value in zip(parts[1::2], parts[2::2], strict=True)
    ]


def _free_text(text: str) -> str:
    if "Note=" in text:
        text = _NOTE.sub("", text)
    if "[MIM:" in text:
        text = _OMIM.sub(r"(MIM \1)", text)
    return _sentence(text.strip().rstrip(";"))


def _sentence(text: str) -> str:
    """Text that ends like a sentence."""
    text = text.strip()
    if not text or text.endswith(("!", "?")):
        return text
    return text.rstrip(" .") + "."


def _structured(rewrite: Callable[[str], str]) -> Callable[[str], str]:
    """`rewrite` for text that has keys; old releases wrote the same topics as free text."""
    return lambda text: rewrite(text) if _KEY.search(text) else _free_text(text)


def _reactions(text: str) -> str:
    sentences: list[str] = []
    for key, value in _fields(text):
        if key == "reaction":
            sentences.append(_sentence(value))
        elif key == "ec" and sentences:
            sentences[-1] = f"{sentences[-1].removesuffix('.')} (EC {value})."
        elif key == "physiologicaldirection":
            sentences.append(_DIRECTIONS.get(value, ""))
    return " ".join(filter(None, sentences))


def _cofactors(text: str) -> str:
    fields = _fields(text)
    names = [value for key, value in fields if key == "name"]
    notes = [_sentence(value) for key, value in fields if key == "note"]
    return " ".join(filter(None, [_sentence(", ".join(names)), *notes]))


def _biophysics(text: str) -> str:
    """Kinetic constants and optima: one line a heading of the comment."""
    text = _NOTE.sub("", text)
    text = re.sub(r"\b(Abs\(max\)|KM|Vmax)=", r"\1 = ", text)
    heads = r"(Absorption|Kinetic parameters|pH dependence|Redox potential|Temperature dependence):"
    parts = re.split(heads, text)
    sentences = [_sentence(parts[0].rstrip("; "))]
    for head, body in zip(parts[1::2], parts[2::2], strict=True):
        values = re.sub(r"\.;\s+", ". ", body.strip()).rstrip("; ")
        sentences.append(f"{head}: {_sentence(values)}")
    return " ".join(filter(None, sentences))


def _mass_spectrometry(text: str) -> str:
    fields = dict(_fields(text))
    mass = fields.get("mass") or fields.get("mw")
    words = f"Measured mass {mass} Da" if mass else "Measured"
    error = fields.get("mass_error") or fields.get("mw_err")
    if error:
        words += f" (error {error} Da)"
    if fields.get("method"):
        words += f" by {fields['method']}"
    if fields.get("range"):
        words += f", residues {fields['range']}"
    return " ".join(filter(None, [words + ".", _sentence(fields.get("note", ""))]))


def _sequence_cautions(text: str) -> str:
    sentences: list[str] = []
    for key, value in _fields(text):
        if key == "sequence":
            sentences.append(f"Sequence {value}.")
        elif key == "type" and sentences:
            sentences[-1] = f"{sentences[-1].removesuffix('.')}: {value.lower()}."
        elif key == "note":
            sentences.append(_sentence(value))
    return " ".join(sentences)


def _rna_editing(text: str) -> str:
    fields = dict(_fields(text))
    positions = fields.get("modified_positions", "undetermined")
    note = _sentence(fields.get("note", ""))
    return " ".join(filter(None, [f"Modified positions: {positions.lower()}.", note]))


def _isoforms(text: str, changed_residues: Mapping[str, str]) -> str:
    """A sentence on the mechanism, then a line an isoform with what tells it from the others."""
    opening: list[str] = []
    lines: list[str] = []
    for key, value in _fields(text):
        if key == "event":
            opening.append(f"Produced by {value[:1].lower()}{value[1:]}.")
        elif key == "comment":
            opening.append(_sentence(value))
        elif key == "name":
            lines.append(f"Isoform {value}")
        elif not lines:
            continue
        elif key == "synonyms":
            lines[-1] += f" (also {value})"
        elif key == "isoid":
            lines[-1] += f", {value}"
        elif key == "sequence":
            lines[-1] += f": {_isoform_sequence(value, changed_residues)}."
        elif key == "note":
            lines[-1] += f" {_sentence(value)}"
    listed = "\n".join(f"- {line}" for line in lines)
    return "\n\n".join(filter(None, [" ".join(opening), listed]))


def _isoform_sequence(value: str, changed_residues: Mapping[str, str]) -> str:
    if value == "Displayed":
        return "the sequence given here"
    if not value.startswith("VSP_"):
        return "sequence in another entry" if value == "External" else f"sequence {value.lower()}"
    changes = [
        changed_residues[variant]
        for variant in re.split(r",\s*", value)
        if variant in changed_residues
    ]
    return "; ".join(changes) if changes else "differs from the sequence given here"


def _interactions(text: str, accession: str) -> str:
    """`P62258; Q96AP0: ACD; NbExp=2; IntAct=...;` and the older `Q96AP0:ACD; NbExp=2; ...`."""
    partners: dict[str, None] = {}
    for piece in f";{text}".split("IntAct="):
        # What is left of the one before ends with a semicolon.
        named, is_foreign = "", False
        for written in piece.split(";")[1:]:
            token = written.strip()
            if token == "Xeno":
                is_foreign = True
            elif token and not token.startswith("NbExp="):
                named = token
        if not named:
            continue
        identifier, _, gene = named.partition(":")
        identifier, gene = identifier.strip(), gene.strip()
        if "[" in identifier:
            bracketed = _BRACKETED.search(identifier)
            identifier = bracketed[1] if bracketed else identifier
        if identifier in ("Self", accession):
            partner = "itself"
        elif gene and gene != "-":
            partner = f"{gene} ({identifier}{', from another organism' if is_foreign else ''})"
        else:
            partner = f"{identifier}{' (from another organism)' if is_foreign else ''}"
        partners[partner] = None
    return f"Binary interactions were observed with {', '.join(partners)}." if partners else ""


_REWRITES: Final[Mapping[str, Callable[[str], str]]] = {
    "CATALYTIC ACTIVITY": _structured(_reactions),
    "COFACTOR": _structured(_cofactors),
    "BIOPHYSICOCHEMICAL PROPERTIES": _biophysics,
    "MASS SPECTROMETRY": _structured(_mass_spectrometry),
    "SEQUENCE CAUTION": _structured(_sequence_cautions),
    "RNA EDITING": _structured(_rna_editing),
}
