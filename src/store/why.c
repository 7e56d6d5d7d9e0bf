/*
 * store/why.c - the explanation of one result: a VERDICT and its REASONs, as records and as text in two languages.
 *
 * It is made whole when asked for and needs neither run nor book afterwards.
 */
#include "store.h"

int32_t kam__why_of_schema(kam_why **out, kam__schema *schema, kam_error *err)
{
    kam_ctx *ctx = kam__schema_ctx(schema);
    kam_why *why = kam__zalloc(ctx, sizeof *why);
    if (!why) return kam__nomem(err);
    why->ctx = kam__ctx_hold(ctx);
    int32_t rc = kam__record_new(&why->verdict, schema, KAM_KIND_VERDICT, err);
    if (rc == KAM_OK) rc = kam__rowset_new(&why->reasons, schema, KAM_KIND_REASON, NULL, 0, err);
    if (rc != KAM_OK) {
        kam_why_free(why);
        return rc;
    }
    *out = why;
    return KAM_OK;
}

int32_t kam__why_new(kam_why **out, kam_book *book, kam_error *err)
{
    return kam__why_of_schema(out, book->schema, err);
}

static void why_text(kam_why *why, kam__blockbuf *b, uint32_t field, const char *text)
{
    if (text) kam__bb_text(b, kam__rowset_col(why->reasons, field), text, strlen(text));
}

int32_t kam__why_add(kam_why *why, const char *factor, const char *value, const char *band, const char *code,
                     const char *en, const char *zh, kam_error *err)
{
    return kam__why_add_points(why, factor, value, band, NULL, NULL, code, en, zh, err);
}

int32_t kam__why_add_points(kam_why *why, const char *factor, const char *value, const char *band,
                            const int64_t *points, const int64_t *share, const char *code, const char *en,
                            const char *zh, kam_error *err)
{
    kam__blockbuf *b = kam__rowset_row(why->reasons, err);
    if (!b) return KAM_E_NOMEM;
    if (points) kam__bb_i64(b, kam__rowset_col(why->reasons, KAM_REASON_POINTS), *points);
    if (share) kam__bb_i64(b, kam__rowset_col(why->reasons, KAM_REASON_SHARE), *share);
    why_text(why, b, KAM_REASON_FACTOR, factor);
    why_text(why, b, KAM_REASON_VALUE, value);
    why_text(why, b, KAM_REASON_BAND, band);
    why_text(why, b, KAM_REASON_CODE, code);
    why_text(why, b, KAM_REASON_TEXT, en);
    why_text(why, b, KAM_REASON_TEXT_ZH, zh);
    KAM__TRY(kam__rowset_end_row(why->reasons, err));
    kam__rowset_seal(why->reasons);
    return KAM_OK;
}

void kam_why_free(kam_why *why)
{
    if (!why) return;
    kam_ctx *ctx = why->ctx;
    kam_record_free(why->verdict);
    kam__rowset_drop(why->reasons);
    kam__free(ctx, why);
    kam_ctx_free(ctx);
}

const kam_record *kam_why_record(const kam_why *why) { return why ? why->verdict : NULL; }

int32_t kam_why_rows(kam_rows **out, const kam_why *why, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (!why) return kam__null_arg(err, "why");
    return kam__rows_of_set(out, NULL, why->reasons, 0, 0, err);
}

/* What is explained, as people call it. */
static const char *why_subject(const kam_record *v, int zh)
{
    static const char *const word[][2] = {{"grade", "等级"}, {"score", "评分"}, {"plan", "计划"}, {"contribution", "利润贡献"},
                                          {"owner", "负责人"}, {"tier", "客户层级"}, {"lifecycle", "生命周期"}, {"class", "分类"},
                                          {"account_link", "一户多码归并"}, {"segmentation", "市场细分工作表"}, {"rule", "规则"},
                                          {"segment card", "细分市场卡片"}, {"decision", "决策"}, {"segment", "客户细分"},
                                          {"account plan", "客户计划"}, {"lifetime value", "客户终身价值"}};
    const char *kind = kam_record_text(v, KAM_VERDICT_KIND, NULL);
    if (!kind) return zh ? "结果" : "result";
    for (size_t i = 0; zh && i < KAM__LEN(word); i++)
        if (kam__text_same(kind, word[i][0])) return word[i][1];
    return kind;
}

/* "grade: B by quota-20-40-40 version 1, as of 2026-03-01, known up to commit 12", then one line a reason. */
static void why_head(kam_buf *out, const kam_record *v, int zh)
{
    const char *policy = kam_record_text(v, KAM_VERDICT_POLICY, NULL);
    kam__buf_printf(out, zh ? "%s：%s" : "%s: %s", why_subject(v, zh),
                    kam_record_text(v, KAM_VERDICT_RESULT, zh ? "无" : "none"));
    if (policy) kam__buf_printf(out, zh ? "，依据 %s" : ", by %s", policy);
    if (policy && kam_record_type(v, KAM_VERDICT_VERSION))
        kam__buf_printf(out, zh ? " 第 %s 版" : " version %s", kam_record_text(v, KAM_VERDICT_VERSION, ""));
    if (kam_record_type(v, KAM_VERDICT_AS_OF))
        kam__buf_printf(out, zh ? "，基准日 %s" : ", as of %s", kam_record_text(v, KAM_VERDICT_AS_OF, ""));
    if (kam_record_type(v, KAM_VERDICT_KNOWN))
        kam__buf_printf(out, zh ? "，已知至提交 %s" : ", known up to commit %s", kam_record_text(v, KAM_VERDICT_KNOWN, ""));
    if (kam_record_type(v, KAM_VERDICT_RUN))
        kam__buf_printf(out, zh ? "，运行 %s" : ", run %s", kam_record_text(v, KAM_VERDICT_RUN, ""));
    if (kam_record_i64(v, KAM_VERDICT_INPUTS_DIFFER, 0))
        kam__buf_str(out, zh ? "（输入数据此后已变）" : " (the inputs differ now)");
    kam__buf_char(out, '\n');
}

static int32_t why_reasons(kam_buf *out, const kam_why *why, int zh, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, why->reasons->schema, KAM_KIND_REASON, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < why->reasons->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(why->reasons, i, &bb, &row);
        kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
        rc = kam__record_load(r, &view, row, err);
        if (rc != KAM_OK) break;
        const char *text = kam_record_text(r, zh ? KAM_REASON_TEXT_ZH : KAM_REASON_TEXT, NULL);
        if (text) kam__buf_printf(out, "  %s\n", text);
        else
            kam__buf_printf(out, "  %s: %s\n", kam_record_text(r, KAM_REASON_FACTOR, ""),
                            kam_record_text(r, KAM_REASON_VALUE, ""));
    }
    kam_record_free(r);
    return rc;
}

int32_t kam_why_text(kam_buf *out, const kam_why *why, const char *lang, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (!why) return kam__null_arg(err, "why");
    if (lang && !kam__text_same(lang, "en") && !kam__text_same(lang, "zh"))
        return kam__fail(err, KAM_E_INVAL, "lang \"%s\" is not \"en\" or \"zh\"", lang);
    int zh = kam__text_same(lang, "zh");
    kam__buf_clear(out);
    why_head(out, why->verdict, zh);
    KAM__TRY(why_reasons(out, why, zh, err));
    return kam__buf_end(out, err);
}
