#!/bin/sh
# The proofs of the file store at full size; tests/run.sh runs the same programs at the size of a coffee break. Needs gcc, clang with
# libFuzzer and CMocka; s390x also gcc-s390x-linux-gnu, libc6-dev-s390x-cross and qemu-user. Takes about two hours on two cores. Each part
# prints one line: ok or FAIL, its seconds of time and of CPU, its figures.
#
#   sh tests/durability.sh               everything
#   sh tests/durability.sh crash kill    these parts only: so it can be gone on with where it was stopped
#
# KAM_BUILD_DIR  where to build (default build/durability)      KAM_SCALE  per cent of the full size (default 100)
set -u
cd "$(dirname "$0")/.."
B=${KAM_BUILD_DIR:-build/durability}
scale=${KAM_SCALE:-100}
mkdir -p "$B"
B=$(cd "$B" && pwd)
failed=0
flags="-std=c11 -g -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -ffp-contract=off -Iinclude -Isrc -Itests"
helpers="tests/store/file_disk.c tests/store/file_work.c tests/store/file_hostile.c"
rooms=$(ls src/base/*.c src/store/memory*.c src/store/file*.c)     # all that a file store needs: quick to build with any flags
n() { echo $(($1 * scale / 100 + 1)); }

# objects COMPILER FLAGS...: the rooms' objects, made once for these flags, into $objects
objects() {
    dir="$B/o-$(echo "$*" | cksum | cut -d' ' -f1)"
    objects=
    cc=$1
    shift
    mkdir -p "$dir"
    for f in $rooms; do
        o=$dir/$(echo "$f" | tr / _).o
        objects="$objects $o"
        [ "$o" -nt "$f" ] || $cc $flags "$@" -c "$f" -o "$o" || return 1
    done
}

# program NAME COMPILER FLAGS...: builds tests/store/test_NAME.c with those flags into $B/NAME
program() {
    name=$1 cc=$2
    shift 2
    objects "$cc" "$@" || return 1
    $cc $flags "$@" tests/store/test_$name.c $helpers ${extra:-} $objects -lcmocka -lm -lpthread -o "$B/$name"
}

stage() {
    about=$1
    shift
    start=$(date +%s)
    if { times >"$B/before"; "$@" >"$B/log" 2>&1; }; then word=ok; else word=FAIL failed=1; fi
    times >"$B/after"
    cpu=$(cat "$B/before" "$B/after" | awk 'function s(t) { split(t, p, /[ms]/); return p[1] * 60 + p[2] } NR == 2 { a = s($1) + s($2) } NR == 4 { print int(s($1) + s($2) - a) }')
    printf '%-4s %6d s %6d s CPU  %s: %s\n' $word $(($(date +%s) - start)) "$cpu" "$about" \
        "$(grep -aE 'states|pairs|kills|flips|commits|histories|stream|Done|could be|equal|places' "$B/log" | tr '\n' ' ' | cut -c1-400)"
    [ $word = ok ] || tail -n 30 "$B/log"
}

do_crash() {
    program file_crash gcc -O2 || return 1
    stage "crashes at any call, unsynced writes dropped, reordered, torn; crashes while recovering; four disks that leave out a sync" \
        env KAM_FILE_STATES=$(n 100000) KAM_FILE_PAIRS=$(n 10000) "$B/file_crash"
}
do_fail() {
    extra=$(ls tests/kit/fault*.c tests/kit/pass.c)
    program file_fail_sweep gcc -O2 || return 1
    extra=
    stage "every call of the system, every request for memory, every sync that fails" \
        env KAM_FILE_SEEDS=$(n 10) KAM_FILE_SYNCS=$(n 2000) "$B/file_fail_sweep"
}
do_damage() {
    program file_damage gcc -O2 || return 1
    stage "cut off at every byte, every bit of 64 KB flipped" env KAM_FILE_STRIDE=1 KAM_FILE_SEEDS=$(n 20) "$B/file_damage"
}
do_kill() {
    program file_kill gcc -O2 || return 1
    stage "kill -9, synchronous and lazy commits" env KAM_FILE_KILLS=$(n 10000) "$B/file_kill"
}
do_tail() {
    program file_tail gcc -O2 || return 1
    stage "rows in the file, rows behind them in memory, against the memory store" env KAM_FILE_TAIL=$(n 1000) "$B/file_tail"
}
do_model() {
    cmake -S . -B "$B/cmake" -DCMAKE_BUILD_TYPE=Release >"$B/log" 2>&1 || return 1
    cmake --build "$B/cmake" --target test-store-file_model >"$B/log" 2>&1 || return 1
    stage "random operations against the model (250 a history), one stream through memory, file and SQLite" \
        env KAM_FILE_HISTORIES=$(n 40000) KAM_MODEL_SEEDS=$(n 500) KAM_MODEL_OPS=2000 "$B/cmake/tests/test-store-file_model"
}
do_hostile() {
    program file_hostile gcc -O1 -fsanitize=address,undefined -fno-sanitize-recover=all || return 1
    stage "changed files with right checksums, under address and undefined-behaviour sanitizers" env KAM_FILE_HOSTILE=$(n 200000) "$B/file_hostile"
}
do_fuzz() {
    mkdir -p "$B/corpus"
    [ -x "$B/file_hostile" ] || program file_hostile gcc -O1 -fsanitize=address,undefined -fno-sanitize-recover=all || return 1
    KAM_FILE_HOSTILE=20 KAM_FILE_CORPUS=$B/corpus "$B/file_hostile" >/dev/null 2>&1
    clang $flags -O1 -fsanitize=fuzzer,address,undefined $rooms $helpers tests/fuzz/fuzz_file.c -lm -lpthread -o "$B/fuzz" || return 1
    stage "libFuzzer" "$B/fuzz" -max_len=120000 -max_total_time=$(n 660) -timeout=60 -rss_limit_mb=2000 -artifact_prefix="$B/" "$B/corpus"
}
do_threads() {
    program file_threads clang -O1 -fsanitize=thread || return 1
    stage "one writer, sixteen readers, upkeep, under the thread sanitizer" env KAM_FILE_READERS=16 KAM_FILE_THREAD_MS=$(n 600000) "$B/file_threads"
}

# A file written here is read on a big-endian machine, and the other way round; both tell the same and go on writing in it.
s390x_run() {
    h="$B/portable-host" s="qemu-s390x -L /usr/s390x-linux-gnu $B/portable-s390x"
    rm -f "$B"/p-*.kam "$B"/p-*.txt
    $h write "$B/p-host.kam" && $s write "$B/p-s390x.kam" || return 1
    for f in host s390x; do
        $h read "$B/p-$f.kam" >"$B/p-$f-here.txt" && $s read "$B/p-$f.kam" >"$B/p-$f-there.txt" || return 1
        cmp "$B/p-$f-here.txt" "$B/p-$f-there.txt" || return 1
    done
    cmp "$B/p-host-here.txt" "$B/p-s390x-here.txt" || return 1
    $s more "$B/p-host.kam" && $h more "$B/p-s390x.kam" || return 1
    $h read "$B/p-host.kam" >"$B/p-host-here.txt" && $s read "$B/p-s390x.kam" >"$B/p-s390x-there.txt" || return 1
    cmp "$B/p-host-here.txt" "$B/p-s390x-there.txt" || return 1
    echo "$(wc -l <"$B/p-host-here.txt") lines byte for byte equal, each written on one machine and read on the other"
}
do_s390x() {
    if ! command -v s390x-linux-gnu-gcc >/dev/null || ! command -v qemu-s390x >/dev/null; then
        echo "SKIPPED s390x: gcc-s390x-linux-gnu and qemu-user are not installed"
        return 0
    fi
    objects gcc -O1 || return 1
    gcc $flags -O1 tests/store/file_portable.c $objects -lm -lpthread -o "$B/portable-host" || return 1
    objects s390x-linux-gnu-gcc -O1 || return 1
    s390x-linux-gnu-gcc $flags -O1 tests/store/file_portable.c $objects -lm -lpthread -o "$B/portable-s390x" || return 1
    stage "s390x" s390x_run
}

[ $# -gt 0 ] || set -- crash fail damage kill tail model hostile fuzz threads s390x
for name; do do_$name || { echo "FAIL         $name could not be built"; failed=1; }; done
exit $failed
