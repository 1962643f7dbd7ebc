"""The stages of a build, one module each: ingest, documents, tokenizer, tokens, shards."""
