/*
 * store/import_plan.c - from headings to slots: which cell of a row goes to which field.
 *
 * A plan is made from the heading of a CSV file, from the names that members of JSON objects may have, or from all
 * fields of the kind (records and blocks). A heading that nobody knows fails the import before anything is stored: a
 * column left out by mistake would be a silent loss.
 */
#include "import.h"

/* ---------------------------------------------------------------- slots */

static int plan_kept(const kam__field *f)           /* written by the library alone */
{
    return f->id == KAM_SEQ || f->id == KAM__DELETED_SEQ || f->id == KAM__SEQ_TO || f->id == KAM__REPLACES;
}

static int32_t plan_add(import_slot **out, kam_import *imp, uint32_t index, const import_spec *spec, uint32_t from,
                        kam_error *err)
{
    size_t cap = imp->slot_cap;
    KAM__TRY(kam__grow(imp->ctx, &imp->slot, &cap, (size_t)imp->nslot + 1, sizeof *imp->slot, err));
    imp->slot_cap = (uint32_t)cap;
    import_slot *s = &imp->slot[imp->nslot++];
    memset(s, 0, sizeof *s);
    s->field = &imp->kind->field[index];
    s->index = index;
    s->spec = spec;
    s->from = from;
    for (uint32_t i = 0; i < IMPORT_PARTS; i++) s->part[i] = IMPORT_NONE;
    if (out) *out = s;
    return KAM_OK;
}

static uint32_t plan_slot(const kam_import *imp, uint32_t field)
{
    for (uint32_t i = 0; i < imp->nslot; i++)
        if (imp->slot[i].field->id == field) return i;
    return IMPORT_NONE;
}

/* Columns of the block new rows go into: id, rev, seq, then what the slots bring. */
static int32_t plan_block(kam_import *imp, kam_error *err)
{
    uint32_t n = 0;
    uint32_t *field = kam__alloc(imp->ctx, (imp->nslot + 3u) * sizeof *field);
    uint8_t *type = kam__alloc(imp->ctx, imp->nslot + 3u);
    if (imp->out.col) kam__bb_free(&imp->out);
    int32_t rc = field && type ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        field[n] = KAM_ID, type[n++] = KAM_T_I64;
        field[n] = KAM_REV, type[n++] = KAM_T_I64;
        field[n] = KAM_SEQ, type[n++] = KAM_T_I64;
        for (uint32_t i = 0; i < imp->nslot; i++) {
            const kam__field *f = imp->slot[i].field;
            if (f->flags & KAM__F_VIRTUAL || f->id == KAM_ID || f->id == KAM_REV) continue;
            field[n] = f->id;
            type[n++] = f->type;
        }
        rc = kam__bb_init(&imp->out, imp->ctx, n, field, type, err);
    }
    kam__free(imp->ctx, field);
    kam__free(imp->ctx, type);
    return rc;
}

/* What is read of rows that are there: their identity, and what the slots may change. */
static int32_t plan_ask(kam_import *imp, kam_error *err)
{
    static const uint32_t always[] = { KAM_ID, KAM_REV, KAM_EXT_ID, KAM__DELETED_SEQ };
    uint32_t currency = imp->kind->currency == UINT32_MAX ? 0 : imp->kind->field[imp->kind->currency].id;
    uint32_t *ask = kam__resize(imp->ctx, imp->ask, (imp->nslot + 5u) * sizeof *ask);
    if (!ask) return kam__nomem(err);
    imp->ask = ask;
    imp->nask = 0;
    for (size_t i = 0; i < KAM__LEN(always); i++)
        if (kam__kind_field(imp->kind, always[i])) ask[imp->nask++] = always[i];
    if (currency && imp->currency_slot == IMPORT_NONE) ask[imp->nask++] = currency;
    for (uint32_t i = 0; i < imp->nslot; i++) {
        const kam__field *f = imp->slot[i].field;
        if (!(f->flags & (KAM__F_VIRTUAL | KAM__F_COMMON))) ask[imp->nask++] = f->id;
    }
    return KAM_OK;
}

