/*
 * store/import_problem.c - what was wrong with which row.
 *
 * A row is rejected for what it says (a bad number, an unknown reference, a rule of the kind); the import fails for
 * what the row cannot help (memory, the store, the host). Each rejected row is one PROBLEM; after 10,000 they are only
 * counted.
 */
#include "import.h"

static int problem_of_row(int32_t code)
{
    switch (code) {
    case KAM_E_INVAL:
    case KAM_E_UNSUPPORTED:
    case KAM_E_NOT_FOUND:
    case KAM_E_EXISTS:
    case KAM_E_CONFLICT:
    case KAM_E_LIMIT:
    case KAM_E_TYPE: case KAM_E_UTF8: case KAM_E_PARSE: case KAM_E_POLICY: case KAM_E_DENIED: return 1;
    default: return 0;
    }
}

int32_t kam__import_fatal(kam_import *imp, int32_t rc, kam_error *err)
{
    kam__fail(err, rc, "%s", kam_error_message(imp->cause));
    for (uint32_t i = KAM_ERR_KIND; i <= KAM_ERR_NATIVE; i++) kam__err_set(err, i, kam_error_detail(imp->cause, i));
    return rc;
}

int32_t kam__import_start_problems(kam_import *imp, kam_error *err)
{
    static const uint32_t field[] = {KAM_PROBLEM_ROW,   KAM_PROBLEM_LINE,  KAM_PROBLEM_COLUMN,
                                     KAM_PROBLEM_FIELD, KAM_PROBLEM_VALUE, KAM_PROBLEM_CODE,
                                     KAM_PROBLEM_TEXT,  KAM_PROBLEM_KIND,  KAM_PROBLEM_RECORD};
    return kam__rowset_new(&imp->problem, imp->schema, KAM_KIND_PROBLEM, field, KAM__LEN(field), err);
}

static int32_t problem_list(kam_import *imp, const import_place *at, const char *code, const char *text, kam_error *err)
{
    if (imp->problem->nrow >= IMPORT_PROBLEMS) return KAM_OK;
    kam__blockbuf *b = kam__rowset_row(imp->problem, err);
    if (!b) return KAM_E_NOMEM;
    size_t len = at->len > 200 ? kam__utf8_cut(at->value, 200) : at->len;
    if (at->row) kam__bb_i64(b, 0, (int64_t)at->row);
    if (at->line) kam__bb_i64(b, 1, (int64_t)at->line);
    if (at->column) kam__bb_i64(b, 2, at->column);
    if (at->field) kam__bb_text(b, 3, at->field->name, KAM_NUL);
    if (at->value && len) kam__bb_text(b, 4, at->value, len);
    kam__bb_text(b, 5, code, KAM_NUL);
    kam__bb_text(b, 6, text, KAM_NUL);
    kam__bb_text(b, 7, imp->kind->name, KAM_NUL);
    return kam__rowset_end_row(imp->problem, err);
}

int32_t kam__import_warn(kam_import *imp, const import_place *at, const char *text, kam_error *err)
{
    return problem_list(imp, at, "WARNING", text, err);
}

/* The first bad row fails the import, and the error tells where it is. */
static int32_t problem_stop(kam_import *imp, int32_t rc, const import_place *at, kam_error *err)
{
    kam__fail(err, rc, "row %llu%s%s: %s", (unsigned long long)at->row, at->field ? ", " : "",
              at->field ? at->field->name : "", kam_error_message(imp->cause));
    kam__err_set(err, KAM_ERR_KIND, imp->kind->id);
    if (at->field) kam__err_set(err, KAM_ERR_FIELD, at->field->id);
    if (at->row) kam__err_set(err, KAM_ERR_ROW, (int64_t)at->row - 1);
    if (at->line) kam__err_set(err, KAM_ERR_LINE, (int64_t)at->line);
    if (at->column) kam__err_set(err, KAM_ERR_COLUMN, at->column);
    return rc;
}

int32_t kam__import_reject(kam_import *imp, int32_t rc, const import_place *at, kam_error *err)
{
    if (!problem_of_row(rc) || imp->home->db.aborted) return kam__import_fatal(imp, rc, err);
    if (imp->flags & KAM_IMPORT_STOP_AT_FIRST) return problem_stop(imp, rc, at, err);
    imp->count[IMPORT_N_REJECTED]++;
    return problem_list(imp, at, kam_code_name(rc), kam_error_message(imp->cause), err);
}

int32_t kam__import_reject_row(kam_import *imp, int32_t rc, uint32_t row, kam_error *err)
{
    import_place at = { .row = imp->row[row].row, .line = imp->row[row].line };
    int64_t id = kam_error_detail(imp->cause, KAM_ERR_FIELD);
    at.field = id > 0 ? kam__kind_field(imp->kind, (uint32_t)id) : NULL;
    for (uint32_t s = 0; s < imp->nslot && at.field; s++)
        if (imp->slot[s].field == at.field) at.column = imp->cell[(size_t)row * imp->nslot + s].column;
    if (at.field) at.value = kam__record_cell_format(imp->rec, kam__kind_index(imp->kind, at.field->id), &at.len);
    if (!at.value) at.len = 0;
    return kam__import_reject(imp, rc, &at, err);
}
