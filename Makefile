# From a machine with Python 3.11 or 3.13, make and bash to everything else.

SHELL := bash
PYTHON ?=
export PYTHON

BIN := .venv/bin
# photographs.py needs a folder of photographs with mattes, speckles.py an hour.
BENCHES := $(filter-out bench/photographs.py bench/speckles.py,$(wildcard bench/*.py))
PINS := pyproject.toml constraints.txt

.PHONY: help venv demo test chaos lint bench docs gallery schema constraints clean

help:
	@echo "make demo         from 3D objects to a trained network with recipes/quickstart.yaml"
	@echo "make test         the test suite, on every supported Python that is here"
	@echo "make chaos        every step on the disk fails once, of every command; random kills; memory after thousands of jobs"
	@echo "make lint         ruff and mypy"
	@echo "make bench        the measurements in bench/ that need nothing else"
	@echo "make venv         only the virtual environment .venv; PYTHON=/path/to/python chooses the interpreter"
	@echo "make docs         the documentation as a site in site/, read without a network"
	@echo "make gallery      docs/builtins.md, a picture of every family of built-in objects"
	@echo "make schema       recipes/recipe.schema.json from the recipe's models"
	@echo "make constraints  constraints.txt from the newest packages (needs Python 3.11 and 3.13)"
	@echo "make clean        remove environments, caches and built files; output/ stays"

venv: .venv/.installed

.venv/.installed: $(PINS)
	@tools/make_venv.sh .venv dev 3.11 3.13

# What the other Python tests needs no torch.
.venv311/.installed: $(PINS)
	@tools/make_venv.sh .venv311 render,composite,test 3.11

.venv313/.installed: $(PINS)
	@tools/make_venv.sh .venv313 render,composite,test 3.13

demo: venv
	$(BIN)/synthmat run --no-estimate recipes/quickstart.yaml

test: venv
	@tools/run_tests.sh

chaos: venv
	SYNTHMAT_CHAOS=1 $(BIN)/python -m pytest -q --timeout 3000 tests/test_failing_disk.py
	$(BIN)/python tools/random_kills.py
	$(BIN)/python tools/soak.py
	$(BIN)/python tools/hostile_inputs.py

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p synthmat

bench: venv
ifeq ($(BENCHES),)
	@echo "there is no script in bench/"
else
	@for script in $(BENCHES); do echo "== $$script"; $(BIN)/python $$script || exit 1; done
endif

docs: venv
	$(BIN)/python tools/make_reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "open site/index.html"

gallery: venv
	$(BIN)/python tools/make_gallery.py

schema: venv
	$(BIN)/synthmat recipe schema > recipes/recipe.schema.json.new
	@mv recipes/recipe.schema.json.new recipes/recipe.schema.json

constraints:
	@python311=$$(tools/find_python.sh 3.11) && python313=$$(tools/find_python.sh 3.13) \
	  || { echo "constraints.txt is made with both Python 3.11 and 3.13; one of them is not here" >&2; exit 2; }; \
	"$$python311" tools/pin_constraints.py "$$python311" "$$python313"

clean:
	rm -rf .venv .venv311 .venv313 build dist site src/*.egg-info *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src blender_scenes generator compositor train recipes tests bench tools -name __pycache__ -prune -exec rm -rf {} +
