#!/bin/sh
# Makes the Debian packages in OUTDIR, has lintian look at them (no errors), checks what is in them, and, as root, tries
# them where they may be installed: `packages.sh OUTDIR try` installs, compiles and runs a program, and purges them again.
# Not part of run.sh: needs lintian and dpkg-dev. Usage: packages.sh OUTDIR [try]
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
export LC_ALL=C.UTF-8
umask 022
cmake -S . -B "$out/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DKAM_TESTS=OFF \
    -DKAM_INSTALL_PROGRAMS=ON -DKAM_PACKAGES=ON ${KAM_MAINTAINER:+"-DCPACK_PACKAGE_CONTACT=$KAM_MAINTAINER"} >"$out/cmake.log" || { cat "$out/cmake.log"; exit 1; }
cmake --build "$out/build" --parallel "${KAM_JOBS:-2}" -- --quiet
rm -f "$out"/*.deb
(cd "$out/build" && cpack -G DEB -B "$out/cpack" >"$out/cpack.log" 2>&1) || { cat "$out/cpack.log"; exit 1; }
cp "$out"/cpack/*.deb "$out"
arch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
for deb in "$out"/*.deb; do
    package=$(dpkg-deb --field "$deb" Package)
    dpkg-deb --contents "$deb" | awk -v package="$package" '$1 !~ /^d/ { sub(/^\./, "", $6); print package, $6 }'
done | sed "s|/usr/lib/$arch|LIB|" | LC_ALL=C sort >"$out/files.txt"
diff -u tests/abi/packages.txt "$out/files.txt" || { echo "packaged files differ from tests/abi/packages.txt"; exit 1; }
# The address in the packages is a placeholder until somebody publishes them: KAM_MAINTAINER="Name <name@host>".
known=bogus-mail-host,bogus-mail-host-in-debian-changelog
[ -z "${KAM_MAINTAINER:-}" ] || known=none
lintian --allow-root --suppress-tags "$known" --fail-on error "$out"/*.deb || { echo "lintian found errors"; exit 1; }
[ "${2:-}" = try ] || exit 0

dpkg -i "$out"/*.deb
trap 'dpkg -P kam libkam-dev libkam-sqlite0.1 libkam0.1' EXIT
cc tests/install/hello.c $(pkg-config --cflags --libs kam) -o "$out/hello"
"$out/hello"
kam demo --out "$out/demo" >/dev/null
test -s "$out/demo/report.html"
man -w kam >/dev/null 2>&1 || echo "man is not installed: kam.1 not tried"
