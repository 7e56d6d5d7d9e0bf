/*
 * store/duplicate.c - which accounts or contacts are in the book twice: keys decide, likeness only suggests.
 *
 * All records are read once and become keys (reason, text) in one list, which is sorted: equal keys stand side by side,
 * and each of a group is paired with its lowest id. Names are sorted forward and backward, and each is compared with
 * the few behind it. Then the pairs are sorted, the reasons of equal ones joined. Memory goes by keys, time by n log n.
 */
#include "duplicate.h"

#define DUP_SHARED 20u                      /* more records than that with one phone number: it is nobody's */
#define DUP_WINDOW 10u                      /* neighbours a name is compared with */
#define DUP_ALIKE 8000

typedef struct dup_text { const char *text; uint32_t len; } dup_text;
typedef struct dup_record { int64_t id; dup_text name, core, city, credit; } dup_record;
typedef struct dup_key { const char *text; uint32_t len, record, reason; } dup_key;
typedef struct dup_pair { uint32_t a, b, reasons; int64_t share; } dup_pair;       /* reasons: bit 1 << DUPLICATE_REASON */
typedef struct dup_job {
    kam_ctx *ctx; kam_book *b; kam_error *err;
    uint32_t kind;
    kam__arena arena; kam_buf key_text;
    dup_record *record; size_t nrecord, record_cap;
    dup_key *key; size_t nkey, key_cap;
    dup_pair *pair; size_t npair, pair_cap;
    kam__imap at;                           /* id -> record, of contacts */
    uint64_t done;
} dup_job;

/* ---------------------------------------------------------------- reading */

static int32_t dup_keep(dup_job *j, dup_text *out, const char *text, size_t len)
{
    out->text = kam__arena_text(&j->arena, text, len);
    out->len = (uint32_t)len;
    return out->text ? KAM_OK : kam__nomem(j->err);
}

/* What a key function has appended, as a text of its own; empty = there is no key. */
static int32_t dup_take(dup_job *j, dup_text *out)
{
    *out = (dup_text){ NULL, 0 };
    KAM__TRY(kam__buf_end(&j->key_text, j->err));
    if (j->key_text.size) KAM__TRY(dup_keep(j, out, j->key_text.data, j->key_text.size));
    kam__buf_clear(&j->key_text);
    return KAM_OK;
}

static int32_t dup_add_key(dup_job *j, uint32_t reason, uint32_t record)
{
    dup_text t;
    KAM__TRY(dup_take(j, &t));
    if (!t.len) return KAM_OK;
    KAM__TRY(kam__grow(j->ctx, &j->key, &j->key_cap, j->nkey + 1, sizeof *j->key, j->err));
    j->key[j->nkey++] = (dup_key){ t.text, t.len, record, reason };
    return KAM_OK;
}

static const char *dup_cell(const kam_block *rows, uint32_t field, uint32_t row, size_t *len)
{
    const kam_col *c = kam__block_col(rows, field);
    *len = 0;
    return c ? kam__col_text(c, row, len) : NULL;
}

typedef void (*dup_key_fn)(kam_buf *out, const char *text, size_t len);

static int32_t dup_cell_key(dup_job *j, const kam_block *rows, uint32_t row, uint32_t field, uint32_t reason,
                            dup_key_fn fn)
{
    size_t len;
    const char *text = dup_cell(rows, field, row, &len);
    if (text) fn(&j->key_text, text, len);
    return dup_add_key(j, reason, (uint32_t)j->nrecord - 1);
}

static int32_t dup_phone_keys(dup_job *j, const kam_block *rows, uint32_t row, uint32_t field)
{
    size_t len;
    const char *text = dup_cell(rows, field, row, &len);
    for (uint32_t n = 0; text && n < DUP_PHONES && kam__dup_phone(&j->key_text, text, len, n); n++)
        KAM__TRY(dup_add_key(j, KAM_DUPLICATE_REASON_PHONE, (uint32_t)j->nrecord - 1));
    return KAM_OK;
}

static void dup_credit(kam_buf *out, const char *text, size_t len)
{
    size_t start = out->size;
    kam__dup_plain(out, text, len);
    if (out->failed || out->size == start) return;
    if (kam_credit_code_check(out->data + start, out->size - start, NULL) != KAM_OK) out->size = start;
}

