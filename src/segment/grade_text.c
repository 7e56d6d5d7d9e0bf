/*
 * segment/grade_text.c - a grade in words: one reason after the other, in English and Chinese, with the figures that
 * decided.
 *
 * The reasons are made from the same columns and cuts as the grade itself, so that they cannot say anything else.
 * Whoever asks says in which languages: the items of a run need only one.
 */
#include "segment.h"

typedef struct say {
    const kam__bound *b; const kam__grade_input *in; const kam__grading *g;
    uint32_t i, langs;
    kam_buf en, zh, value, band;
    kam__reason_fn fn; void *user; kam_error *err;
} say;

/* Both languages in one line; only those wanted are written. */
#define SAY(s, english, chinese, ...) do { \
    if ((s)->langs & KAM__SAY_EN) kam__buf_printf(&(s)->en, english, __VA_ARGS__); \
    if ((s)->langs & KAM__SAY_ZH) kam__buf_printf(&(s)->zh, chinese, __VA_ARGS__); } while (0)

static void say_plain(say *s, const char *english, const char *chinese)
{
    if (s->langs & KAM__SAY_EN) kam__buf_str(&s->en, english);
    if (s->langs & KAM__SAY_ZH) kam__buf_str(&s->zh, chinese);
}

/* What a condition asks for, in front of its values. */
static const char *const say_op_en[] = {"", "", "any but", "one of", ">=", ">", "<=", "<", "none", "any"};
static const char *const say_op_zh[] = {"", "为", "不为", "属于", "≥", ">", "≤", "<", "缺失", "有值"};

/* ---------------------------------------------------------------- values */

static void say_number(kam_buf *out, const kam__bound *b, const kam__field *f, int64_t v, int zh)
{
    char text[48];
    const kam__enum_item *item = zh && f->set ? kam__enum_by_value(f->set, v) : NULL;
    if (item && item->zh) {
        kam__buf_str(out, item->zh);
        return;
    }
    size_t n = kam__value_format(text, f, b->decimals, v, 0);
    kam__buf_put(out, text, n);
}

static void say_value_of(kam_buf *out, const kam__bound *b, const kam__grade_input *in, uint32_t attr, uint32_t i,
                         int zh)
{
    const kam__attr_col *c = &in->col[attr];
    if (c->text) kam__buf_str(out, c->text[i] ? c->text[i] : "-");
    else if (c->valid && c->valid[i]) say_number(out, b, b->field[attr], c->num[i], zh);
    else kam__buf_char(out, '-');
}

void kam__grade_value(kam_buf *out, const kam__bound *b, const kam__grade_input *in, uint32_t attr, uint32_t i)
{
    say_value_of(out, b, in, attr, i, 0);
}

static const char *say_name_zh(const kam__bound *b, uint32_t attr)
{
    const kam__scheme_attr *a = &b->scheme->attr[attr];
    const kam__field *f = b->field[attr];
    return a->source != KAM__ATTR_CLASS && a->source != KAM__ATTR_GRADE && f && f->zh && f->zh[0] ? f->zh : a->name;
}

int kam__grade_cut(kam_buf *out, const kam__bound *b, const kam__grading *g, uint32_t i)
{
    const kam__scheme *s = b->scheme;
    int k = g->row[i].grade;
    if (g->row[i].how != KAM__HOW_CUT) return 0;
    if (s->rule == KAM__RULE_SHARE) {
        char text[48];
        kam__dec_format_short(text, s->share[k + 1 == (int)s->ngrade ? k - 1 : k], KAM__SCHEME_SCALE);
        kam__buf_str(out, text);
        return 1;
    }
    if (k + 1 == (int)s->ngrade)
        for (k--; k >= 0 && !g->has_cut[k]; k--) { }
    if (k < 0 || !g->has_cut[k]) return 0;
    say_number(out, b, b->field[s->measure[0]], g->cut[k], 0);
    return 1;
}

/* ---------------------------------------------------------------- handing over */

static void say_clear(say *s)
{
    kam__buf_clear(&s->en);
    kam__buf_clear(&s->zh);
    kam__buf_clear(&s->value);
    kam__buf_clear(&s->band);
}

static const char *say_or_null(const kam_buf *b) { return b->size ? b->data : NULL; }

