"""Readers: one module a raw format, each giving documents in marked text."""
