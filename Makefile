# Needs Python 3.11 or newer and make; everything else is installed into .venv from the hash-checked lock files.

VENV := .venv
PY := $(VENV)/bin/python
# Environments that other tools made may lack pip.
HAVE_PIP := $(PY) -m pip --version > /dev/null 2>&1 || $(PY) -m ensurepip > /dev/null
INSTALL := $(PY) -m pip --disable-pip-version-check --quiet --quiet install --require-hashes --only-binary :all: -r

# Under what PYTHON names the interpreter for .venv is looked for, the first that is new enough.
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python

PYTEST := $(PY) -m pytest -n 2
# What examples/dashboard.mjs runs on.
CLIENT_PACKAGES := examples/node_modules/.package-lock.json
# The oldest PostgreSQL of this machine, unless one is asked for: the tests take the newest by themselves.
VERSIONS := from tests.cluster import available_binaries as found; print(min(found(), key=int))
OLDEST = $(if $(TEST_POSTGRESQL)$(TEST_DATABASE_URL),,TEST_POSTGRESQL=$(shell $(PY) -c '$(VERSIONS)'))

export PYTHONUTF8 := 1
# Without compiled modules every process of the tests would compile all of them again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo run test coverage torture lint types imports format schema lock clean

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(VENV)/installed ## Show the main job on a retail site of 40 stores, then serve until Ctrl-C
	@$(PY) -m service demo $(ARGS)

run: $(VENV)/installed ## Serve on a PostgreSQL of its own until Ctrl-C
	@$(PY) -m service serve --embedded $(ARGS)

test: lint types imports $(CLIENT_PACKAGES) ## Lint, types, import rules and the tests, on the newest PostgreSQL there is
	@$(PYTEST) -m "not long and not torture" $(ARGS)

coverage: $(VENV)/installed-tests $(CLIENT_PACKAGES) ## The tests and the longer ones on the oldest PostgreSQL there is, with the branches that they take
	@$(OLDEST) $(PYTEST) -m "not torture" --cov --cov-report=term:skip-covered $(ARGS)

torture: $(VENV)/installed-tests $(CLIENT_PACKAGES) ## The long runs that make test has in short
	@$(PY) -m pytest -m torture -p no:randomly $(ARGS)

lint: $(VENV)/installed-tests ## Ruff: rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: $(VENV)/installed-tests ## mypy --strict
	@$(PY) -m mypy

imports: $(VENV)/installed-tests ## The directions of imports
	@$(VENV)/bin/lint-imports

format: $(VENV)/installed-tests ## Mend what ruff can mend
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

schema: $(VENV)/installed ## Write schema.graphql
	@$(PY) -m service schema > $(VENV)/schema.graphql
	@cp $(VENV)/schema.graphql schema.graphql

lock: ## Renew the lock files (needs uv)
	@command -v uv > /dev/null || { echo "uv is needed to lock: install it first." >&2; exit 1; }
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-header \
	  --extra embedded pyproject.toml -o requirements.lock
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-header \
	  --extra embedded --extra dev --constraint requirements.lock pyproject.toml -o tests/requirements.lock

clean: ## Remove .venv and what tools left; the demo's data stays
	rm -rf $(VENV) examples/node_modules .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find service tests migrations examples benchmarks -name __pycache__ -prune -exec rm -rf {} +

# The tests' lock file holds all of the other's packages at the same versions: each may be installed over the other.
$(VENV)/installed: requirements.lock | $(PY)
	@echo "Installing what it needs into $(VENV) (once) ..."
	@$(HAVE_PIP)
	@$(INSTALL) $<
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m service "$$@"\n' "$(CURDIR)" "$(CURDIR)/$(PY)" \
	  > $(VENV)/bin/camera-redundancy
	@chmod +x $(VENV)/bin/camera-redundancy
	@touch $@

$(VENV)/installed-tests: tests/requirements.lock | $(PY)
	@echo "Installing what it and its tests need into $(VENV) (once) ..."
	@$(HAVE_PIP)
	@$(INSTALL) $<
	@touch $@

# Where npm is missing, or installs nothing, the test of that example is skipped, but for CI.
$(CLIENT_PACKAGES): examples/package-lock.json
	@echo "Installing the packages of examples/dashboard.mjs (once) ..."; \
	npm ci --prefix examples --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null && touch $@ \
	  || echo "Not installed: examples/dashboard.mjs is not tested."

$(PY):
	@for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue; \
	  "$$python" -c 'import ensurepip, venv' 2> /dev/null || { \
	    echo "$$python cannot make environments: install its venv package (Debian: apt-get install python3-venv)." >&2; \
	    exit 1; }; \
	  rm -rf $(VENV); \
	  exec "$$python" -m venv $(VENV); \
	done; \
	echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python3." >&2; \
	exit 1
