"""What a document is the same as, and what is held out: split, hold-outs, identity duplicates."""
