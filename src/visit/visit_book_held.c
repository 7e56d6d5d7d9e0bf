/*
 * visit/visit_book_held.c - a visit is over: its record is checked and stored, its follow-up planned, both or neither.
 *
 * A visit's record has six fields nobody may leave out (R118: time, place, channel, main points, what the customer
 * thinks, advice). An outbound visit is followed up within a week by phone or face to face, and the follow-up records
 * what the customer thinks (R119). One follow-up a visit: saving the visit again plans none while one is open or done,
 * but an open one moves along with a corrected day. A visit that is itself the follow-up of another one asks for no
 * further one.
 */
#include "visit.h"
#include "../store/store.h"
#include <kam/visit.h>

/* ---------------------------------------------------------------- the record is whole */

static int32_t held_missing(const kam_record *r, uint32_t field, const char *what, kam_error *err)
{
    const kam__field *f = kam__kind_field(r->kind, field);
    if (r->cell[kam__kind_index(r->kind, field)].state != KAM__CELL_NONE) return KAM_OK;
    kam__fail(err, KAM_E_INVAL, "%s is missing: %s", f->name, what);
    return kam__field_error(err, KAM_E_INVAL, r->kind, f);
}

static int32_t held_check(const kam_record *r, kam_error *err)
{
    static const struct { uint32_t field; const char *what; } whole[] = {
        { KAM_ACTIVITY_DAY, "a held visit says when it was" },
        { KAM_ACTIVITY_PLACE, "a held visit says where it was" },
        { KAM_ACTIVITY_POINTS, "a held visit records the main points of the talk" },
        { KAM_ACTIVITY_OPINION, "a held visit records what the customer thinks" },
        { KAM_ACTIVITY_ADVICE, "a held visit records the next advice" },
    };
    int64_t channel = kam__record_num(r, KAM_ACTIVITY_CHANNEL, 0);
    KAM__TRY(held_missing(r, KAM_ACTIVITY_CHANNEL, "a held activity says how: VISIT, CALL ...", err));
    for (size_t i = 0; i < KAM__LEN(whole) && channel == KAM_CHANNEL_VISIT; i++)
        KAM__TRY(held_missing(r, whole[i].field, whole[i].what, err));
    if (kam__record_num(r, KAM_ACTIVITY_CAUSE, 0) != KAM_ACTIVITY_CAUSE_FOLLOWUP) return KAM_OK;
    if (channel != KAM_CHANNEL_VISIT && channel != KAM_CHANNEL_CALL) {
        kam__fail(err, KAM_E_INVAL, "a visit is followed up by CALL or VISIT");
        return kam__field_error(err, KAM_E_INVAL, r->kind, kam__kind_field(r->kind, KAM_ACTIVITY_CHANNEL));
    }
    return held_missing(r, KAM_ACTIVITY_OPINION, "a follow-up records what the customer thinks", err);
}

/* ---------------------------------------------------------------- the follow-up there is already */

typedef struct held_search {
    kam_book *b;
    kam_error *err;
    kam__imap version;
    int64_t before, found;
    int32_t status;
} held_search;

static int32_t held_on_version(void *user, const kam_block *rows)
{
    held_search *s = user;
    const kam_col *replaces = kam__block_col(rows, KAM__REPLACES);
    if (rows->nrow && !kam__col_null(replaces, 0)) s->before = kam__col_i64(replaces, 0);
    return KAM_OK;
}

/* The ids the visit ever had: each correction of an event is a new row. */
static int32_t held_load_versions(held_search *s, const kam_record *visit)
{
    static const uint32_t field[] = { KAM_ID, KAM__REPLACES };
    kam_pred p;
    kam__pred mem;
    for (int64_t id = kam__record_num(visit, KAM_ID, 0); id; id = s->before) {
        kam__pred_i64(&p, &mem, &visit->kind->field[0], KAM_OP_EQ, id);
        kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY,
                                .field = field,
                                .nfield = KAM__LEN(field),
                                .pred = &p,
                                .npred = 1,
                                .any_order = 1},
                       .as_of = KAM_TODAY,
                       .flags = KAM__READ_ALL_TIMES | KAM__READ_REPLACED};
        s->before = 0;
        KAM__TRY(kam__imap_put(&s->version, id, 1, s->err));
        KAM__TRY(kam__read_rows(s->b, &q, held_on_version, s, s->err));
    }
    return KAM_OK;
}

static int32_t held_on_followup(void *user, const kam_block *rows)
{
    held_search *s = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *follows = kam__block_col(rows, KAM_ACTIVITY_FOLLOWS);
    const kam_col *status = kam__block_col(rows, KAM_ACTIVITY_STATUS);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t known = 0;
        int32_t is = (int32_t)kam__col_i64(status, i);
        if (is == KAM_ACTIVITY_CANCELLED || kam__col_null(follows, i)) continue;
        if (!kam__imap_get(&s->version, kam__col_i64(follows, i), &known)) continue;
        if (s->found && s->status == KAM_ACTIVITY_PLANNED) continue;    /* an open one is the one to know of */
        s->found = kam__col_i64(id, i);
        s->status = is;
    }
    return KAM_OK;
}

static int32_t held_load_followups(held_search *s, const kam_record *visit)
{
    static const uint32_t field[] = { KAM_ID, KAM_ACTIVITY_FOLLOWS, KAM_ACTIVITY_STATUS };
    kam_pred p[2];
    kam__pred mem[2];
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(visit->kind, KAM_ACTIVITY_ACCOUNT), KAM_OP_EQ,
                  kam__record_num(visit, KAM_ACTIVITY_ACCOUNT, 0));
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(visit->kind, KAM_ACTIVITY_CAUSE), KAM_OP_EQ,
                  KAM_ACTIVITY_CAUSE_FOLLOWUP);
    kam__read q = {
        .scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .pred = p, .npred = 2},
        .as_of = KAM_TODAY,
        .flags = KAM__READ_ALL_TIMES};
    return kam__read_rows(s->b, &q, held_on_followup, s, s->err);
}

