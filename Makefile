# Two commands for a newcomer: `make demo` shows the difference, `make test` shows that everything holds.
PYTHON ?= python3
VENV := .venv
SITE := $(VENV)/site
UV := $(VENV)/bin/uv
LOWEST := .venv-lowest
TEST_TOOLS := basedpyright editables hatchling hypothesis jsonschema kubernetes-validate pytest pytest-timeout pytest-xdist ty

.DEFAULT_GOAL := help
.PHONY: help demo quick test docs newcomer release engine engine-oldest clusters controllers ipvs vegeta scale field-reports ipvs-report venv lowest lint format audit fuzz repeat consistency

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

demo: $(VENV)/synced ## evaluate the stacks, rehearse them in the lab, write report/index.html
	$(VENV)/bin/nodrop demo

quick: export PYTHONDONTWRITEBYTECODE := # else each process compiles anew, where a machine sets it
quick: $(VENV)/synced ## the tests for the inner loop: without lab, engine, timed and slow ones, in three processes, with 20 examples a property
	$(VENV)/bin/pytest --ignore tests/engine -m "not lab and not engine and not timed and not vegeta and not slow" \
		--hypothesis-profile quick --numprocesses 3 --dist worksteal -q

test: $(VENV)/synced lint ## ruff, ty, import rules, then all tests, in two processes; the lab's in one, as they measure time
	$(VENV)/bin/pytest --ignore tests/engine -m "not lab and not timed" --numprocesses 2 --dist worksteal
	$(VENV)/bin/pytest --ignore tests/engine -m "lab or timed"
	$(VENV)/bin/pytest tests/engine --numprocesses 2 --dist worksteal

docs: $(VENV)/synced ## build the documentation site and serve it on this machine
	$(VENV)/bin/python docs/site.py $(SITE)
	cd $(SITE) && $(CURDIR)/$(VENV)/bin/zensical serve

engine: ## build Pulumi, etcd, Kubernetes and scanners for the engine tests into the cache folder, once
	cd tests/engine && PYTHONPATH=../.. $(PYTHON) -m tools.build

engine-oldest: ## the same, and the oldest Kubernetes of docs/support.md; it prints the folder for KUBEBUILDER_ASSETS
	cd tests/engine && PYTHONPATH=../.. $(PYTHON) -m tools.build oldest

clusters: $(VENV)/synced ## take every program of docs/clusters.md through the engine, not only those that make test takes
	NODROP_ALL_CLUSTERS=1 $(VENV)/bin/pytest tests/engine/test_cluster_examples.py -v

controllers: $(VENV)/synced ## compare the lab's controllers with the real ones in 55 configurations; writes docs/controllers.json
	cd tests/engine && $(CURDIR)/$(VENV)/bin/python -m differential

ipvs: $(VENV)/synced ## unpack a User-mode Linux with IPVS from Debian packages into the cache folder, for nodrop rehearse --proxy ipvs
	$(VENV)/bin/python -m nodrop.lab.data_plane.ipvs_packages

vegeta: ## build the load generator for nodrop rehearse with 500 requests a second of wall clock or more, into the cache folder
	cd tests/engine && PYTHONPATH=../.. $(PYTHON) -m tools.build vegeta

venv: $(VENV)/synced ## make .venv with everything in it

lowest: $(VENV)/synced ## the tests that need neither lab nor engine, on the oldest versions of docs/support.md, in .venv-lowest
	$(UV) venv --quiet --allow-existing --python 3.11 $(LOWEST)
	$(UV) pip compile --quiet --resolution lowest-direct --extra lab --python $(LOWEST) --output-file $(LOWEST)/oldest.txt pyproject.toml
	$(UV) pip install --quiet --python $(LOWEST) --requirement $(LOWEST)/oldest.txt $(TEST_TOOLS)
	$(UV) pip install --quiet --python $(LOWEST) --no-deps --no-build-isolation --editable .
	$(LOWEST)/bin/pytest -p tests.older_sdk \
		tests/gke tests/gke_nodrop tests/rollout tests/paths tests/judge tests/preview tests/stacks tests/report \
		tests/cli tests/test_cures.py tests/test_policy.py tests/test_project_file.py tests/test_testing.py \
		-m "not lab and not engine and not slow" --numprocesses 2 --dist worksteal -q

lint: $(VENV)/synced ## ruff (lint and format), ty, import-linter
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ty check
	$(VENV)/bin/lint-imports --no-cache

audit: $(VENV)/synced ## ruff's security rules; known vulnerabilities in every lock (asks api.osv.dev and the npm registry)
	$(VENV)/bin/ruff check --select S .
	$(UV) export --quiet --locked --all-extras --all-groups --no-emit-project --output-file $(VENV)/locked.txt
	for locked in $(VENV)/locked.txt tests/engine/scans/requirements.txt tests/engine/tools/go/requirements.txt; do \
		$(UV) run --quiet --locked --isolated --only-group audit pip-audit --strict --vulnerability-service osv \
			--disable-pip --require-hashes --requirement $$locked 2>$(VENV)/audit.txt \
			|| { echo "audit of $$locked failed: $$(tail -n 1 $(VENV)/audit.txt)"; exit 1; }; done
	npm audit --package-lock-only --prefix tests/engine/tools/nodejs 2>$(VENV)/audit.txt \
		|| { echo "audit of package-lock.json failed: $$(head -n 1 $(VENV)/audit.txt)"; exit 1; }

fuzz: $(VENV)/synced ## 20,000 hostile manifests through everything that reads or tells them
	$(VENV)/bin/python benchmarks/fuzz.py --count 20000

scale: $(VENV)/synced ## how many pods and requests a second the lab holds here; about 40 minutes, writes docs/scale.json
	$(VENV)/bin/python -P -m benchmarks.scale

field-reports: $(VENV)/synced ## the other two field reports with their cures; about 4 minutes, writes docs/field-reports.json
	$(VENV)/bin/python -P -m benchmarks.field_reports

ipvs-report: $(VENV)/synced ## the report of 502s behind IPVS with its cures, after make engine and ipvs; about 25 minutes, writes docs/ipvs.json
	$(VENV)/bin/python -P -m benchmarks.ipvs_report

repeat: $(VENV)/synced ## whether each variant of the comparison has one verdict over 20 seeds, on an idle and on a busy machine
	$(VENV)/bin/python -P -m benchmarks.repeat

consistency: $(VENV)/synced ## model and lab on 60 random configurations and 20 with draining and long requests
	$(VENV)/bin/python -P -m benchmarks.consistency

newcomer: ## README's commands, from a fresh clone in an empty folder, each way within two minutes
	$(PYTHON) .ci/newcomer.py

release: $(VENV)/synced ## build wheel and sdist into dist/, and try the wheel out in a fresh environment
	$(VENV)/bin/python .ci/release.py

format: $(VENV)/synced ## rewrite with ruff
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

$(VENV)/synced: pyproject.toml uv.lock
	test -x $(UV) || { $(PYTHON) -m venv $(VENV) && $(PYTHON) .ci/pinned_uv.py > $(VENV)/uv.txt && \
		$(VENV)/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement $(VENV)/uv.txt; }
	$(UV) sync --locked --extra lab
	touch $@
