# `make` sets up .venv and computes the paper's study; `make test` sets up .venv and runs the tests.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
BROWSER := .venv/browser
DOCS := .venv/docs

.PHONY: all setup report explorer test test-slurm test-browser test-long golden benchmark benchmark-systems benchmark-scaling lint lock

all: setup
	$(BIN)/snakemake --cores all --logger sdposim

# One page with all tables, texts and figures: results/report.html.
report: all
	$(BIN)/snakemake --cores all --logger sdposim -- pages
	$(BIN)/snakemake --report results/report.html -- all pages

setup: $(READY)

# reports/explorer.html, which trains cells in a browser. Needs Debian's lld-19.
explorer: setup
	$(BIN)/snakemake --cores all -- explorer

# Rebuilt from the lock when the lock changes.
$(READY): envs/requirements.lock pyproject.toml
	@$(PYTHON) envs/interpreter.py
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

# In as many processes as tests/conftest.py says; a file's tests share what they compute, and files
# come in its order.
test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-slurm: setup
	$(BIN)/python -m pytest -m slurm

# What a person opens, in Debian's chromium.
test-browser: $(BROWSER) $(DOCS)
	$(BIN)/python -m pytest -m browser

$(BROWSER): $(READY) envs/browser.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/browser.lock
	@touch $@

# The README followed to the letter in a fresh clone: minutes, with all tests.
.PHONY: test-readme
test-readme: setup
	$(BIN)/python tests/newcomer.py

# What docs/walkthrough.py shows, kept in docs/walkthrough.ipynb.
.PHONY: notebook
notebook: $(DOCS)
	SDPOSIM_CACHE=$(CURDIR)/.cache/numba $(BIN)/python docs/make/notebook.py

# All pages as a site that opens from disk: build/site/index.html.
.PHONY: docs
docs: $(DOCS)
	$(BIN)/python docs/make/site.py

# The graph of rules, in docs/rules.md.
.PHONY: rules
rules: setup
	$(BIN)/python docs/make/rules.py

$(DOCS): $(READY) envs/docs.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/docs.lock
	@touch $@

test-long: setup
	$(BIN)/python -m pytest -m long

# After a change that is meant to change numbers: the digest that tests/test_bits.py checks.
golden: setup
	$(BIN)/python tests/golden.py --update

# Time per cell of the kernel, vectorised NumPy, C (needs gcc) and JAX (where installed).
benchmark: setup
	$(BIN)/python benchmarks/run.py

# Time per cell of every method: writes a table of benchmarks/README.md.
benchmark-systems: setup
	$(BIN)/python benchmarks/systems.py

# Time per cell against V, T, rollouts and steps: writes benchmarks/scaling.csv and .png.
benchmark-scaling: setup
	$(BIN)/python benchmarks/scaling.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check .
	$(BIN)/snakemake --lint
	$(BIN)/sdposim config --check
	$(BIN)/mypy

# Needs uv (`pip install uv`): resolves envs/requirements.in anew, with hashes and no addresses.
lock:
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade envs/requirements.in -o envs/requirements.lock
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade -c envs/requirements.lock envs/browser.in -o envs/browser.lock
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade -c envs/requirements.lock envs/docs.in -o envs/docs.lock
	$(PYTHON) envs/conda.py
