/*
 * model.c - see model.h.
 */
#include "model.h"

enum { ACCOUNTS = 24, EVENTS = 60, REPS = 4, TEXT_MAX = 65536, FOREVER = INT32_MAX, EVER = INT32_MIN, NOBODY = -1 };
#define DAY_MS ((int64_t)86400000)
#define ZONE_MS ((int64_t)8 * 3600000)
#define OPEN_SEQ INT64_MAX
static const char *const currency_name[] = { "", "JPY", "KWD" };
static const int currency_scale[] = { 100, 1, 1000 };

/* ---------------------------------------------------------------- the model */

typedef struct snap {
    int64_t seq, potential;
    char name[16], city[16];
    int employees, has_potential, currency, parent, score, deleted;
} snap;
typedef struct version { int64_t seq, amount; int account; int32_t day; } version;
typedef struct paint { int64_t seq; int account, rep; int32_t from, to; } paint;
typedef struct stamp { int64_t seq, at; } stamp;
typedef struct marks { uint32_t nsnap[ACCOUNTS], nversion[EVENTS], npaint; int has_score; } marks;

typedef struct model {
    model_world *w;
    kam_book *book;
    uint32_t rng;
    snap *snap[ACCOUNTS]; uint32_t nsnap[ACCOUNTS];
    int64_t id[ACCOUNTS], rep_id[REPS];
    version *version[EVENTS]; uint32_t nversion[EVENTS];
    paint *paint; uint32_t npaint;
    stamp *stamp; uint32_t nstamp;
    int in_txn;
    marks before;
    int has_score; uint32_t score;          /* a custom field */
    uint64_t hash;
    char mine[TEXT_MAX], theirs[TEXT_MAX];
} model;

#define DO(call) must(m, (call), #call)
static void must(model *m, int32_t rc, const char *what)
{
    if (rc != KAM_OK) fail_msg("%s: %s: %s", what, kam_code_name(rc), kam_error_message(m->w->err));
}

static uint32_t dice(model *m, uint32_t n)
{
    m->rng = m->rng * 1664525u + 1013904223u;
    return (m->rng >> 8) % n;
}

static int64_t last_seq(const model *m) { return m->nstamp ? m->stamp[m->nstamp - 1].seq : 0; }
static int64_t next_seq(const model *m) { return last_seq(m) + 1; }
static int32_t today(const model *m) { return (int32_t)((m->w->now + ZONE_MS) / DAY_MS); }

static void *grow(void *list, uint32_t n, size_t size)
{
    if (n & (n - 1)) return list;                                   /* full at each power of two */
    void *p = realloc(list, (n ? (size_t)n * 2 : 1) * size);
    if (!p) abort();
    return p;
}

static snap *now_of(model *m, int a) { return m->nsnap[a] ? &m->snap[a][m->nsnap[a] - 1] : NULL; }

static void put_snap(model *m, int a, snap s)
{
    s.seq = next_seq(m);
    m->snap[a] = grow(m->snap[a], m->nsnap[a], sizeof s);
    m->snap[a][m->nsnap[a]++] = s;
}

static void put_paint(model *m, int account, int rep, int32_t from, int32_t to)
{
    m->paint = grow(m->paint, m->npaint, sizeof *m->paint);
    m->paint[m->npaint++] = (paint){ next_seq(m), account, rep, from, to };
}

static int painted(const model *m, int account)
{
    for (uint32_t i = 0; i < m->npaint; i++)
        if (m->paint[i].account == account) return 1;
    return 0;
}

static int owner_on(const model *m, int account, int32_t day, int64_t known)
{
    int rep = NOBODY;
    for (uint32_t i = 0; i < m->npaint; i++) {
        const paint *p = &m->paint[i];
        if (p->account == account && p->seq <= known && p->from <= day && day < p->to) rep = p->rep;
    }
    return rep;
}

