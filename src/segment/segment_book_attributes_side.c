/*
 * segment/segment_book_attributes_side.c - what ledger, activities, contacts and facts say of accounts: one entry of
 * fixed size for each account that something is said of.
 *
 * One pass over each kind, and only where something of it is asked for; of one account alone only its own rows, but
 * for the share of all accounts. Amounts come from the value room in the base currency; days of purchases are read
 * by themselves, because they need no rate and know no window.
 */
#include "../store/store.h"
#include "segment_book_attributes.h"

#define ATTR_CONTACT_DAYS 90 /* visits_90d, calls_90d */

int kam__attr_wants(const kam__attr_reading *a, uint32_t field)
{
    uint32_t i = kam__kind_index(a->kind, field);
    return i != UINT32_MAX && (!a->ask->want || a->ask->want[i]);
}

static int64_t attr_num(const kam_col *c, uint32_t row) { return c ? kam__col_i64(c, row) : 0; }

kam__attr_side *kam__attr_side_of(kam__attr_reading *a, int64_t account)
{
    uint32_t i = 0, n = a->keys.n;
    if (kam__keys_add(&a->keys, account, &i, a->err) != KAM_OK) return NULL;
    if (i < n) return &a->side[i];
    if (kam__grow(a->ctx, &a->side, &a->cap, (size_t)i + 1, sizeof *a->side, a->err) != KAM_OK) return NULL;
    a->side[i] = (kam__attr_side){
        .first = KAM_DAY_FIRST, .last = KAM_DAY_FIRST, .last_visit = KAM_DAY_FIRST, .grade_from = KAM_DAY_FIRST};
    return &a->side[i];
}

/* A scan of a kind, of the one account if only that is asked for; `p` has room for one more condition. */
static int32_t attr_scan(kam__attr_reading *a, uint32_t kind, const uint32_t *field, uint32_t nfield, uint32_t account,
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
    kam__attr_reading *a = user;
    KAM__TRY(kam__ledger_feed(a->now, rows, err));
    if (kam__ledger_again(a->now)) return KAM_OK;       /* a further pass, for its orders */
    KAM__TRY(kam__attr_trend_feed(a->trend, rows, err));
    return a->then ? kam__ledger_feed(a->then, rows, err) : KAM_OK;
}

static int32_t attr_sum_all(kam__attr_reading *a)
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

static int32_t attr_ledger(kam__attr_reading *a)
{
    int then = kam__attr_wants(a, KAM_ATTRIBUTES_REVENUE_PREVIOUS) || kam__attr_wants(a, KAM_ATTRIBUTES_GROWTH_12M),
        any = then || kam__attr_wants(a, KAM_ATTRIBUTES_TREND);
    for (uint32_t f = KAM_ATTRIBUTES_REVENUE_12M; f <= KAM_ATTRIBUTES_SHARE_OF_WALLET; f++)
        any |= kam__attr_wants(a, f);
    if (!any) return KAM_OK;
    kam__ledger_options year = {.from = a->year, .to = a->end}, before = {.from = a->before, .to = a->year};
    year.orders = kam__attr_wants(a, KAM_ATTRIBUTES_ORDERS_12M) ? KAM__ORDERS_PASSES : KAM__ORDERS_ANY;
    before.orders = KAM__ORDERS_ANY;
    kam__value_scope scope = {.from = then ? a->before : a->year, .to = a->end, .as_of = a->ask->as_of};
    KAM__TRY(kam__value_settle(&scope, a->b, a->err));
    if (!kam__attr_wants(a, KAM_ATTRIBUTES_SHARE_12M)) scope.account = a->ask->account;
    KAM__TRY(kam__ledger_new(&a->now, a->ctx, &year, a->err));
    if (then) KAM__TRY(kam__ledger_new(&a->then, a->ctx, &before, a->err));
    KAM__TRY(kam__attr_trend_new(a));
    KAM__TRY(kam__value_feed(a->now, a->b, &scope, attr_take, a, a->err));
    if (then) KAM__TRY(kam__ledger_end(a->then, a->err));
    return kam__attr_wants(a, KAM_ATTRIBUTES_SHARE_12M) ? attr_sum_all(a) : KAM_OK;
}

