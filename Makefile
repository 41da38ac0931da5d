# Everything from a clean clone: only python3 (3.11 or newer) and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-faults check bench lint lock clean help

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

demo: $(DEMO_STAMP)  ## watch a simulated day with one crisis in it
	$(BIN)/groundswell demo

test: $(DEV_STAMP)  ## all tests
	$(BIN)/python -m pytest

test-faults: $(DEV_STAMP)  ## kill each process by itself in the middle of a replay (two minutes)
	$(BIN)/python -m pytest -m faults

check: lint test  ## what CI runs: ruff, mypy, import rules, tests

lint: $(DEV_STAMP)  ## ruff, mypy --strict, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

bench: $(DEV_STAMP)  ## measure; prints ratios and writes benchmarks/latest.json
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(DEMO_STAMP): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing (once; about 1.4 GB, no torch)"
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(DEMO_STAMP)
	$(BIN)/python -m pip install --quiet -r requirements-dev.lock
	@touch $@

# What CI and newcomers install is exact; this is the one place that looks for newer versions.
UV ?= uv
COMPILE := $(UV) pip compile --quiet --python-version 3.11 --no-annotate --no-header pyproject.toml -
lock:  ## newest versions into both lock files (needs uv)
	@{ head -4 requirements.lock; echo "setuptools>=77" | $(COMPILE); } > .lock.tmp
	@{ head -4 requirements-dev.lock; echo "setuptools>=77" | $(COMPILE) --extra dev -c .lock.tmp; } > .lock-dev.tmp
	@mv .lock.tmp requirements.lock
	@mv .lock-dev.tmp requirements-dev.lock

clean:  ## remove what was installed and measured
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
