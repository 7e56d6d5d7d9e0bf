/*
 * store/import.c - what users call: one import is one batch and one transaction.
 *
 * The transaction is opened by kam_import_new, or joined if one is open, and held until the import is finished, fails
 * or is freed. Whatever fails the import itself takes everything back at once; bad rows never do, unless asked to. A
 * dry run does all of it and takes it back; where the transaction is not ours to take back (joined, or the host's) it
 * only compares, and facts and rows without a key count as new.
 */
#include "import.h"
#include <stdio.h>

#define IMPORT_FLAGS (KAM_IMPORT_DRY_RUN | KAM_IMPORT_STOP_AT_FIRST)

/* ---------------------------------------------------------------- the end, whichever it is */

/* The transaction may be over without us: the book was closed or rolled back. */
static int import_has_txn(const kam_import *imp)
{
    return imp->open && imp->home->generation == imp->generation && !imp->home->closed;
}

static int32_t import_end(kam_import *imp, int32_t rc, kam_error *err)
{
    int ours = import_has_txn(imp);
    imp->open = 0;
    if (!ours) return rc;
    if (imp->home->batch && imp->home->batch == imp->batch && rc != KAM_OK) imp->home->batch = NULL;
    if (imp->call.own) return kam__txn_leave(&imp->call, rc, err);
    if (rc != KAM_OK && imp->taken && !imp->frozen) imp->home->db.aborted = 1;
    return rc;
}

/* A failure of the import: everything is taken back now, later calls say the same again. */
static int32_t import_dead(kam_import *imp, int32_t rc, kam_error *err)
{
    if (rc == KAM_OK) return KAM_OK;
    (void)err;                              /* the words are in err already */
    imp->over = rc;
    import_end(imp, rc, NULL);
    return rc;
}

static int32_t import_ready(kam_import *imp, kam_error *err)
{
    if (!imp) return kam__null_arg(err, "imp");
    if (imp->over == 1) return kam__fail(err, KAM_E_CLOSED, "the import is finished: begin another one");
    if (imp->over)
        return kam__fail(err, imp->over, "the import failed before (%s) and was taken back: begin another one",
                         kam_code_name(imp->over));
    KAM__TRY(kam__book_ready(imp->book, err));
    if (!import_has_txn(imp))
        return kam__fail(err, KAM_E_CLOSED, "the transaction of this import has ended: begin another one");
    return KAM_OK;
}

/* ---------------------------------------------------------------- beginning */

static int32_t import_on_batch(void *user, const kam_block *rows)
{
    *(int *)user |= rows->nrow > 0;
    return KAM_OK;
}

static int32_t import_batch(kam_import *imp, const char *batch, kam_error *err)
{
    kam_pred p;
    kam__pred mem;
    int there = 0;
    size_t len = KAM_NUL;
    KAM__TRY(kam__text_in(imp->ctx, batch, &len, err));
    imp->batch = kam__text_dup(imp->ctx, batch, len);
    if (!imp->batch) return kam__nomem(err);
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM__KIND_BATCH), KAM__BATCH_NAME), KAM_OP_EQ,
                   imp->batch, len);
    kam__scan q = { .kind = KAM__KIND_BATCH, .pred = &p, .npred = 1, .any_order = 1 };
    KAM__TRY(kam__db_scan(&imp->home->db, &q, import_on_batch, &there, err));
    if (there) return kam__fail(err, KAM_E_EXISTS, "batch \"%s\" was imported before", batch);
    if (imp->call.own) imp->home->batch = imp->batch;               /* a joined transaction outlives us */
    return KAM_OK;
}

static int32_t import_mapping(kam_import *imp, const char *mapping, kam_error *err)
{
    const char *p = mapping;
    int32_t today = 0;
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') p++;
    if (*p == '{') {
        KAM__TRY(kam__json_parse(&imp->mapping.body, &imp->doc, mapping, strlen(mapping), 0, err));
    } else {
        KAM__TRY(kam__book_day(&today, imp->book, KAM_TODAY, err));
        KAM__TRY(kam__policy_load(&imp->mapping, imp->book, KAM_POLICY_MAPPING, mapping, today, err));
        imp->loaded = 1;
    }
    imp->has_mapping = 1;
    return kam__import_map(&imp->map, &imp->doc, imp->kind, imp->mapping.body, 0, err);
}