/* First and last purchase of all time need no rate. */
static int32_t on_attr_sales(void *user, const kam_block *rows)
{
    kam__attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_LEDGER_ACCOUNT), *day = kam__block_col(rows, KAM_LEDGER_DAY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int32_t d = (int32_t)attr_num(day, i);
        kam__attr_side *s = kam__attr_side_of(a, kam__links_head(&a->links, attr_num(account, i)));
        if (!s) return KAM_E_NOMEM;
        if (s->first == KAM_DAY_FIRST || d < s->first) s->first = d;
        if (s->last == KAM_DAY_FIRST || d > s->last) s->last = d;
    }
    return kam__progress(a->ctx, a->done += rows->nrow, 0, a->err);
}

static int32_t attr_sales(kam__attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY};
    const kam__kind *k = kam__builtin_kind(KAM_KIND_LEDGER);
    kam_pred p[3];
    kam__pred mem[2];
    if (!kam__attr_wants(a, KAM_ATTRIBUTES_RECENCY_DAYS) && !kam__attr_wants(a, KAM_ATTRIBUTES_TENURE_DAYS))
        return KAM_OK;
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM_LEDGER_EVENT), KAM_OP_EQ, KAM_LEDGER_SALE);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_LE, a->day);
    kam__link_mem who = {0};
    if (a->ask->account)
        KAM__TRY(kam__links_where(&p[2], &who, &a->links, kam__kind_field(k, KAM_LEDGER_ACCOUNT), a->ask->account, a->err));
    kam__read q = {.scan = {.kind = KAM_KIND_LEDGER, .field = field, .nfield = 3, .pred = p, .npred = a->ask->account ? 3 : 2,
                            .any_order = 1},
                   .as_of = a->ask->as_of, .flags = KAM__READ_ALL_TIMES};
    int32_t rc = kam__read_rows(a->b, &q, on_attr_sales, a, a->err);
    kam__links_where_free(&who);
    return rc;
}

/* ---------------------------------------------------------------- activities */

static void attr_activity(const kam__attr_reading *a, kam__attr_side *s, int32_t day, int64_t status, int64_t channel,
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
    kam__attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    const kam_col *status = kam__block_col(rows, KAM_ACTIVITY_STATUS);
    const kam_col *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL);
    const kam_col *purpose = kam__block_col(rows, KAM_ACTIVITY_PURPOSE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__attr_side *s = kam__attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        attr_activity(a, s, (int32_t)attr_num(day, i), attr_num(status, i), attr_num(channel, i), attr_num(purpose, i));
    }
    return kam__progress(a->ctx, a->done += rows->nrow, 0, a->err);
}

static int32_t attr_activities(kam__attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID,
                                     KAM_ACTIVITY_ACCOUNT,
                                     KAM_ACTIVITY_DAY,
                                     KAM_ACTIVITY_STATUS,
                                     KAM_ACTIVITY_CHANNEL,
                                     KAM_ACTIVITY_PURPOSE};
    const kam__field *day = kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_DAY);
    kam_pred p[3];
    kam__pred mem[2];
    uint32_t np = 1;
    int last = kam__attr_wants(a, KAM_ATTRIBUTES_LAST_VISIT_DAYS);
    if (!last && !kam__attr_wants(a, KAM_ATTRIBUTES_VISITS_90D) && !kam__attr_wants(a, KAM_ATTRIBUTES_CALLS_90D) &&
        !kam__attr_wants(a, KAM_ATTRIBUTES_COMPLAINTS_12M))
        return KAM_OK;
    kam__pred_i64(&p[0], &mem[0], day, KAM_OP_LE, a->day);
    if (!last) kam__pred_i64(&p[np++], &mem[1], day, KAM_OP_GE, a->year);
    return attr_scan(a, KAM_KIND_ACTIVITY, field, (uint32_t)KAM__LEN(field), KAM_ACTIVITY_ACCOUNT, p, np,
                     KAM__READ_ALL_TIMES, on_attr_activities);
}

