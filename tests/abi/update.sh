#!/bin/sh
# Renews every generated file that the guards compare: src/kam_all.c, bindings/kam_ffi.h, and in tests/abi
# symbols.txt, imports.txt, install.txt and layout.c. Builds the library first. Read the difference before you
# commit it: a line that goes away or changes is a break for programs already built. Usage: sh
# tests/abi/update.sh [BUILD-FOLDER]
set -eu
cd "$(dirname "$0")/../.."
out=${1:-build/check/update}
mkdir -p "$out"
out=$(cd "$out" && pwd)
put() { if cmp -s "$out/new" "$1"; then echo "same     $1"; else cat "$out/new" >"$1"; echo "renewed  $1"; fi; }

if [ -x src/model/gen_fields.sh ] || [ -f src/model/gen_fields.sh ]; then
    sh src/model/gen_fields.sh >"$out/new"; put include/kam/fields.h
fi
sh tests/guards/kam_all.sh >"$out/new"; put src/kam_all.c
sh bindings/gen_ffi.sh >"$out/new"; put bindings/kam_ffi.h
sh tests/abi/layout.sh >"$out/new"; put tests/abi/layout.c

cmake -S . -B "$out/build" -DCMAKE_BUILD_TYPE=Release -DKAM_TESTS=OFF -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_C_COMPILER=gcc >"$out/log" 2>&1 && cmake --build "$out/build" --parallel 2 >>"$out/log" 2>&1 ||
    { cat "$out/log"; exit 1; }
rm -rf "$out/prefix"
cmake --install "$out/build" --prefix "$out/prefix" >>"$out/log"
sh tests/abi/list.sh exports "$out"/prefix/lib/libkam*.so >"$out/new"; put tests/abi/symbols.txt
sh tests/abi/list.sh imports "$out/prefix/lib/libkam.so" >"$out/new"
sh tests/guards/imports.sh "$out/new"
put tests/abi/imports.txt
sh tests/abi/list.sh install "$out/prefix" >"$out/new"; put tests/abi/install.txt
