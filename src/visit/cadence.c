/*
 * visit/cadence.c - cadence documents: how often an account of which grade is to be contacted, and what counts as such
 * a contact.
 *
 * {"name", "title", "source", "scheme", "key_rank": n, "default": [rules], "grades": {"A": [rules], ...}}, a rule being
 * {"id", "channel", "every": {"months" or "iso_weeks" or "days" or "working_days": n}, "count": n, "gap": {"min",
 * "target", "max"}, "weekdays": ["MON", ...], "nth": [1, 3], "seasons": [{"from": "06-01", "to": "08-31", "every": n,
 * "count": n}], "qualifies": {"direction", "premises", "attendee": [...]}, "substitute": 0.5, "substitute_channel",
 * "substitute_most": 1, "min_rank": n, "minutes": n, "first_due_days": n, "when": "revenue_12m > decimal('1e5')"}.
 * "when" is CEL over the attributes of an account (rule/cel_attr.c): the rule is for accounts of which it is true; what
 * it cannot tell of is a problem of the plan. Attributes listed in "optional" may be missing. "gap" with "max" stands
 * for "every" in days (or "unit": "working_days"). "default" is for accounts without a grade, or with one the document
 * does not name. The reader is
 * strict: a member nobody knows is a mistake.
 */
#include "visit.h"
#include "../rule/cel.h"
#include <stdio.h>

#define CADENCE_MAX_ID 40u
#define CADENCE_MAX_EVERY 3660

typedef struct cadence_reading { kam__arena *arena; kam_error *err; const kam__json *optional; } cadence_reading;

static void *cadence_room(cadence_reading *r, size_t n, size_t size)
{
    void *p = kam__arena_alloc(r->arena, n * size + 1);
    if (p) memset(p, 0, n * size + 1);
    else kam__nomem(r->err);
    return p;
}

static int32_t cadence_is(const kam__json *v, uint8_t type, const char *key, const char *want, kam_error *err)
{
    if (!v) return kam__fail(err, KAM_E_POLICY, "cadence: \"%s\" is missing; it must be %s", key, want);
    return v->type == type ? KAM_OK : kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" must be %s", key, want);
}

/* A member of a fixed set ("channel": "VISIT") as its number; absent: *out stays. */
static int32_t cadence_enum(int32_t *out, const kam__json *object, const char *key, const char *set_name,
                            kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    const kam__enum_set *set = kam__enum_set_by_name(set_name);
    const char *text = NULL;
    char names[200], show[72];
    if (!v) return KAM_OK;
    KAM__TRY(kam__json_str(&text, v, key, err));
    const kam__enum_item *item = kam__enum_by_name(set, text, v->len);
    if (!item)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is \"%s\": one of %s is expected", key,
                              kam__json_show(show, text, v->len), kam__enum_names(names, sizeof names, set, ", "));
    *out = item->value;
    return KAM_OK;
}

static int32_t cadence_number(int32_t *out, const kam__json *v, const char *key, int32_t least, int32_t most,
                              kam_error *err)
{
    int64_t n = 0;
    KAM__TRY(kam__json_i64(&n, v, key, err));
    if (n < least || n > most)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" must lie in %d..%d", key, (int)least, (int)most);
    *out = (int32_t)n;
    return KAM_OK;
}

/* ---------------------------------------------------------------- one rule */

static int32_t cadence_every(kam__cadence_rule *rule, const kam__json *object, kam_error *err)
{
    static const char *const unit[] = { "months", "iso_weeks", "days", "working_days" };        /* KAM__EVERY_ - 1 */
    const kam__json *every = kam__json_get(object, "every");
    if (!every && rule->unit) return KAM_OK;    /* by its gap */
    if (every && rule->unit)
        return kam__json_fail(every, KAM_E_POLICY, err, "\"every\" and the \"max\" of \"gap\" say the same: leave one out");
    if (!every)
        return kam__json_fail(object, KAM_E_POLICY, err,
                              "\"every\" is missing: {\"months\": 2}, {\"iso_weeks\": 1} or {\"days\": 30}");
    KAM__TRY(cadence_is(every, KAM__J_OBJECT, "every", "an object such as {\"months\": 2}", err));
    KAM__TRY(kam__json_known(every, unit, KAM__LEN(unit), err));
    if (every->n != 1)
        return kam__json_fail(every, KAM_E_POLICY, err, "\"every\" has one member: months, iso_weeks, days or working_days");
    for (uint32_t i = 0; i < KAM__LEN(unit); i++)
        if (strcmp(every->child->key, unit[i]) == 0) rule->unit = i + 1;
    int32_t most = rule->unit == KAM__EVERY_MONTHS ? 120 : rule->unit == KAM__EVERY_ISO_WEEKS ? 520 : CADENCE_MAX_EVERY;
    return cadence_number(&rule->every, every->child, every->child->key, 1, most, err);
}

