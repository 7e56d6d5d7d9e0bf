/*
 * segment/segment_book_market.c - how far a segmentation work sheet is, and what stands on a segment card (R44, R45, R46).
 *
 * Both are records that people fill; the store keeps the steps in order and an accepted card honest (guard_link.c). Here
 * they are read out line by line, and beside the estimates of a card stands what the book measures of its segment:
 * members, what they bring, how that has changed, and which part it is of everybody's and of what they could buy.
 */
#include "../store/store.h"
#include "segment_book_member.h"
#include "segment_book_rule.h"
#include "segment_book_score.h"
#include <kam/market.h>
#include <stdio.h>

typedef struct market_line { uint32_t field; const char *en, *zh; } market_line;

static const market_line market_steps[] = {
    {KAM_SEGMENTATION_BEHAVIOUR, "1. how customers act", "1. 怎样行事"},
    {KAM_SEGMENTATION_REASONS, "2. why they buy", "2. 购买原因"},
    {KAM_SEGMENTATION_INFLUENCES, "3. what influences them", "3. 如何影响"},
    {KAM_SEGMENTATION_FACTORS, "4. the factors that matter", "4. 汇总重要因素"},
    {KAM_SEGMENTATION_SEGMENTS, "5. segments with the same needs", "5. 寻找相同需求的细分市场"},
};
static const market_line market_tests[] = {
    {KAM_SEGMENT_CARD_LARGE_ENOUGH, "large enough", "规模足够大"},
    {KAM_SEGMENT_CARD_SIMILAR, "alike inside", "相似性"},
    {KAM_SEGMENT_CARD_RELEVANT, "relevant to the buying situation", "与购买环境相关"},
    {KAM_SEGMENT_CARD_REACHABLE, "reachable", "可到达"},
};
static const market_line market_answers[] = {
    {KAM_SEGMENT_CARD_MARKET_SHARE, "market share", "市场份额评估"},
    {KAM_SEGMENT_CARD_MARKET_GROWTH, "market growth", "市场增长率评估"},
    {KAM_SEGMENT_CARD_TARGET_CUSTOMERS, "target customers", "目标顾客特征"},
    {KAM_SEGMENT_CARD_COMPETITORS, "competitors", "竞争者识别"},
    {KAM_SEGMENT_CARD_STRATEGY, "objectives and strategy", "营销目标和战略"},
};

/* "en: value" in both languages; the value itself in two where it is a word of ours. */
static int32_t market_say(kam_why *why, const char *factor, const char *value, const char *value_zh, const char *code,
                          const char *english, const char *chinese, kam_error *err)
{
    kam_buf en, zh;
    kam__buf_init(&en, why->ctx);
    kam__buf_init(&zh, why->ctx);
    kam__buf_printf(&en, "%s: %s", english, value);
    kam__buf_printf(&zh, "%s：%s", chinese, value_zh ? value_zh : value);
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK)
        rc = kam__why_add(why, factor, value, NULL, code, kam_buf_data(&en), kam_buf_data(&zh), err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc;
}

static const char *market_name(const kam_record *r, uint32_t field)
{
    return r->kind->field[kam__kind_index(r->kind, field)].name;
}

static int32_t market_verdict(kam_why *why, const kam_record *r, int32_t as_of, const char *kind, const char *result,
                              kam_error *err)
{
    int32_t day = as_of;
    kam__record_put_num(why->verdict, KAM_VERDICT_SUBJECT, kam__record_num(r, KAM_ID, 0));
    kam__record_put_num(why->verdict, KAM_VERDICT_AS_OF, day);
    kam__record_put_num(why->verdict, KAM_VERDICT_INPUTS_DIFFER, 0);
    kam__record_put_num(why->verdict, KAM_VERDICT_FLAGS, 0);
    KAM__TRY(kam__record_put_str(why->verdict, KAM_VERDICT_KIND, kind, err));
    return kam__record_put_str(why->verdict, KAM_VERDICT_RESULT, result, err);
}

/* ---------------------------------------------------------------- the work sheet */

