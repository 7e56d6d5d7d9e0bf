/*
 * visit/visit_book_when.c - rules of a cadence that are for some accounts only, and accounts that go first.
 *
 * The attributes of accounts are read once, and each account's conditions are asked; who does not have them all gets a
 * set of rules without those that are not his, one set for all accounts that lack the same ones. An account of which a
 * condition cannot tell lacks that rule, and is remembered for the list of problems. Of the conditions of the priority
 * the first that holds counts. A plan is explained by asking
 * again, of the book as the run knew it.
 */
#include "../store/store.h"
#include "../segment/segment_book_rule.h"
#include "../segment/segment_book_score.h"
#include "visit_book.h"

typedef struct when_set { uint32_t of, mask, set; } when_set;           /* set `of` without the rules of the mask */
typedef struct when_job {
    kam__due_job *j; kam__arena arena; kam_work *work;
    kam_rule **rule; uint32_t n;                /* the conditions of all sets, then those of the priority */
    uint32_t *first, nset;                      /* first[set]: number of its first condition */
    when_set *made; size_t nmade, made_cap;
} when_job;

static int32_t when_compile(when_job *w)
{
    kam__due_job *j = w->j;
    const kam__cadence *c = &j->cadence;
    uint32_t n = 0;
    w->nset = c->nset;
    w->n = c->nwhen + c->npriority;
    w->rule = kam__arena_alloc(&w->arena, (size_t)w->n * sizeof *w->rule);
    w->first = kam__arena_alloc(&w->arena, (size_t)c->nset * sizeof *w->first);
    if (!w->rule || !w->first) return kam__nomem(j->err);
    memset(w->rule, 0, (size_t)w->n * sizeof *w->rule);
    for (uint32_t s = 0; s < c->nset; s++) {
        w->first[s] = n;
        for (uint32_t r = 0; r < c->set[s].nrule; r++) {
            const kam__cadence_rule *rule = &c->set[s].rule[r];
            if (!rule->when) continue;
            KAM__TRY(kam__cel_condition(&w->rule[n++], j->b->ctx, rule->when, c->optional, rule->path, 0, j->err));
        }
    }
    for (const kam__cadence_rule *rule = c->priority; n < w->n; rule++)
        KAM__TRY(kam__cel_condition(&w->rule[n++], j->b->ctx, rule->when, c->optional, rule->path, 0, j->err));
    return KAM_OK;
}

/* The set without the rules of the mask, made when it is first needed. */
static int32_t when_without(uint32_t *out, when_job *w, uint32_t of, uint32_t mask)
{
    kam__due_job *j = w->j;
    const kam__cadence_set *set = &j->cadence.set[of];
    uint32_t bit = 0;
    for (size_t i = 0; i < w->nmade; i++)
        if (w->made[i].of == of && w->made[i].mask == mask) {
            *out = w->made[i].set;
            return KAM_OK;
        }
    uint8_t *keep = kam__arena_alloc(&w->arena, set->nrule);
    if (!keep) return kam__nomem(j->err);
    for (uint32_t r = 0; r < set->nrule; r++) keep[r] = !set->rule[r].when || !(mask >> bit++ & 1u);
    KAM__TRY(kam__cadence_without(out, &j->cadence, &j->policy.arena, of, keep, j->err));
    KAM__TRY(kam__grow(j->b->ctx, &w->made, &w->made_cap, w->nmade + 1, sizeof *w->made, j->err));
    w->made[w->nmade++] = (when_set){of, mask, *out};
    return KAM_OK;
}

static int32_t when_priority(kam__due_account *a, when_job *w, const kam_record *r)
{
    const kam__cadence *c = &w->j->cadence;
    int is = KAM__CEL_NO;
    for (a->priority = 0; a->priority < c->npriority; a->priority++) {
        KAM__TRY(kam__cel_ask(&is, w->rule[c->nwhen + a->priority], w->work, r, w->j->err));
        if (is == KAM__CEL_YES) return KAM_OK;
    }
    return KAM_OK;
}

