/*
 * model.c - see model.h: random operations, each done to the book and to the model.
 */
#include "model_state.h"

/* ---------------------------------------------------------------- operations */

static void key_of(char out[16], char kind, int number) { snprintf(out, 16, "%c%d", kind, number); }

static void set(model *m, kam_record *r, uint32_t field, const char *text)
{
    DO(kam_record_set_text(r, field, text, KAM_NUL, m->w->err));
}

static void set_key(model *m, kam_record *r, uint32_t field, char kind, int number)
{
    char text[24] = "erp:";
    key_of(text + 4, kind, number);
    set(m, r, field, text);
}

static kam_record *blank(model *m, uint32_t kind, char letter, int number)
{
    kam_record *r = NULL;
    char key[16];
    key_of(key, letter, number);
    DO(kam_record_new(&r, m->book, kind, m->w->err));
    if (!letter) return r;
    set(m, r, KAM_SOURCE, "erp");
    set(m, r, KAM_EXT_ID, key);
    return r;
}

/* Commits counted: after a call of its own there is one more, or nothing was written. */
static void note_commit(model *m)
{
    int64_t seq = 0;
    if (m->in_txn) return;
    DO(kam_book_seq(&seq, m->book, KAM_TODAY, m->w->err));
    if (seq == last_seq(m)) return;
    assert_int_equal(seq, next_seq(m));
    m->stamp = grow(m->stamp, m->nstamp, sizeof *m->stamp);
    m->stamp[m->nstamp++] = (stamp){ seq, m->w->now };
}

static void save(model *m, kam_record *r)
{
    DO(kam_book_save(m->book, r, m->w->err));
    note_commit(m);
}

/* Random fields, into the record and into the snapshot. `all`: values may go, too. */
static void change_account(model *m, kam_record *r, snap *s, int a, int all)
{
    char text[24];
    if (!s->name[0] || dice(m, 4) == 0) {
        snprintf(s->name, sizeof s->name, "n%u", (unsigned)dice(m, 50));
        set(m, r, KAM_ACCOUNT_NAME, s->name);
    }
    if (dice(m, 2)) {
        snprintf(s->city, sizeof s->city, "c%u", (unsigned)dice(m, 5));
        if (all && dice(m, 4) == 0) s->city[0] = 0;
        set(m, r, KAM_ACCOUNT_CITY, s->city);
    }
    if (dice(m, 2)) {
        s->employees = all && dice(m, 4) == 0 ? -1 : (int)dice(m, 12);
        snprintf(text, sizeof text, "%d", s->employees);
        set(m, r, KAM_ACCOUNT_EMPLOYEES, s->employees < 0 ? "" : text);
    }
    if (dice(m, 4) == 0) {
        s->currency = all ? (int)dice(m, 3) : 1 + (int)dice(m, 2);
        set(m, r, KAM_ACCOUNT_CURRENCY, currency_name(s->currency));
    }
    if (dice(m, 3) == 0) {
        int units = (int)dice(m, 900);
        s->has_potential = 1;
        s->potential = (int64_t)units * currency_scale(s->currency);
        snprintf(text, sizeof text, "%d", units);
        set(m, r, KAM_ACCOUNT_POTENTIAL, text);
    }
    if (a > 0 && dice(m, 5) == 0) {
        int p = (int)dice(m, (uint32_t)a);
        if (now_of(m, p)) {
            s->parent = p;
            set_key(m, r, KAM_ACCOUNT_PARENT, 'A', p);
        }
    }
    if (m->has_score && dice(m, 4) == 0) {
        s->score = (int)dice(m, 100);
        snprintf(text, sizeof text, "%d", s->score);
        set(m, r, m->score, text);
    }
}

static int same_snap(const snap *a, const snap *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->city, b->city) == 0 && a->employees == b->employees &&
           a->currency == b->currency && a->has_potential == b->has_potential && a->potential == b->potential &&
           a->parent == b->parent && a->score == b->score && a->deleted == b->deleted;
}

