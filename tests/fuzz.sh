#!/bin/sh
# Fuzzes the targets of tests/fuzz with libFuzzer (clang), address and undefined behaviour sanitizers on. Usage:
# tests/fuzz.sh [SECONDS [TARGET...]], 1800 seconds for each of all targets by default. New inputs stay in
# OUT/corpus/TARGET (OUT is fuzz-out, or $KAM_FUZZ_OUT); `tests/fuzz.sh keep [TARGET...]` merges what adds coverage into
# tests/fuzz/corpus, where test_replay.c finds it. A crash is left in OUT and the script fails.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cc=${CC:-clang}
out=${KAM_FUZZ_OUT:-fuzz-out}
seconds=${1:-1800}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(ls "$root"/tests/fuzz/fuzz_*.c | sed 's|.*/fuzz_\(.*\)\.c|\1|')
mkdir -p "$out"
flags="-std=c11 -O1 -g -ffp-contract=off -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
objects=
for file in $(find "$root"/src -name '*.c' ! -name kam_all.c ! -path '*/adapters/*'); do
    object="$out/$(echo "$file" | sed "s|$root/src/||; s|/|_|g").o"
    [ "$object" -nt "$file" ] || $cc $flags -I"$root/include" -I"$root/src" -c "$file" -o "$object"
    objects="$objects $object"
done
for target; do
    $cc $flags -fsanitize=fuzzer,address,undefined -DKAM_FUZZER -I"$root/include" -I"$root/src" -I"$root/tests/fuzz" \
        "$root/tests/fuzz/fuzz_$target.c" $objects -lm -o "$out/fuzz-$target"
    kept=$root/tests/fuzz/corpus/$target
    mkdir -p "$out/corpus/$target" "$kept"
    if [ "$seconds" = keep ]; then
        "$out/fuzz-$target" -merge=1 -max_len=400 "$kept" "$out/corpus/$target" 2>&1 | tail -2
        continue
    fi
    "$out/fuzz-$target" -max_total_time="$seconds" -max_len=600 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$out/" "$out/corpus/$target" "$kept" 2>"$out/$target.log" ||
        { tail -40 "$out/$target.log"; exit 1; }
    grep -e 'stat::number_of_executed_units' -e 'stat::peak_rss' "$out/$target.log" | sed "s/^/$target: /"
done
