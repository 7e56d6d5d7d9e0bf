/*
 * visit/visit_book_check.c - what is to be said against a planned contact: nobody there who decides (R27), a visitor of
 * too low a rank (R110), no purpose (R114), busy or closed hours (R116), too soon after the last one (R124b), a first
 * contact by an unusual way (R115), another channel than the contact prefers (R150).
 *
 * Openings, decision-holders, ranks and tiers are read once into small sorted arrays (of one account, or of all); each
 * contact is then judged by them alone. The plan tells the same of what it finds planned.
 */
#include "../store/store.h"
#include "visit_book.h"

#define CHECK_DAY_MINUTES 1440

static int64_t check_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

/* ---------------------------------------------------------------- reading */

static int32_t check_on_opening(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *account = kam__block_col(rows, KAM_OPENING_ACCOUNT), *day = kam__block_col(rows, KAM_OPENING_WEEKDAY);
    const kam_col *from = kam__block_col(rows, KAM_OPENING_FROM), *to = kam__block_col(rows, KAM_OPENING_TO);
    const kam_col *kind = kam__block_col(rows, KAM_OPENING_KIND);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__check_opening o = {.account = check_num(account, i, 0),
                                .weekday = (int32_t)check_num(day, i, 0),
                                .from = (int32_t)check_num(from, i, 0),
                                .to = (int32_t)check_num(to, i, CHECK_DAY_MINUTES),
                                .kind = (int32_t)check_num(kind, i, 0)};
        KAM__TRY(kam__grow(c->b->ctx, &c->opening, &c->opening_cap, c->nopening + 1, sizeof o, c->err));
        c->opening[c->nopening++] = o;
    }
    return KAM_OK;
}

static int check_decides(const char *role, size_t len)
{
    static const char *const name[] = {"DECIDER", "PRINCIPAL", "CHAIRMAN", "GENERAL_MANAGER"};
    for (size_t i = 0; i < KAM__LEN(name); i++)
        if (strlen(name[i]) == len && memcmp(name[i], role, len) == 0) return 1;
    return 0;
}

static int32_t check_on_post(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT),
                  *contact = kam__block_col(rows, KAM_AFFILIATION_CONTACT);
    const kam_col *role = kam__block_col(rows, KAM_AFFILIATION_ROLE),
                  *final = kam__block_col(rows, KAM_AFFILIATION_FINAL_AUTHORITY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(role, i, &len);
        if (!check_num(final, i, 0) && !(text && check_decides(text, len))) continue;
        KAM__TRY(kam__grow(c->b->ctx, &c->decider, &c->decider_cap, c->ndecider + 1, sizeof *c->decider, c->err));
        c->decider[c->ndecider++] = (kam__check_decider){check_num(account, i, 0), check_num(contact, i, 0)};
    }
    return KAM_OK;
}

static int32_t check_on_account(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *type = kam__block_col(rows, KAM_ACCOUNT_ORG_TYPE);
    for (uint32_t i = 0; i < rows->nrow; i++)
        if (check_num(type, i, 0) == KAM_ORG_TYPE_CHANNEL)
            KAM__TRY(kam__imap_put(&c->channel_of, kam__col_i64(id, i), 1, c->err));
    return KAM_OK;
}

static int32_t check_on_rank(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *rank = kam__block_col(rows, KAM_REPRESENTATIVE_RANK);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t r = check_num(rank, i, 0);
        KAM__TRY(kam__imap_put(&c->rank_of, kam__col_i64(id, i), r > 0 ? (uint32_t)(r < 1000000 ? r : 1000000) : 0,
                               c->err));
    }
    return KAM_OK;
}

static int32_t check_rows(kam__check *c, uint32_t kind, const uint32_t *field, uint32_t nfield, uint32_t account_field,
                          kam_block_fn fn)
{
    kam_pred p;
    kam__pred mem;
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = nfield}, .as_of = c->as_of};
    if (c->account && account_field) {
        kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), account_field), KAM_OP_EQ, c->account);
        q.scan.pred = &p;
        q.scan.npred = 1;
    }
    return kam__read_rows(c->b, &q, fn, c, c->err);
}

