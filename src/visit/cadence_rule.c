/*
 * visit/cadence_rule.c - one rule of a cadence document: how often, on which days, in which season, what counts, what may
 * stand in its place, whom it is for. cadence.c has the form.
 */
#include "visit.h"
#include "../rule/cel.h"
#include <stdio.h>

#define CADENCE_MAX_ID 40u
#define CADENCE_MAX_EVERY 3660

void *kam__cadence_room(kam__cadence_reading *r, size_t n, size_t size)
{
    void *p = kam__arena_alloc(r->arena, n * size + 1);
    if (p) memset(p, 0, n * size + 1);
    else kam__nomem(r->err);
    return p;
}

int32_t kam__cadence_is(const kam__json *v, uint8_t type, const char *key, const char *want, kam_error *err)
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
    KAM__TRY(kam__cadence_is(every, KAM__J_OBJECT, "every", "an object such as {\"months\": 2}", err));
    KAM__TRY(kam__json_known(every, unit, KAM__LEN(unit), err));
    if (every->n != 1)
        return kam__json_fail(every, KAM_E_POLICY, err, "\"every\" has one member: months, iso_weeks, days or working_days");
    for (uint32_t i = 0; i < KAM__LEN(unit); i++)
        if (strcmp(every->child->key, unit[i]) == 0) rule->unit = i + 1;
    int32_t most = rule->unit == KAM__EVERY_MONTHS ? 120 : rule->unit == KAM__EVERY_ISO_WEEKS ? 520 : CADENCE_MAX_EVERY;
    return cadence_number(&rule->every, every->child, every->child->key, 1, most, err);
}

