/* Tests of src/report/svg.c, svg_flow.c and svg_map.c: well formed whatever the figures are, inside their frame, with
 * title and description. */
#include "sample.h"

typedef void (*chart)(kam_buf *out, const kam__report *r);
static const chart charts[] = {kam__svg_rfm,    kam__svg_alive,  kam__svg_tried,
                               kam__svg_pareto, kam__svg_lorenz, kam__svg_profit,
                               kam__svg_months, kam__svg_grades, kam__svg_flow};

/* Every number of a path or place lies between -50 and `most` units. */
static void numbers_lie_within(const char *svg, int64_t most)
{
    static const char *const where[] = {" d=\"", " x=\"", " y=\"", " cx=\"", " cy=\"", " width=\"", " height=\""};
    for (size_t w = 0; w < KAM__LEN(where); w++)
        for (const char *p = svg; (p = strstr(p, where[w])) != NULL;) {
            for (p += strlen(where[w]); *p != '"'; p++) {
                int minus = *p == '-', digits = 0;
                int64_t v = 0;
                if (minus) p++;
                for (; *p >= '0' && *p <= '9'; p++, digits++) v = v * 10 + (*p - '0');
                if (minus) v = -v;
                if (digits && (v < -50 || v > most)) fail_msg("%lld is outside the chart: %.80s", (long long)v, p - 20);
                while (*p == '.' || (*p >= '0' && *p <= '9')) p++;
                if (*p == '"') break;
            }
        }
}

static void every_chart(shown *s, size_t least)
{
    for (size_t i = 0; i < KAM__LEN(charts); i++) {
        kam__buf_clear(&s->out);
        charts[i](&s->out, &s->r);
        const char *svg = shown_text(s);
        assert_true(tags_check(svg) >= least);
        assert_int_equal(tags_times(svg, "role=\"img\""), 1);
        assert_true(strstr(svg, "<title id=") && strstr(svg, "<desc id=") && strstr(svg, "aria-labelledby="));
        numbers_lie_within(svg, 1000);
    }
}

static void months(shown *s, uint32_t n, int64_t revenue)
{
    s->r.nmonth = n;
    for (uint32_t i = 0; i < n; i++) {
        s->r.month[i].day = kam__add_months(kam__day(2025, 6, 1), (int32_t)i);
        s->r.month[i].revenue = i % 3 ? revenue : -revenue;
    }
}

static void charts_of_nothing(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    every_chart(&s, 3);
    shown_close(&s);
}

static void charts_of_one_account(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 1);
    shown_account(&s, 1, 1, -5, "A", "<x>");
    months(&s, 1, 1);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    every_chart(&s, 8);
    shown_close(&s);
}

static void charts_of_all_losses(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    for (int i = 1; i < 30; i++) shown_account(&s, i, -i, -i * 1000, i % 2 ? "A" : "B", NULL);
    months(&s, 24, -7);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    every_chart(&s, 3);
    shown_close(&s);
}

static void charts_of_huge_amounts(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    for (int i = 1; i <= 4; i++)
        shown_account(&s, i, INT64_MAX / 5, i == 2 ? -(INT64_MAX / 5) : INT64_MAX / 5, i % 2 ? "A" : NULL, NULL);
    months(&s, 24, INT64_MAX);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    every_chart(&s, 8);
    shown_close(&s);
}

static void grades_with_hostile_names(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    for (int i = 1; i <= 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "<b>&\"%d", i % 20);
        shown_account(&s, i, i, i, name, NULL);
        shown_change(&s, i, (uint8_t)(i % 17), s.r.account[i - 1].grade);
    }
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    every_chart(&s, 3);
    assert_non_null(strstr(shown_text(&s), "&lt;b&gt;&amp;&quot;"));
    shown_close(&s);
}

/* The curve has a point for each rank drawn, begins at 0/0 and ends at 100/100. */
static void the_pareto_curve_runs_from_corner_to_corner(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    for (int i = 1; i <= 4; i++) shown_account(&s, i, i == 1 ? 700 : 100, 1, NULL, NULL);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    kam__svg_pareto(&s.out, &s.r);
    const char *line = strstr(shown_text(&s), "class=\"line\" d=\"");
    assert_non_null(line);
    assert_memory_equal(line + 16, "M40.0 230.0L132.0 78.8L224.0 57.2L316.0 35.6L408.0 14.0\"", 56);
    kam__buf_clear(&s.out);
    kam__svg_lorenz(&s.out, &s.r);
    line = strstr(shown_text(&s), "class=\"line2\" d=\"");
    assert_non_null(line);
    assert_memory_equal(line + 17, "M40.0 230.0L132.0 208.4L224.0 186.8L316.0 165.2L408.0 14.0\"", 59);
    shown_close(&s);
}