/* Last commit up to the end of the day; what is written but not committed will be dated now. */
static int64_t seq_of_day(const model *m, int32_t day)
{
    int64_t end = ((int64_t)day + 1) * DAY_MS - ZONE_MS, first = next_seq(m);
    if (m->in_txn && m->w->now < end) first++;
    for (uint32_t i = m->nstamp; i-- > 0;)
        if (m->stamp[i].at >= end && m->stamp[i].seq < first) first = m->stamp[i].seq;
    return first - 1;
}

static const snap *snap_at(const model *m, int a, int64_t known, int64_t point)
{
    const snap *s = NULL;
    if (!m->nsnap[a] || m->snap[a][0].seq > known) return NULL;
    s = m->snap[a];
    for (uint32_t i = 0; i < m->nsnap[a]; i++)
        if (m->snap[a][i].seq <= point) s = &m->snap[a][i];
    return s->deleted ? NULL : s;
}

/* ---------------------------------------------------------------- dumps */

static void add(char *out, const char *format, ...)
{
    size_t n = strlen(out);
    va_list ap;
    va_start(ap, format);
    int more = vsnprintf(out + n, TEXT_MAX - n, format, ap);
    va_end(ap);
    assert_true(more >= 0 && n + (size_t)more < TEXT_MAX);
}

static void add_money(char *out, int64_t minor, int currency)
{
    int scale = currency_scale[currency], digits = scale == 100 ? 2 : scale == 1000 ? 3 : 0;
    if (!digits) add(out, "%lld", (long long)minor);
    else add(out, "%lld.%0*d", (long long)(minor / scale), digits, (int)(minor % scale));
}

static void say_account(const model *m, char *out, int a, const snap *s, int owner)
{
    add(out, "A%d %s/%s/", a, s->name, s->city);
    if (s->employees >= 0) add(out, "%d", s->employees);
    add(out, "/");
    if (s->has_potential) add_money(out, s->potential, s->currency);
    add(out, "/%s/%d/%d/%d\n", currency_name[s->currency], s->parent, m->has_score ? s->score : -1, owner);
}

static void say_model(model *m, int32_t as_of, int64_t known)
{
    char *out = m->mine;
    int64_t point = as_of == KAM_TODAY ? OPEN_SEQ : seq_of_day(m, as_of);
    int32_t day = as_of == KAM_TODAY ? today(m) : as_of;
    out[0] = 0;
    if (known < point) point = known;
    for (int a = 0; a < ACCOUNTS; a++) {
        const snap *s = snap_at(m, a, known, point);
        if (s) say_account(m, out, a, s, owner_on(m, a, day, known));
    }
    for (int a = 0; a < ACCOUNTS; a++)
        if (owner_on(m, a, day, known) != NOBODY) add(out, "O%d %d\n", a, owner_on(m, a, day, known));
    for (int e = 0; e < EVENTS; e++) {
        const version *v = NULL;
        for (uint32_t i = 0; i < m->nversion[e]; i++)
            if (m->version[e][i].seq <= known) v = &m->version[e][i];
        if (v && (as_of == KAM_TODAY || v->day <= as_of))
            add(out, "L%d %d/%d/%lld\n", e, v->account, (int)v->day, (long long)v->amount);
    }
}

static int account_of(const model *m, int64_t id)
{
    for (int a = 0; a < ACCOUNTS; a++)
        if (id && m->id[a] == id) return a;
    return NOBODY;
}

static int rep_of(const model *m, int64_t id)
{
    for (int r = 0; r < REPS; r++)
        if (id && m->rep_id[r] == id) return r;
    return NOBODY;
}

static int currency_of(const char *name)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(currency_name[i], name) == 0) return i;
    fail_msg("currency %s", name);
    return 0;
}