static int32_t cadence_attendees(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *v)
{
    const kam__enum_set *roles = kam__enum_set_by_name("ROLE");
    uint32_t n = 0;
    if (!v) return KAM_OK;
    KAM__TRY(kam__cadence_is(v, KAM__J_ARRAY, "attendee", "a list of roles", r->err));
    if (!v->n)
        return kam__json_fail(v, KAM_E_POLICY, r->err, "\"attendee\" names no role: leave it out if anybody counts");
    const char **role = kam__cadence_room(r, v->n, sizeof *role);
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

static int32_t cadence_qualifies_of(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *q)
{
    static const char *const known[] = { "direction", "premises", "attendee" };
    if (rule->channel == KAM_CHANNEL_VISIT)
        rule->direction = KAM_DIRECTION_OUTBOUND; /* R146: inbound only if asked for */
    if (!q) return KAM_OK;
    KAM__TRY(kam__cadence_is(q, KAM__J_OBJECT, "qualifies", "an object", r->err));
    KAM__TRY(kam__json_known(q, known, KAM__LEN(known), r->err));
    KAM__TRY(cadence_enum(&rule->direction, q, "direction", "DIRECTION", r->err));
    KAM__TRY(cadence_enum(&rule->premises, q, "premises", "PREMISES", r->err));
    return cadence_attendees(r, rule, kam__json_get(q, "attendee"));
}

/* ---------------------------------------------------------------- gaps, days and seasons of a rule */

int32_t kam__cadence_optional(int32_t *out, const kam__json *object, const char *key, int32_t least, int32_t most,
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
    KAM__TRY(kam__cadence_is(gap, KAM__J_OBJECT, "gap", "an object such as {\"min\": 20, \"target\": 30, \"max\": 40}", err));
    KAM__TRY(kam__json_known(gap, known, KAM__LEN(known), err));
    KAM__TRY(kam__cadence_optional(&rule->min_gap, gap, "min", 1, CADENCE_MAX_EVERY, err));
    KAM__TRY(kam__cadence_optional(&rule->every, gap, "max", 1, CADENCE_MAX_EVERY, err));
    if (unit) KAM__TRY(kam__json_str(&text, unit, "unit", err));
    if (strcmp(text, "days") != 0 && strcmp(text, "working_days") != 0)
        return kam__json_fail(unit, KAM_E_POLICY, err,
                              "\"unit\" of a gap is \"%.20s\": days or working_days is expected",
                              text);
    KAM__TRY(kam__cadence_optional(&rule->target, gap, "target", 1, CADENCE_MAX_EVERY, err));
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
    if (v) KAM__TRY(kam__cadence_is(v, KAM__J_ARRAY, "weekdays", "a list such as [\"MON\", \"WED\"]", err));
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
    if (nth) KAM__TRY(kam__cadence_is(nth, KAM__J_ARRAY, "nth", "a list such as [1, 3]", err));
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

static int32_t cadence_seasons(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *object)
{
    static const char *const known[] = { "from", "to", "every", "count" };
    const kam__json *v = kam__json_get(object, "seasons");
    if (!v) return KAM_OK;
    KAM__TRY(kam__cadence_is(v, KAM__J_ARRAY, "seasons", "a list of seasons", r->err));
    kam__cadence_season *season = kam__cadence_room(r, v->n, sizeof *season);
    if (!season) return KAM_E_NOMEM;
    rule->season = season;
    for (const kam__json *c = v->child; c; c = c->next) {
        kam__cadence_season *s = &season[rule->nseason++];
        const kam__json *every = NULL;
        KAM__TRY(kam__cadence_is(c, KAM__J_OBJECT, "season", "an object", r->err));
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
        KAM__TRY(kam__cadence_optional(&s->count, c, "count", 1, 31, r->err));
    }
    return KAM_OK;
}

/* How often stands for how many: each of `count` contacts has a part of the period of its own. */
static int32_t cadence_count(kam__cadence_rule *rule, const kam__json *object, kam_error *err)
{
    rule->count = 1;
    KAM__TRY(kam__cadence_optional(&rule->count, object, "count", 1, 31, err));
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

int32_t kam__cadence_weight(int32_t *out, const kam__json *v, kam_error *err)
{
    int64_t weight = 0;
    KAM__TRY(kam__json_dec(&weight, v, 4, "substitute", err));
    if (weight < 0 || weight > KAM__SUBSTITUTE)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"substitute\" is a weight from 0 (none) to 1 (one for one)");
    *out = (int32_t)weight;
    return KAM_OK;
}

/* "substitute": what one contact of another channel is worth in place of a missed one of this rule. */
static int32_t cadence_substitute(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *object)
{
    const kam__json *v = kam__json_get(object, "substitute");
    kam_error *err = r->err;
    rule->substitute_channel = KAM_CHANNEL_CALL;
    rule->substitute_most = 1;
    if (v) KAM__TRY(kam__cadence_weight(&rule->substitute, v, err));
    else if (rule->channel == KAM_CHANNEL_VISIT && !r->best) rule->substitute = r->substitute;
    KAM__TRY(cadence_enum(&rule->substitute_channel, object, "substitute_channel", "CHANNEL", err));
    if (rule->substitute && rule->substitute_channel == rule->channel)
        return kam__json_fail(object, KAM_E_POLICY, err,
                              "\"substitute_channel\" is the rule's own channel: name another");
    return kam__cadence_optional(&rule->substitute_most, object, "substitute_most", 1, 100, err);
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

int32_t kam__cadence_condition(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *v, const char *path)
{
    kam_rule *compiled = NULL;
    KAM__TRY(kam__cel_condition(&compiled, r->arena->ctx, v, r->optional, path, 0, r->err));
    kam_rule_free(compiled);
    rule->when = v;
    rule->path = kam__arena_text(r->arena, path, KAM_NUL);
    return rule->path ? KAM_OK : kam__nomem(r->err);
}

/* path: "grades.A[0].when". */
int32_t kam__cadence_when(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *object, const char *grade,
                            uint32_t at)
{
    const kam__json *v = kam__json_get(object, "when");
    char path[80];
    if (!v) return KAM_OK;
    KAM__TRY(kam__cadence_is(v, KAM__J_STRING, "when", "an expression such as \"revenue_12m > decimal('100000')\"", r->err));
    snprintf(path, sizeof path, "%s%.40s[%u].when", grade[0] ? "grades." : "default", grade, at);
    return kam__cadence_condition(r, rule, v, path);
}

int32_t kam__cadence_rule_read(kam__cadence_reading *r, kam__cadence_rule *rule, const kam__json *object,
                               const kam__cadence_set *before)
{
    static const char *const known[] = {"id",    "channel", "every",   "count",      "qualifies",          "substitute",
                                        "first_due_days", "gap", "weekdays", "nth", "seasons", "substitute_channel",
                                         "substitute_most", "min_rank", "minutes", "prepare", "when", "must"};
    KAM__TRY(kam__cadence_is(object, KAM__J_OBJECT, "rule", "an object", r->err));
    const kam__json *must = kam__json_get(object, "must");
    KAM__TRY(kam__json_known(object, known, KAM__LEN(known), r->err));
    if (must) KAM__TRY(kam__json_bool(&rule->must, must, "must", r->err));
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
    KAM__TRY(cadence_substitute(r, rule, object));
    KAM__TRY(kam__cadence_optional(&rule->min_rank, object, "min_rank", 1, 1000, r->err));
    KAM__TRY(kam__cadence_optional(&rule->minutes, object, "minutes", 1, 1440, r->err));
    KAM__TRY(kam__cadence_optional(&rule->prepare, object, "prepare", 1, 60, r->err));
    return kam__cadence_optional(&rule->first_due_days, object, "first_due_days", 0, CADENCE_MAX_EVERY, r->err);
}