typedef struct market_cards { kam_why *why; kam_error *err; } market_cards;

static int32_t on_market_cards(void *user, const kam_block *rows)
{
    market_cards *m = user;
    const kam_col *name = kam__block_col(rows, KAM_SEGMENT_CARD_NAME);
    const kam_col *accepted = kam__block_col(rows, KAM_SEGMENT_CARD_ACCEPTED);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(name, i, &len);
        int yes = accepted && kam__col_i64(accepted, i) != 0;
        char label[200];
        snprintf(label, sizeof label, "%.*s", (int)kam__utf8_cut(text, len < 150 ? len : 150), text);
        KAM__TRY(market_say(m->why, "card", yes ? "accepted" : "not accepted", yes ? "已接受" : "未接受", "CARD", label, label,
                            m->err));
    }
    return KAM_OK;
}

static int32_t market_list_cards(kam_why *why, kam_book *b, int64_t sheet, int32_t as_of, kam_error *err)
{
    static const uint32_t field[] = {KAM_ID, KAM_SEGMENT_CARD_NAME, KAM_SEGMENT_CARD_ACCEPTED};
    market_cards m = {why, err};
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_SEGMENT_CARD), KAM_SEGMENT_CARD_SEGMENTATION), KAM_OP_EQ,
                  sheet);
    kam__read q = {.scan = {.kind = KAM_KIND_SEGMENT_CARD, .field = field, .nfield = 3, .pred = &p, .npred = 1}, .as_of = as_of};
    return kam__read_rows(b, &q, on_market_cards, &m, err);
}

static int32_t market_sheet(kam_why *why, kam_book *b, const kam_record *r, int32_t as_of, kam_error *err)
{
    char result[16];
    unsigned done = 0;
    while (done < KAM__LEN(market_steps) && kam_record_type(r, market_steps[done].field)) done++;
    snprintf(result, sizeof result, "%u of 5", done);
    int32_t day = 0;
    KAM__TRY(kam__book_day(&day, b, as_of, err));
    KAM__TRY(market_verdict(why, r, day, "segmentation", result, err));
    for (size_t i = 0; i < KAM__LEN(market_steps); i++) {
        const market_line *s = &market_steps[i];
        const char *text = kam_record_text(r, s->field, NULL);
        KAM__TRY(market_say(why, market_name(r, s->field), text ? text : i == done ? "is next" : "later",
                            text ? NULL : i == done ? "下一步" : "待定", text ? "DONE" : i == done ? "NEXT" : "LATER", s->en,
                            s->zh, err));
    }
    return market_list_cards(why, b, kam__record_num(r, KAM_ID, 0), as_of, err);
}

/* ---------------------------------------------------------------- what is measured of a card's segment */

typedef struct market_sums {
    const kam_segment *segment; kam_work *work;
    uint32_t members, unknown;
    kam__sum revenue, before, potential, of_potential, all;    /* of_potential: revenue of those whose potential is known */
} market_sums;

static int32_t on_market_account(void *user, const kam_record *r, kam_error *err)
{
    market_sums *m = user;
    int is = 0;
    int64_t revenue = kam__record_num(r, KAM_ATTRIBUTES_REVENUE_12M, 0);
    kam__sum_add(&m->all, revenue);
    KAM__TRY(kam__cel_ask(&is, m->segment->rule, m->work, r, err));
    m->unknown += is == KAM__CEL_UNKNOWN;
    if (is != KAM__CEL_YES) return KAM_OK;
    m->members++;
    kam__sum_add(&m->revenue, revenue);
    kam__sum_add(&m->before, kam__record_num(r, KAM_ATTRIBUTES_REVENUE_PREVIOUS, 0));
    if (kam__record_num(r, KAM_ATTRIBUTES_POTENTIAL, 0) <= 0) return KAM_OK;
    kam__sum_add(&m->potential, kam__record_num(r, KAM_ATTRIBUTES_POTENTIAL, 0));
    kam__sum_add(&m->of_potential, revenue);
    return KAM_OK;
}