static int32_t on_when_account(void *user, const kam_record *r, kam_error *err)
{
    when_job *w = user;
    kam__due_job *j = w->j;
    uint32_t at = 0, mask = 0, bit = 0;
    if (!kam__imap_get(&j->account_of, kam__record_num(r, KAM_ATTRIBUTES_ACCOUNT, 0), &at)) return KAM_OK;
    kam__due_account *a = &j->account[at];
    const kam__cadence_set *set = &j->cadence.set[a->set];
    for (uint32_t k = 0; k < set->nrule; k++) {
        int is = 0;
        if (!set->rule[k].when) continue;
        KAM__TRY(kam__cel_ask(&is, w->rule[w->first[a->set] + bit], w->work, r, err));
        if (is != KAM__CEL_YES) mask |= 1u << bit;
        bit++;
        if (is != KAM__CEL_UNKNOWN) continue;
        KAM__TRY(kam__grow(j->b->ctx, &j->unsure, &j->unsure_cap, j->nunsure + 1, sizeof *j->unsure, err));
        j->unsure[j->nunsure++] = (kam__due_unsure){at, &set->rule[k]};
    }
    KAM__TRY(when_priority(a, w, r));
    return mask ? when_without(&a->set, w, a->set, mask) : KAM_OK;
}

static int32_t when_ask(when_job *w)
{
    kam__due_job *j = w->j;
    uint8_t *want = NULL;
    KAM__TRY(when_compile(w));
    KAM__TRY(kam_work_new(&w->work, j->b->ctx, j->err));
    KAM__TRY(kam__rules_want(&want, w->rule, w->n, j->b->schema, &w->arena, j->err));
    const kam__attributes_ask ask = {.as_of = j->as_of, .want = want};
    return kam__attributes_read(j->b, &ask, on_when_account, w, j->err);
}

int32_t kam__due_load_when(kam__due_job *j)
{
    when_job w = {.j = j};
    if (!j->cadence.nwhen && !j->cadence.npriority) return KAM_OK;
    for (size_t i = 0; i < j->naccount; i++) j->account[i].priority = j->cadence.npriority;
    kam__arena_init(&w.arena, j->b->ctx, 0);
    int32_t rc = when_ask(&w);
    for (uint32_t i = 0; w.rule && i < w.n; i++) kam_rule_free(w.rule[i]);
    kam_work_free(w.work);
    kam__free(j->b->ctx, w.made);
    kam__arena_free(&w.arena);
    return rc;
}

/* ---------------------------------------------------------------- why */

typedef struct when_why {
    kam_book *b; kam_why *why; kam_run *run; kam__cadence *cadence; const kam__cadence_rule *rule;
    kam_rule *compiled; kam_work *work; int64_t account; kam_error *err;
} when_why;

static int32_t on_when_why(void *user, const kam_record *r, kam_error *err)
{
    static const char *const said[][3] = {{"DOES_NOT_APPLY", "is not for this account", "不适用于本客户"},
                                          {"APPLIES", "is for this account", "适用于本客户"},
                                          {"UNKNOWN", "is left out: a value it reads is missing", "未采用：所需数据缺失"}};
    static const char *const value[] = {"false", "true", "unknown"};
    when_why *w = user;
    kam_buf en, zh;
    int is = 0;
    KAM__TRY(kam__cel_ask(&is, w->compiled, w->work, r, err));
    kam__buf_init(&en, w->b->ctx);
    kam__buf_init(&zh, w->b->ctx);
    kam__buf_printf(&en, "rule %s %s: %s is %s", w->rule->id, said[is][1], w->rule->when->text, value[is]);
    kam__buf_printf(&zh, "规则 %s %s：%s 为 %s", w->rule->id, said[is][2], w->rule->when->text, value[is]);
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK)
        rc = kam__why_add(w->why, w->rule->path, value[is], w->rule->when->text, said[is][0], en.data, zh.data, err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc == KAM_OK ? kam__why_parts(w->why, w->compiled, w->work, err) : rc;
}

