"""Titles, authors and abstracts, whether a class names them or their places do."""