/* ---------------------------------------------------------------- contacts */

static int32_t on_attr_contacts(void *user, const kam_block *rows)
{
    kam__attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT);
    const kam_col *contact = kam__block_col(rows, KAM_AFFILIATION_CONTACT);
    const kam_col *role = kam__block_col(rows, KAM_AFFILIATION_ROLE);
    const kam_col *final = kam__block_col(rows, KAM_AFFILIATION_FINAL_AUTHORITY);
    KAM__TRY(kam__grow(a->ctx, &a->pair, &a->pair_cap, a->npair + rows->nrow, sizeof *a->pair, a->err));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = role ? kam__col_text(role, i, &len) : NULL;
        kam__attr_side *s = kam__attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if ((text && kam__text_cmp(text, len, "DECIDER", 7) == 0) || attr_num(final, i)) s->decider = 1;
        a->pair[a->npair++] = (kam__attr_pair){attr_num(account, i), attr_num(contact, i)};
    }
    return KAM_OK;
}

static int attr_pair_cmp(const void *x, const void *y, void *arg)
{
    const kam__attr_pair *p = x, *q = y;
    (void)arg;
    if (p->account != q->account) return p->account < q->account ? -1 : 1;
    return p->contact < q->contact ? -1 : p->contact > q->contact;
}

/* A person with several roles is one. */
static int32_t attr_contacts(kam__attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_AFFILIATION_ACCOUNT, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_ROLE,
                                     KAM_AFFILIATION_FINAL_AUTHORITY};
    kam_pred p[1];
    if (!kam__attr_wants(a, KAM_ATTRIBUTES_CONTACTS) && !kam__attr_wants(a, KAM_ATTRIBUTES_DECIDER_KNOWN))
        return KAM_OK;
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

typedef struct attr_fact {
    kam__attr_reading *a;
    uint32_t field, subject, value;
} attr_fact;

static int32_t on_attr_fact(void *user, const kam_block *rows)
{
    attr_fact *f = user;
    const kam_col *account = kam__block_col(rows, f->subject), *value = kam__block_col(rows, f->value);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__attr_side *s = kam__attr_side_of(f->a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if (f->field == KAM_ACCOUNT_OWNER)
            s->owner = attr_num(value, i);
        else if (f->field == KAM_ACCOUNT_TIER)
            s->tier = (int32_t)attr_num(value, i);
        else
            s->lifecycle = (int32_t)attr_num(value, i);
    }
    return KAM_OK;
}

static int32_t attr_shown(kam__attr_reading *a, uint32_t field)
{
    uint32_t kind = 0;
    attr_fact f = {.a = a, .field = field};
    kam_pred p;
    kam__pred mem;
    if (!kam__shown_fact(field, &kind, &f.subject, &f.value)) return KAM_OK;
    const uint32_t fields[] = {KAM_ID, f.subject, f.value};
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), f.subject), KAM_OP_EQ, a->ask->account);
    kam__read q = {
        .scan =
            {.kind = kind, .field = fields, .nfield = 3, .pred = &p, .npred = a->ask->account ? 1 : 0, .any_order = 1},
        .as_of = a->ask->as_of};
    return kam__read_rows(a->b, &q, on_attr_fact, &f, a->err);
}

static int32_t attr_facts(kam__attr_reading *a)
{
    if (kam__attr_wants(a, KAM_ATTRIBUTES_OWNER)) KAM__TRY(attr_shown(a, KAM_ACCOUNT_OWNER));
    if (kam__attr_wants(a, KAM_ATTRIBUTES_TIER)) KAM__TRY(attr_shown(a, KAM_ACCOUNT_TIER));
    if (kam__attr_wants(a, KAM_ATTRIBUTES_LIFECYCLE) || a->ask->valid_only)
        KAM__TRY(attr_shown(a, KAM_ACCOUNT_LIFECYCLE));
    return KAM_OK;
}

/* ---------------------------------------------------------------- grade */

