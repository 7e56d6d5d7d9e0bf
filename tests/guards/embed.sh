#!/bin/sh
# A stranger's build: tests/install compiled in OUTDIR from the files installed in PREFIX alone, by pkg-config and by
# find_package, C and C++, shared and static; each program runs. Usage: embed.sh PREFIX OUTDIR
set -eu
prefix=$1
rm -rf "$2"
mkdir -p "$2"
cp "$(dirname "$0")"/../install/* "$2"
cd "$2"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
export LD_LIBRARY_PATH="$prefix/lib"
want="libkam $(pkg-config --modversion kam): KAM_OK, day 20513"
ran=0
run() { got=$("./$1"); echo "$1: $got"; [ "$got" = "${2:-$want}" ]; ran=$((ran + 1)); }
warn="-Wall -Wextra -Wpedantic -Werror"
only_static() { pkg-config --libs "$1" | sed 's/-lkam[a-z-]*/-Wl,-Bstatic & -Wl,-Bdynamic/g'; }

gcc -std=c99 $warn hello.c $(pkg-config --cflags --libs kam) -o pc-c-shared; run pc-c-shared
g++ -std=c++98 $warn hello_cxx.cpp $(pkg-config --cflags --libs kam) -o pc-cxx-shared; run pc-cxx-shared
gcc -std=c99 $warn hello.c $(pkg-config --cflags kam) $(only_static kam) -lm -o pc-c-static
g++ -std=c++98 $warn hello_cxx.cpp $(pkg-config --cflags kam) $(only_static kam) -lm -o pc-cxx-static
if [ -e "$prefix/lib/pkgconfig/kam-test.pc" ]; then
    echo '#include <kam.h>' >kit.c
    echo '#include <kam/spi/test.h>' >>kit.c
    echo '#include "hello.c"' >>kit.c
    gcc -std=c99 $warn kit.c $(pkg-config --cflags --libs kam-test) -o pc-kit; run pc-kit
fi
if [ -e "$prefix/lib/pkgconfig/kam-sqlite.pc" ]; then
    gcc -std=c99 $warn on_sqlite.c $(pkg-config --cflags --libs kam-sqlite) -lsqlite3 -o pc-sqlite
    run pc-sqlite "sqlite: KAM_OK "
    gcc -std=c99 $warn on_sqlite.c $(pkg-config --cflags kam-sqlite) $(only_static kam-sqlite) -lsqlite3 -lm \
        -o pc-sqlite-static
fi
cmake -S . -B cmake -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    >cmake.log 2>&1 && cmake --build cmake >>cmake.log 2>&1 || { cat cmake.log; exit 1; }
for program in hello-kam hello-cxx-kam; do run cmake/$program; done
[ ! -e cmake/on-sqlite ] || run cmake/on-sqlite "sqlite: KAM_OK "

# The static ones must run where no libkam.so is found.
unset LD_LIBRARY_PATH
for program in pc-c-static pc-cxx-static cmake/hello-static cmake/hello-cxx-static; do
    if ldd $program | grep -q libkam; then echo "$program is linked with a libkam.so"; exit 1; fi
    run $program
done
for program in pc-sqlite-static cmake/on-sqlite_static; do
    [ ! -e $program ] || run $program "sqlite: KAM_OK "
done
echo "$ran programs"
