/*
 * visit/cadence.c - cadence documents: how often an account of which grade is to be contacted, and what counts as such
 * a contact.
 *
 * {"name", "title", "source", "scheme", "default": [rules], "grades": {"A": [rules], ...}}, a rule being {"id",
 * "channel", "every": {"months" or "iso_weeks" or "days": n}, "count": 1, "qualifies": {"direction", "premises",
 * "attendee": [...]}, "substitute": 0, "first_due_days": n}. "default" is for accounts without a grade, or with one the
 * document does not name. The reader is strict: a member nobody knows is a mistake, and what cannot be done yet is
 * refused instead of ignored.
 */
#include "visit.h"

#define CADENCE_MAX_ID 40u
#define CADENCE_MAX_EVERY 3660

typedef struct cadence_reading { kam__arena *arena; kam_error *err; } cadence_reading;

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
    static const char *const unit[] = { "months", "iso_weeks", "days" };        /* KAM__EVERY_ - 1 */
    const kam__json *every = kam__json_get(object, "every");
    if (!every)
        return kam__json_fail(object, KAM_E_POLICY, err,
                              "\"every\" is missing: {\"months\": 2}, {\"iso_weeks\": 1} or {\"days\": 30}");
    KAM__TRY(cadence_is(every, KAM__J_OBJECT, "every", "an object such as {\"months\": 2}", err));
    KAM__TRY(kam__json_known(every, unit, KAM__LEN(unit), err));
    if (every->n != 1)
        return kam__json_fail(every, KAM_E_POLICY, err, "\"every\" has one member: months, iso_weeks or days");
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
        if (!c->len) return kam__json_fail(c, KAM_E_POLICY, r->err, "a role is not empty text");
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

/* What R123 and R124 will want one day; until then only the value that changes nothing is taken. */
static int32_t cadence_later(const kam__json *object, const char *key, int64_t only, const char *why, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    int64_t n = only;
    if (v) KAM__TRY(kam__json_i64(&n, v, key, err));
    return n == only ? KAM_OK : kam__json_fail(v, KAM_E_UNSUPPORTED, err, "\"%s\" is not supported yet: %s", key, why);
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

static int32_t cadence_rule_read(cadence_reading *r, kam__cadence_rule *rule, const kam__json *object,
                                 const kam__cadence_set *before)
{
    static const char *const known[] = {"id", "channel", "every", "count", "qualifies", "substitute", "first_due_days"};
    KAM__TRY(cadence_is(object, KAM__J_OBJECT, "rule", "an object", r->err));
    KAM__TRY(kam__json_known(object, known, KAM__LEN(known), r->err));
    KAM__TRY(cadence_id(rule, object, before, r->err));
    if (!kam__json_get(object, "channel"))
        return kam__json_fail(object, KAM_E_POLICY, r->err, "\"channel\" is missing: VISIT, CALL ...");
    KAM__TRY(cadence_enum(&rule->channel, object, "channel", "CHANNEL", r->err));
    KAM__TRY(cadence_every(rule, object, r->err));
    KAM__TRY(cadence_qualifies_of(r, rule, kam__json_get(object, "qualifies")));
    KAM__TRY(cadence_later(object, "count", 1, "one contact in each period is", r->err));
    KAM__TRY(cadence_later(object, "substitute", 0, "no contact stands in for another one (0)", r->err));
    const kam__json *first = kam__json_get(object, "first_due_days");
    return first ? cadence_number(&rule->first_due_days, first, "first_due_days", 0, CADENCE_MAX_EVERY, r->err)
                 : KAM_OK;
}

/* ---------------------------------------------------------------- the document */

static int32_t cadence_set_read(cadence_reading *r, kam__cadence *c, kam__cadence_set *set, const kam__json *list,
                                const char *name)
{
    KAM__TRY(cadence_is(list, KAM__J_ARRAY, name, "a list of rules", r->err));
    kam__cadence_rule *rule = cadence_room(r, list->n, sizeof *rule);
    if (!rule) return KAM_E_NOMEM;
    set->rule = rule;
    for (const kam__json *v = list->child; v; v = v->next) {
        KAM__TRY(cadence_rule_read(r, &rule[set->nrule], v, set));
        if (rule[set->nrule].nattendee) c->asks_attendee = 1;
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
    static const char *const known[] = { "name", "title", "source", "scheme", "default", "grades" };
    cadence_reading r = { .arena = arena, .err = err };
    kam__cadence c;
    const char *source = NULL;
    memset(&c, 0, sizeof c);
    KAM__TRY(kam__json_known(body, known, KAM__LEN(known), err));
    KAM__TRY(cadence_text(&c.name, body, "name", err));
    KAM__TRY(cadence_text(&c.scheme, body, "scheme", err));
    KAM__TRY(cadence_title(body, err));
    if (kam__json_get(body, "source")) KAM__TRY(cadence_text(&source, body, "source", err));
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
    for (uint32_t i = 1; i < c->nset; i++)
        if (strlen(c->set[i].grade) == len && memcmp(c->set[i].grade, grade, len) == 0) return i;
    return 0;
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
