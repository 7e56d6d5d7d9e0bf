# values.awk - of one file with a heading: each value of the column `of`, and how many rows have it.
#
#   awk -v of=kind -f csv.awk -f values.awk FILE.csv
FNR == 1 { n = csv($0, head); at = column(head, n, of); next }
{ csv($0, cell); if (!(cell[at] in rows)) order[++count] = cell[at]; rows[cell[at]]++ }
END { for (i = 1; i <= count; i++) print order[i], rows[order[i]] }
