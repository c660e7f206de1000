# These commands do everything on a fresh machine with Python 3.11 or later and make:
#   make appendix    the analysis of the first study, as one HTML file
#   make test        the tests
#   make bench       every figure of tests/benchmarks/README.md anew (an hour)
PYTHON ?= python3
STUDY ?= lvrn_2024
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: appendix test bench lab clean lock
.DELETE_ON_ERROR:

appendix: $(VENV)/ready
	$(BIN)/workbook run $(STUDY)

test: $(VENV)/ready-for-tests
	sh tests/install_browser.sh
	$(BIN)/python -m pytest -n 3 --dist loadscope

bench: $(VENV)/ready-for-tests
	$(BIN)/python tests/benchmarks/write.py $(ONLY)

lab: $(VENV)/ready
	$(BIN)/jupyter lab

clean:
	rm -rf outputs $(VENV) .pytest_cache .ruff_cache .hypothesis src/*.egg-info

$(VENV)/python-made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or later is needed; $(PYTHON) is another. Try: make appendix PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	{ echo "Python's venv module is incomplete; on Debian and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 2; }
	@touch $@

$(VENV)/ready: $(VENV)/python-made requirements.lock pyproject.toml
	@echo "Installing the workbook's packages into $(VENV) (once; some minutes on a slow line) ..."
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready requirements-test.lock
	@echo "Installing what the tests need ..."
	@$(INSTALL) --require-hashes -r requirements-test.lock
	@touch $@

# For maintainers: make the locks again after a change to pyproject.toml (needs uv). They name no registry.
LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra build
lock:
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra test --output-file requirements-test.lock
