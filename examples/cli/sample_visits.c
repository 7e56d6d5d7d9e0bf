/*
 * sample_visits.c - visits and calls of the last six months, and what is planned for June.
 *
 * Representatives know what is asked of them (more for the larger accounts), and keep to it more or less: each has a
 * zeal of his own. So the due list has something to say. Only some visits of large accounts meet the chairman or the
 * general manager.
 */
#include "sample.h"
#include <kam/fields.h>

enum { SAMPLE_START = 20423, SAMPLE_WEEKS = 26 }; /* Monday, 1 December 2025 */

typedef struct sample_meeting {
    int account;
    int32_t day;
    const char *status, *channel, *direction, *premises, *role, *purpose;
    int minutes, contact, points;
} sample_meeting;

static void sample_write_activity(sample_work *w, const sample_meeting *m)
{
    sample *s = w->out;
    int file = m->day > SAMPLE_APRIL ? SAMPLE_ACTIVITIES_MAY : SAMPLE_ACTIVITIES;
    sample_put(s, file, "V%05d,C%04d,%s,%s,", ++w->activity, 1001 + m->account, m->status, m->channel);
    sample_put_day(s, file, m->day);
    sample_put(s, file, "%d,R%02d,%s,%s,%s,%s,", m->minutes, w->account[m->account].owner + 1, m->direction,
               m->premises, m->role, m->purpose);
    sample_put(s, file, m->contact ? "K%04d," : ",", m->contact);
    sample_put(s, file, "%s\n", m->points < 0 ? "" : sample_say(w, &sample_points[m->points]));
}

static int sample_level(const sample_account *a) { return a->rank < 58 ? 0 : a->rank < 172 ? 1 : 2; }

/* ---------------------------------------------------------------- calls */

static void sample_calls(sample_work *w, sample_random *r, int i, int week)
{
    const sample_account *a = &w->account[i];
    int inbound = sample_below(r, 12) == 0;
    if (sample_level(a) == 2 && (week + i) % 2) return;
    if (sample_below(r, 100) >= w->rep_zeal[a->owner]) return;
    sample_meeting m = {.account = i,
                        .status = "HELD",
                        .channel = "CALL",
                        .direction = inbound ? "INBOUND" : "OUTBOUND",
                        .premises = "",
                        .role = "",
                        .purpose = "SELL",
                        .points = -1};
    m.minutes = sample_between(r, 4, 28);
    m.contact = a->ncontact ? a->contact + sample_below(r, a->ncontact) : 0;
    m.day = sample_workday(a, SAMPLE_START + week * 7 + sample_below(r, 5));
    if (m.day <= SAMPLE_LAST) sample_write_activity(w, &m);
}

/* ---------------------------------------------------------------- visits */

static sample_meeting sample_visit(sample_work *w, sample_random *r, int i, int32_t day)
{
    static const char *const role[5] = {"GENERAL_MANAGER", "BUYER", "CHAIRMAN", "USER", "INFLUENCER"};
    static const char *const purpose[4] = {"NEEDS", "SELL", "COMPLAINT", "COOPERATION"};
    const sample_account *a = &w->account[i];
    int ours = sample_below(r, 15) == 0, met = a->ncontact ? sample_below(r, a->ncontact) : 0;
    if (a->ncontact && sample_below(r, 100) < 55) met = 0; /* the general manager */
    int why = sample_below(r, 4), quarters = sample_between(r, 2, 8), points = sample_below(r, 10);
    return (sample_meeting){.account = i,
                            .day = sample_workday(a, day),
                            .status = "HELD",
                            .channel = "VISIT",
                            .direction = ours ? "INBOUND" : "OUTBOUND",
                            .premises = ours ? "OURS" : "THEIRS",
                            .role = a->ncontact ? role[met] : "",
                            .purpose = purpose[why],
                            .minutes = 15 * quarters,
                            .contact = a->ncontact ? a->contact + met : 0,
                            .points = points};
}

static void sample_visits_of(sample_work *w, sample_random *r, int i)
{
    static const int gap[3] = {58, 88, 118};
    const sample_account *a = &w->account[i];
    int level = sample_level(a);
    for (int32_t day = SAMPLE_START + sample_below(r, gap[level]); day < SAMPLE_LAST - 2;
         day += gap[level] + sample_between(r, -12, 20)) {
        sample_meeting m = sample_visit(w, r, i, day);
        int kept = sample_below(r, 100) < w->rep_zeal[a->owner];
        if (!kept && sample_below(r, 4)) continue;
        if (!kept) m.status = "CANCELLED";
        sample_write_activity(w, &m);
    }
}

static void sample_plans(sample_work *w, sample_random *r)
{
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) {
        if (w->account[i].lifecycle == KAM_LIFECYCLE_INVALID || sample_below(r, 7)) continue;
        sample_meeting m = sample_visit(w, r, i, SAMPLE_TODAY + sample_between(r, 1, 25));
        m.status = "PLANNED";
        sample_write_activity(w, &m);
    }
}

void sample_visits(sample_work *w)
{
    sample_random r = sample_stream(w, 7);
    for (int file = SAMPLE_ACTIVITIES; file <= SAMPLE_ACTIVITIES_MAY; file += SAMPLE_ACTIVITIES_MAY - SAMPLE_ACTIVITIES)
        sample_put(w->out, file,
                   "ext_id,account,status,channel,day,duration,representative,direction,premises,attendee_role,purpose,"
                   "contact,points\n");
    for (int week = 0; week < SAMPLE_WEEKS; week++)
        for (int i = 0; i < SAMPLE_NACCOUNT; i++)
            if (w->account[i].lifecycle != KAM_LIFECYCLE_INVALID) sample_calls(w, &r, i, week);
    for (int i = 0; i < SAMPLE_NACCOUNT; i++)
        if (w->account[i].lifecycle != KAM_LIFECYCLE_INVALID) sample_visits_of(w, &r, i);
    sample_plans(w, &r);
}
