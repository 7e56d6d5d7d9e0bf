/*
 * report/page.c - the page around its sections: head, summary, how revenue is spread, foot.
 *
 * A browser may apply the style sheet and nothing else: the content security policy names its hash. No script, no
 * address, no file; links lead to places on the page.
 */
#include "report.h"

typedef struct page_section {
    const char *id;
    int word;
} page_section;
static const page_section page_sections[] = {{"summary", KAM__W_SUMMARY},     {"spread", KAM__W_SPREAD},
                                             {"worth", KAM__W_WORTH},         {"grades", KAM__W_GRADES},
                                             {"accounts", KAM__W_KEYS},       {"plan", KAM__W_PLAN},
                                             {"unplanned", KAM__W_UNPLANNED}, {"problems", KAM__W_PROBLEMS}};

/* ---------------------------------------------------------------- head */

static void page_head(kam_buf *out, const kam__report *r)
{
    char hash[64];
    kam__report_style_hash(hash);
    kam__buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                    r->zh ? "zh-CN" : "en");
    kam__buf_printf(out,
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
                    "base-uri 'none'; form-action 'none'\">\n",
                    hash);
    kam__buf_str(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
                      "name=\"color-scheme\" content=\"light dark\">\n<title>");
    kam__html_text(out, r->title, 200);
    kam__buf_str(out, "</title>\n<style>");
    for (size_t i = 0; kam__report_style[i]; i++) kam__buf_str(out, kam__report_style[i]);
    kam__buf_str(out, "</style>\n</head>\n");
}

/* "grade scheme: <name> version 1 (3b8bba24b283)" */
static void page_policy(kam_buf *out, const kam__report *r, const kam__report_run *run, int64_t kind)
{
    kam__num v;
    char hash[13] = "";
    if (!run->id || !run->name) return;
    size_t len = run->hash ? strlen(run->hash) : 0;
    len = kam__utf8_cut(run->hash ? run->hash : "", len < 12 ? len : 12);
    if (len) memcpy(hash, run->hash, len);
    kam__buf_str(out, " \xC2\xB7 ");
    kam__html_text(out, kam__report_item(r->zh, "POLICY_KIND", kind), 0);
    kam__buf_str(out, r->zh ? "\xEF\xBC\x9A<bdi>" : ": <bdi>");
    kam__html_say(out, r, KAM__W_POLICY, run->name, kam__num_count(&v, run->version), hash);
    kam__buf_str(out, "</bdi>");
}

static void page_stand(kam_buf *out, const kam__report *r)
{
    kam__num a, b;
    kam__buf_str(out, "<p>");
    kam__html_say(out, r, KAM__W_AS_OF, kam__num_day(&a, r->as_of), NULL, NULL);
    kam__buf_str(out, " \xC2\xB7 ");
    kam__html_say(out, r, KAM__W_WINDOW, kam__num_day(&a, r->from),
                  kam__num_day(&b, r->to == KAM_DAY_END ? r->as_of : r->to - 1), NULL);
    kam__buf_str(out, " \xC2\xB7 ");
    kam__html_say(out, r, r->currency[0] ? KAM__W_CURRENCY : KAM__W_NO_CURRENCY, r->currency, NULL, NULL);
    kam__buf_str(out, "</p>\n<p>");
    kam__html_say(out, r, KAM__W_KNOWN, kam__num_count(&a, r->known), NULL, NULL);
    page_policy(out, r, &r->grading, KAM_POLICY_SCHEME);
    page_policy(out, r, &r->scoring, KAM_POLICY_SCORECARD);
    page_policy(out, r, &r->plan, KAM_POLICY_CADENCE);
    kam__buf_str(out, "</p>\n");
}

/* Patterns that the charts of the page use; they are seen nowhere by themselves. */
static void page_patterns(kam_buf *out)
{
    kam__buf_str(out, "<svg class=\"sr\" width=\"1\" height=\"1\" aria-hidden=\"true\"><defs>"
                      "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><path "
                      "class=\"h1\" d=\"M0 6L6 0\"/></pattern>"
                      "<pattern id=\"bars\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><rect "
                      "class=\"h2\" width=\"5\" height=\"5\"/>"
                      "<path class=\"h3\" d=\"M-1 6L6 -1\"/></pattern></defs></svg>\n");
}

