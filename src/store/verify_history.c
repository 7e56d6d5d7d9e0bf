/*
 * store/verify_history.c - what history promises: believed facts of one subject never overlap, a correction follows the
 * one event it corrects, a policy is still the document that was hashed.
 */
#include "verify.h"

/* ---------------------------------------------------------------- facts */

/* A subject is told from another by 64 bits of hash; the memory is 24 bytes a fact. */
typedef struct vfact { uint64_t subject; int64_t id; int32_t from, to; } vfact;
typedef struct vfact_job { kam__verify *v; const kam__kind *kind; vfact *fact; size_t n, cap; kam_buf key; } vfact_job;

static uint64_t vfact_subject(vfact_job *j, const kam_block *rows, uint32_t row)
{
    kam__buf_clear(&j->key);
    for (uint32_t i = 0; i < j->kind->nfield; i++) {
        const kam__field *f = &j->kind->field[i];
        const kam_col *c = f->flags & KAM__F_SUBJECT ? kam__block_col(rows, f->id) : NULL;
        if (!c) continue;
        size_t len = 0;
        const char *text = kam__col_text(c, row, &len);
        if (kam__col_null(c, row)) kam__buf_char(&j->key, 0);
        else if (text) kam__buf_put(&j->key, text, len);
        else kam__buf_i64(&j->key, kam__col_i64(c, row));
        kam__buf_put(&j->key, "", 1);
    }
    return kam__hash(kam_buf_data(&j->key), j->key.size);
}

static int32_t vfact_on_block(void *user, const kam_block *rows)
{
    vfact_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM), *to = kam__block_col(rows, KAM_VALID_TO);
    KAM__TRY(kam__grow(j->v->ctx, &j->fact, &j->cap, j->n + rows->nrow, sizeof *j->fact, j->v->err));
    for (uint32_t r = 0; r < rows->nrow; r++) {
        vfact f = { .subject = vfact_subject(j, rows, r), .id = kam__col_i64(id, r) };
        if (j->key.failed) return kam__nomem(j->v->err);
        f.from = kam__col_null(from, r) ? (int32_t)KAM_DAY_FIRST : (int32_t)kam__col_i64(from, r);
        f.to = kam__col_null(to, r) ? (int32_t)KAM_DAY_END : (int32_t)kam__col_i64(to, r);
        if (f.from < f.to) j->fact[j->n++] = f;
        else KAM__TRY(kam__verify_found(j->v, "RANGE", j->kind, f.id, kam__kind_field(j->kind, KAM_VALID_FROM), NULL,
                                        "%s %lld: valid_from is not before valid_to", j->kind->name, (long long)f.id));
    }
    return KAM_OK;
}

static int vfact_compare(const void *a, const void *b, void *arg)
{
    const vfact *x = a, *y = b;
    (void)arg;
    if (x->subject != y->subject) return x->subject < y->subject ? -1 : 1;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Sorted by their beginning, a fact overlaps an earlier one if it begins before the latest end so far. */
static int32_t vfact_overlaps(vfact_job *j)
{
    size_t latest = 0;
    KAM__TRY(kam__sort(j->v->ctx, j->fact, j->n, sizeof *j->fact, vfact_compare, NULL, j->v->err));
    for (size_t i = 1; i < j->n; i++) {
        const vfact *a = &j->fact[latest], *b = &j->fact[i];
        if (a->subject == b->subject && b->from < a->to)
            KAM__TRY(kam__verify_found(j->v, "OVERLAP", j->kind, b->id, kam__kind_field(j->kind, KAM_VALID_FROM), NULL,
                                       "%s %lld and %lld of one subject are both in force on some day", j->kind->name,
                                       (long long)a->id, (long long)b->id));
        if (a->subject != b->subject || b->to > a->to) latest = i;
    }
    return KAM_OK;
}

int32_t kam__verify_facts(kam__verify *v, const kam__kind *kind)
{
    uint32_t field[16] = { KAM_ID, KAM_VALID_FROM, KAM_VALID_TO }, n = 3;
    vfact_job j = { .v = v, .kind = kind };
    kam_pred p;
    kam__pred mem;
    if (!kam__verify_has(v, kind, KAM__SEQ_TO)) return KAM_OK;         /* a host's table without our history */
    for (uint32_t i = 0; i < kind->nfield && n < KAM__LEN(field); i++)
        if (kind->field[i].flags & KAM__F_SUBJECT) field[n++] = kind->field[i].id;
    kam__buf_init(&j.key, v->ctx);
    kam__pred_i64(&p, &mem, kam__kind_field(kind, KAM__SEQ_TO), KAM_OP_EQ, KAM__SEQ_OPEN);
    int32_t rc = kam__verify_scan(v, kind, field, n, &p, vfact_on_block, &j);
    if (rc == KAM_OK) rc = vfact_overlaps(&j);
    kam__buf_drop(&j.key);
    kam__free(v->ctx, j.fact);
    return rc;
}

/* ---------------------------------------------------------------- events */

/* Only corrections are kept: what they replace, and their version. */
typedef struct vevent { int64_t replaces, id, rev; } vevent;
typedef struct vevent_job { kam__verify *v; const kam__kind *kind; vevent *event; size_t n, cap; } vevent_job;

static int32_t vevent_on_block(void *user, const kam_block *rows)
{
    vevent_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *rev = kam__block_col(rows, KAM_REV);
    const kam_col *old = kam__block_col(rows, KAM__REPLACES);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        if (!kam__col_null(old, r)) {
            KAM__TRY(kam__grow(j->v->ctx, &j->event, &j->cap, j->n + 1, sizeof *j->event, j->v->err));
            j->event[j->n++] = (vevent){ kam__col_i64(old, r), kam__col_i64(id, r), kam__col_i64(rev, r) };
        } else if (!kam__col_null(rev, r) && kam__col_i64(rev, r) != 1) {
            KAM__TRY(kam__verify_found_id(j->v, "VERSION", j->kind, kam__col_i64(id, r),
                                          kam__kind_field(j->kind, KAM_REV), kam__col_i64(rev, r),
                                          "replaces nothing and should be 1"));
        }
    }
    return KAM_OK;
}