/* Kinds whose rows the library alone writes are not imported; custom fields and currencies change the schema and go
   one by one. */
static int32_t import_kind(kam_import *imp, uint32_t kind, kam_error *err)
{
    imp->kind = kam__book_kind(imp->book, kind, err) ? kam__schema_kind(imp->schema, kind) : NULL;
    if (!imp->kind) return KAM_E_INVAL;
    uint32_t cls = imp->kind->cls;
    if ((cls != KAM_C_ENTITY && cls != KAM_C_FACT && cls != KAM_C_EVENT) || kind == KAM_KIND_POLICY_STATUS)
        return kam__fail(err, KAM_E_UNSUPPORTED, "records of kind %s are not imported", imp->kind->name);
    const kam_table *t = kam__db_table(&imp->home->db, kind);
    imp->plain = cls != KAM_C_FACT && kind != KAM_KIND_FIELD && kind != KAM_KIND_CURRENCY && t &&
                 kam__table_field(t, KAM_SOURCE) && kam__table_field(t, KAM_EXT_ID) &&
                 !imp->home->db.tables.text_key[kind];
    return KAM_OK;
}

static int32_t import_memory(kam_import *imp, kam_error *err)
{
    static const uint32_t field[] = { KAM_EXT_ID };
    static const uint8_t type[] = { KAM_T_TEXT };
    imp->mask = kam__zalloc(imp->ctx, imp->kind->nfield);
    imp->out_row = kam__zalloc_n(imp->ctx, IMPORT_GROUP + 1, sizeof *imp->out_row);
    imp->required = kam__zalloc_n(imp->ctx, imp->kind->nfield, sizeof *imp->required);
    if (!imp->mask || !imp->out_row || !imp->required) return kam__nomem(err);
    for (uint32_t i = 0; i < imp->kind->nfield; i++)
        if (imp->kind->field[i].flags & KAM_F_REQUIRED) imp->required[imp->nrequired++] = i;
    if (kam_error_new(&imp->cause, &imp->ctx->allocator) != KAM_OK) return kam__nomem(err);
    KAM__TRY(kam__record_new(&imp->rec, imp->schema, imp->kind->id, err));
    KAM__TRY(kam__record_new(&imp->old, imp->schema, imp->kind->id, err));
    KAM__TRY(kam__record_new(&imp->report, imp->schema, KAM_KIND_IMPORT_REPORT, err));
    KAM__TRY(kam__bb_init(&imp->in, imp->ctx, 1, field, type, err));
    return kam__import_start_problems(imp, err);
}

static int32_t import_source(kam_import *imp, const char *source, kam_error *err)
{
    size_t len = KAM_NUL;
    if (!source || !source[0]) return KAM_OK;
    KAM__TRY(kam__text_in(imp->ctx, source, &len, err));
    imp->source = kam__text_dup(imp->ctx, source, len);
    if (!imp->source) return kam__nomem(err);
    imp->source_len = len;
    imp->source_hash = kam__hash(source, len);
    return KAM_OK;
}

static int32_t import_start(kam_import *imp, uint32_t kind, const kam_import_options *o, kam_error *err)
{
    KAM__TRY(kam__txn_enter(&imp->call, imp->book, KAM_BEGIN_WRITE, err));
    imp->open = 1;
    imp->generation = imp->home->generation;
    imp->schema = kam__schema_hold(imp->book->schema);
    imp->base_decimals = kam__schema_decimals(imp->schema, NULL);
    imp->frozen = (o->flags & KAM_IMPORT_DRY_RUN) && (!imp->call.own || imp->home->db.mode == KAM_TXN_HOST);
    KAM__TRY(import_kind(imp, kind, err));
    KAM__TRY(import_memory(imp, err));
    KAM__TRY(import_source(imp, o->source, err));
    if (o->encoding && o->encoding[0]) KAM__TRY(kam__recode_new(&imp->recode, imp->ctx, o->encoding, err));
    if (o->mapping && o->mapping[0]) KAM__TRY(import_mapping(imp, o->mapping, err));
    return o->batch && o->batch[0] ? import_batch(imp, o->batch, err) : KAM_OK;
}

