#!/bin/sh
# src/kam_builtin.c is what src/gen_builtin.sh makes of the documents in src/*/builtin. Exit 1 if it is not.
set -eu
cd "$(dirname "$0")/../.."
sh src/gen_builtin.sh | diff -u src/kam_builtin.c - || {
    echo "src/kam_builtin.c is not current: sh src/gen_builtin.sh > src/kam_builtin.c"
    exit 1
}
