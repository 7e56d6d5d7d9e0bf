/*
 * report/svg_flow.c - grades before and after a run as flows: left where accounts were, right where they are.
 *
 * Grades stand from best to worst, so that a band that rises is a promotion and one that falls the opposite, whatever
 * its colour. Who stayed is a pale band.
 */
#include "report.h"

enum { FLOW_TOP = 120, FLOW_SPAN = 2200, FLOW_GAP = 100, FLOW_LEFT = 620, FLOW_RIGHT = 3580, FLOW_NODE = 110 };

typedef struct flow_side {
    uint32_t count[KAM__REPORT_GRADES];
    int64_t top[KAM__REPORT_GRADES], used[KAM__REPORT_GRADES];
} flow_side;

/* Place in the drawing: grades from the best on, then "none". */
static uint32_t flow_at(const kam__report *r, uint32_t place) { return place + 1 < r->ngrade ? place + 1 : 0; }

static int64_t flow_height(uint32_t n, uint32_t total)
{
    int64_t h = total ? (int64_t)n * FLOW_SPAN / total : 0;
    return n && h < 15 ? 15 : h;
}

static void flow_lay(flow_side *s, const kam__report *r, uint32_t total)
{
    int64_t y = FLOW_TOP;
    for (uint32_t p = 0; p < r->ngrade; p++) {
        uint32_t g = flow_at(r, p);
        s->top[g] = y;
        if (s->count[g]) y += flow_height(s->count[g], total) + FLOW_GAP;
    }
}

static void flow_xy(kam_buf *out, char how, int64_t x, int64_t y)
{
    if (how) kam__buf_char(out, how);
    kam__buf_dec(out, x, 1);
    kam__buf_char(out, ' ');
    kam__buf_dec(out, y, 1);
    kam__buf_char(out, ' ');
}

static void flow_curve(kam_buf *out, int64_t x1, int64_t y1, int64_t x2, int64_t y2)
{
    flow_xy(out, 'C', (x1 + x2) / 2, y1);
    flow_xy(out, 0, (x1 + x2) / 2, y2);
    flow_xy(out, 0, x2, y2);
}

static const char *flow_class(const kam__report *r, uint32_t from, uint32_t to)
{
    if (from == to) return "same";
    if (!from || !to || r->nominal) return "other";
    return to < from ? "up" : "down";
}

static void flow_band(kam_buf *out, const kam__report *r, flow_side *left, flow_side *right, uint32_t from, uint32_t to,
                      uint32_t total)
{
    uint32_t n = r->flow[from][to];
    if (!n) return;
    kam__num count;
    int64_t h = flow_height(n, total), x1 = FLOW_LEFT + FLOW_NODE, x2 = FLOW_RIGHT,
            y1 = left->top[from] + left->used[from], y2 = right->top[to] + right->used[to];
    left->used[from] += h;
    right->used[to] += h;
    kam__buf_printf(out, "<path class=\"band %s\" d=\"", flow_class(r, from, to));
    flow_xy(out, 'M', x1, y1);
    flow_curve(out, x1, y1, x2, y2);
    flow_xy(out, 'L', x2, y2 + h);
    flow_curve(out, x2, y2 + h, x1, y1 + h);
    kam__buf_str(out, "Z\"><title>");
    kam__html_text(out, from ? r->grade[from].name : "\xE2\x80\x93", 20);
    kam__buf_str(out, " \xE2\x86\x92 ");
    kam__html_text(out, to ? r->grade[to].name : "\xE2\x80\x93", 20);
    kam__buf_printf(out, ": %s</title></path>\n", kam__num_count(&count, n));
}

static void flow_nodes(kam_buf *out, const kam__report *r, const flow_side *s, uint32_t total, int64_t x, int left)
{
    kam__num n;
    for (uint32_t g = 0; g < r->ngrade; g++) {
        if (!s->count[g]) continue;
        int64_t h = flow_height(s->count[g], total), y = s->top[g] + h / 2 + 40;
        kam__buf_printf(out, "<rect class=\"n%u\" x=\"", g ? (unsigned)((g - 1) % 6 + 1) : 0u);
        kam__buf_dec(out, x, 1);
        kam__buf_str(out, "\" y=\"");
        kam__buf_dec(out, s->top[g], 1);
        kam__buf_str(out, "\" width=\"11\" height=\"");
        kam__buf_dec(out, h, 1);
        kam__buf_printf(out, "\"/><text class=\"lab %s\" x=\"", left ? "e" : "s");
        kam__buf_dec(out, left ? x - 60 : x + FLOW_NODE + 60, 1);
        kam__buf_str(out, "\" y=\"");
        kam__buf_dec(out, y, 1);
        kam__buf_str(out, "\">");
        kam__html_text(out, g ? r->grade[g].name : kam__report_word(r->zh, KAM__W_NONE), 6);
        kam__buf_printf(out, "<tspan class=\"ax\" dx=\"4\">%s</tspan></text>\n", kam__num_count(&n, s->count[g]));
    }
}

void kam__svg_flow(kam_buf *out, const kam__report *r)
{
    flow_side left, right;
    uint32_t total = 0;
    memset(&left, 0, sizeof left);
    memset(&right, 0, sizeof right);
    for (uint32_t i = 0; i < r->ngrade; i++)
        for (uint32_t k = 0; k < r->ngrade; k++) {
            left.count[i] += r->flow[i][k];
            right.count[k] += r->flow[i][k];
            total += r->flow[i][k];
        }
    flow_lay(&left, r, total);
    flow_lay(&right, r, total);
    int height = (FLOW_TOP + FLOW_SPAN + FLOW_GAP * (int)r->ngrade) / 10;
    kam__svg_open(out, r, "flow", height, KAM__W_FLOW, KAM__W_FLOW_DESC);
    for (uint32_t p = 0; p < r->ngrade; p++)
        for (uint32_t q = 0; q < r->ngrade; q++) flow_band(out, r, &left, &right, flow_at(r, p), flow_at(r, q), total);
    flow_nodes(out, r, &left, total, FLOW_LEFT, 1);
    flow_nodes(out, r, &right, total, FLOW_RIGHT, 0);
    kam__buf_str(out, "</svg>\n");
}
