#!/bin/sh
# Rewrites the four lock files from pyproject.toml; needs uv. Hashes only, no host names.
set -eu
cd "$(dirname "$0")/.."
uv lock --quiet
export_lock() { uv export --quiet --no-emit-project --no-header --no-annotate "$@"; }
export_lock --no-default-groups -o tools/requirements.lock >/dev/null
export_lock --group dev -o tools/requirements-dev.lock >/dev/null
export_lock --only-group build -o tools/requirements-build.lock >/dev/null
export_lock --only-group bench -o tools/requirements-bench.lock >/dev/null
