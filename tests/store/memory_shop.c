/*
 * memory_shop.c - rows, questions and the naive model of memory_shop.h.
 */
#include "memory_shop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

const kam_table *ms_table(void) { return kam_kit_tables(NULL); }

int32_t ms_open_with(ms_shop *s, const kam_allocator *a)
{
    const kam_ctx_options o = {.struct_size = sizeof o, .allocator = a};
    memset(s, 0, sizeof *s);
    s->err.struct_size = sizeof s->err;
    KAM__TRY(kam_ctx_new(&s->ctx, &o, NULL));
    int32_t rc = kam__memory_new(&s->m, s->ctx, NULL);
    for (int i = 0; i < 3 && !rc; i++) rc = kam__memory_connect(s->conn + i, s->m, NULL);
    if (!rc) rc = VT->prepare(s->conn[0], ms_table(), 2, KAM_PREPARE_CREATE, NULL, NULL, &s->err);
    return rc;
}

void ms_close(ms_shop *s)
{
    for (int i = 0; i < 3; i++)
        if (s->conn[i]) VT->close(s->conn[i]);
    kam__memory_drop(s->m);
    kam_ctx_free(s->ctx);
}

void ms_open(ms_shop *s) { assert_int_equal(ms_open_with(s, NULL), KAM_OK); }

/* ---------------------------------------------------------------- blocks of model rows */

static void put_text(kam__blockbuf *b, uint32_t col, const char *head, int32_t v)
{
    char text[32];
    snprintf(text, sizeof text, "%s%d", head, (int)v);
    if (v >= 0) kam__bb_text(b, col, text, KAM_NUL);
}

static void put_number(kam__blockbuf *b, uint32_t col, int32_t v)
{
    if (v >= 0) kam__bb_i64(b, col, v);
}

int32_t ms_write(ms_shop *s, int conn, uint32_t op, const int64_t *key, const ms_row *r, uint32_t n, uint32_t what)
{
    static const uint32_t place[] = {M_ID, M_SOURCE, M_EXT, M_NAME, M_DAY, M_AMOUNT};
    static const uint32_t bit[] = {W_ALL, W_PAIR, W_PAIR, W_NAME, W_DAY, W_AMOUNT};
    uint32_t field[6], from[6], ncol = 0;
    uint8_t type[6];
    kam__blockbuf bb;
    kam_block b;
    for (uint32_t i = 0; i < 6; i++) {
        if (i && !(what & bit[i])) continue;
        from[ncol] = place[i];
        field[ncol] = ms_table()->field[place[i]].id;
        type[ncol++] = ms_table()->field[place[i]].type;
    }
    KAM__TRY(kam__bb_init(&bb, s->ctx, ncol, field, type, NULL));
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < n && !rc; i++) {
        for (uint32_t c = 0; c < ncol; c++) {
            if (from[c] == M_ID) kam__bb_i64(&bb, c, key[i]);
            else if (from[c] == M_SOURCE) kam__bb_text(&bb, c, r[i].pair < 0 ? NULL : "s", KAM_NUL);
            else if (from[c] == M_EXT) put_text(&bb, c, "e", r[i].pair);
            else if (from[c] == M_NAME) put_text(&bb, c, "n", r[i].name);
            else put_number(&bb, c, from[c] == M_DAY ? r[i].day : r[i].amount);
        }
        rc = kam__bb_end_row(&bb, NULL);
    }
    kam__bb_view(&bb, &b);
    if (!rc) rc = VT->write(s->conn[conn], ms_table(), op, &b, &s->err);
    kam__bb_free(&bb);
    return rc;
}

/* ---------------------------------------------------------------- questions */

static int32_t value_of(const ms_row *r, uint32_t place)
{
    return place == M_EXT ? r->pair : place == M_NAME ? r->name : place == M_DAY ? r->day : r->amount;
}

static int32_t number_in(const kam_col *c, uint32_t i)
{
    size_t len;
    if (kam__col_null(c, i)) return -1;
    const char *t = kam__col_text(c, i, &len);
    if (!t) return (int32_t)kam__col_i64(c, i);
    int32_t v = 0;
    for (size_t k = 1; k < len; k++) v = v * 10 + (t[k] - '0');
    return v;
}

static int32_t take_answer(void *user, const kam_block *b)
{
    ms_answer *a = user;
    for (uint32_t i = 0; i < b->nrow; i++) {
        if (a->n == KEYS) return KAM_E_LIMIT;
        a->key[a->n] = kam__col_i64(b->col, i);
        a->r[a->n++] = (ms_row){1, number_in(b->col + 1, i), number_in(b->col + 2, i), number_in(b->col + 3, i),
                             number_in(b->col + 4, i)};
    }
    return 0;
}

/* The values of one condition as a column; text holds what it points into. */
static kam_col arg_col(const ms_question *q, uint32_t p, char *text, int32_t *off, int32_t *i32, int64_t *i64)
{
    const kam_field *f = ms_table()->field + q->place[p];
    kam_col c = {f->id, f->type, {0, 0, 0}, i64, NULL, NULL};
    off[0] = 0;
    for (uint32_t i = 0; i < q->narg[p]; i++) {
        i32[i] = q->arg[p][i];
        i64[i] = q->arg[p][i];
        if (f->type == KAM_T_TEXT)
            off[i + 1] =
                off[i] + (int32_t)sprintf(text + off[i], "%c%d", q->place[p] == M_EXT ? 'e' : 'n', (int)q->arg[p][i]);
    }
    if (f->type == KAM_T_TEXT) c.data = text, c.off = off;
    if (f->type == KAM_T_I32) c.data = i32;
    return c;
}

