# A lab workspace: `lab` is on PATH (pip install paddle-repro-lab).
SCENARIO ?= jit_load_pir
ENGINE   ?= auto
RELEASES ?= 2.6.2,3.0.0,3.3.1

.DEFAULT_GOAL := help
.PHONY: help repro matrix matrix-check check-model bench report doctor

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

repro:  ## reproduce SCENARIO (ENGINE=auto|docker|podman|local, FULL=1 for the costly pairs)
	lab repro $(SCENARIO) --engine $(ENGINE) $(if $(FULL),--full)

matrix:  ## which release reads what which release wrote (SCENARIO, SAVERS=, LOADERS=, ARGS="-o page.html")
	lab matrix $(SCENARIO) --engine $(ENGINE) $(if $(SAVERS),--savers '$(SAVERS)') $(if $(LOADERS),--loaders '$(LOADERS)') $(ARGS)

matrix-check:  ## hold every scenario against what it expects, and say what changed
	lab repro --all --engine $(ENGINE) $(if $(FULL),--full)

check-model:  ## your own model: is it safe to upgrade? make check-model MODEL=path (TO=3.3.1, ARGS="--dim batch=4")
	lab check '$(MODEL)' --engine $(ENGINE) $(if $(TO),--to '$(TO)') $(ARGS)

bench:  ## compare releases in speed and memory (SCENARIO, RELEASES=2.6.2,3.0.0, ARGS=...)
	lab bench $(SCENARIO) --releases $(RELEASES) --engine $(ENGINE) $(ARGS)

report:  ## everything measured and tried, as a site that opens from disk (ARGS="-o DIR")
	lab report $(ARGS)

doctor:  ## what this machine can do, and how to mend what it cannot
	lab doctor
