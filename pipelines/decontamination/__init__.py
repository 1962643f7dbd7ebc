"""Decontamination: text of evaluations that stands in documents is found, listed and removed.

Galactica, section A.8.4: overlap of n-grams of 13 words with the evaluation sets. The stages are in
`pipelines.stages.decontamination`, the definition and its sources in docs/decontamination.md.
"""
