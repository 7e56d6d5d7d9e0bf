/*
 * mutants.c - a store in front of the memory store that can be made to differ in one thing (mutants_list.c says in
 * which).
 *
 * A scan collects all rows of the store behind it as plain rows, which a mutation may change, and hands them out in
 * blocks; writes are noted, so that a mutation can bring them back after a rollback. Without a mutation it keeps the
 * contract.
 */
#include "mutants.h"
#include <stdlib.h>

const kam_store_vt *const kam__mutant_inner = &kam__memory_vt;

uint32_t kam__mutant_field(uint32_t place)
{
    uint32_t n;
    return kam_kit_tables(&n)->field[place].id;
}

int kam__mutant_text_is(const kam_col *c, uint32_t row, const char *want)
{
    size_t n;
    const char *t = c ? kam__col_text(c, row, &n) : NULL;
    return t && n == strlen(want) && memcmp(t, want, n) == 0;
}

const mutation *kam__mutation(uint32_t i)
{
    uint32_t n = 0;
    while (kam__mutations_write[n].id) n++;
    const mutation *m = i < n ? kam__mutations_write + i : kam__mutations_scan;
    for (uint32_t k = n; k < i && m->id; k++) m++;
    return m->id ? m : NULL;
}

/* ---------------------------------------------------------------- what was written */

static int mutant_text(const kam_block *b, uint32_t place, uint32_t row, char out[8])
{
    const kam_col *c = kam__block_col(b, kam__mutant_field(place));
    size_t len;
    const char *t = c ? kam__col_text(c, row, &len) : NULL;
    if (!t || len > 7) return 0;
    memcpy(out, t, len);
    out[len] = '\0';
    return 1;
}

/* Live pairs of this key get the state. */
static void mutant_pairs(mutant_store *s, int64_t key, int state)
{
    for (uint32_t i = 0; i < s->npair; i++)
        if (s->pair[i].key == key && s->pair[i].state == PAIR_LIVE) s->pair[i].state = state;
}

static void mutant_note_row(mutant_store *s, uint32_t op, const kam_block *b, uint32_t row)
{
    int64_t key = kam__col_i64(kam__block_col(b, 1), row);
    mutant_pair p = {.key = key, .state = PAIR_LIVE};
    int paired = mutant_text(b, M_SOURCE, row, p.source) && mutant_text(b, M_EXT, row, p.ext);
    if (op == KAM_WRITE_INSERT && s->nkey < 40) s->key[s->nkey++] = key;
    if (op == KAM_WRITE_DELETE) mutant_pairs(s, key, PAIR_DELETED);
    if (op == KAM_WRITE_UPDATE && paired) mutant_pairs(s, key, PAIR_UPDATED);
    if (op != KAM_WRITE_DELETE && paired && s->npair < 40) s->pair[s->npair++] = p;
}

static void mutant_save(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b)
{
    mutant_saved *s = c->saved + c->nsaved;
    uint32_t field[M_ALL + 2];
    uint8_t type[M_ALL + 2];
    if (c->nsaved == KAM__LEN(c->saved) || b->nrow > 16 || b->ncol > M_ALL + 2) return;
    for (uint32_t i = 0; i < b->ncol; i++) {
        field[i] = b->col[i].field;
        type[i] = b->col[i].type;
    }
    if (kam__bb_init(&s->rows, c->s->ctx, b->ncol, field, type, NULL) != KAM_OK) return;
    for (uint32_t r = 0; r < b->nrow; r++) {
        for (uint32_t i = 0; i < b->ncol; i++) kam__bb_copy(&s->rows, i, b->col + i, r);
        (void)kam__bb_end_row(&s->rows, NULL);
    }
    s->table = t->id;
    s->op = op;
    c->nsaved++;
}

static void mutant_forget(mutant_conn *c)
{
    while (c->nsaved) kam__bb_free(&c->saved[--c->nsaved].rows);
}

