/*
 * rule/scorecard_text.c - a score in words: line by line for an explanation, in one line for a list.
 *
 * The lines hold all that decided, so that the score can be computed again from them alone: each factor's value, the
 * band or value it fell into, points and weight, and what that contributed. Values are written as the record writes
 * them, in the same way in both languages; words beside them are the card's own, English and Chinese.
 */
#include "rule.h"

#define SCARD_REASON_PARTS 3u /* contributions a one-line reason names */

typedef struct scard_saying {
    const kam__card_bound *b;
    const kam__card_score *s;
    kam_buf value, band, en, zh;
    int64_t total; /* of contributions without their signs */
} scard_saying;

/* ---------------------------------------------------------------- values and bands */

static void scard_say_attr(kam_buf *out, const kam__card_bound *b, uint32_t attr, const kam__card_value *v)
{
    char text[48];
    if (v->t == KAM__CV_TEXT) kam__buf_put(out, v->text, v->n);
    if (v->t == KAM__CV_NUM || v->t == KAM__CV_F64)
        kam__buf_put(out, text, kam__value_format(text, b->field[attr], b->decimals, v->num, v->f));
}

/* Of an expression, in its shortest form. */
static void scard_say_result(kam_buf *out, const kam__card_expr *e, const kam__card_value *v)
{
    char text[48];
    if (v->t == KAM__CV_TEXT) kam__buf_put(out, v->text, v->n);
    else if (v->t == KAM__CV_F64 && v->f - v->f != 0) kam__buf_str(out, v->f > 0 ? "Infinity" : "-Infinity");
    else if (v->t == KAM__CV_F64) kam__buf_put(out, text, kam__f64_format(text, v->f));
    else if (v->t == KAM__CV_NUM && e->kind == KAM__CEL_BOOL) kam__buf_str(out, v->num ? "true" : "false");
    else if (v->t == KAM__CV_NUM) kam__buf_put(out, text, kam__dec_format_short(text, v->num, v->n));
}

static void scard_say_factor_value(kam_buf *out, const kam__card_bound *b, const kam__card_score *s, uint32_t i)
{
    const kam__card_factor *f = &b->card->factor[i];
    if (s->hit[i].how == KAM__HIT_MISSING) return;
    if (f->attr == UINT32_MAX) scard_say_result(out, &f->expr, &s->value[i]);
    else scard_say_attr(out, b, f->attr, &s->value[i]);
}

static void scard_say_limit(kam_buf *out, const kam__card_bound *b, uint32_t attr, int64_t v, uint32_t scale, double f)
{
    char text[48];
    if (attr == UINT32_MAX) kam__buf_put(out, text, kam__dec_format(text, v, scale));
    else kam__buf_put(out, text, kam__value_format(text, b->field[attr], b->decimals, v, f));
}

/* "[1000.00, 5000.00)", "< 1000.00", ">= 5000.00", "LARGE", "true", "otherwise" */
static void scard_say_band(kam_buf *out, const kam__card_bound *b, uint32_t i, const kam__card_hit *hit)
{
    const kam__card_factor *f = &b->card->factor[i];
    if (hit->how == KAM__HIT_OTHERWISE) kam__buf_str(out, "otherwise");
    if (hit->how != KAM__HIT_CASE) return;
    const kam__card_slot *s = &b->factor[i][hit->at];
    if (f->form != KAM__CARD_BANDS) {
        kam__buf_str(out, f->cases[hit->at].key);
        return;
    }
    if (!s->has_lo && !s->has_hi)
        kam__buf_str(out, "any");
    else if (s->has_lo && s->has_hi)
        kam__buf_char(out, '[');
    else
        kam__buf_str(out, s->has_lo ? ">= " : "< ");
    if (s->has_lo) scard_say_limit(out, b, f->attr, s->lo, s->lo_scale, s->lo_f);
    if (s->has_lo && s->has_hi) kam__buf_str(out, ", ");
    if (s->has_hi) scard_say_limit(out, b, f->attr, s->hi, s->hi_scale, s->hi_f);
    if (s->has_lo && s->has_hi) kam__buf_char(out, ')');
}

static void scard_say_points(kam_buf *out, int64_t v)
{
    char text[48];
    kam__buf_put(out, text, kam__dec_format_short(text, v, KAM__CARD_SCALE));
}

/* ---------------------------------------------------------------- lines */

static void scard_clear(scard_saying *y)
{
    kam__buf_clear(&y->value);
    kam__buf_clear(&y->band);
    kam__buf_clear(&y->en);
    kam__buf_clear(&y->zh);
}

