# Two commands on a fresh machine: `make run` copies, `make test` tests. Both set up `.venv` first.

PYTHON ?= python3
BIN := .venv/bin
export DAGSTER_HOME ?= $(CURDIR)/.dagster

.PHONY: setup run ui test endure check coverage format docs screenshots clean

setup: .venv/.ready

# The stamp is newer than everything that decides what gets installed, or setup runs again.
.venv/.ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

run: setup
	@$(BIN)/streak-dagster run

ui: setup
	$(BIN)/streak-dagster ui

# The budget's tests run by themselves: beside tests that kill and restart processes, a starved
# sandbox would stamp its arrivals late, and the figures would be about the machine.
QUIET := streak_dagster_tests/api/test_budget_kept.py streak_dagster_tests/automation/test_two_daemons.py
test: setup check
	$(BIN)/python -m pytest $(addprefix --ignore=,$(QUIET))
	$(BIN)/python -m pytest -n 0 $(QUIET)

# What a load survives: kills at every point, every fault, tight disks. Part of `make test`, too.
endure: setup
	$(BIN)/python -m pytest streak_dagster_tests/endurance streak_dagster_tests/faults

coverage: setup
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

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