static const kam_table *mutant_table(uint32_t id)
{
    uint32_t n;
    const kam_table *t = kam_kit_tables(&n);
    return t[0].id == id ? t : t + 1;
}

void kam__mutant_replay(mutant_conn *c, uint32_t op)
{
    kam_store_err err = {.struct_size = sizeof err};
    (void)kam__mutant_inner->begin(c->inner, KAM_BEGIN_WRITE, &err);
    for (uint32_t i = 0; i < c->nsaved; i++) {
        kam_block b;
        kam__bb_view(&c->saved[i].rows, &b);
        if (c->saved[i].op == op)
            (void)kam__mutant_inner->write(c->inner, mutant_table(c->saved[i].table), op, &b, &err);
    }
    (void)kam__mutant_inner->end(c->inner, KAM_END_COMMIT, &err);
}

void kam__mutant_delete_all(mutant_conn *c)
{
    kam_store_err err = {.struct_size = sizeof err};
    for (uint32_t i = 0; i < c->s->nkey; i++) {
        const kam_col col = {1, KAM_T_I64, {0, 0, 0}, c->s->key + i, NULL, NULL};
        const kam_block b = {sizeof b, 1, 1, 0, &col};
        (void)kam__mutant_inner->begin(c->inner, KAM_BEGIN_WRITE, &err);
        int32_t rc = kam__mutant_inner->write(c->inner, mutant_table(120), KAM_WRITE_DELETE, &b, &err);
        (void)kam__mutant_inner->end(c->inner, rc ? KAM_END_ABORT : KAM_END_COMMIT, &err);
    }
}

/* ---------------------------------------------------------------- transactions */

static int32_t mutant_begin(void *self, uint32_t flags, kam_store_err *err)
{
    mutant_conn *c = self;
    const mutation *m = c->s->m;
    int32_t rc = KAM_OK;
    if (c->s->kind != MUTANT_SAVEPOINT)
        rc = m && m->begin ? m->begin(c, flags, err) : kam__mutant_inner->begin(c->inner, flags, err);
    if (rc) return rc;
    c->mode = flags;
    c->failed = c->attempts = c->ops = 0;
    c->seen = c->s->commits;
    mutant_forget(c);
    if (flags == KAM_BEGIN_WRITE) c->s->writer = c;
    return KAM_OK;
}

static void mutant_ended(mutant_conn *c, int kept)
{
    mutant_store *s = c->s;
    if (kept && c->mode == KAM_BEGIN_WRITE && c->ops) {
        s->commits++;
        s->last_ops = c->ops;
    }
    for (uint32_t i = 0; !kept && i < c->nsaved; i++) {
        kam_block b;
        kam__bb_view(&c->saved[i].rows, &b);
        for (uint32_t r = 0; c->saved[i].op == KAM_WRITE_INSERT && r < b.nrow; r++) {
            int64_t key = kam__col_i64(kam__block_col(&b, 1), r);
            if (s->ngone < 8) s->gone[s->ngone++] = key;
            mutant_pairs(s, key, PAIR_ABORTED);
        }
    }
    mutant_forget(c);
    if (s->writer == c) s->writer = NULL;
    c->mode = c->failed = 0;
}

/* A savepoint inside the host's transaction: taking it back takes back all there is, the kit never has more in one. */
static int32_t mutant_end_savepoint(mutant_conn *c, uint32_t how, kam_store_err *err)
{
    int early = c->s->m && strcmp(c->s->m->id, "txn.savepoint") == 0;
    if (how != KAM_END_ABORT && !c->failed && !early) return KAM_OK;
    int32_t rc = kam__mutant_inner->end(c->inner, how, err),
            again = kam__mutant_inner->begin(c->inner, KAM_BEGIN_WRITE, err);
    return rc ? rc : again;
}

