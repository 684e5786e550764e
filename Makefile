# Every intention of the project in one word; CI calls the same words.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PYTEST_ARGS ?=

.PHONY: help demo test check lint types contracts wheel integration prometheus e2e e2e-apiserver e2e-versions bench bench-rules bench-peers bench-operator fix lock clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## watch a real model on this machine: traffic, drift, verdicts, an alert (DEMO_ARGS=--keep leaves it running)
	@tools/environment.sh demo
	@$(BIN)/python -m demo $(DEMO_ARGS)

test: ## unit, property, socket and contract tests
	@tools/environment.sh dev
	@$(BIN)/pytest $(PYTEST_ARGS)

check: lint types contracts test wheel ## all that CI checks before the slower tiers

lint: ## format and lint, changing nothing
	@tools/environment.sh dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: ## mypy --strict
	@tools/environment.sh dev
	@$(BIN)/mypy

contracts: ## which room may import which
	@tools/environment.sh dev
	@$(BIN)/lint-imports

wheel: ## build the wheel and see that it holds the four packages
	@tools/environment.sh dev
	@$(BIN)/python tools/check_wheel.py

integration: ## real model servers behind the sidecar pair, and a minute of killing it
	@tools/environment.sh dev
	@$(BIN)/python integration/environments.py
	@$(BIN)/pytest integration --ignore=integration/prometheus $(PYTEST_ARGS)

prometheus: ## ten minutes of Prometheus 2 and 3 with real sidecars, and nine days of data (CONTRIBUTING.md)
	@tools/environment.sh dev
	@$(BIN)/pytest integration/prometheus $(PYTEST_ARGS)

e2e: ## models, sidecars, alerts on the cluster that KUBECONFIG names, with prometheus-operator (CONTRIBUTING.md)
	@tools/environment.sh dev
	@$(BIN)/pytest e2e --ignore=e2e/apiserver $(PYTEST_ARGS)

e2e-apiserver: ## the resource on the API server that KUBECONFIG names (kubectl is needed)
	@tools/environment.sh dev
	@$(BIN)/pytest e2e/apiserver $(PYTEST_ARGS)

e2e-versions: ## the resource, the webhook and the operator on API servers of Kubernetes 1.35 and 1.33 (CONTRIBUTING.md)
	@tools/environment.sh dev
	@tools/e2e_versions.sh

bench: ## measure against nginx, Envoy and the statistics libraries; writes benchmarks/RESULTS.md
	@tools/environment.sh dev
	@$(BIN)/python integration/environments.py envoy sketches whylogs
	@$(BIN)/python benchmarks/run_all.py

bench-rules: ## the rules in a real Prometheus: cost, reloads, healthy counts (an hour and more)
	@tools/environment.sh dev
	@$(BIN)/python benchmarks/run_all.py bench-rules

bench-peers: ## false alarms beside evidently and NannyML (installs 3 GB)
	@tools/environment.sh dev
	@$(BIN)/python integration/environments.py evidently nannyml
	@$(BIN)/python benchmarks/run_all.py bench-peers

bench-operator: ## the operator with 1,000 monitors on the API server that KUBECONFIG names (half an hour)
	@tools/environment.sh dev
	@$(BIN)/python benchmarks/run_all.py bench-operator

fix: ## format and repair what can be repaired
	@tools/environment.sh dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## refresh uv.lock from pyproject.toml (needs uv)
	@uv lock

clean: ## remove what the words above made
	rm -rf .venv .envs .cache .demo dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
