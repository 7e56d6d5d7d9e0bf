/*
 * visit/cadence.c - cadence documents: how often an account of which grade is to be contacted, and what counts as such
 * a contact.
 *
 * {"name", "title", "source", "scheme", "key_rank": n, "default": [rules], "grades": {"A": [rules], ...}}, a rule being
 * {"id", "channel", "every": {"months" or "iso_weeks" or "days" or "working_days": n}, "count": n, "gap": {"min",
 * "target", "max"}, "weekdays": ["MON", ...], "nth": [1, 3], "seasons": [{"from": "06-01", "to": "08-31", "every": n,
 * "count": n}], "qualifies": {"direction", "premises", "attendee": [...]}, "substitute": 0.5, "substitute_channel",
 * "substitute_most": 1, "min_rank": n, "minutes": n, "prepare": n, "first_due_days": n, "must": true,
 * "when": "revenue_12m > decimal('1e5')"}. What is a "must" is planned before everything else.
 * "when" is CEL over the attributes of an account (rule/cel_attr.c): the rule is for accounts of which it is true; what
 * it cannot tell of is a problem of the plan. "priority" is a list of such expressions: accounts of which the first is
 * true go first, then the second's, whatever their grade. "weights" {"A": 3, "B": 1.5} are those of the grades in the
 * score of what is overdue (due.c), which then goes by it and not by grades. "substitute": 0.5 of the document is the weight for
 * visits of all grades but the first, where a rule says none; "substitute_most" {"B": 2} caps what the rules of a grade say,
 * 0: nothing stands in for a missed one. Attributes listed in "optional" may be missing. "gap" with "max" stands
 * for "every" in days (or "unit": "working_days"). "default" is for accounts without a grade, or with one the document
 * does not name. The reader is strict: a member nobody knows is a mistake. Rules are read in cadence_rule.c.
 */
#include "visit.h"
#include "../rule/cel.h"
#include <stdio.h>

/* ---------------------------------------------------------------- the document */

static int32_t cadence_set_read(kam__cadence_reading *r, kam__cadence *c, kam__cadence_set *set, const kam__json *list,
                                const char *name)
{
    KAM__TRY(kam__cadence_is(list, KAM__J_ARRAY, name, "a list of rules", r->err));
    kam__cadence_rule *rule = kam__cadence_room(r, list->n, sizeof *rule);
    uint32_t conditions = 0;
    if (!rule) return KAM_E_NOMEM;
    set->rule = rule;
    for (const kam__json *v = list->child; v; v = v->next) {
        KAM__TRY(kam__cadence_rule_read(r, &rule[set->nrule], v, set));
        KAM__TRY(kam__cadence_when(r, &rule[set->nrule], v, set->grade, set->nrule));
        if (rule[set->nrule].when) c->nwhen++;
        if (rule[set->nrule].when && ++conditions > KAM__CADENCE_WHEN)
            return kam__json_fail(v, KAM_E_POLICY, r->err, "a grade has at most %u rules with a condition", KAM__CADENCE_WHEN);
        if (rule[set->nrule].nattendee) c->asks_attendee = 1;
        if (rule[set->nrule].substitute) c->substitutes = 1;
        set->nrule++;
    }
    if (set->nrule > c->max_rules) c->max_rules = set->nrule;
    return KAM_OK;
}

static int32_t cadence_sets_read(kam__cadence_reading *r, kam__cadence *c, const kam__json *body)
{
    const kam__json *grades = kam__json_get(body, "grades"), *rest = kam__json_get(body, "default");
    KAM__TRY(kam__cadence_is(grades, KAM__J_OBJECT, "grades", "an object: grade -> list of rules", r->err));
    c->set = kam__cadence_room(r, (size_t)grades->n + 1, sizeof *c->set);
    if (!c->set) return KAM_E_NOMEM;
    c->set[0].grade = "";
    c->nset = 1;
    if (rest) KAM__TRY(cadence_set_read(r, c, &c->set[0], rest, "default"));
    for (const kam__json *v = grades->child; v; v = v->next) {
        if (!v->key_len || memchr(v->key, 0, v->key_len))
            return kam__json_fail(v, KAM_E_POLICY, r->err, "a grade has a name");
        c->set[c->nset].grade = v->key;
        r->best = c->nset == 1;
        KAM__TRY(cadence_set_read(r, c, &c->set[c->nset], v, v->key));
        c->nset++;
    }
    return KAM_OK;
}

