# What a developer or operator types. Everything happens in .venv; nothing outside this folder is changed.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
MADE := $(VENV)/.made
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
ARGS ?=

# a .venv whose interpreter is gone (moved folder, upgraded system) is made anew
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
.PHONY: $(MADE)
endif

.PHONY: help setup run test check bench lock schemathesis docs pictures
.DEFAULT_GOAL := help

help:
	@echo "make run    start Easel (the first time it sets up .venv)"
	@echo "make test   set up and run every test; ARGS='-k word' for some"
	@echo "make check  lint, format, types, import contracts"
	@echo "make setup  everything for development"
	@echo "make bench  the measurements behind the README's figures; ARGS='overhead --quick' for some"
	@echo "make schemathesis  10,000 generated calls against everything that the OpenAPI document tells of"
	@echo "make docs   write the Postman collection and the examples of answers anew"
	@echo "make pictures  draw the docs' pictures of the bot's cards anew; needs Chromium"
	@echo "make lock   resolve the dependencies anew"

setup: $(DEV)

run: $(RUNTIME)
	@exec $(PY) -m engine.cli up

test: $(DEV)
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV)
	@$(PY) -m ruff check --output-format concise .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

bench: $(DEV)
	@$(PY) -m bench $(ARGS)

schemathesis: $(DEV)
	@$(PY) -m tests.openapi $(ARGS)

docs: $(DEV)
	@$(PY) -m engine.api.postman > docs/api/easel.postman_collection.json
	@$(PY) -m tests.openapi.examples > $(VENV)/examples.json && mv $(VENV)/examples.json engine/api/examples.json

pictures: $(DEV)
	@$(PY) -m tests.bot.pictured

lock: $(DEV)
	@$(PY) -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml -o requirements/runtime.txt
	@$(PY) -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--extra dev --constraint requirements/runtime.txt pyproject.toml -o requirements/dev.txt
	@$(PY) -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--extra background --constraint requirements/runtime.txt pyproject.toml -o requirements/background.txt

$(MADE):
	@if $(PY) -m pip --version >/dev/null 2>&1; then touch $(MADE); exit 0; fi; \
	found=; bare=; \
	for each in python3 python3.11 python3.12 python3.13 python3.14; do \
		$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if $$each -c 'import venv, ensurepip' 2>/dev/null; then found=$$each; break; fi; \
		bare=$${bare:-$$each}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
		echo "$$bare is there but cannot make virtual environments: its venv or ensurepip module is missing" >&2; \
		echo "(Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
		echo "Easel needs Python 3.11 or newer; none was found as python3 or python3.11 to python3.14 in PATH." >&2; exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$($$found --version); this happens once." >&2; \
	rm -rf $(VENV) && $$found -m venv $(VENV) && touch $(MADE)

$(RUNTIME): $(MADE) requirements/runtime.txt pyproject.toml
	@echo "Installing the locked dependencies..." >&2
	@$(PIP) install --require-hashes --no-deps -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(MADE) requirements/dev.txt pyproject.toml
	@echo "Installing the locked dependencies for development..." >&2
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(RUNTIME) $@
