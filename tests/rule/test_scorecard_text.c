/* A score in words: its lines in two languages, shares, groups, warnings, the one line of a list. */
#include "card_test.h"

#define C_LONG C_HEAD "\"baseline\": 2, \"groups\": [{\"id\": \"g1\", \"title\": {\"en\": \"Money\", \"zh\": \"资金\"}}," \
    " {\"id\": \"g2\", \"title\": {\"en\": \"Rest\", \"zh\": \"其余\"}}], \"factors\": [" \
    "{\"id\": \"rev\", \"attribute\": \"revenue_12m\", \"group\": \"g1\", \"weight\": \"1.5\", \"bands\": [{\"below\": \"1000\", \"points\": 1}," \
    " {\"from\": 1000, \"below\": \"5000.5\", \"points\": 4, \"code\": \"R2\", \"text\": {\"en\": \"fair\", \"zh\": \"尚可\"}}, {\"from\": \"5000.5\", \"points\": 9}]}," \
    "{\"id\": \"size\", \"attribute\": \"size\", \"group\": \"g2\", \"map\": {\"LARGE\": 5, \"small\": \"-1.25\"}, \"otherwise\": 3, \"missing\": {\"points\": 1, \"code\": \"NOSIZE\"}}," \
    "{\"id\": \"flag\", \"attribute\": \"decider_known\", \"group\": \"g2\", \"flag\": {\"true\": 1, \"false\": 0}}," \
    "{\"id\": \"free\", \"attribute\": \"region\", \"map\": {\"N\": 0}, \"otherwise\": 0}]," \
    "\"warnings\": [{\"id\": \"w1\", \"attribute\": \"employees\", \"at_least\": 100, \"text\": {\"en\": \"big\", \"zh\": \"大\"}}," \
    "{\"id\": \"w2\", \"attribute\": \"employees\", \"at_least\": 50, \"text\": {\"en\": \"half\", \"zh\": \"中\"}}]}"

typedef struct telling { ct *t; size_t at; int zh; int64_t sum; } telling;

static int32_t on_part(void *user, const kam__card_part *p, kam_error *err)
{
    telling *x = user;
    char points[48] = "-", share[48] = "-";
    (void)err;
    if (p->points) kam__dec_format_short(points, *p->points, 4);
    if (p->share) kam__dec_format_short(share, *p->share, 4);
    if (p->points) x->sum += *p->points;
    x->at += (size_t)snprintf(x->t->said + x->at, sizeof x->t->said - x->at, "%s|%s|%s|%s|%s|%s|%s\n", p->factor, p->value ? p->value : "-",
                              p->band ? p->band : "-", points, share, p->code, x->zh ? p->zh : p->en);
    return KAM_OK;
}

static const char *tell(ct *t, const char *json, int zh)
{
    telling x = {.t = t, .zh = zh};
    kam_record *r = ct_record(t, json);
    t->said[0] = 0;
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_OK);
    assert_code(kam__card_explain(&t->bound, t->ctx, &t->score, on_part, &x, t->err), KAM_OK);
    assert_int_equal(x.sum, t->score.points);
    kam_record_free(r);
    return t->said;
}

static void every_line_is_told(void **state)
{
    ct *t = *state;
    ct_bind(t, C_LONG);
    assert_string_equal(tell(t, "{\"revenue_12m\": \"1000\", \"size\": \"SMALL\", \"decider_known\": true, \"region\": \"S\", \"employees\": 60}", 0),
        "baseline|-|-|2|-|BASELINE|baseline: 2\n"
        "rev|1000.00|[1000.00, 5000.50)|6|0.7273|R2|Revenue in 12 months 1000.00, [1000.00, 5000.50): 4 points x 1.5 = 6; fair\n"
        "size|SMALL|small|-1.25|-0.1515|VALUE|Size SMALL: -1.25 points\n"
        "flag|true|true|1|0.1212|FLAG|Decision maker known true: 1 point\n"
        "free|S|otherwise|0|0|OTHERWISE|Region S, none of the card's: 0 points\n"
        "g1|6|-|-|-|GROUP|Money: 6 together\n"
        "g2|-0.25|-|-|-|GROUP|Rest: -0.25 together\n"
        "w2|60|-|-|-|WARNING|warning: half\n");
    assert_string_equal(tell(t, "{\"revenue_12m\": \"999.99\", \"employees\": 100}", 1),
        "baseline|-|-|2|-|BASELINE|基础分：2\n"
        "rev|999.99|< 1000.00|1.5|0.6|BAND|近12个月收入 999.99，< 1000.00：1 分 × 1.5 = 1.5\n"
        "size|-|-|1|0.4|NOSIZE|规模 缺失：1 分\n"
        "flag|-|-|0|0|MISSING|已知决策人 缺失：0 分\n"
        "free|-|-|0|0|MISSING|区域 缺失：0 分\n"
        "g1|1.5|-|-|-|GROUP|资金：小计 1.5\n"
        "g2|1|-|-|-|GROUP|其余：小计 1\n"
        "w1|100|-|-|-|WARNING|警示：大\n"
        "w2|100|-|-|-|WARNING|警示：中\n");
    assert_non_null(strstr(tell(t, "{\"revenue_12m\": \"5000.5\"}", 0), "|>= 5000.50|13.5|"));
}

