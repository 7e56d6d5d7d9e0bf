#!/bin/sh
# The snippets of a README are true: each block whose fence names a file ("```c hello.c run") is written to OUTDIR; C is
# compiled against the files installed in PREFIX, Python parsed, JSON read; those marked `run` also run, in their order,
# with the program kam and the library of BUILD. Usage: readme.sh README PREFIX BUILD OUTDIR
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
readme=$root/$1
prefix=$(cd "$2" && pwd)
build=$(cd "$3" && pwd)
python=${PYTHON:-/usr/bin/python3}
rm -rf "$4"
mkdir -p "$4"
cd "$4"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib" PATH="$build:$PATH"
export KAM_LIBRARY="$build/libkam.so" PYTHONPATH="$root/bindings/python" PYTHONDONTWRITEBYTECODE=1

awk '
/^```[a-z]+ [^ ]+( run)?$/ { file = $2; print $2, (NF > 2 ? $3 : "-"); next }
/^```/ { if (file) close(file); file = "" ; next }
file { print > file }' "$readme" >snippets
[ -s snippets ] || { echo "$1 has no snippet with a name"; exit 1; }

# Pieces of a program stand on what every host has included.
for header in stdio.h string.h kam.h kam/adapter/sqlite.h kam/spi/test.h sqlite3.h; do echo "#include <$header>"; done >prelude.h
n=0
while read -r file how; do
    echo "== $file"
    case $file:$how in
    *.c:run)
        gcc -std=c99 -pedantic -Wall -Wextra -Wshadow -Werror "$file" $(pkg-config --cflags --libs kam) -o program
        ./program ;;
    *.c:*) gcc -std=c99 -pedantic -Wall -Wextra -Wshadow -Werror $(pkg-config --cflags kam) -include prelude.h -c "$file" -o piece.o ;;
    *.py:run) $python -W error::SyntaxWarning "$file" ;;
    *.json:*) $python -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$file" ;;
    *.sh:run) sh -e "$file" >"$file.out" || { cat "$file.out"; exit 1; } ;;
    *) echo "nobody knows what to do with $file"; exit 1 ;;
    esac
    n=$((n + 1))
done <snippets
echo "$1: $n snippets"
