# The front door. `make test` on a bare Debian 12 installs what is missing, builds and tests.
# The build itself is CMake (CMakePresets.json); everything here can be done with it alone.

JOBS   ?= $(shell nproc)
PORT   ?= 8000
PREFIX ?= /usr/local
SECONDS ?= 60

MAKEFLAGS += --no-print-directory --no-builtin-rules
.NOTPARALLEL:
.DEFAULT_GOAL := help

build_with = cmake --build --preset $(1) --parallel $(JOBS)
test_with  = ctest --preset $(1) --parallel $(JOBS)
sources    = find include src tools examples tests fuzz bench -name '*.[ch]pp'

##@ Use

run: packages build/release/build.ninja  ## build, then serve this directory on http://localhost:8000 (PORT=)
	@$(call build_with,release) --target socketserver_tool
	@exec build/release/bin/socketserver http --port $(PORT)

build: packages build/release/build.ninja  ## build everything for release
	@$(call build_with,release)

test: packages-pages build  ## build, then run every test
	@$(call test_with,release)

install: build  ## install to PREFIX (default /usr/local)
	cmake --install build/release --prefix $(PREFIX)

deb: packages packages-deb  ## make the Debian packages of what is committed, in build/deb
	@JOBS=$(JOBS) scripts/make-deb

##@ Work on it

check: build/dev/build.ninja  ## inner loop: debug build and its tests, installs nothing
	@$(call build_with,dev)
	@$(call test_with,dev)

format: packages-checks  ## lay out the code with clang-format
	@$(sources) | xargs -r clang-format-16 -i

bench: packages packages-bench build/release/build.ninja  ## compare with bare loops and other servers (BENCH=--help)
	@cmake --preset release >/dev/null  # sees what `packages-bench` has installed since
	@$(call build_with,release)
	@scripts/bench --report build/bench $(BENCH)

##@ Check it

format-check: packages-checks  ## is the layout clang-format's?
	@$(sources) | xargs -r clang-format-16 --dry-run --Werror

floors:  ## does every file include only what docs/floors.md allows?
	@scripts/check-floors

headers: packages packages-checks  ## does every public header compile alone?
	@scripts/check-headers

docs:  ## do links lead somewhere, are the documents' examples compiled ones?
	@scripts/check-docs

site: packages-site  ## build the documentation site in build/site/html; are its links good, all public names commented?
	@scripts/site

clang: packages packages-checks build/clang/build.ninja  ## build and test with Clang and its thread-safety analysis
	@$(call build_with,clang)
	@$(call test_with,clang)

tidy: packages packages-checks build/tidy/build.ninja  ## build with Clang and clang-tidy
	@clang-tidy-16 --verify-config >/dev/null  # else a mistake in .clang-tidy passes everything
	@$(call build_with,tidy)

asan: packages build/asan/build.ninja  ## test under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(call build_with,asan)
	@$(call test_with,asan)

tsan: packages build/tsan/build.ninja  ## test under ThreadSanitizer
	@scripts/without-aslr $(call build_with,tsan)
	@scripts/without-aslr $(call test_with,tsan)

fuzz: packages packages-checks build/fuzz/build.ninja  ## fuzz each parser for SECONDS (default 60)
	@$(call build_with,fuzz)
	@scripts/fuzz $(SECONDS)

soak: packages build/release/build.ninja  ## load each engine for SECONDS (or REQUESTS=) and watch what it uses
	@$(call build_with,release) --target soak
	@scripts/soak --report build/soak $(SECONDS) $(REQUESTS)

mutants:  ## do the tests notice the mistakes of tests/mutations.toml?
	@scripts/mutate

coverage: packages build/coverage/build.ninja  ## do the tests execute 92 % of the library, 98 % of its parsers?
	@$(call build_with,coverage)
	@find build/coverage -name '*.gcda' -delete
	@$(call test_with,coverage)
	@scripts/coverage --least 92 --least-parsers 98

fuzz-coverage: packages build/coverage/build.ninja  ## what of each parser do the inputs in fuzz/corpus reach?
	@$(call build_with,coverage)
	@find build/coverage -name '*.gcda' -delete
	@$(call test_with,coverage) --label-regex fuzz --quiet
	@scripts/coverage --parsers

instructions: packages packages-counts build/release/build.ninja  ## does a request cost more instructions than on record?
	@$(call build_with,release) --target bench_echo bench_hello bench_static bench_rpc
	@scripts/instructions $(INSTRUCTIONS)

##@ Other

clean:  ## remove everything that was built
	rm -rf build

help:  ## this text
	@awk -F ':.*## ' '/^##@/ { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

packages:
	@scripts/bootstrap build

packages-pages:
	@scripts/bootstrap build pages

packages-checks:
	@scripts/bootstrap checks

packages-bench:
	@scripts/bootstrap bench

packages-counts:
	@scripts/bootstrap counts

packages-site:
	@scripts/bootstrap site

packages-deb:
	@scripts/bootstrap deb

# Ninja itself notices changes of CMake files, but not of the presets.
build/%/build.ninja: CMakePresets.json
	@cmake --preset $*
	@touch $@

.PHONY: run build test install deb check format bench format-check floors headers docs site clang tidy asan \
        tsan fuzz soak mutants coverage fuzz-coverage instructions clean help packages packages-checks packages-deb \
        packages-pages packages-bench packages-counts packages-site
