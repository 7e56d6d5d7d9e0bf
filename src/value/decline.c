/*
 * value/decline.c - who buys less: against the same period a year ago (同比), against the period before (环比), and who has
 * been silent for longer than usual.
 *
 * Periods are calendar months, with January and February as one, because the Spring Festival moves between them. A
 * comparison of periods of different length goes by month: what the earlier one would have brought in as many months.
 * Only whole periods are compared; nothing is said of a month that still runs.
 */
#include "value/measure.h"

static kam__span decline_span(int32_t year, int32_t month, int32_t months) {
    int32_t from = kam__day(year, month, 1);
    return (kam__span){from, kam__add_months(from, months), months};
}

/* The period that a month is in. */
static kam__span decline_period(int32_t year, int32_t month) {
    return month <= 2 ? decline_span(year, 1, 2) : decline_span(year, month, 1);
}

static kam__span decline_before(kam__span s) {
    int32_t year, month, day;
    kam__day_split(s.from - 1, &year, &month, &day);
    return decline_period(year, month);
}

void kam__decline_periods(kam__decline_spans *out, int32_t as_of) {
    int32_t year, month, day;
    kam__day_split(as_of, &year, &month, &day);
    out->now = decline_period(year, month);
    if (out->now.to - 1 > as_of) out->now = decline_before(out->now);
    out->before = decline_before(out->now);
    kam__day_split(out->now.from, &year, &month, &day);
    out->year_ago = decline_span(year - 1, month, out->now.months);
}

/* What is missing against `then`, scaled to as many months, and the change; 1 = at least `drop` less. */
static int decline_against(int64_t now, int64_t then, const kam__span *a, const kam__span *b, int64_t drop,
                           int64_t *lost, int64_t *change) {
    int64_t due;
    *lost = *change = 0;
    if (then <= 0 || kam__muldiv(then, a->months, b->months, KAM__HALF_EVEN, &due) || due <= 0) return 0;
    if (kam__add(due, now >= -INT64_MAX ? -now : INT64_MAX, lost)) *lost = INT64_MAX;
    *change = *lost == INT64_MAX ? -INT64_MAX : -kam__share(*lost, due);
    return *lost > 0 && -*change >= drop;
}

static int32_t decline_silence(const kam__decline_in *in, int32_t as_of) {
    return in->last_day > KAM_DAY_FIRST && in->last_day <= as_of ? as_of - in->last_day : 0;
}

static int decline_by_lost(const void *a, const void *b, void *arg) {
    const kam__decline *p = a, *q = b;
    (void)arg;
    if (p->lost != q->lost) return p->lost > q->lost ? -1 : 1;
    return (p->account > q->account) - (p->account < q->account);
}

static uint32_t decline_look(kam__decline *d, const kam__decline_in *in, const kam__decline_spans *s,
                             const kam__decline_options *o, int32_t as_of) {
    int64_t year = 0, period = 0;
    *d = (kam__decline){.account = in->account, .silent_days = decline_silence(in, as_of)};
    if (decline_against(in->now, in->year_ago, &s->now, &s->year_ago, o->drop, &year, &d->year_change))
        d->why |= KAM__DECLINE_YEAR;
    if (decline_against(in->now, in->before, &s->now, &s->before, o->drop, &period, &d->period_change))
        d->why |= KAM__DECLINE_PERIOD;
    if (o->silence > 0 && in->interval > 0 && (int64_t)d->silent_days * 10000 > (int64_t)in->interval * o->silence)
        d->why |= KAM__DECLINE_SILENT;
    d->lost = year > period ? year : period;
    if (d->lost < 0) d->lost = 0;
    return d->why;
}

int32_t kam__decline_find(kam__decline *out, size_t *found, const kam__decline_in *in, size_t n,
                          const kam__decline_spans *spans, const kam__decline_options *options, int32_t as_of,
                          kam_ctx *ctx, kam_error *err) {
    size_t k = 0;
    if (options->drop < 0 || options->drop > 10000 || options->silence < 0 || options->silence > 100000000)
        return kam__fail(err, KAM_E_INVAL, "a drop is 0 to 10000, a silence 0 to 100000000 (10^-4)");
    for (size_t i = 0; i < n; i++) k += decline_look(&out[k], &in[i], spans, options, as_of) != 0;
    KAM__TRY(kam__sort(ctx, out, k, sizeof *out, decline_by_lost, NULL, err));
    *found = k;
    return KAM_OK;
}
