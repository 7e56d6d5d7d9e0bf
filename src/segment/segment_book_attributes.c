/*
 * segment/segment_book_attributes.c - accounts as scorecards see them: their own fields, the facts that hold, and what
 * ledger, activities and contacts say, as of a day.
 *
 * One entry of fixed size for each account that something is said of (attr_side), filled by one pass over each kind
 * that is wanted; then the accounts stream by in blocks and one record is filled and handed over again and again. Only
 * what is asked for is read. An account without rows has bought nothing, which is a figure (0); only days since
 * something that never happened, and shares of nothing, are missing.
 */
#include "../store/store.h"
#include "../value/value_book.h"
#include "segment_book_score.h"

#define ATTR_CONTACT_DAYS 90                /* visits_90d, calls_90d */

/* What passes over other kinds found out about an account. */
typedef struct attr_side {
    int64_t owner;
    int32_t tier, lifecycle, first, last, last_visit, grade_from;       /* days: KAM_DAY_FIRST = never */
    uint32_t visits, calls, complaints, contacts, grade;                /* grade: number + 1 of its text */
    uint8_t decider;
} attr_side;

typedef struct attr_pair { int64_t account, contact; } attr_pair;
typedef struct attr_column { uint32_t field, cell; } attr_column;      /* of ACCOUNT; where it goes, UINT32_MAX = helps only */
typedef struct attr_reading {
    kam_book *b; kam_ctx *ctx; const kam__attributes_ask *ask; kam_error *err;
    const kam__kind *kind;                  /* ATTRIBUTES of this book */
    int32_t day, end, year, before;         /* as_of; the day after it; where the last 12 months begin, and those before */
    kam__keys keys; attr_side *side; size_t cap;
    kam__ledger *now, *then; int64_t all;   /* twelve months, those before; revenue of all accounts */
    kam__tmap grade_of; kam__arena texts; const char **grade; size_t ngrade, grade_cap;
    attr_pair *pair; size_t npair, pair_cap;
    kam__rates rates; uint32_t base;
    attr_column *column; uint32_t ncolumn; int money;
    kam_record *r; int64_t last_id; uint64_t done;
    kam__attributes_fn fn; void *user;
} attr_reading;

static int attr_wants(const attr_reading *a, uint32_t field)
{
    uint32_t i = kam__kind_index(a->kind, field);
    return i != UINT32_MAX && (!a->ask->want || a->ask->want[i]);
}

static int64_t attr_num(const kam_col *c, uint32_t row) { return c ? kam__col_i64(c, row) : 0; }

/* The entry of an account; NULL = out of memory. */
static attr_side *attr_side_of(attr_reading *a, int64_t account)
{
    uint32_t i = 0, n = a->keys.n;
    if (kam__keys_add(&a->keys, account, &i, a->err) != KAM_OK) return NULL;
    if (i < n) return &a->side[i];
    if (kam__grow(a->ctx, &a->side, &a->cap, (size_t)i + 1, sizeof *a->side, a->err) != KAM_OK) return NULL;
    a->side[i] = (attr_side){.first = KAM_DAY_FIRST, .last = KAM_DAY_FIRST, .last_visit = KAM_DAY_FIRST,
                             .grade_from = KAM_DAY_FIRST};
    return &a->side[i];
}

/* A scan of a kind, of the one account if only that is asked for; `p` has room for one more condition. */
static int32_t attr_scan(attr_reading *a, uint32_t kind, const uint32_t *field, uint32_t nfield, uint32_t account,
                         kam_pred *p, uint32_t np, uint32_t flags, kam_block_fn fn)
{
    kam__pred mem;
    if (a->ask->account && account)
        kam__pred_i64(&p[np++], &mem, kam__kind_field(kam__builtin_kind(kind), account), KAM_OP_EQ, a->ask->account);
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = nfield, .pred = p, .npred = np, .any_order = 1},
                   .as_of = a->ask->as_of,
                   .flags = flags};
    return kam__read_rows(a->b, &q, fn, a, a->err);
}