void kam__page_begin(kam_buf *out, const kam__report *r)
{
    page_head(out, r);
    kam__buf_str(out, "<body>\n<header><div>\n<h1><bdi>");
    kam__html_text(out, r->title, 200);
    kam__buf_str(out, "</bdi></h1>\n");
    page_stand(out, r);
    kam__buf_str(out, "<nav aria-label=\"");
    kam__html_word(out, r, KAM__W_CONTENTS);
    kam__buf_str(out, "\">");
    for (size_t i = 0; i < KAM__LEN(page_sections); i++) {
        if (page_sections[i].word == KAM__W_WORTH && !kam__page_has_worth(r)) continue;
        kam__buf_printf(out, "<a href=\"#%s\">", page_sections[i].id);
        kam__html_word(out, r, page_sections[i].word);
        kam__buf_str(out, "</a>");
    }
    kam__buf_str(out, "</nav>\n</div></header>\n<main>\n");
    page_patterns(out);
}

/* ---------------------------------------------------------------- summary */

static void page_tile_open(kam_buf *out, const kam__report *r, int word, const char *cls, const char *big)
{
    kam__buf_printf(out, "<dl class=\"tile%s\"><dt>", cls);
    kam__html_word(out, r, word);
    kam__buf_str(out, "</dt><dd><div class=\"big\">");
    kam__html_text(out, big, 60);
    kam__buf_str(out, "</div><div class=\"sub\">");
}

static void page_tile(kam_buf *out, const kam__report *r, int word, const char *cls, const char *big, int sub,
                      const char *a, const char *b)
{
    page_tile_open(out, r, word, cls, big);
    if (sub >= 0) kam__html_say(out, r, sub, a, b, NULL);
    kam__buf_str(out, "</div></dd></dl>\n");
}

static void page_tiles_money(kam_buf *out, const kam__report *r)
{
    kam__num big, sub;
    int growth = r->has_before && r->before > 0;
    page_tile(out, r, KAM__W_REVENUE, "", kam__num_short(&big, r, r->revenue), growth ? KAM__W_AGAINST_BEFORE : -1,
              kam__num_growth(&sub, r, r->revenue, r->before), NULL);
    page_tile(out, r, KAM__W_CONTRIBUTION, r->contribution < 0 ? " warn" : "", kam__num_short(&big, r, r->contribution),
              KAM__W_OF_REVENUE, kam__num_percent(&sub, r, r->contribution, r->revenue), NULL);
    page_tile(out, r, KAM__W_BUYERS, "", kam__num_count(&big, r->buyers), KAM__W_OF_ACCOUNTS,
              kam__num_count(&sub, r->naccount), NULL);
    page_tile(out, r, KAM__W_TOP20, "", r->curve.n ? kam__num_share(&big, r, r->top20) : "\xE2\x80\x93",
              KAM__W_TOP20_SUB, kam__num_count(&sub, r->reach80), NULL);
    kam__num gini;
    char text[48];
    kam__dec_format(text, (int64_t)(r->gini * 100 + 0.5), 2);
    memcpy(gini.text, text, sizeof text);
    page_tile(out, r, KAM__W_GINI, "", r->curve.n ? gini.text : "\xE2\x80\x93", KAM__W_GINI_SUB, NULL, NULL);
    page_tile(out, r, KAM__W_UNPROFITABLE, r->unprofitable ? " warn" : "", kam__num_count(&big, r->unprofitable),
              KAM__W_UNPROFITABLE_SUB, kam__num_short(&sub, r, -r->loss), NULL);
}

