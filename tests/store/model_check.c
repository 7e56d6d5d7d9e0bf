/*
 * model_check.c - the model and the book, each as text, side by side.
 */
#include "model_state.h"

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
    int scale = currency_scale(currency), digits = scale == 100 ? 2 : scale == 1000 ? 3 : 0;
    if (!digits) add(out, "%lld", (long long)minor);
    else add(out, "%lld.%0*d", (long long)(minor / scale), digits, (int)(minor % scale));
}

static void say_account(const model *m, char *out, int a, const snap *s, int owner)
{
    add(out, "A%d %s/%s/", a, s->name, s->city);
    if (s->employees >= 0) add(out, "%d", s->employees);
    add(out, "/");
    if (s->has_potential) add_money(out, s->potential, s->currency);
    add(out, "/%s/%d/%d/%d\n", currency_name(s->currency), s->parent, m->has_score ? s->score : -1, owner);
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
        if (strcmp(currency_name(i), name) == 0) return i;
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

void model_check(model *m, int32_t as_of, int64_t known)
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

void model_check_one(model *m, int32_t as_of, int64_t known)
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

void model_check_order(model *m)
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
