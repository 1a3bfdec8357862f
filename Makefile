# Shorthand for what CONTRIBUTING.md spells out; `make` lists the targets. Nothing depends on make.
BIN := .venv/bin
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help setup fmt lint types test test-pg bench migrate run lock

help:     ## list the targets
	@sed -nE 's/^([a-z-]+): +## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup:    ## make .venv with the test tools
	python3 run.py setup

fmt:      ## format, and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lint:     ## ruff and the import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

types:    ## mypy
	$(BIN)/mypy

test:     ## all tests; without PostgreSQL on the machine its tests are skipped
	python3 run.py test

test-pg:  ## the tests that run on PostgreSQL
	python3 run.py test -k postgresql

bench:    ## the benchmarks
	python3 run.py test -m benchmark tests/benchmarks

migrate:  ## bring the database up to date
	python3 run.py db upgrade

run:      ## serve on this machine
	python3 run.py serve

lock:     ## renew the locks (needs uv)
	$(LOCK) --upgrade --extra test -o requirements-test.lock
	$(LOCK) --constraint requirements-test.lock -o requirements.lock
	$(LOCK) --constraint requirements-test.lock --extra test --extra e2e -o requirements-e2e.lock