/* Which accounts go first, whatever their grade: the first condition that holds says how early. */
static int32_t cadence_priority(kam__cadence_reading *r, kam__cadence *c, const kam__json *list)
{
    static const char want[] = "a list of expressions such as \"clv_12m > decimal('50000')\"";
    char path[40];
    if (!list) return KAM_OK;
    KAM__TRY(kam__cadence_is(list, KAM__J_ARRAY, "priority", want, r->err));
    if (list->n > KAM__CADENCE_WHEN)
        return kam__json_fail(list, KAM_E_POLICY, r->err, "\"priority\" has at most %u conditions", KAM__CADENCE_WHEN);
    kam__cadence_rule *rule = kam__cadence_room(r, list->n, sizeof *rule);
    if (!rule) return KAM_E_NOMEM;
    c->priority = rule;
    for (const kam__json *v = list->child; v; v = v->next, c->npriority++, rule++) {
        KAM__TRY(kam__cadence_is(v, KAM__J_STRING, "priority", want, r->err));
        snprintf(path, sizeof path, "priority[%u]", (unsigned)c->npriority);
        rule->id = "priority";
        KAM__TRY(kam__cadence_condition(r, rule, v, path));
    }
    return KAM_OK;
}

/* A grade of the document by its name; "" cannot be one. */
static int32_t cadence_graded(kam__cadence_set **out, const kam__cadence *c, const kam__json *v, const char *key, kam_error *err)
{
    uint32_t at = kam__cadence_set_of(c, v->key, v->key_len);
    if (!at) return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" names the grade \"%.40s\", which has no rules in \"grades\"", key, v->key);
    *out = &c->set[at];
    return KAM_OK;
}

/* Grades that are not named, and accounts without one, weigh 1. */
static int32_t cadence_weights(kam__cadence *c, const kam__json *weights, kam_error *err)
{
    for (uint32_t i = 0; i < c->nset; i++) c->set[i].weight = KAM__WEIGHT;
    if (!weights) return KAM_OK;
    KAM__TRY(kam__cadence_is(weights, KAM__J_OBJECT, "weights", "an object such as {\"A\": 3, \"B\": 1.5}", err));
    for (const kam__json *v = weights->child; v; v = v->next) {
        kam__cadence_set *set = NULL;
        int64_t weight = 0;
        KAM__TRY(cadence_graded(&set, c, v, "weights", err));
        KAM__TRY(kam__json_dec(&weight, v, 4, v->key, err));
        if (weight <= 0 || weight > 1000 * KAM__WEIGHT)
            return kam__json_fail(v, KAM_E_POLICY, err, "the weight of a grade is above 0 and at most 1000");
        set->weight = (int32_t)weight;
        c->weighted = 1;
    }
    return KAM_OK;
}

/* At most so many in a row stand in for missed contacts of a grade, whatever its rules say. */
static int32_t cadence_caps(kam__cadence_reading *r, kam__cadence *c, const kam__json *caps)
{
    if (!caps) return KAM_OK;
    KAM__TRY(kam__cadence_is(caps, KAM__J_OBJECT, "substitute_most", "an object such as {\"A\": 0, \"B\": 2}", r->err));
    for (const kam__json *v = caps->child; v; v = v->next) {
        kam__cadence_set *set = NULL;
        int32_t most = 0;
        KAM__TRY(cadence_graded(&set, c, v, "substitute_most", r->err));
        KAM__TRY(kam__cadence_optional(&most, caps, v->key, 0, 100, r->err));
        kam__cadence_rule *rule = kam__cadence_room(r, set->nrule, sizeof *rule);
        if (!rule) return KAM_E_NOMEM;
        for (uint32_t i = 0; i < set->nrule; i++) {
            rule[i] = set->rule[i];
            if (rule[i].substitute_most > most) rule[i].substitute_most = most;
        }
        set->rule = rule;
    }
    return KAM_OK;
}

static int32_t cadence_text(const char **out, const kam__json *body, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(body, key);
    if (!v) return kam__json_fail(body, KAM_E_POLICY, err, "\"%s\" is missing", key);
    KAM__TRY(kam__json_str(out, v, key, err));
    return v->len ? KAM_OK : kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is empty", key);
}

