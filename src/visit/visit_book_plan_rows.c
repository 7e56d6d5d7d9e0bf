/*
 * visit/visit_book_plan_rows.c - the engine's answer as rows: the plan, what is not planned, what changes.
 *
 * Each row says in one English line why; the codes beside it say the same in any language (visit_book_plan_why.c).
 */
#include "../store/store.h"
#include "visit_book.h"

static const char *prow_label(const char *set, int64_t value)
{
    const kam__enum_item *item = kam__enum_by_value(kam__enum_set_by_name(set), value);
    return item ? item->en : "";
}

int32_t kam__plan_lists_open(kam__plan_lists *l, kam__plan_job *j)
{
    kam_error *err = j->due.err;
    kam__schema *schema = j->due.b->schema;
    memset(l, 0, sizeof *l);
    l->j = j;
    kam__buf_init(&l->text, j->due.b->ctx);
    kam__imap_init(&l->seen, j->due.b->ctx);
    KAM__TRY(kam__rowset_new(&l->entries, schema, KAM_KIND_PLAN_ENTRY, NULL, 0, err));
    KAM__TRY(kam__rowset_new(&l->unplanned, schema, KAM_KIND_UNPLANNED, NULL, 0, err));
    KAM__TRY(kam__rowset_new(&l->changes, schema, KAM_KIND_PLAN_CHANGE, NULL, 0, err));
    return kam__rowset_new(&l->problems, schema, KAM_KIND_PROBLEM, NULL, 0, err);
}

void kam__plan_lists_close(kam__plan_lists *l)
{
    if (!l->j) return;
    kam__rowset_drop(l->entries);
    kam__rowset_drop(l->unplanned);
    kam__rowset_drop(l->changes);
    kam__rowset_drop(l->problems);
    kam__buf_drop(&l->text);
    kam__imap_free(&l->seen);
}

static void prow_num(kam__blockbuf *bb, const kam__rowset *s, uint32_t field, int64_t v)
{
    kam__bb_i64(bb, kam__rowset_col(s, field), v);
}

static void prow_some(kam__blockbuf *bb, const kam__rowset *s, uint32_t field, int64_t v)
{
    if (v) prow_num(bb, s, field, v);
}

static void prow_text(kam__blockbuf *bb, const kam__rowset *s, uint32_t field, const char *text)
{
    if (text && text[0]) kam__bb_text(bb, kam__rowset_col(s, field), text, strlen(text));
}

/* Ends the row; its reason is what was written to l->text. */
static int32_t prow_end(kam__plan_lists *l, kam__blockbuf *bb, kam__rowset *s, uint32_t field)
{
    KAM__TRY(kam__buf_end(&l->text, l->j->due.err));
    prow_text(bb, s, field, l->text.data);
    kam__buf_clear(&l->text);
    return kam__rowset_end_row(s, l->j->due.err);
}

/* ---------------------------------------------------------------- words */

static const char *prow_rule(const kam__plan_item *it)
{
    return it->rule ? it->rule->id : it->cause == KAM_ACTIVITY_CAUSE_FOLLOWUP ? "followup" : "";
}

/* "rule visit of grade A: due by 2026-03-12, last 2026-01-12" */
static void prow_say_due(kam_buf *out, const kam__plan_item *it, const char *grade)
{
    if (it->fixed && !it->rule) {
        kam__buf_printf(out, "stays: %s", prow_label("PLAN_REASON", it->reason));
        return;
    }
    if (it->rule) kam__buf_printf(out, "rule %s%s%s: due by ", it->rule->id, grade[0] ? " of grade " : "", grade);
    else kam__buf_str(out, "follow-up of a visit: due by ");
    kam__buf_day(out, it->due);
    if (it->last == KAM__NEVER) {
        kam__buf_str(out, ", no contact yet");
        return;
    }
    kam__buf_str(out, ", last ");
    kam__buf_day(out, it->last);
}

