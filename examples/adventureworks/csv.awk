# csv.awk - one line of CSV into cells: awk -f csv.awk -f join.awk ...
#
# csv(line, cell) returns the number of cells; quotes are taken off, doubled ones become one. No cell of these files holds a newline.
function csv(line, cell,    n, at, c, quoted, text) {
    sub(/\r$/, "", line)
    n = 0; text = ""; quoted = 0
    if (index(line, "\"") == 0) return split(line, cell, ",")
    for (at = 1; at <= length(line); at++) {
        c = substr(line, at, 1)
        if (quoted && c == "\"" && substr(line, at + 1, 1) == "\"") { text = text c; at++ }
        else if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) { cell[++n] = text; text = "" }
        else text = text c
    }
    cell[++n] = text
    return n
}
# Number of the column with this heading; the program ends where there is none.
function column(heading, n, name,    i) {
    for (i = 1; i <= n; i++) if (heading[i] == name) return i
    print "no column " name " in " FILENAME > "/dev/stderr"
    exit 1
}