static int32_t plan_done(kam_import *imp, int planned, kam_error *err)
{
    uint32_t source = kam__kind_index(imp->kind, KAM_SOURCE);
    if (imp->source && source != UINT32_MAX && plan_slot(imp, KAM_SOURCE) == IMPORT_NONE) {
        imp->own_source = (import_spec){ .index = source, .constant = imp->source };
        KAM__TRY(plan_add(NULL, imp, source, &imp->own_source, IMPORT_NONE, err));
    }
    imp->id_slot = plan_slot(imp, KAM_ID);
    imp->rev_slot = plan_slot(imp, KAM_REV);
    imp->ext_slot = plan_slot(imp, KAM_EXT_ID);
    imp->source_slot = plan_slot(imp, KAM_SOURCE);
    imp->latitude_slot = plan_slot(imp, KAM_ACCOUNT_LATITUDE);
    imp->longitude_slot = plan_slot(imp, KAM_ACCOUNT_LONGITUDE);
    imp->credit_slot = plan_slot(imp, KAM_ACCOUNT_CREDIT_CODE);
    imp->currency_slot =
        imp->kind->currency == UINT32_MAX ? IMPORT_NONE : plan_slot(imp, imp->kind->field[imp->kind->currency].id);
    imp->self_ref = imp->shown = 0;
    for (uint32_t i = 0; i < imp->nslot; i++) {
        const kam__field *f = imp->slot[i].field;
        if (f->logic == KAM__L_REF && f->ref == imp->kind->id) imp->self_ref = 1;
        if (f->flags & KAM__F_VIRTUAL && f->id != KAM_REASON) imp->shown = 1;
    }
    KAM__TRY(plan_block(imp, err));
    KAM__TRY(plan_ask(imp, err));
    imp->planned = planned;
    return KAM_OK;
}

/* The slots of another kind of input end with their group. */
static int32_t plan_again(kam_import *imp, kam_error *err)
{
    if (imp->n) KAM__TRY(kam__import_flush(imp, err));
    imp->nslot = 0;
    imp->planned = 0;
    return KAM_OK;
}

int32_t kam__import_plan_all(kam_import *imp, kam_error *err)
{
    if (imp->planned == 3) return KAM_OK;
    KAM__TRY(plan_again(imp, err));
    for (uint32_t i = 0; i < imp->kind->nfield; i++)
        if (!plan_kept(&imp->kind->field[i])) KAM__TRY(plan_add(NULL, imp, i, NULL, IMPORT_NONE, err));
    return plan_done(imp, 3, err);
}

/* ---------------------------------------------------------------- headings without a mapping */

static const kam__field *plan_field(const kam__kind *kind, const char *text, size_t len)
{
    for (uint32_t i = 0; i < kind->nfield; i++)
        if (kam__text_same_ci(text, len, kind->field[i].name)) return &kind->field[i];
    for (uint32_t i = 0; i < kind->nfield; i++)
        if (kam__text_same_ci(text, len, kind->field[i].en) || kam__text_same_ci(text, len, kind->field[i].zh))
            return &kind->field[i];
    return NULL;
}

static int32_t plan_unknown(kam_import *imp, const char *text, size_t len, kam_error *err)
{
    char clip[48];
    const kam__kind *k = imp->kind;
    const char **name = kam__zalloc_n(imp->ctx, k->nfield * 3u, sizeof *name);
    if (!name) return kam__nomem(err);
    for (uint32_t i = 0; i < k->nfield; i++) {
        name[i * 3] = k->field[i].name;
        name[i * 3 + 1] = k->field[i].en;
        name[i * 3 + 2] = k->field[i].zh;
    }
    const char *guess = kam__text_closest(text, len, name, k->nfield * 3u);
    kam__free(imp->ctx, name);
    kam__fail(err, KAM_E_NOT_FOUND, "%s has no field \"%s\"%s%s%s (or give the import a mapping)", k->name,
              kam__clip(clip, text, len), guess ? "; did you mean \"" : "", guess ? guess : "", guess ? "\"?" : "");
    kam__err_set(err, KAM_ERR_KIND, k->id);
    return KAM_E_NOT_FOUND;
}