/* ---------------------------------------------------------------- ledger */

static int32_t attr_take(void *user, const kam__ledger_rows *rows, kam_error *err)
{
    attr_reading *a = user;
    KAM__TRY(kam__ledger_feed(a->now, rows, err));
    return a->then ? kam__ledger_feed(a->then, rows, err) : KAM_OK;
}

static int32_t attr_sum_all(attr_reading *a)
{
    kam__sum sum = {0, 0};
    kam__totals t;
    for (uint32_t i = 0; i < kam__ledger_count(a->now); i++) {
        KAM__TRY(kam__ledger_at(a->now, i, 0, &t, a->err));
        if (t.revenue > 0) kam__sum_add(&sum, t.revenue);
    }
    if (!kam__sum_get(&sum, &a->all)) return KAM_OK;
    return kam__fail(a->err, KAM_E_LIMIT, "the revenue of all accounts does not fit 64 bits");
}

static int32_t attr_ledger(attr_reading *a)
{
    int then = attr_wants(a, KAM_ATTRIBUTES_REVENUE_PREVIOUS) || attr_wants(a, KAM_ATTRIBUTES_GROWTH_12M), any = then;
    for (uint32_t f = KAM_ATTRIBUTES_REVENUE_12M; f <= KAM_ATTRIBUTES_SHARE_OF_WALLET; f++) any |= attr_wants(a, f);
    if (!any) return KAM_OK;
    kam__ledger_options year = {.from = a->year, .to = a->end}, before = {.from = a->before, .to = a->year};
    kam__value_scope scope = {.from = then ? a->before : a->year, .to = a->end, .as_of = a->ask->as_of};
    KAM__TRY(kam__value_settle(&scope, a->b, a->err));
    if (!attr_wants(a, KAM_ATTRIBUTES_SHARE_12M)) scope.account = a->ask->account;
    KAM__TRY(kam__ledger_new(&a->now, a->ctx, &year, a->err));
    if (then) KAM__TRY(kam__ledger_new(&a->then, a->ctx, &before, a->err));
    KAM__TRY(kam__value_scan(a->b, &scope, attr_take, a, a->err));
    KAM__TRY(kam__ledger_end(a->now, a->err));
    if (then) KAM__TRY(kam__ledger_end(a->then, a->err));
    return attr_sum_all(a);
}

/* First and last purchase of all time need no rate. */
static int32_t on_attr_sales(void *user, const kam_block *rows)
{
    attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_LEDGER_ACCOUNT), *day = kam__block_col(rows, KAM_LEDGER_DAY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int32_t d = (int32_t)attr_num(day, i);
        attr_side *s = attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if (s->first == KAM_DAY_FIRST || d < s->first) s->first = d;
        if (s->last == KAM_DAY_FIRST || d > s->last) s->last = d;
    }
    return kam__progress(a->ctx, a->done += rows->nrow, 0, a->err);
}

static int32_t attr_sales(attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY};
    const kam__kind *k = kam__builtin_kind(KAM_KIND_LEDGER);
    kam_pred p[3];
    kam__pred mem[2];
    if (!attr_wants(a, KAM_ATTRIBUTES_RECENCY_DAYS) && !attr_wants(a, KAM_ATTRIBUTES_TENURE_DAYS)) return KAM_OK;
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM_LEDGER_EVENT), KAM_OP_EQ, KAM_LEDGER_SALE);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_LE, a->day);
    return attr_scan(a, KAM_KIND_LEDGER, field, 3, KAM_LEDGER_ACCOUNT, p, 2, KAM__READ_ALL_TIMES, on_attr_sales);
}

/* ---------------------------------------------------------------- activities */

