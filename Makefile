# Two commands matter to a newcomer: `make demo` and `make test`. Each sets itself up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: help players demo test check bench messages pictures clean prove-fuzz prove-cuts prove-country prove-monday prove-link prove-neighbours prove-crash prove-importers prove-image prove-image-arm64 prove-system prove-slots prove-radio bench-class wheel deb frozen prove-wheel prove-frozen prove-container prove-units
.DEFAULT_GOAL := help

help:
	@echo "make demo    a whole country on this machine: hub, box, lessons (ARGS=\"…\" is passed on)"
	@echo "make test    every test; make check: lint, types, architecture"
	@echo "make players the players of H5P, SCORM, EPUB and PDF, from npm; demo and test call it"
	@echo "make bench   the benchmarks of tests/bench, with their figures (ARGS=\"updates\" for one)"
	@echo "make wheel, deb, frozen   what is given to others, into dist/; prove-wheel, prove-frozen try it on a clean computer, prove-container the hub in containers, prove-units under systemd"
	@echo "make bench-class   thirty-five pupils on one hotspot, as root, with EDUBOX_SAMPLES"
	@echo "make prove-fuzz, prove-cuts, prove-country, prove-monday, prove-crash, prove-neighbours, prove-link, prove-importers, prove-image, prove-image-arm64, prove-system, prove-slots, prove-radio   the long runs of what make test does briefly"

$(VENV)/.ready: pyproject.toml packaging/compile_catalogues.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "edubox needs Python 3.11 or later: install it, or say which with  make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "this Python cannot make virtual environments: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[hub,importers,dev]'
	@touch $@

# Translations are compiled by the build hook; an edited .po is compiled again here.
CATALOGUES := $(wildcard edubox/pages/catalogues/*/LC_MESSAGES/edubox.po edubox/hub/desk/catalogues/*/LC_MESSAGES/hub.po)
%.mo: %.po $(VENV)/.ready
	$(BIN)/pybabel -q compile -i $< -o $@

# Players of exercises, books and activities, from npm by name; without npm, everything else works.
players: packaging/players/built/package-lock.json
packaging/players/built/package-lock.json: packaging/players/package-lock.json packaging/players/build.py
	@$(PYTHON) packaging/players/build.py

demo: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	@$(MAKE) --no-print-directory --silent players || :
	@$(BIN)/edubox demo $(ARGS)

test: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	@tests/setup-machine
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: $(VENV)/.ready
	$(BIN)/python -m tests.bench $(ARGS)

# Thirty-five pupils on one hotspot, as root, 17 minutes: on a box, nginx, kiwix-serve and, if it is installed, Kolibri (ARGS="--plot FILE").
bench-class: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -u -m tests.prove.classroom $(ARGS)

# The same tests as in make test, at full count.
prove-fuzz: $(VENV)/.ready
	EDUBOX_FUZZ_EXAMPLES=10000 $(BIN)/python -m pytest -q -k fuzz tests/pack tests/importers tests/trust tests/sync $(ARGS)

prove-cuts: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	EDUBOX_KILLS=100 $(BIN)/python -m pytest -q tests/faults $(ARGS)

# Months of 300 countries, each with its own misfortunes; half an hour (ARGS="--hypothesis-seed=7" for others).
prove-country: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	EDUBOX_COUNTRIES=300 $(BIN)/python -m pytest -q -s tests/country/test_months.py $(ARGS)

# A release to 60,000 schools: what the hub sees, and what one core of it answers; ten minutes (ARGS="--plot FILE").
prove-monday: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -u -m tests.prove.monday $(ARGS)

prove-crash: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	EDUBOX_CRASH_STATES=10000 $(BIN)/python -m pytest -q -s tests/faults/test_crash.py $(ARGS)

# Three boxes on one bridge, as root: who gives how many bytes, and what a hostile one costs.
prove-neighbours: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -m tests.prove.neighbours $(ARGS)

# A real lesson over 256 kbit/s with cuts, as root, 20 minutes: against wget, rsync and whole files (ARGS="--plot FILE").
prove-link: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -u -m tests.prove.link $(ARGS)

