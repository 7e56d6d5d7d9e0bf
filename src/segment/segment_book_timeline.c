/*
 * segment/segment_book_timeline.c - what belongs to an account in a window, and all of it in one line of time (R6).
 *
 * Dated rows come newest first: events by their day, facts by the day they begin, changes and results by their commit.
 * The timeline is made of the same lists, each row as one line of text. A fact without a beginning stands at the day
 * it was put.
 */
#include "../store/store.h"
#include "segment_book_account.h"

/* How a kind belongs to an account, and what its rows are dated by. */
enum { TIME_DAY = 1, TIME_FACT = 2, TIME_SEQ = 3 };
typedef struct time_kind { uint32_t kind, account, by, day; } time_kind;
static const time_kind time_kinds[] = {
    { KAM_KIND_LEDGER, KAM_LEDGER_ACCOUNT, TIME_DAY, KAM_LEDGER_DAY },
    { KAM_KIND_ACTIVITY, KAM_ACTIVITY_ACCOUNT, TIME_DAY, KAM_ACTIVITY_DAY },
    { KAM_KIND_GRADE, KAM_GRADE_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_OWNER, KAM_OWNER_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_TIER, KAM_TIER_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_LIFECYCLE, KAM_LIFECYCLE_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_CLASS, KAM_CLASS_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_ACCOUNT_LINK, KAM_ACCOUNT_LINK_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_DISTRIBUTOR, KAM_DISTRIBUTOR_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_AFFILIATION, KAM_AFFILIATION_ACCOUNT, TIME_FACT, KAM_VALID_FROM },
    { KAM_KIND_CHANGE, KAM_CHANGE_RECORD, TIME_SEQ, KAM_SEQ },
    { KAM_KIND_GRADE_ITEM, KAM_GRADE_ITEM_ACCOUNT, TIME_SEQ, KAM_SEQ },     /* not on the timeline: the grade is */
    { KAM_KIND_ACCOUNT_VALUE, KAM_ACCOUNT_VALUE_ACCOUNT, TIME_SEQ, KAM_SEQ },
};
#define TIME_ON_LINE 11u                    /* the first ones */

static const time_kind *time_kind_of(uint32_t kind)
{
    for (size_t i = 0; i < KAM__LEN(time_kinds); i++)
        if (time_kinds[i].kind == kind) return &time_kinds[i];
    return NULL;
}

/* ---------------------------------------------------------------- one kind */

typedef struct time_window { int32_t from, to; } time_window;
typedef struct time_preds { kam_pred p[6]; kam__pred mem[6]; uint32_t n; const kam__kind *k; } time_preds;

static void time_where(time_preds *w, uint32_t field, uint32_t op, int64_t v)
{
    kam__pred_i64(&w->p[w->n], &w->mem[w->n], kam__kind_field(w->k, field), op, v);
    w->n++;
}

/* Commits of the window, not after the handle's day. */
static int32_t time_where_seq(time_preds *w, const kam_account *a, time_window win, kam_error *err)
{
    int64_t seq = 0;
    int32_t last = win.to - 1;
    if (a->as_of != KAM_TODAY && a->as_of < last) last = a->as_of;
    if (win.from > KAM_DAY_FIRST + 1) {
        KAM__TRY(kam__read_seq_of_day(&seq, a->book, win.from - 1, err));
        time_where(w, KAM_SEQ, KAM_OP_GT, seq);
    }
    if (last >= KAM_DAY_END - 1) return KAM_OK;
    KAM__TRY(kam__read_seq_of_day(&seq, a->book, last, err));
    time_where(w, KAM_SEQ, KAM_OP_LE, seq);
    return KAM_OK;
}

static int32_t time_conditions(time_preds *w, const time_kind *t, const kam_account *a, time_window win, kam_error *err)
{
    w->n = 0;
    w->k = kam__builtin_kind(t->kind);
    time_where(w, t->account, KAM_OP_EQ, a->id);
    if (t->kind == KAM_KIND_CHANGE) time_where(w, KAM_CHANGE_KIND, KAM_OP_EQ, KAM_KIND_ACCOUNT);
    if (t->by == TIME_SEQ) return time_where_seq(w, a, win, err);
    if (t->by == TIME_DAY) time_where(w, t->day, KAM_OP_GE, win.from);
    else time_where(w, KAM_VALID_TO, KAM_OP_GT, win.from);
    time_where(w, t->day, KAM_OP_LT, win.to);
    if (t->by == TIME_FACT && a->as_of != KAM_TODAY) time_where(w, t->day, KAM_OP_LE, a->as_of);
    return KAM_OK;
}