static void attr_activity(const attr_reading *a, attr_side *s, int32_t day, int64_t status, int64_t channel,
                          int64_t purpose)
{
    int held = status == KAM_ACTIVITY_HELD, recent = day > a->day - ATTR_CONTACT_DAYS;
    s->visits += held && recent && channel == KAM_CHANNEL_VISIT;
    s->calls += held && recent && channel == KAM_CHANNEL_CALL;
    s->complaints += status != KAM_ACTIVITY_CANCELLED && purpose == KAM_PURPOSE_COMPLAINT && day >= a->year;
    if (held && channel == KAM_CHANNEL_VISIT && day > s->last_visit) s->last_visit = day;
}

static int32_t on_attr_activities(void *user, const kam_block *rows)
{
    attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    const kam_col *status = kam__block_col(rows, KAM_ACTIVITY_STATUS);
    const kam_col *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL);
    const kam_col *purpose = kam__block_col(rows, KAM_ACTIVITY_PURPOSE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        attr_side *s = attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        attr_activity(a, s, (int32_t)attr_num(day, i), attr_num(status, i), attr_num(channel, i), attr_num(purpose, i));
    }
    return kam__progress(a->ctx, a->done += rows->nrow, 0, a->err);
}

static int32_t attr_activities(attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_DAY, KAM_ACTIVITY_STATUS,
                                     KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_PURPOSE};
    const kam__field *day = kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_DAY);
    kam_pred p[3];
    kam__pred mem[2];
    uint32_t np = 1;
    int last = attr_wants(a, KAM_ATTRIBUTES_LAST_VISIT_DAYS);
    if (!last && !attr_wants(a, KAM_ATTRIBUTES_VISITS_90D) && !attr_wants(a, KAM_ATTRIBUTES_CALLS_90D) &&
        !attr_wants(a, KAM_ATTRIBUTES_COMPLAINTS_12M)) return KAM_OK;
    kam__pred_i64(&p[0], &mem[0], day, KAM_OP_LE, a->day);
    if (!last) kam__pred_i64(&p[np++], &mem[1], day, KAM_OP_GE, a->year);
    return attr_scan(a, KAM_KIND_ACTIVITY, field, (uint32_t)KAM__LEN(field), KAM_ACTIVITY_ACCOUNT, p, np,
                     KAM__READ_ALL_TIMES, on_attr_activities);
}

/* ---------------------------------------------------------------- contacts */

static int32_t on_attr_contacts(void *user, const kam_block *rows)
{
    attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT);
    const kam_col *contact = kam__block_col(rows, KAM_AFFILIATION_CONTACT);
    const kam_col *role = kam__block_col(rows, KAM_AFFILIATION_ROLE);
    const kam_col *final = kam__block_col(rows, KAM_AFFILIATION_FINAL_AUTHORITY);
    KAM__TRY(kam__grow(a->ctx, &a->pair, &a->pair_cap, a->npair + rows->nrow, sizeof *a->pair, a->err));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = role ? kam__col_text(role, i, &len) : NULL;
        attr_side *s = attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if ((text && kam__text_cmp(text, len, "DECIDER", 7) == 0) || attr_num(final, i)) s->decider = 1;
        a->pair[a->npair++] = (attr_pair){attr_num(account, i), attr_num(contact, i)};
    }
    return KAM_OK;
}

static int attr_pair_cmp(const void *x, const void *y, void *arg)
{
    const attr_pair *p = x, *q = y;
    (void)arg;
    if (p->account != q->account) return p->account < q->account ? -1 : 1;
    return p->contact < q->contact ? -1 : p->contact > q->contact;
}

