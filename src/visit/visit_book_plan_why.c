/*
 * visit/visit_book_plan_why.c - why an account is planned as it is, told from the run's own rows.
 *
 * For each contact: which rule asks for it by when, why this day (new, kept, moved), who makes it, where it stands on the way
 * of the day and beside whom, what room the day has. Rows carry codes and figures, so both languages say the same, and a
 * stored run tells what it told when it was made. The inputs differ now if today's book gives the account another
 * owner, another grade or another last contact by the rule.
 */
#include "../store/store.h"
#include "visit_book.h"

typedef struct pwhy {
    kam_run *run; kam_error *err;
    kam_why *why;
    kam_record *entry, *change, *other;
    kam_buf en, zh;
    int64_t account;
} pwhy;

static int32_t pwhy_list(const kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err)
{
    kam__rowset *set = kam__run_list(run, kind);
    if (!set) {
        KAM__TRY(kam__plan_load(&set, run, kind, err));
        KAM__TRY(kam__run_add_list(run, set, err));
    }
    *out = set;
    return KAM_OK;
}

static int64_t pwhy_cell(const kam__rowset *s, uint64_t i, uint32_t field)
{
    const kam__blockbuf *bb = NULL;
    uint32_t row = 0, col = kam__rowset_col(s, field);
    kam__rowset_at(s, i, &bb, &row);
    return col == UINT32_MAX || kam__col_null(&bb->view[col], row) ? 0 : kam__col_i64(&bb->view[col], row);
}

static int32_t pwhy_say(pwhy *w, const char *factor, const char *value, const char *code)
{
    KAM__TRY(kam__buf_end(&w->en, w->err));
    KAM__TRY(kam__buf_end(&w->zh, w->err));
    int32_t rc = kam__why_add(w->why, factor, value, NULL, code, w->en.data, w->zh.data, w->err);
    kam__buf_clear(&w->en);
    kam__buf_clear(&w->zh);
    return rc;
}

static const kam__enum_item *pwhy_item(const char *set, int64_t value)
{
    static const kam__enum_item none = {"", 0, "", ""};
    const kam__enum_item *item = kam__enum_by_value(kam__enum_set_by_name(set), value);
    return item ? item : &none;
}

/* ---------------------------------------------------------------- by when */

typedef struct pwhy_due { uint32_t rule, grade, due, last, cause; } pwhy_due;
static const pwhy_due pwhy_entry = {KAM_PLAN_ENTRY_RULE, KAM_PLAN_ENTRY_GRADE, KAM_PLAN_ENTRY_DUE, KAM_PLAN_ENTRY_LAST,
                                    KAM_PLAN_ENTRY_CAUSE};
static const pwhy_due pwhy_missing = {KAM_UNPLANNED_RULE, KAM_UNPLANNED_GRADE, KAM_UNPLANNED_DUE, KAM_UNPLANNED_LAST,
                                      KAM_UNPLANNED_CAUSE};

static int32_t pwhy_by_when(pwhy *w, const kam_record *r, const pwhy_due *f)
{
    const char *due = kam_record_text(r, f->due, NULL), *rule = kam_record_text(r, f->rule, NULL);
    const char *grade = kam_record_text(r, f->grade, ""), *last = kam_record_text(r, f->last, NULL);
    if (!due) {
        kam__buf_str(&w->en, "planned by the host itself: it counts as a contact, and nothing moves it");
        kam__buf_str(&w->zh, "由业务系统自行安排：计为一次联络，不会被改动");
        return pwhy_say(w, "due", NULL, "HOST");
    }
    if (kam__record_num(r, f->cause, 0) == KAM_ACTIVITY_CAUSE_FOLLOWUP) {
        kam__buf_printf(&w->en, "follow-up of the visit on %s: due by %s", last ? last : "?", due);
        kam__buf_printf(&w->zh, "跟进 %s 的拜访：最迟 %s", last ? last : "?", due);
        return pwhy_say(w, "due", due, "FOLLOWUP");
    }
    kam__buf_printf(&w->en, "rule %s%s%s: due by %s, ", rule ? rule : "-", grade[0] ? " of grade " : "", grade, due);
    kam__buf_printf(&w->zh, "%s%s规则 %s：最迟 %s，", grade, grade[0] ? " 级" : "", rule ? rule : "-", due);
    kam__buf_printf(&w->en, last ? "the contact before on %s" : "no contact yet", last);
    kam__buf_printf(&w->zh, last ? "上一次联络 %s" : "尚无联络", last);
    return pwhy_say(w, "due", due, "DUE");
}

/* ---------------------------------------------------------------- who */

