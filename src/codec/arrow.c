/*
 * codec/arrow.c - Arrow C data interface: schemas and record batches that own what they point at.
 *
 * Each ArrowSchema and ArrowArray has a private piece of its own with a hold on the context, so that a column that was
 * moved out of its batch lives on when batch, stream and book are gone. A parent's release ends the children that are
 * still there. Nothing is handed out half made: what fails is released by the same callbacks.
 */
#include "codec/codec.h"
#include "codec/arrow.h"

/* ---------------------------------------------------------------- schemas */

typedef struct arrow_type {
    kam_ctx *ctx;
    char *format, *name, *metadata;
    struct ArrowSchema *child, **children;
} arrow_type;

static void arrow_type_release(struct ArrowSchema *s)
{
    arrow_type *t = s->private_data;
    kam_ctx *ctx = t->ctx;
    for (int64_t i = 0; i < s->n_children; i++)
        if (s->children[i]->release) s->children[i]->release(s->children[i]);
    kam__free(ctx, t->format);
    kam__free(ctx, t->name);
    kam__free(ctx, t->metadata);
    kam__free(ctx, t->child);
    kam__free(ctx, t->children);
    kam__free(ctx, t);
    s->release = NULL;
    kam_ctx_free(ctx);
}

/* Numbers of the metadata stand in the machine's own byte order. */
static void arrow_meta_put(kam_buf *b, const char *text)
{
    int32_t n = (int32_t)strlen(text);
    kam__buf_put(b, &n, sizeof n);
    kam__buf_put(b, text, (size_t)n);
}

static int32_t arrow_metadata(char **out, kam_ctx *ctx, const kam__arrow_meta *meta, size_t n, kam_error *err)
{
    kam_buf b;
    int32_t count = 0;
    for (size_t i = 0; i < n; i++) count += meta[i].value && meta[i].value[0];
    if (!count) return KAM_OK;
    kam__buf_init(&b, ctx);
    kam__buf_put(&b, &count, sizeof count);
    for (size_t i = 0; i < n; i++) {
        if (!meta[i].value || !meta[i].value[0]) continue;
        arrow_meta_put(&b, meta[i].name);
        arrow_meta_put(&b, meta[i].value);
    }
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK && !(*out = kam__alloc(ctx, b.size))) rc = kam__nomem(err);
    if (rc == KAM_OK) memcpy(*out, b.data, b.size);
    kam__buf_drop(&b);
    return rc;
}

static int32_t arrow_type_new(struct ArrowSchema *out, kam_ctx *ctx, const char *format, const char *name,
                              const kam__arrow_meta *meta, size_t nmeta, uint32_t nchild, kam_error *err)
{
    arrow_type *t = kam__zalloc(ctx, sizeof *t);
    if (!t) return kam__nomem(err);
    t->ctx = kam__ctx_hold(ctx);
    *out = (struct ArrowSchema){ .release = arrow_type_release, .private_data = t };
    out->format = t->format = kam__text_dup(ctx, format, KAM_NUL);
    out->name = t->name = kam__text_dup(ctx, name, KAM_NUL);
    t->child = kam__zalloc_n(ctx, nchild + 1u, sizeof *t->child);
    t->children = kam__zalloc_n(ctx, nchild + 1u, sizeof *t->children);
    int32_t rc = t->format && t->name && t->child && t->children ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) rc = arrow_metadata(&t->metadata, ctx, meta, nmeta, err);
    if (rc != KAM_OK) {
        arrow_type_release(out);
        return rc;
    }
    out->metadata = t->metadata;
    for (uint32_t i = 0; i < nchild; i++) t->children[i] = &t->child[i];
    out->children = t->children;
    out->n_children = nchild;
    return KAM_OK;
}

static void arrow_format(char out[32], const kam__arrow_col *c)
{
    static const char *const plain[] = { "i", "l", "g", "u", "b", "tdD", "tsm:UTC", "tss:", "g", "u" };
    if (c->as != KAM__ARROW_DECIMAL) {
        memcpy(out, plain[c->as], strlen(plain[c->as]) + 1);
        return;
    }
    memcpy(out, "d:38,", 5);
    kam__i64_format(out + 5, c->scale);
}

