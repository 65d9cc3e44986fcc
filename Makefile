# The commands of a day. `make` alone lists them.

SHELL := /bin/sh
VENV ?= .venv
PYTHON := $(VENV)/bin/python
# The first of these that is 3.11 or newer makes the environment.
PYTHONS := python3 python3.13 python3.12 python3.11 python
LOCALES := comments analysis newsroom

.DEFAULT_GOAL := help
.PHONY: help demo test lint types browser bench messages clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.site ## run the site with its seeds: web server and worker, until Ctrl-C (PORT=8000, VAR_DIR=var, EMBEDDINGS=1)
	@case "$(EMBEDDINGS)" in ""|0) exec $(PYTHON) manage.py demo;; esac; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site,screening,embeddings]' && \
	$(PYTHON) manage.py fetch_model && exec env TAGGER=embeddings $(PYTHON) manage.py demo

test: $(VENV)/.dev ## run the whole suite (REQUIRE_ALL=1 turns skips into failures)
	@exec $(PYTHON) -m pytest $(ARGS)

lint: $(VENV)/.dev ## check style and format
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: $(VENV)/.dev ## check types
	$(PYTHON) -m mypy comments analysis newsroom

browser: $(VENV)/.dev ## run the tests that drive a real browser
	@exec $(PYTHON) -m pytest -m browser $(ARGS)

bench: $(VENV)/.dev ## measure speed and size against a bare Django page (DATABASE_URL chooses the database)
	@exec $(PYTHON) tests/benchmarks/run.py $(ARGS)

messages: $(VENV)/.dev ## collect and compile the texts for translation
	@for app in $(LOCALES); do (cd $$app && mkdir -p locale && \
	  $(CURDIR)/$(PYTHON) $(CURDIR)/manage.py makemessages --locale uk --no-location --no-obsolete && \
	  $(CURDIR)/$(PYTHON) $(CURDIR)/manage.py compilemessages --locale uk) || exit 1; done

clean: ## remove the environment and what tools left behind; var/ with the demo's data stays
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp each for what the site needs and for what its developers need beside that.
$(VENV)/.site: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing what the site needs …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site,screening]'
	@touch $@

$(VENV)/.dev: $(VENV)/.site
	@echo "Installing what tests and checks need …"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site,postgres,redis]' --group test --group lint
	@touch $@

$(VENV)/bin/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version) …"; exec $$python -m venv $(VENV); fi; done; \
	echo "Leave a Reply needs Python 3.11 or newer, with its venv module (Debian: apt install python3-venv)." >&2; exit 1
