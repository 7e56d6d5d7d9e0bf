/*
 * report/page_plan.c - the visit plan: what each representative has to do, then a calendar for each with the day's
 * visits in order and a sketch of the way.
 *
 * A representative's calendar begins a sheet of its own on paper: it is what one takes along.
 */
#include "report.h"

/* ---------------------------------------------------------------- one day */

/* `channel`: it is said here, because the one before has another. */
static void plan_stop(kam_buf *out, const kam__report *r, const kam__report_entry *e, int channel)
{
    uint8_t grade = 0;
    kam__buf_str(out, "<li>");
    if (channel) {
        kam__buf_str(out, "<small>");
        kam__html_text(out, kam__report_item(r->zh, "CHANNEL", e->channel), 0);
        kam__buf_str(out, "</small> ");
    }
    if (e->name)
        kam__html_name(out, e->name);
    else
        kam__html_account(out, r, e->account);
    for (uint32_t i = 1; i < r->ngrade && e->grade; i++)
        if (kam__text_same(r->grade[i].name, e->grade)) grade = (uint8_t)i;
    if (grade) {
        kam__buf_char(out, ' ');
        kam__html_grade(out, r, grade);
    }
    if (e->locked) {
        kam__buf_str(out, " <span class=\"chip calm\">");
        kam__html_word(out, r, KAM__W_LOCKED);
        kam__buf_str(out, "</span>");
    }
    kam__buf_str(out, "</li>");
}

static void plan_stops(kam_buf *out, const kam__report *r, uint32_t first, uint32_t n, int call)
{
    kam__num count;
    if (!n) return;
    kam__buf_str(out, call ? "<ul>" : "<ol>");
    for (uint32_t i = 0; i < n && i < KAM__REPORT_STOPS; i++)
        plan_stop(out, r, &r->entry[first + i],
                  call && (!i || r->entry[first + i].channel != r->entry[first + i - 1].channel));
    if (n > KAM__REPORT_STOPS) {
        kam__buf_str(out, "<li>");
        kam__html_say(out, r, KAM__W_STOPS_MORE, kam__num_count(&count, n - KAM__REPORT_STOPS), NULL, NULL);
        kam__buf_str(out, "</li>");
    }
    kam__buf_str(out, call ? "</ul>" : "</ol>");
}

/* Holiday or absence on the day: its name; NULL = none. */
static const char *plan_off(const kam__report *r, int64_t rep, int32_t day)
{
    for (uint32_t i = 0; i < r->noff; i++) {
        const kam__report_off *o = &r->off[i];
        if (day < o->first || day > o->last || (o->representative && o->representative != rep)) continue;
        if (o->representative) return kam__report_word(r->zh, KAM__W_ABSENT);
        return o->name ? o->name : kam__report_item(r->zh, "CALENDAR_DAY", o->kind);
    }
    return NULL;
}

static void plan_day(kam_buf *out, const kam__report *r, const kam__report_rep *p, int32_t day, uint32_t first,
                     uint32_t n)
{
    kam__num text;
    uint32_t visits = 0;
    int64_t metres = 0;
    const char *off = plan_off(r, p->id, day);
    while (visits < n && r->entry[first + visits].channel == KAM_CHANNEL_VISIT)
        metres += r->entry[first + visits++].metres;
    kam__buf_printf(out, "<div class=\"day%s\"><h5>", n || off ? "" : " empty");
    kam__html_text(out, kam__num_weekday(&text, r, day), 0);
    if (metres > 0) kam__buf_printf(out, "<small>%s</small>", kam__num_km(&text, metres));
    kam__buf_str(out, "</h5>");
    if (off) {
        kam__buf_str(out, "<p class=\"off\">");
        kam__html_name(out, off);
        kam__buf_str(out, "</p>");
    }
    kam__svg_map(out, r, p, first, n);
    plan_stops(out, r, first, visits, 0);
    plan_stops(out, r, first + visits, n - visits, 1);
    kam__buf_str(out, "</div>\n");
}

/* ---------------------------------------------------------------- weeks */

/* Entries of [from, to): where they begin, how many. */
static uint32_t plan_between(const kam__report *r, const kam__report_rep *p, int32_t from, int32_t to, uint32_t *n)
{
    uint32_t first = p->first, end = p->first + p->n;
    while (first < end && r->entry[first].day < from) first++;
    for (*n = 0; first + *n < end && r->entry[first + *n].day < to;) ++*n;
    return first;
}

