#!/bin/sh
# Arrows between rooms point downward only. Reads the #include lines of a source tree (default: src) and prints
# each line that breaks a rule; exit 1 if there is one.
#   1. A room includes itself and the rooms below it: base <- codec <- model <- {store, rule};
#      {rule, store} <- value <- segment <- {visit, strategy} <- report. Files at the top of src may include any room.
#   2. In the rooms above store only <room>_book.c (or <room>_book_*.c) includes something of store.
#   3. The stores we ship (src/store/memory*, file*) know kam/spi/storage.h and base, as a store of any host does.
#   4. Adapters see the public headers only.
set -eu
root=${1:-$(dirname "$0")/../../src}
cd "$root"
find . -name '*.[ch]' | LC_ALL=C sort | xargs awk '
BEGIN {
    below["base"] = " base "
    below["codec"] = below["base"] "codec "
    below["model"] = below["codec"] "model "
    below["rule"] = below["model"] "rule "
    below["store"] = below["model"] "store "
    below["value"] = below["store"] "rule value "
    below["segment"] = below["value"] "segment "
    below["visit"] = below["segment"] "visit "
    below["strategy"] = below["segment"] "strategy "
    below["report"] = below["segment"] "visit strategy report "
}
function bad(why) { print FILENAME ":" FNR ": " $0 "  <- " why; failed = 1 }
/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    file = substr(FILENAME, 3)
    n = split(file, part, "/")
    room = n > 1 ? part[1] : ""
    name = part[n]
    match($0, /["<][^">]*/)
    quote = substr($0, RSTART, 1); target = substr($0, RSTART + 1, RLENGTH - 1)

    if (quote == "<") {
        if (room == "store" && name ~ /^(memory|file)/ && target ~ /^kam/ &&
            target !~ /^kam\/(base|block|spi\/storage)\.h$/) bad("a store knows kam/spi/storage.h and base only")
        next
    }
    if (room == "") next
    if (room == "adapters") {
        if (target ~ /\//) bad("an adapter sees include/ only")
        next
    }
    if (!(room in below)) { bad("unknown room " room); next }
    m = split(target, step, "/")
    if (m == 1) to = room
    else if (m == 3 && step[1] == "..") to = step[2]
    else if (m == 2 && step[1] in below) to = step[1]
    else { bad("write \"../room/file.h\" or \"room/file.h\""); next }
    if (index(below[room], " " to " ") == 0) { bad(room " must not look up to " to); next }
    if (to == "store" && room != "store" && name !~ "^" room "_book(_[a-z0-9_]+)?[.]c$")
        bad("only " room "_book.c may look into store")
    if (room == "store" && name ~ /^(memory|file)/ && to != "base" && !(m == 1 && target ~ /^(memory|file)/))
        bad("a store knows kam/spi/storage.h and base only")
}
END { exit failed }'
