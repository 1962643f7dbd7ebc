# Two targets do all the set-up a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest

.PHONY: demo test test-slow test-oldest lint bench-tokenization bench-normalizers bench-corpora bench-knowledge bench-build bench-data clean

demo: $(VENV)/.installed
	$(BIN)/galactica demo

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e ".[corpora,filters,remote,training,demo,ray,development]"
	touch $@

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest

test-slow: $(VENV)/.installed
	$(BIN)/pytest -m "slow or ray"

# The tests on the oldest versions that pyproject.toml allows: gigabytes, since torch's is the CUDA build.
test-oldest: $(OLDEST)/.installed
	$(OLDEST)/bin/pytest

$(OLDEST)/.installed: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/pip install --quiet --disable-pip-version-check -c constraints-oldest.txt \
		-e ".[corpora,filters,remote,training,demo,ray,wandb,development]"
	touch $@

# DATA: folders of raw LaTeX, JATS and Markdown, separated by blanks; BENCH: more options.
bench-tokenization: $(VENV)/.installed-benchmarks
	$(BIN)/python benchmarks/tokenization_speed.py --data $(DATA) $(BENCH)

# DATA as above; a minute for each megabyte of LaTeX, which its reader takes.
bench-normalizers: $(VENV)/.installed
	$(BIN)/python benchmarks/normalizers.py --data $(DATA) $(BENCH)

# DATA: folders with a folder for each format in them (latex, jats, ...), separated by blanks.
bench-corpora: $(VENV)/.installed-benchmarks
	$(BIN)/python benchmarks/corpora_fidelity.py --data $(DATA) $(BENCH)

# DATA as above: uniprot, genbank, fasta beside Biopython.
bench-knowledge: $(VENV)/.installed
	$(BIN)/python benchmarks/knowledge_speed.py --data $(DATA) $(BENCH)

# WORK: an empty folder with room for five times the documents; BENCH: more options.
bench-build: $(VENV)/.installed
	$(BIN)/python benchmarks/build_scaling.py --work $(WORK) $(BENCH)

# Needs no data: documents are random. BENCH: more options.
bench-data: $(VENV)/.installed
	$(BIN)/python benchmarks/data_loading.py --training $(BENCH)

# Minutes on a GPU; on a CPU give a part, as in BENCH="--presets base --layers 2 --steps 2".
bench-train: $(VENV)/.installed
	$(BIN)/python -W ignore benchmarks/training_speed.py $(BENCH)

$(VENV)/.installed-benchmarks: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[benchmarks]"
	touch $@

clean:
	rm -rf $(VENV) $(OLDEST) runs