static void bands_say_which_way(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    static const char *const now[] = {"A", "B", "B", "C"};
    for (int i = 0; i < 4; i++) shown_account(&s, i + 1, 1, 1, now[i], NULL);
    shown_change(&s, 1, 2, 1);
    shown_change(&s, 2, 1, 2);
    shown_change(&s, 4, 0, 3);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    kam__svg_flow(&s.out, &s.r);
    const char *svg = shown_text(&s);
    assert_int_equal(tags_times(svg, "band up"), 1);
    assert_int_equal(tags_times(svg, "band down"), 1);
    assert_int_equal(tags_times(svg, "band same"), 1);
    assert_int_equal(tags_times(svg, "band other"), 1);
    assert_non_null(strstr(svg, "B \xE2\x86\x92 A: 1"));
    s.r.nominal = 1;
    kam__buf_clear(&s.out);
    kam__svg_flow(&s.out, &s.r);
    assert_int_equal(tags_times(shown_text(&s), "band up"), 0);
    shown_close(&s);
}

/* ---------------------------------------------------------------- maps */

static void place(shown *s, int64_t id, int32_t lat, int32_t lon)
{
    kam__report_account *a = shown_account(s, id, 1, 1, NULL, NULL);
    a->latitude = lat;
    a->longitude = lon;
    a->flags |= KAM__ACC_PLACE;
    shown_entry(s, id, 1, 20605, KAM_CHANNEL_VISIT, (int32_t)id);
}

static const char *map(shown *s)
{
    kam__buf_clear(&s->out);
    kam__svg_map(&s->out, &s->r, kam__report_rep_of(&s->r, 1), 0, s->r.nentry);
    const char *svg = shown_text(s);
    tags_check(svg);
    numbers_lie_within(svg, 160);
    return svg;
}

static void maps_of_days(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    assert_string_equal(map(&s), "");
    place(&s, 1, 31200000, 121400000);
    assert_int_equal(tags_times(map(&s), "class=\"stop\""), 1);
    assert_null(strstr(map(&s), "scale"));
    place(&s, 2, 31200000, 121400000); /* the same place again */
    assert_int_equal(tags_times(map(&s), "class=\"stop\""), 2);
    place(&s, 3, 31300000, 121500000);
    assert_non_null(strstr(map(&s), " km</text>"));
    shown_account(&s, 4, 1, 1, NULL, NULL); /* without a place: the numbers go on */
    shown_entry(&s, 4, 1, 20605, KAM_CHANNEL_VISIT, 4);
    place(&s, 5, 31250000, 121450000);
    assert_non_null(strstr(map(&s), ">5</text>"));
    assert_null(strstr(map(&s), ">4</text>"));
    shown_entry(&s, 5, 1, 20605, KAM_CHANNEL_CALL, 1); /* a call is not on the way */
    assert_int_equal(tags_times(map(&s), "class=\"stop\""), 4);
    for (int i = 6; i < 30; i++) place(&s, i, 31200000 + i * 100, 121400000);
    assert_int_equal(tags_times(map(&s), "class=\"stop\""),
                     KAM__REPORT_STOPS - 1); /* those listed, less the one without a place */
    shown_close(&s);
}

static void maps_begin_at_home(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    shown_rep(&s, 1, "Li");
    s.r.rep[0].home = 1;
    s.r.rep[0].home_latitude = 31000000;
    s.r.rep[0].home_longitude = 121000000;
    place(&s, 1, 31200000, 121400000);
    place(&s, 2, 31300000, 121500000);
    assert_int_equal(tags_times(map(&s), "class=\"home\""), 1);
    assert_int_equal(tags_times(map(&s), "class=\"way start\""), 1);
    assert_int_equal(tags_times(map(&s), "class=\"stop\""), 2);
    s.r.entry[0].metres = 0; /* the plan does not begin at home */
    assert_int_equal(tags_times(map(&s), "class=\"home\""), 0);
    s.r.entry[0].metres = 5;
    s.r.rep[0].home = 0;
    assert_int_equal(tags_times(map(&s), "class=\"home\""), 0);
    shown_close(&s);
}

/* North is up and east is right; a kilometre is as long either way. */
static void maps_are_true(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    place(&s, 1, 60000000, 10000000);
    place(&s, 2, 60100000, 10200000); /* at 60 degrees a degree of longitude is half as long */
    const char *svg = map(&s), *d = strstr(svg, " d=\"M");
    double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    assert_int_equal(sscanf(d, " d=\"M%lf %lfL%lf %lf", &x1, &y1, &x2, &y2), 4);
    assert_true(x2 > x1 && y2 < y1);
    assert_true(x2 - x1 > (y1 - y2) * 0.98 && x2 - x1 < (y1 - y2) * 1.02);
    shown_close(&s);
    shown_open(&s, 0);
    place(&s, 1, -90000000, -179000000);
    place(&s, 2, 90000000, 179000000);
    assert_string_equal(map(&s), "");
    shown_close(&s);
    shown_open(&s, 0);
    place(&s, 1, -90000000, -80000000);
    place(&s, 2, 90000000, 90000000);
    assert_int_equal(tags_times(map(&s), "class=\"stop\""), 2);
    shown_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_of_nothing),         cmocka_unit_test(charts_of_one_account),
        cmocka_unit_test(charts_of_all_losses),      cmocka_unit_test(charts_of_huge_amounts),
        cmocka_unit_test(grades_with_hostile_names), cmocka_unit_test(the_pareto_curve_runs_from_corner_to_corner),
        cmocka_unit_test(bands_say_which_way),       cmocka_unit_test(maps_of_days),
        cmocka_unit_test(maps_begin_at_home),        cmocka_unit_test(maps_are_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
