#!/bin/sh
# From a fresh machine to a first look: gets a C compiler, make and cmake if they are missing (apt-get, as root or by sudo), builds the
# program `kam` into build/, and lets it make a sample company with 24 months of orders, its values, grades, scores, visit plan and report.
set -eu
cd "$(dirname "$0")/.."

need=
command -v cmake >/dev/null || need="$need cmake"
command -v cc >/dev/null || need="$need gcc libc6-dev"
command -v make >/dev/null || command -v ninja >/dev/null || need="$need make"
if [ -n "$need" ]; then
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "please install these packages first:$need" >&2; exit 1; }
        root=sudo
    fi
    echo "installing:$need"
    export DEBIAN_FRONTEND=noninteractive
    $root apt-get -qq -o DPkg::Lock::Timeout=300 update
    # shellcheck disable=SC2086
    $root apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 install $need >/dev/null
fi

echo "building build/kam ..."
if ! { cmake -S . -B build -DKAM_TESTS=OFF && cmake --build build --parallel 2 --target kam-program; } >build.log 2>&1; then
    cat build.log >&2
    rm -f build.log
    exit 1
fi
mv build.log build/quickstart.log
build/kam demo --out build/demo "$@"
echo
echo "The files are in $(pwd)/build/demo:"
ls -l build/demo
echo
echo "Open $(pwd)/build/demo/report.html in a browser."
echo "The company itself is the book build/demo/acme.kam; build/kam --help tells what else to do with it."
