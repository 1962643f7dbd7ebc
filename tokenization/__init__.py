"""Markers, marked text, the tokenizer, Arrow shards and manifests: usable without the rest."""
