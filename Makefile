# Everything runs from .venv, installed from requirements.txt with its hashes checked. Pass more with ARGS, as in
#   make test ARGS="tests/laws -x"      make demo ARGS="--port 8080"

IS_NEW := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c '$(IS_NEW)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALLED := .venv/installed

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(INSTALLED) ## start a hub with sample reports
	$(BIN)/python -m hub demo $(ARGS)

# What tests write stays in memory where there is room: they are not about the disk, and a slow one doubles their time.
IN_MEMORY := $(if $(TMPDIR),,$(shell [ -w /dev/shm ] && df -Pk /dev/shm | awk 'END { if ($$4 > 8000000) print "TMPDIR=/dev/shm" }'))
# A file's tests stay in one process, so that its servers and browsers start once.
test: $(INSTALLED) ## run the tests
	$(IN_MEMORY) $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(INSTALLED) ## check style, types and who imports whom
	$(BIN)/ruff check --quiet --output-format concise .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	@report=$$($(BIN)/lint-imports --no-logo) || { echo "$$report"; exit 1; }

format: $(INSTALLED) ## let ruff fix and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

figures: $(INSTALLED) ## the long runs: kill -9, and every object through the validator
	$(BIN)/python -m pytest -m figures -o faulthandler_timeout=0 tests/figures tests/journeys/test_real_input.py $(ARGS)

bench: $(INSTALLED) ## measure speed
	$(BIN)/python -m pytest -m bench -s -o faulthandler_timeout=0 tests/bench $(ARGS)

N := 10000
SEED := .seed
ENGINE := sqlite
seed: $(INSTALLED) ## build a store of N reports in SEED, or go on with it; ENGINE=postgresql for both engines
	$(BIN)/python -m tests.bench.seed $(N) $(SEED) --engine $(ENGINE)

lock: $(BIN)/python ## write requirements.txt anew; ARGS=--upgrade takes newer versions
	$(BIN)/pip install --quiet 'uv>=0.13,<1'
	$(BIN)/uv pip compile --quiet --universal --group dev --generate-hashes --no-annotate --no-header \
		--python-version 3.11 --output-file requirements.txt $(ARGS) pyproject.toml

clean: ## remove what make and the tools made
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(or $(PYTHON),false) -c '$(IS_NEW)' || \
		{ echo "The hub needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Written last: an installation that broke off is taken up again by the next make.
$(INSTALLED): requirements.txt | $(BIN)/python
	$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.PHONY: help demo test lint format figures bench seed lock clean
