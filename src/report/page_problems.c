/*
 * report/page_problems.c - what could not be planned, what is wrong with the data, and how to read the page.
 */
#include "report.h"

/* ---------------------------------------------------------------- not planned */

static void unplanned_row(kam_buf *out, const kam__report *r, const kam__report_unplanned *u)
{
    kam__num n;
    uint8_t grade = 0;
    for (uint32_t i = 1; i < r->ngrade && u->grade; i++)
        if (kam__text_same(r->grade[i].name, u->grade)) grade = (uint8_t)i;
    kam__buf_str(out, "<tr><td>");
    if (u->name)
        kam__html_name(out, u->name);
    else
        kam__html_account(out, r, u->account);
    kam__buf_char(out, ' ');
    kam__html_grade(out, r, grade);
    kam__buf_str(out, "</td><td class=\"opt\">");
    kam__html_rep(out, r, u->representative);
    kam__buf_str(out, "</td><td>");
    kam__html_text(out, kam__report_item(r->zh, "CHANNEL", u->channel), 0);
    kam__buf_printf(out, "</td><td class=\"n\">%s</td><td class=\"why\"><b>", kam__num_day(&n, u->due));
    kam__html_text(out, kam__report_item(r->zh, "UNPLANNED", u->code), 0);
    kam__buf_str(out, "</b> <bdi>");
    kam__html_text(out, u->reason, KAM__REPORT_REASON);
    kam__buf_str(out, "</bdi></td></tr>\n");
}

enum { UNPLANNED_CODES = KAM_UNPLANNED_LOCKS + 1 };

static void unplanned_sums(kam_buf *out, const kam__report *r)
{
    uint32_t count[UNPLANNED_CODES] = {0};
    kam__num n;
    int before = 0;
    for (uint32_t i = 0; i < r->nunplanned; i++)
        if (r->unplanned[i].code > 0 && r->unplanned[i].code < UNPLANNED_CODES) count[r->unplanned[i].code]++;
    kam__buf_str(out, "<p>");
    for (int c = 1; c < UNPLANNED_CODES; c++) {
        if (!count[c]) continue;
        if (before++) kam__buf_str(out, " \xC2\xB7 ");
        kam__html_text(out, kam__report_item(r->zh, "UNPLANNED", c), 0);
        kam__buf_printf(out, ": <b>%s</b>", kam__num_count(&n, count[c]));
    }
    kam__buf_str(out, "</p>\n");
}

void kam__page_unplanned(kam_buf *out, const kam__report *r)
{
    static const kam__page_col head[] = {{KAM__W_ACCOUNT, NULL}, {KAM__W_OWNER, "opt"}, {KAM__W_CHANNEL, NULL},
                                         {KAM__W_DUE_DAY, NULL}, {KAM__W_REASON, NULL}};
    uint32_t shown = r->nunplanned < KAM__REPORT_CHANGES ? r->nunplanned : KAM__REPORT_CHANGES;
    kam__page_section(out, r, "unplanned", KAM__W_UNPLANNED);
    if (!r->plan.id)
        kam__page_none(out, r, KAM__W_NO_PLAN);
    else if (!r->nunplanned)
        kam__page_none(out, r, KAM__W_ALL_PLANNED);
    else {
        kam__buf_str(out, "<p class=\"lead\">");
        kam__html_word(out, r, KAM__W_UNPLANNED_LEAD);
        kam__buf_str(out, "</p>\n");
        unplanned_sums(out, r);
        kam__page_list_open(out, r, 1, head, KAM__LEN(head));
        for (uint32_t i = 0; i < shown; i++) unplanned_row(out, r, &r->unplanned[i]);
        kam__page_list_close(out, r, r->nunplanned - shown);
    }
    kam__buf_str(out, "</section>\n");
}

/* ---------------------------------------------------------------- problems */

