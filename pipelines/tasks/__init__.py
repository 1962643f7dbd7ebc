"""What the tasks of a build run, one module an idea: pure, seeded functions from files to files."""
