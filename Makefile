# Two commands for a newcomer: `make demo` shows the difference, `make test` shows that everything holds.
PYTHON ?= python3
VENV := .venv
UV := $(VENV)/bin/uv

.DEFAULT_GOAL := help
.PHONY: help demo test engine venv lint format

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

demo: $(VENV)/synced ## evaluate the stacks, rehearse them in the lab, write report/index.html
	$(VENV)/bin/nodrop compare

test: $(VENV)/synced lint ## ruff, ty, import rules, then all tests, the engine's in two processes
	$(VENV)/bin/pytest --ignore tests/engine
	$(VENV)/bin/pytest tests/engine --numprocesses 2 --dist worksteal

engine: ## build Pulumi, etcd, Kubernetes and scanners for the engine tests into the cache folder, once
	$(PYTHON) tests/engine/tools/build.py

venv: $(VENV)/synced ## make .venv with everything in it

lint: $(VENV)/synced ## ruff (lint and format), ty, import-linter
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ty check
	$(VENV)/bin/lint-imports --no-cache

format: $(VENV)/synced ## rewrite with ruff
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

$(VENV)/synced: pyproject.toml uv.lock
	test -x $(UV) || { $(PYTHON) -m venv $(VENV) && $(VENV)/bin/pip install --quiet --disable-pip-version-check uv; }
	$(UV) sync --locked --extra lab
	touch $@
