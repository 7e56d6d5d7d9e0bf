#!/bin/sh
# Writes include/kam/fields.h (kinds, field ids, enumerators) from src/model/schema.def. Usage: sh src/model/gen_fields.sh > include/kam/fields.h
set -eu
def=$(dirname "$0")/schema.def
cat <<'H'
/*
 * kam/fields.h - kinds of records, their fields, and the values of closed lists. Generated from src/model/schema.def.
 *
 * A field id is kind * 128 + n and unique over all kinds; 1..127 are common to all kinds that have them. Ids are never reused.
 * Custom fields (records of kind FIELD, name "x_...") get ids from 65536 on.
 */
#ifndef KAM_FIELDS_H
#define KAM_FIELDS_H

H
tr '\n' ' ' < "$def" | sed 's@/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/@@g; s@ \(\(KIND\|FIELD\|ENUM\|ITEM\)(\)@\n\1@g' |
awk '
function arg(s, n,   a) { sub(/^[A-Z]*\(/, "", s); split(s, a, /, */); return a[n] }
function labels(s,   a, k) { k = split(s, a, "\""); return a[k - 3] }
/^KIND\(/  { nk++; kid[nk] = arg($0, 1); kname[nk] = arg($0, 2); klabel[nk] = labels($0); cls[nk] = arg($0, 4); next }
/^FIELD\(/ { nf++; fk[nf] = nk; fname[nf] = arg($0, 2); fn[nf] = arg($0, 3); flabel[nf] = labels($0); next }
/^ENUM\(/  { s = arg($0, 1); sub(/\).*/, "", s); ns++; set[ns] = s; next }
/^ITEM\(/  { ni++; is[ni] = ns; iname[ni] = arg($0, 2); inum[ni] = arg($0, 3); next }
function prefix(s) { return s == "LEDGER_EVENT" ? "LEDGER" : s == "ACTIVITY_STATUS" ? "ACTIVITY" : s == "POLICY_KIND" ? "POLICY" : s }
END {
    print "/* Kinds: stored below 200, computed above. */\nenum {"
    c = 0; for (k = 1; k <= nk; k++) if (cls[k] != "OWN") pub[++c] = k
    for (i = 1; i <= c; i++) { k = pub[i]; printf "    KAM_KIND_%s = %d%s\n", kname[k], kid[k], i < c ? "," : "" }
    print "};\n"
    print "/* Common fields. VALID_FROM and VALID_TO: days, half open. REASON: why the change is made; kept with the history. */"
    print "enum {\n    KAM_ID = 1, KAM_REV = 2, KAM_SEQ = 3, KAM_SOURCE = 4, KAM_EXT_ID = 5, KAM_VALID_FROM = 6, KAM_VALID_TO = 7, KAM_REASON = 8\n};\n"
    for (i = 1; i <= c; i++) {
        k = pub[i]; printf "/* %s */\nenum {\n", klabel[k]; last = 0
        for (f = 1; f <= nf; f++) if (fk[f] == k) last = f
        for (f = 1; f <= nf; f++) if (fk[f] == k)
            printf "    KAM_%s_%s = %d%s\n", kname[k], fname[f], kid[k] * 128 + fn[f], f < last ? "," : ""
        print "};\n"
    }
    for (s = 1; s <= ns; s++) {
        if (set[s] == "ROLE" || set[s] == "LEAD_SOURCE") continue      # open lists are texts
        last = 0; for (i = 1; i <= ni; i++) if (is[i] == s) last = i
        printf "/* %s */\nenum {\n", tolower(set[s])
        for (i = 1; i <= ni; i++) if (is[i] == s) printf "    KAM_%s_%s = %d%s\n", prefix(set[s]), iname[i], inum[i], i < last ? "," : ""
        print "};\n"
    }
    print "#endif"
}'
