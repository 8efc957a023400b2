# Everything done with this project by hand has a name here; `make` alone lists the names.
# Needs: bash, make, git, and python3 (3.11 or newer) with its venv module.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON3 ?= python3
VENV := .venv
PYTHON := $(VENV)/bin/python

# Given on the command line they reach the settings: `make run PORT=9000 NETWORK=off`.
PORT ?= 8000
export PORT

.PHONY: help run demo-reset test test-postgres walls faults soak faults-sqlite faults-postgres bench lint format messages catalogues

help: ## list these names
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- to use it

# With NETWORK=off: one NGO's own site with its own admin, on data of its own.
run: $(VENV)/.installed .env catalogues ## start the demo (PORT=8000, NETWORK=on|off); Ctrl-C ends it
	@PYTHONUNBUFFERED=1 exec $(PYTHON) manage.py serve --port $(PORT)

# Where the settings put what they write; NETWORK from the command line or .env, as they read it.
NETWORK_OFF = $(filter off Off OFF false False 0 no,$(or $(NETWORK),$(shell sed -n 's/^NETWORK=//p' .env 2>/dev/null)))
VAR = $(if $(NETWORK_OFF),var/alone,var)

demo-reset: ## delete the demo's data; the next `make run` fills it anew
	@pid="$$(cat $(VAR)/serve.pid 2>/dev/null || true)"; \
	if [[ -n "$$pid" ]] && tr '\0' ' ' 2>/dev/null < "/proc/$$pid/cmdline" | grep -q 'manage.py serve'; then \
		echo "The server runs on this data (process $$pid). Stop it first: Ctrl-C where 'make run' runs." >&2; \
		exit 1; \
	fi; \
	if [[ -n "$${DATABASE_URL:-}" ]] || grep -qs '^DATABASE_URL=.' .env; then \
		echo "DATABASE_URL names a database of your own: only the demo's SQLite file is deleted here." >&2; \
		exit 1; \
	fi; \
	rm -rf $(VAR)/sonko.sqlite3 $(VAR)/sonko.sqlite3-wal $(VAR)/sonko.sqlite3-shm $(VAR)/media $(VAR)/cache $(VAR)/serve.pid; \
	echo "The demo's data is deleted. 'make run' makes it anew."

# --- to change it

# Tests start from the same settings everywhere (tests/environment.py), whatever stands in .env.
# More for pytest: make test ARGS="-k refund -x"
ARGS ?=
WALLS ?=
PYTEST := $(PYTHON) -m pytest -n auto --maxprocesses 8 --dist worksteal
CHROMIUM ?= $(firstword $(wildcard /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome))
export CHROMIUM
define say_browser
	@if [[ -x "$(CHROMIUM)" ]]; then echo "Browser journeys: in $(CHROMIUM)"; \
	elif [[ "$${REQUIRE_BROWSER:-0}" == 1 ]]; then \
		echo "REQUIRE_BROWSER=1, but there is no Chromium (CHROMIUM='$(CHROMIUM)'). Debian: apt-get install chromium libatomic1" >&2; exit 1; \
	else echo "Browser journeys: SKIPPED, there is no Chromium here (CHROMIUM=…, or apt-get install chromium libatomic1)"; fi
endef

test: $(VENV)/.installed-dev catalogues ## the suite on SQLite (ARGS="-k word", REQUIRE_BROWSER=1)
	$(say_browser)
	@env -u DATABASE_URL $(PYTEST) -m "not walls and not faults and not benchmark and not postgres" $(ARGS)

# The browser's journeys are dear and know no engine: they run once, on SQLite.
test-postgres: $(VENV)/.installed-dev catalogues ## the suite on PostgreSQL: DATABASE_URL, or a throw-away cluster
	@exec $(PYTHON) scripts/with-postgres $(PYTEST) --ignore=tests/journeys -m "not walls and not faults and not benchmark" $(ARGS)

# WALLS=full: every role asks every screen, not the manager alone.
walls: $(VENV)/.installed-dev catalogues ## every screen as the neighbour, on PostgreSQL (WALLS=full: all roles)
	@WALLS="$(WALLS)" exec $(PYTHON) scripts/with-postgres $(PYTEST) tests/walls -m walls -o faulthandler_timeout=1800 $(ARGS)

# Each run is busy with one core, so both engines run at once. FAULTS_SEED=7 falls other dice.
# The figures of a release are shared out between them, the storm on both; FAULTS_IN=tests/faults is all.
FAULTS = $(PYTHON) -m pytest $(FAULTS_IN) -q --durations=3 -o faulthandler_timeout=1800
faults-sqlite: FAULTS_IN ?= $(addprefix tests/faults/test_,storm.py monthly.py)
faults-postgres: FAULTS_IN ?= $(addprefix tests/faults/test_,storm.py kills.py races.py)
faults: $(VENV)/.installed-dev catalogues ## bad networks, killed processes and races, on SQLite and PostgreSQL
	@$(MAKE) --jobs=2 --output-sync=target faults-sqlite faults-postgres

