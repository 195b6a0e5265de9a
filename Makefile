# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint test-jax docs install clean

demo: install            ## five networks on the embedded sample, and their report
	$(BIN)/cxrcompare run --out runs/demo

test: lint               ## linters, types, import rules, all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

ON_JAX := tests/models tests/training --ignore tests/training/test_benchmarks.py --ignore tests/training/test_learns.py

test-jax: .venv-jax/.installed    ## tests of models and training, on JAX without TensorFlow
	KERAS_BACKEND=jax .venv-jax/bin/python -m pytest -n auto --dist worksteal $(ON_JAX)

docs: install            ## the documentation as a website in build/site, with example reports
	$(BIN)/zensical build --strict
	$(BIN)/python benchmarks/example_pages.py build/site/examples

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) -e ".[tensorflow,dev]"
	touch $@

.venv-jax/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-jax
	.venv-jax/bin/python $(PIP) -e ".[jax,dev]"
	touch $@

clean:
	rm -rf $(VENV) .venv-jax runs build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
