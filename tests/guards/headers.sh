#!/bin/sh
# Every public header alone, and all of them together, as C99, C11 and C++98, without any warning. Usage:
# headers.sh OUTDIR
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
cd "$root/include"
skip=
[ -e /usr/include/sqlite3.h ] || skip=kam/adapter/sqlite.h
list=$(find . -name '*.h' | sed 's|^\./||' | LC_ALL=C sort)
strict="-fsyntax-only -pedantic -Wall -Wextra -Wshadow -Wundef -Werror"
check() {                       # check LABEL FILE: in each language with each compiler here
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        for lang in "c -std=c99 -Wstrict-prototypes -Wmissing-prototypes" "c -std=c11" "c++ -std=c++98"; do
            $cc -x $lang $strict -I. "$2" || { echo "headers: $1 fails with $cc -x $lang"; return 1; }
        done
    done
}
for h in $list; do
    [ "$h" = "$skip" ] && continue
    echo "#include <$h>" >"$1/one.c"
    echo "#include <$h>" >>"$1/one.c"
    echo "int kam_header_alone(void); int kam_header_alone(void) { return 0; }" >>"$1/one.c"
    check "$h" "$1/one.c"
done
for h in $list; do [ "$h" = "$skip" ] || echo "#include <$h>"; done >"$1/all.c"
echo "int kam_header_alone(void); int kam_header_alone(void) { return 0; }" >>"$1/all.c"
check "all headers together" "$1/all.c"
