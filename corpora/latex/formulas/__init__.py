"""Formulas and quantities: kept as balanced LaTeX, or as text where they are words."""
