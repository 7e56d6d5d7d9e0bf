/*
 * visit/visit_book_check.c - what is to be said against a planned contact: nobody there who decides (R27), a visitor of
 * too low a rank (R110), no purpose (R114), busy or closed hours (R116), too soon after the last one (R124b), a first
 * contact by an unusual way (R115), another channel than the contact prefers (R150).
 *
 * Each contact is judged by what visit_book_check_read.c has read, alone. The plan tells the same of what it finds planned.
 * Openings are told by the account's clocks, an activity's START by those of the book.
 */
#include "../store/store.h"
#include "visit_book.h"

static int64_t check_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

/* ---------------------------------------------------------------- judging */

int32_t kam__check_rank(const kam__check *c, const kam__due_job *j, uint32_t at)
{
    const kam__due_account *a = &j->account[at];
    const kam__cadence_set *set = &j->cadence.set[a->set];
    uint32_t tier = 0;
    int32_t need = kam__imap_get(&c->tier_of, a->id, &tier) && c->tier[tier] == KAM_TIER_KEY ? j->cadence.key_rank : 0;
    for (uint32_t r = 0; r < set->nrule; r++)
        if (set->rule[r].channel == KAM_CHANNEL_VISIT && set->rule[r].min_rank > need) need = set->rule[r].min_rank;
    return need;
}

int32_t kam__check_rank_of(const kam__check *c, int64_t representative)
{
    uint32_t rank = 0;
    return kam__imap_get(&c->rank_of, representative, &rank) ? (int32_t)rank : 0;
}

static int check_meets_decider(const kam__check *c, const kam__check_case *k)
{
    if (k->role && kam__check_decides(k->role, strlen(k->role))) return 1;
    for (size_t i = 0; i < c->ndecider; i++)
        if (c->decider[i].account == k->account && k->contact && c->decider[i].contact == k->contact) return 1;
    return 0;
}

typedef struct check_say { const kam__check *c; const kam__check_case *k; kam__check_fn fn; void *user; kam_buf *text; } check_say;

/* The message lies in s->text. */
static int32_t check_tell(check_say *s, const char *field, const char *code)
{
    return s->fn(s->user, s->k, field, code);
}

/* Busy or closed hours that the contact lies in; the whole day where no hour is said. */
static int32_t check_hit(check_say *s, const kam__check_opening *o, int32_t from, int32_t to)
{
    int busy = o->kind == KAM_OPENING_BUSY;
    int hit = s->k->start < 0 ? o->from <= 0 && o->to >= KAM__DAY_MINUTES : from < o->to && to > o->from;
    if (!hit || (!busy && o->kind != KAM_OPENING_CLOSED)) return KAM_OK;
    kam__buf_printf(s->text, "%s: the customer is %s from %02d:%02d to %02d:%02d on that %s: choose another time",
                    busy ? "warning" : "error", busy ? "busy" : "closed", (int)(o->from / 60), (int)(o->from % 60),
                    (int)(o->to / 60), (int)(o->to % 60), kam__check_dated(o) ? "day" : "weekday");
    return check_tell(s, "start", busy ? "BUSY_HOURS" : "CLOSED_HOURS");
}

/* Mornings, evenings, weekends, whatever the customer likes better: told when none of it is met (R116). */
static int32_t check_liked(check_say *s, const kam__check_opening *o, size_t n, int32_t day, int32_t from, int32_t to)
{
    const kam__check_opening *liked = NULL;
    for (size_t i = 0; i < n; i++) {
        if (o[i].kind != KAM_OPENING_PREFERRED) continue;
        if (kam__check_holds(&o[i], day) && from >= o[i].from && to <= o[i].to) return KAM_OK;
        liked = liked ? liked : &o[i];
    }
    if (!liked || s->k->start < 0) return KAM_OK;
    kam__buf_printf(s->text, "warning: the customer likes other hours better, such as %02d:%02d to %02d:%02d%s", (int)(liked->from / 60),
                    (int)(liked->from % 60), (int)(liked->to / 60), (int)(liked->to % 60), kam__check_holds(liked, day) ? "" : " on other days");
    return check_tell(s, "start", "NOT_LIKED_HOURS");
}

