/*
 * report/page_grades.c - grades: what each brings, how accounts moved between them, and why.
 */
#include "report.h"

static const char *grades_name(const kam__report *r, uint32_t g)
{
    return g ? r->grade[g].name : kam__report_word(r->zh, KAM__W_NO_GRADE);
}

/* ---------------------------------------------------------------- what a grade brings */

static void grades_table(kam_buf *out, const kam__report *r)
{
    kam__num n;
    kam__page_table_open(out, r);
    kam__page_head_row(out, r, (const int[]){KAM__W_GRADE, KAM__W_COUNT, KAM__W_REVENUE, KAM__W_CONTRIBUTION}, 4, 3);
    for (uint32_t k = 1; k <= r->ngrade; k++) {
        uint32_t i = k == r->ngrade ? 0 : k;
        const kam__report_grade *g = &r->grade[i];
        if (!g->accounts) continue;
        kam__buf_str(out, "<tr><td>");
        kam__html_name(out, grades_name(r, i));
        kam__buf_printf(out, "</td><td class=\"r\">%s</td>", kam__num_count(&n, g->accounts));
        kam__buf_printf(out, "<td class=\"r\">%s</td>", kam__num_money(&n, r, g->revenue));
        kam__buf_printf(out, "<td class=\"r\">%s</td></tr>\n", kam__num_money(&n, r, g->contribution));
    }
    kam__page_table_close(out);
}

void kam__page_by_grade(kam_buf *out, const kam__report *r)
{
    kam__buf_str(out, "<figure class=\"fig\"><figcaption><b>");
    kam__html_word(out, r, KAM__W_BY_GRADE);
    kam__buf_str(out, "</b><span class=\"key\"><i class=\"k1\"></i>");
    kam__html_word(out, r, KAM__W_REVENUE);
    kam__buf_str(out, "<i class=\"k3\"></i>");
    kam__html_word(out, r, KAM__W_CONTRIBUTION);
    kam__buf_str(out, "</span></figcaption>\n");
    kam__svg_grades(out, r);
    grades_table(out, r);
    kam__buf_str(out, "</figure>\n");
}

/* ---------------------------------------------------------------- from where to where */

static int grades_used(const kam__report *r, uint32_t g)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->ngrade; i++) n += r->flow[g][i] + r->flow[i][g];
    return n > 0;
}

static void grades_matrix(kam_buf *out, const kam__report *r)
{
    kam__num n;
    kam__buf_str(out, "<div class=\"scroll\"><table><thead><tr><th>");
    kam__html_word(out, r, KAM__W_FLOW_FROM);
    kam__buf_str(out, "</th>");
    for (uint32_t k = 1; k <= r->ngrade; k++) {
        uint32_t i = k == r->ngrade ? 0 : k;
        if (!grades_used(r, i)) continue;
        kam__buf_str(out, "<th class=\"r\" scope=\"col\">");
        kam__html_name(out, grades_name(r, i));
        kam__buf_str(out, "</th>");
    }
    kam__buf_str(out, "</tr></thead><tbody>\n");
    for (uint32_t k = 1; k <= r->ngrade; k++) {
        uint32_t from = k == r->ngrade ? 0 : k;
        if (!grades_used(r, from)) continue;
        kam__buf_str(out, "<tr><th scope=\"row\">");
        kam__html_name(out, grades_name(r, from));
        kam__buf_str(out, "</th>");
        for (uint32_t j = 1; j <= r->ngrade; j++) {
            uint32_t to = j == r->ngrade ? 0 : j;
            if (!grades_used(r, to)) continue;
            kam__buf_printf(out, "<td class=\"r%s\">%s</td>", from == to ? " diag" : "",
                            r->flow[from][to] ? kam__num_count(&n, r->flow[from][to]) : "\xC2\xB7");
        }
        kam__buf_str(out, "</tr>\n");
    }
    kam__buf_str(out, "</tbody></table></div>\n");
}

