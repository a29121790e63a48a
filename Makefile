# Everything works on a machine that has only git, make and Python 3.11 or later: each goal
# first sets up `.venv`, once, and again when pyproject.toml changes.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN   := .venv/bin
STAMP := .venv/.installed
DEMO  := examples/api-v2.1/api-v2-1.rbplan
BUILT := build/api-v2-1
WRITTEN := tests/seed/api-v2-1-as-written.rbplan
# Processes that run tests at once; `make test JOBS=0` runs them in this one.
JOBS  ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo services test check format docs bench clean corpus

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(STAMP) ## the virtual environment with everything in it

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "rbc needs Python 3.11 or later (make PYTHON=/path/to/python)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { \
		echo "this Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
		rm -rf .venv; exit 1; }
	@echo "setting up .venv (once) …"
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

corpus: $(STAMP) ## how much the rules find, in plans that were made for it
	@$(BIN)/python -m tests.corpus.run
	@$(BIN)/python -m tests.corpus.unseen

demo: $(STAMP) ## check, draw, compile and dry-run the API v2.1 example
	@echo '# A plan as a document had it …'
	@echo '$$ rbc check $(WRITTEN)'
	@{ COLUMNS=80 $(BIN)/rbc check $(WRITTEN) || true; } | \
		awk -v RS= '/^error/ && n++ < 3 { print $$0 "\n" } { last = $$0 } END { print "…\n" last }'
	@echo; echo '# … and the same plan, mended.'
	@echo '$$ rbc check $(DEMO)'
	@$(BIN)/rbc check $(DEMO)
	@echo; echo '$$ rbc graph $(DEMO)'
	@$(BIN)/rbc graph $(DEMO)
	@echo; echo '$$ rbc compile $(DEMO)'
	@$(BIN)/rbc compile $(DEMO)
	@echo; echo '$$ ls -p $(BUILT)'
	@ls -p $(BUILT)
	@echo; echo '$$ $(BUILT)/rollback.sh --dry-run'
	@$(BUILT)/rollback.sh --dry-run

services: ## install the real systems that the tests talk to (root on Debian), or name them
	@scripts/test-services

test: $(STAMP) ## all tests; says which ones need a system that is not here
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: $(STAMP) ## formatter, linter, types, layers, freshness of the generated docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m rbdsl.rules.documentation --check docs/rules

format: $(STAMP) ## let the formatter and the linter's safe fixes have their way
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP) ## write docs/rules, and what each rule is about, anew from the rules themselves
	$(BIN)/python -m rbdsl.rules.documentation docs/rules

bench: $(STAMP) ## speed, as ratios within one run
	@$(BIN)/python -m pytest benchmarks -q -p no:xdist --benchmark-only --benchmark-columns=min,rounds \
		-o python_files='bench_*.py' -o python_functions='bench_*'

clean: ## remove what was made, the virtual environment too
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks .rbc_cache
