/*
 * report/svg.c - curves: how revenue is spread over the accounts (Pareto, Lorenz), where contribution is made and lost
 * again, revenue by month.
 *
 * Drawn on whole tenths of a unit, 420 units wide, so that letters can still be read on a phone. A chart has a title
 * and a description for those who do not see it; what it shows stands beside it as a table (page*.c). Colours come
 * from the style sheet by class; lines differ by dashes and areas by hatching as well.
 */
#include "report.h"

enum { MONTH_BASE = 1400 };
enum { PLOT_LEFT = 400, PLOT_RIGHT = 4080, PLOT_TOP = 140, PLOT_BOTTOM = 2300 }; /* tenths */

void kam__svg_open(kam_buf *out, const kam__report *r, const char *id, int height, int title, int desc)
{
    kam__buf_printf(
        out,
        "<svg class=\"chart\" viewBox=\"0 0 420 %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
        height, id, id, id);
    kam__html_word(out, r, title);
    kam__buf_printf(out, "</title><desc id=\"%s-d\">", id);
    kam__html_word(out, r, desc);
    kam__buf_str(out, "</desc>\n");
}

static void svg_xy(kam_buf *out, int64_t x, int64_t y)
{
    kam__buf_dec(out, x, 1);
    kam__buf_char(out, ' ');
    kam__buf_dec(out, y, 1);
}

static void svg_line(kam_buf *out, const char *cls, int64_t x1, int64_t y1, int64_t x2, int64_t y2)
{
    kam__buf_printf(out, "<path class=\"%s\" d=\"M", cls);
    svg_xy(out, x1, y1);
    kam__buf_char(out, 'L');
    svg_xy(out, x2, y2);
    kam__buf_str(out, "\"/>");
}

/* At most so many characters of a text; its class says where it is anchored: s, m, e. */
static void svg_cut(kam_buf *out, const char *cls, int64_t x, int64_t y, const char *text, uint32_t most)
{
    kam__buf_printf(out, "<text class=\"%s\" x=\"", cls);
    kam__buf_dec(out, x, 1);
    kam__buf_str(out, "\" y=\"");
    kam__buf_dec(out, y, 1);
    kam__buf_str(out, "\">");
    kam__html_text(out, text, most);
    kam__buf_str(out, "</text>");
}

static void svg_text(kam_buf *out, const char *cls, int64_t x, int64_t y, const char *text)
{
    svg_cut(out, cls, x, y, text, 60);
}

static void svg_rect(kam_buf *out, const char *cls, int64_t x, int64_t y, int64_t w, int64_t h)
{
    kam__buf_printf(out, "<rect class=\"%s\" x=\"", cls);
    kam__buf_dec(out, x, 1);
    kam__buf_str(out, "\" y=\"");
    kam__buf_dec(out, y, 1);
    kam__buf_str(out, "\" width=\"");
    kam__buf_dec(out, w, 1);
    kam__buf_str(out, "\" height=\"");
    kam__buf_dec(out, h, 1);
    kam__buf_str(out, "\"/>");
}

static void svg_mark(kam_buf *out, int64_t x, int64_t y, const char *number)
{
    kam__buf_str(out, "<circle class=\"mark\" r=\"8\" cx=\"");
    kam__buf_dec(out, x, 1);
    kam__buf_str(out, "\" cy=\"");
    kam__buf_dec(out, y, 1);
    kam__buf_str(out, "\"/>");
    svg_text(out, "markt", x, y + 38, number);
}

/* part / whole of span, from 0. */
static int64_t svg_scale(int64_t part, int64_t whole, int64_t span)
{
    int64_t v = 0;
    return whole <= 0 || kam__muldiv(part, span, whole, KAM__HALF_EVEN, &v) ? 0 : v;
}

static void svg_percent_axes(kam_buf *out, const kam__report *r)
{
    kam__num n;
    for (int p = 0; p <= 100; p += 20) {
        int64_t y = PLOT_BOTTOM - svg_scale(p, 100, PLOT_BOTTOM - PLOT_TOP),
                x = PLOT_LEFT + svg_scale(p, 100, PLOT_RIGHT - PLOT_LEFT);
        svg_line(out, "grid", PLOT_LEFT, y, PLOT_RIGHT, y);
        svg_text(out, "ax e", PLOT_LEFT - 60, y + 38, kam__num_count(&n, p));
        svg_text(out, "ax m", x, PLOT_BOTTOM + 150, kam__num_count(&n, p));
    }
    svg_text(out, "ax e", PLOT_LEFT + 40, PLOT_TOP - 70, "%");
    svg_text(out, "ax m", (PLOT_LEFT + PLOT_RIGHT) / 2, PLOT_BOTTOM + 300,
             kam__report_word(r->zh, KAM__W_AXIS_ACCOUNTS));
}

/* ---------------------------------------------------------------- shares of revenue */

static int64_t svg_pareto_x(const kam__report_curve *c, int64_t rank)
{
    return PLOT_LEFT + svg_scale(rank, c->n, PLOT_RIGHT - PLOT_LEFT);
}