static int32_t say_now(say *s, const char *factor, const char *code)
{
    KAM__TRY(kam__buf_end(&s->en, s->err));
    KAM__TRY(kam__buf_end(&s->zh, s->err));
    KAM__TRY(kam__buf_end(&s->value, s->err));
    KAM__TRY(kam__buf_end(&s->band, s->err));
    kam__reason r = {factor, say_or_null(&s->value), say_or_null(&s->band),
                     code,   say_or_null(&s->en),    say_or_null(&s->zh)};
    int32_t rc = s->fn(s->user, &r, s->err);
    say_clear(s);
    return rc;
}

/* ---------------------------------------------------------------- conditions */

static void say_wanted(say *s, kam_buf *out, uint32_t cond, int zh)
{
    const kam__scheme_cond *c = &s->b->scheme->cond[cond];
    const kam__bound_cond *v = &s->b->cond[cond];
    const kam__field *f = s->b->field[c->attr];
    const char *op = zh ? say_op_zh[c->op] : say_op_en[c->op];
    kam__buf_str(out, op);
    for (uint32_t k = 0; k < v->n; k++) {
        kam__buf_str(out, k ? ", " : op[0] ? " " : "");
        if (s->in->col[c->attr].text) kam__buf_str(out, v->text[k]);
        else say_number(out, s->b, f, v->num[k], zh);
    }
}

/* An expression and what it said: value true, false or unknown, band its text. */
static void say_expression(say *s, const kam__scheme_expr *e)
{
    static const char *const said[][2] = {{"unknown", "无法判断"}, {"false", "不成立"}, {"true", "成立"}};
    const kam__attr_col *c = &s->in->col[e->attr];
    int is = !c->valid[s->i] ? 0 : c->num[s->i] ? 2 : 1;
    kam__buf_str(&s->value, said[is][0]);
    kam__buf_put(&s->band, e->cel->text, e->cel->len);
    if (s->langs & KAM__SAY_EN) kam__buf_printf(&s->en, "%s is %s", e->cel->text, said[is][0]);
    if (s->langs & KAM__SAY_ZH) kam__buf_printf(&s->zh, "%s %s", e->cel->text, said[is][1]);
    for (uint32_t k = 0; k < e->nread; k++) {
        uint32_t attr = e->read[k];
        if (s->langs & KAM__SAY_EN) {
            kam__buf_printf(&s->en, "%s%s ", k ? ", " : ": ", s->b->scheme->attr[attr].name);
            say_value_of(&s->en, s->b, s->in, attr, s->i, 0);
        }
        if (s->langs & KAM__SAY_ZH) {
            kam__buf_printf(&s->zh, "%s%s ", k ? "，" : "：", say_name_zh(s->b, attr));
            say_value_of(&s->zh, s->b, s->in, attr, s->i, 1);
        }
    }
}

/* "loyalty 7 >= 6", "city Bonn (one of Bonn, Berlin)"; or where it fails "loyalty 5, wanted >= 6". */
static void say_condition(say *s, uint32_t cond, int fails)
{
    uint32_t attr = s->b->scheme->cond[cond].attr, op = s->b->scheme->cond[cond].op;
    int set = !fails && op < KAM__GE;
    const kam__scheme_expr *e = kam__scheme_expr_at(s->b->scheme, attr);
    if (e) {
        say_expression(s, e);
        return;
    }
    say_value_of(&s->value, s->b, s->in, attr, s->i, 0);
    say_wanted(s, &s->band, cond, 0);
    if (s->langs & KAM__SAY_EN) {
        kam__buf_printf(&s->en, "%s ", s->b->scheme->attr[attr].name);
        say_value_of(&s->en, s->b, s->in, attr, s->i, 0);
        if (fails || op != KAM__IS) {
            kam__buf_str(&s->en, fails ? ", wanted " : set ? " (" : " ");
            say_wanted(s, &s->en, cond, 0);
            if (set) kam__buf_char(&s->en, ')');
        }
    }
    if (s->langs & KAM__SAY_ZH) {
        kam__buf_printf(&s->zh, "%s ", say_name_zh(s->b, attr));
        say_value_of(&s->zh, s->b, s->in, attr, s->i, 1);
        kam__buf_str(&s->zh, fails ? "，要求：" : "，符合：");
        say_wanted(s, &s->zh, cond, 1);
    }
}

static const char *say_factor(const say *s, uint32_t cond)
{
    return s->b->scheme->attr[s->b->scheme->cond[cond].attr].name;
}

