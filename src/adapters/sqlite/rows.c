/*
 * adapters/sqlite/rows.c - SQLite's rows as column blocks.
 *
 * A host column may hold any storage class in any row: what means the same value in the field's type is converted,
 * anything else is an error that names table, column and key. A row that takes the block's text over its limit is
 * taken back, the block handed out, and the row read again: SQLite still stands on it. The connection's mutex is held
 * while rows are read (sqlite3_value_* want that, and each call inside then takes it for free), but never while the
 * library has a block.
 */
#include "scan.h"

enum { FIRST_ROWS = 64, MAX_TEXT = 8 << 20 };

typedef struct kam__sq_out {
    const kam_field *field;
    int32_t *i32;                       /* numbers by type; TEXT has offsets in i32 */
    int64_t *i64;
    double *f64;
    uint8_t *valid;
    char *text;
    size_t ntext, cap_text;
    uint32_t nulls;
} kam__sq_out;

/* ---------------------------------------------------------------- memory */

static int32_t nomem(kam__sq_rows *r) { return kam__sq_say(r->err, KAM_E_NOMEM, r->q->table, "out of memory"); }

static int32_t grow(kam__sq_rows *r)
{
    uint32_t cap = r->cap == 0 ? FIRST_ROWS : r->cap * 8;
    if (cap > r->max) cap = r->max;
    size_t numbers = (size_t)cap * 8 + 8, each = numbers + (cap / 64 + 1) * 8;
    char *piece = sqlite3_malloc64(each * r->q->nfield + 1);
    if (!piece) return nomem(r);
    for (uint32_t i = 0; i < r->q->nfield; i++) {
        kam__sq_out *o = &r->out[i];
        void *data = piece + each * i;
        uint8_t *valid = (uint8_t *)data + numbers;
        if (!r->cap) *(int32_t *)data = 0;
        else {
            memcpy(data, o->i64, ((size_t)r->nrow + 1) * (o->field->type == KAM_T_TEXT ? 4 : 8));
            memcpy(valid, o->valid, (r->nrow + 7) / 8);
        }
        o->i32 = data;
        o->i64 = data;
        o->f64 = data;
        o->valid = valid;
    }
    sqlite3_free(r->fixed);
    r->fixed = piece;
    r->cap = cap;
    return KAM_OK;
}

int32_t kam__sq_rows_start(kam__sq_rows *r, sqlite3 *db)
{
    uint32_t n = r->q->nfield, want = r->q->block_rows;
    r->db = db;
    r->max = want == 0 ? 4096 : want > 65536 ? 65536 : want;
    r->out = sqlite3_malloc64((n + 1) * (sizeof *r->out + sizeof *r->col));
    if (!r->out) return nomem(r);
    r->col = (kam_col *)(void *)(r->out + n + 1);
    for (uint32_t i = 0; i < n; i++) r->out[i] = (kam__sq_out){.field = kam__sq_field(r->q->table, r->q->field[i])};
    return KAM_OK;
}

/* ---------------------------------------------------------------- one value */

static int utf8_ok(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        unsigned c = p[i++];
        if (c - 1u < 0x7Fu) continue;
        size_t more = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
        if (more == 0 || more > n - i || (c == 0xE0 && p[i] < 0xA0) || (c == 0xED && p[i] > 0x9F) ||
            (c == 0xF0 && p[i] < 0x90) || (c == 0xF4 && p[i] > 0x8F)) return 0;
        for (; more > 0; more--) if ((p[i++] & 0xC0u) != 0x80u) return 0;
    }
    return 1;
}

static int32_t add_text(kam__sq_rows *r, kam__sq_out *o, sqlite3_value *v)
{
    const unsigned char *text = sqlite3_value_text(v);
    size_t n = (size_t)sqlite3_value_bytes(v);
    if (!text) return KAM_E_NOMEM;
    if (n > MAX_TEXT) return KAM_E_LIMIT;
    if (!utf8_ok(text, n)) return KAM_E_UTF8;
    if (o->ntext + n > o->cap_text) {
        size_t cap = (o->ntext + n) * 2 + 256;
        char *grown = sqlite3_realloc64(o->text, cap);
        if (!grown) return KAM_E_NOMEM;
        o->text = grown;
        o->cap_text = cap;
    }
    if (n) memcpy(o->text + o->ntext, text, n);
    o->ntext += n;
    r->text += n;
    return KAM_OK;
}

static int32_t put_int(kam__sq_out *o, uint32_t row, int64_t v)
{
    if (o->field->type == KAM_T_I64) o->i64[row] = v;
    else if (o->field->type == KAM_T_F64) o->f64[row] = (double)v;
    else if (v < INT32_MIN || v > INT32_MAX) return KAM_E_TYPE;
    else o->i32[row] = (int32_t)v;
    return KAM_OK;
}

static int32_t put_real(kam__sq_out *o, uint32_t row, double v)
{
    if (o->field->type == KAM_T_F64) { o->f64[row] = v; return KAM_OK; }
    if (!(v >= -9223372036854775808.0 && v < 9223372036854775808.0) || (double)(int64_t)v != v) return KAM_E_TYPE;
    return put_int(o, row, (int64_t)v);
}

