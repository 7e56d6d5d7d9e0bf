/*
 * base/time.c - days, local minutes and instants, and their text.
 *
 * A day counts from 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March inside eras of 400
 * years (146,097 days), so that leap days come last and both directions are closed formulas (Hinnant, "chrono-
 * compatible low-level date algorithms", 2013). Text and months exist for the years 1..9999 only; KAM_DAY_FIRST,
 * KAM_DAY_END and other days outside pass through unchanged. Zones are asked of the context and nowhere else.
 */
#include "base/base.h"

#define TIME_DAY_MIN (-719162)                   /* 0001-01-01 */
#define TIME_DAY_MAX 2932896                     /* 9999-12-31 */
#define TIME_DAY_MS 86400000
#define TIME_ERA 146097

static int64_t time_floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int time_in_calendar(int64_t day) {
    return day >= TIME_DAY_MIN && day <= TIME_DAY_MAX;
}

/* ---------------------------------------------------------------- days */

int32_t kam__day(int32_t year, int32_t month, int32_t mday) {
    int64_t y = (int64_t)year - (month <= 2), era = time_floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;
    return (int32_t)(era * TIME_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468);
}

void kam__day_split(int32_t day, int32_t *year, int32_t *month, int32_t *mday) {
    int64_t z = (int64_t)day + 719468, era = time_floor_div(z, TIME_ERA), doe = z - era * TIME_ERA;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *mday = (int32_t)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int32_t)(yoe + era * 400 + (*month <= 2));
}

