# Every target sets up what it needs: a machine with Python 3.11 and make is enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
OUT    ?= build/demo
SIZE   ?= full
VERIFIER ?= $(BIN)/python -m tests.vectors_program
ifneq ($(wildcard ../shared/data),)
SAMPLER_TEST_DATA ?= $(abspath ../shared/data)
export SAMPLER_TEST_DATA
endif

.PHONY: bench-model bench-cities coverage setup demo test check lint types layers docs bench mutation torture integration wheelhouse conformance vectors lock clean

setup: $(STAMP)
$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@$(BIN)/uv pip sync -q --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)
	@$(BIN)/sampler demo --size $(SIZE) --out $(OUT)

test: $(STAMP)
	@$(BIN)/python -m pytest -q -n 2

check: lint types layers docs
lint: $(STAMP)
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
types: $(STAMP)
	@$(BIN)/mypy
layers: $(STAMP)
	@$(BIN)/lint-imports
docs: $(STAMP)
	@$(BIN)/python -m tests.make_docs --check

coverage: $(STAMP)
	@$(BIN)/python -m pytest -q -n 2 --cov --cov-report=term:skip-covered

bench: $(STAMP)
	@$(BIN)/python -m tests.bench $(PART)
bench-%: $(STAMP)
	@$(BIN)/python -m tests.bench $*
mutation: $(STAMP)
	@$(BIN)/python -m tests.mutation $(MODULE)
bench-model: $(STAMP)
	@$(BIN)/python -m tests.bench_model --write
	@$(BIN)/python -m tests.bench_loop --write
bench-cities: $(STAMP)
	@$(BIN)/python -m tests.bench_cities --write
torture: $(STAMP)
	@$(BIN)/python -m tests.torture $(PART)
integration: $(STAMP)
	@$(BIN)/uv pip install -q --python $(BIN)/python "pyspark>=4.1,<5" || echo "pyspark could not be installed: its tests are skipped"
	@$(BIN)/python -m pytest -q -m integration
wheelhouse: $(STAMP)
	@$(BIN)/python -m tests.wheelhouse $(if $(PLATFORM),--platform $(PLATFORM))
conformance: $(STAMP)
	@$(BIN)/python -m tests.conformance --verifier "$(VERIFIER)"
vectors: $(STAMP)
	@$(BIN)/python -m tests.make_vectors --check
	@$(BIN)/python -m tests.assign_vectors --check

# all extras but spark: half a gigabyte, installed by who has a cluster and by `make integration`
EXTRAS := beacon speed duckdb postgres
lock: pyproject.toml
	@$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-header $(EXTRAS:%=--extra %) --group dev --no-emit-index-url -o requirements.lock
clean:
	@rm -rf build
