"""Recipes, the build engine, the report and the `galactica` program."""