static int32_t time_set(kam__rowset **out, const kam_account *a, const time_kind *t, time_window win, kam_error *err)
{
    time_preds w;
    KAM__TRY(time_conditions(&w, t, a, win, err));
    kam__read q = { .scan = { .kind = t->kind, .pred = w.p, .npred = w.n, .order = &t->day, .norder = 1, .flags = 1 },
                    .as_of = a->as_of, .flags = t->by == TIME_FACT ? (uint32_t)KAM__READ_ALL_TIMES : 0u };
    return kam__read_set(out, a->book, &q, err);
}

/* ---------------------------------------------------------------- contacts: who has or had a role there */

static int time_by_id(const void *x, const void *y, void *arg)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    (void)arg;
    return a < b ? -1 : a > b;
}

static int32_t time_contact_ids(int64_t **out, uint64_t *n, const kam_account *a, time_window win, kam_error *err)
{
    kam__rowset *roles = NULL;
    KAM__TRY(time_set(&roles, a, time_kind_of(KAM_KIND_AFFILIATION), win, err));
    uint32_t col = kam__rowset_col(roles, KAM_AFFILIATION_CONTACT), row = 0;
    int64_t *id = kam__zalloc_n(a->ctx, (size_t)roles->nrow + 1, sizeof *id);
    int32_t rc = id ? KAM_OK : kam__nomem(err);
    for (uint64_t i = 0; i < roles->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *bb = NULL;
        kam__rowset_at(roles, i, &bb, &row);
        id[i] = kam__col_i64(&bb->view[col], row);
    }
    *n = roles->nrow;
    kam__rowset_drop(roles);
    if (rc == KAM_OK) rc = kam__sort(a->ctx, id, (size_t)*n, sizeof *id, time_by_id, NULL, err);
    if (rc == KAM_OK) *out = id;
    else kam__free(a->ctx, id);
    return rc;
}

static int32_t time_contacts_of(kam__rowset *set, const kam_account *a, const int64_t *id, uint64_t n, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, a->book->schema, KAM_KIND_CONTACT, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < n && rc == KAM_OK; i++) {
        if (i && id[i] == id[i - 1]) continue;
        rc = kam__read_one(r, a->book, id[i], a->as_of, err);
        if (rc == KAM_OK) rc = kam__rowset_add_record(set, r, err);
        if (rc == KAM_E_NOT_FOUND) rc = KAM_OK;                         /* deleted */
    }
    kam_record_free(r);
    return rc;
}

