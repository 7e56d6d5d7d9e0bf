#!/bin/sh
# The guards can fail: each mistake below, alone in a small tree, must be found by arrows.sh; the last tree is clean.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
bad=0

# one FILE LINE WANTED: a tree with one file of one line; WANTED is the exit code
one() {
    rm -rf "$tree/src"
    mkdir -p "$(dirname "$tree/src/$1")"
    echo "$2" >"$tree/src/$1"
    got=0
    sh "$here/arrows.sh" "$tree/src" >/dev/null || got=1
    if [ $got != "$3" ]; then echo "arrows.sh: $1: $2: got $got, want $3"; bad=1; fi
}
one base/x.c '#include "../codec/codec.h"' 1
one rule/x.c '#include "../store/store.h"' 1
one rule/x.c '#include "../model/model.h"' 0
one model/x.c '#  include "../store/store.h"' 1
one value/x.c '#include "../store/store.h"' 1
one segment/x.h '#include "../store/store.h"' 1
one visit/x.c '#include "../strategy/strategy.h"' 1
one store/memory.c '#include "../model/model.h"' 1
one store/memory_index.c '#include "store.h"' 1
one store/file_log.c '#include <kam/book.h>' 1
one adapters/sqlite/x.c '#include "../../base/base.h"' 1
one value/x.c '#include "store/store.h"' 1
one value/x.c '#include "../kam_all.c"' 1
one value/value_book.c '#include "../store/store.h"' 0
one store/memory.c '#include <kam/spi/storage.h>' 0
one report/x.c '#include "../visit/visit.h"' 0
one kam_policies.c '#include "segment/segment.h"' 0
exit $bad