/* A person with several roles is one. */
static int32_t attr_contacts(attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_AFFILIATION_ACCOUNT, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_ROLE,
                                     KAM_AFFILIATION_FINAL_AUTHORITY};
    kam_pred p[1];
    if (!attr_wants(a, KAM_ATTRIBUTES_CONTACTS) && !attr_wants(a, KAM_ATTRIBUTES_DECIDER_KNOWN)) return KAM_OK;
    KAM__TRY(attr_scan(a, KAM_KIND_AFFILIATION, field, (uint32_t)KAM__LEN(field), KAM_AFFILIATION_ACCOUNT, p, 0, 0,
                       on_attr_contacts));
    KAM__TRY(kam__sort(a->ctx, a->pair, a->npair, sizeof *a->pair, attr_pair_cmp, NULL, a->err));
    for (size_t i = 0; i < a->npair; i++) {
        uint32_t at = 0;
        if (i && attr_pair_cmp(&a->pair[i - 1], &a->pair[i], NULL) == 0) continue;
        if (kam__keys_find(&a->keys, a->pair[i].account, &at)) a->side[at].contacts++;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- facts */

typedef struct attr_fact { attr_reading *a; uint32_t field, subject, value; } attr_fact;

static int32_t on_attr_fact(void *user, const kam_block *rows)
{
    attr_fact *f = user;
    const kam_col *account = kam__block_col(rows, f->subject), *value = kam__block_col(rows, f->value);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        attr_side *s = attr_side_of(f->a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if (f->field == KAM_ACCOUNT_OWNER) s->owner = attr_num(value, i);
        else if (f->field == KAM_ACCOUNT_TIER) s->tier = (int32_t)attr_num(value, i);
        else s->lifecycle = (int32_t)attr_num(value, i);
    }
    return KAM_OK;
}

static int32_t attr_shown(attr_reading *a, uint32_t field)
{
    uint32_t kind = 0;
    attr_fact f = {.a = a, .field = field};
    kam_pred p;
    kam__pred mem;
    if (!kam__shown_fact(field, &kind, &f.subject, &f.value)) return KAM_OK;
    const uint32_t fields[] = {KAM_ID, f.subject, f.value};
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), f.subject), KAM_OP_EQ, a->ask->account);
    kam__read q = {.scan = {.kind = kind, .field = fields, .nfield = 3, .pred = &p, .npred = a->ask->account ? 1 : 0,
                            .any_order = 1},
                   .as_of = a->ask->as_of};
    return kam__read_rows(a->b, &q, on_attr_fact, &f, a->err);
}

static int32_t attr_facts(attr_reading *a)
{
    if (attr_wants(a, KAM_ATTRIBUTES_OWNER)) KAM__TRY(attr_shown(a, KAM_ACCOUNT_OWNER));
    if (attr_wants(a, KAM_ATTRIBUTES_TIER)) KAM__TRY(attr_shown(a, KAM_ACCOUNT_TIER));
    if (attr_wants(a, KAM_ATTRIBUTES_LIFECYCLE) || a->ask->valid_only) KAM__TRY(attr_shown(a, KAM_ACCOUNT_LIFECYCLE));
    return KAM_OK;
}

/* ---------------------------------------------------------------- grade */

static int32_t attr_grade_text(uint32_t *out, attr_reading *a, const char *text, size_t len)
{
    uint32_t at = 0;
    if (!kam__tmap_get(&a->grade_of, text, len, &at)) {
        at = (uint32_t)a->ngrade;
        KAM__TRY(kam__grow(a->ctx, &a->grade, &a->grade_cap, a->ngrade + 1, sizeof *a->grade, a->err));
        a->grade[at] = kam__arena_text(&a->texts, text, len);
        if (!a->grade[at]) return kam__nomem(a->err);
        KAM__TRY(kam__tmap_put(&a->grade_of, text, len, at, a->err));
        a->ngrade++;
    }
    *out = at + 1;
    return KAM_OK;
}

/* Of several schemes, where no run was applied, the grade that began last. */
static int32_t on_attr_grades(void *user, const kam_block *rows)
{
    attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT), *grade = kam__block_col(rows, KAM_GRADE_GRADE);
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = grade ? kam__col_text(grade, i, &len) : NULL;
        attr_side *s = attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if (!text || (s->grade && s->grade_from > attr_num(from, i))) continue;
        s->grade_from = (int32_t)attr_num(from, i);
        KAM__TRY(attr_grade_text(&s->grade, a, text, len));
    }
    return KAM_OK;
}

