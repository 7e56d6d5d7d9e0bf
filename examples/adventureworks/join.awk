# join.awk - aw_resellers.csv, then aw_stores.csv: each store with its reseller's key and type in front.
#
# Both files name the same shops. Two names occur twice, so the city belongs to the key. The store's line is passed on as it is.
FNR == 1 {
    n = csv($0, head)
    name = column(head, n, "name"); city = column(head, n, "city")
    if (NR == 1) { key = column(head, n, "reseller_key"); type = column(head, n, "business_type") }
    else print "reseller_key,business_type," $0
    next
}
{
    csv($0, cell)
    shop = cell[name] SUBSEP cell[city]
}
NR == FNR {
    if (shop in reseller) { print "twice: " cell[name] ", " cell[city] > "/dev/stderr"; exit 1 }
    reseller[shop] = cell[key] "," cell[type]
    next
}
{
    if (!(shop in reseller)) { print "no reseller: " cell[name] ", " cell[city] > "/dev/stderr"; exit 1 }
    print reseller[shop] "," $0
    delete reseller[shop]
}