static int32_t time_contacts(kam__rowset **out, const kam_account *a, time_window win, kam_error *err)
{
    int64_t *id = NULL;
    uint64_t n = 0;
    kam__rowset *set = NULL;
    KAM__TRY(time_contact_ids(&id, &n, a, win, err));
    int32_t rc = kam__rowset_new(&set, a->book->schema, KAM_KIND_CONTACT, NULL, 0, err);
    if (rc == KAM_OK) rc = time_contacts_of(set, a, id, n, err);
    kam__free(a->ctx, id);
    if (rc != KAM_OK) {
        kam__rowset_drop(set);
        return rc;
    }
    kam__rowset_seal(set);
    *out = set;
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows as lines */

static void time_field(kam_buf *out, const char *before, const kam_record *r, uint32_t field)
{
    const char *text = kam_record_text(r, field, NULL);
    if (!text || !text[0]) return;
    if (out->size) kam__buf_str(out, before);
    kam__buf_str(out, text);
}

static void time_say_change(kam_buf *out, const kam_account *a, const kam_record *r)
{
    int64_t id = kam_record_i64(r, KAM_CHANGE_FIELD, 0);
    const kam__field *f = kam__kind_field(kam__schema_kind(a->book->schema, KAM_KIND_ACCOUNT), (uint32_t)id);
    const char *old = kam_record_text(r, KAM_CHANGE_OLD, NULL);
    kam__buf_printf(out, "%s: %s -> ", f ? f->name : "field", old ? old : "-");
    const char *now = kam_record_text(r, KAM_CHANGE_NEW, NULL);
    kam__buf_str(out, now ? now : "-");
    time_field(out, "; ", r, KAM_REASON);
}

static void time_say(kam_buf *out, const kam_account *a, const kam_record *r)
{
    static const struct { uint32_t kind; uint32_t field[7];
    } lines[] = {
        {KAM_KIND_LEDGER,
         {KAM_LEDGER_EVENT, KAM_LEDGER_AMOUNT, KAM_LEDGER_CURRENCY, KAM_LEDGER_ORDER, KAM_LEDGER_NOTE, 0}},
        {KAM_KIND_ACTIVITY, {KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_PURPOSE, KAM_ACTIVITY_POINTS, 0}},
        {KAM_KIND_GRADE, {KAM_GRADE_SCHEME, KAM_GRADE_GRADE, KAM_GRADE_APPROVER, KAM_REASON, 0}},
        {KAM_KIND_OWNER, {KAM_OWNER_REPRESENTATIVE, KAM_REASON, 0}},
        {KAM_KIND_TIER, {KAM_TIER_TIER, KAM_REASON, 0}},
        {KAM_KIND_LIFECYCLE, {KAM_LIFECYCLE_STATE, KAM_REASON, 0}},
        {KAM_KIND_CLASS, {KAM_CLASS_DIMENSION, KAM_CLASS_CLASS, KAM_REASON, 0}},
        {KAM_KIND_ACCOUNT_LINK, {KAM_ACCOUNT_LINK_INTO, KAM_ACCOUNT_LINK_ROLE, KAM_REASON, 0}},
        {KAM_KIND_DISTRIBUTOR, {KAM_DISTRIBUTOR_DISTRIBUTOR, KAM_DISTRIBUTOR_NOTE, KAM_REASON, 0}},
        {KAM_KIND_AFFILIATION, {KAM_AFFILIATION_ROLE, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_TITLE, 0}},
    };
    kam__buf_clear(out);
    if (r->kind->id == KAM_KIND_CHANGE) time_say_change(out, a, r);
    for (size_t i = 0; i < KAM__LEN(lines); i++)
        for (uint32_t k = 0; lines[i].kind == r->kind->id && lines[i].field[k]; k++)
            time_field(out, " ", r, lines[i].field[k]);
}

/* ---------------------------------------------------------------- the timeline */

typedef struct time_line {
    const kam_account *a;
    kam__rowset *set;
    kam_buf text;
    time_window win;
    kam_error *err;
    int64_t seq;
    int32_t day;
} time_line;

/* Day of a commit; rows of one commit follow each other. */
static int32_t time_day_of_seq(time_line *l, int64_t seq, int32_t *day)
{
    kam_record *r = NULL;
    if (seq != l->seq) {
        KAM__TRY(kam__record_new(&r, l->a->book->schema, KAM_KIND_COMMIT, l->err));
        int32_t rc = kam__read_one(r, l->a->book, seq, KAM_TODAY, l->err);
        if (rc == KAM_OK)
            rc = kam__day_of_instant(&l->day, l->a->ctx, l->a->book->zone, kam_record_i64(r, KAM_COMMIT_AT, 0), l->err);
        kam_record_free(r);
        KAM__TRY(rc);
        l->seq = seq;
    }
    *day = l->day;
    return KAM_OK;
}

static int32_t time_add(time_line *l, const time_kind *t, const kam_record *r)
{
    int32_t day = (int32_t)kam_record_i64(r, t->day, KAM_DAY_FIRST);
    if (t->by == TIME_SEQ || day == KAM_DAY_FIRST) KAM__TRY(time_day_of_seq(l, kam_record_i64(r, KAM_SEQ, 0), &day));
    if (day < l->win.from || day >= l->win.to) return KAM_OK;           /* a fact that began before and still holds */
    time_say(&l->text, l->a, r);
    KAM__TRY(kam__buf_end(&l->text, l->err));
    kam__blockbuf *b = kam__rowset_row(l->set, l->err);
    if (!b) return KAM_E_NOMEM;
    kam__bb_i64(b, kam__rowset_col(l->set, KAM_TIMELINE_DAY), day);
    kam__bb_i64(b, kam__rowset_col(l->set, KAM_TIMELINE_RECORD), kam_record_i64(r, KAM_ID, 0));
    kam__bb_text(b, kam__rowset_col(l->set, KAM_TIMELINE_KIND), r->kind->name, strlen(r->kind->name));
    kam__bb_text(b, kam__rowset_col(l->set, KAM_TIMELINE_TEXT), l->text.data, l->text.size);
    return kam__rowset_end_row(l->set, l->err);
}

static int32_t time_add_kind(time_line *l, const time_kind *t)
{
    kam__rowset *set = NULL;
    kam_record *r = NULL;
    KAM__TRY(time_set(&set, l->a, t, l->win, l->err));
    int32_t rc = kam__record_new(&r, l->a->book->schema, t->kind, l->err);
    for (uint64_t i = 0; i < set->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(set, i, &bb, &row);
        kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
        rc = kam__record_load(r, &view, row, l->err);
        if (rc == KAM_OK) rc = time_add(l, t, r);
    }
    kam_record_free(r);
    kam__rowset_drop(set);
    return rc;
}

/* Newest first; on one day in the order of the kinds as they were added. */
static int time_newest(const kam__rowset *s, uint64_t a, uint64_t b, void *arg)
{
    uint32_t col = *(const uint32_t *)arg, ra = 0, rb = 0;
    const kam__blockbuf *x = NULL, *y = NULL;
    kam__rowset_at(s, a, &x, &ra);
    kam__rowset_at(s, b, &y, &rb);
    int64_t da = kam__col_i64(&x->view[col], ra), db = kam__col_i64(&y->view[col], rb);
    return da > db ? -1 : da < db;
}

static int32_t time_line_of(kam__rowset **out, const kam_account *a, time_window win, kam_error *err)
{
    time_line l = { .a = a, .win = win, .err = err };
    KAM__TRY(kam__rowset_new(&l.set, a->book->schema, KAM_KIND_TIMELINE, NULL, 0, err));
    kam__buf_init(&l.text, a->ctx);
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < TIME_ON_LINE && rc == KAM_OK; i++) rc = time_add_kind(&l, &time_kinds[i]);
    kam__buf_drop(&l.text);
    if (rc == KAM_OK) {
        uint32_t col = kam__rowset_col(l.set, KAM_TIMELINE_DAY);
        kam__rowset_seal(l.set);
        rc = kam__rowset_sort(out, l.set, time_newest, &col, err);
    }
    kam__rowset_drop(l.set);
    return rc;
}