typedef struct attr_run { int64_t id, undoes; int32_t kind, effective; } attr_run;
typedef struct attr_runs { attr_reading *a; attr_run *run; size_t n, cap; } attr_runs;

static int32_t on_attr_runs(void *user, const kam_block *rows)
{
    attr_runs *x = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_RUN_KIND);
    const kam_col *undoes = kam__block_col(rows, KAM_RUN_UNDOES), *day = kam__block_col(rows, KAM_RUN_EFFECTIVE);
    KAM__TRY(kam__grow(x->a->ctx, &x->run, &x->cap, x->n + rows->nrow, sizeof *x->run, x->a->err));
    for (uint32_t i = 0; i < rows->nrow; i++)
        x->run[x->n++] = (attr_run){attr_num(id, i), attr_num(undoes, i), (int32_t)attr_num(kind, i),
                                    (int32_t)attr_num(day, i)};
    return KAM_OK;
}

static int attr_undone(const attr_runs *x, int64_t id)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->run[i].kind == KAM_RUN_KIND_UNDO && x->run[i].undoes == id) return 1;
    return 0;
}

/* The last applied grading run in force on the day that is not undone; 0 = none. */
static int32_t attr_last_grading(int64_t *out, attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_RUN_KIND, KAM_RUN_UNDOES, KAM_RUN_EFFECTIVE};
    attr_runs x = {.a = a};
    kam__read q = {.scan = {.kind = KAM_KIND_RUN, .field = field, .nfield = (uint32_t)KAM__LEN(field)}, .as_of = KAM_TODAY};
    int32_t rc = kam__read_rows(a->b, &q, on_attr_runs, &x, a->err);
    *out = 0;
    for (size_t i = x.n; i-- && rc == KAM_OK && !*out;)
        if (x.run[i].kind == KAM_RUN_KIND_GRADING && x.run[i].effective <= a->day && !attr_undone(&x, x.run[i].id))
            *out = x.run[i].id;
    kam__free(a->ctx, x.run);
    return rc;
}

static int32_t attr_grades_of(attr_reading *a, const char *scheme)
{
    static const uint32_t field[] = {KAM_ID, KAM_VALID_FROM, KAM_GRADE_ACCOUNT, KAM_GRADE_GRADE};
    kam_pred p[2];
    kam__pred mem;
    if (scheme)
        kam__pred_text(&p[0], &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_GRADE), KAM_GRADE_SCHEME), KAM_OP_EQ,
                       scheme, strlen(scheme));
    return attr_scan(a, KAM_KIND_GRADE, field, (uint32_t)KAM__LEN(field), KAM_GRADE_ACCOUNT, p, scheme ? 1 : 0, 0,
                     on_attr_grades);
}

static int32_t attr_grades(attr_reading *a)
{
    int64_t id = 0;
    kam_record *run = NULL;
    if (!attr_wants(a, KAM_ATTRIBUTES_GRADE)) return KAM_OK;
    KAM__TRY(attr_last_grading(&id, a));
    if (!id) return attr_grades_of(a, NULL);
    KAM__TRY(kam__record_new(&run, a->b->schema, KAM_KIND_RUN, a->err));
    int32_t rc = kam__read_one(run, a->b, id, KAM_TODAY, a->err);
    if (rc == KAM_OK) rc = attr_grades_of(a, kam_record_text(run, KAM_RUN_NAME, ""));
    kam_record_free(run);
    return rc;
}

/* ---------------------------------------------------------------- one record */

static void attr_put(attr_reading *a, uint32_t field, int64_t v)
{
    if (attr_wants(a, field)) kam__record_put_num(a->r, field, v);
}

static int32_t attr_put_share(attr_reading *a, uint32_t field, int64_t part, int64_t whole)
{
    int64_t share = 0;
    if (whole <= 0 || !attr_wants(a, field)) return KAM_OK;
    if (kam__muldiv(part, 10000, whole, KAM__HALF_EVEN, &share))
        return kam__fail(a->err, KAM_E_LIMIT, "%s of account %lld does not fit 64 bits",
                         kam__kind_field(a->kind, field)->name, (long long)a->last_id);
    attr_put(a, field, share);
    return KAM_OK;
}