/* Five days, or as far as there is something to do at the weekend. */
static int plan_width(const kam__report *r, uint32_t first, uint32_t n)
{
    int width = n ? kam__weekday(r->entry[first + n - 1].day) : 0;
    return width > 5 ? width : 5;
}

static void plan_week(kam_buf *out, const kam__report *r, const kam__report_rep *p, int32_t monday)
{
    kam__num week, day;
    int32_t year = 0, number = 0;
    uint32_t n = 0;
    uint32_t begin = plan_between(r, p, monday, monday + 7, &n);
    int width = plan_width(r, begin, n);
    kam__iso_week(monday, &year, &number);
    kam__buf_str(out, "<div class=\"week\"><h4>");
    kam__html_say(out, r, KAM__W_WEEK, kam__num_count(&week, number), kam__num_day(&day, monday), NULL);
    if (!n) {
        kam__buf_str(out, " \xE2\x80\x93 ");
        kam__html_word(out, r, KAM__W_EMPTY_WEEK);
        kam__buf_str(out, "</h4></div>\n");
        return;
    }
    kam__buf_printf(out, "</h4><div class=\"days d%d\">\n", width);
    for (int i = 0; i < width; i++) {
        uint32_t first = plan_between(r, p, monday + i, monday + i + 1, &n);
        plan_day(out, r, p, monday + i, first, n);
    }
    kam__buf_str(out, "</div></div>\n");
}

static void plan_calendar(kam_buf *out, const kam__report *r, const kam__report_rep *p, int32_t monday, uint32_t weeks)
{
    kam__num visits, days, km;
    kam__buf_str(out, "<details class=\"rep\" open><summary>");
    kam__html_name(out, p->name);
    kam__buf_str(out, " <small>");
    kam__html_say(out, r, KAM__W_REP_SUB, kam__num_count(&visits, p->visits), kam__num_count(&days, p->days),
                  kam__num_km(&km, p->metres));
    kam__buf_str(out, " \xC2\xB7 ");
    kam__html_say(out, r, KAM__W_REP_CALLS, kam__num_count(&visits, p->calls), NULL, NULL);
    kam__buf_str(out, "</small></summary>\n");
    for (uint32_t w = 0; w < weeks; w++) plan_week(out, r, p, monday + 7 * (int32_t)w);
    if (p->n && r->entry[p->first + p->n - 1].day >= monday + 7 * (int32_t)weeks) {
        kam__buf_str(out, "<p class=\"more\">");
        kam__html_word(out, r, KAM__W_LATER_WEEKS);
        kam__buf_str(out, "</p>\n");
    }
    kam__buf_str(out, "</details>\n");
}

/* ---------------------------------------------------------------- everybody */

static void plan_row(kam_buf *out, const kam__report *r, const kam__report_rep *p)
{
    kam__num n;
    kam__buf_str(out, "<tr><td>");
    kam__html_name(out, p->name);
    if (!p->accounts && !p->n) {
        kam__buf_str(out, " <span class=\"chip calm\">");
        kam__html_word(out, r, KAM__W_NOBODY);
        kam__buf_str(out, "</span>");
    }
    kam__buf_printf(out, "</td><td class=\"r\">%s</td>", kam__num_count(&n, p->accounts));
    kam__buf_printf(out, "<td class=\"r\">%s</td>", kam__num_count(&n, p->visits));
    kam__buf_printf(out, "<td class=\"r\">%s</td>", kam__num_count(&n, p->calls));
    kam__buf_printf(out, "<td class=\"r opt\">%s</td>", kam__num_count(&n, p->days));
    kam__buf_printf(out, "<td class=\"r opt\">%s</td>", kam__num_km(&n, p->metres));
    kam__buf_printf(out, "<td class=\"r%s\">%s</td></tr>\n", p->unplanned ? " neg" : "",
                    kam__num_count(&n, p->unplanned));
}

