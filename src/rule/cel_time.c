/*
 * rule/cel_time.c - timestamps, durations, and zones.
 *
 * A timestamp is seconds and nanoseconds since 1970 within the years 1 to 9999; a duration is nanoseconds in 64 bits.
 * Months, days of month, week and year count from 0, as the language wants it; month(), day() and weekday() of our
 * dialect count from 1. A zone is "UTC", an offset ("+08:00", "-9:30"), or a name the context's callback knows.
 */
#include "cel_fn.h"

#define CEL_TIME_MIN (-62135596800)
#define CEL_TIME_MAX 253402300799
#define CEL_NANOS 1000000000

int kam__cel_time_ok(int64_t seconds, uint32_t nanos) {
    return seconds >= CEL_TIME_MIN && seconds <= CEL_TIME_MAX && nanos < CEL_NANOS;
}

static int64_t cel_time_floor(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* ---------------------------------------------------------------- text */

/* ".25" of nanoseconds, nothing for 0. */
static size_t cel_time_fraction(char *out, uint32_t nanos) {
    size_t n = 0;
    if (!nanos) return 0;
    out[n++] = '.';
    for (uint32_t unit = CEL_NANOS / 10; nanos; unit /= 10) {
        out[n++] = (char)('0' + nanos / unit);
        nanos %= unit;
    }
    return n;
}

static void cel_time_two(char *out, int64_t v) {
    out[0] = (char)('0' + v / 10 % 10);
    out[1] = (char)('0' + v % 10);
}

size_t kam__cel_time_put(char out[48], int64_t seconds, uint32_t nanos) {
    int64_t day = cel_time_floor(seconds, 86400), of = seconds - day * 86400;
    size_t n = kam__day_format(out, (int32_t)day);
    out[n++] = 'T';
    cel_time_two(out + n, of / 3600);
    cel_time_two(out + n + 3, of / 60 % 60);
    cel_time_two(out + n + 6, of % 60);
    out[n + 2] = out[n + 5] = ':';
    n += 8;
    n += cel_time_fraction(out + n, nanos);
    out[n++] = 'Z';
    out[n] = '\0';
    return n;
}

size_t kam__cel_duration_put(char out[48], int64_t nanos) {
    uint64_t v = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    size_t n = 0;
    if (nanos < 0) out[n++] = '-';
    n += kam__i64_format(out + n, (int64_t)(v / CEL_NANOS));
    n += cel_time_fraction(out + n, (uint32_t)(v % CEL_NANOS));
    out[n++] = 's';
    out[n] = '\0';
    return n;
}

/* Exactly k digits at *s; -1 = fewer. */
static int32_t cel_time_digits(const char **s, const char *end, int k) {
    int32_t v = 0;
    for (int i = 0; i < k; i++, ++*s) {
        if (*s >= end || **s < '0' || **s > '9') return -1;
        v = v * 10 + (**s - '0');
    }
    return v;
}

/* "Z", "+08:00"; 1 = something else. */
static int cel_time_offset(const char **s, const char *end, int64_t *seconds) {
    *seconds = 0;
    if (*s < end && **s == 'Z') { ++*s; return 0; }
    if (*s >= end || (**s != '+' && **s != '-')) return 1;
    int minus = *(*s)++ == '-';
    int32_t h = cel_time_digits(s, end, 2), colon = *s < end && **s == ':', m;
    if (colon) ++*s;
    m = colon ? cel_time_digits(s, end, 2) : -1;
    if (h < 0 || h > 23 || m < 0 || m > 59) return 1;
    *seconds = (h * 60 + m) * 60;
    if (minus) *seconds = -*seconds;
    return 0;
}

/* ".123": nanoseconds; RFC 3339 allows more digits, which are cut off. */
static int cel_time_read_fraction(const char **s, const char *end, uint32_t *nanos) {
    uint32_t unit = CEL_NANOS / 10;
    *nanos = 0;
    if (*s >= end || **s != '.') return 0;
    const char *from = ++*s;
    for (; *s < end && **s >= '0' && **s <= '9'; ++*s, unit /= 10) *nanos += (uint32_t)(**s - '0') * unit;
    return *s == from;
}

/* RFC 3339 with its T and Z as capitals only, as the reference implementation of the language has it. */
int kam__cel_time_read(kam__cel *out, const char *s, size_t n) {
    const char *end = s + n;
    int32_t part[6];
    static const char sep[] = "--T::";
    int64_t offset;
    uint32_t nanos;
    for (int i = 0; i < 6; i++) {
        part[i] = cel_time_digits(&s, end, i == 0 ? 4 : 2);
        if (part[i] < 0) return 1;
        if (i == 5) break;
        if (s >= end || *s != sep[i]) return 1;
        s++;
    }
    if (part[3] > 23 || part[4] > 59 || part[5] > 59 || cel_time_read_fraction(&s, end, &nanos) ||
        cel_time_offset(&s, end, &offset) || s != end) return 1;
    if (part[0] == 0) return 2;
    if (!kam__day_valid(part[0], part[1], part[2])) return 1;
    int64_t t = (int64_t)kam__day(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 + part[5] - offset;
    if (!kam__cel_time_ok(t, nanos)) return 2;
    *out = kam__cel_int(t);
    out->t = KAM__CEL_TIMESTAMP;
    out->n = nanos;
    return 0;
}

/* Nanoseconds of a unit at *s, which moves behind it; 0 = none. */
static int64_t cel_time_unit(const char **s, const char *end) {
    static const struct { const char *name; int64_t nanos; } unit[] = {
        {"ms", 1000000}, {"us", 1000}, {"\xC2\xB5s", 1000}, {"\xCE\xBCs", 1000}, {"ns", 1}, {"h", 3600LL * CEL_NANOS},
        {"m", 60LL * CEL_NANOS}, {"s", CEL_NANOS}};
    for (size_t i = 0; i < KAM__LEN(unit); i++) {
        size_t n = strlen(unit[i].name);
        if ((size_t)(end - *s) < n || memcmp(*s, unit[i].name, n) != 0) continue;
        *s += n;
        return unit[i].nanos;
    }
    return 0;
}

/* One "1.5h" is added to *sum (negative, so that the smallest duration can be read). 1 wrong, 2 too big. */
static int cel_time_piece(const char **s, const char *end, int64_t *sum) {
    const char *from = *s;
    int64_t whole = 0, part;
    int over = 0, digits = 0;
    while (*s < end && **s >= '0' && **s <= '9') {
        over |= kam__mul(whole, 10, &whole) || kam__add(whole, **s - '0', &whole);
        ++*s;
        digits++;
    }
    const char *point = *s;
    if (*s < end && **s == '.') for (++*s; *s < end && **s >= '0' && **s <= '9'; ++*s) digits++;
    const char *stop = *s;
    int64_t unit = cel_time_unit(s, end), place = unit;
    if (!digits || !unit || stop == from) return 1;
    if (over || kam__mul(whole, -unit, &part) || kam__add(*sum, part, sum)) return 2;
    for (point++; point < stop; point++) {
        int64_t f = 0;
        place /= 10;
        f = place * (*point - '0');
        if (kam__add(*sum, -f, sum)) return 2;
    }
    return 0;
}

int kam__cel_duration_read(kam__cel *out, const char *s, size_t n) {
    const char *end = s + n;
    int64_t sum = 0;
    int minus = n && *s == '-', wrong = 0;
    if (n && (*s == '-' || *s == '+')) s++;
    if (s == end) return 1;
    if (end - s == 1 && *s == '0') s++;
    while (s < end && !wrong) wrong = cel_time_piece(&s, end, &sum);
    if (wrong) return wrong;
    if (!minus && sum == INT64_MIN) return 2;
    *out = kam__cel_int(minus ? sum : -sum);
    out->t = KAM__CEL_DURATION;
    return 0;
}

/* ---------------------------------------------------------------- conversions */

static void cel_time_bad(cel_run *run, kam__cel *out, const kam__cel *arg, int why, const char *what,
                         const char *like) {
    char q[48];
    if (why == 2) kam__cel_raise(run, out, "out of the range of %s", what);
    else kam__cel_raise(run, out, "\"%s\" is no %s; write it like %s", kam__clip(q, arg->v.s, arg->n), what, like);
}

static void cel_time_timestamp(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    *out = *arg;
    if (arg->t == KAM__CEL_TIMESTAMP) return;
    if (arg->t == KAM__CEL_INT) {
        if (!kam__cel_time_ok(arg->v.i, 0)) { cel_time_bad(run, out, arg, 2, "timestamp", ""); return; }
        out->t = KAM__CEL_TIMESTAMP;
        out->n = 0;
        return;
    }
    int why = kam__cel_time_read(out, arg->v.s, arg->n);
    if (why) cel_time_bad(run, out, arg, why, "timestamp", "2026-03-01T12:30:00Z");
}

static void cel_time_duration(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    (void)n;
    *out = *arg;
    if (arg->t == KAM__CEL_DURATION) return;
    if (arg->t == KAM__CEL_INT) {
        if (kam__mul(arg->v.i, CEL_NANOS, &out->v.i)) { cel_time_bad(run, out, arg, 2, "duration", ""); return; }
        out->t = KAM__CEL_DURATION;
        return;
    }
    int why = kam__cel_duration_read(out, arg->v.s, arg->n);
    if (why) cel_time_bad(run, out, arg, why, "duration", "1h30m or 90s");
}

/* ---------------------------------------------------------------- parts */

/* "9:30" and "09:30", with or without a sign, as minutes; 0 = not of that form. */
static int cel_time_numeric(const kam__cel *zone, int32_t *minutes) {
    const char *s = zone->v.s, *end = s + zone->n;
    int minus = s < end && *s == '-', h = 0, digits = 0;
    if (s < end && (*s == '-' || *s == '+')) s++;
    for (; s < end && *s >= '0' && *s <= '9' && digits < 2; s++, digits++) h = h * 10 + (*s - '0');
    if (!digits || s >= end || *s++ != ':') return 0;
    int32_t m = cel_time_digits(&s, end, 2);
    if (m < 0 || m > 59 || h > 23 || s != end) return 0;
    *minutes = minus ? -(h * 60 + m) : h * 60 + m;
    return 1;
}

/* Local seconds of a timestamp in the zone of the second argument. 0 = raised. */
static int cel_time_local(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n, int64_t *local) {
    char name[64], q[48];
    int32_t minutes = 0;
    *local = arg->v.i;
    if (n < 2) return 1;
    if (!cel_time_numeric(&arg[1], &minutes)) {
        int32_t rc = KAM_E_NOT_FOUND;
        if (arg[1].n < sizeof name && !memchr(arg[1].v.s, 0, arg[1].n)) {
            memcpy(name, arg[1].v.s, arg[1].n);
            name[arg[1].n] = '\0';
            rc = kam__zone_offset(run->ctx, name, arg->v.i * 1000 + arg->n / 1000000, &minutes, NULL);
        }
        if (rc != KAM_OK) { kam__cel_raise(run, out, "unknown zone \"%s\"",
                                           kam__clip(q, arg[1].v.s, arg[1].n)); return 0; }
    }
    *local += (int64_t)minutes * 60;
    return 1;
}

/* What the functions of a timestamp ask for; their place in the table says which. */
enum { T_YEAR, T_MONTH, T_DAY_OF_YEAR, T_DAY_OF_MONTH, T_DATE, T_DAY_OF_WEEK, T_HOURS, T_MINUTES, T_SECONDS, T_MILLIS,
    T_MONTH_1,
       T_WEEKDAY_1 };

static int64_t cel_time_part(int what, int64_t local, uint32_t nanos) {
    int64_t day = cel_time_floor(local, 86400), of = local - day * 86400;
    int32_t y, m, d;
    kam__day_split((int32_t)day, &y, &m, &d);
    switch (what) {
    case T_YEAR: return y;
    case T_MONTH: return m - 1;
    case T_DAY_OF_YEAR: return day - kam__day(y, 1, 1);
    case T_DAY_OF_MONTH: return d - 1;
    case T_DATE: return d;
    case T_DAY_OF_WEEK: return kam__weekday((int32_t)day) % 7;
    case T_HOURS: return of / 3600;
    case T_MINUTES: return of / 60 % 60;
    case T_SECONDS: return of % 60;
    case T_MONTH_1: return m;
    case T_WEEKDAY_1: return kam__weekday((int32_t)day);
    default: return nanos / 1000000;
    }
}

static void cel_time_get(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n) {
    int what = (int)(run->fn - kam__cel_fn_time - 2);
    int64_t local, v = arg->v.i;
    if (what == T_MONTH_1 + 2) what = T_DATE;                   /* day() */
    if (what == T_MONTH_1 + 3) what = T_YEAR;
    if (arg->t == KAM__CEL_DURATION) {
        *out = kam__cel_int(what == T_HOURS ? v / CEL_NANOS / 3600 : what == T_MINUTES ? v / CEL_NANOS / 60
                            : what == T_SECONDS ? v / CEL_NANOS : v / 1000000 % 1000);
        return;
    }
    if (cel_time_local(run, out, arg, n, &local)) *out = kam__cel_int(cel_time_part(what, local, arg->n));
}

#define CEL_TIME_FN(name, more) {name, CEL_MEMBER, "t:i ts:i" more, cel_time_get, CEL_COST_1, NULL}
const cel_fn kam__cel_fn_time[] = {
    {"timestamp", CEL_GLOBAL, "t:t i:t s:t", cel_time_timestamp, CEL_COST_1, NULL},
    {"duration", CEL_GLOBAL, "r:r i:r s:r", cel_time_duration, CEL_COST_N, NULL},
    CEL_TIME_FN("getFullYear", ""), CEL_TIME_FN("getMonth", ""), CEL_TIME_FN("getDayOfYear", ""),
    CEL_TIME_FN("getDayOfMonth", ""), CEL_TIME_FN("getDate", ""), CEL_TIME_FN("getDayOfWeek", ""),
    CEL_TIME_FN("getHours", " r:i"), CEL_TIME_FN("getMinutes", " r:i"), CEL_TIME_FN("getSeconds", " r:i"),
    CEL_TIME_FN("getMilliseconds", " r:i"), CEL_TIME_FN("month", ""), CEL_TIME_FN("weekday", ""),
        CEL_TIME_FN("day", ""),
    CEL_TIME_FN("year", ""),
    {NULL, 0, NULL, NULL, 0, NULL}};
#undef CEL_TIME_FN