static int32_t add_value(kam__sq_rows *r, kam__sq_out *o, sqlite3_value *v)
{
    uint32_t row = r->nrow;
    int type = sqlite3_value_type(v);
    uint8_t *valid = &o->valid[row >> 3], bit = (uint8_t)(1u << (row & 7));
    if (bit == 1) *valid = 0;
    *valid = (uint8_t)(type == SQLITE_NULL ? *valid & ~bit : *valid | bit);
    if (type == SQLITE_NULL) {
        o->nulls++;
        return o->field->type == KAM_T_TEXT ? KAM_OK : put_int(o, row, 0);
    }
    if (type == SQLITE_BLOB) return KAM_E_TYPE;
    if (o->field->type == KAM_T_TEXT) return add_text(r, o, v);
    if (type == SQLITE_TEXT) type = sqlite3_value_numeric_type(v);      /* stays TEXT unless all of it is a number */
    if (type == SQLITE_INTEGER) return put_int(o, row, sqlite3_value_int64(v));
    return type == SQLITE_FLOAT ? put_real(o, row, sqlite3_value_double(v)) : KAM_E_TYPE;
}

/* ---------------------------------------------------------------- rows and blocks */

static int32_t misfit(kam__sq_rows *r, const kam_field *f, sqlite3_stmt *st, int32_t code)
{
    static const char *const TYPE[] = {"", "a 32-bit integer", "an integer", "a number", "text"};
    const char *key = (const char *)sqlite3_column_text(st, (int)r->q->nfield);
    if (r->err) r->err->field = f->id;
    if (code == KAM_E_NOMEM) return nomem(r);
    const char *want = code == KAM_E_UTF8 ? "valid UTF-8" : code == KAM_E_LIMIT ? "within 8 MiB a row" : TYPE[f->type];
    return kam__sq_say(r->err, code, r->q->table, "table \"%s\", column \"%s\", key %s: the value is not %s: correct "
                       "it or map another column", r->q->table->relation, f->column, key ? key : "NULL", want);
}

static int32_t add_row(kam__sq_rows *r, sqlite3_stmt *st)
{
    for (uint32_t i = 0; i < r->q->nfield; i++) {
        kam__sq_out *o = &r->out[i];
        int32_t rc = add_value(r, o, sqlite3_column_value(st, (int)i));
        if (rc) return misfit(r, o->field, st, rc);
        if (o->field->type == KAM_T_TEXT) o->i32[r->nrow + 1] = (int32_t)o->ntext;
    }
    return KAM_OK;
}

static int32_t hand_out(kam__sq_rows *r)
{
    if (r->nrow == 0) return KAM_OK;
    for (uint32_t i = 0; i < r->q->nfield; i++) {
        kam__sq_out *o = &r->out[i];
        int text = o->field->type == KAM_T_TEXT;
        r->col[i] = (kam_col){o->field->id, o->field->type, {0}, text ? (o->text ? (void *)o->text : o->i32) : o->i64,
                              text ? o->i32 : NULL, o->nulls ? o->valid : NULL};
        o->ntext = 0;
        o->nulls = 0;
    }
    kam_block block = {sizeof block, r->nrow, r->q->nfield, 0, r->col};
    r->nrow = 0;
    r->text = 0;
    return r->fn(r->user, &block);
}

/* Hands out in the middle of a walk. */
static int32_t let_go(kam__sq_rows *r)
{
    sqlite3_mutex_leave(sqlite3_db_mutex(r->db));
    int32_t rc = hand_out(r);
    sqlite3_mutex_enter(sqlite3_db_mutex(r->db));
    return rc;
}

static int32_t take_row(kam__sq_rows *r, sqlite3_stmt *st)
{
    int32_t rc = r->nrow == r->cap ? grow(r) : KAM_OK;
    if (!rc) rc = add_row(r, st);
    if (!rc && r->text > MAX_TEXT && r->nrow > 0 && (rc = let_go(r)) == 0) rc = add_row(r, st);
    if (!rc && r->text > MAX_TEXT) rc = misfit(r, r->q->table->field, st, KAM_E_LIMIT);
    if (rc) return rc;
    r->total++;
    return ++r->nrow == r->max ? let_go(r) : KAM_OK;
}

int32_t kam__sq_rows_run(kam__sq_rows *r, sqlite3_stmt *st, int *step)
{
    int32_t rc = KAM_OK;
    sqlite3_mutex_enter(sqlite3_db_mutex(r->db));
    while (!rc && (*step = sqlite3_step(st)) == SQLITE_ROW) rc = take_row(r, st);
    sqlite3_mutex_leave(sqlite3_db_mutex(r->db));
    return rc;
}

int32_t kam__sq_rows_end(kam__sq_rows *r, int32_t rc)
{
    if (!rc) rc = hand_out(r);
    for (uint32_t i = 0; r->out && i < r->q->nfield; i++) sqlite3_free(r->out[i].text);
    sqlite3_free(r->out);
    sqlite3_free(r->fixed);
    return rc;
}