static kam_import *import_alloc(kam_book *book, const kam_import_options *o)
{
    kam_import *imp = kam__zalloc(book->ctx, sizeof *imp);
    if (!imp) return NULL;
    imp->ctx = book->ctx;
    imp->book = kam__book_hold(book);
    imp->home = kam__book_home(book);
    imp->flags = o->flags;
    imp->format = o->format ? o->format : (uint32_t)KAM_FORMAT_CSV;
    imp->separator = o->separator;
    imp->group = 2;
    kam__arena_init(&imp->doc, imp->ctx, 0);
    kam__arena_init(&imp->key_text, imp->ctx, 0);
    kam__tmap_init(&imp->name, imp->ctx);
    kam__tmap_init(&imp->key_at, imp->ctx);
    kam__imap_init(&imp->at, imp->ctx);
    kam__imap_init(&imp->id_known, imp->ctx);
    kam__imap_init(&imp->saved, imp->ctx);
    for (int i = 0; i < 3; i++) kam__imap_init(&imp->fact_at[i], imp->ctx);
    kam__buf_init(&imp->text, imp->ctx);
    kam__buf_init(&imp->scratch, imp->ctx);
    return imp;
}

int32_t kam_import_new(kam_import **out, kam_book *book, uint32_t kind, const kam_import_options *options,
                       kam_error *err)
{
    kam_import_options o;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__options(&o, sizeof o, options, offsetof(kam_import_options, batch), "kam_import_options", err));
    KAM__TRY(kam__flags(o.flags, IMPORT_FLAGS, "kam_import_options.flags", err));
    if (o.format > KAM_FORMAT_JSONL && (o.format != KAM_FORMAT_VCARD || kind != KAM_KIND_CONTACT))
        return kam__fail(err, KAM_E_UNSUPPORTED,
                         "format %u cannot be imported: use CSV, JSON or JSONL, for contacts vCard too",
                         (unsigned)o.format);
    KAM__TRY(kam__book_ready(book, err));
    kam_import *imp = import_alloc(book, &o);
    if (!imp) return kam__nomem(err);
    int32_t rc = import_start(imp, kind, &o, err);
    if (rc != KAM_OK) {
        kam_import_free(imp);
        return rc;
    }
    *out = imp;
    return KAM_OK;
}

/* ---------------------------------------------------------------- input */

/* In another encoding than UTF-8 the place in the file counts, not that in what the reader saw. */
static int32_t import_text_problem(kam_import *imp, int32_t problem, const kam_error *err)
{
    int64_t bad = imp->recode ? kam__recode_bad(imp->recode) : -1;
    if (problem != KAM_E_UTF8 || bad < 0) return kam__fail(imp->cause, problem, "%s", kam_error_message(err));
    return kam__fail(imp->cause, problem, "byte %lld of the file begins no character of %s (the first byte is 0)",
                     (long long)bad, kam__recode_name(imp->recode));
}

static int32_t import_on_csv(void *user, const kam__csv_row *row, kam_error *err)
{
    kam_import *imp = user;
    if (imp->planned != 1) return kam__import_plan_heading(imp, row, err);
    size_t n = row->n;
    while (n > imp->heading && !row->field[n - 1].len) n--;         /* separators too many at the end do no harm */
    if (row->problem || n != imp->heading) {
        import_place at = { .row = ++imp->taken, .line = row->line };
        int32_t rc = row->problem;
        if (rc) {
            import_text_problem(imp, rc, row->err);
            int64_t column = kam_error_detail(row->err, KAM_ERR_COLUMN);
            at.column = column > 0 ? (uint32_t)column : 0;
        } else {
            rc = kam__fail(imp->cause, KAM_E_PARSE, "the row has %u fields, the heading has %u", (unsigned)n,
                           (unsigned)imp->heading);
        }
        return kam__import_reject(imp, rc, &at, err);
    }
    if (imp->recode) kam__recode_bad(imp->recode);
    KAM__TRY(kam__grow(imp->ctx, &imp->raw, &imp->raw_cap, n + 1, sizeof *imp->raw, err));
    for (size_t i = 0; i < n; i++)
        imp->raw[i] = (import_raw){ row->field[i].text, row->field[i].len, row->field[i].column, 1 };
    return kam__import_stage_raw(imp, imp->raw, row->line, err);
}