/* ---------------------------------------------------------------- the door */

static int32_t time_rows(kam_rows **out, const kam_account *a, uint32_t kind, time_window win, kam_error *err)
{
    const time_kind *t = time_kind_of(kind);
    kam__rowset *set = NULL;
    int32_t rc = KAM_OK;
    if (kind == KAM_KIND_TIMELINE) rc = time_line_of(&set, a, win, err);
    else if (kind == KAM_KIND_CONTACT) rc = time_contacts(&set, a, win, err);
    else if (t) rc = time_set(&set, a, t, win, err);
    else rc = kam__fail(err, KAM_E_INVAL, "rows of kind %u do not belong to an account", kind);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, a->book, set, 0, 0, err);
    kam__rowset_drop(set);
    return rc;
}

int32_t kam_account_rows(kam_rows **out, kam_account *a, uint32_t kind, int32_t from, int32_t to, kam_error *err)
{
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    if (!a) return kam__null_arg(err, "account");
    KAM__TRY(kam__book_ready(a->book, err));
    if (from >= to) return kam__fail(err, KAM_E_INVAL, "from must be before to (the first day that is not asked for)");
    kam_rows *rows = NULL;
    KAM__TRY(kam__txn_enter(&c, a->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, time_rows(&rows, a, kind, (time_window){ from, to }, err), err);
    if (rc == KAM_OK) *out = rows;
    else kam_rows_free(rows);
    return rc;
}