static void problem_item(kam_buf *out, const kam__report *r, int kind, const kam__report_account *a)
{
    kam__num n;
    kam__buf_str(out, "<li>");
    kam__html_account(out, r, a->id);
    if (kind == KAM__BAD_LOSS)
        kam__buf_printf(out, " <span class=\"neg\">%s</span>", kam__num_money(&n, r, a->contribution));
    else if (kind == KAM__BAD_REP) {
        kam__buf_str(out, " \xC2\xB7 ");
        kam__html_rep(out, r, a->owner);
    } else if (kind == KAM__BAD_PLACE) {
        kam__buf_str(out, " <small>");
        kam__buf_dec(out, a->latitude, 6);
        kam__buf_str(out, ", ");
        kam__buf_dec(out, a->longitude, 6);
        kam__buf_str(out, "</small>");
    }
    kam__buf_str(out, "</li>\n");
}

/* Returns 1 if there is anything to say. */
static int problem_box(kam_buf *out, const kam__report *r, int kind, int title, int text)
{
    uint32_t shown[KAM__REPORT_PROBLEMS], k = 0, n = kam__report_bad_list(r, kind, shown, &k);
    kam__num count;
    if (!n) return 0;
    kam__buf_str(out, "<div class=\"box\"><h3><span>");
    kam__html_word(out, r, title);
    kam__buf_printf(out, "</span><span>%s</span></h3><p>", kam__num_count(&count, n));
    kam__html_word(out, r, text);
    kam__buf_str(out, "</p><ul>\n");
    for (uint32_t i = 0; i < k; i++) problem_item(out, r, kind, &r->account[shown[i]]);
    kam__buf_str(out, "</ul>");
    kam__html_more(out, r, n - k);
    kam__buf_str(out, "</div>\n");
    return 1;
}

void kam__page_problems(kam_buf *out, const kam__report *r)
{
    static const int words[KAM__BAD_KINDS][2] = {[KAM__BAD_OWNER] = {KAM__W_BAD_OWNER, KAM__W_BAD_OWNER_TEXT},
                                                 [KAM__BAD_REP] = {KAM__W_BAD_REP, KAM__W_BAD_REP_TEXT},
                                                 [KAM__BAD_PLACE] = {KAM__W_BAD_PLACE, KAM__W_BAD_PLACE_TEXT},
                                                 [KAM__BAD_NO_PLACE] = {KAM__W_BAD_NO_PLACE, KAM__W_BAD_NO_PLACE_TEXT},
                                                 [KAM__BAD_LOSS] = {KAM__W_BAD_LOSS, KAM__W_BAD_LOSS_TEXT},
                                                 [KAM__BAD_SILENT] = {KAM__W_BAD_SILENT, KAM__W_BAD_SILENT_TEXT}};
    int any = 0;
    kam__page_section(out, r, "problems", KAM__W_PROBLEMS);
    kam__buf_str(out, "<p class=\"lead\">");
    kam__html_word(out, r, KAM__W_PROBLEMS_LEAD);
    kam__buf_str(out, "</p>\n<div class=\"bad\">\n");
    for (int kind = 0; kind < KAM__BAD_KINDS; kind++) any |= problem_box(out, r, kind, words[kind][0], words[kind][1]);
    kam__buf_str(out, "</div>\n");
    if (!any) kam__page_none(out, r, KAM__W_NO_PROBLEMS);
    kam__buf_str(out, "</section>\n");
}

/* ---------------------------------------------------------------- foot */

void kam__page_end(kam_buf *out, const kam__report *r)
{
    kam__buf_str(out, "</main>\n<footer><h2>");
    kam__html_word(out, r, KAM__W_HOW_TO_READ);
    kam__buf_str(out, "</h2>\n");
    for (int w = KAM__W_READ_1; w <= KAM__W_READ_4; w++) {
        kam__buf_str(out, "<p>");
        kam__html_word(out, r, w);
        kam__buf_str(out, "</p>\n");
    }
    kam__buf_str(out, "</footer>\n</body>\n</html>\n");
}

int32_t kam__page(kam_buf *out, const kam__report *r, kam_error *err)
{
    kam__page_begin(out, r);
    kam__page_summary(out, r);
    kam__page_spread(out, r);
    kam__page_worth(out, r);
    kam__page_grades(out, r);
    kam__page_accounts(out, r);
    kam__page_plan(out, r);
    kam__page_unplanned(out, r);
    kam__page_problems(out, r);
    kam__page_end(out, r);
    return kam__buf_end(out, err);
}
