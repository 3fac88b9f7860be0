# Hospital Indicator Warehouse. Needs Python 3.11 and make; everything else is set up here.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
YEAR ?= 2020
TO ?= backups/$(shell date -u +%Y%m%dT%H%M%SZ)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run up test unit lint bench bi secrets backup restore clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.base  ## install what running needs
$(VENV)/.base: requirements/base.txt pyproject.toml
	@echo "Setting up $(VENV) (once, a few minutes)"
	@$$(command -v $(PYTHON) || command -v python3) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements/base.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q ingestion dags
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/stack.txt requirements/dev.txt
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements/stack.txt -r requirements/dev.txt
	@touch $@

run: $(VENV)/.base  ## the yearly pipeline on samples/, through Airflow, to the summary (YEAR=2020)
	@$(BIN)/hiw pipeline --year $(YEAR)

up: $(VENV)/.base  ## serve the Airflow UI on 127.0.0.1
	@$(BIN)/hiw up

secrets:  ## generate the passwords and keys of the container stack, once (docker/README.md)
	@$$(command -v $(PYTHON) || command -v python3) docker/make_secrets.py

backup: $(VENV)/.base  ## save warehouse and landing zone into a folder, with checksums (TO=backups/<date and time>)
	@$(BIN)/hiw backup "$(TO)"

restore: $(VENV)/.base  ## bring a backup into an empty warehouse and compare every checksum (FROM=folder)
	@$(BIN)/hiw restore "$(FROM)"

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models

unit: $(VENV)/.dev  ## the tests that need no services, in seconds
	@$(BIN)/pytest tests/unit

test: lint  ## checks and all tests
	@$(BIN)/pytest tests

clean:  ## stop the embedded server and remove all local state, with its data
	@[ ! -x $(BIN)/hiw ] || $(BIN)/hiw stop
	@rm -rf .local dbt_project/target dbt_project/logs build *.egg-info
