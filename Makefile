# Two commands set everything up from nothing: `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help run test check static peers collected bench translations lock setup setup-test clean
BIN := .venv/bin

help:  ## what can be done here
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | column -t -s '|'

.venv/bin/python:
	@sh .ci/venv.sh

.venv/run.stamp: run.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the service needs (run.lock, checked by hash) ..."
	@sh .ci/install.sh run.lock --compile-bytecode
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Not compiled at once: the most of it is never imported.
.venv/test.stamp: test.lock .venv/run.stamp
	@echo "Installing what the tests need (test.lock, checked by hash) ..."
	@sh .ci/install.sh test.lock
	@touch $@

setup: .venv/run.stamp  ## the environment in .venv, with .venv/bin/remembrancer
setup-test: .venv/test.stamp

run: setup  ## start the service with its collections and two sample letters
	@exec $(BIN)/remembrancer run --sample

check: static  ## format, lint, types, floors, unit and house tests
	@$(BIN)/pytest -q tests/unit tests/house

test:  ## the same and all other tests, with the servers they need
	@$(MAKE) --no-print-directory --jobs=3 static peers collected
	@$(BIN)/pytest -q --durations=30 tests

peers: setup
	@$(BIN)/python -m tests.peers

# So that each worker need not compile all of them.
collected: setup-test
	@$(BIN)/pytest -q -n 0 --collect-only tests >.venv/collected || { cat .venv/collected; exit 1; }

static: setup-test
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup-test  ## speed, as ratios against a named peer in the same run
	@$(BIN)/python -m tests.benchmarks

translations: setup-test  ## what is not translated yet, by language
	@$(BIN)/python -m tests.house.untranslated

lock: setup-test  ## renew run.lock and test.lock, with hashes and without addresses
	@$(BIN)/uv pip compile -q pyproject.toml --extra build --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 -o run.lock
	@$(BIN)/uv pip compile -q pyproject.toml --extra build --extra test --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11 -o test.lock

clean:  ## forget the environment and the fetched servers (data/var is kept)
	rm -rf .venv .peers
