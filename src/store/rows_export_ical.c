/*
 * store/rows_export_ical.c - activities and planned contacts as iCalendar (RFC 5545).
 *
 * What people go to (visits, meetings, demonstrations, trainings) is a VEVENT, everything else a VTODO. An ACTIVITY has
 * the same UID for good (by the id it had before any correction), and the commit that wrote it last as SEQUENCE, so that
 * a calendar program takes a later export as an update; an entry of a plan has the UID of its activity once it has one. What was cancelled comes behind the
 * rest in a calendar of its own, METHOD:CANCEL. Times are local without a zone (what the clock on the wall shows), or
 * UTC when asked for.
 */
#include "rows.h"
#include <stdio.h>

/* One row, whatever list it comes from. */
typedef struct rical {
    int64_t activity, account, start, minutes, sequence;
    int32_t day, due, channel, status;          /* due 0 = none; status: the activity's */
    int locked, followup;
    const char *name, *place, *rule;
} rical;

int kam__rows_are_calendar(const kam_rows *r)
{
    return r->kind == KAM_KIND_ACTIVITY || r->kind == KAM_KIND_PLAN_ENTRY || r->kind == KAM_KIND_PLAN_CHANGE;
}

static int rical_zh(const kam_rows *r, const kam_export_options *o)
{
    return kam__text_same(o->lang ? o->lang : kam__schema_lang(r->schema), "zh");
}

/* Tells books apart: the instant of the first commit, as 16 hexadecimal digits. */
int32_t kam__rows_stamp(kam_rows *r, kam_error *err)
{
    kam_record *commit = NULL;
    if (r->stamp[0]) return KAM_OK;
    int64_t at = 0;
    if (r->book) {
        KAM__TRY(kam__record_new(&commit, r->book->schema, KAM_KIND_COMMIT, err));
        int32_t rc = kam__read_one(commit, r->book, 1, KAM_TODAY, err);
        at = kam__record_num(commit, KAM_COMMIT_AT, 0);
        kam_record_free(commit);
        if (rc != KAM_OK && rc != KAM_E_NOT_FOUND) return rc;
    }
    uint64_t h = kam__hash_i64(at);
    for (int i = 0; i < 16; i++) r->stamp[i] = "0123456789abcdef"[h >> (60 - 4 * i) & 15];
    r->stamp[16] = '\0';
    return KAM_OK;
}

/* ---------------------------------------------------------------- what a row says */

static void rical_read(rical *e, const kam_rows *r)
{
    const kam_record *a = r->record;
    memset(e, 0, sizeof *e);
    e->start = -1;
    e->sequence = kam_record_i64(a, KAM_SEQ, 0);
    switch (r->kind) {
    case KAM_KIND_ACTIVITY:
        e->activity = kam_record_i64(a, KAM_ID, 0);
        e->account = kam_record_i64(a, KAM_ACTIVITY_ACCOUNT, 0);
        e->day = (int32_t)kam_record_i64(a, KAM_ACTIVITY_DAY, 0);
        e->due = (int32_t)kam_record_i64(a, KAM_ACTIVITY_DUE, 0);
        e->channel = (int32_t)kam_record_i64(a, KAM_ACTIVITY_CHANNEL, 0);
        e->status = (int32_t)kam_record_i64(a, KAM_ACTIVITY_STATUS, 0);
        e->start = kam_record_i64(a, KAM_ACTIVITY_START, -1);
        e->minutes = kam_record_i64(a, KAM_ACTIVITY_DURATION, 0);
        e->locked = (int)kam_record_i64(a, KAM_ACTIVITY_LOCKED, 0);
        e->followup = kam_record_i64(a, KAM_ACTIVITY_CAUSE, 0) == KAM_ACTIVITY_CAUSE_FOLLOWUP;
        e->place = kam_record_text(a, KAM_ACTIVITY_PLACE, NULL);
        break;
    case KAM_KIND_PLAN_ENTRY:
        e->activity = kam_record_i64(a, KAM_PLAN_ENTRY_ACTIVITY, 0);
        e->account = kam_record_i64(a, KAM_PLAN_ENTRY_ACCOUNT, 0);
        e->day = (int32_t)kam_record_i64(a, KAM_PLAN_ENTRY_DAY, 0);
        e->due = (int32_t)kam_record_i64(a, KAM_PLAN_ENTRY_DUE, 0);
        e->channel = (int32_t)kam_record_i64(a, KAM_PLAN_ENTRY_CHANNEL, 0);
        e->status = KAM_ACTIVITY_PLANNED;
        e->locked = (int)kam_record_i64(a, KAM_PLAN_ENTRY_LOCKED, 0);
        e->followup = kam_record_i64(a, KAM_PLAN_ENTRY_CAUSE, 0) == KAM_ACTIVITY_CAUSE_FOLLOWUP;
        e->name = kam_record_text(a, KAM_PLAN_ENTRY_NAME, NULL);
        e->rule = kam_record_text(a, KAM_PLAN_ENTRY_RULE, NULL);
        break;
    default:
        e->activity = kam_record_i64(a, KAM_PLAN_CHANGE_ACTIVITY, 0);
        e->account = kam_record_i64(a, KAM_PLAN_CHANGE_ACCOUNT, 0);
        e->day = (int32_t)kam_record_i64(a, KAM_PLAN_CHANGE_DAY, kam_record_i64(a, KAM_PLAN_CHANGE_OLD_DAY, 0));
        e->channel = (int32_t)kam_record_i64(a, KAM_PLAN_CHANGE_CHANNEL, 0);
        e->status = kam_record_i64(a, KAM_PLAN_CHANGE_WHAT, 0) == KAM_PLAN_WHAT_CANCELLED ? KAM_ACTIVITY_CANCELLED
                                                                                       : KAM_ACTIVITY_PLANNED;
    }
}

