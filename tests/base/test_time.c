/*
 * tests/base/test_time.c - the calendar against a walk through every day of it, text, and zones with awkward midnights.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/base.h"

#define MIN_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)

static int32_t days_in(int32_t y, int32_t m) {
    static const int32_t n[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return n[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
}

/* Every day from 0001-01-01, a Monday, to 9999-12-31, counted on foot */
static void test_every_day(void **state) {
    (void)state;
    int32_t day = -719162, y = 1, m = 1, d = 1, weekday = 1, week = 1, iso_year = 1;
    while (y <= 9999) {
        int32_t gy, gm, gd, gw, giso;
        kam__day_split(day, &gy, &gm, &gd);
        kam__iso_week(day, &giso, &gw);
        if (gy != y || gm != m || gd != d || kam__day(y, m, d) != day) fail_msg("%d-%d-%d is day %d", y, m, d, day);
        if (gw != week || giso != iso_year || kam__weekday(day) != weekday)
            fail_msg("%d-%d-%d: %d-W%d", y, m, d, giso, gw);
        if (!kam__day_valid(y, m, d) || kam__month_start(day) != day - d + 1) fail_msg("%d-%d-%d", y, m, d);
        if (kam__iso_week_start(day) != day - weekday + 1) fail_msg("%d-%d-%d", y, m, d);
        day++;
        weekday = weekday % 7 + 1;
        if (++d > days_in(y, m)) { d = 1; m++; }
        if (m > 12) { m = 1; y++; }
        if (weekday != 1) continue;
        week++;                                 /* a Monday; week 1 is the one with 4 January in it */
        if ((m == 12 && d >= 29) || (m == 1 && d <= 4)) { week = 1; iso_year = m == 12 ? y + 1 : y; }
    }
    assert_int_equal(day, 2932897);
}

static void test_day_valid(void **state) {
    (void)state;
    static const int32_t bad[][3] = { { 0, 1, 1 }, { 10000, 1, 1 }, { 2026, 0, 1 }, { 2026, 13, 1 }, { 2026, 1, 0 },
                                      { 2026, 1, 32 }, { 2026, 2, 29 }, { 2100, 2, 29 }, { 2026, 4, 31 },
                                      { -4, 2, 28 } };
    for (size_t i = 0; i < KAM__LEN(bad); i++) assert_false(kam__day_valid(bad[i][0], bad[i][1], bad[i][2]));
    assert_true(kam__day_valid(2000, 2, 29) && kam__day_valid(2024, 2, 29));
}

static void test_iso_week_edges(void **state) {
    (void)state;
    static const struct { int32_t y, m, d, iso, week; } c[] = {
        { 2004, 12, 31, 2004, 53 }, { 2005, 1, 1, 2004, 53 }, { 2005, 1, 2, 2004, 53 }, { 2005, 1, 3, 2005, 1 },
        { 2005, 12, 31, 2005, 52 }, { 2006, 1, 1, 2005, 52 }, { 2007, 12, 31, 2008, 1 }, { 2008, 12, 28, 2008, 52 },
        { 2008, 12, 29, 2009, 1 }, { 2010, 1, 3, 2009, 53 }, { 2010, 1, 4, 2010, 1 }, { 2020, 12, 31, 2020, 53 },
        { 2021, 1, 3, 2020, 53 }, { 2026, 1, 1, 2026, 1 }, { 2026, 12, 31, 2026, 53 }, { 2027, 1, 3, 2026, 53 },
        { 1970, 1, 1, 1970, 1 }, { 1969, 12, 29, 1970, 1 }, { 1969, 12, 28, 1969, 52 },
    };
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        int32_t iso, week;
        kam__iso_week(kam__day(c[i].y, c[i].m, c[i].d), &iso, &week);
        assert_int_equal(iso, c[i].iso);
        assert_int_equal(week, c[i].week);
    }
}

static void test_add_months(void **state) {
    (void)state;
    static const struct { int32_t y, m, d, add, y2, m2, d2; } c[] = {
        { 2026, 1, 31, 1, 2026, 2, 28 }, { 2024, 1, 31, 1, 2024, 2, 29 }, { 2024, 2, 29, 12, 2025, 2, 28 },
        { 2024, 2, 29, 48, 2028, 2, 29 },
        { 2026, 3, 31, -1, 2026, 2, 28 }, { 2026, 12, 15, 1, 2027, 1, 15 }, { 2026, 1, 15, -1, 2025, 12, 15 },
        { 2026, 5, 31, 1, 2026, 6, 30 },
        { 2026, 5, 31, 0, 2026, 5, 31 }, { 2026, 5, 31, -60, 2021, 5, 31 }, { 9999, 11, 30, 1, 9999, 12, 30 },
        { 1, 2, 1, -1, 1, 1, 1 },
    };
    for (size_t i = 0; i < KAM__LEN(c); i++)
        assert_int_equal(kam__add_months(kam__day(c[i].y, c[i].m, c[i].d), c[i].add),
                         kam__day(c[i].y2, c[i].m2, c[i].d2));
    assert_int_equal(kam__add_months(kam__day(9999, 12, 1), 1), KAM_DAY_END);
    assert_int_equal(kam__add_months(kam__day(1, 1, 1), -1), KAM_DAY_FIRST);
    assert_int_equal(kam__add_months(kam__day(2026, 1, 1), INT32_MAX), KAM_DAY_END);
    assert_int_equal(kam__add_months(kam__day(2026, 1, 1), INT32_MIN), KAM_DAY_FIRST);
}

