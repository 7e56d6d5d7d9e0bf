# products.awk - aw_reseller_sales.csv: each product once, with the standard cost of its last line.
FNR == 1 {
    n = csv($0, head)
    product = column(head, n, "product_key"); cost = column(head, n, "standard_cost")
    print "product_key,name,standard_cost"
    next
}
{
    csv($0, cell)
    if (!(cell[product] in last)) order[++count] = cell[product]
    last[cell[product]] = cell[cost]
}
END { for (i = 1; i <= count; i++) print order[i] ",Product " order[i] "," last[order[i]] }
