#!/bin/sh
# AdventureWorks, a wholesaler with 701 shops and 57,851 order lines, into a book: imported by mapping documents, graded by quota and by
# share of revenue, and checked against figures worked out elsewhere.
#
#   sh run.sh DATA OUT [KAM]     DATA: folder of the aw_*.csv files; OUT: a folder to write to; KAM: the program (default: kam)
set -eu
[ $# -ge 2 ] || { echo "usage: sh run.sh DATA OUT [KAM]" >&2; exit 2; }
data=$1 out=$2 kam=${3:-kam}
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C
wrong=0

check() {                               # check WHAT GOT WANT
    if [ "$2" = "$3" ]; then echo "ok     $1: $2"
    else echo "WRONG  $1: $2, expected $3"; wrong=1
    fi
}
import() {                              # import KIND MAPPING FILE: the counts go to the screen, problems to OUT/problems-KIND.txt
    if ! "$kam" import "$book" --kind "$1" --source aw --mapping "$here/$2" --currency USD "$3" >"$out/import-$1.txt" 2>"$out/problems-$1.txt"
    then
        cat "$out/problems-$1.txt" >&2
        exit 1
    fi
    echo "$1: $(tr '\n' ' ' <"$out/import-$1.txt")"
}
grade() {                               # grade SCHEME: applied as of the day of the last order
    "$kam" grade "$book" --scheme "$1" --as-of 2020-05-31 --apply --out "$out/$1.csv" >"$out/$1.txt"
    awk -f "$here/csv.awk" -f "$here/grades.awk" "$out/$1.csv"
}

mkdir -p "$out/input"
rm -f "$out/aw.db"
book=sqlite:$out/aw.db

# Resellers and stores are the same shops; products are in the order lines only.
awk -f "$here/csv.awk" -f "$here/join.awk" "$data/aw_resellers.csv" "$data/aw_stores.csv" >"$out/input/accounts.csv"
awk -f "$here/csv.awk" -f "$here/products.awk" "$data/aw_reseller_sales.csv" >"$out/input/products.csv"

import territory territories.json "$data/aw_territories.csv"
import representative representatives.json "$data/aw_salespersons.csv"
import product products.json "$out/input/products.csv"
import account accounts.json "$out/input/accounts.csv"
import ledger ledger.json "$data/aw_reseller_sales.csv"

"$kam" export "$book" account --out "$out/accounts.csv"
"$kam" export "$book" ledger --out "$out/ledger.csv"
sums() { awk -v columns="$1" -f "$here/csv.awk" -f "$here/sums.awk" "$2"; }

echo
check "order lines in the book" "$(sums +amount,+cost "$out/ledger.csv")" "57851 rows, amount 77548570.20, cost 76549075.63"
check "accounts in the book" "$(sums owner,territory,latitude "$out/accounts.csv")" "701 rows, owner 701, territory 701, latitude 671"
check "bad coordinates reported" "$(grep -c 'coordinates 0,0' "$out/problems-account.txt")" 30
quota=$(grade quota-20-40-40)
check "by quota" "$(echo "$quota" | sed 's/, [0-9.]*, A/, A/')" "701 accounts, A 140, B 281, C 280"
check "by share of revenue" "$(grade abc-80-95-all-time)" "632 accounts, 77548570.20, A 184, B 126, C 322"
exit $wrong