static const char *reason(ct *t, const char *json)
{
    kam_buf b;
    kam_record *r = ct_record(t, json);
    kam__buf_init(&b, t->ctx);
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_OK);
    kam__card_reason(&b, &t->bound, &t->score);
    assert_code(kam__buf_end(&b, t->err), KAM_OK);
    snprintf(t->said, sizeof t->said, "%s", b.data);
    kam__buf_drop(&b);
    kam_record_free(r);
    return t->said;
}

static void a_reason_names_the_largest(void **state)
{
    ct *t = *state;
    ct_bind(t, C_LONG);
    assert_string_equal(reason(t, "{\"revenue_12m\": \"1000\", \"size\": \"SMALL\", \"decider_known\": true}"),
        "Revenue in 12 months 1000.00: 6; Size SMALL: -1.25; Decision maker known true: 1; baseline: 2; 1 other factor: 0");
    assert_string_equal(reason(t, "{}"), "Size missing: 1; baseline: 2; 3 other factors: 0");
    ct_bind(t, C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"points\": 0}]") "," C_FACTOR("b", "employees", "\"bands\": [{\"points\": 0}]")));
    assert_string_equal(reason(t, "{\"employees\": 1}"), "2 factors: 0");
    ct_bind(t, C_CARD(C_FACTOR("a", "region", "\"map\": {\"N\": 0}, \"otherwise\": \"2.5\"")));
    assert_string_equal(reason(t, "{\"region\": \"东部地区东部地区东部地区东部地区\"}"), "Region 东部地区东部地区东部地区东...: 2.5");
}

static void warnings_are_listed_by_id(void **state)
{
    ct *t = *state;
    kam_buf b;
    ct_bind(t, C_LONG);
    kam__buf_init(&b, t->ctx);
    kam__card_warned(&b, &t->card, 3);
    assert_string_equal(b.data, "w1,w2");
    kam__buf_clear(&b);
    kam__card_warned(&b, &t->card, 2);
    assert_string_equal(b.data, "w2");
    kam__buf_drop(&b);
}

static int32_t telling_without_memory(kam_ctx *ctx, fault *f, kam_error *err)
{
    ct t = {.ctx = ctx, .err = err};
    telling x = {.t = &t};
    kam_record *r = NULL;
    int64_t left = f->left;
    f->left = -1;
    assert_code(kam__schema_new(&t.schema, ctx, NULL, err), KAM_OK);
    kam__arena_init(&t.arena, ctx, 0);
    ct_bind(&t, C_CARD(C_FACTOR("a", "employees", C_ANY) "," C_FACTOR("b", "region", "\"map\": {\"N\": 1}, \"otherwise\": 0")));
    r = ct_record(&t, "{\"employees\": 5}");
    assert_code(kam__card_score_of(&t.score, &t.bound, r, err), KAM_OK);
    f->left = left;
    int32_t rc = kam__card_explain(&t.bound, ctx, &t.score, on_part, &x, err);
    f->left = -1;
    kam_record_free(r);
    kam__arena_free(&t.arena);
    kam__schema_drop(t.schema);
    return rc;
}

static void memory_may_fail(void **state)
{
    (void)state;
    assert_true(fault_sweep(telling_without_memory) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ct_test(every_line_is_told),
        ct_test(a_reason_names_the_largest),
        ct_test(warnings_are_listed_by_id),
        cmocka_unit_test(memory_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
