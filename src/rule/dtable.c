/*
 * rule/dtable.c - deciding by a table: which rows match, which of them count, what they say.
 *
 * A row matches where each of its cells takes the input's value. A cell that names a value reads it as the column's
 * type. No value (null) matches "-", null and not(...) of something else; it is never zero, false or "". The hit policy
 * then says which rows count and in what order; two rows that break UNIQUE or ANY are an error that names both.
 */
#include "dtable.h"

typedef struct ddec { const kam__dt *t; kam__arena *arena; kam__dt_get get; void *user; kam_error *err; } ddec;

/* ---------------------------------------------------------------- values from JSON and records */

/* A member by its whole name, else by the longest name before a '.' and so on inside. */
static const kam__json *ddec_member(const kam__json *v, const char *path)
{
    while (v && *path) {
        const kam__json *best = NULL;
        size_t taken = 0;
        if (v->type != KAM__J_OBJECT) return NULL;
        for (const kam__json *m = v->child; m; m = m->next) {
            size_t n = m->key_len;
            if (m->duplicate || n < taken || strncmp(path, m->key, n) != 0 || (path[n] && path[n] != '.')) continue;
            best = m;
            taken = n;
        }
        v = best;
        path += taken + (best && path[taken] == '.');
    }
    return v;
}

int32_t kam__dt_get_json(void *user, kam__dt_value *out, uint8_t t, const char *path, kam__arena *arena,
                         kam_error *err)
{
    const kam__json *v = ddec_member(user, path);
    *out = (kam__dt_value){.t = KAM__DT_NULL};
    return v ? kam__dt_of_json(out, t, v, arena, err) : KAM_OK;
}

static uint8_t ddec_field_type(const kam__field *f)
{
    switch (f->logic) {
    case KAM__L_BOOL: return KAM__DT_BOOL;
    case KAM__L_DAY: return KAM__DT_DATE;
    case KAM__L_INSTANT: return KAM__DT_DATETIME;
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: case KAM__L_DEG6: case KAM__L_MONEY: case KAM__L_DECIMAL:
    case KAM__L_POINTS: case KAM__L_F64: return KAM__DT_NUMBER;
    default: return KAM__DT_TEXT;
    }
}

int32_t kam__dt_get_record(void *user, kam__dt_value *out, uint8_t t, const char *path, kam__arena *arena,
                           kam_error *err)
{
    const kam_record *r = user;
    const kam__field *f = kam__kind_field_by_name(r->kind, path, strlen(path));
    size_t len = 0;
    *out = (kam__dt_value){.t = KAM__DT_NULL};
    if (!f) return kam__fail(err, KAM_E_POLICY, "the table reads \"%.60s\", which is no field of %s", path,
                             r->kind->name);
    const char *text = kam__record_cell_format(r, kam__kind_index(r->kind, f->id), &len);
    if (!text) return KAM_OK;
    uint8_t own = ddec_field_type(f);
    if (own == KAM__DT_BOOL) *out = (kam__dt_value){.t = KAM__DT_BOOL, .i = kam__record_num(r, f->id, 0) != 0};
    else {
        const char *copy = kam__arena_text(arena, text, len);           /* the next field may use the same place */
        if (!copy) return kam__nomem(err);
        if (kam__dt_read(out, own == KAM__DT_TEXT && t != KAM__DT_ANY && t != KAM__DT_BOOL ? t : own, copy, len) == 0)
            return kam__fail(err, KAM_E_TYPE, "field \"%.60s\" holds \"%.40s\", which is no %s", path, copy,
                             kam__dt_type_name(t));
    }
    if (t == KAM__DT_ANY || t == out->t || (t == KAM__DT_DATETIME && out->t == KAM__DT_DATE)) return KAM_OK;
    return kam__fail(err, KAM_E_TYPE, "field \"%.60s\" is a %s where the table takes a %s", path,
                     kam__dt_type_name(out->t), kam__dt_type_name(t));
}

/* ---------------------------------------------------------------- cells */

static int32_t ddec_operand(const ddec *x, kam__dt_value *out, const kam__dt_operand *o, uint8_t type)
{
    *out = o->value;
    return o->path ? x->get(x->user, out, type, o->path, x->arena, x->err) : KAM_OK;
}