static int32_t attr_totals(kam__totals *t, attr_reading *a, const kam__ledger *l)
{
    uint32_t i = 0;
    memset(t, 0, sizeof *t);
    return l && kam__ledger_find(l, a->last_id, &i) ? kam__ledger_at(l, i, 0, t, a->err) : KAM_OK;
}

static int32_t attr_put_ledger(attr_reading *a, int64_t potential)
{
    kam__totals t, before;
    int64_t more = 0;
    if (!a->now) return KAM_OK;
    KAM__TRY(attr_totals(&t, a, a->now));
    KAM__TRY(attr_totals(&before, a, a->then));
    attr_put(a, KAM_ATTRIBUTES_REVENUE_12M, t.revenue);
    attr_put(a, KAM_ATTRIBUTES_RETURNS_12M, t.returns);
    attr_put(a, KAM_ATTRIBUTES_GROSS_PROFIT_12M, t.gross_profit);
    attr_put(a, KAM_ATTRIBUTES_CONTRIBUTION_12M, t.contribution);
    attr_put(a, KAM_ATTRIBUTES_ORDERS_12M, t.orders);
    attr_put(a, KAM_ATTRIBUTES_REVENUE_PREVIOUS, before.revenue);
    if (before.revenue > 0 && kam__add(t.revenue, -before.revenue, &more))
        return kam__fail(a->err, KAM_E_LIMIT, "the growth of account %lld does not fit 64 bits", (long long)a->last_id);
    KAM__TRY(attr_put_share(a, KAM_ATTRIBUTES_GROWTH_12M, more, before.revenue));
    KAM__TRY(attr_put_share(a, KAM_ATTRIBUTES_MARGIN_12M, t.gross_profit, t.revenue));
    KAM__TRY(attr_put_share(a, KAM_ATTRIBUTES_SHARE_12M, t.revenue, a->all));
    return attr_put_share(a, KAM_ATTRIBUTES_SHARE_OF_WALLET, t.revenue, potential);
}

static int32_t attr_put_side(attr_reading *a, const attr_side *s)
{
    if (s->owner) attr_put(a, KAM_ATTRIBUTES_OWNER, s->owner);
    if (s->tier) attr_put(a, KAM_ATTRIBUTES_TIER, s->tier);
    if (s->lifecycle) attr_put(a, KAM_ATTRIBUTES_LIFECYCLE, s->lifecycle);
    if (s->last != KAM_DAY_FIRST) attr_put(a, KAM_ATTRIBUTES_RECENCY_DAYS, (int64_t)a->day - s->last);
    if (s->first != KAM_DAY_FIRST) attr_put(a, KAM_ATTRIBUTES_TENURE_DAYS, (int64_t)a->day - s->first);
    attr_put(a, KAM_ATTRIBUTES_VISITS_90D, s->visits);
    attr_put(a, KAM_ATTRIBUTES_CALLS_90D, s->calls);
    attr_put(a, KAM_ATTRIBUTES_COMPLAINTS_12M, s->complaints);
    if (s->last_visit != KAM_DAY_FIRST) attr_put(a, KAM_ATTRIBUTES_LAST_VISIT_DAYS, (int64_t)a->day - s->last_visit);
    attr_put(a, KAM_ATTRIBUTES_CONTACTS, s->contacts);
    attr_put(a, KAM_ATTRIBUTES_DECIDER_KNOWN, s->decider);
    return s->grade ? kam__record_put_str(a->r, KAM_ATTRIBUTES_GRADE, a->grade[s->grade - 1], a->err) : KAM_OK;
}

/* ---------------------------------------------------------------- accounts */