int32_t kam__attr_text(uint32_t *out, kam__attr_reading *a, const char *text, size_t len)
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
    kam__attr_reading *a = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT), *grade = kam__block_col(rows, KAM_GRADE_GRADE);
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = grade ? kam__col_text(grade, i, &len) : NULL;
        kam__attr_side *s = kam__attr_side_of(a, attr_num(account, i));
        if (!s) return KAM_E_NOMEM;
        if (!text || (s->grade && s->grade_from > attr_num(from, i))) continue;
        s->grade_from = (int32_t)attr_num(from, i);
        KAM__TRY(kam__attr_text(&s->grade, a, text, len));
    }
    return KAM_OK;
}

typedef struct attr_run {
    int64_t id, undoes;
    int32_t kind, effective;
} attr_run;
typedef struct attr_runs {
    kam__attr_reading *a;
    attr_run *run;
    size_t n, cap;
} attr_runs;

static int32_t on_attr_runs(void *user, const kam_block *rows)
{
    attr_runs *x = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_RUN_KIND);
    const kam_col *undoes = kam__block_col(rows, KAM_RUN_UNDOES), *day = kam__block_col(rows, KAM_RUN_EFFECTIVE);
    KAM__TRY(kam__grow(x->a->ctx, &x->run, &x->cap, x->n + rows->nrow, sizeof *x->run, x->a->err));
    for (uint32_t i = 0; i < rows->nrow; i++)
        x->run[x->n++] =
            (attr_run){attr_num(id, i), attr_num(undoes, i), (int32_t)attr_num(kind, i), (int32_t)attr_num(day, i)};
    return KAM_OK;
}

static int attr_undone(const attr_runs *x, int64_t id)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->run[i].kind == KAM_RUN_KIND_UNDO && x->run[i].undoes == id) return 1;
    return 0;
}

/* The last applied grading run in force on the day that is not undone; 0 = none. */
static int32_t attr_last_grading(int64_t *out, kam__attr_reading *a)
{
    static const uint32_t field[] = {KAM_ID, KAM_RUN_KIND, KAM_RUN_UNDOES, KAM_RUN_EFFECTIVE};
    attr_runs x = {.a = a};
    kam__read q = {.scan = {.kind = KAM_KIND_RUN, .field = field, .nfield = (uint32_t)KAM__LEN(field)},
                   .as_of = KAM_TODAY};
    int32_t rc = kam__read_rows(a->b, &q, on_attr_runs, &x, a->err);
    *out = 0;
    for (size_t i = x.n; i-- && rc == KAM_OK && !*out;)
        if (x.run[i].kind == KAM_RUN_KIND_GRADING && x.run[i].effective <= a->day && !attr_undone(&x, x.run[i].id))
            *out = x.run[i].id;
    kam__free(a->ctx, x.run);
    return rc;
}

static int32_t attr_grades_of(kam__attr_reading *a, const char *scheme)
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

static int32_t attr_grades(kam__attr_reading *a)
{
    int64_t id = 0;
    kam_record *run = NULL;
    if (!kam__attr_wants(a, KAM_ATTRIBUTES_GRADE)) return KAM_OK;
    KAM__TRY(attr_last_grading(&id, a));
    if (!id) return attr_grades_of(a, NULL);
    KAM__TRY(kam__record_new(&run, a->b->schema, KAM_KIND_RUN, a->err));
    int32_t rc = kam__read_one(run, a->b, id, KAM_TODAY, a->err);
    if (rc == KAM_OK) rc = attr_grades_of(a, kam_record_text(run, KAM_RUN_NAME, ""));
    kam_record_free(run);
    return rc;
}

/* ---------------------------------------------------------------- the whole */

int32_t kam__attr_passes(kam__attr_reading *a)
{
    KAM__TRY(attr_ledger(a));
    KAM__TRY(attr_sales(a));
    KAM__TRY(attr_activities(a));
    KAM__TRY(attr_contacts(a));
    KAM__TRY(attr_facts(a));
    KAM__TRY(kam__attr_runs(a));
    return attr_grades(a);
}
