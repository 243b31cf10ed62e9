# Two commands do everything: `make run` and `make test`. The rest is for those who work on it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
SEEDS ?= 20
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export CTEST_OUTPUT_ON_FAILURE := 1

.PHONY: help setup build run test dev asan tsan tidy sim fuzz differential golden bench hostile interop interop-smoke clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup:
	@build_support/setup.sh

build: setup ## install what is missing, build build/release/bin/highwater
	@build_support/build.sh release highwater

run: build ## build, start `highwater dev`, say what to do next
	@exec build/release/bin/highwater dev

test: setup ## build two trees, run everything that gates a change
	@build_support/test.sh

dev: setup ## quick tree (-O0) with all tests, run the unit tests
	@build_support/build.sh dev all
	@ctest --test-dir build/dev -L unit -j $(JOBS)

asan: setup ## ASan and UBSan tree, run units and simulator
	@build_support/build.sh asan all
	@ctest --test-dir build/asan -L 'unit|sim' -j $(JOBS)

tsan: setup ## TSan tree, run the units
	@build_support/build.sh tsan all
	@ctest --test-dir build/tsan -L unit -j $(JOBS)

tidy: setup ## floors, sizes, our linter, clang-format, clang-tidy; then the house in figures
	@build_support/build.sh dev generated
	@build_support/tidy/run.sh

sim: setup ## simulator: SEED=n replays one, SEEDS=n runs many and adds to sim/ledger.txt
	@build_support/build.sh release highwater_sim
	@sim/run.sh "$(SEED)" "$(SEEDS)" $(JOBS)

fuzz: setup ## fuzz targets for SECONDS=n each, findings in build/fuzz/findings
	@build_support/build.sh fuzz fuzzers
	@python3 tests/fuzz/run.py build/fuzz/targets build/fuzz "$(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)" $(TARGETS)

differential: setup ## same random requests to Apache Kafka and to us: SEQUENCES=n REQUESTS=n SEED=n
	@build_support/build.sh release highwater
	@tests/differential/run.sh "$(SEQUENCES)" "$(REQUESTS)" "$(SEED)"

golden: setup ## make golden/ anew from Apache's published jars (Java, Maven)
	@tests/golden/make_golden.sh

bench: setup ## benchmark beside Apache Kafka in one run
	@build_support/build.sh release highwater bench
	@bench/run.sh

hostile: setup ## bad input at 50,000/s for SECONDS=600, and what others feel of it
	@build_support/build.sh release highwater flood
	@python3 tests/hostile/flood_test.py build/release/bin/highwater build/release/bin/flood --strict --seconds "$(if $(filter command line,$(origin SECONDS)),$(SECONDS),600)"

interop: setup ## every foreign client and tool against a running node
	@build_support/build.sh release highwater own_client
	@tests/interop/run.sh full

interop-smoke: setup ## the part of it that fits into four minutes
	@build_support/build.sh release highwater own_client
	@tests/interop/run.sh smoke

clean: ## remove build/
	@rm -rf build
