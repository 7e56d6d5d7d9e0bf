/*
 * tests/bench/bench_visit.c - plans of visits, calls and follow-ups for 10,000 accounts of 100 representatives over 60
 * working days; and one representative's day planned again after a cancellation.
 *
 * A fifth of the accounts are A, three tenths B, the rest C; each representative lives amid his hundred. Everybody was
 * called in the last two weeks and visited in the last months; the newest visits want their follow-up.
 */
#include "bench.h"
#include <kam/visit.h>
#include <stdio.h>
#include <string.h>
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        int32_t rc_ = (call);                                                                                          \
        if (rc_ < 0) return rc_;                                                                                       \
    } while (0)

enum { VISIT_EACH = 100, VISIT_DAY = 20605, VISIT_WINDOW = 84, VISIT_TIMES = 20 };     /* accounts of one; 2026-06-01, a Monday; 12 weeks */

/* Kilobytes this process ever held; 0 where nobody tells. */
static long visit_peak(void)
{
    char line[200];
    long peak = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &peak) == 1) break;
    if (f) fclose(f);
    return peak;
}

static int32_t visit_save(bench *b, uint32_t kind, const char *json, int64_t *id)
{
    kam_record *r = NULL;
    int32_t rc = kam_record_new(&r, b->book, kind, b->err);
    if (rc >= 0) rc = kam_record_from_json(r, json, KAM_NUL, b->err);
    if (rc >= 0) rc = kam_book_save(b->book, r, b->err);
    if (rc >= 0 && id) *id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return rc;
}

static int32_t visit_held(bench *b, int64_t account, int64_t rep, const char *channel, int32_t ago)
{
    char json[500];
    kam_record *r = NULL;
    snprintf(json, sizeof json,
             "{\"account\":%lld,\"representative\":%lld,\"status\":\"HELD\",\"channel\":\"%s\","
             "\"direction\":\"OUTBOUND\",\"premises\":\"THEIRS\",\"attendee_role\":\"GENERAL_MANAGER\",\"opinion\":\"-\","
             "\"place\":\"-\",\"points\":\"-\",\"advice\":\"-\"}", (long long)account, (long long)rep, channel);
    int64_t followup = 0;
    int32_t rc = kam_record_new(&r, b->book, KAM_KIND_ACTIVITY, b->err);
    if (rc >= 0) rc = kam_record_from_json(r, json, KAM_NUL, b->err);
    if (rc >= 0) rc = kam_record_set_i64(r, KAM_ACTIVITY_DAY, VISIT_DAY - 1 - ago, b->err);
    if (rc >= 0) rc = ago < 5 ? kam_visit_held(&followup, b->book, r, b->err) : kam_book_save(b->book, r, b->err);
    kam_record_free(r);
    return rc;
}

static int32_t visit_account(bench *b, uint64_t i, int64_t rep, int64_t lat, int64_t lon)
{
    char json[400];
    int64_t id = 0;
    uint64_t z = bench_random(i + 77);
    const char *grade = i % 10 < 2 ? "A" : i % 10 < 5 ? "B" : "C";
    int32_t gap = i % 10 < 2 ? 60 : i % 10 < 5 ? 90 : 120;
    snprintf(json, sizeof json, "{\"name\":\"Account %06llu\",\"owner\":%lld,\"latitude\":%.6f,\"longitude\":%.6f}",
             (unsigned long long)i, (long long)rep, (double)(lat + (int64_t)(z % 800000)) / 1e6,
             (double)(lon + (int64_t)((z >> 32) % 900000)) / 1e6);
    TRY(visit_save(b, KAM_KIND_ACCOUNT, json, &id));
    snprintf(json, sizeof json, "{\"account\":%lld,\"scheme\":\"quota-20-40-40\",\"grade\":\"%s\",\"valid_from\":\"2025-01-01\"}",
             (long long)id, grade);
    TRY(visit_save(b, KAM_KIND_GRADE, json, NULL));
    TRY(visit_held(b, id, rep, "VISIT", (int32_t)((z >> 20) % (uint64_t)gap)));
    return visit_held(b, id, rep, "CALL", (int32_t)((z >> 40) % 14));
}

static int32_t visit_fill(bench *b)
{
    char json[200];
    for (uint64_t r = 0; r * VISIT_EACH < b->rows; r++) {
        int64_t rep = 0, lat = 24000000 + (int64_t)(r % 10) * 1000000, lon = 104000000 + (int64_t)(r / 10) * 1200000;
        snprintf(json, sizeof json, "{\"name\":\"Rep %03llu\",\"home_latitude\":%.6f,\"home_longitude\":%.6f}",
                 (unsigned long long)r, (double)(lat + 400000) / 1e6, (double)(lon + 450000) / 1e6);
        TRY(visit_save(b, KAM_KIND_REPRESENTATIVE, json, &rep));
        for (uint64_t i = r * VISIT_EACH; i < (r + 1) * VISIT_EACH && i < b->rows; i++) TRY(visit_account(b, i, rep, lat, lon));
    }
    return KAM_OK;
}

