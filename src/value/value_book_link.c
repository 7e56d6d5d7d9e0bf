/*
 * value/value_book_link.c - several codes, one account (R177): ACCOUNT_LINK facts, and whose ledger rows count for whom.
 *
 * A link says "what is booked on this account counts for that one" while it holds. It is followed as of the day asked,
 * for rows of any day: after a merger the whole history is one customer's, before it two; a link to the account
 * itself ends another one and parts them again. No row is rewritten. Links of links lead on to the last account; the store refuses circles, and where a
 * book has one all the same, its accounts count for themselves.
 */
#include "../store/store.h"
#include "value_book.h"

enum { LINK_HOPS = 64 };

static int32_t on_link(void *user, const kam_block *rows) {
    kam__links *l = user;
    const kam_col *from = kam__block_col(rows, KAM_ACCOUNT_LINK_ACCOUNT), *into = kam__block_col(rows, KAM_ACCOUNT_LINK_INTO);
    KAM__TRY(kam__grow(l->ctx, &l->link, &l->cap, (size_t)l->n + rows->nrow, sizeof *l->link, l->err));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        if (kam__col_i64(from, i) == kam__col_i64(into, i)) continue;       /* counts for itself (again) */
        KAM__TRY(kam__imap_put(&l->at, kam__col_i64(from, i), l->n, l->err));
        l->link[l->n++] = (kam__link){kam__col_i64(from, i), kam__col_i64(into, i)};
    }
    return KAM_OK;
}

/* Each link to its end. The next steps are read from a copy, so that the order of links does not matter. */
static int32_t link_ends(kam__links *l) {
    int64_t *next = kam__zalloc_n(l->ctx, (size_t)l->n + 1, sizeof *next);
    if (!next) return kam__nomem(l->err);
    for (uint32_t i = 0; i < l->n; i++) next[i] = l->link[i].into;
    for (uint32_t i = 0; i < l->n; i++) {
        int64_t end = next[i];
        uint32_t at = 0;
        int hops = 0;
        while (hops < LINK_HOPS && kam__imap_get(&l->at, end, &at)) end = next[at], hops++;
        l->link[i].into = hops < LINK_HOPS ? end : l->link[i].from;
    }
    kam__free(l->ctx, next);
    return KAM_OK;
}

int32_t kam__links_load(kam__links *out, kam_book *b, int32_t as_of, kam_error *err) {
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_LINK_ACCOUNT, KAM_ACCOUNT_LINK_INTO};
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT_LINK, .field = field, .nfield = 3, .any_order = 1}, .as_of = as_of};
    *out = (kam__links){.ctx = b->ctx, .err = err};
    kam__imap_init(&out->at, b->ctx);
    int32_t rc = kam__read_rows(b, &q, on_link, out, err);
    if (rc == KAM_OK && out->n) rc = link_ends(out);
    if (rc != KAM_OK) kam__links_free(out);
    return rc;
}

void kam__links_free(kam__links *l) {
    kam__imap_free(&l->at);
    kam__free(l->ctx, l->link);
    l->link = NULL;
    l->n = 0;
}

int64_t kam__links_head(const kam__links *l, int64_t account) {
    uint32_t at = 0;
    return l->n && kam__imap_get(&l->at, account, &at) ? l->link[at].into : account;
}

int32_t kam__links_where(kam_pred *p, kam__link_mem *mem, const kam__links *l, const kam__field *field, int64_t account,
                         kam_error *err) {
    uint32_t n = 1;
    int64_t *id = kam__zalloc_n(l->ctx, (size_t)l->n + 1, sizeof *id);
    if (!id) return kam__nomem(err);
    /* what counts for another has no rows of its own left: no id is 0 */
    id[0] = kam__links_head(l, account) == account ? account : 0;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->link[i].into == account && l->link[i].from != account) id[n++] = l->link[i].from;
    memset(mem, 0, sizeof *mem);
    mem->id = id;
    mem->ctx = l->ctx;
    mem->col.field = field->id;
    mem->col.type = KAM_T_I64;
    mem->col.data = id;
    *p = (kam_pred){.field = field->id, .op = n == 1 ? KAM_OP_EQ : KAM_OP_IN, .arg = &mem->col, .narg = n};
    return KAM_OK;
}

void kam__links_where_free(kam__link_mem *mem) {
    if (mem->ctx) kam__free(mem->ctx, mem->id);
    mem->id = NULL;
}