static void plan_trim(const char **text, size_t *len)
{
    while (*len && (*text)[0] == ' ') ++*text, --*len;
    while (*len && (*text)[*len - 1] == ' ') --*len;
}

static int32_t plan_place(const kam__csv_row *row, size_t i, int32_t rc, kam_error *err)
{
    kam__err_set(err, KAM_ERR_LINE, (int64_t)row->line);
    kam__err_set(err, KAM_ERR_COLUMN, row->field[i].column);
    return rc;
}

/* Columns without a heading, and those the library keeps, are passed over: our own export has the latter. */
static int32_t plan_column(kam_import *imp, const kam__csv_row *row, size_t i, kam_error *err)
{
    const char *text = row->field[i].text;
    size_t len = row->field[i].len;
    plan_trim(&text, &len);
    if (!len) return KAM_OK;
    const kam__field *f = plan_field(imp->kind, text, len);
    if (!f) return plan_place(row, i, plan_unknown(imp, text, len, err), err);
    if (plan_kept(f)) return KAM_OK;
    if (plan_slot(imp, f->id) != IMPORT_NONE)
        return plan_place(row, i, kam__fail(err, KAM_E_INVAL, "two columns are field %s", f->name), err);
    return plan_add(NULL, imp, (uint32_t)(f - imp->kind->field), NULL, (uint32_t)i, err);
}

/* ---------------------------------------------------------------- with a mapping */

/* Where the file has a heading: the same bytes, or else the same but for the case of letters. */
static uint32_t plan_heading(const kam__csv_row *row, const char *name)
{
    for (int fold = 0; fold < 2; fold++)
        for (size_t i = 0; i < row->n; i++) {
            const char *text = row->field[i].text;
            size_t len = row->field[i].len;
            plan_trim(&text, &len);
            if (fold ? kam__text_same_ci(text, len, name) : len == strlen(name) && memcmp(text, name, len) == 0)
                return (uint32_t)i;
        }
    return IMPORT_NONE;
}

static int32_t plan_missing(kam_import *imp, const kam__csv_row *row, const char *name, kam_error *err)
{
    const char **known = kam__zalloc_n(imp->ctx, row->n + 1, sizeof *known);
    if (!known) return kam__nomem(err);
    for (size_t i = 0; i < row->n; i++) known[i] = row->field[i].text;
    const char *guess = kam__text_closest(name, KAM_NUL, known, row->n);
    kam__fail(err, KAM_E_NOT_FOUND,
              "the file has no column \"%s\", which the mapping names%s%s%s; a column that may be missing is "
              "\"optional\": true",
              name, guess ? "; did you mean \"" : "", guess ? guess : "", guess ? "\"?" : "");
    kam__free(imp->ctx, known);
    kam__err_set(err, KAM_ERR_LINE, (int64_t)row->line);
    return KAM_E_NOT_FOUND;
}

static int32_t plan_mapped(kam_import *imp, const kam__csv_row *row, const import_spec *spec, kam_error *err)
{
    import_slot *s = NULL;
    uint32_t from = spec->heading ? plan_heading(row, spec->heading) : IMPORT_NONE;
    if (spec->heading && from == IMPORT_NONE)
        return spec->optional ? KAM_OK : plan_missing(imp, row, spec->heading, err);
    KAM__TRY(plan_add(&s, imp, spec->index, spec, from, err));
    for (uint32_t i = 0; i < spec->npart; i++)
        if ((s->part[i] = plan_heading(row, spec->part[i])) == IMPORT_NONE)
            return plan_missing(imp, row, spec->part[i], err);
    return KAM_OK;
}