static void page_tiles_work(kam_buf *out, const kam__report *r)
{
    static const int sub_of[] = {0, KAM__W_KEY_TIER_SUB, KAM__W_KEY_GRADE_SUB, KAM__W_KEY_SCORE_SUB,
                                 KAM__W_KEY_REVENUE_SUB};
    kam__num big, sub, other;
    uint32_t visits = 0;
    page_tile(out, r, KAM__W_KEYS, "", kam__num_count(&big, r->nkey), sub_of[r->key_how],
              r->ngrade > 1 ? r->grade[1].name : "", NULL);
    if (r->due_known)
        page_tile(out, r, KAM__W_DUE, r->noverdue ? " warn" : "", kam__num_count(&big, r->ndue), KAM__W_DUE_SUB,
                  kam__num_count(&sub, r->noverdue), NULL);
    else
        page_tile(out, r, KAM__W_DUE, "", "\xE2\x80\x93", KAM__W_DUE_UNKNOWN, NULL, NULL);
    for (uint32_t i = 0; i < r->nentry; i++) visits += r->entry[i].channel == KAM_CHANNEL_VISIT;
    if (r->plan.id)
        page_tile(out, r, KAM__W_PLANNED, "", kam__num_count(&big, r->nentry), KAM__W_PLANNED_SUB,
                  kam__num_count(&sub, visits), kam__num_count(&other, r->nentry - visits));
    else
        page_tile(out, r, KAM__W_PLANNED, "", "\xE2\x80\x93", KAM__W_NOT_PLANNED_YET, NULL, NULL);
    if (r->plan.id)
        page_tile(out, r, KAM__W_UNPLANNED, r->nunplanned ? " warn" : "", kam__num_count(&big, r->nunplanned),
                  KAM__W_UNPLANNED_SUB, NULL, NULL);
    else
        page_tile(out, r, KAM__W_UNPLANNED, "", "\xE2\x80\x93", KAM__W_NOT_PLANNED_YET, NULL, NULL);
}

static void page_months(kam_buf *out, const kam__report *r)
{
    kam__num n;
    uint32_t digits = 0;
    if (!r->nmonth) return;
    kam__buf_str(out, "<figure class=\"fig\"><figcaption><b>");
    kam__html_word(out, r, KAM__W_BY_MONTH);
    kam__buf_str(out, "</b> ");
    const char *unit = kam__num_unit(r, kam__report_high_month(r), &digits);
    if (unit[0]) kam__html_say(out, r, KAM__W_IN_UNIT, unit, r->currency, NULL);
    kam__buf_str(out, "</figcaption>\n");
    kam__svg_months(out, r);
    kam__page_table_open(out, r);
    kam__page_head_row(out, r, (const int[]){KAM__W_MONTH, KAM__W_REVENUE}, 2, 1);
    for (uint32_t i = 0; i < r->nmonth; i++) {
        kam__num_day(&n, r->month[i].day);
        n.text[7] = '\0';
        kam__buf_printf(out, "<tr><td>%s</td>", n.text);
        kam__buf_printf(out, "<td class=\"r\">%s</td></tr>\n", kam__num_money(&n, r, r->month[i].revenue));
    }
    kam__page_table_close(out);
    kam__buf_str(out, "</figure>\n");
}

void kam__page_section(kam_buf *out, const kam__report *r, const char *id, int word)
{
    kam__buf_printf(out, "<section id=\"%s\"><h2>", id);
    kam__html_word(out, r, word);
    kam__buf_str(out, "</h2>\n");
}

void kam__page_none(kam_buf *out, const kam__report *r, int word)
{
    kam__buf_str(out, "<p class=\"none\">");
    kam__html_word(out, r, word);
    kam__buf_str(out, "</p>\n");
}

void kam__page_table_open(kam_buf *out, const kam__report *r)
{
    kam__buf_str(out, "<details><summary>");
    kam__html_word(out, r, KAM__W_TABLE);
    kam__buf_str(out, "</summary><table>\n");
}

void kam__page_table_close(kam_buf *out) { kam__buf_str(out, "</tbody></table></details>\n"); }

void kam__page_head_row(kam_buf *out, const kam__report *r, const int *word, size_t n, uint32_t right)
{
    kam__buf_str(out, "<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        kam__buf_printf(out, "<th scope=\"col\"%s>", i >= n - right ? " class=\"r\"" : "");
        kam__html_word(out, r, word[i]);
        kam__buf_str(out, "</th>");
    }
    kam__buf_str(out, "</tr></thead><tbody>\n");
}

void kam__page_summary(kam_buf *out, const kam__report *r)
{
    kam__page_section(out, r, "summary", KAM__W_SUMMARY);
    kam__buf_str(out, "<div class=\"tiles\">\n");
    page_tiles_money(out, r);
    page_tiles_work(out, r);
    kam__buf_str(out, "</div>\n");
    if (r->curve.n) {
        kam__buf_str(out, "<div class=\"two\">\n");
        page_months(out, r);
        kam__page_by_grade(out, r);
        kam__buf_str(out, "</div>\n");
    }
    kam__buf_str(out, "</section>\n");
}