static int32_t mutant_end(void *self, uint32_t how, kam_store_err *err)
{
    mutant_conn *c = self;
    const mutation *m = c->s->m;
    int32_t rc;
    if (c->s->kind == MUTANT_SAVEPOINT) rc = mutant_end_savepoint(c, how, err);
    else rc = m && m->end ? m->end(c, how, err) : kam__mutant_inner->end(c->inner, how, err);
    mutant_ended(c, how != KAM_END_ABORT && rc == KAM_OK);
    return rc;
}

static int32_t mutant_host_begin(void *user, void *self)
{
    kam_store_err err = {.struct_size = sizeof err};
    mutant_conn *c = self;
    (void)user;
    return kam__mutant_inner->begin(c->inner, KAM_BEGIN_WRITE, &err);
}

static int32_t mutant_host_end(void *user, void *self, int32_t commit)
{
    kam_store_err err = {.struct_size = sizeof err};
    mutant_conn *c = self;
    (void)user;
    return kam__mutant_inner->end(c->inner, commit ? KAM_END_COMMIT : KAM_END_ABORT, &err);
}

/* ---------------------------------------------------------------- rows out */

static mutant_cell mutant_cell_of(mutant_rows *r, const kam_col *k, uint32_t row)
{
    mutant_cell cell = {
        .has = !kam__col_null(k, row), .type = k->type, .i = kam__col_i64(k, row), .f = kam__col_f64(k, row)};
    const char *t = kam__col_text(k, row, &cell.len);
    cell.t = t ? kam__arena_text(&r->arena, t, cell.len) : NULL;
    return cell;
}

static int32_t mutant_collect(void *user, const kam_block *b)
{
    mutant_rows *r = user;
    if (r->n + b->nrow > r->cap) {
        uint32_t cap = (r->n + b->nrow) * 2;
        mutant_cell *cell = realloc(r->cell, (size_t)cap * b->ncol * sizeof *cell);
        if (!cell) return KAM_E_NOMEM;
        r->cell = cell;
        r->cap = cap;
    }
    for (uint32_t i = 0; i < b->nrow; i++, r->n++)
        for (uint32_t k = 0; k < b->ncol; k++) r->cell[(size_t)r->n * r->ncol + k] = mutant_cell_of(r, b->col + k, i);
    return 0;
}

const mutant_cell *kam__mutant_cell(const mutant_rows *r, uint32_t row, uint32_t place)
{
    for (uint32_t k = 0; k < r->ncol; k++)
        if (r->field[k] == kam__mutant_field(place)) return r->cell + (size_t)row * r->ncol + k;
    return NULL;
}

void kam__mutant_keep(mutant_rows *r, int (*keep)(const mutant_rows *r, uint32_t row, const kam_table_scan *q),
                      const kam_table_scan *q)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (keep(r, i, q)) {
            memmove(r->cell + (size_t)n * r->ncol, r->cell + (size_t)i * r->ncol, r->ncol * sizeof *r->cell);
            n++;
        }
    r->n = n;
}

void kam__mutant_sort(mutant_rows *r, int (*cmp)(const mutant_rows *r, uint32_t a, uint32_t b))
{
    for (uint32_t i = 1; i < r->n; i++)
        for (uint32_t j = i; j > 0 && cmp(r, j - 1, j) > 0; j--)
            for (uint32_t k = 0; k < r->ncol; k++) {
                mutant_cell *a = r->cell + (size_t)(j - 1) * r->ncol + k, *b = a + r->ncol, x = *a;
                *a = *b;
                *b = x;
            }
}

typedef struct again { mutant_rows *r; } again;
static int32_t again_fn(void *user, const kam_block *b)
{
    mutant_rows *r = ((again *)user)->r;
    for (uint32_t i = 0; i < b->nrow && r->n < r->cap; i++, r->n++)
        for (uint32_t k = 0; k < b->ncol; k++) {
            const kam_col *col = b->col + k;
            mutant_cell *v = r->cell + (size_t)r->n * r->ncol + k;
            size_t len;
            const char *t = kam__col_text(col, i, &len);
            *v = (mutant_cell){.has = !kam__col_null(col, i), .type = col->type, .len = len};
            v->i = kam__col_i64(col, i);
            v->f = kam__col_f64(col, i);
            if (t) v->t = kam__arena_text(&r->arena, t, len);
        }
    return 0;
}
int32_t kam__mutant_reread(mutant_conn *c, const kam_table_scan *q, mutant_rows *r, void *inner)
{
    again a = {r};
    kam_table_scan ask = *q;
    (void)c;
    if (!r->cap) return KAM_OK;
    r->n = 0;
    return kam__mutant_inner->scan(inner, &ask, again_fn, &a, NULL);
}