static int32_t visit_prepare(bench *b)
{
    bench_start(&b->prepare);
    TRY(kam_book_begin(b->book, KAM_BEGIN_WRITE, b->err));
    int32_t rc = visit_fill(b);
    if (rc < 0) kam_book_rollback(b->book, NULL);
    else rc = kam_book_commit(b->book, b->err);
    bench_stop(&b->prepare);
    return rc;
}

static int32_t visit_plan(bench *b, kam_run **run, const kam_visit_plan_options *options, int32_t as_of)
{
    kam_visit_plan *plan = NULL;
    TRY(kam_visit_plan_new(&plan, b->book, options, b->err));
    int32_t rc = kam_visit_plan_run(run, plan, as_of, b->err);
    kam_visit_plan_free(plan);
    return rc;
}

int32_t bench_visit_scale(bench *b)
{
    kam_run *run = NULL;
    const kam_visit_plan_options o = {.struct_size = sizeof o, .from = VISIT_DAY, .days = VISIT_WINDOW};
    TRY(visit_prepare(b));
    bench_start(&b->run);
    int32_t rc = visit_plan(b, &run, &o, VISIT_DAY - 1);
    bench_stop(&b->run);
    b->done = b->rows;
    if (rc >= 0)
        snprintf(b->extra, sizeof b->extra, ",\"peak_kb\":%ld,\"statistics\":%s", visit_peak(),
                 kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, "{}"));
    kam_run_free(run);
    return rc;
}

/* ---------------------------------------------------------------- one representative's day again */

/* The first planned visit of the window: it is cancelled. */
static int32_t visit_cancel(bench *b, kam_run *run, int64_t *rep, int32_t *day)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    kam_record *activity = NULL;
    int64_t id = 0;
    TRY(kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, b->err));
    while (kam_rows_next(&r, rows, b->err) == KAM_OK && r)
        if (kam_record_i64(r, KAM_PLAN_ENTRY_CHANNEL, 0) == KAM_CHANNEL_VISIT) break;
    if (r) {
        id = kam_record_i64(r, KAM_PLAN_ENTRY_ACTIVITY, 0);
        *rep = kam_record_i64(r, KAM_PLAN_ENTRY_REPRESENTATIVE, 0);
        *day = (int32_t)kam_record_i64(r, KAM_PLAN_ENTRY_DAY, 0);
    }
    kam_rows_free(rows);
    int32_t rc = kam_book_get(&activity, b->book, KAM_KIND_ACTIVITY, id, KAM_TODAY, b->err);
    if (rc >= 0) rc = kam_record_set_i64(activity, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CANCELLED, b->err);
    if (rc >= 0) rc = kam_book_save(b->book, activity, b->err);
    kam_record_free(activity);
    return rc;
}

/* The day in order again. */
static int32_t visit_day(bench *b, const kam_visit_plan_options *o, int64_t rep, int32_t day, int *stops)
{
    kam_visit_plan *plan = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    TRY(kam_visit_plan_new(&plan, b->book, o, b->err));
    int32_t rc = kam_visit_day(&rows, plan, rep, day, b->err);
    for (*stops = 0; rc >= 0 && kam_rows_next(&r, rows, b->err) == KAM_OK && r;) ++*stops;
    kam_rows_free(rows);
    kam_visit_plan_free(plan);
    return rc;
}

int32_t bench_visit_replan(bench *b)
{
    kam_run *run = NULL, *again = NULL;
    int64_t rep = 0;
    int32_t day = 0;
    kam_visit_plan_options o = {.struct_size = sizeof o, .from = VISIT_DAY, .days = VISIT_WINDOW};
    TRY(visit_prepare(b));
    TRY(visit_plan(b, &run, &o, VISIT_DAY - 1));
    int32_t rc = kam_run_apply(run, 0, b->err);
    if (rc >= 0) rc = visit_cancel(b, run, &rep, &day);
    kam_run_free(run);
    TRY(rc);
    o.representative = &rep;
    o.nrepresentative = 1;
    b->done = VISIT_TIMES;
    int stops = 0;
    bench_start(&b->run);
    for (int i = 0; i < VISIT_TIMES && rc >= 0; i++) rc = visit_day(b, &o, rep, day, &stops);
    bench_stop(&b->run);
    bench_watch whole = {0};
    bench_start(&whole);
    if (rc >= 0) rc = visit_plan(b, &again, &o, VISIT_DAY - 1);
    bench_stop(&whole);
    if (rc >= 0)
        snprintf(b->extra, sizeof b->extra, ",\"day_ms\":%.2f,\"stops\":%d,\"window_ms\":%.1f,\"peak_kb\":%ld,\"counts\":%s",
                 b->run.cpu * 1000 / VISIT_TIMES, stops, whole.cpu * 1000, visit_peak(),
                 kam_record_text(kam_run_record(again), KAM_RUN_COUNTS, "{}"));
    kam_run_free(again);
    return rc;
}
