# Everything here works from a fresh clone: it installs what is missing first (.ci/setup). See CONTRIBUTING.md.
.PHONY: build demo test check bench format setup
.DEFAULT_GOAL := build

setup:          # what building and testing need: Debian packages, and pinned files in .deps
	@.ci/setup test

build:          # the program: build/amont
	@.ci/setup build
	@.ci/build dev amont

demo:           # check three million real flights, once and as a service
	@.ci/setup build
	@.ci/build dev amont
	@.ci/demo

test:           # build everything, fuzz for a minute, run every test
	@.ci/test

check:          # sanitizers and clang-tidy; BASE=origin/main looks only at what changed since
	@.ci/check $(BASE)

bench:          # measure, as ratios
	@.ci/bench

format:
	@.ci/setup format
	@git ls-files '*.h' '*.cc' | xargs clang-format-14 -i