static int32_t cadence_attendees(cadence_reading *r, kam__cadence_rule *rule, const kam__json *v)
{
    const kam__enum_set *roles = kam__enum_set_by_name("ROLE");
    uint32_t n = 0;
    if (!v) return KAM_OK;
    KAM__TRY(cadence_is(v, KAM__J_ARRAY, "attendee", "a list of roles", r->err));
    if (!v->n)
        return kam__json_fail(v, KAM_E_POLICY, r->err, "\"attendee\" names no role: leave it out if anybody counts");
    const char **role = cadence_room(r, v->n, sizeof *role);
    if (!role) return KAM_E_NOMEM;
    for (const kam__json *c = v->child; c; c = c->next) {
        const char *text = NULL;
        KAM__TRY(kam__json_str(&text, c, "attendee", r->err));
        if (!c->len)
            return kam__json_fail(c, KAM_E_POLICY, r->err, "\"attendee\" has a role without a name: leave it out");
        const kam__enum_item *known = kam__enum_by_name(roles, text, c->len);
        role[n++] = known ? known->name : text;         /* the list of roles is open: others count as written */
    }
    rule->attendee = role;
    rule->nattendee = n;
    return KAM_OK;
}

static int32_t cadence_qualifies_of(cadence_reading *r, kam__cadence_rule *rule, const kam__json *q)
{
    static const char *const known[] = { "direction", "premises", "attendee" };
    if (rule->channel == KAM_CHANNEL_VISIT)
        rule->direction = KAM_DIRECTION_OUTBOUND; /* R146: inbound only if asked for */
    if (!q) return KAM_OK;
    KAM__TRY(cadence_is(q, KAM__J_OBJECT, "qualifies", "an object", r->err));
    KAM__TRY(kam__json_known(q, known, KAM__LEN(known), r->err));
    KAM__TRY(cadence_enum(&rule->direction, q, "direction", "DIRECTION", r->err));
    KAM__TRY(cadence_enum(&rule->premises, q, "premises", "PREMISES", r->err));
    return cadence_attendees(r, rule, kam__json_get(q, "attendee"));
}

/* ---------------------------------------------------------------- gaps, days and seasons of a rule */

static int32_t cadence_optional(int32_t *out, const kam__json *object, const char *key, int32_t least, int32_t most,
                                kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    return v ? cadence_number(out, v, key, least, most, err) : KAM_OK;
}

/* "gap": {"min": 10, "target": 25, "max": 30, "unit": "working_days"}; only "min" beside "every". */
static int32_t cadence_gap(kam__cadence_rule *rule, const kam__json *object, kam_error *err)
{
    static const char *const known[] = { "min", "target", "max", "unit" };
    const kam__json *gap = kam__json_get(object, "gap"), *unit = gap ? kam__json_get(gap, "unit") : NULL;
    const char *text = "days";
    if (!gap) return KAM_OK;
    KAM__TRY(cadence_is(gap, KAM__J_OBJECT, "gap", "an object such as {\"min\": 20, \"target\": 30, \"max\": 40}", err));
    KAM__TRY(kam__json_known(gap, known, KAM__LEN(known), err));
    KAM__TRY(cadence_optional(&rule->min_gap, gap, "min", 1, CADENCE_MAX_EVERY, err));
    KAM__TRY(cadence_optional(&rule->every, gap, "max", 1, CADENCE_MAX_EVERY, err));
    if (unit) KAM__TRY(kam__json_str(&text, unit, "unit", err));
    if (strcmp(text, "days") != 0 && strcmp(text, "working_days") != 0)
        return kam__json_fail(unit, KAM_E_POLICY, err,
                              "\"unit\" of a gap is \"%.20s\": days or working_days is expected",
                              text);
    KAM__TRY(cadence_optional(&rule->target, gap, "target", 1, CADENCE_MAX_EVERY, err));
    if (!rule->every && (rule->target || unit))
        return kam__json_fail(gap, KAM_E_POLICY, err,
                              "a gap with \"target\" or \"unit\" needs \"max\": by then it is due");
    if (rule->every && (rule->min_gap > rule->every || rule->target > rule->every ||
                        (rule->target && rule->min_gap > rule->target)))
        return kam__json_fail(gap, KAM_E_POLICY, err, "a gap needs min <= target <= max");
    if (rule->every) rule->unit = text[0] == 'w' ? KAM__EVERY_WORKING_DAYS : KAM__EVERY_DAYS;
    return KAM_OK;
}

