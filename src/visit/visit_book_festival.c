/*
 * visit/visit_book_festival.c - greetings for a holiday: planned activities with cause FESTIVAL, one for each account
 * and holiday (R152). Which day is a holiday says the host's calendar; what a gift costs is booked in the ledger.
 */
#include "../store/store.h"
#include "visit_book.h"

#define FESTIVAL_BEFORE 60

typedef struct festival {
    kam_book *b; kam_error *err;
    int32_t holiday, before, channel, due; int64_t representative, planned;
    const char *name; kam__arena arena;
    int found, there;
} festival;

static int32_t festival_on_day(void *user, const kam_block *rows)
{
    festival *f = user;
    const kam_col *day = kam__block_col(rows, KAM_CALENDAR_DAY_DAY), *kind = kam__block_col(rows, KAM_CALENDAR_DAY_KIND);
    const kam_col *name = kam__block_col(rows, KAM_CALENDAR_DAY_NAME);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        if (kam__col_i64(day, i) != f->holiday || kam__col_i64(kind, i) != KAM_CALENDAR_DAY_HOLIDAY) continue;
        const char *text = kam__col_text(name, i, &len);
        f->found = 1;
        f->name = kam__arena_text(&f->arena, text ? text : "", len);
        if (!f->name) return kam__nomem(f->err);
    }
    return KAM_OK;
}

static int32_t festival_on_activity(void *user, const kam_block *rows)
{
    festival *f = user;
    const kam_col *due = kam__block_col(rows, KAM_ACTIVITY_DUE), *cause = kam__block_col(rows, KAM_ACTIVITY_CAUSE);
    const kam_col *status = kam__block_col(rows, KAM_ACTIVITY_STATUS);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        if (kam__col_null(due, i) || kam__col_null(cause, i) || kam__col_null(status, i)) continue;
        f->there |= kam__col_i64(cause, i) == KAM_ACTIVITY_CAUSE_FESTIVAL && kam__col_i64(status, i) != KAM_ACTIVITY_CANCELLED &&
                    kam__col_i64(due, i) > f->holiday - FESTIVAL_BEFORE - 7 && kam__col_i64(due, i) <= f->holiday;
    }
    return KAM_OK;
}

static int32_t festival_read(festival *f, uint32_t kind, const uint32_t *field, uint32_t n, uint32_t by, int64_t is, uint32_t flags,
                             kam_block_fn fn)
{
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), by), KAM_OP_EQ, is);
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = n, .pred = &p, .npred = 1}, .as_of = KAM_TODAY, .flags = flags};
    return kam__read_rows(f->b, &q, fn, f, f->err);
}

static int32_t festival_holiday(festival *f)
{
    static const uint32_t field[] = {KAM_ID, KAM_CALENDAR_DAY_DAY, KAM_CALENDAR_DAY_KIND, KAM_CALENDAR_DAY_NAME};
    char day[16];
    kam__calendar calendar = {.ctx = f->b->ctx};
    KAM__TRY(festival_read(f, KAM_KIND_CALENDAR_DAY, field, KAM__LEN(field), KAM_CALENDAR_DAY_DAY, f->holiday, 0, festival_on_day));
    kam__day_format(day, f->holiday);
    if (!f->found)
        return kam__fail(f->err, KAM_E_NOT_FOUND, "%s is no holiday of the calendar: save a CALENDAR_DAY of kind HOLIDAY first", day);
    KAM__TRY(kam__visit_calendar(&calendar, f->b, KAM_TODAY, f->err));
    f->due = kam__calendar_before(&calendar, f->holiday - f->before, f->holiday - f->before - 30);
    kam__calendar_free(&calendar);
    return KAM_OK;
}

static int32_t festival_plan(festival *f, kam_record *r, int64_t account)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_CAUSE, KAM_ACTIVITY_DUE, KAM_ACTIVITY_STATUS};
    int what = 0;
    f->there = 0;
    KAM__TRY(festival_read(f, KAM_KIND_ACTIVITY, field, KAM__LEN(field), KAM_ACTIVITY_ACCOUNT, account, KAM__READ_ALL_TIMES,
                           festival_on_activity));
    if (f->there) return KAM_OK;
    kam_record_clear(r);
    kam__record_put_num(r, KAM_ACTIVITY_ACCOUNT, account);
    kam__record_put_num(r, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_PLANNED);
    kam__record_put_num(r, KAM_ACTIVITY_CHANNEL, f->channel);
    kam__record_put_num(r, KAM_ACTIVITY_CAUSE, KAM_ACTIVITY_CAUSE_FESTIVAL);
    kam__record_put_num(r, KAM_ACTIVITY_DAY, f->due);
    kam__record_put_num(r, KAM_ACTIVITY_DUE, f->due);
    if (f->representative) kam__record_put_num(r, KAM_ACTIVITY_REPRESENTATIVE, f->representative);
    if (f->name[0]) KAM__TRY(kam__record_put_str(r, KAM_ACTIVITY_POINTS, f->name, f->err));
    f->planned++;
    return kam__save(&what, f->b, r, NULL, f->err);
}

static int32_t festival_work(festival *f, const int64_t *account, size_t n)
{
    kam_record *r = NULL;
    KAM__TRY(festival_holiday(f));
    KAM__TRY(kam__record_new(&r, f->b->schema, KAM_KIND_ACTIVITY, f->err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < n && rc == KAM_OK; i++) rc = festival_plan(f, r, account[i]);
    kam_record_free(r);
    return rc;
}

int32_t kam_visit_festival(int64_t *planned, kam_book *book, int32_t holiday, int32_t before, int32_t channel,
                           int64_t representative, const int64_t *account, size_t n, kam_error *err)
{
    festival f = {.b = book, .err = err, .holiday = holiday, .before = before, .channel = channel, .representative = representative};
    kam__call call;
    KAM__TRY(kam__book_ready(book, err));
    if (!account && n) return kam__null_arg(err, "account");
    if (before < 0 || before > FESTIVAL_BEFORE)
        return kam__fail(err, KAM_E_INVAL, "before is %d: 0 to %d days are expected", (int)before, FESTIVAL_BEFORE);
    if (channel < KAM_CHANNEL_VISIT || channel > KAM_CHANNEL_ONLINE || representative < 0)
        return kam__fail(err, KAM_E_INVAL, "channel is %d, representative %lld: one of KAM_CHANNEL_ and an id, or 0, are expected",
                         (int)channel, (long long)representative);
    kam__arena_init(&f.arena, book->ctx, 0);
    int32_t rc = kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&call, festival_work(&f, account, n), err);
    kam__arena_free(&f.arena);
    if (rc == KAM_OK && planned) *planned = f.planned;
    return rc;
}