static int32_t pwhy_read(kam_record **out, pwhy *w, uint32_t kind, int64_t id)
{
    KAM__TRY(kam__record_new(out, w->run->book->schema, kind, w->err));
    int32_t rc = kam__read_one(*out, w->run->book, id, (int32_t)kam__record_num(w->run->record, KAM_RUN_AS_OF, 0), w->err);
    return rc == KAM_E_NOT_FOUND ? KAM_OK : rc;
}

/* The owner, or who was named beside him. */
static int32_t pwhy_who(pwhy *w)
{
    kam_record *account = NULL, *person = NULL;
    int64_t id = kam__record_num(w->entry, KAM_PLAN_ENTRY_REPRESENTATIVE, 0);
    int32_t rc = pwhy_read(&account, w, KAM_KIND_ACCOUNT, w->account);
    if (rc == KAM_OK) rc = pwhy_read(&person, w, KAM_KIND_REPRESENTATIVE, id);
    if (rc == KAM_OK) {
        int own = kam__record_num(account, KAM_ACCOUNT_OWNER, 0) == id;
        const char *name = kam_record_text(person, KAM_REPRESENTATIVE_NAME, "?");
        kam__buf_printf(&w->en, own ? "by %s, who owns the account" : "by %s, who stands in for the owner or was asked to", name);
        kam__buf_printf(&w->zh, own ? "由客户负责人 %s 执行" : "由 %s 代理或受指派执行", name);
        rc = pwhy_say(w, "representative", name, own ? "OWNER" : "OTHER");
    }
    kam_record_free(account);
    kam_record_free(person);
    return rc;
}

/* ---------------------------------------------------------------- which day */

static int32_t pwhy_day(pwhy *w)
{
    const kam_record *c = w->change;
    const kam__enum_item *what = pwhy_item("PLAN_WHAT", kam__record_num(c, KAM_PLAN_CHANGE_WHAT, 0));
    const kam__enum_item *code = pwhy_item("PLAN_REASON", kam__record_num(c, KAM_PLAN_CHANGE_CODE, 0));
    const char *old = kam_record_text(c, KAM_PLAN_CHANGE_OLD_DAY, NULL),
               *day = kam_record_text(c, KAM_PLAN_CHANGE_DAY, NULL);
    kam__buf_printf(&w->en, "%s", day ? day : "no day");
    kam__buf_printf(&w->zh, "%s", day ? day : "无日期");
    kam__buf_printf(&w->en, " (%s: %s", what->en, code->en);
    kam__buf_printf(&w->zh, "（%s：%s", what->zh, code->zh);
    if (old && !kam__text_same(old, day)) {
        kam__buf_printf(&w->en, "; before: %s", old);
        kam__buf_printf(&w->zh, "；原定 %s", old);
    }
    kam__buf_char(&w->en, ')');
    kam__buf_str(&w->zh, "）");
    return pwhy_say(w, "day", day, code->name);
}

static int32_t pwhy_late(pwhy *w)
{
    long long late = (long long)kam__record_num(w->entry, KAM_PLAN_ENTRY_OVERDUE, 0);
    char days[24];
    if (late <= 0) return KAM_OK;
    kam__buf_printf(&w->en, "%lld %s after the due day: no room before", late, late == 1 ? "day" : "days");
    kam__buf_printf(&w->zh, "晚于到期日 %lld 天：此前无空档", late);
    kam__i64_format(days, late);
    return pwhy_say(w, "late", days, "LATE");
}

/* What the best other day would have cost. */
static int32_t pwhy_other(pwhy *w)
{
    const char *day = kam_record_text(w->entry, KAM_PLAN_ENTRY_OTHER_DAY, NULL);
    long long more = (long long)kam__record_num(w->entry, KAM_PLAN_ENTRY_OTHER_METRES, 0);
    if (!day) return KAM_OK;
    kam__buf_printf(&w->en, "the best other day is %s: %lld m %s", day, more < 0 ? -more : more, more < 0 ? "less" : "more");
    kam__buf_printf(&w->zh, "次优日期 %s：路程%s %lld 米", day, more < 0 ? "减少" : "增加", more < 0 ? -more : more);
    return pwhy_say(w, "other_day", day, "OTHER_DAY");
}

/* ---------------------------------------------------------------- beside whom */