static int check_opening_order(const void *a, const void *b, void *arg)
{
    const kam__check_opening *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    if (x->weekday != y->weekday) return x->weekday < y->weekday ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static int check_decider_order(const void *a, const void *b, void *arg)
{
    const kam__check_decider *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

static int32_t check_read(kam__check *c)
{
    static const uint32_t openings[] = {KAM_ID, KAM_OPENING_ACCOUNT, KAM_OPENING_WEEKDAY, KAM_OPENING_FROM,
                                        KAM_OPENING_TO, KAM_OPENING_KIND};
    static const uint32_t posts[] = {KAM_ID, KAM_AFFILIATION_ACCOUNT, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_ROLE,
                                     KAM_AFFILIATION_FINAL_AUTHORITY};
    static const uint32_t ranks[] = {KAM_ID, KAM_REPRESENTATIVE_RANK};
    static const uint32_t types[] = {KAM_ID, KAM_ACCOUNT_ORG_TYPE};
    KAM__TRY(check_rows(c, KAM_KIND_OPENING, openings, KAM__LEN(openings), KAM_OPENING_ACCOUNT, check_on_opening));
    KAM__TRY(check_rows(c, KAM_KIND_AFFILIATION, posts, KAM__LEN(posts), KAM_AFFILIATION_ACCOUNT, check_on_post));
    KAM__TRY(check_rows(c, KAM_KIND_REPRESENTATIVE, ranks, KAM__LEN(ranks), 0, check_on_rank));
    KAM__TRY(check_rows(c, KAM_KIND_ACCOUNT, types, KAM__LEN(types), KAM_ID, check_on_account));
    KAM__TRY(kam__read_fact_map(&c->tier_of, &c->tier, c->b, KAM_KIND_TIER, c->as_of, c->err));
    KAM__TRY(kam__sort(c->b->ctx, c->opening, c->nopening, sizeof *c->opening, check_opening_order, NULL, c->err));
    return kam__sort(c->b->ctx, c->decider, c->ndecider, sizeof *c->decider, check_decider_order, NULL, c->err);
}

int32_t kam__check_load(kam__check *c, kam_book *b, int64_t account, int32_t as_of, kam_error *err)
{
    memset(c, 0, sizeof *c);
    c->b = b;
    c->err = err;
    c->account = account;
    c->as_of = as_of;
    kam__imap_init(&c->rank_of, b->ctx);
    kam__imap_init(&c->tier_of, b->ctx);
    kam__imap_init(&c->channel_of, b->ctx);
    int32_t rc = check_read(c);
    if (rc != KAM_OK) kam__check_free(c);
    return rc;
}

void kam__check_free(kam__check *c)
{
    if (!c->b) return;
    kam__free(c->b->ctx, c->opening);
    kam__free(c->b->ctx, c->decider);
    kam__free(c->b->ctx, c->tier);
    kam__imap_free(&c->rank_of);
    kam__imap_free(&c->tier_of);
    kam__imap_free(&c->channel_of);
    memset(c, 0, sizeof *c);
}

/* ---------------------------------------------------------------- judging */

static size_t check_openings(const kam__check *c, int64_t account)
{
    size_t low = 0, high = c->nopening;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->opening[mid].account < account) low = mid + 1;
        else high = mid;
    }
    return low;
}

uint8_t kam__check_closed(const kam__check *c, int64_t account)
{
    uint8_t days = 0;
    for (size_t i = check_openings(c, account); i < c->nopening && c->opening[i].account == account; i++) {
        const kam__check_opening *o = &c->opening[i];
        if (o->kind == KAM_OPENING_CLOSED && o->weekday >= 1 && o->weekday <= 7 && o->from <= 0 && o->to >= CHECK_DAY_MINUTES)
            days |= (uint8_t)(1u << (o->weekday - 1));
    }
    return days;
}