/* An account's own amounts are as of the day: so is the rate. */
static int32_t attr_convert(attr_reading *a, int64_t *amount, const kam_col *currency, uint32_t row)
{
    size_t len = 0;
    const char *code = currency ? kam__col_text(currency, row, &len) : NULL;
    if (!code || !len) return KAM_OK;
    return kam__rates_convert(&a->rates, a->b, amount, kam__rate_code(code, len), a->base, a->day, a->err);
}

static int32_t attr_put_cell(attr_reading *a, const attr_column *c, const kam_col *from, const kam_col *currency,
                             uint32_t row)
{
    size_t len = 0;
    const char *text = NULL;
    const kam__field *f = &a->kind->field[c->cell];
    if (f->type == KAM_T_TEXT) {
        text = kam__col_text(from, row, &len);
        return text && len ? kam__record_put_text(a->r, c->cell, text, len, a->err) : KAM_OK;
    }
    if (f->type == KAM_T_F64) {
        kam__record_put_f64(a->r, c->cell, kam__col_f64(from, row));
        return KAM_OK;
    }
    int64_t v = kam__col_i64(from, row);
    if (f->logic == KAM__L_MONEY) KAM__TRY(attr_convert(a, &v, currency, row));
    kam__record_put_i64(a->r, c->cell, v);
    return KAM_OK;
}

static int32_t attr_account(attr_reading *a, const kam_block *rows, uint32_t row)
{
    static const attr_side none = {.first = KAM_DAY_FIRST, .last = KAM_DAY_FIRST, .last_visit = KAM_DAY_FIRST};
    const kam_col *currency = a->money ? kam__block_col(rows, KAM_ACCOUNT_CURRENCY) : NULL;
    int64_t potential = 0;
    uint32_t at = 0;
    const attr_side *s = kam__keys_find(&a->keys, a->last_id, &at) ? &a->side[at] : &none;
    if (a->ask->valid_only && s->lifecycle == KAM_LIFECYCLE_INVALID) return KAM_OK;
    kam_record_clear(a->r);
    attr_put(a, KAM_ATTRIBUTES_ACCOUNT, a->last_id);
    for (uint32_t i = 0; i < a->ncolumn; i++) {
        const attr_column *c = &a->column[i];
        const kam_col *from = kam__block_col(rows, c->field);
        if (!from || kam__col_null(from, row)) continue;
        if (c->field == KAM_ACCOUNT_POTENTIAL) {
            potential = kam__col_i64(from, row);
            KAM__TRY(attr_convert(a, &potential, currency, row));
        }
        if (c->cell != UINT32_MAX) KAM__TRY(attr_put_cell(a, c, from, currency, row));
    }
    KAM__TRY(attr_put_ledger(a, potential));
    KAM__TRY(attr_put_side(a, s));
    return a->fn(a->user, a->r, a->err);
}

static int32_t on_attr_accounts(void *user, const kam_block *rows)
{
    attr_reading *a = user;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t account = attr_num(id, i);
        if (account <= a->last_id) return kam__fail(a->err, KAM_E_CORRUPT, "the store does not give accounts by id");
        a->last_id = account;
        KAM__TRY(attr_account(a, rows, i));
    }
    return kam__progress(a->ctx, a->done += rows->nrow, 0, a->err);
}

/* Which columns of ACCOUNT are read and where they go. Its virtual fields are facts. */
static int32_t attr_columns(attr_reading *a)
{
    const kam__kind *account = kam__schema_kind(a->b->schema, KAM_KIND_ACCOUNT);
    a->column = kam__zalloc_n(a->ctx, (size_t)account->nfield + 2, sizeof *a->column);
    if (!a->column) return kam__nomem(a->err);
    for (uint32_t i = 0; i < account->nfield; i++) {
        const kam__field *f = &account->field[i];
        uint32_t own = f->flags & KAM__F_CUSTOM ? f->id : f->id - KAM_KIND_ACCOUNT * 128 + KAM_KIND_ATTRIBUTES * 128;
        uint32_t cell = kam__kind_index(a->kind, own);
        if ((f->flags & (KAM__F_COMMON | KAM__F_VIRTUAL)) || cell == UINT32_MAX || !attr_wants(a, own)) cell = UINT32_MAX;
        int helps = f->id == KAM_ACCOUNT_POTENTIAL && attr_wants(a, KAM_ATTRIBUTES_SHARE_OF_WALLET);
        if (cell == UINT32_MAX && !helps) continue;
        a->column[a->ncolumn++] = (attr_column){f->id, cell};
        a->money |= f->logic == KAM__L_MONEY;
    }
    if (!a->money || attr_wants(a, KAM_ATTRIBUTES_CURRENCY)) return KAM_OK;
    a->column[a->ncolumn++] = (attr_column){KAM_ACCOUNT_CURRENCY, UINT32_MAX};
    return KAM_OK;
}

