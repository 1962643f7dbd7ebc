"""Markers, marked text, the tokenizer, Arrow shards and manifests: usable without the rest."""

from tokenization.marked_text import clean
from tokenization.markers import conceal, reveal
from tokenization.settings import TokenizerSettings
from tokenization.tokenizer import ScienceTokenizer
from tokenization.wrappers import (
    amino,
    cite,
    dna,
    image,
    isomeric_smiles,
    latex,
    material,
    rna,
    selfies,
    smiles,
    subscript,
    superscript,
    work,
    wrap,
)

__all__ = [
    "ScienceTokenizer",
    "TokenizerSettings",
    "amino",
    "cite",
    "clean",
    "conceal",
    "dna",
    "image",
    "isomeric_smiles",
    "latex",
    "material",
    "reveal",
    "rna",
    "selfies",
    "smiles",
    "subscript",
    "superscript",
    "work",
    "wrap",
]