static int32_t time_month_days(int32_t year, int32_t month) {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

int kam__day_valid(int32_t year, int32_t month, int32_t mday) {
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && mday >= 1 && mday <= time_month_days(year, month);
}

int32_t kam__weekday(int32_t day) {
    int64_t since = (int64_t)day + 3;       /* 1970-01-01 was a Thursday */
    return (int32_t)(since - time_floor_div(since, 7) * 7) + 1;
}

/* A week belongs to the year of its Thursday (ISO 8601). Days outside the calendar have none: 0 and 0. */
void kam__iso_week(int32_t day, int32_t *iso_year, int32_t *week) {
    int32_t m, d, thursday = day;
    *iso_year = *week = 0;
    if (!time_in_calendar(day)) return;
    thursday += 4 - kam__weekday(day);
    kam__day_split(thursday, iso_year, &m, &d);
    *week = (thursday - kam__day(*iso_year, 1, 1)) / 7 + 1;
}

int32_t kam__iso_week_start(int32_t day) {
    return time_in_calendar(day) ? day - kam__weekday(day) + 1 : day;
}

int32_t kam__add_months(int32_t day, int32_t months) {
    int32_t y, m, d;
    if (!time_in_calendar(day)) return day;
    kam__day_split(day, &y, &m, &d);
    int64_t count = (int64_t)y * 12 + (m - 1) + months, year = time_floor_div(count, 12);
    if (year < 1) return KAM_DAY_FIRST;     /* outside the calendar is before or after all of it */
    if (year > 9999) return KAM_DAY_END;
    m = (int32_t)(count - year * 12) + 1;
    int32_t last = time_month_days((int32_t)year, m);
    return kam__day((int32_t)year, m, d < last ? d : last);
}

int32_t kam__month_start(int32_t day) {
    int32_t y, m, d;
    if (!time_in_calendar(day)) return day;
    kam__day_split(day, &y, &m, &d);
    return day - d + 1;
}

/* ---------------------------------------------------------------- text out */

static void time_put_number(char *out, int digits, int64_t v) {
    for (int i = digits - 1; i >= 0; i--, v /= 10) out[i] = (char)('0' + v % 10);
}

size_t kam__day_format(char out[16], int32_t day) {
    int32_t y, m, d;
    out[0] = 0;
    if (!time_in_calendar(day)) return 0;
    kam__day_split(day, &y, &m, &d);
    memcpy(out, "YYYY-MM-DD", 11);
    time_put_number(out, 4, y);
    time_put_number(out + 5, 2, m);
    time_put_number(out + 8, 2, d);
    return 10;
}

size_t kam__local_format(char out[32], int64_t minutes) {
    int64_t day = time_floor_div(minutes, 1440), in = minutes - day * 1440;
    out[0] = 0;
    if (!time_in_calendar(day)) return 0;
    kam__day_format(out, (int32_t)day);
    memcpy(out + 10, "THH:MM", 7);
    time_put_number(out + 11, 2, in / 60);
    time_put_number(out + 14, 2, in % 60);
    return 16;
}

/* Milliseconds only where there are some */
size_t kam__instant_format(char out[32], int64_t ms) {
    int64_t minutes = time_floor_div(ms, 60000), in = ms - minutes * 60000;
    size_t len = kam__local_format(out, minutes);
    if (len == 0) return 0;
    memcpy(out + len, ":SS", 3);
    time_put_number(out + len + 1, 2, in / 1000);
    len += 3;
    if (in % 1000) {
        out[len] = '.';
        time_put_number(out + len + 1, 3, in % 1000);
        len += 4;
    }
    memcpy(out + len, "Z", 2);
    return len + 1;
}

/* ---------------------------------------------------------------- text in */

/* Text is checked against a shape: '9' stands for a digit, the rest for itself. */
static int time_shaped(const char *text, size_t len, const char *shape) {
    if (len < strlen(shape)) return 0;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == '9' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return 0;
    return 1;
}

static int32_t time_number(const char *text, size_t digits) {
    int32_t v = 0;
    for (size_t i = 0; i < digits; i++) v = v * 10 + (text[i] - '0');
    return v;
}

/* The day at the start of text; 1 = none there */
static int time_scan_day(int32_t *out, const char *text, size_t len) {
    if (!time_shaped(text, len, "9999-99-99")) return 1;
    int32_t y = time_number(text, 4), m = time_number(text + 5, 2), d = time_number(text + 8, 2);
    if (!kam__day_valid(y, m, d)) return 1;
    *out = kam__day(y, m, d);
    return 0;
}

/* The day and "T12:30" at the start of text */
static int time_scan_local(int64_t *out, const char *text, size_t len) {
    int32_t day;
    if (time_scan_day(&day, text, len) || !time_shaped(text + 10, len - 10, "T99:99")) return 1;
    int32_t h = time_number(text + 11, 2), m = time_number(text + 14, 2);
    if (h > 23 || m > 59) return 1;
    *out = (int64_t)day * 1440 + h * 60 + m;
    return 0;
}

/* ":30.250" in ms, or nothing; returns the bytes it took, 0 = none, a fraction finer than 1 ms is cut off. */
static size_t time_scan_seconds(int64_t *ms, const char *text, size_t len) {
    *ms = 0;
    if (!time_shaped(text, len, ":99") || time_number(text + 1, 2) > 59) return 0;
    *ms = time_number(text + 1, 2) * 1000;
    if (len < 5 || text[3] != '.') return 3;
    size_t i = 4;
    for (int32_t unit = 100; i < len && i < 13 && text[i] >= '0' && text[i] <= '9'; i++, unit /= 10)
        *ms += unit * (text[i] - '0');
    return i == 4 ? 3 : i;
}

/* "Z" or "+08:00", all of text, in minutes; 1 = neither */
static int time_scan_zone(int64_t *minutes, const char *text, size_t len) {
    *minutes = 0;
    if (len == 1 && text[0] == 'Z') return 0;
    if (len != 6 || (text[0] != '+' && text[0] != '-') || !time_shaped(text + 1, 5, "99:99")) return 1;
    int32_t h = time_number(text + 1, 2), m = time_number(text + 4, 2);
    if (h > 23 || m > 59) return 1;
    *minutes = (text[0] == '-' ? -1 : 1) * (h * 60 + m);
    return 0;
}

static int32_t time_unreadable(const char *text, size_t len, const char *what, const char *like, kam_error *err) {
    char q[48];
    return kam__fail(err, KAM_E_PARSE, "\"%s\" is no %s; write it like %s", kam__clip(q, text, len), what, like);
}

int32_t kam__day_read(int32_t *out, const char *text, size_t len, kam_error *err) {
    int32_t day;
    if (len == KAM_NUL) len = strlen(text);
    if (len != 10 || time_scan_day(&day, text, len))
        return time_unreadable(text, len, "day of the calendar", "2026-03-01", err);
    *out = day;
    return KAM_OK;
}

int32_t kam_day_parse(int32_t *out, const char *text, size_t len, kam_error *err) {
    if (!out) return kam__null_arg(err, "out");
    if (!text) return kam__null_arg(err, "text");
    return kam__day_read(out, text, len, err);
}

int32_t kam__local_read(int64_t *out, const char *text, size_t len, kam_error *err) {
    int64_t minutes;
    if (len == KAM_NUL) len = strlen(text);
    if (len != 16 || time_scan_local(&minutes, text, len))
        return time_unreadable(text, len, "local time", "2026-03-01T12:30", err);
    *out = minutes;
    return KAM_OK;
}

int32_t kam__instant_read(int64_t *out, const char *text, size_t len, kam_error *err) {
    int64_t minutes, ms, east;
    if (len == KAM_NUL) len = strlen(text);
    int bad = time_scan_local(&minutes, text, len);
    if (!bad) {
        size_t at = 16 + time_scan_seconds(&ms, text + 16, len - 16);
        bad = time_scan_zone(&east, text + at, len - at) || !time_in_calendar(time_floor_div(minutes - east, 1440));
    }
    if (bad) return time_unreadable(text, len, "instant", "2026-03-01T12:30:00Z or 2026-03-01T12:30:00+08:00", err);
    *out = (minutes - east) * 60000 + ms;
    return KAM_OK;
}

/* ---------------------------------------------------------------- zones */

int32_t kam__day_of_instant(int32_t *out, kam_ctx *ctx, const char *zone, int64_t ms, kam_error *err) {
    int32_t off;
    if (!time_in_calendar(time_floor_div(ms, TIME_DAY_MS)))
        return kam__fail(err, KAM_E_LIMIT, "instant %lld ms is outside of the years 1..9999", (long long)ms);
    KAM__TRY(kam__zone_offset(ctx, zone, ms, &off, err));
    *out = (int32_t)time_floor_div(ms + (int64_t)off * 60000, TIME_DAY_MS);
    return KAM_OK;
}

/* First instant after lo, at most hi, where the offset is no longer `off` (it is at lo, it is not at hi) */
static int32_t time_find_change(int64_t *out, int32_t *after, kam_ctx *ctx, const char *zone, int64_t lo, int64_t hi,
                           int32_t off, kam_error *err) {
    KAM__TRY(kam__zone_offset(ctx, zone, hi, after, err));
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        int32_t there;
        KAM__TRY(kam__zone_offset(ctx, zone, mid, &there, err));
        if (there == off) lo = mid;
        else { hi = mid; *after = there; }
    }
    *out = hi;
    return KAM_OK;
}