/* Members to their places; one that nobody knows makes the object bad unless a mapping says what counts. */
static int32_t import_members(kam_import *imp, const kam__json *v, const kam__json **bad)
{
    memset(imp->raw, 0, ((size_t)imp->nraw + 1) * sizeof *imp->raw);
    for (*bad = v->child; *bad; *bad = (*bad)->next) {
        const kam__json *m = *bad;
        uint32_t at = kam__import_member(imp, m->key, m->key_len);
        if (at == IMPORT_NONE) {
            if (imp->has_mapping) continue;
            const kam__field *f = NULL;
            int32_t rc = kam__field_by_name(&f, imp->kind, m->key, m->key_len, imp->cause);
            return rc != KAM_OK ? rc : kam__fail(imp->cause, KAM_E_NOT_FOUND,
                                                 "%s is the library's own, no import sets it: leave it out", f->name);
        }
        if (m->type == KAM__J_ARRAY || m->type == KAM__J_OBJECT)
            return kam__fail(imp->cause, KAM_E_TYPE, "a list or an object is no value");
        int text = m->type == KAM__J_STRING || m->type == KAM__J_NUMBER;
        const char *word = m->type == KAM__J_TRUE ? "true" : m->type == KAM__J_FALSE ? "false" : "";
        imp->raw[at] = (import_raw){ text ? m->text : word, text ? m->len : strlen(word), m->column, 1 };
    }
    return KAM_OK;
}

static int32_t import_on_json(void *user, const kam__json *v, uint64_t line, int32_t problem, kam_error *cause,
                              kam_error *err)
{
    kam_import *imp = user;
    import_place at = { .line = line };
    const kam__json *bad = NULL;
    KAM__TRY(kam__import_plan_members(imp, err));
    if (problem) import_text_problem(imp, problem, cause);
    else problem = import_members(imp, v, &bad);
    if (!problem) return kam__import_stage_raw(imp, imp->raw, line, err);
    at.row = ++imp->taken;
    at.column = bad ? bad->column : 0;
    at.value = bad ? bad->key : NULL;
    at.len = bad ? bad->key_len : 0;
    return kam__import_reject(imp, problem, &at, err);
}

static int32_t import_reader(kam_import *imp, kam_error *err)
{
    if (imp->csv || imp->json || imp->vcard) return KAM_OK;
    if (imp->format == KAM_FORMAT_VCARD) return kam__vcard_new(&imp->vcard, imp->ctx, import_on_json, imp, err);
    if (imp->format == KAM_FORMAT_CSV)
        return kam__csv_new(&imp->csv, imp->ctx, imp->separator, import_on_csv, imp, err);
    return kam__jstream_new(&imp->json, imp->ctx, 0, import_on_json, imp, err);
}

/* UTF-8, from the caller or out of the converter. */
static int32_t import_utf8(void *user, const char *data, size_t size, kam_error *err)
{
    kam_import *imp = user;
    return imp->csv     ? kam__csv_feed(imp->csv, data, size, err)
           : imp->vcard ? kam__vcard_feed(imp->vcard, data, size, err)
                        : kam__jstream_feed(imp->json, data, size, err);
}

int32_t kam_import_feed(kam_import *imp, const void *data, size_t size, kam_error *err)
{
    KAM__TRY(import_ready(imp, err));
    if (!data && size) return kam__null_arg(err, "data");
    int32_t rc = import_reader(imp, err);
    if (rc == KAM_OK && size)
        rc = imp->recode ? kam__recode_feed(imp->recode, data, size, import_utf8, imp, err)
                         : import_utf8(imp, data, size, err);
    return import_dead(imp, rc, err);
}

