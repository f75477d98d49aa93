# Make targets. Set-up is done by the targets that need it and is quick when repeated: each step leaves a stamp.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL: # several targets make and use the same stage
# Waiting threads that spin make everything slower on a machine with other work.
export OMP_WAIT_POLICY := passive

VERSION := $(shell sed -n 's/^version=//p' metadata.txt)
PLUGIN_PYTHON ?= /usr/bin/python3
RUNTIME_BASE ?= /usr/bin/python3
# CPU builds of torch are not on the default index; where this one cannot be reached, pip goes on with the default.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
QGIS_PROCESS ?= $(firstword $(wildcard /usr/bin/qgis_process.bin /usr/bin/qgis_process))
LRELEASE ?= $(firstword $(wildcard /usr/bin/lrelease /usr/lib/qt5/bin/lrelease))
QGIS_PROFILE ?= $(HOME)/.local/share/QGIS/QGIS3/profiles/default
SCENE ?=
LONG ?=

RUNTIME := .venv-runtime
QGIS := .venv-qgis
BENCH := .venv-bench
APT_PACKAGES := python3-qgis qgis qgis-providers xvfb xauth python3-venv python3-pyqt6 qttools5-dev-tools git
STAGE_ROOT ?= build/stage
STAGE := $(STAGE_ROOT)/sgma_qgis
DIST ?= dist
# QGIS finds its own Python modules only with the system's python3 first on PATH.
QGIS_ENV := env PATH=/usr/bin:/bin QT_QPA_PLATFORM=offscreen

BENCHES := $(patsubst benchmarks/bench_%.py,bench-%,$(sort $(wildcard benchmarks/bench_*.py)))

.PHONY: help setup demo test test-qgis340 screenshots bench $(BENCHES) package stage deploy lint i18n lock models evidence clean
help: ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: build/.apt $(RUNTIME)/.done $(QGIS)/.done ## install what is missing: apt packages (as root), the two environments

