#!/bin/sh
# Prints one of the lists that tests/abi freezes, sorted, one entry a line:
#   list.sh exports LIB.so...    exported symbols and their version nodes (symbols.txt)
#   list.sh imports LIB.so       what the library takes from outside (imports.txt, a white list)
#   list.sh install PREFIX       installed files (install.txt)
set -eu
what=$1
shift
case $what in
exports) for lib; do nm -D --defined-only --with-symbol-versions "$lib"; done |
    awk '$2 != "A" { sub(/@+/, " ", $3); print $3 }' ;;
imports) nm -D --undefined-only "$1" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' ;;
install) cd "$1" && find . -type f -o -type l | sed 's|^\./||' ;;
esac | LC_ALL=C sort -u
