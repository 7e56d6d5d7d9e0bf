/*
 * segment/segment_book.c - schemes as handles, and a grading run: everything read in one transaction, nothing stored
 * until applied.
 *
 * The run keeps what it read (columns, grades, the grades in force before), so that explaining it asks the book for
 * nothing. Two equal input hashes mean: the same accounts with the same values of everything the scheme speaks of.
 */
#include "../store/store.h"
#include "segment_book.h"

/* ---------------------------------------------------------------- schemes */

int32_t kam__scheme_of_policy(kam_scheme **out, kam_ctx *ctx, kam__policy *policy, kam_error *err)
{
    kam_scheme *s = kam__zalloc(ctx, sizeof *s);
    if (!s) {
        kam__policy_free(policy);
        return kam__nomem(err);
    }
    kam__ref_init(&s->ref);
    s->ctx = kam__ctx_hold(ctx);
    s->policy = *policy;
    int32_t rc = kam__scheme_read(&s->doc, &s->policy.arena, s->policy.body, err);
    if (rc == KAM_OK) *out = s;
    else kam_scheme_free(s);
    return rc;
}

int32_t kam_scheme_open(kam_scheme **out, kam_book *book, const char *name, int32_t day, kam_error *err)
{
    kam__policy p;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!name) return kam__null_arg(err, "name");
    KAM__TRY(kam__policy_load(&p, book, KAM_POLICY_SCHEME, name, day, err));
    return kam__scheme_of_policy(out, book->ctx, &p, err);
}

static int32_t scheme_book_parse(kam_scheme **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    kam__policy p;
    KAM__TRY(kam__policy_of_json(&p, ctx, json, len, err));
    KAM__TRY(kam__scheme_of_policy(out, ctx, &p, err));
    memcpy((*out)->policy.name, (*out)->doc.name, strlen((*out)->doc.name) + 1);
    return KAM_OK;
}

int32_t kam_scheme_parse(kam_scheme **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    kam_ctx *use = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__ctx_take(&use, ctx, err));
    int32_t rc = scheme_book_parse(out, use, json, len == KAM_NUL ? strlen(json) : len, err);
    kam_ctx_free(use);
    return rc;
}

void kam_scheme_free(kam_scheme *s)
{
    if (!s || !kam__ref_drop(&s->ref)) return;
    kam_ctx *ctx = s->ctx;
    kam__policy_free(&s->policy);
    kam__free(ctx, s);
    kam_ctx_free(ctx);
}

int32_t kam__scheme_nominal(int *out, kam_book *b, const char *name, int32_t day, kam_error *err)
{
    kam_scheme *s = NULL;
    KAM__TRY(kam_scheme_open(&s, b, name, day, err));
    *out = s->doc.nominal;
    kam_scheme_free(s);
    return KAM_OK;
}

/* ---------------------------------------------------------------- what a grading keeps */

void kam__gradings_free(kam_ctx *ctx, void *self)
{
    kam__gradings *g = self;
    if (!g) return;
    for (uint32_t i = 0; i < KAM__GRADING_COLS; i++) {
        kam__free(ctx, g->col[i].num);
        kam__free(ctx, g->col[i].valid);
        kam__free(ctx, (void *)g->col[i].text);
    }
    kam__free(ctx, g->account);
    kam__free(ctx, (void *)g->old);
    kam__free(ctx, (void *)g->approver);
    kam__grading_free(&g->out);
    kam__arena_free(&g->arena);
    kam__schema_drop(g->schema);
    kam_scheme_free(g->scheme);
    kam__free(ctx, g);
}

static int32_t gradings_new(kam__gradings **out, kam_book *book, kam_scheme *scheme, int32_t as_of, kam_error *err)
{
    kam__gradings *g = kam__zalloc(book->ctx, sizeof *g);
    if (!g) return kam__nomem(err);
    g->ctx = book->ctx;
    kam__arena_init(&g->arena, book->ctx, 0);
    kam__ref_hold(&scheme->ref);
    g->scheme = scheme;
    g->schema = kam__schema_hold(book->schema);
    g->as_of = as_of;
    kam__scheme_window(&scheme->doc, as_of, &g->from, &g->to);
    int32_t decimals = kam__schema_decimals(book->schema, NULL);
    int32_t rc =
        kam__scheme_bind(&g->bound, &g->arena, &scheme->doc, book->schema, decimals < 0 ? 2 : (uint32_t)decimals, err);
    if (rc == KAM_OK) *out = g;
    else kam__gradings_free(book->ctx, g);
    return rc;
}

