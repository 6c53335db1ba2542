# Tocsin: the commands of daily work. `make help` lists them.
# Building and running needs Go and nothing else; the tests install what they need.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s
export CGO_ENABLED = 0

# The functions that templ writes are small around large bodies, so that the compiler lays the
# bodies into their callers, again and again: without that, package web compiles in a third of
# the time, and the binary is 5 MB smaller. Every command says it alike, so that all share one cache.
export GOFLAGS := $(shell go env GOFLAGS) -gcflags=tocsin/internal/web=-l

.DEFAULT_GOAL := help
.PHONY: help run build test check tools generate screenshots bench bench-check race fuzz clean \
	check-format check-vet check-staticcheck check-vulns check-licences check-templates check-assets check-walls

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build Tocsin and open its demo in the browser
	./bin/tocsin demo

build: ## build ./bin/tocsin: one static, stripped binary
	@mkdir -p bin
	go build -trimpath -ldflags "-s -w -X tocsin/internal/cli.Version=$(VERSION)" -o bin/tocsin ./cmd/tocsin

# Long tests begin first, so that no core idles at the end; check has vetted already, and
# nobody debugs these binaries.
test: tools check ## install what tests need, then everything: checks, both engines, browser, validators
	tools/with-postgres go run ./tools/tests -vet=off -ldflags='-s -w' -timeout 20m ./internal/walk ./internal/web ./internal/cli ./...

check: check-format check-vet check-staticcheck check-vulns check-licences check-templates check-assets check-walls ## format, vet, staticcheck, vulnerabilities, licences, generated files, the walls
	@echo "check: all good"

bench: ## print ratios against a bare program, keep them in bench/results and docs/performance.md (N=1000000 for a million cases)
	go run ./bench -out bench/results/latest.json -docs docs/performance.md

bench-check: ## run the benchmarks and fail where a ratio is worse by a fifth than in bench/results/latest.json
	go run ./bench -check bench/results/latest.json

generate: bin/tools/templ ## write the Go code of the page templates anew
	bin/tools/templ generate -path internal

screenshots: tools ## take the pictures of README and docs from the demonstration anew, into docs/images
	go test ./internal/walk -run '^TestShots$$' -count=1 -timeout 10m -v -update

race: ## all tests under the race detector (needs a C compiler; slow)
	CGO_ENABLED=1 tools/with-postgres go test -race -timeout 30m ./...

fuzz: ## run every fuzz target for FUZZTIME (10s) each
	tools/fuzz $(FUZZTIME)

tools: ## install what the checks and tests need (says what and why)
	tools/setup

clean: ## delete what was built and downloaded into this folder
	rm -rf bin .cache tools/oracle/*/node_modules

bin/tools/%: tools/versions
	tools/setup check
	@touch $@

check-format:
	@out=$$(gofmt -l $$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './.cache/*')); \
	if [ -n "$$out" ]; then echo "format: run gofmt -w on:"; echo "$$out"; exit 1; fi

check-vet:
	go vet ./...

check-staticcheck: bin/tools/staticcheck
	bin/tools/staticcheck ./...

check-vulns: bin/tools/govulncheck
	tools/vulns

check-licences:
	go run ./tools/licences

check-templates: bin/tools/templ
	tools/templates

check-assets:
	tools/vendor-assets --check

check-walls:
	go test .
	@go test -v -run TestHouse . | sed -n 's/^ *house_test.go:[0-9]*: \(.*split at.*\)/  to look at: \1/p'