static int64_t svg_pareto_y(const kam__report_curve *c, int64_t cum)
{
    return PLOT_BOTTOM - svg_scale(cum, c->total, PLOT_BOTTOM - PLOT_TOP);
}

static void svg_pareto_path(kam_buf *out, const kam__report_curve *c)
{
    for (uint32_t i = 0; i < c->npoint; i++) {
        kam__buf_char(out, i ? 'L' : 'M');
        svg_xy(out, svg_pareto_x(c, c->rank[i]), svg_pareto_y(c, c->cum[i]));
    }
}

/* The curve's value at a rank, between its points on a straight line: for marks only. */
static int64_t svg_at(const kam__report_curve *c, uint32_t rank)
{
    for (uint32_t i = 1; i < c->npoint; i++) {
        if (c->rank[i] < rank) continue;
        int64_t step = svg_scale(rank - c->rank[i - 1], c->rank[i] - c->rank[i - 1], c->cum[i] - c->cum[i - 1]);
        return c->cum[i - 1] + step;
    }
    return c->total;
}

void kam__svg_pareto(kam_buf *out, const kam__report *r)
{
    const kam__report_curve *c = &r->curve;
    uint32_t top = (c->n + 4) / 5; /* as kam__pareto_top_part counts: rounded up */
    kam__svg_open(out, r, "pareto", 265, KAM__W_PARETO, KAM__W_PARETO_DESC);
    svg_percent_axes(out, r);
    kam__buf_str(out, "<path class=\"area\" d=\"");
    svg_pareto_path(out, c);
    kam__buf_char(out, 'L');
    svg_xy(out, PLOT_RIGHT, PLOT_BOTTOM);
    kam__buf_char(out, 'L');
    svg_xy(out, PLOT_LEFT, PLOT_BOTTOM);
    kam__buf_str(out, "Z\"/><path class=\"line\" d=\"");
    svg_pareto_path(out, c);
    kam__buf_str(out, "\"/>");
    int64_t x = svg_pareto_x(c, top), y = svg_pareto_y(c, svg_at(c, top)), x80 = svg_pareto_x(c, r->reach80),
            y80 = svg_pareto_y(c, svg_at(c, r->reach80));
    svg_line(out, "guide", x, y, x, PLOT_BOTTOM);
    svg_line(out, "guide", x, y, PLOT_LEFT, y);
    svg_line(out, "guide", x80, y80, x80, PLOT_BOTTOM);
    svg_line(out, "guide", x80, y80, PLOT_LEFT, y80);
    svg_mark(out, x, y, "1");
    svg_mark(out, x80, y80, "2");
    kam__buf_str(out, "</svg>\n");
}

/* The same curve read from the smallest account on: both axes turned round. */
void kam__svg_lorenz(kam_buf *out, const kam__report *r)
{
    const kam__report_curve *c = &r->curve;
    kam__svg_open(out, r, "lorenz", 265, KAM__W_LORENZ, KAM__W_LORENZ_DESC);
    svg_percent_axes(out, r);
    for (int pass = 0; pass < 2; pass++) {
        kam__buf_str(out, pass ? "<path class=\"line2\" d=\"" : "<path class=\"hatch\" d=\"");
        for (uint32_t i = c->npoint; i-- > 0;) {
            kam__buf_char(out, i + 1 == c->npoint ? 'M' : 'L');
            svg_xy(out, svg_pareto_x(c, c->n - c->rank[i]), svg_pareto_y(c, c->total - c->cum[i]));
        }
        kam__buf_str(out, pass ? "\"/>" : "Z\"/>");
    }
    svg_line(out, "equal", PLOT_LEFT, PLOT_BOTTOM, PLOT_RIGHT, PLOT_TOP);
    svg_text(out, "ax e", PLOT_LEFT + 1700, PLOT_BOTTOM - 1250, kam__report_word(r->zh, KAM__W_ALL_EQUAL));
    kam__buf_str(out, "</svg>\n");
}

/* ---------------------------------------------------------------- contribution, largest first */