static snap snap_of(const model *m, const kam_record *r)
{
    snap s;
    memset(&s, 0, sizeof s);
    snprintf(s.name, sizeof s.name, "%s", kam_record_text(r, KAM_ACCOUNT_NAME, ""));
    snprintf(s.city, sizeof s.city, "%s", kam_record_text(r, KAM_ACCOUNT_CITY, ""));
    s.employees = (int)kam_record_i64(r, KAM_ACCOUNT_EMPLOYEES, -1);
    s.has_potential = kam_record_type(r, KAM_ACCOUNT_POTENTIAL) != 0;
    s.potential = kam_record_i64(r, KAM_ACCOUNT_POTENTIAL, 0);
    s.currency = currency_of(kam_record_text(r, KAM_ACCOUNT_CURRENCY, ""));
    s.parent = account_of(m, kam_record_i64(r, KAM_ACCOUNT_PARENT, 0));
    s.score = m->has_score ? (int)kam_record_i64(r, m->score, -1) : -1;
    return s;
}

static void say_record(model *m, char *out, const kam_record *r)
{
    if (kam_record_kind(r) == KAM_KIND_ACCOUNT) {
        snap s = snap_of(m, r);
        int a = atoi(kam_record_text(r, KAM_EXT_ID, "?-") + 1);
        say_account(m, out, a, &s, rep_of(m, kam_record_i64(r, KAM_ACCOUNT_OWNER, 0)));
        if (!s.has_potential) return;
        char text[64] = "";
        add_money(text, s.potential, s.currency);
        assert_string_equal(kam_record_text(r, KAM_ACCOUNT_POTENTIAL, ""), text);
    } else if (kam_record_kind(r) == KAM_KIND_OWNER) {
        add(out, "O%d %d\n", account_of(m, kam_record_i64(r, KAM_OWNER_ACCOUNT, 0)),
            rep_of(m, kam_record_i64(r, KAM_OWNER_REPRESENTATIVE, 0)));
    } else {
        add(out, "L%d %d/%d/%lld\n", atoi(kam_record_text(r, KAM_EXT_ID, "?-") + 1),
            account_of(m, kam_record_i64(r, KAM_LEDGER_ACCOUNT, 0)), (int)kam_record_i64(r, KAM_LEDGER_DAY, 0),
            (long long)kam_record_i64(r, KAM_LEDGER_AMOUNT, 0));
    }
}

static int by_number(const void *a, const void *b)
{
    int x = atoi(*(char *const *)a + 1), y = atoi(*(char *const *)b + 1);
    return x < y ? -1 : x > y;
}

/* The rows of a kind, sorted by the number in the key. */
static void say_kind(model *m, kam_book *book, uint32_t kind, int32_t as_of)
{
    static char one[TEXT_MAX];
    char *line[ACCOUNTS + EVENTS + 8];
    size_t n = 0;
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    one[0] = 0;
    DO(kam_query_new(&q, book, kind, m->w->err));
    DO(kam_query_run(&rows, q, as_of, m->w->err));
    for (;;) {
        DO(kam_rows_next(&r, rows, m->w->err));
        if (!r) break;
        assert_true(n < sizeof line / sizeof *line);
        line[n++] = one + strlen(one);
        say_record(m, one, r);
        add(one, "%c", 1);
    }
    kam_rows_free(rows);
    kam_query_free(q);
    for (char *p = one; *p; p++)
        if (*p == 1) *p = 0;
    qsort(line, n, sizeof *line, by_number);
    for (size_t i = 0; i < n; i++) add(m->theirs, "%s", line[i]);
}

/* The first line that differs is told. */
static void expect_same(const model *m, int32_t as_of, int64_t known)
{
    size_t i = 0;
    if (strcmp(m->mine, m->theirs) == 0) return;
    while (m->mine[i] == m->theirs[i]) i++;
    while (i && m->mine[i - 1] != '\n') i--;
    fail_msg("as of %d (today %d), known %lld of %lld%s: the model says %.*s, the book %.*s", (int)as_of, (int)today(m),
             (long long)known, (long long)last_seq(m), m->in_txn ? " + open" : "", (int)strcspn(m->mine + i, "\n"),
             m->mine + i, (int)strcspn(m->theirs + i, "\n"), m->theirs + i);
}