typedef struct grading_hash { kam__sha256 h; uint8_t piece[4096]; size_t n; } grading_hash;

static void grading_hash_put(grading_hash *o, const void *data, size_t size)
{
    if (o->n + size > sizeof o->piece) {
        kam__sha256_add(&o->h, o->piece, o->n);
        o->n = 0;
    }
    if (size > sizeof o->piece) kam__sha256_add(&o->h, data, size);
    else {
        memcpy(o->piece + o->n, data, size);
        o->n += size;
    }
}

static void grading_hash_i64(grading_hash *o, int64_t v)
{
    uint8_t b[8];
    for (int i = 0; i < 8; i++) b[i] = (uint8_t)((uint64_t)v >> (8 * i));
    grading_hash_put(o, b, sizeof b);
}

/* Every account's id and values; a text with its NUL, a missing value as a byte of its own. */
static void gradings_hash(kam__gradings *g)
{
    grading_hash o = { .n = 0 };
    kam__sha256_init(&o.h);
    for (uint32_t i = 0; i < g->n; i++) {
        grading_hash_i64(&o, g->account[i]);
        for (uint32_t a = 0; a < g->scheme->doc.nattr; a++) {
            const kam__attr_col *c = &g->col[a];
            int has = c->text ? c->text[i] != NULL : c->valid[i] != 0;
            grading_hash_put(&o, has ? "\1" : "\2", 1);
            if (has && c->text) grading_hash_put(&o, c->text[i], strlen(c->text[i]) + 1);
            else if (has) grading_hash_i64(&o, c->num[i]);
        }
    }
    kam__sha256_add(&o.h, o.piece, o.n);
    kam__sha256_end(&o.h, g->hash);
}

static int32_t gradings_fill(kam__gradings *g, kam_book *book, kam_error *err)
{
    KAM__TRY(kam__gradings_read(g, book, err));
    g->in = (kam__grade_input){ g->n, g->account, g->col };
    gradings_hash(g);
    KAM__TRY(kam__grade(&g->out, g->ctx, &g->bound, &g->in, err));
    return kam__gradings_old(g, book, err);
}

int32_t kam__gradings_make(kam__gradings **out, kam_book *book, kam_scheme *scheme, int32_t as_of, kam_error *err)
{
    kam__gradings *g = NULL;
    KAM__TRY(gradings_new(&g, book, scheme, as_of, err));
    int32_t rc = gradings_fill(g, book, err);
    if (rc == KAM_OK) *out = g;
    else kam__gradings_free(book->ctx, g);
    return rc;
}

/* ---------------------------------------------------------------- the run */

const kam__run_ops kam__grading_run_ops = { kam__grading_apply, kam__grading_why, kam__grading_load, kam__grading_undo,
                                            kam__gradings_free };

static void grading_num(kam_run *run, uint32_t field, int64_t v)
{
    kam__record_put_i64(run->record, kam__kind_index(run->record->kind, field), v);
}

static int32_t grading_text(kam_run *run, uint32_t field, const kam_buf *text, kam_error *err)
{
    KAM__TRY(kam__buf_end((kam_buf *)text, err));
    return kam__record_put_text(run->record, kam__kind_index(run->record->kind, field), text->data, text->size, err);
}

/* {"A":140,"B":281,"C":280,"not_applicable":0}: grades as they hold after the run, those put by hand included. */
static void grading_counts(kam_buf *out, const kam__gradings *g)
{
    const kam__scheme *s = &g->scheme->doc;
    uint32_t count[KAM__SCHEME_GRADES] = { 0 }, none = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        int k = g->approver[i] ? kam__scheme_grade_of(s, g->old[i]) : g->out.row[i].grade;
        if (k < 0) none++;
        else count[k]++;
    }
    kam__buf_char(out, '{');
    for (uint32_t k = 0; k < s->ngrade; k++) {
        kam__buf_json_text(out, s->grade[k], strlen(s->grade[k]));
        kam__buf_printf(out, ":%u,", count[k]);
    }
    kam__buf_printf(out, "\"not_applicable\":%u}", none);
}