/* The stop `step` away on the same day, or NULL. */
static int32_t pwhy_beside(pwhy *w, const kam__rowset *s, uint64_t i, int step, const char **name)
{
    *name = NULL;
    if ((step < 0 && i == 0) || (step > 0 && i + 1 >= s->nrow)) return KAM_OK;
    KAM__TRY(kam__plan_get(w->other, s, step < 0 ? i - 1 : i + 1, w->err));
    static const uint32_t same[] = {KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_CHANNEL};
    for (size_t k = 0; k < KAM__LEN(same); k++)
        if (kam__record_num(w->other, same[k], 0) != kam__record_num(w->entry, same[k], 0)) return KAM_OK;
    *name = kam_record_text(w->other, KAM_PLAN_ENTRY_NAME, "");
    return KAM_OK;
}

static int32_t pwhy_way(pwhy *w, const kam__rowset *s, uint64_t i)
{
    const kam_record *r = w->entry;
    const char *name = NULL, *order = kam_record_text(r, KAM_PLAN_ENTRY_ORDER, ""),
               *room = kam_record_text(r, KAM_PLAN_ENTRY_CAPACITY, "");
    const char *metres = kam_record_text(r, KAM_PLAN_ENTRY_DISTANCE, NULL);
    int visit = kam__record_num(r, KAM_PLAN_ENTRY_CHANNEL, 0) == KAM_CHANNEL_VISIT;
    kam__buf_printf(&w->en, "number %s of the day, which has room for %s", order, room);
    kam__buf_printf(&w->zh, "当日第 %s 位，当日容量 %s", order, room);
    if (visit && !metres) {
        kam__buf_str(&w->en, "; not routed: no usable coordinates");
        kam__buf_str(&w->zh, "；无可用坐标，未排路线");
    }
    for (int step = -1; step <= 1 && visit; step += 2) {
        KAM__TRY(pwhy_beside(w, s, i, step, &name));
        if (!name) continue;
        kam__buf_printf(&w->en, step < 0 ? "; after %s" : "; before %s", name);
        kam__buf_printf(&w->zh, step < 0 ? "；前一站 %s" : "；下一站 %s", name);
        if (step > 0 || !metres) continue;
        kam__buf_printf(&w->en, ", %s m from there", metres);
        kam__buf_printf(&w->zh, "，相距 %s 米", metres);
    }
    return pwhy_say(w, "way", order, "WAY");
}

/* ---------------------------------------------------------------- rows of the account */

/* Entries and the changes that are not cancelled stand in one order. */
static int32_t pwhy_change_of(pwhy *w, const kam__rowset *changes, uint64_t entry, uint64_t *at, uint64_t *n)
{
    for (; *at < changes->nrow; ++*at) {
        if (pwhy_cell(changes, *at, KAM_PLAN_CHANGE_WHAT) == KAM_PLAN_WHAT_CANCELLED) continue;
        if (*n == entry) return kam__plan_get(w->change, changes, *at, w->err);
        ++*n;
    }
    kam_record_clear(w->change);
    return KAM_OK;
}

static int32_t pwhy_entries(pwhy *w, int64_t entry, size_t *found)
{
    const kam__rowset *s = NULL, *changes = NULL;
    uint64_t at = 0, n = 0;
    KAM__TRY(pwhy_list(&s, w->run, KAM_KIND_PLAN_ENTRY, w->err));
    KAM__TRY(pwhy_list(&changes, w->run, KAM_KIND_PLAN_CHANGE, w->err));
    for (uint64_t i = 0; i < s->nrow; i++) {
        if (entry ? pwhy_cell(s, i, KAM_ID) != entry : pwhy_cell(s, i, KAM_PLAN_ENTRY_ACCOUNT) != w->account) continue;
        KAM__TRY(kam__plan_get(w->entry, s, i, w->err));
        KAM__TRY(pwhy_change_of(w, changes, i, &at, &n));
        w->account = kam__record_num(w->entry, KAM_PLAN_ENTRY_ACCOUNT, 0);
        if (!(*found)++) {
            kam__buf_printf(&w->en, "%s %s", kam_record_text(w->entry, KAM_PLAN_ENTRY_CHANNEL, ""),
                            kam_record_text(w->entry, KAM_PLAN_ENTRY_DAY, ""));
            KAM__TRY(kam__buf_end(&w->en, w->err));
            KAM__TRY(kam__record_put_str(w->why->verdict, KAM_VERDICT_RESULT, w->en.data, w->err));
            kam__buf_clear(&w->en);
        }
        KAM__TRY(pwhy_by_when(w, w->entry, &pwhy_entry));
        KAM__TRY(pwhy_day(w));
        KAM__TRY(pwhy_late(w));
        KAM__TRY(pwhy_who(w));
        KAM__TRY(pwhy_way(w, s, i));
        KAM__TRY(pwhy_other(w));
    }
    return KAM_OK;
}

