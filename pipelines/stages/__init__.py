"""The stages of a build, one module a family: their tasks, what these read and where they write."""
