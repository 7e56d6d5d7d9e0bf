#!/bin/sh
# The proofs of the file store at full size; tests/run.sh runs the same programs at the size of a coffee break. Needs gcc, clang with
# libFuzzer and CMocka. Takes about two hours on two cores; each stage prints its figures and how long it took.
#
#   sh tests/durability.sh               everything
#   sh tests/durability.sh crash kill    these stages only
#
# KAM_BUILD_DIR  where to build (default build/durability)      KAM_SCALE  per cent of the full size (default 100)
set -u
cd "$(dirname "$0")/.."
B=${KAM_BUILD_DIR:-build/durability}
scale=${KAM_SCALE:-100}
mkdir -p "$B"
B=$(cd "$B" && pwd)
failed=0
core="src/kam_all.c"
[ -f "$core" ] || core=$(ls src/*/*.c src/kam_plug.c src/kam_builtin.c)
flags="-std=c11 -g -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -ffp-contract=off -Iinclude -Isrc -Itests"
helpers="tests/store/file_disk.c tests/store/file_work.c tests/store/file_hostile.c"
n() { echo $(($1 * scale / 100 + 1)); }

# program NAME COMPILER FLAGS...: builds tests/store/test_NAME.c with those flags into $B/NAME
program() {
    name=$1 cc=$2
    shift 2
    [ -e "$B/core-$cc-$*.o" ] || $cc $flags "$@" -c $core -o "$B/core-$cc-$*.o" || return 1
    $cc $flags "$@" tests/store/test_$name.c $helpers ${extra:-} "$B/core-$cc-$*.o" -lcmocka -lm -lpthread -o "$B/$name"
}

stage() {
    about=$1
    shift
    start=$(date +%s)
    if "$@" >"$B/log" 2>&1; then
        printf 'ok   %5d s  %s: %s\n' $(($(date +%s) - start)) "$about" "$(grep -E 'states|kills|flips|commits|Done|could be' "$B/log" | tr '\n' ' ')"
    else
        printf 'FAIL %5d s  %s\n' $(($(date +%s) - start)) "$about"
        tail -n 30 "$B/log"
        failed=1
    fi
}

do_crash() {
    program file_crash gcc -O2 || return 1
    stage "crashes at any call, unsynced writes dropped, reordered, torn; crashes while recovering; four disks that leave out a sync" \
        env KAM_FILE_STATES=$(n 100000) KAM_FILE_PAIRS=$(n 10000) "$B/file_crash"
}
do_fail() {
    extra=$(ls tests/kit/fault*.c)
    program file_fail_sweep gcc -O2 || return 1
    extra=
    stage "every call of the system, every request for memory, every sync that fails" \
        env KAM_FILE_SEEDS=$(n 10) KAM_FILE_SYNC_SEEDS=$(n 150) "$B/file_fail_sweep"
}
do_damage() {
    program file_damage gcc -O2 || return 1
    stage "cut off at every byte, every bit of 64 KB flipped" env KAM_FILE_STRIDE=1 KAM_FILE_SEEDS=$(n 20) "$B/file_damage"
}
do_kill() {
    program file_kill gcc -O2 || return 1
    stage "kill -9, synchronous and lazy commits" env KAM_FILE_KILLS=$(n 10000) "$B/file_kill"
}
do_model() {
    cmake -S . -B "$B/cmake" -DCMAKE_BUILD_TYPE=Release >"$B/log" 2>&1 || return 1
    cmake --build "$B/cmake" --target test-store-file_model >"$B/log" 2>&1 || return 1
    stage "random operations against the model (250 a history), memory, file and SQLite the same" \
        env KAM_FILE_HISTORIES=$(n 40000) KAM_MODEL_OPS=$(n 100000) "$B/cmake/tests/test-store-file_model"
}
do_hostile() {
    program file_hostile gcc -O1 -fsanitize=address,undefined -fno-sanitize-recover=all || return 1
    stage "changed files with right checksums, under address and undefined-behaviour sanitizers" env KAM_FILE_HOSTILE=$(n 200000) "$B/file_hostile"
}
do_fuzz() {
    mkdir -p "$B/corpus"
    [ -x "$B/file_hostile" ] || do_hostile
    KAM_FILE_HOSTILE=20 KAM_FILE_CORPUS=$B/corpus "$B/file_hostile" >/dev/null 2>&1
    clang $flags -O1 -fsanitize=fuzzer,address,undefined $core $helpers tests/fuzz/fuzz_file.c -lm -lpthread -o "$B/fuzz" || return 1
    stage "libFuzzer" "$B/fuzz" -max_len=120000 -max_total_time=$(n 600) -timeout=20 -rss_limit_mb=2000 -artifact_prefix="$B/" "$B/corpus"
}
do_threads() {
    program file_threads clang -O1 -fsanitize=thread || return 1
    stage "one writer, sixteen readers, upkeep, under the thread sanitizer" env KAM_FILE_READERS=16 KAM_FILE_THREAD_MS=$(n 600000) "$B/file_threads"
}

[ $# -gt 0 ] || set -- crash fail damage kill model hostile fuzz threads
for name; do do_$name || { echo "FAIL         $name could not be built"; failed=1; }; done
exit $failed
