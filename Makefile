# Every target sets up what it needs. On a fresh Debian or Ubuntu: make, Python 3.11 or newer, and nothing else.
# Questions before anything is installed as root are answered by YES=--yes; with CI set nobody is asked.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
TARGET ?= sample_functions
YES ?= $(if $(CI),--yes)
BIN := .venv/bin

.PHONY: run test check setup bench pictures pages clean
.DEFAULT_GOAL := run

run: .venv/.installed .venv/.rust-looked-for
	@$(BIN)/workbench $(TARGET)

test: setup redis-server check
	$(BIN)/pytest -n auto

check: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/.installed
	@$(BIN)/workbench doctor --fix $(YES) || \
		echo "Without that the workbench opens on ready-made functions, but builds none. Try again: make setup"
	@touch .venv/.rust-looked-for

bench: setup
	$(BIN)/python -m tests.benchmarks

pictures: setup
	$(BIN)/python docs/pictures.py

# What docs/ says of checks and conformance comes from data and from the tests' markers.
pages: .venv/.installed
	$(BIN)/python docs/pages.py

# Build output is in the user's cache, where that of other projects is, too: `workbench clean` removes it all.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -type d \( -name target -o -name .workbench -o -name __pycache__ \) -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; on Debian and Ubuntu: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(MAKE) --no-print-directory python-venv
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.venv/.rust-looked-for:
	@$(MAKE) --no-print-directory setup

# Debian and Ubuntu package Python's own way to make virtual environments apart.
.PHONY: python-venv
python-venv: PACKAGE = $(shell $(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
python-venv:
	@echo "Python's venv module is not complete here: the package $(PACKAGE) is missing."
	@$(INSTALL_PACKAGE)

# The tests start a Redis server of their own, on loopback, and end it.
.PHONY: redis-server
redis-server: PACKAGE = redis-server
redis-server:
	@command -v redis-server >/dev/null || { \
		echo "The tests of redis resources need a real server: the package $(PACKAGE) is missing."; \
		echo "(The package also runs a server of its own as a service of the system.)"; \
		( $(INSTALL_PACKAGE) ) || echo "Without it the tests of redis resources are skipped."; }

SUDO = $(if $(filter 0,$(shell id -u)),,sudo)
define INSTALL_PACKAGE
command -v apt-get >/dev/null || { echo "Install it with your system's package manager, then try again."; exit 1; }; \
test -n "$(YES)" || { printf 'Install it with apt-get, as root? [y/N] '; read -r answer || echo; \
	test "$$answer" = y || { echo "Then do it yourself: apt-get install $(PACKAGE)"; exit 1; }; }; \
$(SUDO) apt-get update -q && \
$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(PACKAGE)
endef
