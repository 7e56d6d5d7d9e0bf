#!/bin/sh
# The library on a 32-bit machine (i386): the whole core without a warning, the frozen layout, and the tests of
# tests/base, linked statically and run here. CMocka has no cross package: tests/guards/mini/cmocka.h stands in.
# Usage: ilp32.sh OUTDIR
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
cd "$1"
cc=i686-linux-gnu-gcc
flags="-std=c11 -msse2 -mfpmath=sse -ffp-contract=off -I$root/include -I$root/src"
warn="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

$cc $flags $warn -O1 -c "$root/tests/abi/layout.c" -o layout.o
$cc $flags $warn -O1 -c "$root/src/kam_all.c" -o kam_all.o

# Two programs at a time: xargs -P does the work, a test that fails leaves its name.
rm -f failed.*
cat >one.sh <<ONE
name=\$(basename "\$1" .c)
helpers=\$(ls "$root"/tests/base/*.c | grep -v /test_ || true)
if ! { $cc $flags -O1 -I"$root/tests/guards/mini" -I"$root/tests" -DKAM_SOURCE_DIR='"$root"' \
       -DKAM_SHARED_DIR='"$root/../shared"' -static "\$1" \$helpers kam_all.o -lm -o "\$name" &&
       ./"\$name"; } >"\$name.log" 2>&1; then
    echo "--- \$name"; tail -n 30 "\$name.log"; : >"failed.\$name"
fi
ONE
find "$root/tests/base" -name 'test_*.c' | LC_ALL=C sort | xargs -n 1 -P 2 sh one.sh
cat test_*.log 2>/dev/null |
    awk '/^\[  PASSED  \]/ { n += $4 } END { print n + 0, "cases of tests/base passed in 32 bit" }'
! ls failed.* >/dev/null 2>&1