static int32_t cadence_weekdays(kam__cadence_rule *rule, const kam__json *object, kam_error *err)
{
    static const char *const day[] = { "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN" };
    const kam__json *v = kam__json_get(object, "weekdays"), *nth = kam__json_get(object, "nth");
    if (v) KAM__TRY(cadence_is(v, KAM__J_ARRAY, "weekdays", "a list such as [\"MON\", \"WED\"]", err));
    for (const kam__json *c = v ? v->child : NULL; c; c = c->next) {
        const char *text = NULL;
        uint32_t i = 0;
        KAM__TRY(kam__json_str(&text, c, "weekdays", err));
        while (i < KAM__LEN(day) && strcmp(day[i], text) != 0) i++;
        if (i == KAM__LEN(day))
            return kam__json_fail(c, KAM_E_POLICY, err,
                                  "\"weekdays\" names \"%.20s\": MON TUE WED THU FRI SAT or SUN is"
                                  " expected", text);
        rule->weekdays |= 1u << i;
    }
    if (v && !v->n) return kam__json_fail(v, KAM_E_POLICY, err, "\"weekdays\" names no day: leave it out if any will do");
    if (nth) KAM__TRY(cadence_is(nth, KAM__J_ARRAY, "nth", "a list such as [1, 3]", err));
    for (const kam__json *c = nth ? nth->child : NULL; c; c = c->next) {
        int32_t n = 0;
        KAM__TRY(cadence_number(&n, c, "nth", 1, 5, err));
        rule->nth |= 1u << n;
    }
    return KAM_OK;
}

/* "06-01" as 601. */
static int32_t cadence_month_day(int32_t *out, const kam__json *season, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(season, key);
    const char *t = NULL;
    if (!v)
        return kam__json_fail(season, KAM_E_POLICY, err,
                              "\"%s\" is missing: a season has \"from\" and \"to\" (\"06-01\") and"
                              " \"every\"", key);
    KAM__TRY(kam__json_str(&t, v, key, err));
    int ok = v->len == 5 && t[2] == '-';
    for (int i = 0; i < 5 && ok; i++) ok = i == 2 || (t[i] >= '0' && t[i] <= '9');
    int32_t month = ok ? (t[0] - '0') * 10 + (t[1] - '0') : 0, day = ok ? (t[3] - '0') * 10 + (t[4] - '0') : 0;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" must be a day of the year such as \"06-01\"", key);
    *out = month * 100 + day;
    return KAM_OK;
}