static int32_t cadence_title(const kam__json *body, kam_error *err)
{
    static const char *const known[] = { "en", "zh" };
    const kam__json *title = kam__json_get(body, "title");
    const char *text = NULL;
    if (!title) return KAM_OK;
    KAM__TRY(kam__cadence_is(title, KAM__J_OBJECT, "title", "an object {\"en\": ..., \"zh\": ...}", err));
    KAM__TRY(kam__json_known(title, known, KAM__LEN(known), err));
    for (const kam__json *v = title->child; v; v = v->next) KAM__TRY(kam__json_str(&text, v, v->key, err));
    return KAM_OK;
}

int32_t kam__cadence_read(kam__cadence *out, kam__arena *arena, const kam__json *body, kam_error *err)
{
    static const char *const known[] = { "name", "title", "source", "scheme", "default", "grades", "key_rank",
                                         "optional", "priority", "weights",
                                         "substitute", "substitute_most" };
    kam__cadence_reading r = { .arena = arena, .err = err };
    kam__cadence c;
    const char *source = NULL;
    memset(&c, 0, sizeof c);
    KAM__TRY(kam__json_known(body, known, KAM__LEN(known), err));
    KAM__TRY(cadence_text(&c.name, body, "name", err));
    KAM__TRY(cadence_text(&c.scheme, body, "scheme", err));
    KAM__TRY(cadence_title(body, err));
    if (kam__json_get(body, "source")) KAM__TRY(cadence_text(&source, body, "source", err));
    KAM__TRY(kam__cadence_optional(&c.key_rank, body, "key_rank", 1, 1000, err));
    c.optional = r.optional = kam__json_get(body, "optional");
    KAM__TRY(kam__cel_attr_optional(c.optional, err));
    KAM__TRY(cadence_priority(&r, &c, kam__json_get(body, "priority")));
    if (kam__json_get(body, "substitute")) KAM__TRY(kam__cadence_weight(&r.substitute, kam__json_get(body, "substitute"), err));
    KAM__TRY(cadence_sets_read(&r, &c, body));
    KAM__TRY(cadence_caps(&r, &c, kam__json_get(body, "substitute_most")));
    KAM__TRY(cadence_weights(&c, kam__json_get(body, "weights"), err));
    *out = c;
    return KAM_OK;
}

int32_t kam__cadence_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    kam__arena arena;
    kam__cadence c;
    kam__arena_init(&arena, ctx, 0);
    int32_t rc = kam__cadence_read(&c, &arena, body, err);
    kam__arena_free(&arena);
    return rc;
}

uint32_t kam__cadence_set_of(const kam__cadence *c, const char *grade, size_t len)
{
    for (uint32_t i = 1; i < c->nset && len; i++)
        if (strlen(c->set[i].grade) == len && memcmp(c->set[i].grade, grade, len) == 0) return i;
    return 0;
}

/* ---------------------------------------------------------------- one account's own frequency */

static void cadence_own_apply(kam__cadence_rule *rule, const kam__cadence_own *own)
{
    rule->every = own->every;
    rule->unit = own->unit;
    rule->count = own->count;
    rule->nseason = 0;
    rule->target = 0;
    if (own->min_gap) rule->min_gap = own->min_gap;
    if (own->must) rule->must = own->must > 0;
}

/* The channel's first rule has the account's own frequency, further ones go; a channel without any gets one. */
static uint32_t cadence_own_rules(kam__cadence_rule *to, const kam__cadence_set *from, const kam__cadence_own *own,
                                  uint32_t n)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < from->nrule; i++) {
        const kam__cadence_own *mine = NULL;
        int first = 1;
        for (uint32_t o = 0; o < n; o++)
            if (own[o].channel == from->rule[i].channel) mine = &own[o];
        for (uint32_t p = 0; p < i; p++) first &= from->rule[p].channel != from->rule[i].channel;
        if (mine && (!first || !mine->every)) continue;
        to[k] = from->rule[i];
        if (mine) cadence_own_apply(&to[k], mine);
        k++;
    }
    for (uint32_t o = 0; o < n; o++) {
        int there = !own[o].every;
        for (uint32_t i = 0; i < from->nrule; i++) there |= from->rule[i].channel == own[o].channel;
        if (there) continue;
        const kam__enum_item *name = kam__enum_by_value(kam__enum_set_by_name("CHANNEL"), own[o].channel);
        to[k] = (kam__cadence_rule){.id = name ? name->name : "override", .channel = own[o].channel,
                                    .direction = own[o].channel == KAM_CHANNEL_VISIT ? KAM_DIRECTION_OUTBOUND : 0};
        cadence_own_apply(&to[k++], &own[o]);
    }
    return k;
}

