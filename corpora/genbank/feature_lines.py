"""Features in English: `Gene pst, bases 87 to 1109, encodes pesticin, a protein of 357 ...`.

Keys and qualifiers: INSDC feature table, sections 7.2 and 7.3; those of GenPept: NCBI's ASN.1
specification of features. Database references and the evidence of programs are left out.
"""

import re
from collections.abc import Iterator
from typing import Final

from corpora.genbank.coding import COMPUTED, DISAGREE, Coding, exceptions_in_words, is_pseudogene
from corpora.genbank.flat_file import Feature
from corpora.genbank.locations import in_words

#: Where the key itself is no word of English.
_NAMES: Final = {
    "3'UTR": "3' untranslated region", "5'UTR": "5' untranslated region", "CDS": "coding region",
    "C_region": "constant region of an immunoglobulin or T-cell receptor",
    "D-loop": "displacement loop", "D_segment": "diversity segment", "J_segment": "joining segment",
    "LTR": "long terminal repeat", "N_region": "N region", "S_region": "switch region",
    "STS": "sequence-tagged site", "V_region": "variable region", "V_segment": "variable segment",
    "assembly_gap": "gap of the assembly", "iDNA": "intervening DNA",
    "conflict": "conflict with another sequence", "mRNA": "messenger RNA",
    "mat_peptide": "mature peptide", "misc_RNA": "RNA", "misc_binding": "binding site",
    "misc_difference": "difference from another sequence", "misc_feature": "",
    "misc_recomb": "site of recombination", "misc_signal": "signal", "misc_structure": "structure",
    "mobile_element": "mobile element", "modified_base": "modified base",
    "ncRNA": "non-coding RNA", "old_sequence": "sequence of an earlier version",
    "oriT": "origin of transfer", "polyA_signal": "polyadenylation signal",
    "polyA_site": "polyadenylation site", "precursor_RNA": "precursor RNA",
    "prim_transcript": "primary transcript", "primer_bind": "primer binding site",
    "propeptide": "propeptide", "protein_bind": "protein binding site", "rRNA": "ribosomal RNA",
    "rep_origin": "origin of replication", "repeat_region": "repeat region",
    "scRNA": "small cytoplasmic RNA", "sig_peptide": "signal peptide",
    "snRNA": "small nuclear RNA", "snoRNA": "small nucleolar RNA", "stem_loop": "stem-loop",
    "tRNA": "transfer RNA", "tmRNA": "transfer-messenger RNA", "transit_peptide": "transit peptide",
    "unsure": "uncertain sequence", "variation": "variation", "-10_signal": "-10 signal",
    "-35_signal": "-35 signal", "RBS": "ribosome binding site", "GC_signal": "GC signal",
    "CAAT_signal": "CAAT signal", "TATA_signal": "TATA signal", "Region": "region", "Site": "site",
    "SecStr": "secondary structure", "Het": "bound molecule", "Bond": "bond", "NonStdRes":
    "non-standard residue", "Protein": "protein", "Precursor": "precursor", "gap": "gap",
}  # fmt: skip
#: What a feature is called by, in the order in which it is told.
_TELLING: Final = (
    "mobile_element_type", "regulatory_class", "ncRNA_class", "rpt_family", "rpt_type", "satellite",
    "region_name", "site_type", "bond_type", "sec_str_type", "heterogen", "name", "product",
    "standard_name", "label", "number", "bound_moiety", "mod_base", "PCR_conditions", "function",
    "phenotype", "allele", "replace", "recombination_class", "organism", "estimated_length",
    "gap_type", "EC_number", "frequency", "note",
)  # fmt: skip
_ORDER: Final = {name: number for number, name in enumerate(_TELLING)}
_IN_WORDS: Final = {
    "number": "number {}", "replace": "replaced by {}", "EC_number": "EC {}", "allele": "allele {}",
    "estimated_length": "estimated length {}", "rpt_family": "{} family", "rpt_type": "{} repeat",
    "bound_moiety": "binds {}", "frequency": "frequency {}", "satellite": "{}",
}  # fmt: skip
#: Products that are no names: `hypothetical protein YP_pPCP07`.
_NAMELESS: Final = re.compile(
    r"(?:conserved |uncharacterized |unnamed |putative |predicted )*(?:hypothetical )?"
    r"(?:protein(?: product)?|uncharacterized protein)(?: [\w.-]+)?$"
)


