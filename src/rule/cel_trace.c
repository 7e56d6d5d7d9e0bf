/*
 * rule/cel_trace.c - what each sub-expression gave.
 *
 * A rule compiled with KAM_RULE_TRACE has an instruction behind each part that notes its value; the notes lie in the
 * work's arena, by part, in the order of the source. An error ends all parts around the instruction that failed, up to
 * the one an && or || goes on in. A part without a note was not evaluated. Without the flag nothing of this costs
 * anything.
 */
#include "cel_impl.h"

int32_t kam__cel_notes(cel_run *run, kam_work *work, kam_error *err) {
    size_t size = run->r->npart * sizeof *run->note;
    if (!(run->note = kam__arena_alloc(run->arena, size))) return kam__nomem(err);
    run->used += size;
    memset(run->note, 0, size);
    work->note = run->note;
    return KAM_OK;
}

void kam__cel_note(cel_run *run, uint32_t part, const kam__cel *v) {
    cel_note *n = &run->note[part];
    n->count++;
    n->value[n->n < CEL_NOTES ? n->n++ : CEL_NOTES - 1] = *v;
}

void kam__cel_note_error(cel_run *run, uint32_t pc, const cel_guard *caught, const kam__cel *e) {
    for (uint32_t i = 0; i < run->r->npart; i++) {
        const cel_part *p = &run->r->part[i];
        if (pc < p->first || pc >= p->end) continue;
        if (!caught || (p->first >= caught->from && p->end <= caught->to)) kam__cel_note(run, i, e);
    }
}

/* ---------------------------------------------------------------- handing over */

#define CEL_TOLD_MAX 400u                   /* bytes of a value */

typedef struct cel_telling {
    const kam_rule *rule; kam_error *err;
    kam_buf factor, value, band, en, zh;
} cel_telling;

/* The values of a part: one, or those of the rounds of a loop by comma, "..." where there were more. */
static void cel_trace_value(kam_buf *out, const cel_note *n) {
    for (uint32_t k = 0; k < n->n; k++) {
        const kam__cel *v = &n->value[k];
        if (k) kam__buf_str(out, ", ");
        if (k + 1 == n->n && n->count > n->n) kam__buf_str(out, "... ");
        if (v->t != KAM__CEL_ERROR) kam__cel_show(out, v, CEL_TOLD_MAX);
        else kam__buf_printf(out, "%s%s", n->n > 1 ? "error: " : "", v->v.s ? v->v.s : "no value");
    }
}

static void cel_trace_words(kam_buf *b, const cel_telling *y, const cel_note *n, int failed, int zh) {
    kam__buf_put(b, kam_buf_data(&y->factor), y->factor.size);
    if (!n->count) kam__buf_str(b, zh ? " 未求值" : " was not evaluated");
    else if (failed && n->n == 1) kam__buf_printf(b, zh ? " 出错：%s" : " fails: %s", kam_buf_data(&y->value));
    else kam__buf_printf(b, zh ? " 为 %s" : " is %s", kam_buf_data(&y->value));
    if (zh) kam__buf_printf(b, "（%s）", kam_buf_data(&y->band));
    else kam__buf_printf(b, " (%s)", kam_buf_data(&y->band));
}

static void cel_trace_place(kam_buf *b, const kam_rule *r, uint32_t pos) {
    uint32_t line = 1, start = 0;
    for (uint32_t i = 0; i < pos; i++)
        if (r->src[i] == '\n') { line++; start = i + 1; }
    kam__buf_printf(b, "%u:%u", line, pos - start + 1);
}

static int32_t cel_trace_part(cel_telling *y, const cel_part *p, const cel_note *n, kam__cel_told_fn fn, void *user) {
    kam_buf *const all[] = {&y->factor, &y->value, &y->band, &y->en, &y->zh};
    int failed = n->n && n->value[n->n - 1].t == KAM__CEL_ERROR;
    for (size_t i = 0; i < KAM__LEN(all); i++) kam__buf_clear(all[i]);
    kam__buf_put(&y->factor, y->rule->src + p->from, p->to - p->from);
    cel_trace_value(&y->value, n);
    cel_trace_place(&y->band, y->rule, p->from);
    cel_trace_words(&y->en, y, n, failed, 0);
    cel_trace_words(&y->zh, y, n, failed, 1);
    for (size_t i = 0; i < KAM__LEN(all); i++) KAM__TRY(kam__buf_end(all[i], y->err));
    const kam__cel_told told = {.factor = kam_buf_data(&y->factor), .value = n->count ? kam_buf_data(&y->value) : NULL,
                                .band = kam_buf_data(&y->band), .en = kam_buf_data(&y->en), .zh = kam_buf_data(&y->zh),
                                .code = !n->count ? "NOT_EVALUATED" : failed ? "ERROR" : "VALUE"};
    return fn(user, &told, y->err);
}

int32_t kam__cel_parts(const kam_rule *rule, const kam_work *work, kam__cel_told_fn fn, void *user, kam_error *err) {
    cel_telling y = {.rule = rule, .err = err};
    kam_buf *const all[] = {&y.factor, &y.value, &y.band, &y.en, &y.zh};
    int32_t rc = KAM_OK;
    if (!(rule->flags & KAM_RULE_TRACE))
        return kam__fail(err, KAM_E_INVAL, "the rule notes nothing: compile it with KAM_RULE_TRACE");
    if (work->rule != rule || !work->note || work->busy)
        return kam__fail(err, KAM_E_NOT_FOUND, "the work did not evaluate this rule last: evaluate it, then ask");
    for (size_t i = 0; i < KAM__LEN(all); i++) kam__buf_init(all[i], work->ctx);
    for (uint32_t i = 0; i < rule->npart && rc == KAM_OK; i++)
        rc = cel_trace_part(&y, &rule->part[i], &work->note[i], fn, user);
    for (size_t i = 0; i < KAM__LEN(all); i++) kam__buf_drop(all[i]);
    return rc;
}
