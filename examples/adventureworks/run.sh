#!/bin/sh
# AdventureWorks, a wholesaler with 701 shops and 57,851 order lines, into a book: imported by mapping documents, graded by quota and by
# share of revenue, scored, planned for four weeks, reported, and checked against figures worked out elsewhere.
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
rm -f "$out/aw.kam"
book=$out/aw.kam

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

# Four weeks of visits and calls from 2020-06-01, as the book stands on the day before.
"$kam" score "$book" --card key-account --as-of 2020-05-31 --apply --out "$out/scores.csv"
"$kam" plan "$book" --from 2020-06-01 --days 28 --as-of 2020-05-31 --apply --out "$out/plan.csv" \
    --unplanned "$out/unplanned.csv" --problems "$out/plan-problems.csv"
"$kam" report "$book" --as-of 2020-05-31 --title "AdventureWorks: key accounts" --out "$out/report.html"
values() { awk -v of="$1" -f "$here/csv.awk" -f "$here/values.awk" "$2"; }

check "representatives in the book" "$("$kam" export "$book" representative | awk 'NR > 1' | grep -c .)" 17
check "of them with a plan" "$(values representative "$out/plan.csv" | grep -c .)" 13
check "problems of the plan" "$(values kind "$out/plan-problems.csv" | LC_ALL=C sort | tr '\n' ' ')" "account 30 representative 4 "
check "scores in the book" "$(awk 'NR > 1' "$out/scores.csv" | grep -c .)" 701
check "the report needs nothing else" "$(grep -c -e 'src="http' -e 'href="http' -e '<script' "$out/report.html")" 0
echo "$(values channel "$out/plan.csv" | tr '\n' ' ')planned, $(awk 'NR > 1' "$out/unplanned.csv" | grep -c .) not: $out/report.html"
exit $wrong