soak: export FAULTS_IN := tests/faults
soak: export FAULTS_SOAK := 1
soak: export WALLS := full
soak: faults walls ## everything of both on both engines, with the numbers of a night: hours

faults-sqlite:
	@env -u DATABASE_URL $(FAULTS) $(ARGS)

faults-postgres:
	@exec $(PYTHON) scripts/with-postgres $(FAULTS) $(ARGS)

bench: $(VENV)/.installed-dev catalogues ## figures, on PostgreSQL
	@exec $(PYTHON) scripts/with-postgres $(PYTHON) -m pytest tests/benchmarks -m benchmark $(ARGS)

CODE := manage.py sonko_cms network home campaigns donations content site_settings accounts tenancy tests scripts
TEMPLATES = $(shell find . -path './.venv' -prune -o -path '*/templates/*' -name '*.html' -print | sort)
# What an installation would have: `check --deploy` answers for it, never for a developer's .env.
SECRET = "$(CURDIR)/$(PYTHON)" -c
PRODUCTION = env DEBUG=off REQUIRE_2FA=on LOG_LEVEL=WARNING DATABASE_URL=sqlite://:memory: REDIS_URL= \
	SECRET_KEY="$$($(SECRET) 'import secrets; print(secrets.token_urlsafe(60))')" \
	FIELD_KEYS="$$($(SECRET) 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')" \
	BASE_DOMAIN=so-nko.example ADMIN_HOST=admin.so-nko.example WAGTAILADMIN_BASE_URL=https://admin.so-nko.example \
	EMAIL_URL=smtp://localhost:25 DEFAULT_FROM_EMAIL=mail@so-nko.example YOOKASSA_API_URL=https://api.yookassa.ru/v3

lint: $(VENV)/.installed-dev catalogues ## every check that runs nothing: style, types, floors, templates, settings
	@echo "ruff: faults";            $(VENV)/bin/ruff check
	@echo "ruff: format";            $(VENV)/bin/ruff format --check
	@echo "import-linter: floors";   $(VENV)/bin/lint-imports --no-logo
	@echo "djlint: templates";       $(VENV)/bin/djlint --lint --quiet $(TEMPLATES)
	@echo "djhtml: indentation";     $(VENV)/bin/djhtml --check --tabwidth 2 $(TEMPLATES)
	@echo "Django: migrations";      $(PRODUCTION) $(PYTHON) manage.py makemigrations --check --dry-run
	@echo "Django: deployment";      $(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	@echo "mypy: types";             $(PRODUCTION) $(VENV)/bin/mypy

format: $(VENV)/.installed-dev ## put code and templates in their form
	@$(VENV)/bin/ruff check --fix-only --quiet
	@$(VENV)/bin/ruff format
	@$(VENV)/bin/djhtml --tabwidth 2 $(TEMPLATES)

messages: $(VENV)/.installed-dev ## collect the texts to translate into each app's catalogue (needs gettext)
	@command -v xgettext >/dev/null || { echo "gettext is missing. Debian: apt-get install gettext" >&2; exit 1; }
	@for catalogue in */locale; do \
		app="$${catalogue%/locale}"; echo "$$app"; \
		(cd "$$app" && $(PRODUCTION) PYTHONSAFEPATH=1 PYTHONPATH=.. DJANGO_SETTINGS_MODULE=sonko_cms.settings \
			../$(PYTHON) -m django makemessages --all --no-obsolete --no-wrap --add-location file); \
	done

# --- what the names above stand on

.env:
	@echo "Settings: writing .env for this machine (fresh secrets, debug on)"
	@umask 077; $(PYTHON3) scripts/local-env > .env.new; mv .env.new .env

catalogues: $(VENV)/.installed
	@$(PYTHON) scripts/compile-messages

# One line for each package as it comes. Debian's pip 23.0 would else build the old way and say so at length.
define install
	PIP_USE_PEP517=1 $(PYTHON) -m pip install --disable-pip-version-check --no-input --progress-bar off -r $(1) \
	| sed -un -e 's/^ *Collecting \([A-Za-z0-9._-]*\).*/    \1/p' -e 's/^Installing collected.*/    unpacking…/p'
endef

$(PYTHON):
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Python: making $(VENV)"
	@$(PYTHON3) -m venv --clear $(VENV)

$(VENV)/.installed: requirements.txt | $(PYTHON)
	@echo "Packages: installing requirements.txt (about a minute)"
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(PYTHON)
	@echo "Packages: installing requirements-dev.txt (about a minute)"
	@$(call install,requirements-dev.txt)
	@touch $(VENV)/.installed $@