static int32_t market_count(kam_why *why, const char *factor, uint32_t v, const char *en, const char *zh, kam_error *err)
{
    char text[16];
    snprintf(text, sizeof text, "%u", (unsigned)v);
    return market_say(why, factor, text, NULL, "MEASURED", en, zh, err);
}

/* part / whole in per cent with two decimals; nothing where there is no whole. */
static int32_t market_share(kam_why *why, const char *factor, int64_t part, int64_t whole, const char *en, const char *zh,
                            kam_error *err)
{
    char text[52];
    int64_t share = 0;
    if (whole <= 0 || kam__muldiv(part, 10000, whole, KAM__HALF_EVEN, &share)) return KAM_OK;
    size_t n = kam__dec_format(text, share, 2);
    memcpy(text + n, " %", 3);
    return market_say(why, factor, text, NULL, "MEASURED", en, zh, err);
}

static int32_t market_measured(kam_why *why, kam_book *b, const market_sums *m, kam_error *err)
{
    int64_t revenue = 0, before = 0, potential = 0, part = 0, all = 0, more = 0;
    char text[64];
    const char *base = kam__schema_base_currency(b->schema);
    int32_t decimals = kam__schema_decimals(b->schema, base);
    if (kam__sum_get(&m->revenue, &revenue) || kam__sum_get(&m->before, &before) || kam__sum_get(&m->all, &all) ||
        kam__sum_get(&m->potential, &potential) || kam__sum_get(&m->of_potential, &part) ||
        kam__add(revenue, before == INT64_MIN ? INT64_MAX : -before, &more))
        return kam__fail(err, KAM_E_LIMIT, "the revenue of the segment's members does not fit 64 bits");
    KAM__TRY(market_count(why, "members", m->members, "members", "成员数", err));
    if (m->unknown) KAM__TRY(market_count(why, "unknown", m->unknown, "accounts that lack a value it asks for", "缺少数据的客户", err));
    size_t n = kam__dec_format(text, revenue, decimals > 0 ? (uint32_t)decimals : 0);
    snprintf(text + n, sizeof text - n, "%s%s", base[0] ? " " : "", base);
    KAM__TRY(market_say(why, "revenue_12m", text, NULL, "MEASURED", "revenue of twelve months", "近12个月收入", err));
    KAM__TRY(market_share(why, "growth_12m", more, before, "against the twelve months before", "较上一年度", err));
    KAM__TRY(market_share(why, "share_12m", revenue, all, "share of the revenue of all accounts", "占全部收入", err));
    return market_share(why, "share_of_wallet", part, potential, "share of their potential, where it is known",
                        "占其潜在价值(已知者)", err);
}

static int32_t market_read(market_sums *m, kam_book *b, int32_t as_of, kam_error *err)
{
    static const uint32_t more[] = {KAM_ATTRIBUTES_REVENUE_12M, KAM_ATTRIBUTES_REVENUE_PREVIOUS, KAM_ATTRIBUTES_POTENTIAL};
    uint8_t *want = NULL;
    kam_rule *const rule[] = {m->segment->rule};
    kam__arena arena;
    kam__arena_init(&arena, b->ctx, 0);
    int32_t rc = kam_work_new(&m->work, b->ctx, err);
    if (rc == KAM_OK) rc = kam__rules_want(&want, rule, 1, b->schema, &arena, err);
    for (size_t i = 0; i < KAM__LEN(more) && rc == KAM_OK; i++)
        want[kam__kind_index(kam__schema_kind(b->schema, KAM_KIND_ATTRIBUTES), more[i])] = 1;
    kam__attributes_ask ask = {.as_of = as_of, .want = want, .valid_only = 1};
    if (rc == KAM_OK) rc = kam__attributes_read(b, &ask, on_market_account, m, err);
    kam_work_free(m->work);
    kam__arena_free(&arena);
    return rc;
}

