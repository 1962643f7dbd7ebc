"""Counters, labels, and what a reference to them prints."""