/* Midnight may come late or not at all (clocks put forward over it) or twice (put back). The offset one day before
 * tells when it would come; when another offset holds by then, the change in between decides: either the clocks
 * jumped over midnight and the day starts with the change, or midnight is still to come by the new offset. */
int32_t kam__instant_of_day(int64_t *out, kam_ctx *ctx, const char *zone, int32_t day, kam_error *err) {
    int64_t midnight = (int64_t)day * TIME_DAY_MS, change;
    int32_t before, then;
    if (!time_in_calendar(day)) return kam__fail(err, KAM_E_LIMIT, "day %d is outside of the years 1..9999", (int)day);
    KAM__TRY(kam__zone_offset(ctx, zone, midnight - TIME_DAY_MS, &before, err));
    int64_t at = midnight - (int64_t)before * 60000;
    KAM__TRY(kam__zone_offset(ctx, zone, at, &then, err));
    if (then != before) {
        KAM__TRY(time_find_change(&change, &then, ctx, zone, midnight - TIME_DAY_MS, at, before, err));
        at = midnight - (int64_t)then * 60000;
        if (at < change) at = change;
    }
    *out = at;
    return KAM_OK;
}

/* A time the clocks skip is taken with the offset before the change, one that comes twice is its first. */
int32_t kam__instant_of_local(int64_t *out, kam_ctx *ctx, const char *zone, int64_t minutes, kam_error *err) {
    int32_t before, then;
    KAM__TRY(kam__zone_offset(ctx, zone, minutes * 60000 - TIME_DAY_MS, &before, err));
    int64_t at = (minutes - before) * 60000;
    KAM__TRY(kam__zone_offset(ctx, zone, at, &then, err));
    if (then != before) {
        int64_t later = (minutes - then) * 60000;
        int32_t there;
        KAM__TRY(kam__zone_offset(ctx, zone, later, &there, err));
        if (there == then) at = later;
    }
    *out = at;
    return KAM_OK;
}