static int32_t scard_hand_over(scard_saying *y, const char *factor, const char *code, const int64_t *points,
                               const int64_t *share, kam__card_fn fn, void *user, kam_error *err)
{
    KAM__TRY(kam__buf_end(&y->value, err));
    KAM__TRY(kam__buf_end(&y->band, err));
    KAM__TRY(kam__buf_end(&y->en, err));
    KAM__TRY(kam__buf_end(&y->zh, err));
    kam__card_part p = {factor,
                        y->value.size ? y->value.data : NULL,
                        y->band.size ? y->band.data : NULL,
                        code,
                        y->en.data,
                        y->zh.data,
                        points,
                        share};
    return fn(user, &p, err);
}

/* "Revenue in 12 months 120000.00, >= 100000.00: 20 points x 1.5 = 30; a large buyer" */
static void scard_say_factor(kam_buf *out, const scard_saying *y, uint32_t i, int zh)
{
    const kam__card_factor *f = &y->b->card->factor[i];
    const kam__card_outcome *o = y->s->hit[i].out;
    const char *text = zh ? o->text.zh : o->text.en;
    kam__buf_str(out, zh ? f->title.zh : f->title.en);
    kam__buf_char(out, ' ');
    if (y->value.size)
        kam__buf_put(out, y->value.data, y->value.size);
    else
        kam__buf_str(out, zh ? "缺失" : "missing");
    if (y->s->hit[i].how == KAM__HIT_OTHERWISE)
        kam__buf_str(out, zh ? "，其他" : ", none of the card's");
    else if (y->band.size && f->form == KAM__CARD_BANDS)
        kam__buf_printf(out, zh ? "，%s" : ", %s", y->band.data);
    kam__buf_str(out, zh ? "：" : ": ");
    scard_say_points(out, o->points);
    kam__buf_str(out, zh ? " 分" : o->points == 10000 ? " point" : " points");
    if (f->weight != 10000) {
        kam__buf_str(out, zh ? " × " : " x ");
        scard_say_points(out, f->weight);
        kam__buf_str(out, " = ");
        scard_say_points(out, o->contribution);
    }
    if (f->expr.at) kam__buf_printf(out, zh ? "；表达式 %s" : "; of %s", f->expr.at->text);
    if (text) kam__buf_printf(out, zh ? "；%s" : "; %s", text);
}

/* What an expression read: with it and its text the value can be computed again. */
static int32_t scard_read_lines(scard_saying *y, const char *id, const kam__card_expr *e, kam__card_fn fn, void *user,
                                kam_error *err)
{
    const char *name = NULL;
    for (uint32_t k = 0; e->at && (name = kam_rule_reads(e->rule, k)) != NULL; k++) {
        uint32_t attr = (uint32_t)kam_rule_var(e->rule, name);
        scard_clear(y);
        scard_say_attr(&y->value, y->b, attr, &y->s->in[attr]);
        kam__buf_str(&y->band, name);
        KAM__TRY(kam__buf_end(&y->value, err));
        kam__buf_printf(&y->en, "%s reads %s: %s", id, name, y->value.size ? y->value.data : "missing");
        kam__buf_printf(&y->zh, "%s 读取 %s：%s", id, name, y->value.size ? y->value.data : "缺失");
        KAM__TRY(scard_hand_over(y, id, "INPUT", NULL, NULL, fn, user, err));
    }
    return KAM_OK;
}

static int32_t scard_factor_line(scard_saying *y, uint32_t i, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card_factor *f = &y->b->card->factor[i];
    const kam__card_outcome *o = y->s->hit[i].out;
    int64_t share = 0;
    scard_clear(y);
    scard_say_factor_value(&y->value, y->b, y->s, i);
    scard_say_band(&y->band, y->b, i, &y->s->hit[i]);
    KAM__TRY(kam__buf_end(&y->band, err));
    scard_say_factor(&y->en, y, i, 0);
    scard_say_factor(&y->zh, y, i, 1);
    int has = y->total && !kam__muldiv(o->contribution, 10000, y->total, KAM__HALF_EVEN, &share);
    KAM__TRY(scard_hand_over(y, f->id, o->code, &o->contribution, has ? &share : NULL, fn, user, err));
    return scard_read_lines(y, f->id, &f->expr, fn, user, err);
}

