#!/bin/sh
# Prints tests/abi/layout.c: an assertion on every public struct, its size and each offset, and on every enum
# constant, with the figures of this machine (LP64) and of i386 (ILP32). The checked-in file is the frozen
# layout: it only grows at the ends. Needs gcc and i686-linux-gnu-gcc (its programs run here). Usage: sh
# tests/abi/layout.sh > tests/abi/layout.c
set -eu
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
headers=$(cd include && ls kam.h kam/spi/*.h)

topics=$(sed -n 's|^#include <\(kam/.*\)>$|include/\1|p' include/kam.h)
sh bindings/gen_ffi.sh $topics include/kam/spi/*.h >"$tmp/decls"

# Items: "S type", "F type field", "C constant".
awk '
function fields(body,    n, part, i, m, name, j, s) {
    n = split(body, part, ";")
    for (i = 1; i <= n; i++) {
        s = part[i]
        if (match(s, /\([ ]*\*[ ]*[a-z_0-9]+[ ]*\)/)) {             # a function pointer: (*name)
            s = substr(s, RSTART, RLENGTH); gsub(/[() *]/, "", s)
            print "F " type " " s
            continue
        }
        m = split(s, name, ",")
        for (j = 1; j <= m; j++) {
            s = name[j]; sub(/\[.*/, "", s); sub(/[ \t]+$/, "", s); sub(/.*[ \t*]/, "", s)
            if (s != "") print "F " type " " s
        }
    }
}
function constants(body,    n, part, i, s) {
    n = split(body, part, ",")
    for (i = 1; i <= n; i++) {
        s = part[i]; sub(/=.*/, "", s); gsub(/[ \t]/, "", s)
        if (s != "" && s != "KAM_VERSION") print "C " s             # the version is meant to change
    }
}
{ text = text " " $0 }
END {
    while (match(text, /(typedef )?(struct|enum)( [a-z_0-9]+)? *[{]/)) {
        head = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        stop = index(text, "}")
        body = substr(text, 1, stop - 1); text = substr(text, stop + 1)
        if (head ~ /enum/) { constants(body); continue }
        tail = substr(text, 1, index(text, ";") - 1); gsub(/[ \t]/, "", tail)
        type = tail
        if (type == "") { type = head; sub(/ *[{]/, "", type) }
        print "S " type
        fields(body)
    }
}' "$tmp/decls" >"$tmp/items"

{
    echo '#include <stdio.h>'
    echo "$headers" | sed 's/.*/#include <&>/'
    echo 'int main(void) {'
    awk '
    $1 == "S" { printf "printf(\"S %s %%d\\n\", (int)sizeof(%s));\n", $2, $2 }
    $1 == "F" { printf "printf(\"F %s %s %%d\\n\", (int)offsetof(%s, %s));\n", $2, $3, $2, $3 }
    $1 == "C" { printf "printf(\"C %s %%lld\\n\", (long long)%s);\n", $2, $2 }' "$tmp/items"
    echo 'return 0; }'
} >"$tmp/show.c"
gcc -std=c11 -O0 -Iinclude "$tmp/show.c" -o "$tmp/show64"
i686-linux-gnu-gcc -std=c11 -O0 -static -Iinclude "$tmp/show.c" -o "$tmp/show32"
"$tmp/show64" >"$tmp/64"
"$tmp/show32" >"$tmp/32"

cat <<'HEAD'
/*
 * layout.c - the frozen layout of everything that crosses the border: compiled, never run. Each line gives the
 * figure for 64-bit and for i386. A line that fails means: programs already built against the library break.
 * Structs only grow at their ends, constants never change; write the new line with tests/abi/update.sh and read
 * the difference before it is committed.
 */
HEAD
echo "$headers" | sed 's/.*/#include <&>/'
cat <<'HEAD'

#if defined(__i386__)
#define PICK(lp64, i386) (i386)
#else
#define PICK(lp64, i386) (lp64)
#endif
#define SIZE(type, lp64, i386) _Static_assert(sizeof(type) == PICK(lp64, i386), "size of " #type)
#define AT(type, field, lp64, i386) _Static_assert(offsetof(type, field) == PICK(lp64, i386), #type "." #field)
#define CONSTANT(name, value) _Static_assert((name) == (value), #name)
HEAD
paste -d ' ' "$tmp/64" "$tmp/32" | awk '
$1 == "S" { print "\nSIZE(" $2 ", " $3 ", " $6 ");" }
$1 == "F" { print "AT(" $2 ", " $3 ", " $4 ", " $8 ");" }
$1 == "C" { if (last != "C") print ""; print "CONSTANT(" $2 ", " $3 ");"; if ($3 != $6) exit 1 }
{ last = $1 }'