static int32_t dup_account(dup_job *j, const kam_block *rows, uint32_t row)
{
    dup_record *r = &j->record[j->nrecord - 1];
    size_t len;
    const char *text = dup_cell(rows, KAM_ACCOUNT_CITY, row, &len);
    if (text) kam__dup_city(&j->key_text, text, len);
    KAM__TRY(dup_take(j, &r->city));
    text = dup_cell(rows, KAM_ACCOUNT_CREDIT_CODE, row, &len);
    if (text) dup_credit(&j->key_text, text, len);
    KAM__TRY(dup_take(j, &r->credit));
    kam__buf_put(&j->key_text, r->credit.text ? r->credit.text : "", r->credit.len);
    KAM__TRY(dup_add_key(j, KAM_DUPLICATE_REASON_CREDIT_CODE, (uint32_t)j->nrecord - 1));
    if (r->core.len && r->city.len) {
        kam__buf_put(&j->key_text, r->core.text, r->core.len + 1);         /* with its NUL */
        kam__buf_put(&j->key_text, r->city.text, r->city.len);
    }
    KAM__TRY(dup_add_key(j, KAM_DUPLICATE_REASON_NAME_CITY, (uint32_t)j->nrecord - 1));
    KAM__TRY(dup_cell_key(j, rows, row, KAM_ACCOUNT_EMAIL, KAM_DUPLICATE_REASON_EMAIL, kam__dup_email));
    KAM__TRY(dup_phone_keys(j, rows, row, KAM_ACCOUNT_PHONE));
    return dup_cell_key(j, rows, row, KAM_ACCOUNT_WEBSITE, KAM_DUPLICATE_REASON_WEBSITE, kam__dup_website);
}

static int32_t dup_contact(dup_job *j, const kam_block *rows, uint32_t row)
{
    uint32_t at = (uint32_t)j->nrecord - 1;
    KAM__TRY(kam__imap_put(&j->at, j->record[at].id, at, j->err));
    KAM__TRY(dup_cell_key(j, rows, row, KAM_CONTACT_EMAIL, KAM_DUPLICATE_REASON_EMAIL, kam__dup_email));
    return dup_phone_keys(j, rows, row, KAM_CONTACT_MOBILE);
}

static int32_t dup_on_rows(void *user, const kam_block *rows)
{
    dup_job *j = user;
    int account = j->kind == KAM_KIND_ACCOUNT;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        dup_record r = { .id = kam__col_i64(id, i) };
        size_t len;
        const char *name = dup_cell(rows, account ? KAM_ACCOUNT_NAME : KAM_CONTACT_NAME, i, &len);
        KAM__TRY(kam__grow(j->ctx, &j->record, &j->record_cap, j->nrecord + 1, sizeof r, j->err));
        if (name) {
            KAM__TRY(dup_keep(j, &r.name, name, len));
            (account ? kam__dup_name : kam__dup_plain)(&j->key_text, name, len);
        }
        KAM__TRY(dup_take(j, &r.core));
        j->record[j->nrecord++] = r;
        KAM__TRY(account ? dup_account(j, rows, i) : dup_contact(j, rows, i));
    }
    return kam__progress(j->ctx, j->done += rows->nrow, 0, j->err);
}

/* The same name at the same account. */
static int32_t dup_on_affiliation(void *user, const kam_block *rows)
{
    dup_job *j = user;
    const kam_col *contact = kam__block_col(rows, KAM_AFFILIATION_CONTACT),
                  *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        if (!kam__imap_get(&j->at, kam__col_i64(contact, i), &at) || !j->record[at].core.len) continue;
        kam__buf_put(&j->key_text, j->record[at].core.text, j->record[at].core.len + 1);
        kam__buf_i64(&j->key_text, kam__col_i64(account, i));
        KAM__TRY(dup_add_key(j, KAM_DUPLICATE_REASON_NAME_ACCOUNT, at));
    }
    return kam__progress(j->ctx, j->done += rows->nrow, 0, j->err);
}

static int32_t dup_scan(dup_job *j, uint32_t kind, const uint32_t *field, uint32_t n, kam_block_fn fn)
{
    kam__read q = { .scan = { .kind = kind, .field = field, .nfield = n }, .as_of = KAM_TODAY };
    return kam__read_rows(j->b, &q, fn, j, j->err);
}