/* By key: new, changed, or brought back. Sometimes with an owner. */
static void op_save_by_key(model *m)
{
    int a = (int)dice(m, ACCOUNTS), owner = dice(m, 5) ? NOBODY : (int)dice(m, REPS);
    const snap *old = now_of(m, a);
    snap s = { .employees = -1, .parent = NOBODY, .score = -1 };
    if (old) s = *old;
    s.deleted = 0;
    kam_record *r = blank(m, KAM_KIND_ACCOUNT, 'A', a);
    change_account(m, r, &s, a, 0);
    if (owner != NOBODY) set_key(m, r, KAM_ACCOUNT_OWNER, 'R', owner);
    int put = owner != NOBODY && (!old || owner != owner_on(m, a, today(m), OPEN_SEQ));
    if (!old || !same_snap(old, &s)) put_snap(m, a, s);
    if (put) put_paint(m, a, owner, painted(m, a) ? today(m) : EVER, FOREVER);
    save(m, r);
    m->id[a] = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
}

/* By id, as read: what is set is all there is. A stale revision is refused. */
static void op_save_by_id(model *m)
{
    int a = (int)dice(m, ACCOUNTS);
    kam_record *r = NULL;
    if (!now_of(m, a) || now_of(m, a)->deleted) return;
    snap s = *now_of(m, a);
    DO(kam_book_get(&r, m->book, KAM_KIND_ACCOUNT, m->id[a], KAM_TODAY, m->w->err));
    change_account(m, r, &s, a, 1);
    if (dice(m, 10) == 0) {
        DO(kam_record_set_i64(r, KAM_REV, 1 + kam_record_i64(r, KAM_REV, 0), m->w->err));
        assert_int_equal(kam_book_save(m->book, r, m->w->err), KAM_E_CONFLICT);
    } else {
        if (!same_snap(now_of(m, a), &s)) put_snap(m, a, s);
        save(m, r);
    }
    kam_record_free(r);
}

static void op_delete(model *m)
{
    int a = (int)dice(m, ACCOUNTS);
    if (!now_of(m, a)) return;
    if (now_of(m, a)->deleted) {
        assert_int_equal(kam_book_delete(m->book, KAM_KIND_ACCOUNT, m->id[a], 0, m->w->err), KAM_E_NOT_FOUND);
        return;
    }
    snap s = *now_of(m, a);
    s.deleted = 1;
    put_snap(m, a, s);
    DO(kam_book_delete(m->book, KAM_KIND_ACCOUNT, m->id[a], 0, m->w->err));
    note_commit(m);
}

static void set_day(model *m, kam_record *r, uint32_t field, int32_t day)
{
    DO(kam_record_set_i64(r, field, day, m->w->err));
}

static void op_owner(model *m)
{
    int a = (int)dice(m, ACCOUNTS), rep = (int)dice(m, REPS);
    int32_t from = painted(m, a) ? today(m) : EVER, to = FOREVER;
    if (!now_of(m, a)) return;
    kam_record *r = blank(m, KAM_KIND_OWNER, 0, 0);
    set_key(m, r, KAM_OWNER_ACCOUNT, 'A', a);
    set_key(m, r, KAM_OWNER_REPRESENTATIVE, 'R', rep);
    if (dice(m, 2)) set_day(m, r, KAM_VALID_FROM, from = today(m) - 20 + (int32_t)dice(m, 40));
    if (dice(m, 2)) set_day(m, r, KAM_VALID_TO, to = today(m) - 15 + (int32_t)dice(m, 50));
    if (from < to) {
        put_paint(m, a, rep, from, to);
        save(m, r);
    } else {
        assert_int_equal(kam_book_save(m->book, r, m->w->err), KAM_E_INVAL);
    }
    kam_record_free(r);
}