static int32_t scard_baseline_line(scard_saying *y, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card *c = y->b->card;
    if (!c->baseline) return KAM_OK;
    scard_clear(y);
    kam__buf_str(&y->en, "baseline: ");
    kam__buf_str(&y->zh, "基础分：");
    scard_say_points(&y->en, c->baseline);
    scard_say_points(&y->zh, c->baseline);
    return scard_hand_over(y, "baseline", "BASELINE", &c->baseline, NULL, fn, user, err);
}

/* A sum is no contribution of its own: it stands as value, without points. */
static int32_t scard_group_line(scard_saying *y, uint32_t g, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card *c = y->b->card;
    int64_t sum = 0;
    scard_clear(y);
    for (uint32_t i = 0; i < c->nfactor; i++)
        if (c->factor[i].group == g) sum += y->s->hit[i].out->contribution;
    scard_say_points(&y->value, sum);
    kam__buf_printf(&y->en, "%s: %s together", c->group[g].title.en, y->value.data ? y->value.data : "");
    kam__buf_printf(&y->zh, "%s：小计 %s", c->group[g].title.zh, y->value.data ? y->value.data : "");
    return scard_hand_over(y, c->group[g].id, "GROUP", NULL, NULL, fn, user, err);
}

static int32_t scard_warning_line(scard_saying *y, uint32_t i, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card_warning *w = &y->b->card->warning[i];
    if (!(y->s->warnings >> i & 1u)) return KAM_OK;
    scard_clear(y);
    if (w->attr == UINT32_MAX) kam__buf_str(&y->value, "true");
    else scard_say_attr(&y->value, y->b, w->attr, &y->s->in[w->attr]);
    kam__buf_printf(&y->en, "warning: %s", w->text.en);
    kam__buf_printf(&y->zh, "警示：%s", w->text.zh);
    KAM__TRY(scard_hand_over(y, w->id, "WARNING", NULL, NULL, fn, user, err));
    return scard_read_lines(y, w->id, &w->expr, fn, user, err);
}

/* "reason 1 (LOWREV): Revenue in 12 months is 18 points below its baseline of 60; a small buyer" */
static int32_t scard_reason_line(scard_saying *y, uint32_t k, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card *c = y->b->card;
    uint32_t i = y->s->reason[k];
    const kam__card_factor *f = &c->factor[i];
    const kam__card_outcome *o = y->s->hit[i].out;
    int above = c->rank[o->rank].gap < 0 ? c->reasons == KAM__REASON_BELOW : c->reasons == KAM__REASON_ABOVE;
    int64_t gap = c->rank[o->rank].gap, size = gap < 0 ? -gap : gap;
    scard_clear(y);
    scard_say_points(&y->value, gap);
    kam__buf_str(&y->band, o->code);
    kam__buf_printf(&y->en, "reason %u (%s): %s is ", k + 1, o->code, f->title.en);
    kam__buf_printf(&y->zh, "原因 %u（%s）：%s 比基准 ", k + 1, o->code, f->title.zh);
    scard_say_points(&y->zh, f->baseline);
    scard_say_points(&y->en, size);
    kam__buf_printf(&y->en, " %s %s its baseline of ", size == 10000 ? "point" : "points", above ? "above" : "below");
    kam__buf_str(&y->zh, above ? " 高 " : " 低 ");
    scard_say_points(&y->zh, size);
    scard_say_points(&y->en, f->baseline);
    kam__buf_str(&y->zh, " 分");
    if (o->text.en) kam__buf_printf(&y->en, "; %s", o->text.en);
    if (o->text.zh) kam__buf_printf(&y->zh, "；%s", o->text.zh);
    return scard_hand_over(y, f->id, "REASON", NULL, NULL, fn, user, err);
}

static int32_t scard_normal_line(scard_saying *y, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card *c = y->b->card;
    if (!c->normalize) return KAM_OK;
    scard_clear(y);
    scard_say_points(&y->value, kam__card_normal(c, y->s->points));
    KAM__TRY(kam__buf_end(&y->value, err));
    kam__buf_printf(&y->en, "%s of 100, where the lowest score is ", y->value.data);
    kam__buf_printf(&y->zh, "折合 %s（满分 100；最低分 ", y->value.data);
    scard_say_points(&y->en, c->lowest);
    scard_say_points(&y->zh, c->lowest);
    kam__buf_str(&y->en, " and the highest ");
    kam__buf_str(&y->zh, "，最高分 ");
    scard_say_points(&y->en, c->highest);
    scard_say_points(&y->zh, c->highest);
    kam__buf_str(&y->zh, "）");
    return scard_hand_over(y, "normalized", "NORMALIZED", NULL, NULL, fn, user, err);
}