int32_t kam_import_add(kam_import *imp, const kam_record *record, kam_error *err)
{
    KAM__TRY(import_ready(imp, err));
    if (!record) return kam__null_arg(err, "record");
    if (record->kind->id != imp->kind->id)
        return kam__fail(err, KAM_E_INVAL, "the import takes records of kind %s, this one is %s", imp->kind->name,
                         record->kind->name);
    int32_t rc = kam__import_plan_all(imp, err);
    if (rc == KAM_OK) {
        imp->taken++;
        rc = kam__import_stage_record(imp, record, NULL, imp->taken, 0, err);
    }
    return import_dead(imp, rc, err);
}

int32_t kam_import_block(kam_import *imp, const kam_block *block, kam_error *err)
{
    KAM__TRY(import_ready(imp, err));
    if (!block) return kam__null_arg(err, "block");
    for (uint32_t c = 0; c < block->ncol; c++)
        if (!kam__kind_field(imp->kind, block->col[c].field))
            return kam__fail(err, KAM_E_INVAL, "column %u: %s has no field %u", (unsigned)c, imp->kind->name,
                             (unsigned)block->col[c].field);
    int32_t rc = kam__import_plan_all(imp, err);
    if (rc == KAM_OK) rc = kam__import_stage_block(imp, block, err);
    return import_dead(imp, rc, err);
}

/* ---------------------------------------------------------------- finishing */

static int32_t import_write_batch(kam_import *imp, kam_error *err)
{
    kam_record *r = NULL;
    int64_t seq = 0;
    if (!imp->batch || imp->frozen) return KAM_OK;
    KAM__TRY(kam__txn_seq(&seq, imp->book, err));
    KAM__TRY(kam__record_new(&r, imp->schema, KAM__KIND_BATCH, err));
    kam__record_put_i64(r, kam__kind_index(r->kind, KAM__BATCH_SEQ), seq);
    int32_t rc =
        kam__record_put_text(r, kam__kind_index(r->kind, KAM__BATCH_NAME), imp->batch, strlen(imp->batch), err);
    if (rc == KAM_OK) rc = kam__insert_record(imp->book, r, err);
    kam_record_free(r);
    return rc;
}

static int32_t import_warn_rounded(kam_import *imp, kam_error *err)
{
    for (uint32_t i = 0; i < imp->nslot; i++) {
        import_slot *s = &imp->slot[i];
        char text[120], count[24];
        import_place at = { .field = s->field };
        if (!s->rounded) continue;
        at.len = kam__i64_format(count, (int64_t)s->rounded);
        at.value = count;
        snprintf(text, sizeof text, "%s values had more decimals than are kept and were rounded half away from zero",
                 count);
        KAM__TRY(kam__import_warn(imp, &at, text, err));
        s->rounded = 0;
    }
    return KAM_OK;
}

static int32_t import_close(kam_import *imp, kam_error *err)
{
    if (imp->recode && (imp->csv || imp->json || imp->vcard))
        KAM__TRY(kam__recode_end(imp->recode, import_utf8, imp, err));
    if (imp->csv) KAM__TRY(kam__csv_end(imp->csv, err));
    if (imp->json) KAM__TRY(kam__jstream_end(imp->json, err));
    if (imp->vcard) KAM__TRY(kam__vcard_end(imp->vcard, err));
    KAM__TRY(kam__import_flush(imp, err));
    KAM__TRY(import_warn_rounded(imp, err));
    KAM__TRY(kam__import_write_later(imp, err));
    return import_write_batch(imp, err);
}

int32_t kam_import_finish(kam_import *imp, kam_error *err)
{
    KAM__TRY(import_ready(imp, err));
    int32_t rc = import_close(imp, err);
    if (rc != KAM_OK) return import_dead(imp, rc, err);
    if (imp->flags & KAM_IMPORT_DRY_RUN && !imp->frozen) import_end(imp, KAM_E_CANCELLED, NULL);
    else rc = import_end(imp, KAM_OK, err);
    imp->over = rc == KAM_OK ? 1 : rc;
    return rc;
}