static int32_t attr_accounts(attr_reading *a)
{
    kam_pred p;
    kam__pred mem;
    uint32_t *field = kam__zalloc_n(a->ctx, (size_t)a->ncolumn + 1, sizeof *field);
    if (!field) return kam__nomem(a->err);
    field[0] = KAM_ID;
    for (uint32_t i = 0; i < a->ncolumn; i++) field[i + 1] = a->column[i].field;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACCOUNT), KAM_ID), KAM_OP_EQ, a->ask->account);
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT, .field = field, .nfield = a->ncolumn + 1, .pred = &p,
                            .npred = a->ask->account ? 1 : 0},
                   .as_of = a->ask->as_of};
    int32_t rc = kam__read_rows(a->b, &q, on_attr_accounts, a, a->err);
    kam__free(a->ctx, field);
    return rc;
}

/* ---------------------------------------------------------------- the whole */

static int32_t attr_read(attr_reading *a)
{
    KAM__TRY(kam__record_new(&a->r, a->b->schema, KAM_KIND_ATTRIBUTES, a->err));
    KAM__TRY(attr_columns(a));
    KAM__TRY(attr_ledger(a));
    KAM__TRY(attr_sales(a));
    KAM__TRY(attr_activities(a));
    KAM__TRY(attr_contacts(a));
    KAM__TRY(attr_facts(a));
    KAM__TRY(attr_grades(a));
    if (a->money) KAM__TRY(kam__rates_load(&a->rates, a->b, a->err));
    return attr_accounts(a);
}

static int32_t attr_start(attr_reading *a)
{
    const char *base = kam__schema_base_currency(a->b->schema);
    KAM__TRY(kam__book_day(&a->day, a->b, a->ask->as_of, a->err));
    if (a->day < -719162 || a->day > 2932896)
        return kam__fail(a->err, KAM_E_INVAL, "as_of must be a day of the years 1 to 9999");
    a->end = a->day + 1;
    a->year = kam__add_months(a->end, -12);
    a->before = kam__add_months(a->end, -24);
    a->base = kam__rate_code(base, strlen(base));
    kam__keys_init(&a->keys, a->ctx);
    kam__tmap_init(&a->grade_of, a->ctx);
    kam__arena_init(&a->texts, a->ctx, 0);
    return KAM_OK;
}

int32_t kam__attributes_read(kam_book *b, const kam__attributes_ask *ask, kam__attributes_fn fn, void *user,
                             kam_error *err)
{
    attr_reading a = {.b = b, .ctx = b->ctx, .ask = ask, .err = err, .fn = fn, .user = user};
    a.kind = kam__schema_kind(b->schema, KAM_KIND_ATTRIBUTES);
    KAM__TRY(attr_start(&a));
    int32_t rc = attr_read(&a);
    kam__ledger_free(a.now);
    kam__ledger_free(a.then);
    kam__keys_free(&a.keys);
    kam__tmap_free(&a.grade_of);
    kam__arena_free(&a.texts);
    if (a.rates.ctx) kam__rates_free(&a.rates);
    kam__free(a.ctx, (void *)a.grade);
    kam__free(a.ctx, a.pair);
    kam__free(a.ctx, a.side);
    kam__free(a.ctx, a.column);
    kam_record_free(a.r);
    return rc;
}