static int32_t cadence_seasons(cadence_reading *r, kam__cadence_rule *rule, const kam__json *object)
{
    static const char *const known[] = { "from", "to", "every", "count" };
    const kam__json *v = kam__json_get(object, "seasons");
    if (!v) return KAM_OK;
    KAM__TRY(cadence_is(v, KAM__J_ARRAY, "seasons", "a list of seasons", r->err));
    kam__cadence_season *season = cadence_room(r, v->n, sizeof *season);
    if (!season) return KAM_E_NOMEM;
    rule->season = season;
    for (const kam__json *c = v->child; c; c = c->next) {
        kam__cadence_season *s = &season[rule->nseason++];
        const kam__json *every = NULL;
        KAM__TRY(cadence_is(c, KAM__J_OBJECT, "season", "an object", r->err));
        KAM__TRY(kam__json_known(c, known, KAM__LEN(known), r->err));
        KAM__TRY(cadence_month_day(&s->first, c, "from", r->err));
        KAM__TRY(cadence_month_day(&s->last, c, "to", r->err));
        every = kam__json_get(c, "every");
        if (!every)
            return kam__json_fail(c, KAM_E_POLICY, r->err,
                                  "\"every\" is missing: how often in the season, a number in the"
                                  " rule's unit");
        KAM__TRY(cadence_number(&s->every, every, "every", 1, 120, r->err));
        s->count = 1;
        KAM__TRY(cadence_optional(&s->count, c, "count", 1, 31, r->err));
    }
    return KAM_OK;
}

/* How often stands for how many: each of `count` contacts has a part of the period of its own. */
static int32_t cadence_count(kam__cadence_rule *rule, const kam__json *object, kam_error *err)
{
    rule->count = 1;
    KAM__TRY(cadence_optional(&rule->count, object, "count", 1, 31, err));
    for (uint32_t i = 0; i <= rule->nseason; i++) {
        int32_t every = i ? rule->season[i - 1].every : rule->every, count = i ? rule->season[i - 1].count : rule->count;
        int32_t days = rule->unit == KAM__EVERY_MONTHS ? 28 * every : rule->unit == KAM__EVERY_ISO_WEEKS ? 5 * every : every;
        if (count > days)
            return kam__json_fail(object, KAM_E_POLICY, err,
                                  "\"count\" %d is more than one contact a day: the period has %d days",
                                  (int)count, (int)days);
    }
    return KAM_OK;
}

/* "substitute": what one contact of another channel is worth in place of a missed one of this rule. */
static int32_t cadence_substitute(kam__cadence_rule *rule, const kam__json *object, kam_error *err)
{
    const kam__json *v = kam__json_get(object, "substitute");
    int64_t weight = 0;
    rule->substitute_channel = KAM_CHANNEL_CALL;
    rule->substitute_most = 1;
    if (v) KAM__TRY(kam__json_dec(&weight, v, 4, "substitute", err));
    if (weight < 0 || weight > KAM__SUBSTITUTE)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"substitute\" is a weight from 0 (none) to 1 (one for one)");
    rule->substitute = (int32_t)weight;
    KAM__TRY(cadence_enum(&rule->substitute_channel, object, "substitute_channel", "CHANNEL", err));
    if (weight && rule->substitute_channel == rule->channel)
        return kam__json_fail(object, KAM_E_POLICY, err,
                              "\"substitute_channel\" is the rule's own channel: name another");
    return cadence_optional(&rule->substitute_most, object, "substitute_most", 1, 100, err);
}

static int32_t cadence_id(kam__cadence_rule *rule, const kam__json *object, const kam__cadence_set *before,
                          kam_error *err)
{
    const kam__json *v = kam__json_get(object, "id");
    if (!v) return kam__json_fail(object, KAM_E_POLICY, err, "a rule without \"id\": give it a name such as \"visit\"");
    KAM__TRY(kam__json_str(&rule->id, v, "id", err));
    if (!v->len || v->len > CADENCE_MAX_ID)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"id\" has 1 to %u bytes", CADENCE_MAX_ID);
    if (strcmp(rule->id, "followup") == 0)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"followup\" names the follow-ups of visits: choose another id");
    for (uint32_t i = 0; i < before->nrule; i++)
        if (strcmp(before->rule[i].id, rule->id) == 0)
            return kam__json_fail(v, KAM_E_POLICY, err, "two rules of one grade have the id \"%s\"", rule->id);
    return KAM_OK;
}

static int32_t cadence_condition(cadence_reading *r, kam__cadence_rule *rule, const kam__json *v, const char *path)
{
    kam_rule *compiled = NULL;
    KAM__TRY(kam__cel_condition(&compiled, r->arena->ctx, v, r->optional, path, 0, r->err));
    kam_rule_free(compiled);
    rule->when = v;
    rule->path = kam__arena_text(r->arena, path, KAM_NUL);
    return rule->path ? KAM_OK : kam__nomem(r->err);
}

