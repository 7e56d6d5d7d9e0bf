/*
 * report/page_worth.c - what the stored value runs say: three charts, each with its figures as a table. A chart without
 * a run is left out, and with all of them the section.
 */
#include "report.h"

int kam__page_has_worth(const kam__report *r) { return r->worth.nrfm || r->worth.nalive || r->worth.ntried; }

static void worth_caption(kam_buf *out, const kam__report *r, int title, int text, const kam__report_run *run, const char *more)
{
    kam__num a, b;
    kam__buf_str(out, "<figure class=\"fig\"><figcaption><b>");
    kam__html_word(out, r, title);
    kam__buf_str(out, "</b> ");
    kam__html_say(out, r, text, run->name ? run->name : "", kam__num_day(&a, run->as_of), more);
    kam__buf_char(out, ' ');
    kam__html_say(out, r, KAM__W_OF_RUN, kam__num_count(&b, run->id), NULL, NULL);
    kam__buf_str(out, "</figcaption>\n");
}

static void worth_cell(kam_buf *out, const char *text) { kam__buf_printf(out, "<td class=\"r\">%s</td>", text); }

static void worth_rfm(kam_buf *out, const kam__report *r)
{
    kam__num n;
    worth_caption(out, r, KAM__W_RFM, KAM__W_RFM_TEXT, &r->worth.value, NULL);
    kam__svg_rfm(out, r);
    kam__page_table_open(out, r);
    kam__page_head_row(out, r, (const int[]){KAM__W_RFM_R, KAM__W_RFM_F, KAM__W_COUNT, KAM__W_REVENUE}, 4, 2);
    for (int i = 24; i >= 0; i--) {
        int64_t revenue = 0;
        if (!r->worth.rfm[i / 5][i % 5] || kam__sum_get(&r->worth.rfm_revenue[i / 5][i % 5], &revenue)) continue;
        kam__buf_printf(out, "<tr><td>%d</td><td>%d</td>", i / 5 + 1, i % 5 + 1);
        worth_cell(out, kam__num_count(&n, r->worth.rfm[i / 5][i % 5]));
        worth_cell(out, kam__num_money(&n, r, revenue));
        kam__buf_str(out, "</tr>\n");
    }
    kam__page_table_close(out);
    kam__buf_str(out, "</figure>\n");
}

static void worth_alive(kam_buf *out, const kam__report *r)
{
    kam__num n;
    worth_caption(out, r, KAM__W_ALIVE, KAM__W_ALIVE_TEXT, &r->worth.clv, NULL);
    if (kam__text_same(r->worth.clv.name, "nbd")) {
        kam__buf_str(out, "<p>");
        kam__html_word(out, r, KAM__W_ALIVE_NBD);
        kam__buf_str(out, "</p>\n");
    }
    kam__svg_alive(out, r);
    kam__page_table_open(out, r);
    kam__page_head_row(out, r, (const int[]){KAM__W_ALIVE_SINCE, KAM__W_ALIVE_TIMES, KAM__W_COUNT, KAM__W_ALIVE_SHARE}, 4, 2);
    for (uint32_t y = 0; y < KAM__WORTH_SINCE; y++)
        for (uint32_t x = 0; x < KAM__WORTH_TIMES; x++) {
            int64_t accounts = r->worth.alive[y][x];
            if (!accounts) continue;
            kam__buf_printf(out, "<tr><td>%s</td><td>%s</td>", kam__worth_since(r, y), kam__worth_times(x));
            worth_cell(out, kam__num_count(&n, accounts));
            worth_cell(out, kam__num_percent(&n, r, r->worth.alive_sum[y][x], accounts * 10000));
            kam__buf_str(out, "</tr>\n");
        }
    kam__page_table_close(out);
    kam__buf_str(out, "</figure>\n");
}

/* 10^-4 to one decimal. */
static void worth_tenths(kam_buf *out, int64_t v)
{
    char text[48];
    kam__dec_format(text, (v + 500) / 1000, 1);
    worth_cell(out, text);
}

static void worth_tried(kam_buf *out, const kam__report *r)
{
    const kam__report_worth *w = &r->worth;
    kam__num days, n;
    int64_t expected = 0, came = 0;
    worth_caption(out, r, KAM__W_TRIED, KAM__W_TRIED_TEXT, &w->past, kam__num_count(&days, r->as_of - w->past.as_of));
    kam__buf_str(out, "<p class=\"key\"><i class=\"k1\"></i>");
    kam__html_word(out, r, KAM__W_TRIED_EXPECTED);
    kam__buf_str(out, "<i class=\"k3\"></i>");
    kam__html_word(out, r, KAM__W_TRIED_CAME);
    kam__buf_str(out, "</p>\n");
    kam__svg_tried(out, r);
    kam__page_table_open(out, r);
    kam__page_head_row(out, r, (const int[]){KAM__W_ALIVE_TIMES, KAM__W_COUNT, KAM__W_TRIED_EXPECTED, KAM__W_TRIED_CAME}, 4, 3);
    for (uint32_t i = 0; i < KAM__WORTH_TIMES; i++) {
        expected += w->tried[i].expected;
        came += w->tried[i].came;
        if (!w->tried[i].accounts) continue;
        kam__buf_printf(out, "<tr><td>%s</td>", kam__worth_times(i));
        worth_cell(out, kam__num_count(&n, w->tried[i].accounts));
        worth_tenths(out, w->tried[i].expected);
        worth_cell(out, kam__num_count(&n, w->tried[i].came));
        kam__buf_str(out, "</tr>\n");
    }
    kam__buf_str(out, "<tr><td>");
    kam__html_word(out, r, KAM__W_TRIED_ALL);
    kam__buf_str(out, "</td>");
    worth_cell(out, kam__num_count(&n, w->ntried));
    worth_tenths(out, expected);
    worth_cell(out, kam__num_count(&n, came));
    kam__buf_str(out, "</tr>\n");
    kam__page_table_close(out);
    kam__buf_str(out, "</figure>\n");
}

void kam__page_worth(kam_buf *out, const kam__report *r)
{
    if (!kam__page_has_worth(r)) return;
    kam__page_section(out, r, "worth", KAM__W_WORTH);
    kam__buf_str(out, "<div class=\"three\">\n");
    if (r->worth.nrfm) worth_rfm(out, r);
    if (r->worth.nalive) worth_alive(out, r);
    if (r->worth.ntried) worth_tried(out, r);
    kam__buf_str(out, "</div>\n</section>\n");
}