static int32_t when_why_rule(when_why *w)
{
    kam__arena arena;
    uint8_t *want = NULL;
    kam__arena_init(&arena, w->b->ctx, 0);
    int32_t rc = kam__cel_condition(&w->compiled, w->b->ctx, w->rule->when, w->cadence->optional, w->rule->path,
                                    KAM_RULE_TRACE, w->err);
    if (rc == KAM_OK) rc = kam_work_new(&w->work, w->b->ctx, w->err);
    if (rc == KAM_OK) rc = kam__rules_want(&want, &w->compiled, 1, w->b->schema, &arena, w->err);
    const kam__attributes_ask ask = {.as_of = (int32_t)kam__record_num(w->run->record, KAM_RUN_AS_OF, 0),
                                     .account = w->account, .want = want};
    if (rc == KAM_OK) rc = kam__attributes_read(w->b, &ask, on_when_why, w, w->err);
    kam_work_free(w->work);
    kam_rule_free(w->compiled);
    w->work = NULL;
    w->compiled = NULL;
    kam__arena_free(&arena);
    return rc;
}

/* The grade the account had by the cadence's scheme on the run's day. */
typedef struct when_grade { int64_t account; uint32_t set; const kam__cadence *cadence; } when_grade;

static int32_t on_when_grade(void *user, const kam_block *rows)
{
    when_grade *g = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT), *grade = kam__block_col(rows, KAM_GRADE_GRADE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(grade, i, &len);
        if (text && kam__col_i64(account, i) == g->account) g->set = kam__cadence_set_of(g->cadence, text, len);
    }
    return KAM_OK;
}

static int32_t when_why_all(when_why *w)
{
    static const uint32_t field[] = {KAM_ID, KAM_GRADE_ACCOUNT, KAM_GRADE_GRADE};
    when_grade g = {w->account, 0, w->cadence};
    kam_pred p[2];
    kam__pred mem[2];
    const kam__kind *k = kam__builtin_kind(KAM_KIND_GRADE);
    kam__pred_text(&p[0], &mem[0], kam__kind_field(k, KAM_GRADE_SCHEME), KAM_OP_EQ, w->cadence->scheme,
                   strlen(w->cadence->scheme));
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_GRADE_ACCOUNT), KAM_OP_EQ, w->account);
    kam__read q = {.scan = {.kind = KAM_KIND_GRADE, .field = field, .nfield = 3, .pred = p, .npred = 2, .any_order = 1},
                   .as_of = (int32_t)kam__record_num(w->run->record, KAM_RUN_AS_OF, 0)};
    KAM__TRY(kam__read_rows(w->b, &q, on_when_grade, &g, w->err));
    for (uint32_t r = 0; r < w->cadence->set[g.set].nrule; r++) {
        w->rule = &w->cadence->set[g.set].rule[r];
        if (w->rule->when) KAM__TRY(when_why_rule(w));
    }
    for (uint32_t i = 0; i < w->cadence->npriority; i++) {
        w->rule = &w->cadence->priority[i];
        KAM__TRY(when_why_rule(w));
    }
    return KAM_OK;
}

/* As the book knew the account when the run read it. */
static int32_t when_why_then(when_why *w)
{
    kam_book *then = NULL;
    int64_t last = 0;
    KAM__TRY(kam__book_last_seq(&last, w->run->book, w->err));
    w->b = w->run->book;
    if (last == w->run->read_seq) return when_why_all(w);
    KAM__TRY(kam_book_known(&then, w->run->book, kam__record_num(w->run->record, KAM_RUN_KNOWN, 0), w->err));
    w->b = then;
    int32_t rc = when_why_all(w);
    kam_book_close(then);
    return rc;
}

int32_t kam__plan_why_when(kam_why *why, kam_run *run, int64_t account, kam_error *err)
{
    kam__cadence c;
    kam__policy p;
    when_why w = {.why = why, .run = run, .cadence = &c, .account = account, .err = err};
    int64_t policy = kam__record_num(run->record, KAM_RUN_POLICY, 0);
    if (!policy) return KAM_OK;
    KAM__TRY(kam__policy_load_id(&p, run->book, policy, err));
    int32_t rc = kam__cadence_read(&c, &p.arena, p.body, err);
    if (rc == KAM_OK && (c.nwhen || c.npriority)) rc = when_why_then(&w);
    kam__policy_free(&p);
    return rc;
}
