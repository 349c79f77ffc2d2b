# One command for each thing people do here; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMPS := var/.stamps
ATHERIS := 3.0.0
CYCLONEDX := 7.5.0
PIP_AUDIT := 2.10.1
CATALOGUES := webapp/translations
ENGLISH := $(CATALOGUES)/en/LC_MESSAGES/messages
export PYTHONDONTWRITEBYTECODE := # compiled once, all starts after the first are quick

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
  --python-version 3.11 pyproject.toml

# Node as bin/install-assets has found or brought it. Each page of the tests has its modules to itself, which Node calls experimental.
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
NODE_TESTS := --experimental-vm-modules --disable-warning=ExperimentalWarning --test --test-reporter=dot

.PHONY: fuzz sbom audit help run test test-fast test-thorough test-successor screenshots check format keep-release texts install develop assets scripts servers clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: install assets ## install what is missing, load demo data, start everything, say where to open it
	@$(BIN)/khonggiay run --demo

test: develop scripts servers ## run every test, browser journeys included
	@$(WITH_NODE) node $(NODE_TESTS) tests/js/*.test.js
	@$(BIN)/pytest -n auto --maxprocesses 4 -m "not browser"
	@$(BIN)/pytest -m browser # alone: in a room full of people each second counts

test-fast: develop ## run what needs no browser, no server, no Tesseract and no patience
	@$(BIN)/pytest -n auto --maxprocesses 4 -m "not (browser or postgresql or s3 or provider or reading or slow)"

test-thorough: develop ## try the laws that tests state with twenty times as many examples, for the night
	@$(BIN)/pytest -n auto --maxprocesses 4 -m hypothesis --hypothesis-profile=many

test-successor: ## run the tests of search with whoosh3, which reads the same files and can follow whoosh
	@test -x var/whoosh3/bin/python || $(PYTHON) -m venv var/whoosh3
	@var/whoosh3/bin/python -m pip install --quiet --disable-pip-version-check whoosh3==3.54.0 numpy pytest hypothesis
	@var/whoosh3/bin/python -m pytest -p no:cacheprovider --confcutdir=tests/search tests/search

fuzz: install ## a minute of a fuzzer for each of our parsers of foreign bytes; what it finds lies in var/fuzz
	@test -x var/fuzz/venv/bin/python || $(PYTHON) -m venv var/fuzz/venv
	@var/fuzz/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@var/fuzz/venv/bin/python -m pip install --quiet --disable-pip-version-check atheris==$(ATHERIS)
	@for parser in spreadsheet envelope word names question old_text; do echo $$parser; \
	  PYTHONPATH=. var/fuzz/venv/bin/python tests/fuzz.py $$parser -max_total_time=60 -timeout=20 -rss_limit_mb=2048 -verbosity=0 \
	  -artifact_prefix=var/fuzz/ || exit 1; done

sbom: ## the list of Python parts beside a release (CycloneDX), in var/khonggiay.cdx.json
	@test -x var/audit/bin/cyclonedx-py || $(PYTHON) -m venv var/audit
	@var/audit/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==$(CYCLONEDX)
	@var/audit/bin/cyclonedx-py requirements requirements.lock --of JSON -o var/khonggiay.cdx.json

audit: ## ask an advisory service on the Internet about every version in the lock; says so where nobody could look
	@test -x var/audit/bin/python || $(PYTHON) -m venv var/audit
	@var/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT) || true
	@$(PYTHON) bin/audit var/audit/bin/pip-audit requirements.lock

screenshots: develop scripts servers ## look at every page at three widths and keep the pictures in var/screenshots
	@$(BIN)/pytest tests/browser/test_pages.py --screenshots

check: develop ## format, lint, types, arrows between the packages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: develop ## bring the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

keep-release: develop servers ## keep databases as this version fills them, for all later ones to be tested on
	@$(BIN)/python -m tests.releases

texts: develop ## gather the texts of the pages into the English catalogue; new ones wait there for their English
	@mkdir -p var
	@$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext --no-wrap --add-location=file --sort-by-file -o var/messages.pot webapp
	@$(BIN)/pybabel -q update -N --no-wrap --ignore-obsolete --ignore-pot-creation-date -l en -i var/messages.pot -d $(CATALOGUES)

install: $(STAMPS)/system $(STAMPS)/python $(ENGLISH).mo ## programs of the system (Tesseract, fonts), Python packages, English texts

assets: install $(STAMPS)/assets ## what the pages need from npm

scripts: assets $(STAMPS)/scripts ## what the tests of the pages' scripts and of the identity provider need from npm

develop: install $(STAMPS)/develop ## what tests and checks need besides

servers: $(STAMPS)/servers ## Chromium, PostgreSQL, Poppler, nginx and Caddy, for the tests

$(STAMPS)/system: bin/install-system
	@bin/install-system tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd python3-venv fonts-liberation2
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/servers: bin/install-system
	@bin/install-system chromium fonts-liberation2 poppler-utils postgresql nginx caddy
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: requirements.lock bin/khonggiay
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(BIN)/python -m pip uninstall --quiet --quiet --yes khonggiay # older sources installed themselves
	@ln -sfn ../../bin/khonggiay $(BIN)/khonggiay
	@$(BIN)/python -W ignore -m compileall -q $(VENV)/lib/python3*/site-packages/whoosh || true
	@mkdir -p $(STAMPS) && touch $@

$(ENGLISH).mo: $(ENGLISH).po $(STAMPS)/python
	@$(BIN)/pybabel -q compile -d $(CATALOGUES)

$(STAMPS)/develop: requirements-dev.lock $(STAMPS)/python
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(STAMPS)/assets: package.json bin/install-assets
	@bin/install-assets
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/scripts: $(STAMPS)/assets
	@$(WITH_NODE) npm install --no-package-lock --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@

# The locks keep their versions when pyproject.toml changes; remove them to have everything renewed.
requirements.lock: pyproject.toml
	@test ! -x $(BIN)/uv || $(COMPILE) -o $@
	@touch $@

requirements-dev.lock: requirements.lock
	@test ! -x $(BIN)/uv || $(COMPILE) --extra dev -c requirements.lock -o $@
	@touch $@

clean: ## remove what was installed and all data of this folder (asks first)
	@printf 'Remove .venv, node_modules and var (ALL DATA)? [y/N] ' && read answer && test "$$answer" = y
	@rm -rf $(VENV) node_modules var webapp/static/vendor