# A lesson of every sample and of 1.5 GB: what it became, how long it took, in how much memory.
prove-importers: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -u -m tests.prove.importers --large $(ARGS)

# The real GRUB and U-Boot of Debian 13 in QEMU: good, tried, broken, cut. Six minutes (ARGS="--only pc --kills 100").
prove-slots: $(VENV)/.ready
	$(BIN)/python -u -m tests.prove.slots $(ARGS)

# What is given to others, into dist/: ARGS="--arch arm64 --python 3.13" for another package.
wheel: $(VENV)/.ready
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps -w dist .

deb: $(VENV)/.ready
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python packaging/debian/build.py --arch $$(dpkg --print-architecture) -o dist $(ARGS)

# One folder for computers without Python; on Linux on the oldest Debian that is supported.
frozen: $(VENV)/.ready
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python packaging/pyinstaller/build.py -o dist $(ARGS)

# pipx installs the wheel, whose players play without npm: a minute.
prove-wheel: $(VENV)/.ready
	@$(MAKE) --no-print-directory players
	$(BIN)/python -u -m tests.prove.wheel $(ARGS)

# The frozen folder runs a country on a Debian 12 without Python, as root: three minutes (ARGS="--built dist/edubox").
prove-frozen: $(VENV)/.ready
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python -u -m tests.prove.frozen $(ARGS)

# The hub's image is built and compose.yaml started, from Debian packages alone, as root: four minutes.
prove-container: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -u -m tests.prove.container $(ARGS)

# The hub's units under systemd in a Debian 12, as root: a lesson, a mirror, a backup, a killed hub; three minutes (systemd-container).
prove-units: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -u -m tests.prove.units $(ARGS)

# The image of a PC, made twice and started in QEMU: a lesson, a system that is kept, one that is given up, twenty power cuts. As root,
# 36 minutes of a calm machine with two cores (ARGS="--package edubox.deb").
prove-image: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python -u -m tests.prove.image $(ARGS)

# The image of a Raspberry Pi, on QEMU's 3B and virt, by U-Boot: a lesson, the other slot, a panic. As root, with qemu-user-static;
# the first time a quarter of an hour goes for Debian's root (ARGS="--only pi --package edubox.deb").
prove-image-arm64: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python -u -m tests.prove.image_arm64 $(ARGS)

# A phone comes in over simulated radios to a box of a PC's image in QEMU, and what its cables and sticks may do to it, as root:
# a quarter of an hour (ARGS="--package edubox.deb").
prove-radio: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	@$(MAKE) --no-print-directory --silent players || :
	$(BIN)/python -u -m tests.prove.radio $(ARGS)

# A system of real size from its publisher to the other slot, minutes of compressing (ARGS="OLD NEW" for two root images).
prove-system: $(VENV)/.ready
	$(BIN)/python -u -m tests.prove.system $(ARGS)

messages: $(VENV)/.ready
	$(BIN)/pybabel -q extract -F packaging/babel.cfg --no-location --project edubox --version 0.1 --copyright-holder "the edubox authors" -k "_ ngettext:1,2 Notice" -o edubox/pages/catalogues/edubox.pot edubox
	$(BIN)/pybabel -q update -D edubox -i edubox/pages/catalogues/edubox.pot -d edubox/pages/catalogues --no-fuzzy-matching --width 110
	$(BIN)/pybabel -q extract -F packaging/babel-hub.cfg --no-location --project edubox --version 0.1 --copyright-holder "the edubox authors" -k "_ ngettext:1,2" -o edubox/hub/desk/catalogues/hub.pot edubox
	$(BIN)/pybabel -q update -D hub -i edubox/hub/desk/catalogues/hub.pot -d edubox/hub/desk/catalogues --no-fuzzy-matching --width 110

# The pictures of README and docs, taken with headless Chromium.
pictures: $(VENV)/.ready $(CATALOGUES:.po=.mo)
	$(BIN)/python -m tests.browser.pictures

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
