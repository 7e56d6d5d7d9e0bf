/*
 * report/page_spread.c - where the revenue comes from, and where the contribution: three curves, each with its figures
 * as a table for those who do not see it.
 */
#include "report.h"

static void spread_caption(kam_buf *out, const kam__report *r, int title, int text)
{
    kam__buf_str(out, "<figure class=\"fig\"><figcaption><b>");
    kam__html_word(out, r, title);
    kam__buf_str(out, "</b> ");
    kam__html_word(out, r, text);
    kam__buf_str(out, "</figcaption>\n");
}

/* Value of a curve where a tenth of its points is passed, to the nearest point drawn. */
static void spread_table(kam_buf *out, const kam__report *r, const kam__report_curve *c, int share, int smallest)
{
    kam__num n;
    kam__page_table_open(out, r);
    kam__page_head_row(out, r, (const int[]){KAM__W_SHARE_ACCOUNTS, KAM__W_COUNT, share}, 3, 2);
    for (uint32_t i = 1; i <= 10 && c->npoint > 1; i++) {
        uint32_t at = (c->npoint - 1) * i / 10;
        if (!at) continue;
        uint32_t back = c->npoint - 1 - at, rank = smallest ? c->n - c->rank[back] : c->rank[at];
        int64_t cum = smallest ? c->total - c->cum[back] : c->cum[at];
        kam__buf_printf(out, "<tr><td>%s</td>", kam__num_percent(&n, r, rank, c->n));
        kam__buf_printf(out, "<td class=\"r\">%s</td>", kam__num_count(&n, rank));
        kam__buf_printf(out, "<td class=\"r\">%s</td></tr>\n", kam__num_percent(&n, r, cum, c->total));
    }
    kam__page_table_close(out);
}

static void spread_item(kam_buf *out, const kam__report *r, int word, const char *a, const char *b, const char *c)
{
    kam__buf_str(out, "<li>");
    kam__html_say(out, r, word, a, b, c);
    kam__buf_str(out, "</li>");
}

static void spread_pareto(kam_buf *out, const kam__report *r)
{
    kam__num a, b;
    spread_caption(out, r, KAM__W_PARETO, KAM__W_PARETO_DESC);
    kam__svg_pareto(out, r);
    kam__buf_str(out, "<ol>");
    spread_item(out, r, KAM__W_PARETO_1, kam__num_count(&a, (r->curve.n + 4) / 5), kam__num_share(&b, r, r->top20),
                NULL);
    spread_item(out, r, KAM__W_PARETO_2, kam__num_count(&a, r->reach80),
                kam__num_percent(&b, r, r->reach80, r->curve.n), NULL);
    kam__buf_str(out, "</ol>\n");
    spread_table(out, r, &r->curve, KAM__W_SHARE_REVENUE, 0);
    kam__buf_str(out, "</figure>\n");
}

static void spread_lorenz(kam_buf *out, const kam__report *r)
{
    char gini[48];
    kam__dec_format(gini, (int64_t)(r->gini * 100 + 0.5), 2);
    kam__buf_str(out, "<figure class=\"fig\"><figcaption><b>");
    kam__html_word(out, r, KAM__W_LORENZ);
    kam__buf_str(out, "</b> ");
    kam__html_say(out, r, KAM__W_LORENZ_TEXT, gini, NULL, NULL);
    kam__buf_str(out, "</figcaption>\n");
    kam__svg_lorenz(out, r);
    spread_table(out, r, &r->curve, KAM__W_SHARE_REVENUE, 1);
    kam__buf_str(out, "</figure>\n");
}

static void spread_profit(kam_buf *out, const kam__report *r)
{
    kam__num a, b, c;
    int64_t peak = 0;
    for (uint32_t i = 0; i < r->profit.npoint; i++)
        if (r->profit.cum[i] > peak) peak = r->profit.cum[i];
    spread_caption(out, r, KAM__W_PROFIT_CURVE, KAM__W_PROFIT_DESC);
    kam__svg_profit(out, r);
    kam__buf_str(out, "<ol>");
    spread_item(out, r, KAM__W_PROFIT_1, kam__num_short(&a, r, peak), NULL, NULL);
    spread_item(out, r, r->unprofitable ? KAM__W_PROFIT_2 : KAM__W_PROFIT_2_NONE,
                kam__num_short(&a, r, r->contribution), kam__num_count(&b, r->unprofitable),
                kam__num_short(&c, r, -r->loss));
    kam__buf_str(out, "</ol>\n");
    spread_table(out, r, &r->profit, KAM__W_SHARE_CONTRIBUTION, 0);
    kam__buf_str(out, "</figure>\n");
}

void kam__page_spread(kam_buf *out, const kam__report *r)
{
    kam__num a, b;
    kam__page_section(out, r, "spread", KAM__W_SPREAD);
    if (!r->curve.n)
        kam__page_none(out, r, KAM__W_NO_REVENUE);
    else {
        kam__buf_str(out, "<p class=\"lead\">");
        kam__html_say(out, r, KAM__W_SPREAD_LEAD, kam__num_count(&a, r->buyers), kam__num_count(&b, r->naccount), NULL);
        kam__buf_str(out, "</p>\n<div class=\"three\">\n");
        spread_pareto(out, r);
        spread_lorenz(out, r);
        spread_profit(out, r);
        kam__buf_str(out, "</div>\n");
    }
    kam__buf_str(out, "</section>\n");
}