static void plan_table(kam_buf *out, const kam__report *r)
{
    static const kam__page_col head[] = {
        {KAM__W_REP, NULL},         {KAM__W_ACCOUNTS_COL, "r"}, {KAM__W_VISITS, "r"},         {KAM__W_CALLS, "r"},
        {KAM__W_DAYS_OUT, "r opt"}, {KAM__W_DISTANCE, "r opt"}, {KAM__W_NOT_PLANNED_COL, "r"}};
    uint32_t shown = 0, all = 0;
    kam__page_list_open(out, r, 0, head, KAM__LEN(head));
    for (uint32_t i = 0; i < r->nrep; i++) {
        if (!r->rep[i].n && !r->rep[i].active) continue;
        all++;
        if (shown < KAM__REPORT_REPS) {
            plan_row(out, r, &r->rep[i]);
            shown++;
        }
    }
    kam__page_list_close(out, r, all - shown);
}

/* ---------------------------------------------------------------- against the plan before */

static void page_move(kam_buf *out, const kam__report *r, const kam__report_move *m)
{
    kam__num n;
    kam__buf_str(out, "<tr><td>");
    kam__html_account(out, r, m->account);
    kam__buf_str(out, "</td><td>");
    kam__html_text(out, kam__report_item(r->zh, "PLAN_WHAT", m->what), 0);
    kam__buf_str(out, "</td><td class=\"opt\">");
    kam__html_text(out, kam__report_item(r->zh, "CHANNEL", m->channel), 0);
    kam__buf_printf(out, "</td><td class=\"n\">%s</td>", kam__num_day(&n, m->old_day));
    kam__buf_printf(out, "<td class=\"n\">%s</td><td class=\"why\"><bdi>", kam__num_day(&n, m->day));
    kam__html_text(out, m->reason, KAM__REPORT_REASON);
    kam__buf_str(out, "</bdi></td></tr>\n");
}

static void page_moves(kam_buf *out, const kam__report *r)
{
    static const kam__page_col head[] = {{KAM__W_ACCOUNT, NULL},    {KAM__W_WHAT, NULL}, {KAM__W_CHANNEL, "opt"},
                                         {KAM__W_DAY_BEFORE, NULL}, {KAM__W_DAY, NULL},  {KAM__W_REASON, NULL}};
    kam__num n[4];
    uint32_t shown = r->nmove < KAM__REPORT_CHANGES ? r->nmove : KAM__REPORT_CHANGES;
    if (r->moved[1] + r->moved[2] + r->moved[3] + r->moved[4] == 0) return;
    kam__buf_str(out, "<h3>");
    kam__html_word(out, r, KAM__W_PLAN_CHANGES);
    kam__buf_str(out, "</h3>\n<p>");
    for (int i = 0; i < 4; i++) {
        kam__html_text(out, kam__report_item(r->zh, "PLAN_WHAT", i + 1), 0);
        kam__buf_printf(out, " %s%s", kam__num_count(&n[i], r->moved[i + 1]), i < 3 ? " \xC2\xB7 " : "");
    }
    kam__buf_str(out, "</p>\n");
    if (!shown) return;
    kam__page_list_open(out, r, 1, head, KAM__LEN(head));
    for (uint32_t i = 0; i < shown; i++) page_move(out, r, &r->move[i]);
    kam__page_list_close(out, r, r->nmove - shown);
}

void kam__page_plan(kam_buf *out, const kam__report *r)
{
    kam__num a, b;
    int32_t monday = 0;
    uint32_t weeks = kam__report_weeks(r, &monday), shown = 0, all = 0;
    kam__page_section(out, r, "plan", KAM__W_PLAN);
    if (!r->plan.id)
        kam__page_none(out, r, KAM__W_NO_PLAN);
    else {
        kam__buf_str(out, "<p class=\"lead\">");
        kam__html_say(out, r, KAM__W_PLAN_LEAD, kam__num_count(&a, r->plan.id), kam__num_day(&b, r->plan.as_of),
                      r->plan.name ? r->plan.name : "\xE2\x80\x93");
        kam__buf_str(out, "</p>\n");
        plan_table(out, r);
        page_moves(out, r);
        if (!weeks) kam__page_none(out, r, KAM__W_EMPTY_PLAN);
        for (uint32_t i = 0; i < r->nrep; i++) {
            if (!r->rep[i].n) continue;
            all++;
            if (shown == KAM__REPORT_CALENDARS) continue;
            plan_calendar(out, r, &r->rep[i], monday, weeks);
            shown++;
        }
        kam__html_more(out, r, all - shown);
    }
    kam__buf_str(out, "</section>\n");
}
