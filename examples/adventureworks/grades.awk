# grades.awk - what `kam grade --out` wrote: accounts, sum of the measure in cents, accounts per grade A, B, C.
FNR == 1 {
    n = csv($0, head)
    grade = column(head, n, "new"); measure = column(head, n, "measure")
    next
}
{
    csv($0, cell)
    accounts++
    count[cell[grade]]++
    split(cell[measure], part, ".")
    cents = substr(part[2] "00", 1, 2)
    sum += part[1] * 100 + cents
}
END { printf "%d accounts, %.2f, A %d, B %d, C %d\n", accounts, sum / 100, count["A"], count["B"], count["C"] }
