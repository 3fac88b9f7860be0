# Hospital Indicator Warehouse. Needs Python 3.11 and make; everything else is set up here.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
YEAR ?= 2020
# Superset's pins do not go together with ours: an environment of its own.
BI_VENV := .venv-bi
# What tests in a browser, of the JDBC driver and of the container stack need of the system.
SYSTEM_PACKAGES := chromium fonts-noto-cjk libpostgresql-jdbc-java redis-server nginx-light
TO ?= backups/$(shell date -u +%Y%m%dT%H%M%SZ)
SIZE ?= small
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run up bi system test unit lint bench secrets backup restore clean

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

bi: $(VENV)/.base $(BI_VENV)/.bi  ## serve the dashboards (Superset) on 127.0.0.1
	@$(BIN)/hiw bi

$(BI_VENV)/.bi: requirements/bi.txt
	@echo "Setting up $(BI_VENV) with Superset (once, a few minutes)"
	@$$(command -v $(PYTHON) || command -v python3) -m venv $(BI_VENV)
	@$(BI_VENV)/bin/python -m pip install -qq --no-deps --require-hashes -r requirements/bi.txt
	@touch $@

system:
	@missing=$$(for package in $(SYSTEM_PACKAGES); do \
	    dpkg-query -W -f='$${Status}\n' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -z "$$missing" ]; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing" $$missing; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "Tests that need" $$missing "are skipped: let root install them"; fi

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "ruff format . has something to do"; exit 1; }
	@$(BIN)/mypy
	@PYTHONWARNINGS=ignore $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models

unit: $(VENV)/.dev  ## the tests that need no services, in seconds
	@$(BIN)/pytest tests/unit

test: lint system $(BI_VENV)/.bi  ## checks and all tests
	@$(BIN)/pytest tests --numprocesses 2 --no-loadscope-reorder

bench: $(VENV)/.dev  ## each step against its limit, into docs/benchmarks.md (SIZE=small or national)
	@$(BIN)/python -m bench $(SIZE)

clean:  ## stop the embedded server and remove all local state, with its data
	@[ ! -x $(BIN)/hiw ] || $(BIN)/hiw stop
	@rm -rf .local dbt_project/target dbt_project/logs build *.egg-info