static void mutant_put(kam__blockbuf *b, uint32_t col, const mutant_cell *c)
{
    if (!c->has) return;
    if (c->type == KAM_T_TEXT) kam__bb_text(b, col, c->t, c->len);
    else if (c->type == KAM_T_F64) kam__bb_f64(b, col, c->f);
    else kam__bb_i64(b, col, c->i);
}

static uint8_t mutant_type(const kam_table *t, uint32_t field)
{
    for (uint32_t i = 0; i < t->nfield; i++)
        if (t->field[i].id == field) return t->field[i].type;
    return KAM_T_I64;
}

/* The columns handed out: place in the rows for each. */
static uint32_t mutant_columns(const kam_table_scan *q, uint32_t quirk, uint32_t *from, uint32_t *field,
                               uint8_t *type)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->nfield; i++) {
        from[n] = quirk == QUIRK_TURN && q->nfield == 2 ? 1 - i : i;
        field[n] = q->field[from[n]];
        type[n] = mutant_type(q->table, field[n]);
        if (quirk == QUIRK_I64 && q->nfield == 1 && type[n] == KAM_T_I32) type[n] = KAM_T_I64;
        n++;
    }
    if (quirk == QUIRK_MORE && q->nfield == 3 && q->table->id == 120) {
        from[n] = 0;
        field[n] = field[0];
        type[n++] = type[0];
    }
    return n;
}

static int32_t mutant_hand_out(mutant_store *s, const kam_table_scan *q, const mutant_rows *r, kam_block_fn fn,
                               void *user)
{
    uint32_t quirk = s->m ? s->m->quirk : QUIRK_NONE, from[16], field[16],
             size = quirk == QUIRK_BIG ? 65536 : q->block_rows;
    uint8_t type[16];
    kam__blockbuf bb;
    kam_block b;
    int32_t rc = KAM_OK, first = KAM_OK;
    uint32_t ncol = mutant_columns(q, quirk, from, field, type);
    if (kam__bb_init(&bb, s->ctx, ncol, field, type, NULL) != KAM_OK) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < r->n && (!first || quirk == QUIRK_GO_ON);) {
        kam__bb_clear(&bb);
        for (uint32_t n = 0; n < size && i < r->n && bb.text < 4u << 20; n++, i++) {
            for (uint32_t k = 0; k < ncol; k++) mutant_put(&bb, k, r->cell + (size_t)i * r->ncol + from[k]);
            (void)kam__bb_end_row(&bb, NULL);
        }
        kam__bb_view(&bb, &b);
        rc = fn(user, &b);
        if (rc && !first) first = rc;
    }
    kam__bb_clear(&bb);
    kam__bb_view(&bb, &b);
    if (!first && quirk == QUIRK_EMPTY && r->n) first = fn(user, &b);
    kam__bb_free(&bb);
    return quirk == QUIRK_SWALLOW && first > 0 ? KAM_OK : first;
}

/* A store may leave out everything: all rows, in whatever order. */
static void mutant_leave_out(kam_table_scan *q)
{
    q->npred = q->norder = 0;
    q->after = NULL;
    q->limit = 0;
    q->flags = 0;
}

