/*
 * rule/cel_record.c - a record as attributes: its fields by their names, in their canonical text.
 *
 * Money and decimals are exact decimals, days and instants timestamps in UTC, enums and codes their names; where the
 * environment declares a number, the number of the field is taken as it is stored.
 */
#include "../model/model.h"
#include "cel_impl.h"

typedef struct cel_record_row { const kam_rule *rule; kam_work *work; const kam_record *record; } cel_record_row;

/* What a field's canonical text is to be read as, where the environment says dyn. */
static const kam__cel_type *cel_record_type(const kam__field *f) {
    switch (f->logic) {
    case KAM__L_BOOL: return &kam__cel_types[KAM__CEL_BOOL];
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: case KAM__L_DEG6: return &kam__cel_types[KAM__CEL_INT];
    case KAM__L_DAY: case KAM__L_INSTANT: return &kam__cel_types[KAM__CEL_TIMESTAMP];
    case KAM__L_MONEY: case KAM__L_DECIMAL: case KAM__L_POINTS: return &kam__cel_types[KAM__CEL_DECIMAL];
    case KAM__L_F64: return &kam__cel_types[KAM__CEL_DOUBLE];
    default: return &kam__cel_types[KAM__CEL_STRING];
    }
}

static int32_t cel_record_bind(void *user, uint32_t var, kam__cel *out, kam_error *err) {
    const cel_record_row *r = user;
    const char *name = r->rule->var[var].name;
    const kam__field *f = kam__kind_field_by_name(r->record->kind, name, strlen(name));
    const kam__cel_type *t = r->rule->var[var].type;
    size_t len;
    if (!f) return KAM_OK;
    if (t->kind == KAM__CEL_OPTIONAL && t->n) t = t->arg[0];
    if (t->kind == KAM__CEL_DYN) t = cel_record_type(f);
    uint32_t index = kam__kind_index(r->record->kind, f->id);
    const char *text = kam__record_cell_format(r->record, index, &len);
    if (!text) return KAM_OK;
    if (t->kind == KAM__CEL_BOOL || t->kind == KAM__CEL_INT || t->kind == KAM__CEL_UINT)
        *out = kam__cel_int(kam__record_num(r->record, f->id, 0));
    else if (t->kind == KAM__CEL_DOUBLE) *out = kam__cel_double(kam_record_f64(r->record, f->id, 0));
    else {
        const char *copy = kam__arena_text(&r->work->arena, text, len);     /* the next field may use the same place */
        if (!copy) return kam__nomem(err);
        *out = kam__cel_text(copy, len);
    }
    if (kam__cel_coerce(out, t, 0)) return KAM_OK;
    return kam__fail(err, KAM_E_TYPE, "\"%s\" is declared %s, and the field holds \"%.40s\"", name,
                     r->rule->var[var].type->name, text);
}

int32_t kam_rule_eval(kam_buf *out, const kam_rule *rule, kam_work *work, const kam_record *record, kam_error *err) {
    cel_record_row row = {rule, work, record};
    if (!rule) return kam__null_arg(err, "rule");
    if (!work) return kam__null_arg(err, "work");
    if (!record) return kam__null_arg(err, "record");
    if (work->busy) return kam__fail(err, KAM_E_BUSY, "this work is busy: give each evaluation its own");
    work->result.t = KAM__CEL_ERROR;
    kam__cel_reset(work);
    KAM__TRY(kam__cel_eval(&work->result, rule, work, cel_record_bind, &row, err));
    return out ? kam_work_json(out, work, err) : KAM_OK;
}
