# One command for each thing people do here; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := var/.stamps

.PHONY: help run test check format assets install browser clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: install assets ## install what is missing, load demo data, start everything, say where to open it
	@$(BIN)/khonggiay run --demo

test: install assets browser ## run every test, browser journeys included
	@$(BIN)/pytest

check: install ## format, lint, types, arrows between the packages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install ## bring the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

install: $(STAMPS)/system $(STAMPS)/python ## programs of the system (Tesseract, fonts) and Python packages

assets: install $(STAMPS)/assets ## what the pages need from npm

browser: $(STAMPS)/browser ## Chromium, for the journeys

$(STAMPS)/system: bin/install-system
	@bin/install-system tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd python3-venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/browser: bin/install-system
	@bin/install-system chromium fonts-liberation2 poppler-utils
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/assets: package.json bin/install-assets
	@bin/install-assets
	@mkdir -p $(STAMPS) && touch $@

requirements.lock: pyproject.toml
	@test ! -x $(BIN)/uv || $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --extra dev --python-version 3.11 pyproject.toml -o $@
	@touch $@

clean: ## remove what was installed and all data of this folder (asks first)
	@printf 'Remove .venv, node_modules and var (ALL DATA)? [y/N] ' && read answer && test "$$answer" = y
	@rm -rf $(VENV) node_modules var webapp/static/vendor