/* By the clocks of the account. */
static int32_t check_hours(check_say *s)
{
    const kam__check_case *k = s->k;
    size_t n = 0;
    const kam__check_opening *o = kam__check_openings(s->c, k->account, &n);
    int32_t ahead = 0, day = k->day, from = 0, open = 0, inside = 0;
    if (k->start >= 0) {
        KAM__TRY(kam__check_ahead(&ahead, s->c, k->account, k->day));
        from = k->start + ahead;
        if (from < 0) day--, from += KAM__DAY_MINUTES;
        else if (from >= KAM__DAY_MINUTES) day++, from -= KAM__DAY_MINUTES;
    }
    int32_t to = k->start < 0 ? KAM__DAY_MINUTES : from + (k->duration > 0 ? k->duration : 1);
    int usual = kam__check_usual(o, n, day);
    for (size_t i = 0; i < n; i++) {
        if (!kam__check_holds(&o[i], day) || (o[i].kind == KAM_OPENING_OPEN && kam__check_dated(&o[i]) == usual)) continue;
        open |= o[i].kind == KAM_OPENING_OPEN;
        inside |= o[i].kind == KAM_OPENING_OPEN && from >= o[i].from && to <= o[i].to;
        KAM__TRY(check_hit(s, &o[i], from, to));
    }
    if (!open || inside || k->start < 0) return check_liked(s, o, n, day, from, to);
    kam__buf_str(s->text, "warning: outside the hours the customer can be visited in");
    return check_tell(s, "start", "OUTSIDE_HOURS");
}

static int32_t check_people(check_say *s, const kam__due_job *j, uint32_t at, int whole)
{
    const kam__check_case *k = s->k;
    uint32_t channel = 0;
    if ((whole || k->contact || k->role) && !check_meets_decider(s->c, k)) {
        int hard = kam__imap_get(&s->c->channel_of, k->account, &channel);
        kam__buf_printf(s->text, "%s: nobody with the power to decide is to be met: name a DECIDER, PRINCIPAL, CHAIRMAN or "
                        "GENERAL_MANAGER as contact", hard ? "error" : "warning");
        KAM__TRY(check_tell(s, "contact", "NO_DECIDER"));
    }
    int32_t need = kam__check_rank(s->c, j, at), rank = kam__check_rank_of(s->c, k->representative);
    if (rank >= need) return KAM_OK;
    kam__buf_printf(s->text, "error: the visitor has rank %d, this account asks for %d or higher", (int)rank, (int)need);
    return check_tell(s, "representative", "RANK_TOO_LOW");
}

static int32_t check_gap(check_say *s, const kam__due_job *j, uint32_t at)
{
    const kam__due_account *a = &j->account[at];
    const kam__cadence_set *set = &j->cadence.set[a->set];
    for (uint32_t r = 0; r < set->nrule; r++) {
        const kam__cadence_rule *rule = &set->rule[r];
        int32_t last = j->last[(size_t)at * j->cadence.max_rules + r];
        int32_t least = kam__due_least(rule, last, &j->calendar);
        if (rule->channel != s->k->channel || s->k->day >= least || s->k->day <= last) continue;
        kam__buf_str(s->text, "warning: too soon after the contact of ");
        kam__buf_day(s->text, last);
        kam__buf_str(s->text, ": the rule wants none before ");
        kam__buf_day(s->text, least);
        return check_tell(s, "day", "TOO_SOON");
    }
    return KAM_OK;
}

