# Two commands on a fresh machine: `make run` copies, `make test` tests. Both set up `.venv` first.

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
TIMES := .pytest_cache/times.json
RANGE = $(shell sed -n 's/^requires-python = "\(.*\)"/\1/p' pyproject.toml)

.PHONY: setup run ui test test-fast shake newest endure check coverage format docs screenshots clean

# Which Python, and whether .venv is whole and new enough, is for the script; all it needs is to be run.
setup:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python ($(RANGE)), or name\
	 one with \`make PYTHON=/path/to/python3\`." >&2; exit 1; }
	@"$(PYTHON)" .ci/find_python.py "$(PYTHON)" "$(origin PYTHON)"

run: setup
	@$(BIN)/streak-dagster run

ui: setup
	$(BIN)/streak-dagster ui

# What a mistake shows in first, then everything else, then what must have the machine to itself.
test: setup
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

# For the person who edits: no process is killed, no browser opened, no daemon started.
test-fast: setup
	@$(PYTEST) -m "not slow and not alone"

# Any tests, many times, beside a busy loop on each core: make shake TESTS=streak_dagster_tests/sync TURNS=50
shake: setup
	@$(BIN)/python -m streak_dagster_tests.support.shake $(or $(TURNS),50) $(TESTS)

# The newest of every dependency that pyproject.toml allows, and what it holds back.
newest: setup
	$(BIN)/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable '.[dev]'
	$(BIN)/python -m pip list --outdated

# What a load survives: kills at every point, every fault, tight disks. Part of `make test`, too.
endure: setup
	@$(PYTEST) streak_dagster_tests/endurance streak_dagster_tests/faults

coverage: setup
	@$(PYTEST) -m "not alone" --cov --cov-report=term:skip-covered

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup
	$(BIN)/python -m streak_dagster.tables.docs

# The README's pictures of the UI; needs Chromium.
screenshots: setup
	$(BIN)/python -m streak_dagster_tests.browser.screenshots

clean:
	rm -rf .venv .dagster data build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
