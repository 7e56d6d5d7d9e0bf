#!/bin/sh
# Prints what src/kam_builtin.c must be: the built-in policy documents of all rooms, src/<room>/builtin/<kind>-<name>.json, as
# string literals. `sh src/gen_builtin.sh > src/kam_builtin.c` renews it; tests/guards/builtin.sh compares.
# A literal of C11 may have 4095 bytes: a larger document is refused here.
set -eu
export LC_ALL=C
cd "$(dirname "$0")"
kind_of() {
    case $1 in
    scheme-*) echo SCHEME ;;
    scorecard-*) echo SCORECARD ;;
    segment-*) echo SEGMENT ;;
    cadence-*) echo CADENCE ;;
    mapping-*) echo MAPPING ;;
    dtable-*) echo DTABLE ;;
    rule-*) echo RULE ;;
    *) echo "gen_builtin.sh: $1: the name starts with no kind of policy" >&2; exit 1 ;;
    esac
}
cat <<'HEAD'
/*
 * kam_builtin.c - the policy documents that every new book gets, in force from the beginning.
 *
 * Made by src/gen_builtin.sh from src/<room>/builtin/<kind>-<name>.json: change those.
 */
#include "store/store.h"

const kam__builtin kam__builtins[] = {
HEAD
for file in */builtin/*.json; do
    kind=$(kind_of "$(basename "$file")")
    size=$(sed 's/^ *//' "$file" | wc -c)
    if [ "$size" -gt 4000 ]; then
        echo "gen_builtin.sh: $file has $size bytes without indentation: 4000 at most" >&2
        exit 1
    fi
    echo "    /* $file */"
    echo "    {KAM_POLICY_$kind,"
    sed -e 's/^ *//' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/     "/' -e 's/$/\\n"/' "$file"
    echo "    },"
done
cat <<'TAIL'
    {0, NULL}
};
TAIL