static int32_t say_out(say *s)
{
    uint32_t cond = s->g->row[s->i].at;
    say_plain(s, "not of the scheme's population: ", "不属于本方案的对象：");
    say_condition(s, cond, 1);
    return say_now(s, say_factor(s, cond), "POPULATION");
}

/* For each better offer that was missed, the first condition that failed. */
static int32_t say_missed(say *s, uint32_t n)
{
    const kam__scheme *d = s->b->scheme;
    for (uint32_t m = 0; m < n; m++) {
        uint32_t c = d->match[m].first;
        while (kam__cond_holds(s->b, s->in, c, s->i)) c++;
        SAY(s, "not %s: ", "不是 %s：", d->grade[d->match[m].grade]);
        say_condition(s, c, 1);
        KAM__TRY(say_now(s, say_factor(s, c), "NOT"));
    }
    return KAM_OK;
}

static int32_t say_match(say *s)
{
    const kam__scheme *d = s->b->scheme;
    const kam__scheme_match *m = &d->match[s->g->row[s->i].at];
    SAY(s, "all conditions of %s hold", "满足 %s 的全部条件", d->grade[m->grade]);
    KAM__TRY(say_now(s, "rule", "MATCH"));
    for (uint32_t k = 0; k < m->n; k++) {
        say_condition(s, m->first + k, 0);
        KAM__TRY(say_now(s, say_factor(s, m->first + k), "CONDITION"));
    }
    return say_missed(s, s->g->row[s->i].at);
}

static int32_t say_rest(say *s)
{
    const kam__scheme *d = s->b->scheme;
    if (d->rest < 0) say_plain(s, "no conditions of a grade hold, and the rest gets none", "不满足任何等级的条件，其余不定级");
    else SAY(s, "no other conditions hold: the rest gets %s", "不满足其他条件：其余为 %s", d->grade[d->rest]);
    KAM__TRY(say_now(s, "rule", "REST"));
    return say_missed(s, d->nmatch);
}

/* ---------------------------------------------------------------- ranks and cuts */

static int32_t say_no_measure(say *s)
{
    const kam__scheme *d = s->b->scheme;
    const char *grade = d->rest < 0 ? NULL : d->grade[d->rest];
    uint32_t m = d->measure[0];
    say_plain(s, d->attr[m].name, say_name_zh(s->b, m));
    say_plain(s, " is not known", "未知");
    if (grade) SAY(s, ": the rest gets %s", "：其余为 %s", grade);
    return say_now(s, d->attr[m].name, "REST");
}

static void say_against_cut(say *s)
{
    const kam__scheme *d = s->b->scheme;
    const kam__field *f = s->b->field[d->measure[0]];
    int grade = s->g->row[s->i].grade, k = grade, last = grade + 1 == (int)d->ngrade;
    if (last)
        for (k--; k >= 0 && !s->g->has_cut[k]; k--) { }
    if (d->rule == KAM__RULE_SHARE || k < 0 || !s->g->has_cut[k]) return;
    kam__buf_str(&s->band, last ? "< " : ">= ");
    say_number(&s->band, s->b, f, s->g->cut[k], 0);
    if (s->langs & KAM__SAY_EN) {
        kam__buf_str(&s->en, last ? ", behind the cut " : " >= cut ");
        say_number(&s->en, s->b, f, s->g->cut[k], 0);
        if (last) kam__buf_printf(&s->en, " of %s", d->grade[k]);
    }
    if (s->langs & KAM__SAY_ZH) {
        if (last) kam__buf_printf(&s->zh, "，在 %s 的分界值 ", d->grade[k]);
        else kam__buf_str(&s->zh, "，不低于分界值 ");
        say_number(&s->zh, s->b, f, s->g->cut[k], 0);
        if (last) kam__buf_str(&s->zh, " 之后");
    }
}

static int32_t say_rank(say *s)
{
    const kam__scheme *d = s->b->scheme;
    uint32_t m = d->measure[0];
    say_value_of(&s->value, s->b, s->in, m, s->i, 0);
    if (s->langs & KAM__SAY_EN) {
        kam__buf_printf(&s->en, "rank %u of %u, %s ", s->g->row[s->i].rank, s->g->nranked, d->attr[m].name);
        say_value_of(&s->en, s->b, s->in, m, s->i, 0);
    }
    if (s->langs & KAM__SAY_ZH) {
        kam__buf_printf(&s->zh, "第 %u 名（共 %u 名），%s ", s->g->row[s->i].rank, s->g->nranked, say_name_zh(s->b, m));
        say_value_of(&s->zh, s->b, s->in, m, s->i, 1);
    }
    say_against_cut(s);
    return say_now(s, d->attr[m].name, "RANK");
}