static int32_t dup_read(dup_job *j)
{
    static const uint32_t account[] = { KAM_ID, KAM_ACCOUNT_NAME, KAM_ACCOUNT_CITY, KAM_ACCOUNT_PHONE, KAM_ACCOUNT_EMAIL,
                                        KAM_ACCOUNT_WEBSITE, KAM_ACCOUNT_CREDIT_CODE };
    static const uint32_t contact[] = { KAM_ID, KAM_CONTACT_NAME, KAM_CONTACT_MOBILE, KAM_CONTACT_EMAIL };
    static const uint32_t link[] = { KAM_ID, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_ACCOUNT };
    if (j->kind == KAM_KIND_ACCOUNT) return dup_scan(j, j->kind, account, KAM__LEN(account), dup_on_rows);
    KAM__TRY(dup_scan(j, j->kind, contact, KAM__LEN(contact), dup_on_rows));
    return dup_scan(j, KAM_KIND_AFFILIATION, link, KAM__LEN(link), dup_on_affiliation);
}

/* ---------------------------------------------------------------- pairs */

static int dup_same(const dup_text *a, const dup_text *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static int32_t dup_add_pair(dup_job *j, uint32_t a, uint32_t b, uint32_t reason, int64_t share)
{
    const dup_record *x = &j->record[a], *y = &j->record[b];
    if (x->id == y->id || (x->credit.len && y->credit.len && !dup_same(&x->credit, &y->credit))) return KAM_OK;
    int turn = x->id > y->id;
    KAM__TRY(kam__grow(j->ctx, &j->pair, &j->pair_cap, j->npair + 1, sizeof *j->pair, j->err));
    j->pair[j->npair++] = (dup_pair){ turn ? b : a, turn ? a : b, 1u << reason, share };
    return KAM_OK;
}

/* Reason, text, id. */
static int dup_compare_keys(const void *a, const void *b, void *arg)
{
    const dup_key *x = a, *y = b;
    const dup_job *j = arg;
    if (x->reason != y->reason) return x->reason < y->reason ? -1 : 1;
    int d = kam__text_cmp(x->text, x->len, y->text, y->len);
    int64_t xi = j->record[x->record].id, yi = j->record[y->record].id;
    return d ? d : (xi > yi) - (xi < yi);
}

static int32_t dup_group(dup_job *j, size_t from, size_t to)
{
    uint32_t reason = j->key[from].reason;
    int shared = reason == KAM_DUPLICATE_REASON_EMAIL || reason == KAM_DUPLICATE_REASON_PHONE
              || reason == KAM_DUPLICATE_REASON_WEBSITE;
    if (shared && to - from > DUP_SHARED) return KAM_OK;
    for (size_t i = from + 1; i < to; i++)
        KAM__TRY(dup_add_pair(j, j->key[from].record, j->key[i].record, reason, 10000));
    return KAM_OK;
}

static int32_t dup_by_keys(dup_job *j)
{
    KAM__TRY(kam__sort(j->ctx, j->key, j->nkey, sizeof *j->key, dup_compare_keys, j, j->err));
    for (size_t i = 0, next; i < j->nkey; i = next) {
        for (next = i + 1; next < j->nkey && j->key[next].reason == j->key[i].reason
                           && kam__text_cmp(j->key[next].text, j->key[next].len, j->key[i].text, j->key[i].len) == 0;)
            next++;
        KAM__TRY(dup_group(j, i, next));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- names that are alike */

static int dup_forward(const void *a, const void *b, void *arg)
{
    const dup_job *j = arg;
    const dup_record *x = &j->record[*(const uint32_t *)a], *y = &j->record[*(const uint32_t *)b];
    int d = kam__text_cmp(x->core.text, x->core.len, y->core.text, y->core.len);
    return d ? d : (x->id > y->id) - (x->id < y->id);
}

static int dup_backward(const void *a, const void *b, void *arg)
{
    const dup_job *j = arg;
    const dup_record *x = &j->record[*(const uint32_t *)a], *y = &j->record[*(const uint32_t *)b];
    uint32_t n = x->core.len < y->core.len ? x->core.len : y->core.len;
    for (uint32_t i = 1; i <= n; i++) {
        unsigned char p = (unsigned char)x->core.text[x->core.len - i], q = (unsigned char)y->core.text[y->core.len - i];
        if (p != q) return p < q ? -1 : 1;
    }
    if (x->core.len != y->core.len) return x->core.len < y->core.len ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int32_t dup_compare_names(dup_job *j, uint32_t a, uint32_t b)
{
    const dup_record *x = &j->record[a], *y = &j->record[b];
    int same = dup_same(&x->core, &y->core);
    if (x->city.len && y->city.len && !dup_same(&x->city, &y->city)) return KAM_OK;
    int64_t share = same ? 10000 : kam__dup_alike(x->core.text, x->core.len, y->core.text, y->core.len);
    return share < DUP_ALIKE ? KAM_OK : dup_add_pair(j, a, b, KAM_DUPLICATE_REASON_SIMILAR_NAME, share);
}

static int32_t dup_neighbours(dup_job *j, uint32_t *at, size_t n, int (*order)(const void *, const void *, void *))
{
    KAM__TRY(kam__sort(j->ctx, at, n, sizeof *at, order, j, j->err));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n && k <= i + DUP_WINDOW; k++) KAM__TRY(dup_compare_names(j, at[i], at[k]));
        if (i % KAM__BLOCK_ROWS == 0) KAM__TRY(kam__progress(j->ctx, j->done += KAM__BLOCK_ROWS, 0, j->err));
    }
    return KAM_OK;
}

static int32_t dup_by_names(dup_job *j)
{
    size_t n = 0;
    if (j->kind != KAM_KIND_ACCOUNT) return KAM_OK;
    uint32_t *at = kam__zalloc_n(j->ctx, j->nrecord + 1, sizeof *at);
    if (!at) return kam__nomem(j->err);
    for (uint32_t i = 0; i < j->nrecord; i++)
        if (j->record[i].core.len) at[n++] = i;
    int32_t rc = dup_neighbours(j, at, n, dup_forward);
    if (rc == KAM_OK) rc = dup_neighbours(j, at, n, dup_backward);
    kam__free(j->ctx, at);
    return rc;
}

/* ---------------------------------------------------------------- the answer */

#define DUP_SUGGESTED (1u << KAM_DUPLICATE_REASON_SIMILAR_NAME | 1u << KAM_DUPLICATE_REASON_NAME_ACCOUNT)

static int dup_certain(const dup_pair *p) { return (p->reasons & ~DUP_SUGGESTED) != 0; }

static int dup_compare_pairs(const void *a, const void *b, void *arg)
{
    const dup_pair *x = a, *y = b;
    const dup_job *j = arg;
    int64_t xa = j->record[x->a].id, ya = j->record[y->a].id, xb = j->record[x->b].id, yb = j->record[y->b].id;
    return xa != ya ? (xa > ya) - (xa < ya) : (xb > yb) - (xb < yb);
}

static int dup_compare_found(const void *a, const void *b, void *arg)
{
    const dup_pair *x = a, *y = b;
    if (dup_certain(x) != dup_certain(y)) return dup_certain(y) - dup_certain(x);
    if (x->share != y->share) return x->share > y->share ? -1 : 1;
    return dup_compare_pairs(a, b, arg);
}

/* Equal pairs become one, with all their reasons. */
static int32_t dup_join(dup_job *j)
{
    size_t n = 0;
    KAM__TRY(kam__sort(j->ctx, j->pair, j->npair, sizeof *j->pair, dup_compare_pairs, j, j->err));
    for (size_t i = 0; i < j->npair; i++) {
        dup_pair *last = n ? &j->pair[n - 1] : NULL;
        if (last && last->a == j->pair[i].a && last->b == j->pair[i].b) {
            last->reasons |= j->pair[i].reasons;
            if (j->pair[i].share > last->share) last->share = j->pair[i].share;
        } else j->pair[n++] = j->pair[i];
    }
    j->npair = n;
    return kam__sort(j->ctx, j->pair, n, sizeof *j->pair, dup_compare_found, j, j->err);
}

static void dup_words_of(kam_buf *out, uint32_t reasons, int zh)
{
    const kam__enum_set *set = kam__enum_set_by_name("DUPLICATE_REASON");
    for (uint32_t i = 0; i < set->n; i++) {
        if (!(reasons >> set->item[i].value & 1)) continue;
        if (out->size) kam__buf_str(out, zh ? "；" : "; ");
        kam__buf_str(out, zh ? set->item[i].zh : set->item[i].en);
    }
}

static int32_t dup_row(dup_job *j, kam__rowset *set, const dup_pair *p, const char *kind)
{
    const dup_record *a = &j->record[p->a], *b = &j->record[p->b];
    uint32_t reason = 1, shown = p->reasons;
    if (dup_certain(p)) shown &= ~(1u << KAM_DUPLICATE_REASON_SIMILAR_NAME);
    while (!(shown >> reason & 1)) reason++;
    kam__blockbuf *bb = kam__rowset_row(set, j->err);
    if (!bb) return KAM_E_NOMEM;
    kam__bb_text(bb, 0, kind, KAM_NUL);
    kam__bb_i64(bb, 1, a->id);
    kam__bb_i64(bb, 2, b->id);
    kam__bb_text(bb, 3, a->name.text, a->name.len);
    kam__bb_text(bb, 4, b->name.text, b->name.len);
    kam__bb_i64(bb, 5, reason);
    kam__bb_i64(bb, 6, dup_certain(p));
    kam__bb_i64(bb, 7, p->share);
    for (int zh = 0; zh < 2; zh++) {
        kam__buf_clear(&j->key_text);
        dup_words_of(&j->key_text, shown, zh);
        KAM__TRY(kam__buf_end(&j->key_text, j->err));
        kam__bb_text(bb, 8 + (uint32_t)zh, j->key_text.data, j->key_text.size);
    }
    return kam__rowset_end_row(set, j->err);
}

static int32_t dup_rows(kam_rows **out, dup_job *j)
{
    static const uint32_t field[] = { KAM_DUPLICATE_KIND, KAM_DUPLICATE_RECORD, KAM_DUPLICATE_OTHER, KAM_DUPLICATE_NAME,
                                      KAM_DUPLICATE_OTHER_NAME, KAM_DUPLICATE_REASON, KAM_DUPLICATE_CERTAIN,
                                      KAM_DUPLICATE_SHARE, KAM_DUPLICATE_TEXT, KAM_DUPLICATE_TEXT_ZH };
    kam__rowset *set = NULL;
    const char *kind = kam__builtin_kind(j->kind)->name;
    KAM__TRY(kam__rowset_new(&set, j->b->schema, KAM_KIND_DUPLICATE, field, KAM__LEN(field), j->err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < j->npair && rc == KAM_OK; i++) rc = dup_row(j, set, &j->pair[i], kind);
    kam__rowset_seal(set);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, j->b, set, 0, 0, j->err);
    kam__rowset_drop(set);
    return rc;
}

static int32_t dup_run(dup_job *j)
{
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, j->b, KAM_BEGIN_READ, j->err));
    KAM__TRY(kam__txn_leave(&call, dup_read(j), j->err));
    KAM__TRY(dup_by_keys(j));
    KAM__TRY(dup_by_names(j));
    return dup_join(j);
}

int32_t kam_duplicates(kam_rows **out, kam_book *book, uint32_t kind, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (kind != KAM_KIND_ACCOUNT && kind != KAM_KIND_CONTACT)
        return kam__fail(err, KAM_E_UNSUPPORTED, "duplicates are looked for among accounts and contacts only");
    dup_job j = { .ctx = book->ctx, .b = book, .err = err, .kind = kind };
    kam__arena_init(&j.arena, j.ctx, (size_t)1 << 16);
    kam__buf_init(&j.key_text, j.ctx);
    kam__imap_init(&j.at, j.ctx);
    int32_t rc = dup_run(&j);
    if (rc == KAM_OK) rc = dup_rows(out, &j);
    kam__arena_free(&j.arena);
    kam__buf_drop(&j.key_text);
    kam__imap_free(&j.at);
    kam__free(j.ctx, j.record);
    kam__free(j.ctx, j.key);
    kam__free(j.ctx, j.pair);
    return rc;
}