const kam_record *kam_import_report(kam_import *imp)
{
    static const uint32_t field[] = { KAM_IMPORT_REPORT_NEW, KAM_IMPORT_REPORT_CHANGED, KAM_IMPORT_REPORT_UNCHANGED,
                                      KAM_IMPORT_REPORT_CORRECTED, KAM_IMPORT_REPORT_REJECTED };
    if (!imp) return NULL;
    for (size_t i = 0; i < KAM__LEN(field); i++)
        kam__record_put_i64(imp->report, kam__kind_index(imp->report->kind, field[i]), (int64_t)imp->count[i]);
    return imp->report;
}

/* By row; what concerns the whole file comes last. */
static int import_by_row(const kam__rowset *s, uint64_t a, uint64_t b, void *arg)
{
    const kam__blockbuf *ba = NULL, *bb = NULL;
    uint32_t ra = 0, rb = 0;
    (void)arg;
    kam__rowset_at(s, a, &ba, &ra);
    kam__rowset_at(s, b, &bb, &rb);
    int an = kam__col_null(&ba->view[0], ra), bn = kam__col_null(&bb->view[0], rb);
    int64_t x = kam__col_i64(&ba->view[0], ra), y = kam__col_i64(&bb->view[0], rb);
    return an || bn ? an - bn : (x > y) - (x < y);
}

/* A copy: the list may grow on. */
int32_t kam_import_problems(kam_rows **out, kam_import *imp, kam_error *err)
{
    kam__rowset *copy = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!imp) return kam__null_arg(err, "imp");
    kam__rowset_seal(imp->problem);
    KAM__TRY(kam__rowset_sort(&copy, imp->problem, import_by_row, NULL, err));
    int32_t rc = kam__rows_of_set(out, imp->book, copy, 0, 0, err);
    kam__rowset_drop(copy);
    return rc;
}

static void import_free_group(kam_import *imp)
{
    kam__free(imp->ctx, imp->slot);
    kam__free(imp->ctx, imp->ask);
    kam__free(imp->ctx, imp->required);
    kam__free(imp->ctx, imp->raw);
    kam__free(imp->ctx, imp->row);
    kam__free(imp->ctx, imp->cell);
    kam__free(imp->ctx, imp->out_row);
    kam__free(imp->ctx, imp->mask);
    kam__free(imp->ctx, imp->key);
    kam__free(imp->ctx, imp->want);
    kam__free(imp->ctx, imp->want_id);
    kam__free(imp->ctx, imp->set.slot);
    for (size_t i = 0; i < imp->nlater; i++) {
        kam_record_free(imp->later[i].record);
        kam__free(imp->ctx, imp->later[i].mask);
    }
    kam__free(imp->ctx, imp->later);
    if (imp->in.col) kam__bb_free(&imp->in);
    if (imp->out.col) kam__bb_free(&imp->out);
    if (imp->fix.col) kam__bb_free(&imp->fix);
}

void kam_import_free(kam_import *imp)
{
    if (!imp) return;
    import_end(imp, KAM_E_CANCELLED, NULL);
    if (imp->rec) kam__import_give_back(imp);
    kam__csv_free(imp->csv);
    kam__jstream_free(imp->json);
    kam__vcard_free(imp->vcard);
    kam__recode_free(imp->recode);
    import_free_group(imp);
    if (imp->loaded) kam__policy_free(&imp->mapping);
    kam__arena_free(&imp->doc);
    kam__arena_free(&imp->key_text);
    kam__tmap_free(&imp->name);
    kam__tmap_free(&imp->key_at);
    kam__imap_free(&imp->at);
    kam__imap_free(&imp->id_known);
    kam__imap_free(&imp->saved);
    for (int i = 0; i < 3; i++) {
        kam__imap_free(&imp->fact_at[i]);
        kam__free(imp->ctx, imp->fact_value[i]);
    }
    kam__buf_drop(&imp->text);
    kam__buf_drop(&imp->scratch);
    kam_record_free(imp->rec);
    kam_record_free(imp->old);
    kam_record_free(imp->report);
    kam__import_total_free(imp);
    kam__rowset_drop(imp->problem);
    kam_error_free(imp->cause);
    kam__schema_drop(imp->schema);
    kam_ctx *ctx = imp->ctx;
    kam_book *book = imp->book;
    kam__free(ctx, imp->batch);
    kam__free(ctx, imp->source);
    kam__free(ctx, imp);
    kam__book_drop(book);
}