/* path: "grades.A[0].when". */
static int32_t cadence_when(cadence_reading *r, kam__cadence_rule *rule, const kam__json *object, const char *grade,
                            uint32_t at)
{
    const kam__json *v = kam__json_get(object, "when");
    char path[80];
    if (!v) return KAM_OK;
    KAM__TRY(cadence_is(v, KAM__J_STRING, "when", "an expression such as \"revenue_12m > decimal('100000')\"", r->err));
    snprintf(path, sizeof path, "%s%.40s[%u].when", grade[0] ? "grades." : "default", grade, at);
    return cadence_condition(r, rule, v, path);
}

/* Which accounts go first, whatever their grade: the first condition that holds says how early. */
static int32_t cadence_priority(cadence_reading *r, kam__cadence *c, const kam__json *list)
{
    static const char wanted[] = "a list of expressions such as \"clv_12m > decimal('50000')\"";
    char path[40];
    if (!list) return KAM_OK;
    KAM__TRY(cadence_is(list, KAM__J_ARRAY, "priority", wanted, r->err));
    if (list->n > KAM__CADENCE_WHEN)
        return kam__json_fail(list, KAM_E_POLICY, r->err, "\"priority\" has at most %u conditions", KAM__CADENCE_WHEN);
    kam__cadence_rule *rule = cadence_room(r, list->n, sizeof *rule);
    if (!rule) return KAM_E_NOMEM;
    c->priority = rule;
    for (const kam__json *v = list->child; v; v = v->next, c->npriority++, rule++) {
        KAM__TRY(cadence_is(v, KAM__J_STRING, "priority", wanted, r->err));
        snprintf(path, sizeof path, "priority[%u]", (unsigned)c->npriority);
        rule->id = "priority";
        KAM__TRY(cadence_condition(r, rule, v, path));
    }
    return KAM_OK;
}

static int32_t cadence_rule_read(cadence_reading *r, kam__cadence_rule *rule, const kam__json *object,
                                 const kam__cadence_set *before)
{
    static const char *const known[] = {"id",    "channel", "every",   "count",      "qualifies",          "substitute",
                                        "first_due_days", "gap", "weekdays", "nth", "seasons", "substitute_channel",
                                         "substitute_most", "min_rank", "minutes", "when"};
    KAM__TRY(cadence_is(object, KAM__J_OBJECT, "rule", "an object", r->err));
    KAM__TRY(kam__json_known(object, known, KAM__LEN(known), r->err));
    KAM__TRY(cadence_id(rule, object, before, r->err));
    if (!kam__json_get(object, "channel"))
        return kam__json_fail(object, KAM_E_POLICY, r->err, "\"channel\" is missing: VISIT, CALL ...");
    KAM__TRY(cadence_enum(&rule->channel, object, "channel", "CHANNEL", r->err));
    KAM__TRY(cadence_gap(rule, object, r->err));
    KAM__TRY(cadence_every(rule, object, r->err));
    KAM__TRY(cadence_weekdays(rule, object, r->err));
    KAM__TRY(cadence_seasons(r, rule, object));
    KAM__TRY(cadence_count(rule, object, r->err));
    KAM__TRY(cadence_qualifies_of(r, rule, kam__json_get(object, "qualifies")));
    KAM__TRY(cadence_substitute(rule, object, r->err));
    KAM__TRY(cadence_optional(&rule->min_rank, object, "min_rank", 1, 1000, r->err));
    KAM__TRY(cadence_optional(&rule->minutes, object, "minutes", 1, 1440, r->err));
    return cadence_optional(&rule->first_due_days, object, "first_due_days", 0, CADENCE_MAX_EVERY, r->err);
}

/* ---------------------------------------------------------------- the document */

