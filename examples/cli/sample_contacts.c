/*
 * sample_contacts.c - the people one meets at an account: its head, its buyer, who uses what we sell.
 *
 * Who holds which role is an affiliation, a fact of its own beside the contact; sample_visits.c asks for the heads.
 */
#include "sample.h"
#include <kam/fields.h>

typedef struct sample_post {
    const char *role, *level;
    sample_word title, department;
} sample_post;

static const sample_post sample_posts[6] = {
    {"GENERAL_MANAGER", "HIGH", {"General manager", "总经理"}, {"Management", "总经办"}},
    {"BUYER", "MIDDLE", {"Head of purchasing", "采购经理"}, {"Purchasing", "采购部"}},
    {"CHAIRMAN", "HIGH", {"Chairman", "董事长"}, {"Board", "董事会"}},
    {"USER", "MIDDLE", {"Head of maintenance", "设备经理"}, {"Maintenance", "设备部"}},
    {"INFLUENCER", "MIDDLE", {"Chief engineer", "总工程师"}, {"Engineering", "技术部"}},
    {"HANDLER", "LOW", {"Purchaser", "采购员"}, {"Purchasing", "采购部"}}};

static int sample_how_many(const sample_account *a, sample_random *r)
{
    if (a->lifecycle == KAM_LIFECYCLE_INVALID) return sample_below(r, 2);
    if (a->rank < 25) return sample_between(r, 3, 5);
    if (a->rank < 90) return sample_between(r, 2, 3);
    return 1 + (sample_below(r, 100) < 40);
}

static void sample_contact(sample_work *w, sample_random *r, int i, int number, const sample_post *post)
{
    static const char *const channel[4] = {"CALL", "VISIT", "EMAIL", "SOCIAL"};
    sample *s = w->out;
    const sample_account *a = &w->account[i];
    const sample_city *c = &sample_cities[a->city];
    char name[64];
    int woman = sample_person(name, w, c->europe, (uint64_t)number + 100);
    sample_put(s, SAMPLE_CONTACTS, "K%04d,%s,%s,%s,", number, name, sample_say(w, &post->title),
               sample_say(w, &post->department));
    sample_put(s, SAMPLE_CONTACTS, "%s 5550 %04d,", c->code, sample_between(r, 1000, 9999));
    int mobile = sample_between(r, 1300, 1899), rest = sample_below(r, 10000000);
    if (!c->europe) sample_put(s, SAMPLE_CONTACTS, "%d%07d", mobile, rest);
    sample_put(s, SAMPLE_CONTACTS, ",k%04d@c%04d.example,%s,%s,%s\n", number, 1001 + i, woman ? "FEMALE" : "MALE",
               post->level, channel[sample_below(r, 4)]);
    sample_put(s, SAMPLE_AFFILIATIONS, "K%04d,C%04d,%s,%s,%s\n", number, 1001 + i, post->role,
               sample_say(w, &post->title), post->level[0] == 'H' ? "true" : "false");
}

void sample_contacts(sample_work *w)
{
    sample_random r = sample_stream(w, 5);
    int number = 1001;
    sample_put(w->out, SAMPLE_CONTACTS,
               "ext_id,name,title,department,phone,mobile,email,sex,level,preferred_channel\n");
    sample_put(w->out, SAMPLE_AFFILIATIONS, "contact,account,role,title,final_authority\n");
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) {
        sample_account *a = &w->account[i];
        a->contact = number;
        a->ncontact = sample_how_many(a, &r);
        for (int k = 0; k < a->ncontact; k++) sample_contact(w, &r, i, number++, &sample_posts[k]);
    }
}