int32_t kam__import_plan_heading(kam_import *imp, const kam__csv_row *row, kam_error *err)
{
    KAM__TRY(plan_again(imp, err));
    if (row->problem) return kam__fail(err, row->problem, "heading: %s", kam_error_message(row->err));
    for (size_t i = 0; i < row->n && !imp->has_mapping; i++) KAM__TRY(plan_column(imp, row, i, err));
    for (uint32_t i = 0; i < imp->map.n; i++) KAM__TRY(plan_mapped(imp, row, &imp->map.spec[i], err));
    if (!imp->nslot)
        return kam__fail(err, KAM_E_INVAL,
                         "the first line names no field of %s: write fields of kam_schema_rows there, or give a "
                         "mapping", imp->kind->name);
    imp->heading = (uint32_t)row->n;
    return plan_done(imp, 1, err);
}

/* ---------------------------------------------------------------- members of objects */

static size_t plan_fold(char out[256], const char *name, size_t len)
{
    if (len > 255) len = 255;
    for (size_t i = 0; i < len; i++) out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    return len;
}

uint32_t kam__import_member(const kam_import *imp, const char *name, size_t len)
{
    char fold[256];
    uint32_t at = 0;
    len = plan_fold(fold, name, len);
    return kam__tmap_get(&imp->name, fold, len, &at) ? at : IMPORT_NONE;
}

/* The place of members of that name, a new one if there is none. */
static int32_t plan_name(uint32_t *out, kam_import *imp, const char *name, kam_error *err)
{
    char fold[256];
    *out = kam__import_member(imp, name, strlen(name));
    if (*out != IMPORT_NONE) return KAM_OK;
    *out = imp->nraw;
    KAM__TRY(kam__tmap_put(&imp->name, fold, plan_fold(fold, name, strlen(name)), imp->nraw, err));
    imp->nraw++;
    return KAM_OK;
}

/* Name and labels of a field lead to one place; a name that is taken stays with its field. */
static int32_t plan_names(uint32_t *out, kam_import *imp, const kam__field *f, kam_error *err)
{
    char fold[256];
    const char *label[] = { f->en, f->zh };
    KAM__TRY(plan_name(out, imp, f->name, err));
    for (size_t i = 0; i < 2; i++)
        if (label[i] && label[i][0] && plan_field(imp->kind, label[i], strlen(label[i])) == f)
            KAM__TRY(kam__tmap_put(&imp->name, fold, plan_fold(fold, label[i], strlen(label[i])), *out, err));
    return KAM_OK;
}

static int32_t plan_member(kam_import *imp, const import_spec *spec, kam_error *err)
{
    import_slot *s = NULL;
    uint32_t from = IMPORT_NONE;
    if (spec->heading) KAM__TRY(plan_name(&from, imp, spec->heading, err));
    KAM__TRY(plan_add(&s, imp, spec->index, spec, from, err));
    for (uint32_t i = 0; i < spec->npart; i++) KAM__TRY(plan_name(&s->part[i], imp, spec->part[i], err));
    return KAM_OK;
}

int32_t kam__import_plan_members(kam_import *imp, kam_error *err)
{
    uint32_t from = 0;
    if (imp->planned == 2) return KAM_OK;
    KAM__TRY(plan_again(imp, err));
    kam__tmap_clear(&imp->name);
    imp->nraw = 0;
    for (uint32_t i = 0; i < imp->kind->nfield && !imp->has_mapping; i++) {
        KAM__TRY(plan_names(&from, imp, &imp->kind->field[i], err));
        if (!plan_kept(&imp->kind->field[i])) KAM__TRY(plan_add(NULL, imp, i, NULL, from, err));
    }
    for (uint32_t i = 0; i < imp->map.n; i++) KAM__TRY(plan_member(imp, &imp->map.spec[i], err));
    KAM__TRY(kam__grow(imp->ctx, &imp->raw, &imp->raw_cap, (size_t)imp->nraw + 1, sizeof *imp->raw, err));
    return plan_done(imp, 2, err);
}
