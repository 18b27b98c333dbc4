# Everything a user or CI calls. `make help` lists the verbs.
SHELL    := /bin/sh
PYTHON   ?= python3
SCENARIO ?= jit_load_pir
RELEASES ?= 2.6.2,3.0.0,3.3.1
ENGINE   ?= auto
BESIDE   ?= 2
VENV     := .venv
BIN      := $(VENV)/bin
STAMP    := $(VENV)/.ready
DEV      := $(VENV)/.dev-ready
SMOKE    := \
  tests/unit/test_compare.py::test_the_grade_is_what_the_rule_says \
  tests/unit/test_environment_catalogue.py::test_any_range_is_releases_in_order_or_a_usage_error \
  tests/unit/test_formats_tensors.py::test_every_tensor_of_a_stream_is_found_where_it_lies \
  tests/unit/test_formulas_reference.py::test_what_is_made_normal_has_mean_0_and_deviation_1 \
  tests/unit/test_knowledge_problems.py::test_an_entry_with_another_phase_never_fits \
  tests/unit/test_language.py::test_what_the_catalogue_does_not_know_comes_out_as_it_went_in \
  tests/unit/test_outcome_signature.py::test_numbers_do_not_count \
  tests/unit/test_redaction.py::test_a_secret_is_gone_from_any_text \
  tests/unit/test_scenario.py::test_blocks_are_found_where_the_specification_finds_them \
  tests/unit/test_search_algorithms.py::test_the_answer_of_a_monotone_row_holds_the_edge_and_nothing_that_was_cleared \
  tests/unit/test_stats.py::test_holm_is_stricter_than_benjamini_hochberg_and_both_than_the_raw_p

.DEFAULT_GOAL := help
.PHONY: help setup repro matrix matrix-check sweep check-model bisect cure isolate explain explain-all bundle replay bench report doctor engine browser hosts check test smoke test-unit test-thorough test-fleet planted-bugs mutants contest bench-lab render lock docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

# The lock holds hashes and no address: the host's own index, mirror, proxy and CA apply.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) scripts/setup.py $(VENV) requirements.lock
	@touch $@

$(DEV): requirements-dev.lock tests/browser/axe.lock $(STAMP)
	$(PYTHON) scripts/setup.py $(VENV) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/browser/axe.lock
	@touch $@

setup: $(STAMP)  ## make the locked virtual environment (the other verbs do it by themselves)

repro: $(STAMP)  ## reproduce SCENARIO (ENGINE=auto|docker|podman|local, FULL=1 for the costly pairs, ARGS=...)
	@$(BIN)/lab repro $(SCENARIO) --engine $(ENGINE) $(if $(FULL),--full) $(ARGS)

matrix: $(STAMP)  ## which release reads what which release wrote (SCENARIO, SAVERS=, LOADERS=, ARGS="-o page.html")
	@$(BIN)/lab matrix $(SCENARIO) --engine $(ENGINE) $(if $(SAVERS),--savers '$(SAVERS)') $(if $(LOADERS),--loaders '$(LOADERS)') $(ARGS)

matrix-check: $(STAMP)  ## hold every scenario against what it expects, and say what changed
	@$(BIN)/lab repro --all --engine $(ENGINE) $(if $(FULL),--full) $(ARGS)

check-model: $(STAMP)  ## your own model: is it safe to upgrade? make check-model MODEL=path (TO=3.3.1, ARGS="--dim batch=4")
	@$(BIN)/lab check '$(MODEL)' --engine $(ENGINE) $(if $(TO),--to '$(TO)') $(ARGS)

sweep: $(STAMP)  ## which operators break or silently change numbers (OP=conv2d,pad, SAVERS=, LOADERS=, ARGS=...)
	@$(BIN)/lab sweep --engine $(ENGINE) $(if $(OP),--op '$(OP)') $(if $(SAVERS),--savers '$(SAVERS)') $(if $(LOADERS),--loaders '$(LOADERS)') $(ARGS)

bisect: $(STAMP)  ## since when it fails: make bisect SCENARIO=... GOOD=2.6.2 BAD=3.3.1 (ARGS="--axis both")
	@$(BIN)/lab bisect $(SCENARIO) --good $(GOOD) --bad $(BAD) --engine $(ENGINE) $(ARGS)

cure: $(STAMP)  ## what makes it work again: make cure SCENARIO=... AT=3.0.0
	@$(BIN)/lab cure $(SCENARIO) --at $(AT) --engine $(ENGINE) $(ARGS)

isolate: $(STAMP)  ## what is to blame: make isolate SCENARIO=... GOOD="release=2.6.2,cpu=host" BAD="release=3.0.0,cpu=Dhyana"
	@$(BIN)/lab isolate $(SCENARIO) --good '$(GOOD)' --bad '$(BAD)' --engine $(ENGINE) $(ARGS)

explain: $(STAMP)  ## one page: since when, why, what cures it: make explain SCENARIO=... (AT=3.0.0)
	@$(BIN)/lab explain $(SCENARIO) $(if $(AT),--at $(AT)) --engine $(ENGINE) $(ARGS)

explain-all: $(STAMP)  ## explain every scenario, or ARGS="NAME ...", and print the table of docs/explain.md
	@$(BIN)/python scripts/explain_all.py --engine $(ENGINE) $(ARGS)

