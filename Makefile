# Two commands are all a newcomer needs: `make demo` and `make test`. Both set up what they use in .venv.

.DEFAULT_GOAL := help
VENV ?= .venv
PY := $(VENV)/bin/python
COUNT ?= 100000
BENCHES ?= calls windows journal rows peers pages listing excel enterprise sockets partial creates joiners proof fleets growth cost start
# where tests put their files: every journal and ledger waits for its disk, so a file system in memory, if it has room
QUICK_TMP ?= $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 {print "/dev/shm"}')
# the first interpreter that is new enough; name another with `make PYTHON=python3.13 demo`
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help setup demo docs test mutants soak bench profile check lint format types layers lock clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/.ready  ## an environment with the pinned packages

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name one with make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## a nightly run and a portal run against a local Box
	@$(PY) sample_data/demo.py

docs: $(VENV)/.docs  ## the documentation as a site in build/docs; a link that leads nowhere fails
	@$(VENV)/bin/sphinx-build -W --keep-going -q -c docs -b html . build/docs

$(VENV)/.docs: $(VENV)/.ready requirements-docs.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-docs.lock
	@touch $@

$(VENV)/.browser: $(VENV)/.ready requirements-browser.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-browser.lock
	@touch $@

test: $(VENV)/.browser  ## the whole suite, with a few examples of each property; pages are driven in Chromium, where there is one
	@$(PY) -m compileall -q provision  # hundreds of tests start the program, and not everywhere may it keep what it compiles
	@PYTHONDONTWRITEBYTECODE= PYTEST_DEBUG_TEMPROOT=$(QUICK_TMP) $(PY) -m pytest -n auto --dist worksteal --durations 10

mutants: setup  ## break the program line by line and see a test fail each time: half an hour; ONLY="lease lock" for some of them
	@PYTEST_DEBUG_TEMPROOT=$(QUICK_TMP) $(PY) -m tests.mutants.mutants $(ONLY)

soak: setup  ## what is tried by chance, at large: every property anew, nights, then simulated runs; SEED=123 COUNT=1 replays one, MINUTES=60 goes on for an hour
	@$(if $(SEED),:,PYTEST_DEBUG_TEMPROOT=$(QUICK_TMP) HYPOTHESIS_PROFILE=deep $(PY) -m pytest -n auto --dist worksteal -m "hypothesis or soak")
	@$(if $(SEED),:,$(PY) -m tests.simulation.soak nights --count 10000)
	@$(if $(SEED),:,$(PY) -m tests.simulation.soak sockets --count 200)
	@$(if $(SEED),:,$(PY) -m tests.simulation.soak chaos --count 50)
	@$(if $(SEED),:,$(PY) -m tests.simulation.soak fleets --count 1)
	@$(if $(SEED),:,$(PY) -m tests.simulation.soak restarts --count 1)
	@$(PY) -m tests.simulation.soak $(WHAT) --count $(COUNT) $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

bench: $(VENV)/.bench  ## how fast it is, beside the goals: half an hour on an idle machine; QUICK=1 only sees that it runs
	@for part in $(BENCHES); do echo "== $$part" >&2; $(PY) benchmarks/$$part.py $(if $(QUICK),--quick) >/dev/null || exit 1; done
	@$(PY) benchmarks/goals.py $(if $(QUICK),--quick)

profile: $(VENV)/.bench  ## where the time goes at a million rows, function by function
	@$(PY) benchmarks/phases.py $(if $(QUICK),--quick)

$(VENV)/.bench: $(VENV)/.ready requirements-bench.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@rm -rf $(VENV)/lib/python*/site-packages/tests  # csv-diff brings its own, and python -m tests.… would find those
	@touch $@

check: lint types layers test  ## all that has to pass before a change lands

lint: setup  ## ruff: style and format
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

format: setup  ## let ruff put it right
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

types: setup  ## mypy, strict
	@$(VENV)/bin/mypy

layers: setup  ## import-linter: which room may import which
	@$(VENV)/bin/lint-imports

lock:  ## pin the newest packages that fit (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock --upgrade
	uv pip compile --group bench --constraint requirements.lock --overrides benchmarks/overrides.txt \
	  --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header -o requirements-bench.lock --upgrade
	uv pip compile --group browser --no-deps --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header -o requirements-browser.lock --upgrade
	uv pip compile --group docs --constraint requirements.lock --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header -o requirements-docs.lock --upgrade

clean:  ## remove what was made
	rm -rf $(VENV) build .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
