/*
 * report/svg_worth.c - accounts in a grid: recency and frequency scores, and who still buys by how often and how long
 * ago; what was expected of them beside what came, as bars.
 *
 * A cell says its figure in numbers; the shade only repeats it. Shades are steps of one colour's opacity, so that they
 * keep their order in light and dark and for any colour vision.
 */
#include "report.h"

enum { WORTH_LEFT = 700, WORTH_TOP = 180, WORTH_SHADES = 5 };

static void worth_attr(kam_buf *out, const char *name, int64_t v)
{
    kam__buf_printf(out, " %s=\"", name);
    kam__buf_dec(out, v, 1);
    kam__buf_char(out, '"');
}

static void worth_text(kam_buf *out, const char *cls, int64_t x, int64_t y, const char *text)
{
    kam__buf_printf(out, "<text class=\"%s\"", cls);
    worth_attr(out, "x", x);
    worth_attr(out, "y", y);
    kam__buf_char(out, '>');
    kam__html_text(out, text, 40);
    kam__buf_str(out, "</text>");
}

static void worth_rect(kam_buf *out, const char *cls, int64_t x, int64_t y, int64_t w, int64_t h)
{
    kam__buf_printf(out, "<rect class=\"%s\"", cls);
    worth_attr(out, "x", x);
    worth_attr(out, "y", y);
    worth_attr(out, "width", w);
    worth_attr(out, "height", h);
    kam__buf_str(out, "/>");
}

/* Shade 1..5 of part / whole; 0 = nothing. */
static const char *worth_shade(int64_t part, int64_t whole)
{
    static const char *const cls[] = {"q q0", "q q1", "q q2", "q q3", "q q4", "q q5"};
    int64_t v = whole > 0 ? (part * WORTH_SHADES + whole - 1) / whole : 0;
    return cls[part <= 0 || v < 0 ? 0 : v > WORTH_SHADES ? WORTH_SHADES : v];
}

static int64_t worth_scale(int64_t part, int64_t whole, int64_t span)
{
    int64_t v = 0;
    return whole <= 0 || kam__muldiv(part, span, whole, KAM__HALF_EVEN, &v) ? 0 : v;
}

/* ---------------------------------------------------------------- recency and frequency scores */

void kam__svg_rfm(kam_buf *out, const kam__report *r)
{
    enum { W = 660, H = 360 };
    const kam__report_worth *w = &r->worth;
    uint32_t most = 0;
    kam__num n;
    for (int i = 0; i < 25; i++)
        if (w->rfm[i / 5][i % 5] > most) most = w->rfm[i / 5][i % 5];
    kam__svg_open(out, r, "rfm", 236, KAM__W_RFM, KAM__W_RFM_DESC);
    for (int y = 0; y < 5; y++) {
        int score = 5 - y; /* the best ones on top */
        worth_text(out, "lab e", WORTH_LEFT - 60, WORTH_TOP + y * H + H / 2 + 45, kam__num_count(&n, score));
        for (int x = 0; x < 5; x++) {
            uint32_t count = w->rfm[score - 1][x];
            worth_rect(out, worth_shade(count, most), WORTH_LEFT + x * W, WORTH_TOP + y * H, W - 20, H - 20);
            worth_text(out, "lab m", WORTH_LEFT + x * W + W / 2 - 10, WORTH_TOP + y * H + H / 2 + 35,
                       count ? kam__num_count(&n, count) : "\xC2\xB7");
        }
    }
    for (int x = 0; x < 5; x++)
        worth_text(out, "lab m", WORTH_LEFT + x * W + W / 2 - 10, WORTH_TOP + 5 * H + 110, kam__num_count(&n, x + 1));
    worth_text(out, "ax s", 60, 130, kam__report_word(r->zh, KAM__W_RFM_R));
    worth_text(out, "ax e", WORTH_LEFT + 5 * W - 20, WORTH_TOP + 5 * H + 280, kam__report_word(r->zh, KAM__W_RFM_F));
    kam__buf_str(out, "</svg>\n");
}

/* ---------------------------------------------------------------- who still buys */

const char *kam__worth_times(uint32_t i)
{
    static const char *const text[KAM__WORTH_TIMES] = {"0",
                                                       "1",
                                                       "2",
                                                       "3\xE2\x80\x93"
                                                       "4",
                                                       "5\xE2\x80\x93"
                                                       "9",
                                                       "10\xE2\x80\x93"
                                                       "19",
                                                       "20+"};
    return i < KAM__WORTH_TIMES ? text[i] : "";
}