static int32_t mutant_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    mutant_conn *c = self;
    mutant_store *s = c->s;
    const mutation *m = s->m;
    uint32_t quirk = m ? m->quirk : QUIRK_NONE;
    kam_pred pred[4];
    kam_table_scan ask = *q;
    mutant_rows r = {.ncol = q->nfield, .field = q->field};
    if (s->kind != MUTANT_LAZY && !quirk && m && !m->before && !m->after)
        return kam__mutant_inner->scan(c->inner, q, fn, user, err);
    uint64_t handled = q->handled;
    for (uint32_t i = 0; i < q->npred && i < 4; i++) pred[i] = q->pred[i];
    ask.pred = pred;
    if (s->kind == MUTANT_LAZY) mutant_leave_out(&ask);
    int32_t rc = m && m->before ? m->before(c, &ask) : KAM_OK;
    if (rc) return rc > 0 ? KAM_OK : rc;
    kam__arena_init(&r.arena, s->ctx, 0);
    if (quirk == QUIRK_HANDLED_KEPT && handled) ask.npred = 0;
    rc = kam__mutant_inner->scan(c->inner, &ask, mutant_collect, &r, err);
    if (rc == KAM_OK && m && m->after) rc = m->after(c, q, &r);
    uint64_t out = s->kind == MUTANT_LAZY ? 0 : quirk == QUIRK_HANDLED_KEPT && handled ? handled : ask.handled;
    if (m && strcmp(m->id, "limit.unhandled") == 0 && ask.npred < q->npred) out &= ~(uint64_t)1;
    q->handled = quirk == QUIRK_HANDLED_LATE ? 0 : out;
    if (rc == KAM_OK) rc = mutant_hand_out(s, q, &r, fn, user);
    q->handled = out;
    kam__arena_free(&r.arena);
    free(r.cell);
    return rc;
}

/* ---------------------------------------------------------------- rows in */

int32_t kam__mutant_write(mutant_conn *c, const kam_table *t, uint32_t op, const kam_block *b, kam_store_err *err)
{
    int32_t rc = kam__mutant_inner->write(c->inner, t, op, b, err);
    if (rc) {
        c->failed |= c->s->writer == c;
        return rc;
    }
    c->ops |= 1u << op;
    c->s->updates += op == KAM_WRITE_UPDATE;
    for (uint32_t i = 0; i < b->nrow && t->id == 120; i++) mutant_note_row(c->s, op, b, i);
    mutant_save(c, t, op, b);
    return KAM_OK;
}

static int32_t mutant_write(void *self, const kam_table *t, uint32_t op, const kam_block *b, kam_store_err *err)
{
    mutant_conn *c = self;
    const mutation *m = c->s->m;
    c->attempts++;
    c->s->writes++;
    return m && m->write ? m->write(c, t, op, b, err) : kam__mutant_write(c, t, op, b, err);
}

static int32_t mutant_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                              kam_store_err *err)
{
    mutant_conn *c = self;
    const mutation *m = c->s->m;
    if (how == KAM_PREPARE_CREATE) c->s->creates++;
    if (m && m->prepare) return m->prepare(c, t, n, how, fn, user, err);
    return kam__mutant_inner->prepare(c->inner, t, n, how, fn, user, err);
}

static int32_t mutant_reserve(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    mutant_conn *c = self;
    const mutation *m = c->s->m;
    if (m && m->reserve) return m->reserve(c, table, n, first, err);
    return kam__mutant_inner->reserve(c->inner, table, n, first, err);
}

static int32_t mutant_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    mutant_conn *c = self;
    const mutation *m = c->s->m;
    if (m && m->control) return m->control(c, op, arg, user, err);
    return kam__mutant_inner->control(c->inner, op, arg, fn, user, err);
}

/* ---------------------------------------------------------------- life */

static void mutant_close(void *self)
{
    mutant_conn *c = self;
    mutant_forget(c);
    if (c->s->writer == c) c->s->writer = NULL;
    kam__mutant_inner->close(c->inner);
    free(c);
}

static int32_t mutant_connect(void *user, void *self, void **other)
{
    mutant_store *s = user;
    mutant_conn *c = calloc(1, sizeof *c);
    if (!c) return KAM_E_NOMEM;
    c->s = s;
    c->first = self == NULL;
    int32_t rc = kam__memory_connect(&c->inner, s->memory, NULL);
    if (rc) free(c);
    else *other = c;
    return rc;
}