static void op_sale(model *m)
{
    int e = (int)dice(m, EVENTS), a = (int)dice(m, ACCOUNTS);
    char text[24];
    if (!now_of(m, a)) return;
    version v = { next_seq(m), (int64_t)dice(m, 1000), a, today(m) - (int32_t)dice(m, 30) };
    const version *old = m->nversion[e] ? &m->version[e][m->nversion[e] - 1] : NULL;
    if (old && dice(m, 3) == 0) v.account = old->account, v.day = old->day;     /* the amount only, or nothing new */
    if (old && dice(m, 4) == 0) v.amount = old->amount;
    kam_record *r = blank(m, KAM_KIND_LEDGER, 'L', e);
    set_key(m, r, KAM_LEDGER_ACCOUNT, 'A', v.account);
    set_day(m, r, KAM_LEDGER_DAY, v.day);
    set(m, r, KAM_LEDGER_EVENT, "SALE");
    snprintf(text, sizeof text, "%d.%02d", (int)(v.amount / 100), (int)(v.amount % 100));
    set(m, r, KAM_LEDGER_AMOUNT, text);
    if (!old || old->amount != v.amount || old->account != v.account || old->day != v.day) {
        m->version[e] = grow(m->version[e], m->nversion[e], sizeof v);
        m->version[e][m->nversion[e]++] = v;
    }
    save(m, r);
    kam_record_free(r);
}

/* Refused before anything is written: an open transaction stays good. */
static void op_refused(model *m)
{
    int a = (int)dice(m, ACCOUNTS);
    kam_record *r = blank(m, KAM_KIND_ACCOUNT, 'A', a);
    set(m, r, KAM_ACCOUNT_NAME, "never");
    if (dice(m, 2)) {
        set(m, r, KAM_ACCOUNT_TERRITORY, "erp:nowhere");
        assert_int_equal(kam_book_save(m->book, r, m->w->err), KAM_E_NOT_FOUND);
    } else {
        set(m, r, KAM_ACCOUNT_RISK, "2");
        assert_int_equal(kam_book_save(m->book, r, m->w->err), KAM_E_INVAL);
    }
    kam_record_free(r);
}

static void op_field(model *m)
{
    if (m->has_score) return;
    kam_record *r = blank(m, KAM_KIND_FIELD, 0, 0);
    set(m, r, KAM_FIELD_KIND, "account");
    set(m, r, KAM_FIELD_NAME, "x_score");
    set(m, r, KAM_FIELD_TYPE, "INT");
    save(m, r);
    kam_record_free(r);
    DO(kam_field_find(&m->score, m->book, KAM_KIND_ACCOUNT, "x_score", m->w->err));
    m->has_score = 1;
}

/* ---------------------------------------------------------------- transactions, time, books */

static marks marks_of(const model *m)
{
    marks k;
    memcpy(k.nsnap, m->nsnap, sizeof k.nsnap);
    memcpy(k.nversion, m->nversion, sizeof k.nversion);
    k.npaint = m->npaint;
    k.has_score = m->has_score;
    return k;
}

static void op_begin(model *m)
{
    if (m->in_txn) return;
    DO(kam_book_begin(m->book, KAM_BEGIN_WRITE, m->w->err));
    m->before = marks_of(m);
    m->in_txn = 1;
}

static void op_end(model *m, int commit)
{
    if (!m->in_txn) return;
    if (commit) DO(kam_book_commit(m->book, m->w->err));
    else DO(kam_book_rollback(m->book, m->w->err));
    m->in_txn = 0;
    if (commit) {
        note_commit(m);
        return;
    }
    memcpy(m->nsnap, m->before.nsnap, sizeof m->nsnap);
    memcpy(m->nversion, m->before.nversion, sizeof m->nversion);
    m->npaint = m->before.npaint;
    m->has_score = m->before.has_score;
    for (int a = 0; a < ACCOUNTS; a++)
        if (!m->nsnap[a]) m->id[a] = 0;
}

static void open_book(model *m)
{
    kam_book_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.flags = KAM_BOOK_CREATE;
    o.currency = "CNY";
    o.zone = "+08:00";
    DO(kam_book_open(&m->book, m->w->ctx, m->w->store, &o, m->w->err));
}

