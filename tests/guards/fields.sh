#!/bin/sh
# include/kam/fields.h is what src/model/gen_fields.sh makes of src/model/schema.def; prints the difference, exit 1 if there is one.
set -eu
cd "$(dirname "$0")/../.."
sh src/model/gen_fields.sh | diff -u include/kam/fields.h - || {
    echo "include/kam/fields.h is old: sh src/model/gen_fields.sh > include/kam/fields.h"
    exit 1
}
