# Everything that is done with this project, one word each; `make` alone lists them.
# The virtual environment is made once, and filled again when pyproject.toml or constraints.txt changes.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install -qq -c constraints.txt
PYTEST := $(BIN)/python -m pytest -q
PYTHONS ?= 3.11 3.12 3.13
KILLS ?= 50
FAILOVERS ?= 20
TROUBLES ?= 40
HOLD ?= 60
# Empty: the first Python found that is new enough. `make PYTHON=python3.12 run` chooses another.
PYTHON ?=

# What must be covered to the last branch: all rules, and the specification of the stores.
CORE := turnserver/protocol/*,turnserver/messages/*,turnserver/wire/*,turnserver/domain/*,turnserver/store/memory.py

.PHONY: help run test test-kill test-nodes test-failover test-valkey test-all-pythons coverage screenshots bench stress check format clean

help: ## list the commands
	@echo "make COMMAND, where COMMAND is one of"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: $(VENV)/.run ## install, then serve on http://127.0.0.1:8192 (state in turnserver.db)
	@exec $(BIN)/turnserver serve

test: $(VENV)/.dev ## the quick suite: all tests
	@$(PYTEST) -n auto

test-kill: $(VENV)/.dev ## kill a real server under load, 50 times (KILLS=n for more or less)
	@KILLS=$(KILLS) $(PYTEST) tests/kill

test-nodes: $(VENV)/.dev ## kill nodes under load, cut their way to Redis, kill Redis: 40 troubles (TROUBLES=n)
	@TROUBLES=$(TROUBLES) $(PYTEST) tests/nodes/test_nodes.py tests/nodes/test_mail.py tests/nodes/test_rooms.py

test-failover: $(VENV)/.dev ## kill the primary of a replicated Redis under load, 20 times (FAILOVERS=n)
	@FAILOVERS=$(FAILOVERS) $(PYTEST) tests/nodes/test_failover.py

test-valkey: $(VENV)/.dev ## all that can be over Redis, over Valkey in its place
	@.ci/test-valkey $(VENV)

test-all-pythons: ## the quick suite under Python 3.11, 3.12 and 3.13; fails if one is not found
	@.ci/test-all-pythons $(PYTHONS)

coverage: $(VENV)/.dev ## the quick suite with coverage; fails where a rule has an untested branch
	@$(PYTEST) -n auto --cov=turnserver --cov-branch --cov-report=
	@echo 'not counted: what runs in servers that are processes of their own'
	@$(BIN)/coverage report --skip-covered --show-missing
	@echo "Must be 100 %: $(CORE)"
	@$(BIN)/coverage report --show-missing --include='$(CORE)' --fail-under=100

screenshots: $(VENV)/.dev ## take the pictures of the console that the documents show
	@$(BIN)/python -m tests.console.screenshots docs/images

bench: $(VENV)/.dev ## measure speed, bytes and memory, side by side with a bare echo server
	@$(BIN)/python -m benchmarks --document docs/performance.md

stress: $(VENV)/.dev ## find the largest load that one server holds, then hold it for a minute; fails if anything is lost
	@$(BIN)/python -m benchmarks.stress --hold $(HOLD)

check: $(VENV)/.dev ## format, lint, types, layers: what CI asks for
	@$(BIN)/ruff format --check --quiet . || { echo 'not formatted; run: make format'; $(BIN)/ruff format --diff . ; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > $(VENV)/layers.txt || { cat $(VENV)/layers.txt; exit 1; }
	@echo 'format, lint, types and layers are right'

format: $(VENV)/.dev ## format the code and mend what ruff can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

clean: ## remove the virtual environment and all caches
	@rm -rf $(VENV) .venv-3.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* build dist *.egg-info

# pip is brought to its pinned version first: older ones know neither dependency groups nor build constraints.
$(VENV)/.made:
	@python=$$(.ci/find-python $(PYTHON)); echo "making $(VENV) with $$python" >&2; \
		rm -rf $(VENV); "$$python" -m venv $(VENV)
	@$(INSTALL) -U pip
	@touch $@

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/.made
	@$(INSTALL) --build-constraint constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo 'installing what is needed to build and test' >&2
	@$(INSTALL) --build-constraint constraints.txt -e ".[async-client,load]" --group dev
	@touch $@ $(VENV)/.run
