/*
 * report/svg_map.c - one day's visits as on a map: numbered places in the order of the day, north at the top, with a
 * bar for the scale.
 *
 * Only from coordinates, no map behind it. Degrees become metres by the great circle (base/geo.c), so that a day's
 * shape is true; a day that crosses the 180th meridian is not drawn.
 */
#include "report.h"

enum { MAP_WIDTH = 1600, MAP_HEIGHT = 900, MAP_EDGE = 130 };            /* tenths */

typedef struct map_place { int64_t x, y; uint32_t number; } map_place;
typedef struct map_area { int32_t south, north, west, east; int64_t wide, high, unit; } map_area;   /* metres; metres a tenth */

/* Visits of the day that have a place; at most KAM__REPORT_STOPS of them. */
static uint32_t map_stops(const kam__report *r, uint32_t first, uint32_t n, const kam__report_account *stop[KAM__REPORT_STOPS],
                          uint32_t number[KAM__REPORT_STOPS])
{
    uint32_t k = 0, visit = 0;
    for (uint32_t i = first; i < first + n && k < KAM__REPORT_STOPS; i++) {
        if (r->entry[i].channel != KAM_CHANNEL_VISIT) continue;
        const kam__report_account *a = kam__report_account_of(r, r->entry[i].account);
        visit++;
        if (!a || !(a->flags & KAM__ACC_PLACE)) continue;
        stop[k] = a;
        number[k++] = visit;
    }
    return k;
}

static void map_measure(map_area *m, const kam__report_account *const *stop, uint32_t n)
{
    m->south = m->west = INT32_MAX;
    m->north = m->east = INT32_MIN;
    for (uint32_t i = 0; i < n; i++) {
        if (stop[i]->latitude < m->south) m->south = stop[i]->latitude;
        if (stop[i]->latitude > m->north) m->north = stop[i]->latitude;
        if (stop[i]->longitude < m->west) m->west = stop[i]->longitude;
        if (stop[i]->longitude > m->east) m->east = stop[i]->longitude;
    }
    int32_t middle = m->south + (m->north - m->south) / 2;
    m->wide = kam__geo_metres(middle, m->west, middle, m->east);
    m->high = kam__geo_metres(m->south, m->west, m->north, m->west);
    int64_t by_width = m->wide / (MAP_WIDTH - 2 * MAP_EDGE), by_height = m->high / (MAP_HEIGHT - 2 * MAP_EDGE);
    m->unit = (by_width > by_height ? by_width : by_height) + 1;
}

static int64_t map_part(int64_t at, int64_t from, int64_t to, int64_t metres)
{
    return to > from ? (at - from) * metres / (to - from) : 0;
}

static map_place map_place_of(const map_area *m, const kam__report_account *a, uint32_t number)
{
    int64_t w = m->wide / m->unit, h = m->high / m->unit;
    return (map_place){(MAP_WIDTH - w) / 2 + map_part(a->longitude, m->west, m->east, w),
                       (MAP_HEIGHT + h) / 2 - map_part(a->latitude, m->south, m->north, h), number};
}

/* 1, 2 or 5 times a power of ten, at most 400 tenths long. */
static int64_t map_bar(const map_area *m)
{
    int64_t most = m->unit * 400, bar = 1;
    while (bar * 10 <= most) bar *= 10;
    return bar * 5 <= most ? bar * 5 : bar * 2 <= most ? bar * 2 : bar;
}

static void map_scale(kam_buf *out, const map_area *m)
{
    int64_t bar = map_bar(m), w = bar / m->unit;
    kam__num n;
    kam__buf_str(out, "<path class=\"scale\" d=\"M4 86h");
    kam__buf_dec(out, w, 1);
    kam__buf_str(out, "\"/><text class=\"tiny\" x=\"");
    kam__buf_dec(out, w + 70, 1);
    kam__buf_str(out, "\" y=\"88\">");
    if (bar < 1000) kam__buf_printf(out, "%lld m", (long long)bar);
    else kam__buf_printf(out, "%s km", kam__num_count(&n, bar / 1000));
    kam__buf_str(out, "</text>");
}

void kam__svg_map(kam_buf *out, const kam__report *r, uint32_t first, uint32_t n)
{
    const kam__report_account *stop[KAM__REPORT_STOPS];
    uint32_t number[KAM__REPORT_STOPS], k = map_stops(r, first, n, stop, number);
    map_place place[KAM__REPORT_STOPS];
    map_area m;
    if (!k) return;
    map_measure(&m, stop, k);
    if ((int64_t)m.east - m.west > 180000000) return;
    kam__buf_str(out, "<svg class=\"map\" viewBox=\"0 0 160 90\" role=\"img\"><title>");
    kam__html_word(out, r, KAM__W_MAP);
    kam__buf_str(out, "</title>");
    for (uint32_t i = 0; i < k; i++) place[i] = map_place_of(&m, stop[i], number[i]);
    kam__buf_str(out, "<path class=\"way\" d=\"M");
    for (uint32_t i = 0; i < k; i++) {
        if (i) kam__buf_char(out, 'L');
        kam__buf_dec(out, place[i].x, 1);
        kam__buf_char(out, ' ');
        kam__buf_dec(out, place[i].y, 1);
    }
    kam__buf_str(out, "\"/>");
    for (uint32_t i = k; i-- > 0;) {                                    /* the first on top */
        kam__buf_str(out, "<circle class=\"stop\" r=\"6.5\" cx=\"");
        kam__buf_dec(out, place[i].x, 1);
        kam__buf_str(out, "\" cy=\"");
        kam__buf_dec(out, place[i].y, 1);
        kam__buf_str(out, "\"/><text class=\"no\" x=\"");
        kam__buf_dec(out, place[i].x, 1);
        kam__buf_str(out, "\" y=\"");
        kam__buf_dec(out, place[i].y + 29, 1);
        kam__buf_printf(out, "\">%u</text>", (unsigned)place[i].number);
    }
    if (k > 1 && m.unit > 1) map_scale(out, &m);
    kam__buf_str(out, "</svg>");
}