/* The follow-up of this visit that is not cancelled; 0 = none. */
static int32_t held_followup_of(int64_t *id, int32_t *status, kam_book *b, const kam_record *visit, kam_error *err)
{
    held_search s = { .b = b, .err = err };
    kam__imap_init(&s.version, b->ctx);
    int32_t rc = held_load_versions(&s, visit);
    if (rc == KAM_OK) rc = held_load_followups(&s, visit);
    kam__imap_free(&s.version);
    *id = s.found;
    *status = s.status;
    return rc;
}

/* ---------------------------------------------------------------- planning it */

static void held_copy_ref(kam_record *to, const kam_record *from, uint32_t field)
{
    int64_t id = kam__record_num(from, field, 0);
    if (id) kam__record_put_num(to, field, id);
}

static int32_t held_set_days(kam_record *followup, kam_book *b, const kam_record *visit, kam_error *err)
{
    kam__calendar calendar = { .ctx = NULL };
    int32_t day = (int32_t)kam__record_num(visit, KAM_ACTIVITY_DAY, 0);
    KAM__TRY(kam__visit_calendar(&calendar, b, KAM_TODAY, err));
    kam__record_put_num(followup, KAM_ACTIVITY_DUE, kam__followup_due(day));
    kam__record_put_num(followup, KAM_ACTIVITY_DAY, kam__followup_day(day, &calendar));
    kam__record_put_num(followup, KAM_ACTIVITY_FOLLOWS, kam__record_num(visit, KAM_ID, 0));
    kam__calendar_free(&calendar);
    return KAM_OK;
}

static int32_t held_plan(int64_t *out, kam_book *b, const kam_record *visit, kam_error *err)
{
    kam_record *r = NULL;
    int what = 0;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_ACTIVITY, err));
    held_copy_ref(r, visit, KAM_ACTIVITY_ACCOUNT);
    held_copy_ref(r, visit, KAM_ACTIVITY_REPRESENTATIVE);
    held_copy_ref(r, visit, KAM_ACTIVITY_CONTACT);
    kam__record_put_num(r, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_PLANNED);
    kam__record_put_num(r, KAM_ACTIVITY_CHANNEL, KAM_CHANNEL_CALL);
    kam__record_put_num(r, KAM_ACTIVITY_CAUSE, KAM_ACTIVITY_CAUSE_FOLLOWUP);
    int32_t rc = held_set_days(r, b, visit, err);
    if (rc == KAM_OK) rc = kam__save(&what, b, r, NULL, err);
    if (rc == KAM_OK) *out = kam__record_num(r, KAM_ID, 0);
    kam_record_free(r);
    return rc;
}

/* The visit was corrected: an open follow-up whose week it changes goes along with it. */
static int32_t held_move(kam_book *b, int64_t id, const kam_record *visit, kam_error *err)
{
    kam_record *r = NULL;
    int what = 0;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_ACTIVITY, err));
    int32_t rc = kam__read_one(r, b, id, KAM_TODAY, err);
    int32_t due = kam__followup_due((int32_t)kam__record_num(visit, KAM_ACTIVITY_DAY, 0));
    if (rc == KAM_OK && kam__record_num(r, KAM_ACTIVITY_DUE, 0) != due) {
        rc = held_set_days(r, b, visit, err);
        if (rc == KAM_OK) rc = kam__save(&what, b, r, NULL, err);
    }
    kam_record_free(r);
    return rc;
}

static int held_needs_followup(const kam_record *r)
{
    return kam__record_num(r, KAM_ACTIVITY_CHANNEL, 0) == KAM_CHANNEL_VISIT &&
           kam__visit_outbound(kam__record_num(r, KAM_ACTIVITY_DIRECTION, 0)) &&
           kam__record_num(r, KAM_ACTIVITY_CAUSE, 0) != KAM_ACTIVITY_CAUSE_FOLLOWUP;
}

static int32_t held_work(int64_t *planned, kam_book *b, kam_record *r, kam_error *err)
{
    int64_t there = 0;
    int32_t status = 0;
    int what = 0;
    KAM__TRY(kam__save(&what, b, r, NULL, err));
    if (!held_needs_followup(r)) return KAM_OK;
    if (what != KAM__SAVED_NEW) KAM__TRY(held_followup_of(&there, &status, b, r, err));
    if (!there) return held_plan(planned, b, r, err);
    return status == KAM_ACTIVITY_PLANNED ? held_move(b, there, r, err) : KAM_OK;
}

/* Works on a copy, so that a failure leaves the caller's record as it was. */
int32_t kam_visit_held(int64_t *followup, kam_book *book, kam_record *activity, kam_error *err)
{
    kam_record *work = NULL;
    kam__call call;
    int64_t planned = 0;
    if (!followup) return kam__null_arg(err, "followup");
    KAM__TRY(kam__book_ready(book, err));
    if (!activity) return kam__null_arg(err, "activity");
    if (activity->kind->id != KAM_KIND_ACTIVITY)
        return kam__fail(err, KAM_E_INVAL, "an ACTIVITY record is held, not a record of kind %s", activity->kind->name);
    KAM__TRY(held_check(activity, err));
    KAM__TRY(kam__record_clone(&work, activity, err));
    kam__record_put_num(work, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_HELD);
    int32_t rc = kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&call, held_work(&planned, book, work, err), err);
    if (rc != KAM_OK) {
        kam_record_free(work);
        return rc;
    }
    kam__record_take(activity, work);
    *followup = planned;
    return KAM_OK;
}
