"""Expansion: files taken in, macros and environments carried out, false branches removed."""
