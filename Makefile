# What a contributor types is what the continuous integration runs.

PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)

.PHONY: help models demo lab test test-fast check bench bench-peers bench-page screenshots docs docs-serve badges dist clean

help:
	@echo "make demo         animate a drawn character with a drawn performance, without a key"
	@echo "make lab          open the first notebook in JupyterLab"
	@echo "make test         install what the tests need, and run them all"
	@echo "make test-fast    the tests without browsers, kills and kernels, within three minutes"
	@echo "make check        lint and types"
	@echo "make bench        fidelity, speed and memory, beside the alternatives; fails where a promise is not kept"
	@echo "make bench-peers  install what else waits for clips, and measure ours beside it, a quarter of an hour"
	@echo "make bench-page   write what it measured last into docs/benches.md"
	@echo "make screenshots  draw the pictures of docs/images anew"
	@echo "make docs         build the site into build/site/html, and look at ten of its pages in a browser"
	@echo "make docs-serve   build the site, and serve it on this machine"
	@echo "make badges       write links to Colab and Binder into README and notebooks, once the repository has an address"
	@echo "make dist         build wheel and sdist into dist, and check them"

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "Python 3.10 or later is needed; name one with: make PYTHON=/path/to/python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ echo "This Python cannot make virtual environments. On Debian: apt install python3-venv"; rm -rf .venv; exit 1; }
	@touch $@

.venv/for-demo: .venv/made pyproject.toml
	@echo "Installing (once, a minute or two)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[preview]'
	@touch $@

.venv/for-lab: .venv/for-demo
	@echo "Installing JupyterLab (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[preview,sweeps]' 'jupyterlab>=4.4,<5' scikit-image
	@touch $@

.venv/for-dev: .venv/for-demo
	@echo "Installing what the tests need (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.venv/for-docs: .venv/for-demo
	@echo "Installing what the site needs (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]' 'playwright>=1.50'
	@touch $@

# Without a network the set-up goes on: what is missing was said, and the first preview tries again.
models: .venv/for-demo
	@$(BIN)/wan-notebook models || true

demo: models
	@$(BIN)/wan-notebook demo

lab: .venv/for-lab models
	$(BIN)/jupyter lab notebooks/1_first_clip.ipynb

test: .venv/for-dev models
	@$(BIN)/python tests/browser/install.py
	$(BIN)/python -m pytest -n 2 --ignore=tests/browser
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/browser

test-fast: .venv/for-dev models
	$(BIN)/python -m pytest -n 2 -m "not slow" --ignore=tests/browser

check: .venv/for-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/for-dev models
	@$(BIN)/python tests/browser/install.py
	$(BIN)/python -m tests.bench

# In an environment of their own: they want other releases of the same libraries than Colab has.
.venvs/peers/made: Makefile .venv/made
	@$(PYTHON) -m venv .venvs/peers
	@.venvs/peers/bin/python -m pip install --quiet --disable-pip-version-check aimlapi-sdk-python==2.24.0rc1 fal-client==1.0.3 openai==3.57.0 replicate==1.0.7 runwayml==5.24.0
	@touch $@

bench-peers: .venv/for-dev .venvs/peers/made
	$(BIN)/python -m tests.bench peers

bench-page: .venv/for-dev
	$(BIN)/python -m tests.bench --page

screenshots: .venv/for-dev models
	@$(BIN)/python tests/browser/install.py
	$(BIN)/python -m tests.browser.screenshots

docs: .venv/for-docs models
	@$(BIN)/python tests/browser/install.py site
	$(BIN)/python -m docs.site.build
	$(BIN)/python -m tests.browser.site_page

docs-serve: .venv/for-docs models
	$(BIN)/python -m docs.site.build
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory build/site/html

badges: .venv/for-docs
	$(BIN)/python -m docs.site.places

dist: .venv/for-dev
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m twine check --strict dist/*
	@ls -l dist

clean:
	rm -rf .venv .venvs build dist demo