build/.apt: Makefile
	@mkdir -p build
	@missing=$$(for p in $(APT_PACKAGES); do dpkg-query -W -f="\$${db:Status-Status}" $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" != 0 ]; then echo "Missing packages: $$missing. Run: sudo apt-get install" $$missing; exit 1; fi; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >build/apt.log 2>&1 || { tail -20 build/apt.log; exit 1; }; \
	fi
	@touch $@

$(RUNTIME)/.done: sgma_qgis/runtime/requirements.txt sgma_qgis/runtime/requirements-no-deps.txt tests/requirements-runtime.txt | build/.apt
	$(RUNTIME_BASE) -m venv $(RUNTIME)
	$(RUNTIME)/bin/pip install -q --disable-pip-version-check --retries 0 --extra-index-url $(TORCH_INDEX) $$(sed -n 's|^\(torch[^ ]*\).*|\1|p' sgma_qgis/runtime/requirements.txt)
	$(RUNTIME)/bin/pip install -q --disable-pip-version-check -r sgma_qgis/runtime/requirements.txt -r tests/requirements-runtime.txt
	$(RUNTIME)/bin/pip install -q --disable-pip-version-check --no-deps -r sgma_qgis/runtime/requirements-no-deps.txt
	@touch $@

$(QGIS)/.done: tests/requirements-qgis.txt | build/.apt
	$(PLUGIN_PYTHON) -m venv --system-site-packages $(QGIS)
	$(QGIS)/bin/pip install -q --disable-pip-version-check -r tests/requirements-qgis.txt
	@touch $@

demo: setup stage ## map a generated town (or SCENE=folder) through qgis_process with all sensors and with each alone
	$(RUNTIME)/bin/python -m benchmarks.demo --qgis-process $(QGIS_PROCESS) $(if $(SCENE),--scene "$(SCENE)")

test: setup ## run every test: runtime tests in one environment, plugin tests in the other, as in production
	$(RUNTIME)/bin/python -m pytest tests --ignore=tests/plugin --ignore=tests/test_architecture.py --ignore=tests/test_package.py
	$(QGIS_ENV) $(QGIS)/bin/python -m pytest tests/plugin tests/test_architecture.py tests/test_package.py

test-qgis340: $(RUNTIME)/.done ## the plugin's tests in QGIS 3.40, in a Debian 13 that is made once (as root, 2.7 GB in build/debian13)
	.ci/qgis340 build/debian13 tests/plugin tests/test_architecture.py tests/test_package.py

screenshots: setup stage ## drive a real QGIS window through a generated town, pictures into docs/screenshots; SCENE=folder: yours, into build
	@rm -rf build/screenshots && mkdir -p build/screenshots
	$(if $(SCENE),,$(RUNTIME)/bin/python -m sgma_qgis.model town --output build/screenshots --size 3072 --seed 90001)
	$(PLUGIN_PYTHON) docs/screenshots/take.py --plugins $(STAGE_ROOT) --runtime $(RUNTIME)/bin/python \
	  --layers $(if $(SCENE),"$(SCENE)",build/screenshots/scene_90001) --output $(if $(SCENE),build/screenshots,docs/screenshots)
	$(if $(SCENE),,$(RUNTIME)/bin/python -m sgma_qgis.model town --output build/screenshots --size 224 --seed 90002)
	$(if $(SCENE),,SGMA_TOUR_EPOCHS=6 SGMA_TOUR_PATIENCE=1200 $(PLUGIN_PYTHON) docs/screenshots/take.py --plugins $(STAGE_ROOT) \
	  --runtime $(RUNTIME)/bin/python --layers build/screenshots/scene_90002 --output docs/screenshots \
	  --tour docs/screenshots/finetune_tour.py)
	$(if $(SCENE),,$(RUNTIME)/bin/python -m sgma_qgis.model town --output build/screenshots --size 512 --seed 90003)
	$(if $(SCENE),,$(PLUGIN_PYTHON) docs/screenshots/take.py --plugins $(STAGE_ROOT) --runtime $(RUNTIME)/bin/python \
	  --layers build/screenshots/scene_90003 --output docs/screenshots --tour docs/screenshots/strokes_tour.py)

bench-event_loop: stage

bench: $(BENCHES) ## run the benchmarks and print their tables (small); LONG=1: at full size, hours; bench-NAME runs one

# By name: what a script is given, and at full size.
SHORT_efficiency := --size 2048 --repeats 1
LONG_efficiency := --repeats 5
SHORT_finetune := --bases town-demo --epochs 2
LONG_finetune := --bases town-demo trees-aerial
SHORT_tiling := geometry
LONG_tiling := overlap
LONG_memory := --cases $(foreach size,4096x4096 32768x4096 4096x32768 32768x32768,pvt_v2_b0:rgb:$(size)) \
	$(foreach size,4096x4096 32768x4096,pvt_v2_b2:rgb+nir+dsm:$(size))
LONG_sensors := --size 4096 --repeats 5
SHORT_strokes := --counts 1 5 20 --seeds 1
LONG_strokes := --seeds 3
SHORT_strokes_adapters := --sets ign
LONG_strokes_adapters := --sets town ign terramesh neon
LONG_plain_loop := --size 4096 --repeats 5
LONG_geodeep := --size 8192 --repeats 5 --networks small pvt_v2_b0

$(BENCHES): bench-%: setup
	$(RUNTIME)/bin/python -m benchmarks.bench_$* $(if $(LONG),$(or $(LONG_$*),$(SHORT_$*)),$(SHORT_$*))

bench-plain_loop bench-geodeep bench-strokes bench-strokes_adapters: $(BENCH)/.done
bench-strokes bench-strokes_adapters: export PYTHONPATH := $(BENCH)/boosting

# The programs that we are compared with. They see the runtime's packages, their own first; scipy lies apart, since
# geodeep behaves otherwise with it.
$(BENCH)/.done: benchmarks/requirements.txt benchmarks/requirements-boosting.txt $(RUNTIME)/.done
	$(RUNTIME_BASE) -m venv $(BENCH)
	@purelib() { "$$1"/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }; \
	realpath "$$(purelib $(RUNTIME))" > "$$(purelib $(BENCH))"/runtime.pth
	$(BENCH)/bin/pip install -q --disable-pip-version-check $$(sed -n 's/^\([a-z]*==[^ ]*\).*/\1/p' $< | grep -v ^scipy)
	$(BENCH)/bin/pip install -q --disable-pip-version-check --no-deps --upgrade --target $(BENCH)/scipy $$(sed -n 's/^\(scipy[^ ]*\).*/\1/p' $<)
	$(BENCH)/bin/pip install -q --disable-pip-version-check --no-deps --upgrade --target $(BENCH)/boosting -r benchmarks/requirements-boosting.txt
	@touch $@

evidence: setup $(BENCH)/.done ## train what the table of docs/evidence.md lacks, hours; then print it
	$(RUNTIME)/bin/python -m benchmarks.evidence run --sets town neon scene --seeds 0 1 2
	$(RUNTIME)/bin/python -m benchmarks.evidence run --sets naip terramesh --rows mean-dropout mean-uniform sgf-default
	PYTHONPATH=$(BENCH)/boosting $(RUNTIME)/bin/python -m benchmarks.evidence_boosting --sets town neon naip terramesh
	$(RUNTIME)/bin/python -m benchmarks.evidence table

i18n: ## put new texts of the plugin into the translations' files, and tell which have no translation
	$(PLUGIN_PYTHON) .ci/i18n.py

# TORCH_WHEELS: page of the index of torch's processor builds, or a folder of wheels; empty: that lock stays as it is.
TORCH_WHEELS ?=
lock: build/uv/.done ## pin the newest libraries that requirements.txt allows, with their checksums
	$(PLUGIN_PYTHON) .ci/lock.py build/uv/bin/uv $(TORCH_WHEELS)

build/uv/.done:
	$(RUNTIME_BASE) -m venv build/uv
	build/uv/bin/pip install -q --disable-pip-version-check uv==0.13.9
	@touch $@

models: setup ## retrain the starter models (town-demo, trees-aerial); an hour on two cores
	$(RUNTIME)/bin/python -m benchmarks.starter_models town-demo
	$(RUNTIME)/bin/python -m benchmarks.starter_models trees-aerial

stage: ## copy what the plugin ships into one folder, STAGE_ROOT/sgma_qgis (build/stage)
	@rm -rf $(STAGE) && mkdir -p $(STAGE_ROOT)
	@git ls-files -z sgma_qgis | xargs -0 cp --parents -t $(STAGE_ROOT)
	@git ls-files -z model resources metadata.txt LICENSE | xargs -0 cp --parents -t $(STAGE)
	@[ -n "$(LRELEASE)" ] || { echo "lrelease compiles the translations: apt-get install qttools5-dev-tools"; exit 1; }
	@for file in $(STAGE)/resources/i18n/*.ts; do $(LRELEASE) -silent "$$file" -qm "$${file%.ts}.qm" && rm "$$file"; done

package: stage ## write DIST/sgma_qgis-VERSION.zip (dist)
	@mkdir -p "$(DIST)" && rm -f "$(DIST)/sgma_qgis-$(VERSION).zip"
	@zip=$$(realpath "$(DIST)")/sgma_qgis-$(VERSION).zip; cd $(STAGE_ROOT) && $(PLUGIN_PYTHON) -m zipfile -c "$$zip" sgma_qgis; ls -l "$$zip"

deploy: stage ## copy the plugin into a QGIS profile: QGIS_PROFILE=folder, else the default one of this user
	@mkdir -p "$(QGIS_PROFILE)/python/plugins" && rm -rf "$(QGIS_PROFILE)/python/plugins/sgma_qgis"
	@cp -r $(STAGE) "$(QGIS_PROFILE)/python/plugins/"
	@echo "Installed into $(QGIS_PROFILE)/python/plugins/sgma_qgis"
	@if [ -n "$${SGMA_RUNTIME_PYTHON:-}" ]; then echo "It computes with $$SGMA_RUNTIME_PYTHON (SGMA_RUNTIME_PYTHON)."; \
	elif [ -e $(RUNTIME)/.done ]; then echo "To compute with this checkout's: export SGMA_RUNTIME_PYTHON=$(abspath $(RUNTIME))/bin/python"; \
	else echo "Install its engine in QGIS: Settings > Options > SGMA; or have make setup build one here."; fi

lint: $(RUNTIME)/.done $(QGIS)/.done ## ruff, and the import directions
	$(RUNTIME)/bin/ruff check .
	$(RUNTIME)/bin/ruff format --check .
	$(QGIS_ENV) $(QGIS)/bin/python -m pytest -q tests/test_architecture.py

clean: ## remove what was built, not the environments
	rm -rf build dist