static void op_reopen(model *m)
{
    if (m->in_txn) return;
    kam_book_close(m->book);
    m->book = NULL;
    open_book(m);
}

static void op_read(model *m)
{
    int32_t day = dice(m, 2) ? KAM_TODAY : today(m) - (int32_t)dice(m, 60) + 10;
    int64_t known = dice(m, 2) ? OPEN_SEQ : (int64_t)dice(m, (uint32_t)last_seq(m) + 2);
    if (dice(m, 3)) {
        model_check_one(m, day, known);
        return;
    }
    model_check(m, day, known);
    if (known == OPEN_SEQ) model_check_order(m);
}

static void step(model *m)
{
    uint32_t x = dice(m, 200);
    if (x < 40) op_save_by_key(m);
    else if (x < 70) op_save_by_id(m);
    else if (x < 78) op_delete(m);
    else if (x < 100) op_owner(m);
    else if (x < 130) op_sale(m);
    else if (x < 134) op_refused(m);
    else if (x < 142) op_begin(m);
    else if (x < 147) op_end(m, 1);
    else if (x < 150) op_end(m, 0);
    else if (x < 175) m->w->now += (int64_t)dice(m, 30 * 3600) * 1000;
    else if (x < 176) m->w->now -= (int64_t)dice(m, 20 * 3600) * 1000;          /* clocks are set back, too */
    else if (x < 177) op_field(m);
    else if (x < 178) op_reopen(m);
    else op_read(m);
}

static void expect_sound(model *m)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    kam_buf *text = NULL;
    DO(kam_buf_new(&text, m->w->ctx, m->w->err));
    DO(kam_book_verify(&rows, m->book, m->w->err));
    DO(kam_rows_next(&r, rows, m->w->err));
    if (r) DO(kam_record_to_json(text, r, m->w->err));
    if (r) fail_msg("verify: %s", kam_buf_data(text));
    kam_rows_free(rows);
    kam_buf_free(text);
}

uint64_t model_run(model_world *w, uint32_t seed, uint32_t ops)
{
    model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->w = w;
    m->rng = seed;
    m->hash = 14695981039346656037u;
    open_book(m);
    note_commit(m);
    for (int i = 0; i < REPS; i++) {
        kam_record *r = blank(m, KAM_KIND_REPRESENTATIVE, 'R', i);
        set(m, r, KAM_REPRESENTATIVE_NAME, "rep");
        save(m, r);
        m->rep_id[i] = kam_record_i64(r, KAM_ID, 0);
        kam_record_free(r);
    }
    for (uint32_t i = 0; i < ops; i++) step(m);
    op_end(m, 1);
    model_check(m, KAM_TODAY, OPEN_SEQ);
    expect_sound(m);
    uint64_t hash = m->hash;
    kam_book_close(m->book);
    for (int a = 0; a < ACCOUNTS; a++) free(m->snap[a]);
    for (int e = 0; e < EVENTS; e++) free(m->version[e]);
    free(m->paint);
    free(m->stamp);
    free(m);
    return hash;
}

/* ---------------------------------------------------------------- the world */

static int64_t world_now(void *user) { return ((model_world *)user)->now; }

void model_open(model_world *w)
{
    kam_ctx_options o;
    memset(w, 0, sizeof *w);
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = w;
    o.now = world_now;
    w->now = (int64_t)20500 * DAY_MS;
    assert_int_equal(kam_error_new(&w->err, NULL), KAM_OK);
    assert_int_equal(kam_ctx_new(&w->ctx, &o, w->err), KAM_OK);
}

void model_close(model_world *w)
{
    kam_store_free(w->store);
    kam_ctx_free(w->ctx);
    kam_error_free(w->err);
}

uint32_t model_ops(uint32_t normal)
{
    const char *text = getenv("KAM_MODEL_OPS");
    int n = text ? atoi(text) : 0;
    return n > 0 ? (uint32_t)n : normal;
}