int32_t ms_ask(ms_shop *s, int conn, const ms_question *q, ms_answer *a)
{
    const uint32_t place[] = {M_ID, M_EXT, M_NAME, M_DAY, M_AMOUNT};
    uint32_t field[5], order[2];
    char text[2][64];
    int32_t off[2][5], i32[2][4];
    int64_t i64[2][4], after64[3];
    int32_t after32[3];
    uint8_t valid[3];
    kam_col arg[2], acol[3];
    kam_pred pred[2];
    kam_block after = {sizeof after, 1, q->norder + 1, 0, acol};
    for (uint32_t i = 0; i < 5; i++) field[i] = ms_table()->field[place[i]].id;
    for (uint32_t i = 0; i < q->norder; i++) order[i] = ms_table()->field[q->order[i]].id;
    for (uint32_t p = 0; p < q->npred; p++) {
        arg[p] = arg_col(q, p, text[p], off[p], i32[p], i64[p]);
        pred[p] = (kam_pred){arg[p].field, q->op[p], q->op[p] == KAM_OP_NULL ? NULL : arg + p, q->narg[p], 0};
    }
    for (uint32_t i = 0; q->after && i <= q->norder; i++) {
        uint32_t at = i < q->norder ? q->order[i] : M_ID;
        int32_t v = at == M_ID ? 0 : value_of(&q->after_row, at);
        after64[i] = at == M_ID ? q->after : v;
        after32[i] = v;
        valid[i] = at == M_ID || v >= 0;
        acol[i] =
            (kam_col){ms_table()->field[at].id, ms_table()->field[at].type, {0, 0, 0}, after64 + i, NULL, valid + i};
        if (at == M_DAY) acol[i].data = after32 + i;
    }
    kam_table_scan t = {.struct_size = sizeof t,
                        .flags = q->desc,
                        .table = ms_table(),
                        .field = field,
                        .nfield = 5,
                        .pred = pred,
                        .npred = q->npred,
                        .order = order,
                        .norder = q->norder,
                        .after = q->after ? &after : NULL,
                        .limit = q->limit,
                        .block_rows = q->block_rows};
    a->n = 0;
    int32_t rc = VT->scan(s->conn[conn], &t, take_answer, a, &s->err);
    a->unordered = !rc && t.handled == UINT64_MAX >> 1;         /* rows in the file, in another order than that of keys */
    if (!rc && !a->unordered) assert_true(t.handled == UINT64_MAX);
    return rc;
}

static int matches(const ms_question *q, const ms_row *r)
{
    for (uint32_t p = 0; p < q->npred; p++) {
        int32_t v = value_of(r, q->place[p]), in = 0;
        if (q->op[p] == KAM_OP_NULL && v >= 0) return 0;
        if (q->op[p] == KAM_OP_NULL) continue;
        if (v < 0) return 0;
        for (uint32_t i = 0; i < q->narg[p]; i++) in |= v == q->arg[p][i];
        if ((q->op[p] == KAM_OP_EQ || q->op[p] == KAM_OP_IN) && !in) return 0;
        if (q->op[p] == KAM_OP_LT && !(v < q->arg[p][0])) return 0;
        if (q->op[p] == KAM_OP_GE && !(v >= q->arg[p][0])) return 0;
    }
    return 1;
}

static int before(const ms_question *q, int64_t ka, const ms_row *a, int64_t kb, const ms_row *b)
{
    for (uint32_t i = 0; i < q->norder; i++) {
        int32_t x = value_of(a, q->order[i]), y = value_of(b, q->order[i]);
        if (x == y) continue;
        if (x < 0 || y < 0) return y < 0;
        return (x < y) == !q->desc;
    }
    return ka != kb && (ka < kb) == !q->desc;
}

static void ms_expect(const ms_question *q, const ms_model *m, ms_answer *a)
{
    a->n = 0;
    for (int64_t k = 1; k <= KEYS; k++) {
        const ms_row *r = m->r + k;
        if (!r->live || !matches(q, r) || (q->after && !before(q, q->after, &q->after_row, k, r))) continue;
        uint32_t i = a->n++;
        for (; i > 0 && before(q, k, r, a->key[i - 1], a->r + i - 1); i--) {
            a->key[i] = a->key[i - 1];
            a->r[i] = a->r[i - 1];
        }
        a->key[i] = k;
        a->r[i] = *r;
    }
    if (q->limit && a->n > q->limit) a->n = q->limit;
}

void ms_check(ms_shop *s, int conn, const ms_question *q, const ms_model *m)
{
    ms_answer got, want;
    ms_question plain = *q;
    assert_int_equal(ms_ask(s, conn, q, &got), KAM_OK);
    if (got.unordered) {                    /* the same without what the store may leave out */
        plain.norder = plain.limit = 0;
        plain.after = 0;
        assert_int_equal(ms_ask(s, conn, &plain, &got), KAM_OK);
    }
    ms_expect(&plain, m, &want);
    assert_int_equal(got.n, want.n);
    for (uint32_t i = 0; i < got.n; i++) {
        assert_int_equal(got.key[i], want.key[i]);
        assert_memory_equal(got.r + i, want.r + i, sizeof(ms_row));
    }
}
