# sums.awk - of one file with a heading: rows, and for each column in `columns` the filled cells, or with a + in front their sum in cents.
#
#   awk -v columns=owner,+amount -f csv.awk -f sums.awk FILE.csv
BEGIN { wanted = split(columns, name, ",") }
FNR == 1 {
    n = csv($0, head)
    for (i = 1; i <= wanted; i++) {
        adds[i] = sub(/^\+/, "", name[i])
        at[i] = column(head, n, name[i])
    }
    next
}
{
    csv($0, cell)
    rows++
    for (i = 1; i <= wanted; i++) {
        if (!adds[i]) { sum[i] += cell[at[i]] != ""; continue }
        minus = cell[at[i]] ~ /^-/
        split(cell[at[i]], part, ".")
        cents = part[1] * 100 + (minus ? -1 : 1) * substr(part[2] "00", 1, 2)
        sum[i] += cents
    }
}
END {
    printf "%d rows", rows
    for (i = 1; i <= wanted; i++) printf adds[i] ? ", %s %.2f" : ", %s %d", name[i], adds[i] ? sum[i] / 100 : sum[i]
    print ""
}
