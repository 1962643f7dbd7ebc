"""Cited works: databases of BibTeX, biblatex's and amsrefs' lists, and printed references."""