def gene_of(feature: Feature) -> str:
    """The gene that a feature belongs to: its name, else its locus tag."""
    return feature.first("gene") or feature.first("locus_tag") or feature.first("old_locus_tag")


def listed_feature(feature: Feature, unit: str) -> str:
    """A feature that encodes no protein as a line of a list."""
    place = _capital(in_words(feature.location, feature.written, unit))
    gene = gene_of(feature)
    kind = _NAMES.get(feature.key, feature.key.replace("_", " "))
    told = list(_told(feature))
    if feature.key in ("exon", "intron") and feature.first("number"):
        kind += f" {feature.first('number')}"
        told.remove(f"number {feature.first('number')}")
    if feature.key == "gene":
        synonyms = feature.qualifiers.get("gene_synonym")
        kind = f"gene {gene}" if gene else "gene"
        if synonyms:
            kind += f" (synonyms {', '.join(synonyms).replace('; ', ', ')})"
    elif gene and gene not in told:
        place += f", gene {gene}"
    if is_pseudogene(feature):
        kind = f"pseudogene, {kind}".rstrip(", ")
    if feature.key == "assembly_gap" or feature.key == "gap":
        told = [text for text in told if text != "unknown"]
    words = "; ".join(filter(None, [kind, *told])) or "feature"
    return f"{place}: {_sentence(words)}"


def coding_sentences(feature: Feature, coding: Coding, unit: str, *, several_codes: bool) -> str:
    """A coding region as a paragraph: gene, place, product, what is unusual, notes."""
    place = in_words(feature.location, feature.written, unit)
    gene = gene_of(feature)
    product = feature.first("product")
    identifier = feature.first("protein_id")
    if is_pseudogene(feature):
        what = f" of {product}" if product else ""
        subject = f"Gene {gene}, {place}, is" if gene else f"{_capital(place)} are"
        sentences = [f"{subject} a pseudogene{what}."]
    else:
        subject = f"Gene {gene}, {place}, encodes" if gene else f"{_capital(place)} encode"
        length = len(coding.protein)
        protein = (
            f"a protein of {length} amino acid{'s' * (length != 1)}" if length else "a protein"
        )
        if _NAMELESS.match(product):
            protein = (
                f"{'an' if product[0] in 'uU' else 'a'} {product} of{protein.partition(' of')[2]}"
            )
        elif product:
            protein = f"{product}, {protein}"
        if identifier:
            protein += f" ({identifier})"
        if several_codes:
            protein += f", by genetic code {coding.code}"
        sentences = [f"{subject} {protein}."]
    location = feature.location
    if location is not None and (location.begins_before or location.goes_on):
        ends = [name for name, known in (("beginning", location.begins_before),
                                         ("end", location.goes_on)) if known]  # fmt: skip
        sentences.append(f"Its {' and its '.join(ends)} lie{'s' * (len(ends) == 1)} outside the "
                         "sequence.")  # fmt: skip
    if coding.frame != 1:
        sentences.append(f"Its reading frame begins at its base {coding.frame}.")
    sentences += exceptions_in_words(feature)
    if coding.outcome == DISAGREE:
        sentences.append("The protein is not the translation of these bases.")
    if coding.outcome == COMPUTED:
        sentences.append("The protein is computed from the bases.")
    synonyms = feature.qualifiers.get("gene_synonym")
    if synonyms:
        names = ", ".join(name.replace("; ", ", ") for name in synonyms)
        sentences.append(f"The gene is also called {names}.")
    for number in feature.qualifiers.get("EC_number", ()):
        sentences.append(f"The enzyme's number is EC {number}.")
    for name in ("function", "note"):
        sentences += [
            _sentence(_capital(text)) for text in feature.qualifiers.get(name, ()) if text
        ]
    return " ".join(sentences)


def _told(feature: Feature) -> Iterator[str]:
    seen = set()
    qualifiers = feature.qualifiers
    for name in sorted(_ORDER.keys() & qualifiers.keys(), key=_ORDER.__getitem__):
        for value in qualifiers[name]:
            if value and value not in seen:
                seen.add(value)
                value = value.replace("_", " ") if name.endswith("_class") else value
                if name == "replace":
                    value = value.upper()
                yield _IN_WORDS.get(name, "{}").replace("{}", value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