static void check(model *m, int32_t as_of, int64_t known)
{
    kam_book *book = m->book;
    if (known != OPEN_SEQ) DO(kam_book_known(&book, m->book, known, m->w->err));
    m->theirs[0] = 0;
    say_kind(m, book, KAM_KIND_ACCOUNT, as_of);
    say_kind(m, book, KAM_KIND_OWNER, as_of);
    say_kind(m, book, KAM_KIND_LEDGER, as_of);
    say_model(m, as_of, known);
    expect_same(m, as_of, known);
    for (const char *p = m->mine; *p; p++) m->hash = (m->hash ^ (unsigned char)*p) * 1099511628211u;
    if (book != m->book) kam_book_close(book);
}

/* One account by id must say what the list says. */
static void check_one(model *m, int32_t as_of, int64_t known)
{
    kam_book *book = m->book;
    kam_record *r = NULL;
    int a = (int)dice(m, ACCOUNTS);
    int64_t point = as_of == KAM_TODAY ? OPEN_SEQ : seq_of_day(m, as_of);
    const snap *s = snap_at(m, a, known, known < point ? known : point);
    if (!m->id[a]) return;
    if (known != OPEN_SEQ) DO(kam_book_known(&book, m->book, known, m->w->err));
    int32_t rc = kam_book_get(&r, book, KAM_KIND_ACCOUNT, m->id[a], as_of, m->w->err);
    assert_int_equal(rc, s ? KAM_OK : KAM_E_NOT_FOUND);
    m->mine[0] = m->theirs[0] = 0;
    if (s) say_account(m, m->mine, a, s, owner_on(m, a, as_of == KAM_TODAY ? today(m) : as_of, known));
    if (s) say_record(m, m->theirs, r);
    expect_same(m, as_of, known);
    kam_record_free(r);
    if (book != m->book) kam_book_close(book);
}

/* Accounts with at least so many people, fewest first, no more than `limit`. */
static void check_order(model *m)
{
    const int64_t least = (int64_t)dice(m, 8);
    uint32_t limit = 1 + dice(m, 6);
    int64_t last_id = 0;
    int last = -1;
    uint32_t n = 0, want = 0;
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    for (int a = 0; a < ACCOUNTS; a++)
        if (now_of(m, a) && !now_of(m, a)->deleted && now_of(m, a)->employees >= least) want++;
    DO(kam_query_new(&q, m->book, KAM_KIND_ACCOUNT, m->w->err));
    DO(kam_query_where_i64(q, KAM_ACCOUNT_EMPLOYEES, KAM_OP_GE, &least, 1, m->w->err));
    DO(kam_query_order(q, KAM_ACCOUNT_EMPLOYEES, 0, m->w->err));
    DO(kam_query_limit(q, 0, limit, m->w->err));
    DO(kam_query_run(&rows, q, KAM_TODAY, m->w->err));
    for (;; n++) {
        DO(kam_rows_next(&r, rows, m->w->err));
        if (!r) break;
        int people = (int)kam_record_i64(r, KAM_ACCOUNT_EMPLOYEES, -1);
        int64_t id = kam_record_i64(r, KAM_ID, 0);
        assert_true(people >= least && (people > last || (people == last && id > last_id)));
        last = people;
        last_id = id;
    }
    assert_int_equal(n, want < limit ? want : limit);
    if (n < want && n) {                                            /* none that was left out should have come before */
        for (int a = 0; a < ACCOUNTS; a++) {
            const snap *s = now_of(m, a);
            if (!s || s->deleted || s->employees < least || s->employees < last ||
                (s->employees == last && m->id[a] <= last_id))
                continue;
            n++;
        }
        assert_int_equal(n, want);
    }
    kam_rows_free(rows);
    kam_query_free(q);
}

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
        set(m, r, KAM_ACCOUNT_CURRENCY, currency_name[s->currency]);
    }
    if (dice(m, 3) == 0) {
        int units = (int)dice(m, 900);
        s->has_potential = 1;
        s->potential = (int64_t)units * currency_scale[s->currency];
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
        check_one(m, day, known);
        return;
    }
    check(m, day, known);
    if (known == OPEN_SEQ) check_order(m);
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
    check(m, KAM_TODAY, OPEN_SEQ);
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
