#!/bin/sh
# The public headers through Doxygen: every function, parameter, result, struct field and constant is documented, and
# every warning is an error. The pages are then in OUTDIR/html. Skips (77) where Doxygen is not installed. Usage:
# doxygen.sh OUTDIR
set -eu
command -v doxygen >/dev/null 2>&1 ||
    { echo "SKIPPED doxygen: it is not installed (Debian: apt-get install doxygen)"; exit 77; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
{ cat tests/guards/Doxyfile; echo "OUTPUT_DIRECTORY = \"$out\""; } | doxygen -