const char *kam__worth_since(const kam__report *r, uint32_t i)
{
    static const int word[KAM__WORTH_SINCE] = {KAM__W_SINCE_1, KAM__W_SINCE_2,  KAM__W_SINCE_3,
                                               KAM__W_SINCE_6, KAM__W_SINCE_12, KAM__W_SINCE_MORE};
    return i < KAM__WORTH_SINCE ? kam__report_word(r->zh, word[i]) : "";
}

void kam__svg_alive(kam_buf *out, const kam__report *r)
{
    enum { W = 470, H = 330 };
    const kam__report_worth *w = &r->worth;
    kam__num n;
    kam__svg_open(out, r, "alive", 256, KAM__W_ALIVE, KAM__W_ALIVE_DESC);
    for (uint32_t y = 0; y < KAM__WORTH_SINCE; y++) {
        worth_text(out, "ax e", WORTH_LEFT + 120, WORTH_TOP + y * H + H / 2 + 35, kam__worth_since(r, y));
        for (uint32_t x = 0; x < KAM__WORTH_TIMES; x++) {
            int64_t left = WORTH_LEFT + 170 + x * W, top = WORTH_TOP + y * H, accounts = w->alive[y][x];
            worth_rect(out, accounts ? worth_shade(w->alive_sum[y][x], accounts * 10000) : "q q0", left, top, W - 20,
                       H - 20);
            if (!accounts) continue;
            worth_text(out, "lab m", left + W / 2 - 10, top + 150,
                       kam__num_count(&n, (w->alive_sum[y][x] + accounts * 50) / (accounts * 100)));
            worth_text(out, "ax cnt m", left + W / 2 - 10, top + 265, kam__num_count(&n, accounts));
        }
    }
    for (uint32_t x = 0; x < KAM__WORTH_TIMES; x++)
        worth_text(out, "ax m", WORTH_LEFT + 170 + x * W + W / 2 - 10, WORTH_TOP + KAM__WORTH_SINCE * H + 100,
                   kam__worth_times(x));
    worth_text(out, "ax s", 60, 130, kam__report_word(r->zh, KAM__W_ALIVE_SINCE));
    worth_text(out, "ax e", WORTH_LEFT + 150 + KAM__WORTH_TIMES * W, WORTH_TOP + KAM__WORTH_SINCE * H + 260,
               kam__report_word(r->zh, KAM__W_ALIVE_TIMES));
    kam__buf_str(out, "</svg>\n");
}

/* ---------------------------------------------------------------- what was expected, what came */

void kam__svg_tried(kam_buf *out, const kam__report *r)
{
    enum { BASE = 1900, TOP = 200, W = 560 };
    const kam__report_worth *w = &r->worth;
    int64_t high = 1;
    char text[48];
    for (uint32_t i = 0; i < KAM__WORTH_TIMES; i++) { /* purchases an account, 10^-4 */
        int64_t n = w->tried[i].accounts;
        if (n && w->tried[i].expected / n > high) high = w->tried[i].expected / n;
        if (n && w->tried[i].came * 10000 / n > high) high = w->tried[i].came * 10000 / n;
    }
    kam__svg_open(out, r, "tried", 230, KAM__W_TRIED, KAM__W_TRIED_DESC);
    worth_rect(out, "base", 130, BASE, 4000, 8);
    for (uint32_t i = 0; i < KAM__WORTH_TIMES; i++) {
        int64_t n = w->tried[i].accounts, x = 160 + i * W, mean[2] = {0, 0};
        worth_text(out, "ax m", x + W / 2 - 20, BASE + 130, kam__worth_times(i));
        if (!n) continue;
        mean[0] = w->tried[i].expected / n;
        mean[1] = w->tried[i].came * 10000 / n;
        for (int k = 0; k < 2; k++) {
            int64_t h = worth_scale(mean[k], high, BASE - TOP);
            worth_rect(out, k ? "bar3" : "bar", x + 30 + k * 240, BASE - h, 220, h);
            kam__dec_format(text, (mean[k] + 500) / 1000, 1);
            worth_text(out, "ax m", x + 140 + k * 240, BASE - h - 40, text);
        }
    }
    worth_text(out, "ax e", 4130, BASE + 300, kam__report_word(r->zh, KAM__W_ALIVE_TIMES));
    kam__buf_str(out, "</svg>\n");
}