int32_t kam__check_one(const kam__check *c, const kam__due_job *j, const kam__check_case *k, int whole, kam_buf *text,
                       kam__check_fn fn, void *user)
{
    check_say s = {c, k, fn, user, text};
    uint32_t at = 0;
    if (!kam__imap_get(&j->account_of, k->account, &at)) return KAM_OK;
    if (k->channel == KAM_CHANNEL_VISIT && kam__visit_outbound(k->direction)) {
        KAM__TRY(check_people(&s, j, at, whole));
        KAM__TRY(check_hours(&s));
        if (whole && !k->purpose) {
            kam__buf_str(text, "error: a visit has a purpose: NEEDS, SELL, COMPLAINT or COOPERATION");
            KAM__TRY(check_tell(&s, "purpose", "NO_PURPOSE"));
        }
    }
    return check_gap(&s, j, at);
}

/* ---------------------------------------------------------------- one activity */

typedef struct check_call { kam__rowset *set; kam_buf text; kam_error *err; } check_call;

static int32_t check_row(void *user, const kam__check_case *k, const char *field, const char *code)
{
    check_call *c = user;
    kam__blockbuf *bb = kam__rowset_row(c->set, c->err);
    if (!bb) return KAM_E_NOMEM;
    KAM__TRY(kam__buf_end(&c->text, c->err));
    kam__bb_text(bb, kam__rowset_col(c->set, KAM_PROBLEM_KIND), "activity", 8);
    if (k->activity) kam__bb_i64(bb, kam__rowset_col(c->set, KAM_PROBLEM_RECORD), k->activity);
    kam__bb_text(bb, kam__rowset_col(c->set, KAM_PROBLEM_FIELD), field, strlen(field));
    kam__bb_text(bb, kam__rowset_col(c->set, KAM_PROBLEM_CODE), code, strlen(code));
    kam__bb_text(bb, kam__rowset_col(c->set, KAM_PROBLEM_TEXT), c->text.data, strlen(c->text.data));
    kam__buf_clear(&c->text);
    return kam__rowset_end_row(c->set, c->err);
}

/* ---------------------------------------------------------------- the first contact, the preferred channel */

typedef struct check_past { int64_t activity; int held; } check_past;

static int32_t check_on_past(void *user, const kam_block *rows)
{
    check_past *past = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *status = kam__block_col(rows, KAM_ACTIVITY_STATUS);
    for (uint32_t i = 0; i < rows->nrow; i++)
        past->held |= check_num(status, i, 0) == KAM_ACTIVITY_HELD && kam__col_i64(id, i) != past->activity;
    return KAM_OK;
}

static int32_t check_tell_row(check_call *call, const kam__check_case *k, const char *code, const char *text)
{
    kam__buf_str(&call->text, text);
    return check_row(call, k, "channel", code);
}

/* A first contact is made by letter, phone, e-mail or face to face; a letter asks for a reply (R115). */
static int32_t check_first(check_call *call, kam_book *b, const kam__check_case *k, const kam_record *r)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_STATUS};
    check_past past = {k->activity, 0};
    kam_pred p;
    kam__pred mem;
    int32_t c = k->channel;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_ACCOUNT), KAM_OP_EQ, k->account);
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .pred = &p, .npred = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    if (k->direction == KAM_DIRECTION_INBOUND || !k->account) return KAM_OK;
    KAM__TRY(kam__read_rows(b, &q, check_on_past, &past, call->err));
    if (past.held) return KAM_OK;
    if (c == KAM_CHANNEL_LETTER && !kam__record_num(r, KAM_ACTIVITY_REPLY_REQUESTED, 0))
        return check_tell_row(call, k, "NO_REPLY_ASKED", "warning: a first letter asks for a reply: set reply_requested");
    if (c == KAM_CHANNEL_LETTER || c == KAM_CHANNEL_CALL || c == KAM_CHANNEL_EMAIL || c == KAM_CHANNEL_VISIT) return KAM_OK;
    return check_tell_row(call, k, "FIRST_CHANNEL", "warning: a first contact is made by letter, phone, e-mail or face to face");
}

