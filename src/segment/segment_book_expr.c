/*
 * segment/segment_book_expr.c - the expressions of a scheme: what they read and what they said, as columns.
 *
 * Attributes are read account by account as segments read them; each expression is asked at once, and what it read is
 * kept beside its answer, so that a grade can be explained without asking the book, and equal input hashes mean equal
 * inputs. An expression that cannot tell has no value: its condition does not hold.
 */
#include "../store/store.h"
#include "segment_book.h"
#include "segment_book_rule.h"
#include "segment_book_score.h"

typedef struct expr_job {
    kam__gradings *g; kam__arena arena; kam_work *work; kam_rule *rule[KAM__SCHEME_EXPRS];
} expr_job;

static int32_t expr_compile(kam_rule **rule, const kam__gradings *g, uint32_t i, uint32_t flags, kam_error *err)
{
    const kam__scheme *s = &g->scheme->doc;
    return kam__cel_condition(rule, g->ctx, s->expr[i].cel, s->optional, s->expr[i].path, flags, err);
}

/* ---------------------------------------------------------------- reading */

static int32_t expr_put_input(kam__gradings *g, uint32_t attr, uint32_t at, const kam_record *r, kam_error *err)
{
    const kam__field *f = g->bound.field[attr];
    kam__attr_col *c = &g->col[attr];
    if (!kam_record_type(r, f->id)) return KAM_OK;
    if (f->type != KAM_T_TEXT) {
        c->num[at] = kam__record_num(r, f->id, 0);
        c->valid[at] = 1;
        return KAM_OK;
    }
    c->text[at] = kam__arena_text(&g->arena, kam_record_text(r, f->id, ""), KAM_NUL);
    return c->text[at] ? KAM_OK : kam__nomem(err);
}

static int32_t on_expr_account(void *user, const kam_record *r, kam_error *err)
{
    expr_job *j = user;
    kam__gradings *g = j->g;
    const kam__scheme *s = &g->scheme->doc;
    uint32_t at = 0, unknown = 0;
    if (!kam__gradings_find(g, kam__record_num(r, KAM_ATTRIBUTES_ACCOUNT, 0), &at)) return KAM_OK;
    for (uint32_t i = 0; i < s->nattr; i++)
        if (s->attr[i].source == KAM__ATTR_INPUT) KAM__TRY(expr_put_input(g, i, at, r, err));
    for (uint32_t i = 0; i < s->nexpr; i++) {
        int is = 0;
        KAM__TRY(kam__cel_ask(&is, j->rule[i], j->work, r, err));
        g->col[s->expr[i].attr].num[at] = is == KAM__CEL_YES;
        g->col[s->expr[i].attr].valid[at] = is != KAM__CEL_UNKNOWN;
        unknown |= is == KAM__CEL_UNKNOWN;
    }
    g->unknown += unknown;
    return KAM_OK;
}

static int32_t expr_read(expr_job *j, kam_book *book, kam_error *err)
{
    kam__gradings *g = j->g;
    const kam__scheme *s = &g->scheme->doc;
    uint8_t *want = NULL;
    for (uint32_t i = 0; i < s->nattr; i++)
        if (s->attr[i].source >= KAM__ATTR_INPUT)
            KAM__TRY(kam__gradings_column(g, i, g->bound.field[i]->type == KAM_T_TEXT, err));
    for (uint32_t i = 0; i < s->nexpr; i++) KAM__TRY(expr_compile(&j->rule[i], g, i, 0, err));
    KAM__TRY(kam_work_new(&j->work, g->ctx, err));
    KAM__TRY(kam__rules_want(&want, j->rule, s->nexpr, book->schema, &j->arena, err));
    const kam__attributes_ask ask = {.as_of = g->as_of, .want = want};
    return kam__attributes_read(book, &ask, on_expr_account, j, err);
}

int32_t kam__gradings_exprs(kam__gradings *g, kam_book *book, kam_error *err)
{
    expr_job j = {.g = g};
    if (!g->scheme->doc.nexpr) return KAM_OK;
    kam__arena_init(&j.arena, g->ctx, 0);
    int32_t rc = expr_read(&j, book, err);
    for (uint32_t i = 0; i < g->scheme->doc.nexpr; i++) kam_rule_free(j.rule[i]);
    kam_work_free(j.work);
    kam__arena_free(&j.arena);
    return rc;
}

/* ---------------------------------------------------------------- explaining */

/* The record the expression was asked with, as far as it was read. */
static int32_t expr_record(kam_record *r, const kam__gradings *g, const kam__scheme_expr *e, uint32_t i, kam_error *err)
{
    for (uint32_t k = 0; k < e->nread; k++) {
        const kam__attr_col *c = &g->col[e->read[k]];
        const kam__field *f = g->bound.field[e->read[k]];
        if (c->text && c->text[i]) KAM__TRY(kam__record_put_str(r, f->id, c->text[i], err));
        else if (!c->text && c->valid[i]) kam__record_put_num(r, f->id, c->num[i]);
    }
    return KAM_OK;
}

static int32_t expr_why(kam_why *why, const kam__gradings *g, uint32_t expr, uint32_t i, kam_error *err)
{
    kam_rule *rule = NULL;
    kam_work *work = NULL;
    kam_record *r = NULL;
    int is = 0;
    int32_t rc = expr_compile(&rule, g, expr, KAM_RULE_TRACE, err);
    if (rc == KAM_OK) rc = kam_work_new(&work, g->ctx, err);
    if (rc == KAM_OK) rc = kam__record_new(&r, g->schema, KAM_KIND_ATTRIBUTES, err);
    if (rc == KAM_OK) rc = expr_record(r, g, &g->scheme->doc.expr[expr], i, err);
    if (rc == KAM_OK) rc = kam__cel_ask(&is, rule, work, r, err);
    if (rc == KAM_OK) rc = kam__why_parts(why, rule, work, err);
    kam_record_free(r);
    kam_work_free(work);
    kam_rule_free(rule);
    return rc;
}

/* Those that were asked: of the population up to the one that failed, of the matches up to the one that held. */
int32_t kam__gradings_expr_why(kam_why *why, const kam__gradings *g, uint32_t i, kam_error *err)
{
    const kam__scheme *s = &g->scheme->doc;
    const kam__graded *row = &g->out.row[i];
    uint32_t n = s->ncond;
    if (row->how == KAM__HOW_OUT) n = row->at + 1u;
    if (row->how == KAM__HOW_MATCH) n = s->match[row->at].first + s->match[row->at].n;
    for (uint32_t c = 0; c < n; c++)
        for (uint32_t e = 0; e < s->nexpr; e++)
            if (s->expr[e].attr == s->cond[c].attr) KAM__TRY(expr_why(why, g, e, i, err));
    return KAM_OK;
}