static int ddec_equal(const kam__dt_value *v, const kam__dt_value *a)
{
    if (a->t != KAM__DT_LIST || v->t == KAM__DT_LIST) return kam__dt_same(v, a);
    for (uint32_t i = 0; i < a->n; i++)
        if (kam__dt_same(v, &a->list[i])) return 1;
    return 0;
}

/* 1, 0; -1: the two are not in order (no value, other types), so that not(...) does not hold either. */
static int ddec_test(const kam__dt_test *t, const kam__dt_value *v, const kam__dt_value *a, const kam__dt_value *b)
{
    int s = 0, u = 0;
    if (t->op == KAM__DT_EQ) return ddec_equal(v, a);
    if (t->op == KAM__DT_NE) return !ddec_equal(v, a);
    if (v->t == KAM__DT_BOOL || !kam__dt_compare(&s, v, a)) return -1;
    switch (t->op) {
    case KAM__DT_LT: return s < 0;
    case KAM__DT_LE: return s <= 0;
    case KAM__DT_GT: return s > 0;
    case KAM__DT_GE: return s >= 0;
    default:
        if (!kam__dt_compare(&u, v, b)) return -1;
        return (t->lo_open ? s > 0 : s >= 0) && (t->hi_open ? u < 0 : u <= 0);
    }
}

/* Adds a test's answer to those before: one that holds decides, one that cannot tell spoils a not(...). */
static int ddec_or(int sofar, int test) { return sofar == 1 || test == 1 ? 1 : sofar < 0 || test < 0 ? -1 : 0; }

static int ddec_not(const kam__dt_cell *c, int any) { return c->negated ? any == 0 : any == 1; }

int kam__dt_cell_has(const kam__dt_cell *c, const kam__dt_value *v)
{
    int any = !c->ntest;
    for (uint32_t i = 0; i < c->ntest && any != 1; i++)
        any = ddec_or(any, ddec_test(&c->test[i], v, &c->test[i].a.value, &c->test[i].b.value));
    return ddec_not(c, any);
}

static int32_t ddec_cell(const ddec *x, int *has, const kam__dt_cell *c, uint32_t input, const kam__dt_value *v)
{
    uint8_t type = x->t->input[input].type;
    kam__dt_value a, b;
    int any = !c->ntest;
    for (uint32_t i = 0; i < c->ntest && any != 1; i++) {
        KAM__TRY(ddec_operand(x, &a, &c->test[i].a, type));
        KAM__TRY(ddec_operand(x, &b, &c->test[i].b, type));
        any = ddec_or(any, ddec_test(&c->test[i], v, &a, &b));
    }
    *has = ddec_not(c, any);
    return KAM_OK;
}

static int32_t ddec_match(const ddec *x, kam__dt_decision *d)
{
    for (uint32_t r = 0; r < x->t->nrow; r++) {
        d->fail[r] = UINT32_MAX;
        for (uint32_t i = 0; i < x->t->ninput && d->fail[r] == UINT32_MAX; i++) {
            int has = 0;
            KAM__TRY(ddec_cell(x, &has, &x->t->row[r].when[i], i, &d->in[i]));
            if (!has) d->fail[r] = i;
        }
        if (d->fail[r] == UINT32_MAX) d->chosen[d->nmatch++] = r;
    }
    d->nchosen = d->nmatch;
    return KAM_OK;
}

