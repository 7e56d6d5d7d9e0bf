#!/bin/sh
# The public headers say the same things of everything: each function has @threads (A, B or C), @since, and @return
# where there is a result; each struct field and constant has a comment; each header opens with an example (@code) that
# compiles. Prints what is missing, exit 1 then. Not looked at: fields.h, a generated list. Usage:
# docs.sh [INCLUDE]
set -eu
cd "$(dirname "$0")/../.."
ffi=$(pwd)/bindings/gen_ffi.sh
cd "${1:-include}"
include=$(pwd)
headers=$(find . -name '*.h' | sed 's|^\./||' | grep -v -e '^kam/fields.h$' | LC_ALL=C sort)
count=$(sh "$ffi" $(for h in $headers; do echo "$include/$h"; done) | grep -v '^typedef' |
    grep -c '^[a-z].*[ *]kam_[a-z0-9_]*(')

# A prototype begins at the left margin and ends with ");"; the comment right before it is its own. A field or a
# constant has its comment behind it or right before it.
awk -v count="$count" '
function bad(name, what) { print FILENAME ":" FNR ": " name " has no " what; failed = 1 }
FNR == 1 { doc = ""; proto = ""; body = 0; part = "" }
/^[ \t]*\/\*\*/ && !/\/\*\*</ { doc = ""; inside = 1 }
inside { doc = doc "\n" $0; if (/\*\//) inside = 0; next }
/^[ \t]*$|^#|^extern "C"/ { doc = ""; next }
body && /^}/ { body = 0; doc = ""; next }
body {
    if (part == "") { part = $0; if (doc == "" && $0 !~ /\/\*\*< [^ ]/) bad($0, "comment") }
    if (/;[ \t]*(\/\*.*)?$/ || /= [-0-9x]+,?[ \t]*(\/\*.*)?$/) { part = ""; doc = "" }
    next
}
/^[^*]*[{][ \t]*$/ { body = 1; if (doc == "") bad($0, "comment right before it"); doc = ""; next }
/^(typedef|struct|enum)[ \t]/ { if (doc == "" && /^typedef/) bad($0, "comment right before it"); doc = ""; next }
proto == "" && /^[a-z].*[ *]kam_[a-z0-9_]+\(/ {
    proto = $0; name = $0; fresh = 1
    sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
}
proto != "" {
    if (!fresh) proto = proto " " $0
    fresh = 0
    if (!/\);[ \t]*$/) next
    n++
    if (doc == "") bad(name, "comment right before it")
    else {
        if (doc !~ /\n \* @threads [ABC]([ ,.]|\n)/) bad(name, "@threads A, B or C")
        if (doc !~ /\n \* @since [0-9]+\.[0-9]+\n/) bad(name, "@since")
        if (proto !~ /^void kam_/ && doc !~ /\n \* @return [^ ]/) bad(name, "@return")
        if (proto ~ /^void kam_/ && doc ~ /@return/) bad(name, "result, but a @return")
    }
    proto = ""; doc = ""
}
END {
    print n + 0 " functions"
    if (n != count) print "but " count " prototypes: this script does not see all of them"
    exit failed || n != count
}' $headers

# Examples are whole functions: compiled as C99, not run.
cc=${CC:-cc}
command -v "$cc" >/dev/null 2>&1 || { echo "no C compiler here: the examples are not compiled"; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for h in $headers; do
    { printf '#include <stdio.h>\n#include <kam.h>\n#include <%s>\n' "$h"
      awk '/^ \* @endcode/ { on = 0 } on { sub(/^ \* ?/, ""); print } /^ \* @code/ { on = 1 }' "$h"; } >"$tmp/example.c"
    grep -q '^}' "$tmp/example.c" || { echo "$h opens without an example"; exit 1; }
    "$cc" -std=c99 -pedantic -Wall -Wextra -Wshadow -Werror -fsyntax-only -I. "$tmp/example.c" ||
        { echo "the example of $h does not compile"; exit 1; }
done
