# Thin on purpose: every target calls a script that can be read and run by itself.
# PYTHON is the interpreter that makes the environment; everything after that runs inside .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
DEMO ?= 1
export DEMO

.DEFAULT_GOAL := help
.PHONY: help run demo test lint format bench soak lock messages screenshots clean

help:           ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run:            ## Set up, load the demo and start Omni (PORT, DATABASE_URL, BROKER_URL, DEMO=0)
	@$(PYTHON) scripts/setup.py run
	@exec $(BIN)/python scripts/serve.py

demo:           ## Everything make run does, without starting the servers
	@$(PYTHON) scripts/setup.py run
	@$(BIN)/python scripts/serve.py --prepare-only

test:           ## Lint, then the whole test suite on SQLite and on PostgreSQL
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/python scripts/run_tests.py

lint:           ## Style, types, templates, translations, migrations
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/python scripts/lint.py

format:         ## Let ruff put the code in order
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

bench:          ## Measure each claim of speed beside its own limit (PostgreSQL)
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/python -m bench all

soak:           ## What is too long for every change: many kills, long races, millions of rows
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/python scripts/run_tests.py --soak

messages:       ## Collect the words of code and templates into locale/
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/python scripts/messages.py extract

screenshots:    ## Take the pictures of the README from a running demo
	@$(PYTHON) scripts/setup.py test
	@$(BIN)/python scripts/screenshots.py

lock:           ## Compile the .in files anew into locks with hashes
	@$(PYTHON) scripts/setup.py test
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt
	$(LOCK) requirements-setup.in --output-file requirements-setup.txt
	$(LOCK) requirements-node.in --output-file requirements-node.txt
	npm install --package-lock-only

clean:          ## Remove what can be made again; var/ with the data stays
	rm -rf .venv node_modules static/vendor staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete
