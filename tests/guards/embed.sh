#!/bin/sh
# A stranger's build: tests/install and the examples compiled in OUTDIR from the files installed in PREFIX alone, by
# pkg-config and by find_package, C and C++, shared and static; each program runs, and its last line is looked at.
# Usage: embed.sh PREFIX OUTDIR
set -eu
prefix=$1
rm -rf "$2"
mkdir -p "$2"
cp "$(dirname "$0")"/../install/* "$(dirname "$0")"/../../examples/*.[ch] "$2"
cd "$2"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
export LD_LIBRARY_PATH="$prefix/lib"
ran=0
last_line() {                           # what a program must end with: PROGRAM without folder and kind of build
    case $1 in
    hello*) echo "libkam $(pkg-config --modversion kam): KAM_OK, day 20513" ;;
    on_sqlite*) echo "sqlite: KAM_OK " ;;
    01_hello*) echo "Acme Pumps" ;;
    02_nightly*) echo "4713: new -> C, " ;;
    03_score*) echo "the reasons add up" ;;
    04_storage*) echo "account 1 is in a store of ours" ;;
    05_faults*) echo "store: 11 runs, 0 not met well" ;;
    esac
}
run() {                                 # run PROGRAM [static]: a static one runs where no libkam.so is found
    name=${1##*/}
    if [ "${2:-}" = static ]; then
        if ldd "$1" | grep -q libkam; then echo "$1 is linked with a libkam.so"; exit 1; fi
        all=$(env -u LD_LIBRARY_PATH "./$1") || { echo "$1 failed: $all"; exit 1; }
    else
        all=$("./$1") || { echo "$1 failed: $all"; exit 1; }
    fi
    got=$(printf '%s\n' "$all" | tail -n 1)
    want=$(last_line "$name")
    case $got in
    "$want"*) ;;
    *) echo "$1: \"$got\" instead of \"$want\""; exit 1 ;;
    esac
    echo "$1: $got"
    ran=$((ran + 1))
}
warn="-Wall -Wextra -Wpedantic -Werror"
static_of() { pkg-config --libs "$1" | sed 's/-lkam[a-z-]*/-Wl,-Bstatic & -Wl,-Bdynamic/g'; }

# build "COMPILER -std=" PROGRAM PACKAGE "SOURCES" [more libraries]: by pkg-config, shared and static
build() {
    $1 $warn $4 $(pkg-config --cflags --libs "$3") ${5:-} -o "$2"
    $1 $warn $4 $(pkg-config --cflags "$3") $(static_of "$3") ${5:-} -lm -o "$2-static"
    run "$2"
    run "$2-static" static
}
build "gcc -std=c99" hello-c kam hello.c
build "g++ -std=c++98" hello-cxx kam hello_cxx.cpp
build "gcc -std=c99" 01_hello-c kam 01_hello.c
build "gcc -std=c99" 03_score-c kam 03_score.c
build "g++ -x c++ -std=c++98" 01_hello-cxx kam 01_hello.c
build "g++ -x c++ -std=c++98" 03_score-cxx kam 03_score.c
if [ -e "$prefix/lib/pkgconfig/kam-test.pc" ]; then
    build "gcc -std=c11" 04_storage-c kam-test "04_storage.c array_store.c"
    build "gcc -std=c11" 05_faults-c kam-test "05_faults.c array_store.c"
fi
if [ -e "$prefix/lib/pkgconfig/kam-sqlite.pc" ]; then
    build "gcc -std=c99" on_sqlite-c kam-sqlite on_sqlite.c -lsqlite3
    build "gcc -std=c99" 02_nightly-c kam-sqlite 02_nightly.c -lsqlite3
fi

cmake -S . -B cmake -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    >cmake.log 2>&1 && cmake --build cmake >>cmake.log 2>&1 || { cat cmake.log; exit 1; }
for program in $(find cmake -maxdepth 1 -type f -perm -100 | LC_ALL=C sort); do
    case $program in
    *-static) run "$program" static ;;
    *) run "$program" ;;
    esac
done
echo "$ran programs"