static int32_t pwhy_cancelled(pwhy *w, size_t *found)
{
    const kam__rowset *s = NULL;
    KAM__TRY(pwhy_list(&s, w->run, KAM_KIND_PLAN_CHANGE, w->err));
    for (uint64_t i = 0; i < s->nrow; i++) {
        if (pwhy_cell(s, i, KAM_PLAN_CHANGE_ACCOUNT) != w->account ||
            pwhy_cell(s, i, KAM_PLAN_CHANGE_WHAT) != KAM_PLAN_WHAT_CANCELLED)
            continue;
        ++*found;
        KAM__TRY(kam__plan_get(w->change, s, i, w->err));
        KAM__TRY(pwhy_day(w));
    }
    return KAM_OK;
}

static int32_t pwhy_unplanned(pwhy *w, size_t *found)
{
    const kam__rowset *s = NULL;
    kam_record *r = NULL;
    KAM__TRY(pwhy_list(&s, w->run, KAM_KIND_UNPLANNED, w->err));
    KAM__TRY(kam__record_new(&r, w->run->book->schema, KAM_KIND_UNPLANNED, w->err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK; i++) {
        if (pwhy_cell(s, i, KAM_UNPLANNED_ACCOUNT) != w->account) continue;
        ++*found;
        rc = kam__plan_get(r, s, i, w->err);
        const kam__enum_item *code = pwhy_item("UNPLANNED", kam__record_num(r, KAM_UNPLANNED_CODE, 0));
        if (rc == KAM_OK) rc = pwhy_by_when(w, r, &pwhy_missing);
        kam__buf_printf(&w->en, "not planned: %s", code->en);
        kam__buf_printf(&w->zh, "未排入：%s", code->zh);
        const char *relax = kam_record_text(r, KAM_UNPLANNED_RELAX_DAY, NULL);
        long long metres = (long long)kam__record_num(r, KAM_UNPLANNED_RELAX_METRES, 0);
        long long minutes = (long long)kam__record_num(r, KAM_UNPLANNED_RELAX_MINUTES, 0);
        if (relax && rc == KAM_OK) {
            kam__buf_printf(&w->en, "; without that limit on %s, %lld m, %lld minutes after the day's end", relax, metres, minutes);
            kam__buf_printf(&w->zh, "；放宽后可排在 %s，增加路程 %lld 米，超时 %lld 分钟", relax, metres, minutes);
        }
        if (rc == KAM_OK) rc = pwhy_say(w, "unplanned", code->name, code->name);
    }
    kam_record_free(r);
    return rc;
}

/* ---------------------------------------------------------------- is it still so */

static int pwhy_rule_differs(const kam__due_job *j, uint32_t at, const kam_record *r)
{
    const kam__due_account *a = &j->account[at];
    const kam__cadence_set *set = &j->cadence.set[a->set];
    int32_t last = (int32_t)kam__record_num(r, KAM_PLAN_ENTRY_LAST, KAM__NEVER);
    if (kam__record_num(r, KAM_PLAN_ENTRY_CAUSE, 0) != KAM_ACTIVITY_CAUSE_CADENCE ||
        !kam_record_text(r, KAM_PLAN_ENTRY_RULE, NULL))
        return 0;
    if (kam__record_num(r, KAM_PLAN_ENTRY_REPRESENTATIVE, 0) != a->representative) return 1;
    if (!kam__text_same(kam_record_text(r, KAM_PLAN_ENTRY_GRADE, ""), j->grade[a->grade])) return 1;
    for (uint32_t k = 0; k < set->nrule; k++)
        if (kam__text_same(set->rule[k].id, kam_record_text(r, KAM_PLAN_ENTRY_RULE, "")))
            return last <= j->day && j->last[(size_t)at * j->cadence.max_rules + k] != last;
    return 1;
}

static int32_t pwhy_compare(int *out, pwhy *w, kam__due_job *j)
{
    const kam__rowset *s = NULL;
    uint32_t at = 0;
    KAM__TRY(pwhy_list(&s, w->run, KAM_KIND_PLAN_ENTRY, w->err));
    if (!kam__imap_get(&j->account_of, w->account, &at)) {
        *out = 1;
        return KAM_OK;
    }
    for (uint64_t i = 0; i < s->nrow && !*out; i++) {
        if (pwhy_cell(s, i, KAM_PLAN_ENTRY_ACCOUNT) != w->account) continue;
        KAM__TRY(kam__plan_get(w->entry, s, i, w->err));
        *out = pwhy_rule_differs(j, at, w->entry);
    }
    return KAM_OK;
}

static int32_t pwhy_differs(int *out, pwhy *w)
{
    kam__due_job j;
    const kam_record *r = w->run->record;
    int64_t last = 0;
    *out = 0;
    KAM__TRY(kam__book_last_seq(&last, w->run->book, w->err));
    if (last == (w->run->stored ? kam__record_num(r, KAM_SEQ, 0) : w->run->read_seq)) return KAM_OK;
    memset(&j, 0, sizeof j);
    j.b = w->run->book;
    j.err = w->err;
    j.as_of = j.day = j.until = (int32_t)kam__record_num(r, KAM_RUN_AS_OF, 0);
    KAM__TRY(kam__due_job_load(&j, kam_record_text(r, KAM_RUN_NAME, NULL)));
    int32_t rc = pwhy_compare(out, w, &j);
    kam__due_job_free(&j);
    return rc;
}

/* ---------------------------------------------------------------- the answer */

static int32_t pwhy_verdict(pwhy *w)
{
    kam_record *v = w->why->verdict;
    const kam_record *r = w->run->record;
    int64_t id = kam__record_num(r, KAM_ID, 0), version = kam__record_num(r, KAM_RUN_VERSION, 0);
    int differs = 0;
    KAM__TRY(pwhy_differs(&differs, w));
    kam__record_put_num(v, KAM_VERDICT_SUBJECT, w->account);
    kam__record_put_num(v, KAM_VERDICT_AS_OF, kam__record_num(r, KAM_RUN_AS_OF, 0));
    kam__record_put_num(v, KAM_VERDICT_KNOWN, kam__record_num(r, KAM_RUN_KNOWN, 0));
    kam__record_put_num(v, KAM_VERDICT_INPUTS_DIFFER, differs);
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    if (id) kam__record_put_num(v, KAM_VERDICT_RUN, id);
    if (version) kam__record_put_num(v, KAM_VERDICT_VERSION, version);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "plan", w->err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_POLICY, kam_record_text(r, KAM_RUN_NAME, NULL), w->err));
    return kam__record_put_str(v, KAM_VERDICT_HASH, kam_record_text(r, KAM_RUN_HASH, NULL), w->err);
}