static int32_t market_segment(kam_why *why, kam_book *b, const char *name, int32_t as_of, kam_error *err)
{
    kam_segment *segment = NULL;
    market_sums m;
    memset(&m, 0, sizeof m);
    KAM__TRY(kam_segment_open(&segment, b, name, as_of, err));
    m.segment = segment;
    int32_t rc = market_read(&m, b, as_of, err);
    if (rc == KAM_OK) rc = market_measured(why, b, &m, err);
    kam_segment_free(segment);
    return rc;
}

/* ---------------------------------------------------------------- the card */

static const char *market_result(const kam_record *r)
{
    unsigned yes = 0, no = 0;
    for (size_t i = 0; i < KAM__LEN(market_tests); i++) {
        yes += kam__record_num(r, market_tests[i].field, 0) != 0;
        no += kam_record_type(r, market_tests[i].field) && !kam__record_num(r, market_tests[i].field, 0);
    }
    if (kam__record_num(r, KAM_SEGMENT_CARD_ACCEPTED, 0)) return "accepted";
    return no ? "refused" : yes == KAM__LEN(market_tests) ? "ready" : "open";
}

static int32_t market_card(kam_why *why, kam_book *b, const kam_record *r, int32_t as_of, kam_error *err)
{
    const char *segment = kam_record_text(r, KAM_SEGMENT_CARD_SEGMENT, NULL);
    int32_t day = 0;
    KAM__TRY(kam__book_day(&day, b, as_of, err));
    KAM__TRY(market_verdict(why, r, day, "segment card", market_result(r), err));
    for (size_t i = 0; i < KAM__LEN(market_tests); i++) {
        const market_line *t = &market_tests[i];
        int has = kam_record_type(r, t->field) != 0, yes = kam__record_num(r, t->field, 0) != 0;
        KAM__TRY(market_say(why, market_name(r, t->field), !has ? "not recorded" : yes ? "true" : "false",
                            !has ? "未记录" : yes ? "是" : "否", !has ? "NOT_RECORDED" : yes ? "PASSED" : "FAILED", t->en,
                            t->zh, err));
    }
    for (size_t i = 0; i < KAM__LEN(market_answers); i++) {
        const market_line *a = &market_answers[i];
        const char *text = kam_record_text(r, a->field, NULL);
        KAM__TRY(market_say(why, market_name(r, a->field), text ? text : "missing", text ? NULL : "未填写",
                            text ? "ANSWERED" : "MISSING", a->en, a->zh, err));
    }
    return segment ? market_segment(why, b, segment, as_of, err) : KAM_OK;
}

/* ---------------------------------------------------------------- both */

typedef int32_t (*market_fn)(kam_why *why, kam_book *b, const kam_record *r, int32_t as_of, kam_error *err);

static int32_t market_fill(kam_why **out, kam_book *b, uint32_t kind, int64_t id, int32_t as_of, market_fn fn, kam_error *err)
{
    kam_record *r = NULL;
    kam_why *why = NULL;
    KAM__TRY(kam__record_new(&r, b->schema, kind, err));
    int32_t rc = kam__read_one(r, b, id, as_of, err);
    if (rc == KAM_OK) rc = kam__why_new(&why, b, err);
    if (rc == KAM_OK) rc = fn(why, b, r, as_of, err);
    kam_record_free(r);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

static int32_t market_why(kam_why **out, kam_book *b, uint32_t kind, int64_t id, int32_t as_of, market_fn fn, kam_error *err)
{
    kam_why *why = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(b, err));
    KAM__TRY(kam__txn_enter(&c, b, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, market_fill(&why, b, kind, id, as_of, fn, err), err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

int32_t kam_segmentation_why(kam_why **out, kam_book *book, int64_t segmentation, int32_t as_of, kam_error *err)
{
    return market_why(out, book, KAM_KIND_SEGMENTATION, segmentation, as_of, market_sheet, err);
}

int32_t kam_segment_card_why(kam_why **out, kam_book *book, int64_t card, int32_t as_of, kam_error *err)
{
    return market_why(out, book, KAM_KIND_SEGMENT_CARD, card, as_of, market_card, err);
}
