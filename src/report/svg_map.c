/*
 * report/svg_map.c - one day's visits as on a map: numbered places in the order of the day, north at the top, with a
 * bar for the scale.
 *
 * Only from coordinates, no map behind it. Degrees become metres by the great circle (base/geo.c), so that a day's
 * shape is true; a day that crosses the 180th meridian is not drawn.
 */
#include "report.h"

enum { MAP_WIDTH = 1600, MAP_HEIGHT = 900, MAP_EDGE = 130 }; /* tenths */

typedef struct map_stop {
    int32_t latitude, longitude;
    uint32_t number;
    int64_t x, y;
} map_stop; /* number 0 = home */
typedef struct map_area {
    int32_t south, north, west, east;
    int64_t wide, high, unit;
} map_area; /* metres; metres a tenth */
#define MAP_STOPS (KAM__REPORT_STOPS + 1)

/* Home, where the way begins there, and the visits of the day that have a place. */
static uint32_t map_stops(map_stop stop[MAP_STOPS], const kam__report *r, const kam__report_rep *rep, uint32_t first,
                          uint32_t n)
{
    uint32_t k = 0, visit = 0;
    for (uint32_t i = first; i < first + n && k < MAP_STOPS && visit < KAM__REPORT_STOPS; i++) {
        const kam__report_entry *e = &r->entry[i];
        if (e->channel != KAM_CHANNEL_VISIT) continue;
        const kam__report_account *a = kam__report_account_of(r, e->account);
        visit++;
        if (!a || !(a->flags & KAM__ACC_PLACE)) continue;
        if (visit == 1 && rep && rep->home && e->metres > 0)
            stop[k++] = (map_stop){.latitude = rep->home_latitude, .longitude = rep->home_longitude};
        stop[k++] = (map_stop){.latitude = a->latitude, .longitude = a->longitude, .number = visit};
    }
    return k;
}

static void map_measure(map_area *m, const map_stop *stop, uint32_t n)
{
    m->south = m->west = INT32_MAX;
    m->north = m->east = INT32_MIN;
    for (uint32_t i = 0; i < n; i++) {
        if (stop[i].latitude < m->south) m->south = stop[i].latitude;
        if (stop[i].latitude > m->north) m->north = stop[i].latitude;
        if (stop[i].longitude < m->west) m->west = stop[i].longitude;
        if (stop[i].longitude > m->east) m->east = stop[i].longitude;
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

static void map_lay(const map_area *m, map_stop *stop)
{
    int64_t w = m->wide / m->unit, h = m->high / m->unit;
    stop->x = (MAP_WIDTH - w) / 2 + map_part(stop->longitude, m->west, m->east, w);
    stop->y = (MAP_HEIGHT + h) / 2 - map_part(stop->latitude, m->south, m->north, h);
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
    if (bar < 1000)
        kam__buf_printf(out, "%lld m", (long long)bar);
    else
        kam__buf_printf(out, "%s km", kam__num_count(&n, bar / 1000));
    kam__buf_str(out, "</text>");
}

static void map_at(kam_buf *out, const char *x, int64_t at_x, const char *y, int64_t at_y)
{
    kam__buf_str(out, x);
    kam__buf_dec(out, at_x, 1);
    kam__buf_str(out, y);
    kam__buf_dec(out, at_y, 1);
}

static void map_way(kam_buf *out, const char *cls, const map_stop *stop, uint32_t n)
{
    kam__buf_printf(out, "<path class=\"%s\" d=\"", cls);
    for (uint32_t i = 0; i < n; i++) map_at(out, i ? "L" : "M", stop[i].x, " ", stop[i].y);
    kam__buf_str(out, "\"/>");
}

static void map_mark(kam_buf *out, const map_stop *stop)
{
    if (!stop->number) {
        map_at(out, "<path class=\"home\" d=\"M", stop->x, " ", stop->y - 65);
        kam__buf_str(out, "l6.5 6h-2v6.5h-9v-6.5h-2Z\"/>");
        return;
    }
    map_at(out, "<circle class=\"stop\" r=\"6.5\" cx=\"", stop->x, "\" cy=\"", stop->y);
    map_at(out, "\"/><text class=\"no\" x=\"", stop->x, "\" y=\"", stop->y + 29);
    kam__buf_printf(out, "\">%u</text>", (unsigned)stop->number);
}

void kam__svg_map(kam_buf *out, const kam__report *r, const kam__report_rep *rep, uint32_t first, uint32_t n)
{
    map_stop stop[MAP_STOPS];
    map_area m;
    uint32_t k = map_stops(stop, r, rep, first, n);
    if (!k) return;
    map_measure(&m, stop, k);
    if ((int64_t)m.east - m.west > 180000000) return;
    for (uint32_t i = 0; i < k; i++) map_lay(&m, &stop[i]);
    uint32_t home = !stop[0].number;
    kam__buf_str(out, "<svg class=\"map\" viewBox=\"0 0 160 90\" role=\"img\"><title>");
    kam__html_word(out, r, home ? KAM__W_MAP_HOME : KAM__W_MAP);
    kam__buf_str(out, "</title>");
    if (home) map_way(out, "way start", stop, 2);
    if (k > home + 1) map_way(out, "way", stop + home, k - home);
    if (home) map_mark(out, &stop[0]);
    for (uint32_t i = k; i-- > home;) map_mark(out, &stop[i]); /* the first visit on top, home below all */
    if (k > 1 && m.unit > 1) map_scale(out, &m);
    kam__buf_str(out, "</svg>");
}
