"""Filters: scores of every document, measured once, and thresholds and lists that decide by them.

`scores` measures (what text there is, its characters, repetition, language, quality, personal
data) and knows no threshold; `decisions` reads the scores and the metadata, and no text.
"""
