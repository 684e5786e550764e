#!/bin/sh
# Makes or refreshes the project's own environment in .venv, with uv or, where uv is missing, with
# plain venv and pip.  Usage: tools/environment.sh demo|dev
# `demo` holds what `make demo` needs; `dev` holds every extra and the test and lint tools.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
venv=.venv
stamp="$venv/.made-$wanted"
key=$(cat pyproject.toml uv.lock tools/environment.sh | cksum)

[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && exit 0

for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$("$candidate" -c 'import sys; print(sys.executable)')
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "modelmonitor needs Python 3.11 or later with venv; found none. Set PYTHON=/path/to/python3.11" >&2
    exit 1
fi

if command -v uv >/dev/null 2>&1; then
    echo "Installing the $wanted environment into $venv with uv ..."
    case $wanted in
    demo) set -- --extra demo --no-default-groups ;;
    *) set -- --all-extras ;;
    esac
    UV_PYTHON_DOWNLOADS=never uv sync --frozen --inexact --python "$python" "$@"
else
    echo "Installing the $wanted environment into $venv with venv and pip (a few minutes) ..."
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
    # A venv that uv made has no pip.
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
    case $wanted in
    demo) set -- -e '.[demo]' ;;
    *) set -- -e '.[operator,demo]' --group dev ;;
    esac
    log="$venv/installation.log"
    failed="$venv/installation-failed"
    rm -f "$failed"
    { "$venv/bin/python" -m pip install --disable-pip-version-check "$@" 2>&1 || touch "$failed"; } |
        tee "$log" | awk '
            /^Collecting/ { if (++packages % 20 == 0) print "  " packages " packages"; fflush() }
            /^Installing collected/ { print "  installing " packages " packages"; fflush() }'
    if [ -e "$failed" ]; then
        tail -n 20 "$log" >&2
        echo "the installation failed; all of pip's words are in $log" >&2
        exit 1
    fi
fi
rm -f "$venv"/.made-*
[ "$wanted" = dev ] && echo "$key" >"$venv/.made-demo"
echo "$key" >"$stamp"