static void prow_say_day(kam_buf *out, const kam__plan *p, const kam__plan_item *it)
{
    int32_t late = p->from + it->day - it->due;
    if (!it->fixed && late > 0)
        kam__buf_printf(out, "; %d %s after the due day", (int)late, late == 1 ? "day" : "days");
    if (it->what == KAM_PLAN_WHAT_MOVED) kam__buf_printf(out, "; moved: %s", prow_label("PLAN_REASON", it->reason));
    kam__buf_printf(out, "; %s %d of the day (room for %d)", kam__plan_desk(it) ? "contact" : "stop", (int)it->order,
                    (int)it->capacity);
    if (it->begin >= 0) kam__buf_printf(out, " at %02d:%02d", (int)(it->begin / 60), (int)(it->begin % 60));
    if (it->metres > 0) kam__buf_printf(out, ", %lld m on", (long long)it->metres);
    if (!kam__plan_desk(it) && it->metres < 0) kam__buf_str(out, ", not routed: no usable coordinates");
}

/* ---------------------------------------------------------------- the plan */

static const char *prow_grade(const kam__plan_lists *l, int64_t account, const char **name)
{
    uint32_t at = 0;
    *name = "";
    if (!kam__imap_get(&l->j->due.account_of, account, &at)) return "";
    *name = l->j->place[at].name ? l->j->place[at].name : "";
    return l->j->due.grade[l->j->due.account[at].grade];
}

static int64_t prow_activity(const kam__plan *p, const kam__plan_item *it)
{
    return it->planned == UINT32_MAX ? 0 : p->planned[it->planned].id;
}

static int32_t prow_count(kam__plan_lists *l, const kam__plan *p, const kam__plan_item *it)
{
    uint32_t x = 0;
    int64_t account = p->account[it->account].id;
    l->visits += it->channel == KAM_CHANNEL_VISIT;
    l->calls += it->channel == KAM_CHANNEL_CALL;
    l->other += it->channel != KAM_CHANNEL_VISIT && it->channel != KAM_CHANNEL_CALL;
    l->followups += it->cause == KAM_ACTIVITY_CAUSE_FOLLOWUP;
    if (it->metres > 0) l->metres += it->metres;
    if (kam__imap_get(&l->seen, account, &x)) return KAM_OK;
    l->accounts++;
    return kam__imap_put(&l->seen, account, 1, l->j->due.err);
}