/* R150. */
static int32_t check_preferred(check_call *call, kam_book *b, const kam__check_case *k)
{
    kam_record *r = NULL;
    if (!k->contact) return KAM_OK;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_CONTACT, call->err));
    int32_t rc = kam__read_one(r, b, k->contact, KAM_TODAY, call->err);
    int64_t wants = rc == KAM_OK ? kam__record_num(r, KAM_CONTACT_PREFERRED_CHANNEL, 0) : 0;
    const kam__enum_item *item = kam__enum_by_value(kam__enum_set_by_name("CHANNEL"), wants);
    kam_record_free(r);
    if (rc == KAM_E_NOT_FOUND) return KAM_OK;
    if (rc != KAM_OK || !wants || wants == k->channel || !item) return rc;
    kam__buf_printf(&call->text, "warning: this contact prefers %s", item->en);
    return check_row(call, k, "channel", "NOT_PREFERRED");
}

static void check_case_of(kam__check_case *k, const kam_record *r)
{
    int64_t start = kam__record_num(r, KAM_ACTIVITY_START, -1);
    *k = (kam__check_case){.activity = kam__record_num(r, KAM_ID, 0),
                           .account = kam__record_num(r, KAM_ACTIVITY_ACCOUNT, 0),
                           .representative = kam__record_num(r, KAM_ACTIVITY_REPRESENTATIVE, 0),
                           .contact = kam__record_num(r, KAM_ACTIVITY_CONTACT, 0),
                           .channel = (int32_t)kam__record_num(r, KAM_ACTIVITY_CHANNEL, 0),
                           .direction = (int32_t)kam__record_num(r, KAM_ACTIVITY_DIRECTION, 0),
                           .day = (int32_t)kam__record_num(r, KAM_ACTIVITY_DAY, 0),
                           .start = start < 0 ? -1 : (int32_t)(start % KAM__DAY_MINUTES),
                           .duration = (int32_t)kam__record_num(r, KAM_ACTIVITY_DURATION, 0),
                           .purpose = (int32_t)kam__record_num(r, KAM_ACTIVITY_PURPOSE, 0),
                           .role = kam_record_text(r, KAM_ACTIVITY_ATTENDEE_ROLE, NULL)};
}

static int32_t check_work(kam_rows **out, kam__due_job *j, const kam_record *activity, const char *cadence)
{
    kam__check c;
    check_call call = {.err = j->err};
    kam__check_case k;
    check_case_of(&k, activity);
    KAM__TRY(kam__due_job_load(j, cadence));
    int32_t rc = kam__check_load(&c, j->b, k.account, j->as_of, j->err);
    kam__buf_init(&call.text, j->b->ctx);
    if (rc == KAM_OK) rc = kam__rowset_new(&call.set, j->b->schema, KAM_KIND_PROBLEM, NULL, 0, j->err);
    if (rc == KAM_OK) rc = kam__check_one(&c, j, &k, 1, &call.text, check_row, &call);
    if (rc == KAM_OK) rc = check_first(&call, j->b, &k, activity);
    if (rc == KAM_OK) rc = check_preferred(&call, j->b, &k);
    if (rc == KAM_OK) {
        kam__rowset_seal(call.set);
        rc = kam__rows_of_set(out, j->b, call.set, 0, 0, j->err);
    }
    kam__rowset_drop(call.set);
    kam__buf_drop(&call.text);
    kam__check_free(&c);
    kam__due_job_free(j);
    return rc;
}

int32_t kam_visit_check(kam_rows **out, kam_book *book, const kam_record *activity, const char *cadence,
                        kam_error *err)
{
    kam__due_job j = {.b = book, .err = err, .as_of = KAM_TODAY};
    kam_rows *rows = NULL;
    kam__call call;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!activity) return kam__null_arg(err, "activity");
    if (activity->kind->id != KAM_KIND_ACTIVITY)
        return kam__fail(err, KAM_E_INVAL, "an ACTIVITY record is checked, not a record of kind %s", activity->kind->name);
    KAM__TRY(kam__book_day(&j.day, book, KAM_TODAY, err));
    j.until = j.day;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, check_work(&rows, &j, activity, cadence), err);
    if (rc == KAM_OK) *out = rows;
    else kam_rows_free(rows);
    return rc;
}
