#!/bin/sh
# Lists of libkam in a real consumer of the Arrow C data interface: DuckDB's library (its C function
# duckdb_arrow_scan) or pyarrow, whichever is there. Not part of run.sh: neither is a Debian package. Usage:
#   sh tests/arrow.sh LIBKAM_SO [LIBDUCKDB_SO]
set -eu
cd "$(dirname "$0")/.."
lib=$(realpath "${1:?Usage: sh tests/arrow.sh LIBKAM_SO [LIBDUCKDB_SO]}")
duckdb=${2:-$(ldconfig -p 2>/dev/null | awk '/libduckdb/ { print $NF; exit }')}
KAM_LIBRARY=$lib PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=bindings/python python3 tests/arrow.py "$duckdb"