bundle: $(STAMP)  ## one archive of RUN (default last) that anyone replays, proved before it is written
	@$(BIN)/lab bundle $(or $(RUN),last) --engine $(ENGINE) $(ARGS)

replay: $(STAMP)  ## replay a bundle: FILE=x.repro.tgz (ARGS="--loader newest": is it fixed?)
	@$(BIN)/lab replay $(FILE) --engine $(ENGINE) $(ARGS)

bench: $(STAMP)  ## compare releases in speed and memory (SCENARIO, RELEASES=2.6.2,3.0.0, ARGS=...)
	@$(BIN)/lab bench $(SCENARIO) --releases $(RELEASES) --engine $(ENGINE) $(ARGS)

report: $(STAMP)  ## everything measured and tried, as a site that opens from disk (ARGS="-o DIR")
	@$(BIN)/lab report $(ARGS)

doctor: $(STAMP)  ## what this machine can do, and how to mend what it cannot
	@$(BIN)/lab doctor

engine:  ## install and start Docker on Debian or Ubuntu (asks for root where it must)
	@sh scripts/engine.sh

browser:  ## install the Chromium that the tests of the report need, on Debian or Ubuntu (asks for root where it must)
	@sh scripts/browser.sh

hosts:  ## install iproute2, sshd and Slurm for the tests of a fleet, on Debian or Ubuntu (asks for root where it must)
	@sh scripts/hosts.sh

check: $(DEV)  ## lint, format, types, rendered Dockerfiles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lab images render --check

# What needs an engine, hosts or a browser mostly waits, so BESIDE workers wait at once, each with files of its own (loadfile; the
# groups of loadgroup are not seen by pytest-xdist 3.8 with pytest 9.2). What looks at the whole engine, or at how soon something
# ends, has it for itself afterwards.
test: $(DEV)  ## all tests; says before it begins which of them this machine cannot run (BESIDE=0: one file with containers after the other)
	@$(BIN)/python -m tests.missing
	$(BIN)/pytest -n auto -m "not containers and not fleet and not browser"
	$(BIN)/pytest -n $(BESIDE) --dist loadfile -m "(containers or fleet or browser) and not undisturbed"
	$(BIN)/pytest -m undisturbed

test-thorough: $(DEV)  ## the tests that need no engine, with many more examples, others each time, and each guest a Python started anew
	HYPOTHESIS_PROFILE=thorough LAB_EXAMPLES=2000 TOY_COLD=1 $(BIN)/pytest -n auto -m "not containers and not fleet and not browser"

smoke: $(DEV)  ## does it work here, in a minute: the command line, a property of each pure room, one scenario without an engine
	$(BIN)/lab --version
	$(BIN)/pytest -q -n 0 $(SMOKE)
	$(BIN)/lab run jit_load_pir --savers 3.0.0 --loaders 3.0.0 --engine local --rounds 0

test-unit: $(DEV)  ## only the tests that need no engine and no hosts of their own
	$(BIN)/pytest -n auto -m "not containers and not fleet"

test-fleet: $(DEV)  ## the tests of a fleet: hosts in network namespaces, which need root (make hosts installs the rest)
	$(if $(filter 0,$(shell id -u)),,sudo) env PYTHONDONTWRITEBYTECODE=1 $(BIN)/pytest -p no:cacheprovider tests/fleet

planted-bugs: $(DEV)  ## plant bugs that once survived the tests, one by one: each must be found (ONLY=word)
	$(BIN)/python scripts/planted_bugs.py $(ONLY)

mutants: $(DEV)  ## change the pure rooms one small thing at a time: the tests must notice (ROOMS="verdict stats" TENTHS=10 CHILDREN=2 AGAIN=1)
	$(BIN)/python scripts/mutants.py $(if $(TENTHS),--tenths $(TENTHS)) $(if $(CHILDREN),--children $(CHILDREN)) $(if $(AGAIN),--again) $(ROOMS)

siege: $(DEV)  ## try to break every promise, in 15 minutes (MINUTES=15 SEED=... ONLY=kills,bundles INTO=build/siege.txt)
	PYTHONPATH=. $(BIN)/python -m tests.siege.run $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY)) $(if $(INTO),--into $(INTO))

contest: $(DEV)  ## the lab against asv and pyperf (ONLY=E1,E2 INTO=folder ARGS=--quick; about 50 minutes on a quiet machine)
	$(BIN)/python benchmarks/contest/run.py $(if $(ONLY),--only $(ONLY)) $(if $(INTO),--into $(INTO)) $(ARGS)

bench-lab: $(DEV)  ## how fast the lab itself is, as ratios to the same work by hand (needs an engine, ~5 minutes)
	$(BIN)/python benchmarks/lab_speed.py

render: $(STAMP)  ## write images/<environment>/Dockerfile again from the template
	@$(BIN)/lab images render

lock: $(STAMP)  ## resolve the lab's own environment anew
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	    pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
	    --extra dev pyproject.toml -o requirements-dev.lock

docs: $(STAMP)  ## the documentation as a site in both languages, in build/docs (fetches mkdocs-material into its own environment)
	$(BIN)/uv tool run --from mkdocs --with 'mkdocs-material>=9.5,<10' --with hatchling mkdocs build --strict

clean:  ## remove the virtual environment and tool caches (runs, wheels and images stay)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