static int32_t mutant_make(void *user, const kam_store_vt **vt, void **self)
{
    mutant_store *s = user, fresh = {.kind = s->kind, .m = s->m, .ctx = s->ctx, .vt = s->vt};
    uint32_t n;
    const kam_table *t = kam_kit_tables(&n);
    *s = fresh;
    KAM__TRY(kam__memory_new(&s->memory, s->ctx, NULL));
    KAM__TRY(mutant_connect(s, NULL, self));
    if (s->kind == MUTANT_BARE)
        KAM__TRY(kam__mutant_inner->prepare(((mutant_conn *)*self)->inner, t, n, KAM_PREPARE_CREATE, NULL, NULL, NULL));
    *vt = &s->vt;
    return KAM_OK;
}

static void mutant_destroy(void *user, const kam_store_vt *vt, void *self)
{
    mutant_store *s = user;
    (void)vt;
    mutant_close(self);
    kam__memory_drop(s->memory);
}

static int32_t mutant_reopen(void *user, const kam_store_vt **vt, void **self)
{
    mutant_store *s = user;
    mutant_conn *c = *self;
    uint32_t n, quirk = s->m ? s->m->quirk : QUIRK_NONE;
    const kam_table *t = kam_kit_tables(&n);
    if (quirk == QUIRK_KEEP_OPEN && c->mode == KAM_BEGIN_WRITE)
        (void)kam__mutant_inner->end(c->inner, KAM_END_COMMIT, NULL);
    mutant_close(c);
    if (quirk == QUIRK_FORGET) {
        kam__memory_drop(s->memory);
        KAM__TRY(kam__memory_new(&s->memory, s->ctx, NULL));
    }
    KAM__TRY(mutant_connect(s, NULL, self));
    if (quirk == QUIRK_FORGET)
        KAM__TRY(kam__mutant_inner->prepare(((mutant_conn *)*self)->inner, t, n, KAM_PREPARE_CREATE, NULL, NULL, NULL));
    *vt = &s->vt;
    return KAM_OK;
}

void kam__mutant_init(mutant_store *s, uint32_t kind, const mutation *m, kam_ctx *ctx)
{
    const kam_store_vt vt = {sizeof vt,      KAM_STORE_ABI,  mutant_begin,   mutant_end,  mutant_scan, mutant_write,
                             mutant_prepare, mutant_reserve, mutant_control, mutant_close};
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->m = m;
    s->ctx = ctx;
    s->vt = vt;
    if (m && m->quirk == QUIRK_ABI) s->vt.abi = 2;
    if (kind == MUTANT_HOST) s->vt.begin = NULL, s->vt.end = NULL;
    if (kind == MUTANT_BARE)
        s->vt = (kam_store_vt){offsetof(kam_store_vt, prepare),
                               KAM_STORE_ABI,
                               mutant_begin,
                               mutant_end,
                               mutant_scan,
                               mutant_write,
                               NULL,
                               NULL,
                               NULL,
                               NULL};
}

kam_kit_options kam__mutant_options(mutant_store *s)
{
    kam_kit_options o = {.struct_size = sizeof o,
                         .user = s,
                         .make = mutant_make,
                         .destroy = mutant_destroy,
                         .connect = mutant_connect,
                         .reopen = mutant_reopen};
    if (s->kind == MUTANT_BARE) o.connect = NULL, o.reopen = NULL;
    if (s->kind == MUTANT_SAVEPOINT || s->kind == MUTANT_HOST) {
        o.mode = s->kind == MUTANT_HOST ? KAM_TXN_HOST : KAM_TXN_SAVEPOINT;
        o.host_begin = mutant_host_begin;
        o.host_end = mutant_host_end;
        o.connect = NULL;
        o.reopen = NULL;
    }
    return o;
}
