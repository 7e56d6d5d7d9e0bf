/*
 * tests/tools/conf_zone.c - named time zones from /usr/share/zoneinfo, as a host's zone callback.
 *
 * Reads the 64-bit part of a TZif file (RFC 8536) at each question and takes the offset of the last transition before
 * the instant; beyond the last one the offset of that stays (the footer's rule is not read).
 */
#include "conf_suite.h"
#include <stdio.h>
#include <stdlib.h>

static int64_t zone_number(const unsigned char *p, int n)
{
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < n; i++) v = v << 8 | p[i];
    return (int64_t)v;
}

/* Sizes in a header at p: utc flags, standard flags, leap seconds, transitions, types, bytes of names. */
static void zone_counts(const unsigned char *p, size_t count[6])
{
    for (int i = 0; i < 6; i++) count[i] = (size_t)(uint32_t)zone_number(p + 20 + 4 * i, 4);
}

static size_t zone_body(const size_t count[6], size_t time)
{
    return count[3] * (time + 1) + count[4] * 6 + count[5] + count[2] * (time + 4) + count[1] + count[0];
}

/* Seconds east of UTC; 0 = the file is not one of zones. */
static int zone_seconds(const unsigned char *data, size_t size, int64_t at, int64_t *seconds)
{
    size_t count[6], from = 44;
    if (size < 44 || memcmp(data, "TZif", 4) != 0) return 0;
    zone_counts(data, count);
    from += zone_body(count, 4) + 44;
    if (data[4] < '2' || from > size) return 0;
    zone_counts(data + from - 44, count);
    if (from + zone_body(count, 8) > size || count[4] == 0) return 0;
    const unsigned char *times = data + from, *kinds = times + count[3] * 8, *types = kinds + count[3];
    size_t kind = 0;
    for (size_t i = 0; i < count[3] && zone_number(times + 8 * i, 8) <= at; i++) kind = kinds[i];
    *seconds = zone_number(types + 6 * (kind < count[4] ? kind : 0), 4);
    return 1;
}

int32_t conf_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min)
{
    char path[256];
    size_t size = 0;
    int64_t seconds = 0;
    (void)user;
    if (!*name || *name == '/' || *name == '.' || strstr(name, "..") || strlen(name) > 100) return KAM_E_NOT_FOUND;
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f) return KAM_E_NOT_FOUND;
    unsigned char *data = malloc(1 << 20);
    if (data) size = fread(data, 1, 1 << 20, f);
    fclose(f);
    int ok = data && zone_seconds(data, size, utc_ms / 1000 - (utc_ms % 1000 < 0), &seconds);
    free(data);
    if (!ok) return KAM_E_NOT_FOUND;
    *offset_min = (int32_t)(seconds / 60);
    return KAM_OK;
}
