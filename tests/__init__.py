"""The tests; a package, because some installed packages bring one of this name."""