int32_t kam__arrow_schema(struct ArrowSchema *out, kam_ctx *ctx, const kam__arrow_col *col, uint32_t ncol,
                          const kam__arrow_meta *meta, size_t nmeta, kam_error *err)
{
    struct ArrowSchema s;
    KAM__TRY(arrow_type_new(&s, ctx, "+s", "", meta, nmeta, ncol, err));
    for (uint32_t i = 0; i < ncol; i++) {
        char format[32];
        arrow_format(format, &col[i]);
        int32_t rc = arrow_type_new(s.children[i], ctx, format, col[i].name, col[i].meta, col[i].nmeta, 0, err);
        if (rc != KAM_OK) {
            s.release(&s);
            return rc;
        }
        s.children[i]->flags = ARROW_FLAG_NULLABLE;
    }
    *out = s;
    return KAM_OK;
}

/* ---------------------------------------------------------------- arrays */

typedef struct arrow_data {
    kam_ctx *ctx;
    const void *lent[3];
    void *own[3];
    struct ArrowArray *child, **children;
} arrow_data;

static void arrow_data_release(struct ArrowArray *a)
{
    arrow_data *d = a->private_data;
    kam_ctx *ctx = d->ctx;
    for (int64_t i = 0; i < a->n_children; i++)
        if (a->children[i]->release) a->children[i]->release(a->children[i]);
    for (int i = 0; i < 3; i++) kam__free(ctx, d->own[i]);
    kam__free(ctx, d->child);
    kam__free(ctx, d->children);
    kam__free(ctx, d);
    a->release = NULL;
    kam_ctx_free(ctx);
}

static int32_t arrow_data_new(struct ArrowArray *out, kam_ctx *ctx, uint32_t n, uint32_t nchild, kam_error *err)
{
    arrow_data *d = kam__zalloc(ctx, sizeof *d);
    if (!d) return kam__nomem(err);
    d->ctx = kam__ctx_hold(ctx);
    *out = (struct ArrowArray){ .length = n, .n_buffers = 1, .buffers = d->lent, .release = arrow_data_release,
                                .private_data = d };
    d->child = kam__zalloc_n(ctx, nchild + 1u, sizeof *d->child);
    d->children = kam__zalloc_n(ctx, nchild + 1u, sizeof *d->children);
    if (!d->child || !d->children) {
        arrow_data_release(out);
        return kam__nomem(err);
    }
    for (uint32_t i = 0; i < nchild; i++) d->children[i] = &d->child[i];
    out->children = d->children;
    out->n_children = nchild;
    return KAM_OK;
}

/* Takes the buffers a column was filled into. */
static void arrow_data_own(struct ArrowArray *a, kam__arrow_fill *f)
{
    arrow_data *d = a->private_data;
    d->own[0] = f->valid;
    d->own[1] = f->off ? (void *)f->off : f->data;
    d->own[2] = f->off ? f->data : NULL;
    if (!f->nulls) {                        /* no bitmap is needed */
        kam__free(d->ctx, f->valid);
        d->own[0] = NULL;
    }
    for (int i = 0; i < 3; i++) d->lent[i] = d->own[i];
    a->n_buffers = f->off ? 3 : 2;
    a->null_count = f->nulls;
}

int32_t kam__arrow_batch(struct ArrowArray *out, kam_ctx *ctx, const kam__arrow_col *col, const kam_block *block,
                         uint32_t first, uint32_t n, kam_error *err)
{
    struct ArrowArray a;
    KAM__TRY(arrow_data_new(&a, ctx, n, block->ncol, err));
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < block->ncol && rc == KAM_OK; i++) {
        kam__arrow_fill f = { .ctx = ctx, .n = n };
        rc = arrow_data_new(a.children[i], ctx, n, 0, err);
        if (rc == KAM_OK) rc = kam__arrow_fill_col(&f, &col[i], &block->col[i], first, err);
        if (rc == KAM_OK) arrow_data_own(a.children[i], &f);
        else kam__arrow_fill_drop(&f);
    }
    if (rc != KAM_OK) {
        a.release(&a);
        return rc;
    }
    *out = a;
    return KAM_OK;
}