static int rical_is_event(const rical *e)
{
    return e->channel == KAM_CHANNEL_VISIT || e->channel == KAM_CHANNEL_MEETING || e->channel == KAM_CHANNEL_DEMO ||
           e->channel == KAM_CHANNEL_TRAINING;
}

/* The account behind the row, for its name, address and place; deleted ones and rows without a book have none. */
static int32_t rical_account(kam_record **out, const kam_rows *r, int64_t id, kam_error *err)
{
    if (!r->book || !id) return KAM_OK;
    KAM__TRY(kam__record_new(out, r->book->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one_deleted(*out, r->book, id, err);
    if (rc == KAM_OK) return KAM_OK;
    kam_record_free(*out);
    *out = NULL;
    return rc == KAM_E_NOT_FOUND ? KAM_OK : rc;
}

/* ---------------------------------------------------------------- its lines */

static void rical_uid(kam_buf *out, const kam_rows *r, const rical *e)
{
    char uid[160];
    if (e->activity) snprintf(uid, sizeof uid, "activity-%lld.%s@libkam", (long long)e->activity, r->stamp);
    else
        snprintf(uid, sizeof uid, "plan-%lld-%d-%d-%.40s.%s@libkam", (long long)e->account, (int)e->day,
                 (int)e->channel, e->rule ? e->rule : "", r->stamp);
    kam__line_text(out, "UID", uid);
}

static int32_t rical_when(kam_buf *out, const kam_rows *r, const kam_export_options *o, const rical *e, kam_error *err)
{
    int event = rical_is_event(e);
    char duration[32];
    if (e->start < 0) {
        kam__line_day(out, event ? "DTSTART;VALUE=DATE" : "DUE;VALUE=DATE", e->day);
        if (event) kam__line(out, "TRANSP", "TRANSPARENT");
        return KAM_OK;
    }
    if (o->flags & KAM_EXPORT_UTC) {
        int64_t ms = 0;
        KAM__TRY(kam__instant_of_local(&ms, r->ctx, r->book ? r->book->zone : "UTC", e->start, err));
        kam__line_instant(out, "DTSTART", ms);
    } else kam__line_local(out, "DTSTART", e->start);
    if (e->minutes <= 0) return KAM_OK;
    snprintf(duration, sizeof duration, "PT%lldM", (long long)e->minutes);
    kam__line(out, "DURATION", duration);
    return KAM_OK;
}

static const char *rical_status(const rical *e)
{
    int event = rical_is_event(e);
    if (e->status == KAM_ACTIVITY_CANCELLED) return "CANCELLED";
    if (e->status == KAM_ACTIVITY_HELD) return event ? "CONFIRMED" : "COMPLETED";
    return !event ? "NEEDS-ACTION" : e->locked ? "CONFIRMED" : "TENTATIVE";
}

static int32_t rical_summary(kam_buf *out, const kam_rows *r, const kam_export_options *o, const rical *e,
                             const char *name, kam_error *err)
{
    int zh = rical_zh(r, o);
    const kam__enum_item *channel = kam__enum_by_value(kam__enum_set_by_name("CHANNEL"), e->channel);
    kam_buf text;
    kam__buf_init(&text, r->ctx);
    kam__buf_str(&text, !channel ? "" : zh ? channel->zh : channel->en);
    if (e->followup) kam__buf_str(&text, zh ? "(跟进)" : " (follow-up)");
    kam__buf_str(&text, zh ? "：" : ": ");
    kam__buf_str(&text, name);
    int32_t rc = text.failed ? kam__nomem(err) : KAM_OK;
    if (rc == KAM_OK) kam__line_text(out, "SUMMARY", kam_buf_data(&text));
    kam__buf_drop(&text);
    return rc;
}

static void rical_place(kam_buf *out, const rical *e, const kam_record *account)
{
    char geo[64];
    const char *address = account ? kam_record_text(account, KAM_ACCOUNT_ADDRESS, NULL) : NULL;
    const char *city = account ? kam_record_text(account, KAM_ACCOUNT_CITY, NULL) : NULL;
    if (!rical_is_event(e)) return;
    if (e->place) kam__line_text(out, "LOCATION", e->place);
    else if (address && city) {
        const char *const part[] = {address, city};
        kam__line_texts(out, "LOCATION", part, 2, ' ');
    } else if (address || city) kam__line_text(out, "LOCATION", address ? address : city);
    const char *latitude = account ? kam_record_text(account, KAM_ACCOUNT_LATITUDE, NULL) : NULL;
    if (!latitude || e->place) return;
    size_t n = strlen(latitude);
    memcpy(geo, latitude, n);
    geo[n] = ';';
    strncpy(geo + n + 1, kam_record_text(account, KAM_ACCOUNT_LONGITUDE, "0"), sizeof geo - n - 2);
    geo[sizeof geo - 1] = '\0';
    kam__line(out, "GEO", geo);
}

static int32_t rical_component(kam_buf *out, kam_rows *r, const kam_export_options *o, const rical *e,
                               const kam_record *account, kam_error *err)
{
    const char *kind = rical_is_event(e) ? "VEVENT" : "VTODO";
    const char *name = e->name ? e->name : account ? kam_record_text(account, KAM_ACCOUNT_NAME, "") : "";
    char number[32];
    kam__line(out, "BEGIN", kind);
    rical_uid(out, r, e);
    kam__line_instant(out, "DTSTAMP", kam__now(r->ctx));
    snprintf(number, sizeof number, "%lld", (long long)e->sequence);
    kam__line(out, "SEQUENCE", number);
    KAM__TRY(rical_when(out, r, o, e, err));
    KAM__TRY(rical_summary(out, r, o, e, name, err));
    kam__line(out, "STATUS", rical_status(e));
    rical_place(out, e, account);
    if (r->kind == KAM_KIND_PLAN_ENTRY && kam_record_text(r->record, KAM_PLAN_ENTRY_REASON, NULL))
        kam__line_text(out, "DESCRIPTION", kam_record_text(r->record, KAM_PLAN_ENTRY_REASON, ""));
    if (r->kind == KAM_KIND_PLAN_CHANGE && kam_record_text(r->record, KAM_PLAN_CHANGE_REASON, NULL))
        kam__line_text(out, "DESCRIPTION", kam_record_text(r->record, KAM_PLAN_CHANGE_REASON, ""));
    if (r->kind == KAM_KIND_ACTIVITY && kam_record_text(r->record, KAM_ACTIVITY_POINTS, NULL))
        kam__line_text(out, "DESCRIPTION", kam_record_text(r->record, KAM_ACTIVITY_POINTS, ""));
    kam__line(out, "END", kind);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the calendars */

static void rical_begin(kam_buf *out, const char *method)
{
    kam__line(out, "BEGIN", "VCALENDAR");
    kam__line(out, "VERSION", "2.0");
    kam__line(out, "PRODID", "-//libkam//libkam//EN");
    kam__line(out, "CALSCALE", "GREGORIAN");
    kam__line(out, "METHOD", method);
}

int32_t kam__rows_ical_row(kam_rows *r, const kam_export_options *o, kam_error *err)
{
    rical e;
    kam_record *account = NULL;
    KAM__TRY(kam__rows_stamp(r, err));
    rical_read(&e, r);
    if (e.activity && r->book) KAM__TRY(kam__read_first_id(&e.activity, r->book, KAM_KIND_ACTIVITY, err));
    KAM__TRY(rical_account(&account, r, e.account, err));
    int cancelled = e.status == KAM_ACTIVITY_CANCELLED;
    kam_buf *out = cancelled ? &r->cancelled : &r->text;
    size_t size = out->size;
    if (cancelled ? !out->size : !r->published) rical_begin(out, cancelled ? "CANCEL" : "PUBLISH");
    int32_t rc = rical_component(out, r, o, &e, account, err);
    kam_record_free(account);
    if (rc == KAM_OK && out->failed) rc = kam__nomem(err);
    if (rc != KAM_OK) {
        out->failed = KAM_OK;
        out->size = size;
        return rc;
    }
    if (!cancelled) r->published = 1;
    return KAM_OK;
}

void kam__rows_ical_tail(kam_rows *r)
{
    if (!r->published && !r->cancelled.size) rical_begin(&r->text, "PUBLISH");
    if (r->published || !r->cancelled.size) kam__line(&r->text, "END", "VCALENDAR");
    if (!r->cancelled.size) return;
    kam__buf_put(&r->text, kam_buf_data(&r->cancelled), r->cancelled.size);
    kam__line(&r->text, "END", "VCALENDAR");
}
