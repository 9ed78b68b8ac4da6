## Two commands on a fresh machine: `make run` copies, `make test` tests. Both set up `.venv` first.

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
TIMES := .pytest_cache/times.json
RANGE = $(shell sed -n 's/^requires-python = "\(.*\)"/\1/p' pyproject.toml)

.PHONY: setup run ui test test-fast shake newest oldest endure check coverage format docs screenshots clean help

# Which Python, and whether .venv is whole and new enough, is for the script; all it needs is to be run.
setup: ## make or renew .venv, with all that the project and its tests need
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python ($(RANGE)), or name\
	 one with \`make PYTHON=/path/to/python3\`." >&2; exit 1; }
	@"$(PYTHON)" .ci/find_python.py "$(PYTHON)" "$(origin PYTHON)"

run: setup ## copy everything, and say what landed where; without a key, the built-in sample
	@$(BIN)/streak-dagster run

ui: setup ## Dagster's UI and daemon, with everything that ran here
	$(BIN)/streak-dagster ui

# What a mistake shows in first, then everything else, then what must have the machine to itself.
test: setup ## everything: the fast tests, the check, the slow tests, those that measure
	@rm -f $(TIMES)
	@echo "1 of 4: the fast tests (make test-fast)"
	@$(PYTEST) --times=$(TIMES) -m "not slow and not alone"
	@echo "2 of 4: style and types (make check)"
	@$(MAKE) --no-print-directory check
	@echo "3 of 4: the slow tests: processes killed, Dagster's daemon, a browser"
	@$(PYTEST) --times=$(TIMES) -m "slow and not alone"
	@echo "4 of 4: the tests that measure, one after the other"
	@$(PYTEST) --times=$(TIMES) -m alone -n 0
	@$(BIN)/python -m streak_dagster_tests.support.times $(TIMES)

test-fast: setup ## for the person who edits: no process is killed, no browser opened, no daemon started
	@$(PYTEST) -m "not slow and not alone"

# As in: make shake TESTS=streak_dagster_tests/sync TURNS=50
shake: setup ## any tests, many times, beside a busy loop on each core: TESTS=folder TURNS=50
	@$(BIN)/python -m streak_dagster_tests.support.shake $(or $(TURNS),50) $(TESTS)

newest: setup ## install the newest of every dependency that pyproject.toml allows; say what it holds back
	$(BIN)/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable '.[dev]'
	$(BIN)/python -m pip list --outdated

# uv is there because pip can't choose the oldest; it takes the oldest for which there is a wheel. As in:
# make PYTHON=python3.10 oldest TESTS=streak_dagster_tests/warehouse
oldest: setup ## the fast tests with the oldest of every dependency that pyproject.toml allows: TESTS=folder
	@test .venv-oldest/.ready -nt .venv/.ready || { rm -rf .venv-oldest && $(BIN)/python -m venv .venv-oldest \
	 && .venv-oldest/bin/python -m pip install --quiet uv \
	 && .venv-oldest/bin/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct \
	 --only-binary :all: --no-binary streak-dagster --editable '.[dev]' && touch .venv-oldest/.ready; }
	@.venv-oldest/bin/python -m pytest -m "not slow and not alone" $(TESTS)

# Part of `make test`, too.
endure: setup ## what a load survives: kills at every point, every fault, tight disks
	@$(PYTEST) streak_dagster_tests/endurance streak_dagster_tests/faults

coverage: setup ## which lines and branches the tests reach
	@$(PYTEST) -m "not alone" --cov --cov-report=term:skip-covered

# The others that are measured pin what we don't, so they have a .venv-bench of their own. Some cases only, say:
# make bench BENCH='--cases 100-300ms --rounds 1'
bench: setup ## ours, dlt and plain Dagster side by side, into docs/benchmarks.md: QUICK=1 RESUME=1
	@test .venv-bench/.ready -nt pyproject.toml || { $(BIN)/python -m venv .venv-bench \
	 && .venv-bench/bin/python -m pip install --quiet --prefer-binary --editable '.[bench]' && touch .venv-bench/.ready; }
	@.venv-bench/bin/python -m benchmarks.side_by_side $(if $(QUICK),--quick) $(if $(RESUME),--resume) $(BENCH)

check: setup ## style and types: ruff, and mypy strict over product and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## mend the style that ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## docs/ but for the architecture, the README's settings and .env.example, from the declarations
	$(BIN)/python -m streak_dagster.tables.docs
	$(BIN)/python -m streak_dagster.tables.dbt_sources
	$(BIN)/python -m streak_dagster.views.docs
	$(BIN)/python -m streak_dagster.settings.docs
	$(BIN)/python -m streak_dagster.api_page

screenshots: setup ## the README's pictures of the UI; needs Chromium
	$(BIN)/python -m streak_dagster_tests.browser.screenshots

clean: ## a clean tree: removes .venv, what was copied into data/, Dagster's home and every cache
	rm -rf .venv .venv-bench .venv-oldest .dagster data build *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

# What stands behind ## above, in a column of its own. Needs no .venv, and only sed.
help: ## this list
	@sed -n -e 's/^## //p' -e 's/^\([a-z0-9-]*\):[^#]*## /  make \1                /' -e 's/^\(  make .\{13\}\) */\1/p' Makefile