static int32_t prow_entry(kam__plan_lists *l, const kam__plan_rep *rep, const kam__plan *p, const kam__plan_item *it,
                          kam__plan_prices *prices)
{
    kam__plan_price other;
    const char *name = NULL, *grade = prow_grade(l, p->account[it->account].id, &name);
    kam__rowset *s = l->entries;
    kam__blockbuf *bb = kam__rowset_row(s, l->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    int32_t day = p->from + it->day;
    int asked = it->rule || it->cause == KAM_ACTIVITY_CAUSE_FOLLOWUP ||
                (it->planned != UINT32_MAX && it->cause == KAM_ACTIVITY_CAUSE_CADENCE);
    prow_num(bb, s, KAM_PLAN_ENTRY_ACCOUNT, p->account[it->account].id);
    prow_num(bb, s, KAM_PLAN_ENTRY_DAY, day);
    prow_num(bb, s, KAM_PLAN_ENTRY_REPRESENTATIVE, rep->id);
    prow_some(bb, s, KAM_PLAN_ENTRY_ACTIVITY, prow_activity(p, it));
    prow_num(bb, s, KAM_PLAN_ENTRY_ORDER, it->order);
    prow_num(bb, s, KAM_PLAN_ENTRY_CHANNEL, it->channel);
    prow_text(bb, s, KAM_PLAN_ENTRY_NAME, name);
    prow_text(bb, s, KAM_PLAN_ENTRY_GRADE, grade);
    prow_num(bb, s, KAM_PLAN_ENTRY_CAUSE, it->cause);
    prow_text(bb, s, KAM_PLAN_ENTRY_RULE, prow_rule(it));
    if (asked) prow_num(bb, s, KAM_PLAN_ENTRY_DUE, it->due);
    if (asked) prow_num(bb, s, KAM_PLAN_ENTRY_OVERDUE, day > it->due ? day - it->due : 0);
    prow_num(bb, s, KAM_PLAN_ENTRY_WHAT, it->what);
    prow_num(bb, s, KAM_PLAN_ENTRY_LOCKED, it->planned != UINT32_MAX && p->planned[it->planned].locked);
    if (it->metres >= 0) prow_num(bb, s, KAM_PLAN_ENTRY_DISTANCE, it->metres);
    if (it->last != KAM__NEVER) prow_num(bb, s, KAM_PLAN_ENTRY_LAST, it->last);
    prow_num(bb, s, KAM_PLAN_ENTRY_CAPACITY, it->capacity);
    if (it->begin >= 0) prow_num(bb, s, KAM_PLAN_ENTRY_BEGIN, it->begin);
    prow_say_due(&l->text, it, grade);
    prow_say_day(&l->text, p, it);
    if (kam__plan_price_other(prices, (uint32_t)(it - p->item), &other)) {
        prow_num(bb, s, KAM_PLAN_ENTRY_OTHER_DAY, p->from + other.day);
        prow_num(bb, s, KAM_PLAN_ENTRY_OTHER_METRES, other.metres);
    }
    return prow_end(l, bb, s, KAM_PLAN_ENTRY_REASON);
}

/* What would have to be given up. */
static void prow_relax(kam__plan_lists *l, kam__blockbuf *bb, const kam__plan *p, const kam__plan_item *it, kam__plan_prices *prices)
{
    kam__plan_price x;
    kam__rowset *s = l->unplanned;
    if (!kam__plan_price_relax(prices, (uint32_t)(it - p->item), &x)) return;
    int hours = it->code == KAM_UNPLANNED_HOURS || x.minutes > 0, way = !kam__plan_desk(it) && p->account[it->account].located;
    prow_num(bb, s, KAM_UNPLANNED_RELAX_DAY, p->from + x.day);
    if (way) prow_num(bb, s, KAM_UNPLANNED_RELAX_METRES, x.metres);
    if (hours) prow_num(bb, s, KAM_UNPLANNED_RELAX_MINUTES, x.minutes);
    if (hours) kam__buf_printf(&l->text, "; %d minutes more would do on ", (int)x.minutes);
    else kam__buf_str(&l->text, it->code == KAM_UNPLANNED_CAPACITY || (it->code == KAM_UNPLANNED_LOCKS && x.day <= it->until)
                                    ? "; one more would do on " : "; without that limit on ");
    kam__buf_day(&l->text, p->from + x.day);
    if (way) kam__buf_printf(&l->text, ", %lld m", (long long)x.metres);
}

static int prow_must(const kam__plan_item *it)
{
    return it->rule && it->rule->must;
}

static int32_t prow_unplanned(kam__plan_lists *l, const kam__plan_rep *rep, const kam__plan *p,
                              const kam__plan_item *it, uint8_t code, kam__plan_prices *prices)
{
    const char *name = NULL, *grade = prow_grade(l, p->account[it->account].id, &name);
    kam__rowset *s = l->unplanned;
    kam__blockbuf *bb = kam__rowset_row(s, l->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    prow_num(bb, s, KAM_UNPLANNED_ACCOUNT, p->account[it->account].id);
    prow_num(bb, s, KAM_UNPLANNED_CODE, code);
    prow_some(bb, s, KAM_UNPLANNED_REPRESENTATIVE, rep->id);
    prow_num(bb, s, KAM_UNPLANNED_CHANNEL, it->channel);
    prow_text(bb, s, KAM_UNPLANNED_NAME, name);
    prow_text(bb, s, KAM_UNPLANNED_GRADE, grade);
    prow_text(bb, s, KAM_UNPLANNED_RULE, prow_rule(it));
    prow_num(bb, s, KAM_UNPLANNED_DUE, it->due);
    prow_num(bb, s, KAM_UNPLANNED_CAUSE, it->cause);
    prow_num(bb, s, KAM_UNPLANNED_MUST, prow_must(it));
    if (it->last != KAM__NEVER) prow_num(bb, s, KAM_UNPLANNED_LAST, it->last);
    prow_say_due(&l->text, it, grade);
    kam__buf_printf(&l->text, "; %s", prow_label("UNPLANNED", code));
    if (code != KAM_UNPLANNED_NO_OWNER && code != KAM_UNPLANNED_INACTIVE && code != KAM_UNPLANNED_RANK) {
        kam__buf_str(&l->text, " from ");
        kam__buf_day(&l->text, p->from + it->first);
        kam__buf_str(&l->text, " to ");
        kam__buf_day(&l->text, p->from + it->until);
    }
    if (code == KAM_UNPLANNED_CAPACITY)
        kam__buf_printf(&l->text, " (%d a day)", (int)(kam__plan_desk(it) ? p->calls : p->visits));
    if (code == it->code) prow_relax(l, bb, p, it, prices);
    KAM__TRY(prow_end(l, bb, s, KAM_UNPLANNED_REASON));
    return prow_must(it) ? kam__plan_missed(l, p->account[it->account].id, name, it->rule->id, it->due, code) : KAM_OK;
}

/* ---------------------------------------------------------------- changes */

typedef struct prow_change {
    int64_t account, activity, representative; int32_t channel, old_day, day; uint8_t what, reason;    /* days: KAM__NEVER = none */
} prow_change;

static int32_t prow_put_change(kam__plan_lists *l, const prow_change *c)
{
    kam__rowset *s = l->changes;
    kam__blockbuf *bb = kam__rowset_row(s, l->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    l->what[c->what]++;
    prow_num(bb, s, KAM_PLAN_CHANGE_WHAT, c->what);
    prow_num(bb, s, KAM_PLAN_CHANGE_CODE, c->reason);
    prow_num(bb, s, KAM_PLAN_CHANGE_ACCOUNT, c->account);
    prow_some(bb, s, KAM_PLAN_CHANGE_ACTIVITY, c->activity);
    prow_some(bb, s, KAM_PLAN_CHANGE_REPRESENTATIVE, c->representative);
    prow_num(bb, s, KAM_PLAN_CHANGE_CHANNEL, c->channel);
    if (c->old_day != KAM__NEVER) prow_num(bb, s, KAM_PLAN_CHANGE_OLD_DAY, c->old_day);
    if (c->day != KAM__NEVER) prow_num(bb, s, KAM_PLAN_CHANGE_DAY, c->day);
    kam__buf_printf(&l->text, "%s: %s", prow_label("PLAN_WHAT", c->what), prow_label("PLAN_REASON", c->reason));
    return prow_end(l, bb, s, KAM_PLAN_CHANGE_REASON);
}

static int32_t prow_item_change(kam__plan_lists *l, const kam__plan_rep *rep, const kam__plan *p,
                                const kam__plan_item *it)
{
    const kam__planned *k = it->planned == UINT32_MAX ? NULL : &p->planned[it->planned];
    prow_change c = {.account = p->account[it->account].id,
                     .activity = k ? k->id : 0,
                     .representative = rep->id,
                     .channel = it->channel,
                     .old_day = k ? k->day : KAM__NEVER,
                     .day = it->day < 0 ? KAM__NEVER : p->from + it->day,
                     .what = it->what,
                     .reason = it->reason};
    return prow_put_change(l, &c);
}

int32_t kam__plan_drop_row(kam__plan_lists *l, const kam__plan_drop *d)
{
    prow_change c = {.account = d->account,
                     .activity = d->id,
                     .representative = d->representative,
                     .channel = d->channel,
                     .old_day = d->day,
                     .day = KAM__NEVER,
                     .what = KAM_PLAN_WHAT_CANCELLED,
                     .reason = d->reason};
    return prow_put_change(l, &c);
}

static int32_t prow_left_over(kam__plan_lists *l, const kam__plan *p)
{
    for (uint32_t i = 0; i < p->nplanned; i++) {
        const kam__planned *k = &p->planned[i];
        if (k->used || k->stays || k->elsewhere || k->cause != KAM_ACTIVITY_CAUSE_CADENCE) continue;
        kam__plan_drop d = {k->id,      p->account[k->account].id, k->representative, k->day,
                            k->channel, KAM_PLAN_REASON_NOT_DUE};
        KAM__TRY(kam__plan_drop_row(l, &d));
    }
    return KAM_OK;
}

/* Nobody's accounts: one row for each account and rule is enough. */
static int prow_again(const kam__plan *p, size_t i)
{
    const kam__plan_item *it = &p->item[i], *before = i ? it - 1 : NULL;
    return before && before->account == it->account && before->rule == it->rule;
}

static int32_t prow_all(kam__plan_lists *l, const kam__plan_rep *rep, const kam__plan *p, uint8_t code, kam__plan_prices *prices)
{
    int32_t visited = -1;
    for (size_t i = 0; i < p->n; i++) {
        const kam__plan_item *it = &p->item[i];
        if (i % KAM__BLOCK_ROWS == 0) KAM__TRY(kam__progress(l->j->due.b->ctx, i, p->n, l->j->due.err));
        if (it->day < 0 && code && prow_again(p, i)) continue;
        if (it->day < 0) KAM__TRY(prow_unplanned(l, rep, p, it, code ? code : it->code, prices));
        else {
            KAM__TRY(prow_entry(l, rep, p, it, prices));
            KAM__TRY(prow_count(l, p, it));
            if (!kam__plan_desk(it) && visited != it->day) l->days++;
            if (!kam__plan_desk(it)) visited = it->day;
        }
        if (it->what && (it->day >= 0 || it->planned != UINT32_MAX)) KAM__TRY(prow_item_change(l, rep, p, it));
    }
    return prow_left_over(l, p);
}

int32_t kam__plan_rows(kam__plan_lists *l, const kam__plan_rep *rep, const kam__plan *p, uint8_t code)
{
    kam__plan_prices prices = {.p = NULL};
    int32_t rc = kam__plan_prices_open(&prices, p, l->j->due.err);
    if (rc == KAM_OK) rc = prow_all(l, rep, p, code, &prices);
    kam__plan_prices_close(&prices);
    return rc;
}

/* ---------------------------------------------------------------- the run's record */

static int32_t prow_record_text(kam_record *run, kam__plan_lists *l, uint32_t field)
{
    KAM__TRY(kam__buf_end(&l->text, l->j->due.err));
    int32_t rc = kam__record_put_str(run, field, l->text.data, l->j->due.err);
    kam__buf_clear(&l->text);
    return rc;
}

static void prow_only(kam_buf *out, const kam__plan_asked *a)
{
    if (!a->nrepresentative) return;
    kam__buf_str(out, ",\"only\":[");
    for (size_t i = 0; i < a->nrepresentative; i++)
        kam__buf_printf(out, "%s%lld", i ? "," : "", (long long)a->representative[i]);
    kam__buf_char(out, ']');
}

int32_t kam__plan_record(kam_record *run, kam__plan_lists *l)
{
    const kam__plan_asked *a = &l->j->asked;
    char hex[65];
    int64_t people = 0;
    for (size_t i = 0; i < l->j->nrep; i++) people += kam__plan_asks(l->j, l->j->rep[i].id);
    kam__record_put_num(run, KAM_RUN_FROM, a->from);
    kam__record_put_num(run, KAM_RUN_TO, (int64_t)a->from + a->days);
    kam__record_put_num(run, KAM_RUN_ACCOUNTS, (int64_t)l->accounts);
    kam__record_put_num(run, KAM_RUN_ITEMS, (int64_t)l->entries->nrow);
    kam__record_put_num(run, KAM_RUN_FLAGS, 0);
    kam__buf_printf(&l->text, "{\"kept\":%lld,\"moved\":%lld,\"added\":%lld,\"cancelled\":%lld}",
                    (long long)l->what[KAM_PLAN_WHAT_KEPT], (long long)l->what[KAM_PLAN_WHAT_MOVED],
                    (long long)l->what[KAM_PLAN_WHAT_ADDED], (long long)l->what[KAM_PLAN_WHAT_CANCELLED]);
    KAM__TRY(prow_record_text(run, l, KAM_RUN_COUNTS));
    kam__buf_printf(
        &l->text,
        "{\"representatives\":%lld,\"visits\":%lld,\"calls\":%lld,\"other\":%lld,\"followups\":%lld,\"unplanned\":%llu,"
        "\"problems\":%llu,\"travel_m\":%lld,\"days\":%lld",
        (long long)people, (long long)l->visits, (long long)l->calls, (long long)l->other, (long long)l->followups,
        (unsigned long long)l->unplanned->nrow, (unsigned long long)l->problems->nrow, (long long)l->metres,
        (long long)l->days);
    prow_only(&l->text, a);
    kam__buf_char(&l->text, '}');
    KAM__TRY(prow_record_text(run, l, KAM_RUN_STATISTICS));
    kam__plan_hash(hex, l->j);
    return kam__record_put_str(run, KAM_RUN_INPUT_HASH, hex, l->j->due.err);
}