/* A share of 10^-6 as percent. */
static const char *say_percent(char text[48], int64_t share)
{
    kam__dec_format_short(text, share, KAM__SCHEME_SCALE - 2);
    return text;
}

static int32_t say_quota(say *s)
{
    const kam__scheme *d = s->b->scheme;
    char text[48];
    int k = s->g->row[s->i].grade;
    say_percent(text, d->share[k]);
    kam__buf_printf(&s->value, "%u", s->g->seats[k]);
    SAY(s, "quota %s %s %%: %u of %u", "%s 级配额 %s%%：%u/%u", d->grade[k], text, s->g->seats[k], s->g->nranked);
    return say_now(s, "quota", "QUOTA");
}

static int32_t say_share(say *s)
{
    const kam__scheme *d = s->b->scheme;
    const kam__graded *row = &s->g->row[s->i];
    char text[48], cut[48];
    int64_t at = d->crossing_out ? s->g->cum[row->rank - 1] : row->rank > 1 ? s->g->cum[row->rank - 2] : 0, share = 0;
    int last = row->grade + 1 == (int)d->ngrade, k = last ? row->grade - 1 : row->grade;
    if (s->g->total <= 0 || kam__muldiv(at, 1000000, s->g->total, KAM__DOWN, &share)) {
        say_plain(s, "the total of all accounts is not above zero", "全部客户合计不大于零");
        return say_now(s, "cumulative_share", "SHARE");
    }
    kam__buf_printf(&s->value, "%s", say_percent(text, share));
    say_percent(cut, d->share[k]);
    kam__buf_printf(&s->band, "%s %s %%", last ? (d->crossing_out ? ">" : ">=") : (d->crossing_out ? "<=" : "<"), cut);
    KAM__TRY(kam__buf_end(&s->band, s->err));
    if (s->langs & KAM__SAY_EN)
        kam__buf_printf(&s->en, "cumulative share %s it %s %% %s", d->crossing_out ? "with" : "before", text,
                        s->band.data);
    if (s->langs & KAM__SAY_ZH)
        kam__buf_printf(&s->zh, "%s累计占比 %s%% %s", d->crossing_out ? "含本客户" : "本客户之前", text, s->band.data);
    return say_now(s, "cumulative_share", "SHARE");
}

static int32_t say_cut(say *s)
{
    KAM__TRY(say_rank(s));
    if (s->b->scheme->rule == KAM__RULE_QUOTA) KAM__TRY(say_quota(s));
    if (s->b->scheme->rule == KAM__RULE_SHARE) KAM__TRY(say_share(s));
    if (!s->g->row[s->i].tie) return KAM_OK;
    say_plain(s, "tied at the cut: among equal accounts the smaller id takes the better grade", "分界处并列：数值相同时编号小者取较高等级");
    return say_now(s, "tie", "TIE");
}

/* ---------------------------------------------------------------- the whole */

static int32_t say_all(say *s)
{
    switch (s->g->row[s->i].how) {
    case KAM__HOW_OUT: return say_out(s);
    case KAM__HOW_NO_MEASURE: return say_no_measure(s);
    case KAM__HOW_MATCH: return say_match(s);
    case KAM__HOW_REST: return say_rest(s);
    default: return say_cut(s);
    }
}

int32_t kam__grade_explain(const kam__bound *b, const kam__grade_input *in, const kam__grading *g, uint32_t i,
                           uint32_t langs, kam__reason_fn fn, void *user, kam_error *err)
{
    say s = {.b = b, .in = in, .g = g, .i = i, .langs = langs, .fn = fn, .user = user, .err = err};
    kam__buf_init(&s.en, g->ctx);
    kam__buf_init(&s.zh, g->ctx);
    kam__buf_init(&s.value, g->ctx);
    kam__buf_init(&s.band, g->ctx);
    int32_t rc = say_all(&s);
    kam__buf_drop(&s.en);
    kam__buf_drop(&s.zh);
    kam__buf_drop(&s.value);
    kam__buf_drop(&s.band);
    return rc;
}