/* What is left of [from, to) behind every busy and closed hour. */
static int32_t check_free(const kam__check *c, int64_t account, kam__plan_open w, kam__plan_open **open, size_t *n, size_t *cap)
{
    for (size_t i = check_openings(c, account); i < c->nopening && c->opening[i].account == account; i++) {
        const kam__check_opening *o = &c->opening[i];
        if ((o->weekday && o->weekday != w.weekday) || (o->kind != KAM_OPENING_BUSY && o->kind != KAM_OPENING_CLOSED)) continue;
        if (o->from >= w.to || o->to <= w.from) continue;
        kam__plan_open before = {w.weekday, w.from, o->from};
        if (before.from < before.to) KAM__TRY(check_free(c, account, before, open, n, cap));
        w.from = o->to;
        if (w.from >= w.to) return KAM_OK;
    }
    KAM__TRY(kam__grow(c->b->ctx, open, cap, *n + 1, sizeof **open, c->err));
    (*open)[(*n)++] = w;
    return KAM_OK;
}

int32_t kam__check_open(uint8_t *hours, const kam__check *c, int64_t account, kam__plan_open **open, size_t *n, size_t *cap)
{
    size_t first = check_openings(c, account), end = first;
    *hours = 0;
    while (end < c->nopening && c->opening[end].account == account) *hours |= c->opening[end++].kind != KAM_OPENING_PREFERRED;
    for (int32_t day = 1; day <= 7 && *hours; day++) {
        int said = 0;
        for (size_t i = first; i < end; i++) {
            const kam__check_opening *o = &c->opening[i];
            if (o->kind != KAM_OPENING_OPEN || (o->weekday && o->weekday != day)) continue;
            said = 1;
            KAM__TRY(check_free(c, account, (kam__plan_open){day, o->from, o->to}, open, n, cap));
        }
        if (!said) KAM__TRY(check_free(c, account, (kam__plan_open){day, 0, CHECK_DAY_MINUTES}, open, n, cap));
    }
    return KAM_OK;
}

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
    if (k->role && check_decides(k->role, strlen(k->role))) return 1;
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

static int32_t check_hours(check_say *s)
{
    const kam__check *c = s->c;
    const kam__check_case *k = s->k;
    int32_t weekday = kam__weekday(k->day), from = k->start < 0 ? 0 : k->start, open = 0, inside = 0;
    int32_t to = k->start < 0 ? CHECK_DAY_MINUTES : from + (k->duration > 0 ? k->duration : 1);
    for (size_t i = check_openings(c, k->account); i < c->nopening && c->opening[i].account == k->account; i++) {
        const kam__check_opening *o = &c->opening[i];
        if (o->weekday && o->weekday != weekday) continue;
        open |= o->kind == KAM_OPENING_OPEN;
        inside |= o->kind == KAM_OPENING_OPEN && from >= o->from && to <= o->to;
        int hit = k->start < 0 ? o->from <= 0 && o->to >= CHECK_DAY_MINUTES : from < o->to && to > o->from;
        if (!hit || (o->kind != KAM_OPENING_BUSY && o->kind != KAM_OPENING_CLOSED)) continue;
        int busy = o->kind == KAM_OPENING_BUSY;
        kam__buf_printf(s->text, "%s: the customer is %s from %02d:%02d to %02d:%02d on that weekday: choose another time",
                        busy ? "warning" : "error", busy ? "busy" : "closed", (int)(o->from / 60), (int)(o->from % 60),
                        (int)(o->to / 60), (int)(o->to % 60));
        KAM__TRY(check_tell(s, "start", busy ? "BUSY_HOURS" : "CLOSED_HOURS"));
    }
    if (!open || inside || k->start < 0) return KAM_OK;
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
                           .start = start < 0 ? -1 : (int32_t)(start % CHECK_DAY_MINUTES),
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