static int32_t cadence_set_read(cadence_reading *r, kam__cadence *c, kam__cadence_set *set, const kam__json *list,
                                const char *name)
{
    KAM__TRY(cadence_is(list, KAM__J_ARRAY, name, "a list of rules", r->err));
    kam__cadence_rule *rule = cadence_room(r, list->n, sizeof *rule);
    uint32_t conditions = 0;
    if (!rule) return KAM_E_NOMEM;
    set->rule = rule;
    for (const kam__json *v = list->child; v; v = v->next) {
        KAM__TRY(cadence_rule_read(r, &rule[set->nrule], v, set));
        KAM__TRY(cadence_when(r, &rule[set->nrule], v, set->grade, set->nrule));
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

static int32_t cadence_sets_read(cadence_reading *r, kam__cadence *c, const kam__json *body)
{
    const kam__json *grades = kam__json_get(body, "grades"), *rest = kam__json_get(body, "default");
    KAM__TRY(cadence_is(grades, KAM__J_OBJECT, "grades", "an object: grade -> list of rules", r->err));
    c->set = cadence_room(r, (size_t)grades->n + 1, sizeof *c->set);
    if (!c->set) return KAM_E_NOMEM;
    c->set[0].grade = "";
    c->nset = 1;
    if (rest) KAM__TRY(cadence_set_read(r, c, &c->set[0], rest, "default"));
    for (const kam__json *v = grades->child; v; v = v->next) {
        if (!v->key_len || memchr(v->key, 0, v->key_len))
            return kam__json_fail(v, KAM_E_POLICY, r->err, "a grade has a name");
        c->set[c->nset].grade = v->key;
        KAM__TRY(cadence_set_read(r, c, &c->set[c->nset], v, v->key));
        c->nset++;
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
    KAM__TRY(cadence_is(title, KAM__J_OBJECT, "title", "an object {\"en\": ..., \"zh\": ...}", err));
    KAM__TRY(kam__json_known(title, known, KAM__LEN(known), err));
    for (const kam__json *v = title->child; v; v = v->next) KAM__TRY(kam__json_str(&text, v, v->key, err));
    return KAM_OK;
}

int32_t kam__cadence_read(kam__cadence *out, kam__arena *arena, const kam__json *body, kam_error *err)
{
    static const char *const known[] = { "name", "title", "source", "scheme", "default", "grades", "key_rank",
                                         "optional", "priority" };
    cadence_reading r = { .arena = arena, .err = err };
    kam__cadence c;
    const char *source = NULL;
    memset(&c, 0, sizeof c);
    KAM__TRY(kam__json_known(body, known, KAM__LEN(known), err));
    KAM__TRY(cadence_text(&c.name, body, "name", err));
    KAM__TRY(cadence_text(&c.scheme, body, "scheme", err));
    KAM__TRY(cadence_title(body, err));
    if (kam__json_get(body, "source")) KAM__TRY(cadence_text(&source, body, "source", err));
    KAM__TRY(cadence_optional(&c.key_rank, body, "key_rank", 1, 1000, err));
    c.optional = r.optional = kam__json_get(body, "optional");
    KAM__TRY(kam__cel_attr_optional(c.optional, err));
    KAM__TRY(cadence_priority(&r, &c, kam__json_get(body, "priority")));
    KAM__TRY(cadence_sets_read(&r, &c, body));
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
    cadence_reading r = {.arena = arena, .err = err};
    if (c->nset >= c->set_cap) {                /* the old ones lie in the arena till the end */
        kam__cadence_set *more = cadence_room(&r, (size_t)c->nset * 2, sizeof *more);
        if (!more) return NULL;
        c->set_cap = c->nset * 2;
        memcpy(more, c->set, c->nset * sizeof *more);
        c->set = more;
    }
    return cadence_room(&r, nrule, sizeof(kam__cadence_rule));
}

static void cadence_add(uint32_t *out, kam__cadence *c, const kam__cadence_rule *rule, uint32_t nrule)
{
    c->set[c->nset] = (kam__cadence_set){.grade = "", .rule = rule, .nrule = nrule};
    if (nrule > c->max_rules) c->max_rules = nrule;
    *out = c->nset++;
}

int32_t kam__cadence_override(uint32_t *out, kam__cadence *c, kam__arena *arena, uint32_t of,
                              const kam__cadence_own *own, uint32_t n, kam_error *err)
{
    kam__cadence_rule *rule = cadence_more(c, arena, c->set[of].nrule + n, err);
    if (!rule) return KAM_E_NOMEM;
    cadence_add(out, c, rule, cadence_own_rules(rule, &c->set[of], own, n));
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
    cadence_add(out, c, rule, n);
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