static int32_t scard_lines(scard_saying *y, kam__card_fn fn, void *user, kam_error *err)
{
    const kam__card *c = y->b->card;
    KAM__TRY(scard_baseline_line(y, fn, user, err));
    for (uint32_t i = 0; i < c->nfactor; i++) KAM__TRY(scard_factor_line(y, i, fn, user, err));
    for (uint32_t g = 0; g < c->ngroup; g++) KAM__TRY(scard_group_line(y, g, fn, user, err));
    for (uint32_t k = 0; k < y->s->nreason; k++) KAM__TRY(scard_reason_line(y, k, fn, user, err));
    KAM__TRY(scard_normal_line(y, fn, user, err));
    for (uint32_t i = 0; i < c->nwarning; i++) KAM__TRY(scard_warning_line(y, i, fn, user, err));
    return KAM_OK;
}

static int64_t scard_size(int64_t contribution) { return contribution < 0 ? -contribution : contribution; }

int32_t kam__card_explain(const kam__card_bound *b, kam_ctx *ctx, const kam__card_score *s, kam__card_fn fn,
                          void *user, kam_error *err)
{
    scard_saying y = {.b = b, .s = s};
    for (uint32_t i = 0; i < b->card->nfactor; i++) y.total += scard_size(s->hit[i].out->contribution);
    kam__buf_init(&y.value, ctx);
    kam__buf_init(&y.band, ctx);
    kam__buf_init(&y.en, ctx);
    kam__buf_init(&y.zh, ctx);
    int32_t rc = scard_lines(&y, fn, user, err);
    kam__buf_drop(&y.value);
    kam__buf_drop(&y.band);
    kam__buf_drop(&y.en);
    kam__buf_drop(&y.zh);
    return rc;
}

/* ---------------------------------------------------------------- one line */

/* The largest contribution that is not named yet, the earlier factor of equal ones; UINT32_MAX = only zeroes are left. */
static uint32_t scard_next_largest(const kam__card *c, const kam__card_score *s, uint64_t named)
{
    uint32_t best = UINT32_MAX;
    int64_t size = 0;
    for (uint32_t i = 0; i < c->nfactor; i++)
        if (!(named >> i & 1u) && scard_size(s->hit[i].out->contribution) > size) {
            size = scard_size(s->hit[i].out->contribution);
            best = i;
        }
    return best;
}

static void scard_reason_value(kam_buf *out, const kam__card_bound *b, const kam__card_score *s, uint32_t i)
{
    const kam__card_value *v = &s->value[i];
    char clip[48];
    if (s->hit[i].how == KAM__HIT_MISSING)
        kam__buf_str(out, "missing");
    else if (v->t == KAM__CV_TEXT)
        kam__buf_str(out, kam__clip(clip, v->text, v->n));
    else
        scard_say_factor_value(out, b, s, i);
}

void kam__card_reason(kam_buf *out, const kam__card_bound *b, const kam__card_score *s)
{
    const kam__card *c = b->card;
    uint64_t named = 0;
    uint32_t left = c->nfactor, at = 0;
    int64_t rest = s->points;
    const char *between = "";
    for (uint32_t k = 0; k < SCARD_REASON_PARTS && (at = scard_next_largest(c, s, named)) != UINT32_MAX; k++) {
        kam__buf_printf(out, "%s%s ", between, c->factor[at].title.en);
        scard_reason_value(out, b, s, at);
        kam__buf_str(out, ": ");
        scard_say_points(out, s->hit[at].out->contribution);
        rest -= s->hit[at].out->contribution;
        named |= (uint64_t)1 << at;
        left--;
        between = "; ";
    }
    if (c->baseline) {
        kam__buf_printf(out, "%sbaseline: ", between);
        scard_say_points(out, c->baseline);
        rest -= c->baseline;
        between = "; ";
    }
    if (!left) return;
    kam__buf_printf(out, "%s%u %sfactor%s: ", between, left, left == c->nfactor ? "" : "other ", left == 1 ? "" : "s");
    scard_say_points(out, rest);
}

void kam__card_warned(kam_buf *out, const kam__card *c, uint32_t warnings)
{
    const char *between = "";
    for (uint32_t i = 0; i < c->nwarning; i++) {
        if (!(warnings >> i & 1u)) continue;
        kam__buf_str(out, between);
        kam__buf_str(out, c->warning[i].id);
        between = ",";
    }
}
