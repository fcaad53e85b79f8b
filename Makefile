# Gewu. `make help` lists what can be done here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
WORKERS ?= 2
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

NODE := $(BIN)/python tools/node.py

CATALOGUES := $(patsubst %.po,%.mo,$(shell find src/gewu -name '*.po'))
# What the bundles of the pages' islands are made of, and the file that says how they are called.
ISLANDS := $(shell find web -name node_modules -prune -o -type f -print)
BUILT := src/gewu/surfaces/look/static/built/manifest.json

.PHONY: help install run test check bench lint types contracts pytest islands stop lock

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.stamp $(CATALOGUES) $(BUILT) ## the environment in .venv, as the lock files name it (quick when nothing changed)

run: install ## a district with a month of synthetic cases on http://127.0.0.1:8000 (PORT=...), logins printed
	$(BIN)/gewu demo --serve --port $(PORT)

test: check islands pytest ## everything: lint, types, contracts between the rooms, tests

check: lint types contracts ## lint, types and contracts only

bench: install ## every claim about speed as a table and a line of JSON (an hour; NAMES="intake page", CASES=100000, QUICK=1)
	$(BIN)/python -m bench $(NAMES) --cases $(or $(CASES),1000000) $(if $(QUICK),--quick) --json build/bench.json

stop: ## stop the embedded PostgreSQL of GEWU_HOME (the server itself stops with Ctrl-C)
	@if [ -x $(BIN)/gewu ]; then $(BIN)/gewu db stop; fi

lint: install
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench

types: install
	$(BIN)/mypy
	$(NODE) tsc --noEmit

contracts: install
	$(BIN)/lint-imports

pytest: install
	$(BIN)/pytest -n $(WORKERS)

islands: install
	$(NODE) --test "test/*.test.ts"

lock: ## write the lock files anew after a change of the dependencies in pyproject.toml
	rm -rf build/uv && $(PYTHON) -m venv build/uv && build/uv/bin/pip install --quiet uv
	build/uv/bin/uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	build/uv/bin/uv pip compile $(LOCK) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gewu needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

# Every package is checked against its hash in the lock file; Gewu itself is installed editable.
$(VENV)/.stamp: $(BIN)/python requirements-dev.lock pyproject.toml
	@echo "installing the environment in $(VENV) (a minute or two the first time) ..."
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Node comes in a wheel of the environment; its packages are checked against web/package-lock.json and run nothing
# when they are installed.
web/node_modules/.stamp: web/package.json web/package-lock.json | $(VENV)/.stamp
	$(NODE) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(ISLANDS) web/node_modules/.stamp
	$(NODE) vite build --logLevel warn
	@touch $@

%.mo: %.po | $(VENV)/.stamp
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