static int32_t grading_record(kam_run *run, const kam__gradings *g, uint64_t pinned, kam_error *err)
{
    kam_buf text;
    kam__buf_init(&text, run->ctx);
    if (g->scheme->doc.window && g->from != KAM_DAY_FIRST) grading_num(run, KAM_RUN_FROM, g->from);
    if (g->scheme->doc.window) grading_num(run, KAM_RUN_TO, g->to);
    grading_num(run, KAM_RUN_ACCOUNTS, g->n);
    grading_num(run, KAM_RUN_ITEMS, (int64_t)kam__run_list(run, KAM_KIND_GRADE_ITEM)->nrow);
    grading_num(run, KAM_RUN_EFFECTIVE, g->as_of);
    grading_counts(&text, g);
    int32_t rc = grading_text(run, KAM_RUN_COUNTS, &text, err);
    kam__buf_clear(&text);
    kam__buf_printf(&text, "{\"ranked\":%u,\"cut_ties\":%u,\"by_hand\":%llu", g->out.nranked, g->out.ties,
                    (unsigned long long)pinned);
    if (g->scheme->doc.nexpr) kam__buf_printf(&text, ",\"unknown\":%u", g->unknown);
    kam__buf_char(&text, '}');
    if (rc == KAM_OK) rc = kam__buf_end(&text, err);
    if (rc == KAM_OK) rc = grading_text(run, KAM_RUN_STATISTICS, &text, err);
    kam__buf_clear(&text);
    kam__buf_str(&text, g->hash);
    if (rc == KAM_OK) rc = grading_text(run, KAM_RUN_INPUT_HASH, &text, err);
    kam__buf_drop(&text);
    return rc;
}

/* A scheme opened in one book may not grade another: its id would name something else there. */
static int32_t grading_check_home(const kam_scheme *scheme, kam_book *book, kam_error *err)
{
    kam__policy p;
    if (!scheme->policy.id) return KAM_OK;
    KAM__TRY(kam__policy_load_id(&p, book, scheme->policy.id, err));
    int same = kam__text_same(p.hash, scheme->policy.hash);
    kam__policy_free(&p);
    return same ? KAM_OK
                : kam__fail(err, KAM_E_POLICY, "scheme \"%s\" was opened in another book: open it in this one",
                            scheme->doc.name);
}

static int32_t grading_make(kam_run **out, kam__gradings **kept, kam_book *book, kam_scheme *scheme, int32_t as_of,
                            kam_error *err)
{
    kam__rowset *items = NULL;
    uint64_t pinned = 0;
    KAM__TRY(grading_check_home(scheme, book, err));
    KAM__TRY(kam__gradings_make(kept, book, scheme, as_of, err));
    KAM__TRY(kam__run_new(out, book, KAM_RUN_KIND_GRADING, &kam__grading_run_ops, as_of, &scheme->policy, err));
    kam_run *run = *out;
    run->trial = !scheme->policy.id;
    KAM__TRY(kam__gradings_items(&items, &pinned, *kept, err));
    KAM__TRY(kam__run_add_list(run, items, err));
    return grading_record(run, *kept, pinned, err);
}

int32_t kam_grading_run(kam_run **out, kam_book *book, const kam_scheme *scheme, int32_t as_of, kam_error *err)
{
    kam_run *run = NULL;
    kam__gradings *g = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!scheme) return kam__null_arg(err, "scheme");
    KAM__TRY(kam__book_day(&as_of, book, as_of, err));
    if (as_of < -719162 || as_of > 2932896)
        return kam__fail(err, KAM_E_INVAL, "as_of must be a day of the years 1 to 9999");
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, grading_make(&run, &g, book, (kam_scheme *)scheme, as_of, err), err);
    if (rc != KAM_OK) {
        kam_run_free(run);
        kam__gradings_free(book->ctx, g);
        return rc;
    }
    run->self = g;
    *out = run;
    return KAM_OK;
}
