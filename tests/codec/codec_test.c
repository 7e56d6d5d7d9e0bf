/*
 * tests/codec/codec_test.c - see codec_test.h. The allocator counts down before each allocation and checks that the
 * library tells the right size when it gives a block back.
 */
#include "codec_test.h"
#include <stdlib.h>

static int ct_may(ct_memory *m)
{
    if (m->countdown == 0) return 0;
    if (m->countdown > 0) m->countdown--;
    return 1;
}

static void *ct_alloc(void *user, size_t size)
{
    ct_memory *m = user;
    if (!ct_may(m)) return NULL;
    size_t *p = malloc(size + 16);
    if (!p) return NULL;
    *p = size;
    m->live++;
    return p + 2;
}

static void ct_release(void *user, void *block, size_t size)
{
    ct_memory *m = user;
    if (!block) return;
    size_t *p = (size_t *)block - 2;
    assert_int_equal(*p, size);
    m->live--;
    free(p);
}

static void *ct_resize(void *user, void *block, size_t old_size, size_t new_size)
{
    ct_memory *m = user;
    if (!block) return ct_alloc(user, new_size);
    size_t *p = (size_t *)block - 2;
    assert_int_equal(*p, old_size);
    if (!ct_may(m)) return NULL;
    p = realloc(p, new_size + 16);
    if (!p) return NULL;
    *p = new_size;
    return p + 2;
}

kam_ctx *ct_ctx(ct_memory *m, uint32_t max_depth)
{
    kam_ctx *ctx;
    memset(m, 0, sizeof *m);
    m->countdown = -1;
    m->allocator.struct_size = (uint32_t)sizeof m->allocator;
    m->allocator.user = m;
    m->allocator.alloc = ct_alloc;
    m->allocator.resize = ct_resize;
    m->allocator.release = ct_release;
    kam_ctx_options opt = {0};
    opt.struct_size = (uint32_t)sizeof opt;
    opt.allocator = &m->allocator;
    opt.max_depth = max_depth;
    assert_int_equal(kam_ctx_new(&ctx, &opt, NULL), KAM_OK);
    return ctx;
}

void ct_done(ct_memory *m, kam_ctx *ctx)
{
    kam_ctx_free(ctx);
    assert_int_equal(m->live, 0);
}

void ct_add(ct_rows *r, const char *text, size_t len)
{
    if (r->size + len + 1 > r->cap) {
        r->cap = (r->size + len + 1) * 2;
        r->text = realloc(r->text, r->cap);
        assert_non_null(r->text);
    }
    if (len) memcpy(r->text + r->size, text, len);
    r->size += len;
    r->text[r->size] = '\0';
}

void ct_add_str(ct_rows *r, const char *text) { ct_add(r, text, strlen(text)); }

void ct_clear(ct_rows *r)
{
    free(r->text);
    memset(r, 0, sizeof *r);
}

int32_t ct_csv_row(void *user, const kam__csv_row *row, kam_error *err)
{
    ct_rows *r = user;
    r->n++;
    if (row->problem) {
        ct_add_str(r, "!");
        ct_add_str(r, kam_code_name(row->problem));
        assert_int_equal(kam_error_code(row->err), row->problem);
        r->line = (uint64_t)kam_error_detail(row->err, KAM_ERR_LINE);
        r->column = (uint32_t)kam_error_detail(row->err, KAM_ERR_COLUMN);
        r->offset = (uint64_t)kam_error_detail(row->err, KAM_ERR_OFFSET);
        strncpy(r->message, kam_error_message(row->err), sizeof r->message - 1);
    } else {
        assert_null(row->err);
    }
    ct_add_str(r, "[");
    for (size_t i = 0; i < row->n; i++) {
        if (i) ct_add_str(r, "|");
        ct_add(r, row->field[i].text, row->field[i].len);
        assert_int_equal(row->field[i].text[row->field[i].len], 0);
    }
    ct_add_str(r, "]");
    return r->stop_at && r->n == r->stop_at ? kam__fail(err, KAM_E_CANCELLED, "enough") : KAM_OK;
}

int32_t ct_csv(ct_rows *r, kam_ctx *ctx, const char *text, size_t len, uint32_t separator, size_t step)
{
    kam__csv *csv;
    int32_t rc = kam__csv_new(&csv, ctx, separator, ct_csv_row, r, NULL);
    if (rc != KAM_OK) return rc;
    for (size_t at = 0; at < len && rc == KAM_OK; at += step) {
        if (!step || step > len - at) step = len - at;
        rc = kam__csv_feed(csv, text + at, step, NULL);
    }
    if (rc == KAM_OK) rc = kam__csv_end(csv, NULL);
    kam__csv_free(csv);
    if (!r->text) ct_add_str(r, "");
    return rc;
}

int32_t ct_csv_cut(ct_rows *r, kam_ctx *ctx, const char *text, size_t len, uint32_t separator, size_t cut)
{
    kam__csv *csv;
    int32_t rc = kam__csv_new(&csv, ctx, separator, ct_csv_row, r, NULL);
    if (rc != KAM_OK) return rc;
    rc = kam__csv_feed(csv, text, cut, NULL);
    if (rc == KAM_OK) rc = kam__csv_feed(csv, text + cut, len - cut, NULL);
    if (rc == KAM_OK) rc = kam__csv_end(csv, NULL);
    kam__csv_free(csv);
    if (!r->text) ct_add_str(r, "");
    return rc;
}