static int vevent_compare(const void *a, const void *b, void *arg)
{
    const vevent *x = a, *y = b;
    (void)arg;
    if (x->replaces != y->replaces) return x->replaces < y->replaces ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static const vevent *vevent_of(const vevent_job *j, int64_t replaced)
{
    size_t low = 0, high = j->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (j->event[mid].replaces < replaced) low = mid + 1;
        else high = mid;
    }
    return low < j->n && j->event[low].replaces == replaced ? &j->event[low] : NULL;
}

/* Second pass: is each correction one version after what it replaces? */
static int32_t vevent_on_replaced(void *user, const kam_block *rows)
{
    vevent_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *rev = kam__block_col(rows, KAM_REV);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        const vevent *e = vevent_of(j, kam__col_i64(id, r));
        if (!e || e->rev == kam__col_i64(rev, r) + 1) continue;
        KAM__TRY(kam__verify_found_id(j->v, "VERSION", j->kind, e->id, kam__kind_field(j->kind, KAM_REV), e->rev,
                                      "does not follow the version it replaces"));
    }
    return KAM_OK;
}

static int32_t vevent_twice(vevent_job *j)
{
    KAM__TRY(kam__sort(j->v->ctx, j->event, j->n, sizeof *j->event, vevent_compare, NULL, j->v->err));
    for (size_t i = 1; i < j->n; i++)
        if (j->event[i].replaces == j->event[i - 1].replaces)
            KAM__TRY(kam__verify_found_id(j->v, "VERSION", j->kind, j->event[i].id,
                                          kam__kind_field(j->kind, KAM__REPLACES), j->event[i].replaces,
                                          "is replaced by another event too"));
    return KAM_OK;
}

int32_t kam__verify_events(kam__verify *v, const kam__kind *kind)
{
    static const uint32_t field[] = { KAM_ID, KAM_REV, KAM__REPLACES };
    vevent_job j = { .v = v, .kind = kind };
    if (!kam__verify_has(v, kind, KAM_REV) || !kam__verify_has(v, kind, KAM__REPLACES)) return KAM_OK;
    int32_t rc = kam__verify_scan(v, kind, field, 3, NULL, vevent_on_block, &j);
    if (rc == KAM_OK) rc = vevent_twice(&j);
    if (rc == KAM_OK && j.n) rc = kam__verify_scan(v, kind, field, 2, NULL, vevent_on_replaced, &j);
    kam__free(v->ctx, j.event);
    return rc;
}

/* ---------------------------------------------------------------- policies */

static int32_t vpolicy_on_block(void *user, const kam_block *rows)
{
    kam__verify *v = user;
    const kam__kind *k = kam__schema_kind(v->home->schema, KAM_KIND_POLICY);
    const kam_col *id = kam__block_col(rows, KAM_ID);
    const kam_col *hash = kam__block_col(rows, KAM_POLICY_HASH), *body = kam__block_col(rows, KAM_POLICY_BODY);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        char hex[65];
        size_t len = 0, hlen = 0;
        const char *text = kam__col_text(body, r, &len), *said = kam__col_text(hash, r, &hlen);
        kam__sha256 s;
        kam__sha256_init(&s);
        if (text) kam__sha256_add(&s, text, len);
        kam__sha256_end(&s, hex);
        if (said && hlen == 64 && memcmp(said, hex, 64) == 0) continue;
        KAM__TRY(kam__verify_found(v, "HASH", k, kam__col_i64(id, r), kam__kind_field(k, KAM_POLICY_HASH), hex,
                                   "policy %lld: the stored hash is not that of its body",
                                   (long long)kam__col_i64(id, r)));
    }
    return KAM_OK;
}

int32_t kam__verify_policies(kam__verify *v)
{
    static const uint32_t field[] = { KAM_ID, KAM_POLICY_HASH, KAM_POLICY_BODY };
    const kam__kind *k = kam__schema_kind(v->home->schema, KAM_KIND_POLICY);
    if (!kam__verify_has(v, k, KAM_POLICY_BODY)) return KAM_OK;
    return kam__verify_scan(v, k, field, KAM__LEN(field), NULL, vpolicy_on_block, v);
}