static void grades_flows(kam_buf *out, const kam__report *r)
{
    kam__buf_str(out, "<div class=\"two\"><figure class=\"fig\"><figcaption><b>");
    kam__html_word(out, r, KAM__W_FLOW);
    kam__buf_str(out, "</b> ");
    kam__html_word(out, r, KAM__W_FLOW_TEXT);
    kam__buf_str(out, "</figcaption>\n");
    kam__svg_flow(out, r);
    kam__buf_str(out, "</figure>\n<div class=\"fig\"><h3>");
    kam__html_word(out, r, KAM__W_FLOW_TABLE);
    kam__buf_str(out, "</h3>\n");
    grades_matrix(out, r);
    kam__buf_str(out, "<dl class=\"grades\">");
    for (uint32_t i = 1; i < r->ngrade; i++) {
        if (!r->grade[i].label) continue;
        kam__buf_str(out, "<dt>");
        kam__html_grade(out, r, i);
        kam__buf_str(out, "</dt><dd>");
        kam__html_text(out, r->grade[i].label, KAM__REPORT_NAME);
        kam__buf_str(out, "</dd>");
    }
    kam__buf_str(out, "</dl></div></div>\n");
}

/* ---------------------------------------------------------------- changes and reasons */

static void grades_change(kam_buf *out, const kam__report *r, const kam__report_change *c)
{
    kam__num n;
    const kam__report_account *a = kam__report_account_of(r, c->account);
    kam__buf_str(out, "<tr><td>");
    kam__html_account(out, r, c->account);
    kam__buf_str(out, "</td><td class=\"n\">");
    kam__html_grade(out, r, c->old);
    kam__buf_str(out, r->nominal || !c->old || !c->now ? " \xE2\x86\x92 "
                      : c->now < c->old                ? " \xE2\x96\xB2 "
                                                       : " \xE2\x96\xBC ");
    kam__html_grade(out, r, c->now);
    kam__buf_str(out, "</td><td class=\"opt\">");
    kam__html_rep(out, r, a ? a->owner : 0);
    kam__buf_printf(out, "</td><td class=\"r\">%s</td><td class=\"why\">",
                    a ? kam__num_money(&n, r, a->revenue) : "\xE2\x80\x93");
    if (c->by_hand) {
        kam__buf_str(out, "<b>");
        kam__html_word(out, r, KAM__W_BY_HAND);
        kam__buf_str(out, "</b> ");
    }
    kam__buf_str(out, "<bdi>");
    kam__html_text(out, c->reason, KAM__REPORT_REASON);
    kam__buf_str(out, "</bdi></td></tr>\n");
}

static void grades_changes(kam_buf *out, const kam__report *r)
{
    static const kam__page_col head[] = {{KAM__W_ACCOUNT, NULL}, {KAM__W_FROM_TO, NULL}, {KAM__W_OWNER, "opt"},
                                         {KAM__W_REVENUE, "r"},  {KAM__W_REASON, NULL}};
    uint32_t n = 0, shown;
    kam__num count;
    while (n < r->nchange && r->change[n].old) n++; /* first grades are last */
    shown = n < KAM__REPORT_CHANGES ? n : KAM__REPORT_CHANGES;
    kam__buf_str(out, "<h3>");
    kam__html_word(out, r, KAM__W_CHANGES);
    kam__buf_str(out, "</h3>\n");
    if (!n)
        kam__page_none(out, r, KAM__W_NO_CHANGES);
    else {
        kam__page_list_open(out, r, 1, head, KAM__LEN(head));
        for (uint32_t i = 0; i < shown; i++) grades_change(out, r, &r->change[i]);
        kam__page_list_close(out, r, n - shown);
    }
    if (!r->firsts) return;
    kam__buf_str(out, "<p class=\"more\">");
    kam__html_say(out, r, KAM__W_FIRST_ONLY, kam__num_count(&count, r->firsts), NULL, NULL);
    kam__buf_str(out, "</p>\n");
}

void kam__page_grades(kam_buf *out, const kam__report *r)
{
    kam__num a, b, c;
    kam__page_section(out, r, "grades", KAM__W_GRADES);
    if (!r->grading.id)
        kam__page_none(out, r, KAM__W_NO_GRADING);
    else {
        kam__buf_str(out, "<p class=\"lead\">");
        kam__html_say(out, r, KAM__W_GRADING_LEAD, r->scheme, kam__num_count(&a, r->grading.id),
                      kam__num_day(&b, r->grading.as_of));
        kam__buf_char(out, ' ');
        if (r->nominal)
            kam__html_say(out, r, KAM__W_GRADE_OTHERS, kam__num_count(&a, r->others), NULL, NULL);
        else
            kam__html_say(out, r, KAM__W_GRADE_SUMS, kam__num_count(&a, r->better), kam__num_count(&b, r->worse),
                          kam__num_count(&c, r->firsts));
        kam__buf_str(out, "</p>\n");
        grades_flows(out, r);
        grades_changes(out, r);
    }
    kam__buf_str(out, "</section>\n");
}
