# Frist. `make` lists what can be made; every target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := .venv/bin
STAMP := .venv/.synced

.PHONY: help demo test test-long lint serve worker bench browser

help: ## list these targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F':.*?## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.tools/bin/uv:
	python3 -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv

$(STAMP): pyproject.toml uv.lock $(filter .tools/bin/uv,$(UV))
	$(UV) sync --quiet --frozen --python $$(command -v python3)
	@touch $@

demo: $(STAMP) ## tell the story of 200 invoices, then serve it (ONCE=1: only the story)
	@$(RUN)/frist seed demo
	@if [ -z "$(ONCE)" ]; then $(RUN)/frist serve; fi

test: $(STAMP) browser ## lint and all quick tests
	@$(MAKE) --no-print-directory lint
	$(RUN)/pytest -n 2 --dist loadfile -m "not long" --ignore=tests/house

test-long: $(STAMP) browser ## the long simulations, and whether the tests of the law bite
	$(RUN)/pytest -m long

lint: $(STAMP) ## style, types, who may import whom, rules of the house
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/pytest tests/house

serve: $(STAMP) ## serve the web on 127.0.0.1:8000
	$(RUN)/frist serve

worker: $(STAMP) ## work off the queue and keep watch
	$(RUN)/frist worker

bench: $(STAMP) ## measure the law, the night, the import, a bank file and the book beside their limits
	$(RUN)/python -m tests.bench

browser: # Debian's Chromium, for the tests that look at pages
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else echo "No chromium here: the browser tests will say so and fail."; fi; }