static int32_t pwhy_nothing(pwhy *w, int64_t id)
{
    kam_record *account = NULL;
    KAM__TRY(kam__record_new(&account, w->run->book->schema, KAM_KIND_ACCOUNT, w->err));
    int32_t rc = kam__read_one(account, w->run->book, id, KAM_TODAY, w->err);
    kam_record_free(account);
    if (rc == KAM_E_NOT_FOUND) return kam__fail(w->err, rc, "this plan knows no account nor entry %lld", (long long)id);
    KAM__TRY(rc);
    kam__buf_str(&w->en, "nothing is due in the window of this plan");
    kam__buf_str(&w->zh, "本计划期内没有到期的联络");
    return pwhy_say(w, "due", NULL, "NOT_DUE");
}

static int32_t pwhy_fill(pwhy *w, int64_t id)
{
    size_t found = 0;
    w->account = id;
    KAM__TRY(pwhy_entries(w, 0, &found));
    KAM__TRY(pwhy_cancelled(w, &found));
    KAM__TRY(pwhy_unplanned(w, &found));
    if (!found && w->run->stored) KAM__TRY(pwhy_entries(w, id, &found));
    if (!found) KAM__TRY(pwhy_nothing(w, id));
    KAM__TRY(kam__plan_why_when(w->why, w->run, w->account, w->err));
    return pwhy_verdict(w);
}

static int32_t pwhy_make(pwhy *w, int64_t id)
{
    kam__schema *schema = w->run->book->schema;
    KAM__TRY(kam__why_new(&w->why, w->run->book, w->err));
    KAM__TRY(kam__record_new(&w->entry, schema, KAM_KIND_PLAN_ENTRY, w->err));
    KAM__TRY(kam__record_new(&w->other, schema, KAM_KIND_PLAN_ENTRY, w->err));
    KAM__TRY(kam__record_new(&w->change, schema, KAM_KIND_PLAN_CHANGE, w->err));
    return pwhy_fill(w, id);
}

int32_t kam__plan_why(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    pwhy w = {.run = run, .err = err};
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, run->book, KAM_BEGIN_READ, err));
    kam__buf_init(&w.en, run->ctx);
    kam__buf_init(&w.zh, run->ctx);
    int32_t rc = kam__txn_leave(&c, pwhy_make(&w, id), err);
    kam_record_free(w.entry);
    kam_record_free(w.other);
    kam_record_free(w.change);
    kam__buf_drop(&w.en);
    kam__buf_drop(&w.zh);
    if (rc == KAM_OK) *out = w.why;
    else kam_why_free(w.why);
    return rc;
}