void kam__svg_profit(kam_buf *out, const kam__report *r)
{
    const kam__report_curve *c = &r->profit;
    int64_t high = 0, low = 0, span = PLOT_BOTTOM - PLOT_TOP;
    uint32_t peak = 0;
    kam__num n;
    for (uint32_t i = 0; i < c->npoint; i++) {
        if (c->cum[i] > high) high = c->cum[peak = i];
        if (c->cum[i] < low) low = c->cum[i];
    }
    int64_t whole = high / 2 - low / 2 > 0 ? high / 2 - low / 2 : 1,
            zero = PLOT_BOTTOM + svg_scale(low / 2, whole, span);
    kam__svg_open(out, r, "profit", 265, KAM__W_PROFIT_CURVE, KAM__W_PROFIT_DESC);
    svg_line(out, "grid", PLOT_LEFT, zero, PLOT_RIGHT, zero);
    svg_text(out, "ax e", PLOT_LEFT - 60, zero + 38, "0");
    for (int pass = 0; pass < 2; pass++) {
        kam__buf_str(out, pass ? "<path class=\"line3\" d=\"M" : "<path class=\"area3\" d=\"M");
        for (uint32_t i = 0; i < c->npoint; i++) {
            if (i) kam__buf_char(out, 'L');
            svg_xy(out, svg_pareto_x(c, c->rank[i]), zero - svg_scale(c->cum[i] / 2, whole, span));
        }
        if (!pass) {
            kam__buf_char(out, 'L');
            svg_xy(out, PLOT_RIGHT, zero);
            kam__buf_char(out, 'Z');
        }
        kam__buf_str(out, "\"/>");
    }
    int64_t px = svg_pareto_x(c, c->rank[peak]), py = zero - svg_scale(high / 2, whole, span),
            end = zero - svg_scale(c->total / 2, whole, span);
    svg_line(out, "guide", px, py, px, zero);
    svg_mark(out, px, py, "1");
    svg_mark(out, PLOT_RIGHT, end, "2");
    for (int p = 0; p <= 100; p += 20)
        svg_text(out, "ax m", PLOT_LEFT + svg_scale(p, 100, PLOT_RIGHT - PLOT_LEFT), PLOT_BOTTOM + 150,
                 kam__num_count(&n, p));
    svg_text(out, "ax m", (PLOT_LEFT + PLOT_RIGHT) / 2, PLOT_BOTTOM + 300, kam__report_word(r->zh, KAM__W_AXIS_ALL));
    kam__buf_str(out, "</svg>\n");
}

/* ---------------------------------------------------------------- revenue by month */

void kam__svg_months(kam_buf *out, const kam__report *r)
{
    int64_t high = kam__report_high_month(r), width = r->nmonth ? 4000 / r->nmonth : 0;
    kam__num n;
    kam__svg_open(out, r, "months", 168, KAM__W_BY_MONTH, KAM__W_BY_MONTH);
    svg_line(out, "grid", 100, MONTH_BASE, 4100, MONTH_BASE);
    for (uint32_t i = 0; i < r->nmonth; i++) {
        int32_t y = 0, m = 0, d = 0;
        int64_t x = 100 + width * i,
                h = r->month[i].revenue > 0 ? svg_scale(r->month[i].revenue, high, MONTH_BASE - 160) : 0;
        kam__day_split(r->month[i].day, &y, &m, &d);
        svg_rect(out, "bar", x + width / 8, MONTH_BASE - h, width - width / 4, h);
        if (r->nmonth <= 13)
            svg_text(out, "ax m", x + width / 2, MONTH_BASE - h - 40,
                     kam__num_in_unit(&n, r, r->month[i].revenue, high));
        if (r->nmonth <= 13 || i % 2 == 0)
            svg_text(out, "ax m", x + width / 2, MONTH_BASE + 130, kam__num_count(&n, m));
        if (i == 0 || m == 1) svg_text(out, "ax m", x + width / 2, MONTH_BASE + 260, kam__num_year(&n, y));
    }
    kam__buf_str(out, "</svg>\n");
}

/* ---------------------------------------------------------------- revenue and contribution of each grade */

void kam__svg_grades(kam_buf *out, const kam__report *r)
{
    int64_t high = 1, low = 0, row = 0;
    uint32_t rows = 0;
    kam__num n;
    for (uint32_t i = 0; i < r->ngrade; i++) {
        const kam__report_grade *g = &r->grade[i];
        if (!g->accounts) continue;
        rows++;
        if (g->revenue > high) high = g->revenue;
        if (g->contribution > high) high = g->contribution;
        if (g->contribution < low) low = g->contribution;
    }
    int64_t whole = high / 2 - low / 2 > 0 ? high / 2 - low / 2 : 1, zero = 500 - svg_scale(low / 2, whole, 2900);
    kam__svg_open(out, r, "bygrade", (int)(rows * 48 + 8), KAM__W_BY_GRADE, KAM__W_BY_GRADE_DESC);
    for (uint32_t k = 1; k <= r->ngrade; k++) { /* without a grade: last */
        uint32_t i = k == r->ngrade ? 0 : k;
        const kam__report_grade *g = &r->grade[i];
        if (!g->accounts) continue;
        int64_t y = 60 + row++ * 480, w = svg_scale(g->revenue > 0 ? g->revenue / 2 : 0, whole, 2900),
                c = svg_scale(g->contribution / 2, whole, 2900);
        svg_cut(out, "lab m", 210, y + 150, i ? g->name : "\xE2\x80\x93", 5);
        svg_text(out, "ax m", 210, y + 310, kam__num_count(&n, g->accounts));
        svg_rect(out, "bar", zero, y, w, 170);
        svg_text(out, "ax s", zero + w + 50, y + 125, kam__num_short(&n, r, g->revenue));
        svg_rect(out, "bar3", c < 0 ? zero + c : zero, y + 190, c < 0 ? -c : c, 170);
        svg_text(out, "ax s", zero + (c > 0 ? c : 0) + 50, y + 315, kam__num_short(&n, r, g->contribution));
    }
    svg_line(out, "axis", zero, 20, zero, (int64_t)rows * 480 + 40);
    kam__buf_str(out, "</svg>\n");
}