/* Room for one more set, and for its rules. */
static kam__cadence_rule *cadence_more(kam__cadence *c, kam__arena *arena, uint32_t nrule, kam_error *err)
{
    kam__cadence_reading r = {.arena = arena, .err = err};
    if (c->nset >= c->set_cap) {                /* the old ones lie in the arena till the end */
        kam__cadence_set *more = kam__cadence_room(&r, (size_t)c->nset * 2, sizeof *more);
        if (!more) return NULL;
        c->set_cap = c->nset * 2;
        memcpy(more, c->set, c->nset * sizeof *more);
        c->set = more;
    }
    return kam__cadence_room(&r, nrule, sizeof(kam__cadence_rule));
}

/* As set `of`, with other rules. */
static void cadence_add(uint32_t *out, kam__cadence *c, uint32_t of, const kam__cadence_rule *rule, uint32_t nrule)
{
    c->set[c->nset] = (kam__cadence_set){.grade = "", .rule = rule, .nrule = nrule, .weight = c->set[of].weight};
    if (nrule > c->max_rules) c->max_rules = nrule;
    *out = c->nset++;
}

int32_t kam__cadence_override(uint32_t *out, kam__cadence *c, kam__arena *arena, uint32_t of,
                              const kam__cadence_own *own, uint32_t n, kam_error *err)
{
    kam__cadence_rule *rule = cadence_more(c, arena, c->set[of].nrule + n, err);
    if (!rule) return KAM_E_NOMEM;
    cadence_add(out, c, of, rule, cadence_own_rules(rule, &c->set[of], own, n));
    return KAM_OK;
}

int32_t kam__cadence_without(uint32_t *out, kam__cadence *c, kam__arena *arena, uint32_t of, const uint8_t *keep,
                             kam_error *err)
{
    kam__cadence_rule *rule = cadence_more(c, arena, c->set[of].nrule, err);
    uint32_t n = 0;
    if (!rule) return KAM_E_NOMEM;
    for (uint32_t i = 0; i < c->set[of].nrule; i++)
        if (keep[i]) rule[n++] = c->set[of].rule[i];
    cadence_add(out, c, of, rule, n);
    return KAM_OK;
}

/* ---------------------------------------------------------------- which frequency, which days */

int32_t kam__cadence_every(const kam__cadence_rule *rule, int32_t day, int32_t *count)
{
    int32_t year = 0, month = 0, dom = 0;
    *count = rule->count > 0 ? rule->count : 1;
    if (!rule->nseason) return rule->every;
    kam__day_split(day, &year, &month, &dom);
    int32_t at = month * 100 + dom;
    for (uint32_t i = 0; i < rule->nseason; i++) {
        const kam__cadence_season *s = &rule->season[i];
        int in = s->first <= s->last ? at >= s->first && at <= s->last : at >= s->first || at <= s->last;
        if (!in) continue;
        *count = s->count;
        return s->every;
    }
    return rule->every;
}

int kam__cadence_on(const kam__cadence_rule *rule, int32_t day)
{
    int32_t year = 0, month = 0, dom = 0;
    if (rule->weekdays && !(rule->weekdays >> (kam__weekday(day) - 1) & 1u)) return 0;
    if (!rule->nth) return 1;
    kam__day_split(day, &year, &month, &dom);
    return (int)(rule->nth >> ((dom + 6) / 7) & 1u);
}

/* ---------------------------------------------------------------- what counts */

int kam__visit_outbound(int64_t direction)
{
    return direction == 0 || direction == KAM_DIRECTION_OUTBOUND;
}

static int cadence_met(const kam__cadence_rule *rule, const kam__held *held)
{
    for (uint32_t i = 0; i < rule->nattendee; i++)
        for (uint32_t k = 0; k < held->nrole; k++)
            if (strlen(rule->attendee[i]) == held->role[k].len &&
                memcmp(rule->attendee[i], held->role[k].text, held->role[k].len) == 0)
                return 1;
    return rule->nattendee == 0;
}

int kam__cadence_qualifies(const kam__cadence_rule *rule, const kam__held *held)
{
    int32_t direction = held->direction;
    if (held->channel != rule->channel) return 0;
    if (held->channel == KAM_CHANNEL_VISIT && kam__visit_outbound(direction)) direction = KAM_DIRECTION_OUTBOUND;
    if (rule->direction && direction != rule->direction) return 0;
    if (rule->premises && held->premises != rule->premises) return 0;
    return cadence_met(rule, held);
}