static int32_t ddec_inputs(const ddec *x, kam__dt_decision *d)
{
    for (uint32_t i = 0; i < x->t->ninput; i++) {
        const kam__dt_input *in = &x->t->input[i];
        KAM__TRY(x->get(x->user, &d->in[i], in->type, in->name, x->arena, x->err));
        if (d->in[i].t == KAM__DT_NULL && in->required)
            return kam__fail(x->err, KAM_E_POLICY, "input \"%.60s\" has no value, and the table requires one", in->name);
        if (d->in[i].t != KAM__DT_NULL && !kam__dt_cell_has(&in->values, &d->in[i]))
            return kam__fail(x->err, KAM_E_POLICY, "input \"%.60s\" is none of its values: %.80s", in->name,
                             in->values.text);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- hit policies */

/* Place of a row's value in the list of the output; behind all where it is not in it. */
static uint32_t ddec_place(const kam__dt_output *o, const kam__dt_operand *v)
{
    uint32_t k = 0;
    while (k < o->nvalue && (v->path || !kam__dt_same(&o->value[k], &v->value))) k++;
    return k;
}

int kam__dt_rank_cmp(const kam__dt *t, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < t->noutput; i++) {
        uint32_t x = ddec_place(&t->output[i], &t->row[a].then[i]), y = ddec_place(&t->output[i], &t->row[b].then[i]);
        if (x != y) return x < y ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

static int ddec_rank(const void *a, const void *b, void *arg)
{
    return kam__dt_rank_cmp(arg, *(const uint32_t *)a, *(const uint32_t *)b);
}

int kam__dt_same_then(const kam__dt *t, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < t->noutput; i++) {
        const kam__dt_operand *x = &t->row[a].then[i], *y = &t->row[b].then[i];
        if (!x->path != !y->path) return 0;
        if (x->path ? !kam__text_same(x->path, y->path) : !kam__dt_same(&x->value, &y->value)) return 0;
    }
    return 1;
}

static int32_t ddec_same(const ddec *x, int *same, uint32_t a, uint32_t b)
{
    kam__dt_value v, w;
    *same = 1;
    for (uint32_t i = 0; i < x->t->noutput && *same; i++) {
        KAM__TRY(ddec_operand(x, &v, &x->t->row[a].then[i], KAM__DT_ANY));
        KAM__TRY(ddec_operand(x, &w, &x->t->row[b].then[i], KAM__DT_ANY));
        *same = kam__dt_same(&v, &w);
    }
    return KAM_OK;
}

static int32_t ddec_broken(const ddec *x, const char *policy, uint32_t a, uint32_t b, const char *why)
{
    const char *first = x->t->row[a].id, *second = x->t->row[b].id;
    return kam__fail(x->err, KAM_E_POLICY, "table \"%s\" is %s, but rows %u%s%.40s%s and %u%s%.40s%s both match%s",
                     x->t->name, policy, a + 1, first ? " (" : "", first ? first : "", first ? ")" : "", b + 1,
                     second ? " (" : "", second ? second : "", second ? ")" : "", why);
}

static int32_t ddec_hit(const ddec *x, kam__dt_decision *d)
{
    uint32_t *c = d->chosen;
    switch (x->t->hit) {
    case KAM__DT_UNIQUE: if (d->nmatch > 1) return ddec_broken(x, "UNIQUE", c[0], c[1], ""); break;
    case KAM__DT_ANY_HIT:
        for (uint32_t i = 1; i < d->nmatch; i++) {
            int same = 0;
            KAM__TRY(ddec_same(x, &same, c[0], c[i]));
            if (!same) return ddec_broken(x, "ANY", c[0], c[i], " and differ in their outputs");
        }
        break;
    case KAM__DT_FIRST: break;
    case KAM__DT_PRIORITY: case KAM__DT_OUTPUT_ORDER:
        KAM__TRY(kam__sort(x->arena->ctx, c, d->nmatch, sizeof *c, ddec_rank, (void *)(uintptr_t)x->t, x->err));
        break;
    default: break;
    }
    if (x->t->hit <= KAM__DT_FIRST && d->nchosen > 1) d->nchosen = 1;
    return KAM_OK;
}

int32_t kam__dt_decide(kam__dt_decision *d, const kam__dt *t, kam__arena *arena, kam__dt_get get, void *user,
                       kam_error *err)
{
    const ddec x = {t, arena, get, user, err};
    memset(d, 0, sizeof *d);
    d->fail = kam__arena_alloc(arena, t->nrow * 2 * sizeof *d->fail);
    if (!d->fail) return kam__nomem(err);
    d->chosen = d->fail + t->nrow;
    KAM__TRY(ddec_inputs(&x, d));
    KAM__TRY(ddec_match(&x, d));
    for (uint32_t i = 0; i < t->noutput; i++) d->defaults |= (uint8_t)(!d->nmatch && t->output[i].has_default);
    return ddec_hit(&x, d);
}

/* ---------------------------------------------------------------- the answer */

static int32_t ddec_object(const ddec *x, kam_buf *out, const kam__dt_row *r)
{
    kam__dt_value v;
    kam__buf_char(out, '{');
    for (uint32_t i = 0; i < x->t->noutput; i++) {
        const kam__dt_output *o = &x->t->output[i];
        KAM__TRY(ddec_operand(x, &v, r ? &r->then[i] : &o->if_none, KAM__DT_ANY));
        if (i) kam__buf_char(out, ',');
        kam__buf_json_text(out, o->name, strlen(o->name));
        kam__buf_char(out, ':');
        kam__dt_json(out, &v);
    }
    kam__buf_char(out, '}');
    return KAM_OK;
}

/* Exact while both are; a double in it makes the sum one. */
static int32_t ddec_plus(const ddec *x, kam__dt_value *sum, const kam__dt_value *v, uint32_t row)
{
    uint32_t scale = sum->scale > v->scale ? sum->scale : v->scale;
    int64_t a = 0, b = 0;
    if (v->t != KAM__DT_NUMBER)
        return kam__fail(x->err, KAM_E_TYPE, "table \"%s\" sums up, and row %u, which matches, holds no number",
                         x->t->name, row + 1);
    sum->f += v->f;
    sum->exact &= v->exact;
    if (!sum->exact) return KAM_OK;
    if (kam__rescale(sum->i, sum->scale, scale, KAM__EXACT, &a) || kam__rescale(v->i, v->scale, scale, KAM__EXACT, &b) ||
        kam__add(a, b, &sum->i))
        return kam__fail(x->err, KAM_E_LIMIT,
                         "table \"%s\": with row %u the sum of its rows does not fit 64 bits", x->t->name,
                         row + 1);
    sum->scale = (uint16_t)scale;
    return KAM_OK;
}

static int32_t ddec_aggregate(const ddec *x, kam__dt_value *out, const kam__dt_decision *d)
{
    kam__dt_value v;
    *out = (kam__dt_value){.t = KAM__DT_NUMBER, .exact = 1, .i = x->t->aggregate == KAM__DT_COUNT ? d->nmatch : 0};
    for (uint32_t k = 0; k < d->nmatch && x->t->aggregate != KAM__DT_COUNT; k++) {
        int sign = 0;
        KAM__TRY(ddec_operand(x, &v, &x->t->row[d->chosen[k]].then[0], KAM__DT_ANY));
        if (x->t->aggregate == KAM__DT_SUM) KAM__TRY(ddec_plus(x, out, &v, d->chosen[k]));
        else if (!k) *out = v;
        else if (!kam__dt_compare(&sign, &v, out))
            return kam__fail(x->err, KAM_E_TYPE, "table \"%s\" compares: row %u, which matches, holds another type than"
                             " those before it", x->t->name, d->chosen[k] + 1);
        else if (x->t->aggregate == KAM__DT_MIN ? sign < 0 : sign > 0) *out = v;
    }
    if (out->t == KAM__DT_NUMBER && !out->exact && out->f - out->f != 0)
        return kam__fail(x->err, KAM_E_LIMIT, "table \"%s\": the sum of the rows that match is no finite number",
                         x->t->name);
    return KAM_OK;
}

static int32_t ddec_put_aggregate(const ddec *x, kam_buf *out, const kam__dt_decision *d)
{
    kam__dt_value v;
    const char *name = x->t->output[0].name;
    KAM__TRY(ddec_aggregate(x, &v, d));
    kam__buf_str(out, "[{");
    kam__buf_json_text(out, name, strlen(name));
    kam__buf_char(out, ':');
    kam__dt_json(out, &v);
    kam__buf_str(out, "}]");
    return KAM_OK;
}

int32_t kam__dt_answer(kam_buf *out, const kam__dt *t, const kam__dt_decision *d, kam__arena *arena, kam__dt_get get,
                       void *user, kam_error *err)
{
    const ddec x = {t, arena, get, user, err};
    if (t->aggregate && (d->nmatch || (t->aggregate == KAM__DT_COUNT && !d->defaults)))
        return ddec_put_aggregate(&x, out, d);
    kam__buf_char(out, '[');
    if (d->defaults) KAM__TRY(ddec_object(&x, out, NULL));
    for (uint32_t k = 0; k < d->nchosen; k++) {
        if (k) kam__buf_char(out, ',');
        KAM__TRY(ddec_object(&x, out, &t->row[d->chosen[k]]));
    }
    kam__buf_char(out, ']');
    return KAM_OK;
}
