#!/bin/sh
# All checks of libkam, on a fresh Debian 12: installs what is missing (apt-get, as root or by sudo), then runs
# the stages listed below one after the other, each timed. The last line is `N passed, N failed, N skipped`: the
# CMocka cases of the first build, the cases in Python, and the stages together. Exit 0 if nothing failed.
#
#   sh tests/run.sh                 everything
#   sh tests/run.sh gcc headers     these stages only (gcc is the build that most others look at)
#
# KAM_BUILD_DIR  where to build (default build/check)      KAM_JOBS  parallel jobs (default 2)
# CI=true        nothing may be skipped but what needs the data in ../shared, and nothing may be left out of the build
set -u
cd "$(dirname "$0")/.."
root=$(pwd)
B=${KAM_BUILD_DIR:-$root/build/check}
jobs=${KAM_JOBS:-2}
shared=$root/../shared
mkdir -p "$B/log"
B=$(cd "$B" && pwd)
passed=0 failed=0 skipped=0
python=/usr/bin/python3                 # Debian's: another one in PATH may lack cffi
export CMAKE_GENERATOR=Ninja LC_ALL=C.UTF-8

# -------------------------------------------------------------------------------- packages
# need TEST PACKAGE: TEST is a command or, with a slash, a file
need() {
    case $1 in
    */*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac || packages="$packages $2"
}
packages=
need cmake cmake
need gcc gcc
need /usr/include/stdio.h libc6-dev
need g++ g++
need clang clang
need make make
need ninja ninja-build
need pkg-config pkg-config
need /usr/include/cmocka.h libcmocka-dev
need /usr/include/sqlite3.h libsqlite3-dev
need valgrind valgrind
need i686-linux-gnu-gcc gcc-i686-linux-gnu
need /usr/i686-linux-gnu/include/stdio.h libc6-dev-i386-cross
need /usr/bin/python3 python3
need xz xz-utils
need doxygen doxygen
need mypy mypy
need luajit luajit
need lua5.4 lua5.4
need /usr/include/lua5.4/lua.h liblua5.4-dev
need /usr/share/zoneinfo/UTC tzdata
for module in cffi pip setuptools wheel icalendar vobject; do
    { [ -x $python ] && $python -c "import $module" 2>/dev/null; } || packages="$packages python3-$module"
done
if [ -n "$packages" ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    if [ -n "$sudo" ] && ! command -v sudo >/dev/null 2>&1; then
        echo "missing packages, and neither root nor sudo to install them:$packages"
    else
        echo "installing:$packages"
        wait="-o DPkg::Lock::Timeout=300"
        $sudo apt-get -qq $wait update >"$B/log/apt.log" 2>&1
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends $wait install $packages \
            >>"$B/log/apt.log" 2>&1 || { tail -n 20 "$B/log/apt.log"; echo "apt-get failed; going on without"; }
    fi
fi

# -------------------------------------------------------------------------------- stages
# A stage is a function s_NAME. It returns 0 = good, 77 = skipped (its last line says why), else failed.
build() {                               # build FOLDER cmake-arguments...
    folder=$1
    shift
    cmake -S "$root" -B "$B/$folder" "$@" >"$B/log/$folder.cmake" 2>&1 || { cat "$B/log/$folder.cmake"; return 1; }
    cmake --build "$B/$folder" --parallel "$jobs" -- --quiet
}
# The file store's proofs are run whole by the stage tests; under a sanitizer and without optimization a part of each will do.
light() {
    (export KAM_FILE_HISTORIES=60 KAM_MODEL_SEEDS=6 KAM_FILE_TAIL=3 KAM_FILE_STRIDE=301 KAM_FILE_STEP=7 KAM_KIT_STEP=8; "$@")
}
cases() {                               # cases FOLDER ctest-arguments...
    folder=$1
    shift
    ctest --test-dir "$B/$folder" --parallel "$jobs" --output-on-failure --no-tests=error "$@"
}

d_gcc="build with gcc, Release, warnings are errors"
s_gcc() {
    rm -f "$B/gcc.ok"
    build gcc -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=gcc -DKAM_WERROR=ON -DCMAKE_INSTALL_LIBDIR=lib || return 1
    grep 'left out' "$B/log/gcc.cmake" && [ "${CI:-}" = true ] && return 1
    for program in kam kam-conformance kam-bench; do
        [ -x "$B/gcc/$program" ] || { echo "the program $program was not built"; return 1; }
    done
    : >"$B/gcc.ok"
}
d_tests="CMocka tests of that build"
s_tests() { cases gcc; }
d_clang="build with clang, warnings are errors"
s_clang() { build clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang -DKAM_WERROR=ON; }
d_sanitize="CMocka tests under address and undefined-behaviour sanitizers"
s_sanitize() {
    build asan -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g1" -DCMAKE_C_COMPILER=gcc -DKAM_PROGRAMS=OFF \
        -DKAM_SANITIZE=address,undefined -DKAM_SPY_MESSAGES=ON || return 1
    rm -f "$B/messages.txt"
    KAM_MESSAGES="$B/messages.txt" light cases asan
}
d_messages="each error message is provoked by a test of the stage sanitize, or excused"
s_messages() {
    [ -s "$B/messages.txt" ] || { echo "run the stage sanitize first: it writes down what its tests provoke"; return 1; }
    $python tests/messages/messages.py "$B/messages.txt"
}
d_onefile="src/kam_all.c alone, and the CMocka tests on it, without the longest"
s_onefile() {
    gcc -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude -Isrc -c src/kam_all.c -o "$B/kam_all.o" || return 1
    build onefile -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O0" -DCMAKE_C_COMPILER=gcc -DKAM_PROGRAMS=OFF \
        -DKAM_ONE_FILE=ON -DKAM_WERROR=ON || return 1
    KAM_VALGRIND=1 light cases onefile -E '^(store/(file_|kit|model|memory_model)|visit/(route|plan)$)'
}
d_bare="the programs where neither CMocka nor SQLite is found"
s_bare() {
    build bare -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc -DKAM_ONE_FILE=ON \
        -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON -DCMAKE_FIND_ROOT_PATH=/nowhere -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
        -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY || return 1
    grep 'CMocka not found' "$B/log/bare.cmake" || { echo "CMocka was found after all"; return 1; }
    for program in kam kam-conformance kam-bench; do
        [ -x "$B/bare/$program" ] || { echo "the program $program was not built"; return 1; }
        if ldd "$B/bare/$program" | grep sqlite; then echo "$program is linked with SQLite"; return 1; fi
    done
}
d_ilp32="the core, the layout and tests/base in 32 bit"
s_ilp32() { sh tests/guards/ilp32.sh "$B/ilp32"; }
d_headers="each header alone and all together, as C99, C11 and C++98; every declaration documented"
s_headers() { sh tests/guards/headers.sh "$B/headers" && sh tests/guards/docs.sh; }
d_doxygen="the reference of the public headers by Doxygen, warnings are errors"
s_doxygen() { sh tests/guards/doxygen.sh "$B/reference"; }
d_arrows="arrows between rooms point downward"
s_arrows() { sh tests/guards/arrows.sh && sh tests/guards/selftest.sh; }
d_generated="generated files are current, presets can be read"
s_generated() {
    cmake --list-presets >/dev/null || return 1
    same() { diff -u "$2" "$1" || { echo "run: sh tests/abi/update.sh"; return 1; }; }
    sh tests/guards/kam_all.sh >"$B/new" && same "$B/new" src/kam_all.c || return 1
    sh bindings/gen_ffi.sh >"$B/new" && same "$B/new" bindings/kam_ffi.h || return 1
    sh src/model/gen_fields.sh >"$B/new" && same "$B/new" include/kam/fields.h || return 1
    sh tests/guards/builtin.sh
}
d_layout="frozen layout and constants"
s_layout() {
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only tests/abi/layout.c || return 1
    sh tests/abi/layout.sh >"$B/layout.c" || return 1
    diff -u tests/abi/layout.c "$B/layout.c" || { echo "tests/abi/layout.c differs: sh tests/abi/update.sh"; return 1; }
}
d_install="installed files, exported symbols, imports, no mutable data"
s_install() {
    rm -rf "$B/prefix"
    cmake --install "$B/gcc" --prefix "$B/prefix" >/dev/null || return 1
    bad=0
    rm -rf "$B/gone"
    cmake --install "$B/gcc" --prefix "$B/gone" >/dev/null && cmake --build "$B/gcc" --target uninstall >/dev/null || bad=1
    find "$B/gone" ! -type d -o -name kam | grep . && { echo "uninstall left these"; bad=1; }
    sh tests/abi/list.sh install "$B/prefix" >"$B/install.txt"
    diff -u tests/abi/install.txt "$B/install.txt" || { echo "installed files differ"; bad=1; }
    sh tests/abi/list.sh exports "$B"/prefix/lib/libkam*.so >"$B/symbols.txt"
    diff -u tests/abi/symbols.txt "$B/symbols.txt" || { echo "exported symbols differ"; bad=1; }
    sh tests/abi/list.sh imports "$B/prefix/lib/libkam.so" >"$B/imports.txt"
    sh tests/guards/imports.sh "$B/imports.txt" || bad=1
    LC_ALL=C sort -u tests/abi/imports.txt >"$B/white.txt"
    LC_ALL=C comm -13 "$B/white.txt" "$B/imports.txt" | sed 's|^|not on the white list imports.txt: |' | grep . && bad=1
    sh tests/guards/data.sh "$B/prefix/lib/libkam.a" || { echo "mutable data in libkam.a"; bad=1; }
    objdump -p "$B/prefix/lib/libkam.so" | awk '/NEEDED|SONAME/ { print $1, $2 }' | sort >"$B/needed.txt"
    printf 'NEEDED libc.so.6\nNEEDED libm.so.6\nSONAME libkam.so.0.1\n' | LC_ALL=C diff -u - "$B/needed.txt" || bad=1
    return $bad
}
d_embed="programs built out of tree from the installed files"
s_embed() { sh tests/guards/embed.sh "$B/prefix" "$B/embed"; }
d_readme="the snippets of README.md and README.zh-CN.md, compiled and run"
s_readme() {
    sh tests/guards/readme.sh README.md "$B/prefix" "$B/gcc" "$B/readme" &&
        sh tests/guards/readme.sh README.zh-CN.md "$B/prefix" "$B/gcc" "$B/readme"
}
d_ffi="bindings/kam_ffi.h in cffi, with the library"
s_ffi() { $python tests/guards/ffi.py bindings/kam_ffi.h "$B/gcc/libkam.so"; }
d_python="bindings/python and examples/python, unittest"
s_python() {
    KAM_LIBRARY="$B/gcc/libkam.so" PYTHONDONTWRITEBYTECODE=1 $python -W error tests/python/test_kam.py -v
}
d_lua="bindings/lua and examples/lua, in LuaJIT by its FFI and in Lua 5.4 by the C module"
s_lua() {
    [ -e "$B/gcc/kam_lua.so" ] || { echo "the module kam_lua was not built"; return 1; }
    for lua in luajit lua5.4; do
        for script in tests/lua/test_*.lua; do
            KAM_LIBRARY="$B/gcc/libkam.so" LUA_CPATH="$B/gcc/?.so" LUA_PATH="$root/bindings/lua/?.lua" \
                $lua "$script" "$B/gcc" || return 1
        done
    done
}
d_valgrind="failure sweeps under valgrind"
s_valgrind() {
    find "$B/gcc/tests" -type f -name 'test-*sweep*' | LC_ALL=C sort >"$B/sweeps"
    [ -s "$B/sweeps" ] || { echo "there is no test named *sweep*"; return 77; }
    cat "$B/sweeps"
    KAM_VALGRIND=1 xargs -n 1 -P "$jobs" valgrind -q --error-exitcode=9 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect,possible <"$B/sweeps"
}
conformance() {                         # conformance SUITE FOLDER
    [ -e "$shared/data/$2" ] || { echo "../shared/data/$2 is absent"; return 77; }
    "$B/gcc/kam-conformance" $1 "$shared/data/$2" >"$B/conformance" 2>&1
    rc=$?
    grep '^FAIL' "$B/conformance"
    tail -n 1 "$B/conformance"
    tail -n 1 "$B/conformance" | grep -qE '^[1-9][0-9]* passed, 0 failed$' && [ $rc = 0 ]
}
d_json="kam-conformance json on ../shared/data/json"
s_json() { conformance json json; }
d_csv="kam-conformance csv on ../shared/data/csv"
s_csv() { conformance csv csv; }
d_cel="kam-conformance cel on ../shared/data/cel, without and with promotion"
s_cel() { conformance cel cel/cel-conformance.jsonl && conformance "cel --promotion" cel/cel-conformance.jsonl; }
d_oracle="10,000 scores of generated cards beside an oracle in exact fractions"
s_oracle() { $python tests/rule/oracle.py "$B/gcc/libkam.so"; }
d_dmn="kam-conformance dmn on ../shared/data/dmn: every model that is tables only"
s_dmn() {
    [ -e "$shared/data/dmn" ] || { echo "../shared/data/dmn is absent"; return 77; }
    "$B/gcc/kam-conformance" dmn "$shared/data/dmn/dmn-tables.jsonl" >"$B/conformance" 2>&1 || { grep '^FAIL' "$B/conformance"; return 1; }
    tail -n 1 "$B/conformance" | tee /dev/stderr | grep -qE '^[1-9][0-9]* passed, 0 failed, [0-9]+ out$'
}
d_formats="iCalendar and vCard read by two parsers that are not ours"
s_formats() {
    rm -rf "$B/formats" && mkdir -p "$B/formats" && $python tests/formats/read_back.py "$B/gcc/kam" "$B/formats"
}

# -------------------------------------------------------------------------------- run
# The figures of the CMocka cases: CMocka's own closing lines; a program that died without them counts as one failure.
count_cases() {
    set -- $(awk '
        /^\[  PASSED  \] [0-9]+ test\(s\)\.$/ { p += $4 }
        /^\[  FAILED  \] [0-9]+ test\(s\), listed below:$/ { f += $4; lists++ }
        /^\[  SKIPPED \] [0-9]+ test\(s\), listed below:$/ { s += $4 }
        /^SKIPPED .*\.\.\/shared absent/ { absent++ }
        /^Test Failed\.$/ { dead++ }
        END { print p + 0, f + (dead > lists ? dead - lists : 0), s + 0, absent + 0 }' \
        "$B/gcc/Testing/Temporary/LastTest.log" 2>/dev/null)
    passed=$((passed + ${1:-0}))
    cases_failed=${2:-0}
    skipped=$((skipped + ${3:-0}))
    if [ "${CI:-}" = true ] && [ "${3:-0}" -gt "${4:-0}" ]; then
        echo "     cases are skipped for another reason than absent data: in CI that is a failure"
        cases_failed=$((cases_failed + $3 - $4))
    fi
    [ "$1" != 0 ] || [ "$cases_failed" != 0 ] || cases_failed=1
    failed=$((failed + cases_failed))
    echo "     ${1:-0} cases passed, $cases_failed failed, ${3:-0} skipped"
    grep -h '^SKIPPED ' "$B/gcc/Testing/Temporary/LastTest.log" | LC_ALL=C sort -u | sed 's/^/     /'
}

# The same for the cases of the stages python and lua, from unittest's closing lines and its list.
count_unittest() {
    set -- $(awk '
        /^Ran [0-9]+ test/ { ran += $2 }
        /^(OK|FAILED)( |$)/ {
            for (; match($0, /[a-z]+=[0-9]+/); $0 = substr($0, RSTART + RLENGTH)) {
                split(substr($0, RSTART, RLENGTH), part, "=")
                n[part[1]] += part[2]
            }
        }
        END { bad = n["failures"] + n["errors"]; print ran - bad - n["skipped"], bad, n["skipped"] + 0 }' "$B/log/$1.log")
    [ "${CI:-}" != true ] || [ "$3" = 0 ] || { echo "     in CI a skipped case is a failure"; failed=$((failed + $3)); }
    [ $rc = 0 ] || [ "$2" != 0 ] || set -- "$1" 1 "$3"      # it died behind its last case
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
    echo "     $1 cases passed, $2 failed, $3 skipped"
    sed -n "s/^\\(.*\\) \.\.\. skipped '\\(.*\\)'$/     SKIPPED \\1: \\2/p" "$B/log/$stage.log"
}

run() {
    eval "about=\${d_$1:-no such stage}"
    start=$(date +%s)
    case $1 in
    tests | install | embed | readme | ffi | python | lua | json | csv | cel | dmn | oracle | formats | valgrind)
        if [ ! -e "$B/gcc.ok" ]; then
            failed=$((failed + 1))
            printf 'FAIL     0 s  %-10s %s: the stage gcc failed or never ran\n' "$1" "$about"
            return
        fi ;;
    esac
    ("s_$1") >"$B/log/$1.log" 2>&1
    rc=$?
    seconds=$(($(date +%s) - start))
    if [ "$1" = tests ]; then
        if [ $rc != 0 ]; then
            grep -A 40 'The following tests FAILED' "$B/log/tests.log"
            grep -hE 'error:|ERROR|FAILED  \]' "$B/log/tests.log" | head -n 40
        fi
        printf '%-5s %4d s  %-10s %s\n' "$([ $rc = 0 ] && echo ok || echo FAIL)" $seconds "$1" "$about"
        count_cases
        return
    fi
    if { [ "$1" = python ] || [ "$1" = lua ]; } && grep -q '^Ran [1-9]' "$B/log/$1.log"; then
        grep -A 30 -E '^(ERROR|FAIL): ' "$B/log/$1.log" | head -n 100 | sed 's/^/     | /'
        printf '%-5s %4d s  %-10s %s\n' "$([ $rc = 0 ] && echo ok || echo FAIL)" $seconds "$1" "$about"
        count_unittest "$1"
        return
    fi
    if [ $rc = 77 ]; then
        why=$(tail -n 1 "$B/log/$1.log")
        case "${CI:-}:$why" in
        true:*../shared* | :* | false:*) skipped=$((skipped + 1)); echo "SKIPPED $1: $why"; return ;;
        esac
        echo "skipped, which CI does not allow"
    fi
    if [ $rc = 0 ]; then
        passed=$((passed + 1))
        printf 'ok    %4d s  %-10s %s\n' $seconds "$1" "$about"
    else
        failed=$((failed + 1))
        tail -n 60 "$B/log/$1.log" | sed 's/^/     | /'
        printf 'FAIL  %4d s  %-10s %s (all of it: %s)\n' $seconds "$1" "$about" "$B/log/$1.log"
    fi
}

[ $# -gt 0 ] || set -- arrows generated headers doxygen gcc tests layout install embed readme ffi python lua json csv cel dmn oracle formats clang \
    sanitize messages onefile bare ilp32 valgrind
for stage; do run "$stage"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