static void test_special_days(void **state) {
    (void)state;
    static const int32_t day[] = { KAM_DAY_FIRST, KAM_DAY_END, KAM_TODAY, INT32_MIN };
    char text[16] = "x";
    for (size_t i = 0; i < KAM__LEN(day); i++) {
        int32_t y, w;
        assert_int_equal(kam__add_months(day[i], 5), day[i]);
        assert_int_equal(kam__month_start(day[i]), day[i]);
        assert_int_equal(kam__iso_week_start(day[i]), day[i]);
        assert_int_equal(kam__day_format(text, day[i]), 0);
        assert_string_equal(text, "");
        assert_in_range(kam__weekday(day[i]), 1, 7);
        kam__iso_week(day[i], &y, &w);
        assert_int_equal(y, 0);
        assert_int_equal(w, 0);
    }
}

static void test_day_text(void **state) {
    (void)state;
    char text[16], want[64];
    int32_t day = 5;
    for (int32_t d = -719162; d <= 2932896; d += 17) {
        int32_t y, m, md;
        kam__day_split(d, &y, &m, &md);
        snprintf(want, sizeof want, "%04d-%02d-%02d", (int)y, (int)m, (int)md);
        assert_int_equal(kam__day_format(text, d), 10);
        assert_string_equal(text, want);
        assert_int_equal(kam_day_parse(&day, text, KAM_NUL, NULL), KAM_OK);
        assert_int_equal(day, d);
    }
    static const char *const bad[] = { "", "2026-3-1", "2026-02-29", "2026-13-01", "0000-01-01", "2026-03-011",
                                       "2026/03/01", "20260301",
                                       " 2026-03-01", "2026-03-01T", "-026-03-01", "2026-03-0x" };
    day = 5;
    for (size_t i = 0; i < KAM__LEN(bad); i++)
        assert_int_equal(kam__day_read(&day, bad[i], KAM_NUL, NULL), KAM_E_PARSE);
    assert_int_equal(kam_day_parse(NULL, "2026-03-01", KAM_NUL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_day_parse(&day, NULL, 0, NULL), KAM_E_INVAL);
    assert_int_equal(day, 5);
    assert_int_equal(kam__day_read(&day, "2026-03-01T12:30", 10, NULL), KAM_OK);
    assert_int_equal(day, kam__day(2026, 3, 1));
}

static void test_local_text(void **state) {
    (void)state;
    char text[32];
    int64_t v = 5;
    assert_int_equal(kam__local_read(&v, "2026-03-01T12:30", KAM_NUL, NULL), KAM_OK);
    assert_true(v == (int64_t)kam__day(2026, 3, 1) * 1440 + 750);
    assert_int_equal(kam__local_format(text, v), 16);
    assert_string_equal(text, "2026-03-01T12:30");
    kam__local_format(text, -1);
    assert_string_equal(text, "1969-12-31T23:59");
    assert_int_equal(kam__local_format(text, INT64_MIN), 0);
    static const char *const bad[] = { "2026-03-01", "2026-03-01T24:00", "2026-03-01T12:60", "2026-03-01 12:30",
                                       "2026-03-01T12:30Z", "2026-03-01T12:30:00", "2026-02-30T12:30",
                                       "2026-03-01T1:30" };
    for (size_t i = 0; i < KAM__LEN(bad); i++)
        assert_int_equal(kam__local_read(&v, bad[i], KAM_NUL, NULL), KAM_E_PARSE);
}

static void test_instant_text(void **state) {
    (void)state;
    static const struct { const char *in, *out; } c[] = {
        { "2026-03-01T12:30:00.250Z", "2026-03-01T12:30:00.250Z" },
        { "2026-03-01T12:30:00Z", "2026-03-01T12:30:00Z" },
        { "2026-03-01T12:30Z", "2026-03-01T12:30:00Z" }, { "2026-03-01T12:30:00+08:00", "2026-03-01T04:30:00Z" },
        { "2026-03-01T12:30:59.5-03:30", "2026-03-01T16:00:59.500Z" },
        { "2026-03-01T12:30:00.000999999Z", "2026-03-01T12:30:00Z" },
        { "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
        { "2026-01-01T00:00+08:00", "2025-12-31T16:00:00Z" },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
        { "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
        { "2026-03-01T12:30:00.1+00:00", "2026-03-01T12:30:00.100Z" },
        { "2026-03-01T12:30:00.010Z", "2026-03-01T12:30:00.010Z" },
    };
    char text[32];
    int64_t ms = 5;
    for (size_t i = 0; i < KAM__LEN(c); i++) {
        assert_int_equal(kam__instant_read(&ms, c[i].in, KAM_NUL, NULL), KAM_OK);
        assert_int_equal(kam__instant_format(text, ms), strlen(c[i].out));
        assert_string_equal(text, c[i].out);
    }
    assert_int_equal(kam__instant_read(&ms, "1970-01-01T00:00:01.002Z", KAM_NUL, NULL), KAM_OK);
    assert_true(ms == 1002);
    static const char *const bad[] = {
        "", "2026-03-01", "2026-03-01T12:30", "2026-03-01T12:30:00", "2026-03-01T12:30:60Z",
        "2026-03-01T24:00:00Z", "2026-03-01T12:30:00.Z",
        "2026-03-01T12:30:00.1234567890Z", "2026-03-01T12:30:00z", "2026-03-01t12:30:00Z",
        "2026-03-01T12:30:00ZZ", "2026-03-01T12:30:00+8",
        "2026-03-01T12:30:00+0800", "2026-03-01T12:30:00+24:00", "2026-03-01T12:30:00 Z",
        "0001-01-01T00:00+01:00", "2026-02-30T00:00Z",
        "9999-12-31T23:59:59-00:01",
    };
    for (size_t i = 0; i < KAM__LEN(bad); i++)
        if (kam__instant_read(&ms, bad[i], KAM_NUL, NULL) != KAM_E_PARSE) fail_msg("\"%s\" was read", bad[i]);
    assert_true(ms == 1002);
    assert_int_equal(kam__instant_format(text, INT64_MAX), 0);
    assert_int_equal(kam__instant_format(text, INT64_MIN), 0);
    assert_string_equal(text, "");
}

/* ---------------------------------------------------------------- zones */

/* One change of offset per zone, at an instant that makes its midnight awkward */
typedef struct zone { const char *name; int64_t change; int32_t before, after; } zone;

static zone zones[] = {
    { "Plain/East", 0, 480, 480 },
    { "Gap/Midnight", 0, -180, -120 },          /* 2026-03-08 00:00 becomes 01:00 */
    { "Gap/Before", 0, 0, 60 },                 /* 2026-03-07 23:30 becomes 2026-03-08 00:30 */
    { "Back/Midnight", 0, -120, -180 },         /* 2026-03-08 00:00 becomes 2026-03-07 23:00 */
    { "Back/After", 0, 60, 0 },                 /* 2026-03-08 00:30 becomes 2026-03-07 23:30 */
    { "Skip/Day", 0, -600, 840 },               /* 2026-03-08 is not there at all */
    { "Gap/Morning", 0, 60, 120 },              /* 2026-03-08 02:00 becomes 03:00 */
    { "Gap/Evening", 0, 60, 120 },              /* 2026-03-07 12:00 becomes 13:00 */
};

static void set_zones(void) {
    int64_t day = (int64_t)kam__day(2026, 3, 8) * 24 * HOUR_MS;
    zones[1].change = day + 3 * HOUR_MS;
    zones[2].change = day - 30 * MIN_MS;
    zones[3].change = day + 2 * HOUR_MS;
    zones[4].change = day - 30 * MIN_MS;
    zones[5].change = day + 10 * HOUR_MS;
    zones[6].change = day + HOUR_MS;
    zones[7].change = day - 13 * HOUR_MS;
}

static int32_t ask_zone(void *user, const char *name, int64_t ms, int32_t *offset) {
    (void)user;
    for (size_t i = 0; i < KAM__LEN(zones); i++) {
        if (strcmp(zones[i].name, name) != 0) continue;
        *offset = ms < zones[i].change ? zones[i].before : zones[i].after;
        return KAM_OK;
    }
    return KAM_E_NOT_FOUND;
}

static kam_ctx *zone_ctx(void) {
    kam_ctx_options opt;
    kam_ctx *ctx = NULL;
    memset(&opt, 0, sizeof opt);
    opt.struct_size = sizeof opt;
    opt.zone = ask_zone;
    assert_int_equal(kam_ctx_new(&ctx, &opt, NULL), KAM_OK);
    set_zones();
    return ctx;
}

/* By definition: the first minute whose local day is `day` or later, looked for minute by minute */
static int64_t slow_start(kam_ctx *ctx, const char *name, int32_t day) {
    int64_t t = (int64_t)day * 24 * HOUR_MS - 40 * HOUR_MS;
    for (int32_t off = 0;; t += MIN_MS) {
        assert_int_equal(kam__zone_offset(ctx, name, t, &off, NULL), KAM_OK);
        if (t + off * MIN_MS >= (int64_t)day * 24 * HOUR_MS) return t;
    }
}

static void test_zone_days(void **state) {
    (void)state;
    kam_ctx *ctx = zone_ctx();
    int32_t first = kam__day(2026, 3, 5), got;
    for (size_t i = 0; i < KAM__LEN(zones); i++) {
        for (int32_t day = first; day < first + 7; day++) {
            int64_t at = 0;
            assert_int_equal(kam__instant_of_day(&at, ctx, zones[i].name, day, NULL), KAM_OK);
            if (at != slow_start(ctx, zones[i].name, day))
                fail_msg("%s, day %d: %lld", zones[i].name, (int)day, (long long)at);
            assert_int_equal(kam__day_of_instant(&got, ctx, zones[i].name, at, NULL), KAM_OK);
            assert_int_equal(got, day + (i == 5 && day == kam__day(2026, 3, 8)));
            assert_int_equal(kam__day_of_instant(&got, ctx, zones[i].name, at - 1, NULL), KAM_OK);
            assert_true(got < day);
        }
    }
    kam_ctx_free(ctx);
}

static void test_zone_simple(void **state) {
    (void)state;
    kam_ctx *ctx = zone_ctx();
    int64_t at = 1;
    int32_t day = 1;
    assert_int_equal(kam__instant_of_day(&at, ctx, "UTC", kam__day(2026, 3, 1), NULL), KAM_OK);
    assert_true(at == (int64_t)kam__day(2026, 3, 1) * 24 * HOUR_MS);
    assert_int_equal(kam__day_of_instant(&day, ctx, "+08:00", -8 * HOUR_MS, NULL), KAM_OK);
    assert_int_equal(day, 0);
    assert_int_equal(kam__day_of_instant(&day, ctx, "+08:00", -8 * HOUR_MS - 1, NULL), KAM_OK);
    assert_int_equal(day, -1);
    day = 1;
    assert_int_equal(kam__day_of_instant(&day, ctx, "No/Where", 0, NULL), KAM_E_NOT_FOUND);
    assert_int_equal(kam__instant_of_day(&at, ctx, "No/Where", 0, NULL), KAM_E_NOT_FOUND);
    assert_int_equal(kam__day_of_instant(&day, ctx, "UTC", INT64_MAX, NULL), KAM_E_LIMIT);
    assert_int_equal(kam__instant_of_day(&at, ctx, "UTC", KAM_DAY_END, NULL), KAM_E_LIMIT);
    assert_int_equal(day, 1);
    kam_ctx_free(ctx);
}

/* Every minute the wall clock shows comes back; one that is skipped lands behind the change, of two the first is
 * taken. */
static void test_local_minutes(void **state) {
    (void)state;
    kam_ctx *ctx = zone_ctx();
    for (size_t i = 0; i < KAM__LEN(zones); i++) {
        int64_t from = zones[i].change - 30 * HOUR_MS, at = 0;
        for (int64_t t = from - from % MIN_MS; t < zones[i].change + 30 * HOUR_MS; t += 10 * MIN_MS) {
            int32_t offset = t < zones[i].change ? zones[i].before : zones[i].after;
            int64_t first = t, minute = t / MIN_MS + offset;
            if (t >= zones[i].change && (minute - zones[i].before) * MIN_MS < zones[i].change)
                first = (minute - zones[i].before) * MIN_MS;
            assert_int_equal(kam__instant_of_local(&at, ctx, zones[i].name, minute, NULL), KAM_OK);
            assert_true(at == first);
        }
        int64_t gap = zones[i].change / MIN_MS + zones[i].before;        /* the minute the change comes at */
        if (zones[i].after <= zones[i].before) continue;
        assert_int_equal(kam__instant_of_local(&at, ctx, zones[i].name, gap, NULL), KAM_OK);
        assert_true(at == zones[i].change);
    }
    int64_t at = 5;
    assert_int_equal(kam__instant_of_local(&at, ctx, "No/Where", 0, NULL), KAM_E_NOT_FOUND);
    assert_int_equal(at, 5);
    kam_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day), cmocka_unit_test(test_day_valid), cmocka_unit_test(test_iso_week_edges),
        cmocka_unit_test(test_add_months), cmocka_unit_test(test_special_days), cmocka_unit_test(test_day_text),
        cmocka_unit_test(test_local_text), cmocka_unit_test(test_instant_text), cmocka_unit_test(test_zone_days),
        cmocka_unit_test(test_zone_simple), cmocka_unit_test(test_local_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
