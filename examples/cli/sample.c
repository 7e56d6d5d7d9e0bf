/*
 * sample.c - the sample company: its streams of random numbers, how it writes CSV, and who and where the accounts
 * are.
 *
 * Accounts get a rank by size first; size falls like rank^-1.5, so about a fifth of the accounts makes four fifths
 * of the revenue. The last of them do not buy yet. Everything else (what they buy, when, who sees them) follows in
 * the other sample_*.c files.
 */
#include "sample.h"
#include <kam.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- numbers */

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t sample_next(sample_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

sample_random sample_stream(const sample_work *w, uint64_t name)
{
    sample_random r = {w->seed};
    r.state = sample_next(&r) ^ (name * 0xd1342543de82ef95u);
    sample_next(&r);
    return r;
}

/* Draw at most once in an expression: C leaves the order of two draws open. */
int sample_below(sample_random *r, int n) { return (int)((sample_next(r) >> 33) % (uint64_t)n); }

int sample_between(sample_random *r, int low, int high) { return low + sample_below(r, high - low + 1); }

int64_t sample_root(int64_t v)
{
    int64_t root = 0;
    for (int64_t bit = (int64_t)1 << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= v) root += bit;
    return root;
}

static void sample_shuffle(int *v, int n, sample_random *r)
{
    for (int i = n - 1; i > 0; i--) {
        int j = sample_below(r, i + 1), keep = v[i];
        v[i] = v[j];
        v[j] = keep;
    }
}

/* ---------------------------------------------------------------- days */

static int sample_month_days(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && year % 4 == 0 ? 29 : days[month - 1]; /* right for 1970 .. 2099 */
}

int32_t sample_day(int year, int month, int mday)
{
    int32_t day = mday - 1;
    for (int y = 1970; y < year; y++) day += y % 4 == 0 ? 366 : 365;
    for (int m = 1; m < month; m++) day += sample_month_days(year, m);
    return day;
}

void sample_day_split(int32_t day, int *year, int *month, int *mday)
{
    for (*year = 1970; day >= (*year % 4 == 0 ? 366 : 365); ++*year) day -= *year % 4 == 0 ? 366 : 365;
    for (*month = 1; day >= sample_month_days(*year, *month); ++*month) day -= sample_month_days(*year, *month);
    *mday = day + 1;
}

int32_t sample_workday(const sample_account *a, int32_t day)
{
    const int32_t festival[2] = {sample_day(2025, 1, 28), sample_day(2026, 2, 16)};
    for (int i = 0; i < 2 && !sample_cities[a->city].europe; i++)
        if (day >= festival[i] && day < festival[i] + 8) day = festival[i] + 8 + day % 3;
    int weekday = (day + 3) % 7; /* 0 = Monday */
    return weekday < 5 ? day : day + 7 - weekday;
}

/* ---------------------------------------------------------------- text */

static char *sample_room(sample *s, sample_file *f, size_t more)
{
    if (f->size + more > f->cap) {
        size_t cap = (f->size + more) * 2;
        char *grown = realloc(f->data, cap);
        if (!grown) {
            s->failed = 1;
            return NULL;
        }
        f->data = grown;
        f->cap = cap;
    }
    return f->data + f->size;
}

void sample_put(sample *s, int file, const char *fmt, ...)
{
    sample_file *f = &s->file[file];
    char *at = sample_room(s, f, 512);
    va_list args;
    if (!at) return;
    va_start(args, fmt);
    int n = vsnprintf(at, 512, fmt, args);
    va_end(args);
    if (n < 0 || n >= 512)
        s->failed = 1;
    else
        f->size += (size_t)n;
}

void sample_put_text(sample *s, int file, const char *text)
{
    sample_put(s, file, strpbrk(text, ",\"\n") ? "\"%s\"," : "%s,", text);
}

void sample_put_day(sample *s, int file, int32_t day)
{
    int year, month, mday;
    sample_day_split(day, &year, &month, &mday);
    sample_put(s, file, "%d-%02d-%02d,", year, month, mday);
}

const char *sample_say(const sample_work *w, const sample_word *word) { return w->zh ? word->zh : word->en; }

int sample_person(char out[64], const sample_work *w, int europe, uint64_t who)
{
    sample_random r = sample_stream(w, who + 900000);
    int f = sample_below(&r, 24), g = sample_below(&r, europe ? 24 : 32);
    const sample_word *family = europe ? &sample_family_eu[f] : &sample_family_cn[f];
    const sample_word *given = europe ? &sample_given_eu[g] : &sample_given_cn[g];
    if (!w->zh)
        snprintf(out, 64, "%s %s", given->en, family->en);
    else
        snprintf(out, 64, europe ? "%s·%s" : "%s%s", europe ? given->zh : family->zh, europe ? family->zh : given->zh);
    return g % 2 == 0;
}

/* ---------------------------------------------------------------- our own side: territories, people, products */

static void sample_territories(sample_work *w)
{
    sample *s = w->out;
    sample_put(s, SAMPLE_TERRITORIES, "ext_id,name\n");
    for (int i = 0; i < 4; i++)
        sample_put(s, SAMPLE_TERRITORIES, "T%d,%s\n", i + 1, sample_say(w, &sample_territory[i]));
}

static void sample_representatives(sample_work *w)
{
    static const int city[SAMPLE_NREP] = {0, 2, 1, 4, 5, 6, 8, 10}, rank[SAMPLE_NREP] = {4, 2, 2, 3, 1, 3, 2, 3};
    sample_random r = sample_stream(w, 1);
    sample *s = w->out;
    for (int i = 0; i < SAMPLE_NREP; i++) w->rep_zeal[i] = 97 - 8 * i;
    sample_shuffle(w->rep_zeal, SAMPLE_NREP, &r);
    sample_put(s, SAMPLE_REPRESENTATIVES,
               "ext_id,name,rank,email,phone,territory,home_latitude,home_longitude,supervisor,capacity,active\n");
    for (int i = 0; i < SAMPLE_NREP; i++) {
        const sample_city *c = &sample_cities[city[i]];
        char name[64];
        w->rep_city[i] = city[i];
        sample_person(name, w, c->europe, (uint64_t)i);
        int lat = c->latitude + sample_between(&r, -60000, 60000),
            lon = c->longitude + sample_between(&r, -60000, 60000);
        sample_put(s, SAMPLE_REPRESENTATIVES,
                   "R%02d,%s,%d,r%02d@huarui.example,%s 5550 %04d,T%d,%d.%06d,%d.%06d,%s,%d,true\n", i + 1, name,
                   rank[i], i + 1, c->code, 100 + i, c->territory + 1, lat / 1000000, lat % 1000000, lon / 1000000,
                   lon % 1000000, i ? "R01" : "", sample_between(&r, 4, 7));
    }
}

/* June 2026: the Dragon Boat Festival, a bridge day before it, the Saturday worked for it (调休); somebody is
 * away. */
static void sample_calendar(sample_work *w)
{
    sample *s = w->out;
    sample_put(s, SAMPLE_CALENDAR, "ext_id,day,kind,name\n");
    sample_put(s, SAMPLE_CALENDAR, "D1,2026-06-13,WORKDAY,%s\n", w->zh ? "调休上班" : "worked for 18 June");
    sample_put(s, SAMPLE_CALENDAR, "D2,2026-06-18,HOLIDAY,%s\n", w->zh ? "调休放假" : "bridge day");
    sample_put(s, SAMPLE_CALENDAR, "D3,2026-06-19,HOLIDAY,%s\n", w->zh ? "端午节" : "Dragon Boat Festival");
    sample_put(s, SAMPLE_ABSENCES, "ext_id,representative,first,last,substitute,note\n");
    sample_put(s, SAMPLE_ABSENCES, "V1,R03,2026-06-08,2026-06-12,,%s\n", w->zh ? "年假" : "leave");
}

static void sample_products(sample_work *w)
{
    static const int step[5] = {100, 165, 270, 440, 620}; /* price of a variant, in % of the smallest */
    sample_put(w->out, SAMPLE_PRODUCTS, "ext_id,name,category,unit,unit_price,unit_cost,currency,active\n");
    for (int i = 0; i < SAMPLE_NPRODUCT; i++) {
        const sample_ware *ware = &sample_wares[i / 5];
        w->price[i] = ware->price / 10 * step[i % 5] / 10;
        w->cost[i] = (int32_t)((int64_t)w->price[i] * (ware->cost_pct + i % 5) / 100);
        sample_put(w->out, SAMPLE_PRODUCTS, "P%03d,%s%s%s,%s,%s,%d.%02d,%d.%02d,CNY,true\n", 101 + i,
                   sample_say(w, &ware->name), w->zh ? "" : " ", sample_say(w, &sample_variant[i % 5]),
                   sample_say(w, &sample_category[i / 5]), w->zh ? "件" : "piece",
                   w->price[i] / 100, w->price[i] % 100, w->cost[i] / 100, w->cost[i] % 100);
    }
}

/* ---------------------------------------------------------------- accounts: who they are */

/* Places 0..9 are groups with members behind them: the same brand in other cities. */
static void sample_place(sample_work *w, sample_random *r, int i)
{
    sample_account *a = &w->account[i];
    int member = i >= 10 && i < 40;
    a->parent = member ? (i - 10) % 10 : -1;
    a->group = i < 10;
    a->city = member                      ? (w->account[a->parent].city + 1 + i / 10) % 9
              : i < 10                    ? i % 9
              : sample_below(r, 100) < 80 ? sample_below(r, 9)
                                          : 9 + sample_below(r, 4);
    a->industry = member ? w->account[a->parent].industry : sample_below(r, SAMPLE_NINDUSTRY);
    a->brand = member                          ? w->account[a->parent].brand
               : i < 10                        ? i
               : sample_cities[a->city].europe ? sample_below(r, 36)
                                               : 10 + sample_below(r, 38);
}

static int sample_taken(const sample_work *w, int i)
{
    const sample_account *a = &w->account[i];
    for (int k = 0; k < i; k++)
        if (w->account[k].city == a->city && w->account[k].industry == a->industry && w->account[k].brand == a->brand)
            return 1;
    return 0;
}

/* The representatives of the city's territory share its accounts; whose home it is gets most of them. */
static int sample_owner_of(const sample_work *w, sample_random *r, int city)
{
    int of[SAMPLE_NREP], n = 0;
    for (int i = 0; i < SAMPLE_NREP; i++) {
        if (w->rep_city[i] == city && sample_below(r, 100) < 70) return i;
        if (sample_cities[w->rep_city[i]].territory == sample_cities[city].territory) of[n++] = i;
    }
    return of[sample_below(r, n)];
}

static void sample_habits(sample_random *r, sample_account *a)
{
    static const int trend[20] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 5};
    int64_t k = a->rank + 9;
    a->trend = trend[sample_below(r, 20)];
    a->turn = a->trend == SAMPLE_CHURNED ? sample_between(r, 8, 21) : sample_between(r, 6, 18);
    if (a->trend == SAMPLE_PROJECTS) a->turn = 21 + sample_below(r, 3);
    a->yearly = (int64_t)30000000 * 1000 / (k * sample_root(k * 10000)) * sample_between(r, 70, 140);
    a->discount = (a->rank < 30 ? 8 : a->rank < 100 ? 4 : 0) + sample_below(r, 9);
    a->costly = sample_below(r, 100) < 8;
    int wares = sample_below(r, 8);
    for (int i = 0; i < 5; i++) {
        int ware = (wares + sample_below(r, 4)) % 8;
        a->product[i] = ware * 5 + sample_below(r, a->rank < 120 ? 5 : 3);
    }
    if (a->rank >= SAMPLE_NBUYING) a->yearly = 0;
    a->lifecycle = a->yearly          ? KAM_LIFECYCLE_SIGNED
                   : a->rank % 5 == 0 ? KAM_LIFECYCLE_INVALID
                   : a->rank % 3 == 0 ? KAM_LIFECYCLE_INTENT
                                      : KAM_LIFECYCLE_PROSPECT;
}

static void sample_account_list(sample_work *w)
{
    sample_random r = sample_stream(w, 2);
    int rank[SAMPLE_NACCOUNT];
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) rank[i] = i;
    sample_shuffle(rank, SAMPLE_NACCOUNT, &r);
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) {
        sample_account *a = &w->account[i];
        do sample_place(w, &r, i);
        while (i >= 40 && sample_taken(w, i));
        a->rank = rank[i];
        a->owner = sample_owner_of(w, &r, a->city);
        sample_habits(&r, a);
    }
}

/* ---------------------------------------------------------------- accounts: how they are written */

static void sample_name(char out[128], const sample_work *w, const sample_account *a)
{
    const sample_city *c = &sample_cities[a->city];
    const char *city = sample_say(w, &c->name), *word = sample_say(w, &sample_trades[a->industry].word);
    const char *brand = sample_say(w, c->europe ? &sample_brand_eu[a->brand] : &sample_brand_cn[a->brand]);
    if (w->zh)
        snprintf(out, 128,
                 a->group    ? "%s%s%s集团"
                 : c->europe ? "%s%s%s公司"
                             : "%s%s%s有限公司",
                 a->group ? "" : city, brand, word);
    else if (a->group)
        snprintf(out, 128, "%s %s Group", brand, word);
    else if (c->europe)
        snprintf(out, 128, "%s %s %s, %s", brand, word, sample_form_eu[a->city], city);
    else
        snprintf(out, 128, "%s %s %s Co., Ltd.", city, brand, word);
}

static void sample_account_place(sample_work *w, sample_random *r, const sample_account *a)
{
    sample *s = w->out;
    const sample_city *c = &sample_cities[a->city];
    int street = sample_below(r, 12), number = sample_between(r, 1, 399), code = sample_between(r, 1000, 9999);
    int lat = c->latitude + sample_between(r, -140000, 140000), lon = c->longitude + sample_between(r, -160000, 160000);
    const char *name = sample_say(w, c->europe ? &sample_street_eu[street] : &sample_street_cn[street]);
    sample_put(s, SAMPLE_ACCOUNTS, w->zh ? "%s%d号," : "%s %d,", name, number);
    sample_put(s, SAMPLE_ACCOUNTS, "%s,%s,%s,T%d,%s %04d %04d,", sample_say(w, &c->name), sample_say(w, &c->region),
               sample_say(w, &c->country), c->territory + 1, c->code, number + 5000, code);
    if (a->rank % 97 == 43) /* nobody has found these on the map */
        sample_put(s, SAMPLE_ACCOUNTS, ",,");
    else
        sample_put(s, SAMPLE_ACCOUNTS, "%d.%06d,%d.%06d,", lat / 1000000, lat % 1000000, lon / 1000000, lon % 1000000);
}

/* Size, potential and the points people of sales would give; larger accounts tend to get more. */
static void sample_account_figures(sample_work *w, sample_random *r, const sample_account *a)
{
    static const char *const source[6] = {"SEMINAR", "REFERRAL", "ENQUIRY", "WEBSITE", "DOOR_TO_DOOR", "B2B_PLATFORM"};
    static const char *const intention[3] = {"GOOD", "FAIR", "NONE"};
    sample *s = w->out;
    int size = a->rank < 40    ? 1
               : a->rank < 130 ? 2
               : a->rank < 240 ? 3
                               : sample_between(r, 2, 4),
        likely = sample_between(r, 20, 95);
    int tenths = sample_between(r, 11, 30), more = sample_between(r, 2, 60), staff = sample_between(r, 8, 40),
        from = sample_below(r, 6);
    int64_t potential = a->yearly / 10000000 * tenths + more; /* 10,000 yuan */
    sample_put(s, SAMPLE_ACCOUNTS, "%s,%d,%s,",
               size == 1   ? "LARGE"
               : size == 2 ? "MEDIUM"
               : size == 3 ? "SMALL"
                           : "MICRO",
               staff * (size == 1   ? 60
                        : size == 2 ? 12
                        : size == 3 ? 4
                                    : 1),
               source[from]);
    sample_put(s, SAMPLE_ACCOUNTS, "%lld.00,%lld.00,", (long long)(potential / 6 + 5) * 10000,
               (long long)potential * 10000);
    for (int i = 0; i < 4; i++) {
        int points = sample_between(r, 30, 75) + (SAMPLE_NACCOUNT - a->rank) / 12;
        sample_put(s, SAMPLE_ACCOUNTS, "%d.%d,", points / 10, points % 10);
    }
    if (a->yearly) likely = (likely + 95) / 2;
    sample_put(s, SAMPLE_ACCOUNTS, "0.%02d,%s,0.%02d,", likely, intention[likely > 65 ? 0 : likely > 40],
               sample_between(r, 0, 12));
}

static void sample_account_since(sample_work *w, sample_random *r, const sample_account *a)
{
    int32_t since = sample_day(2024, 6, 1) - sample_between(r, 30, 3600), news = a->turn + 5;
    if (a->trend == SAMPLE_NEW) since = sample_day(2024 + news / 12, 1 + news % 12, 1);
    if (!a->yearly)
        sample_put(w->out, SAMPLE_ACCOUNTS, ",");
    else
        sample_put_day(w->out, SAMPLE_ACCOUNTS, since);
}

static void sample_accounts(sample_work *w)
{
    static const char *const state[5] = {"", "PROSPECT", "INTENT", "SIGNED", "INVALID"};
    sample_random r = sample_stream(w, 3);
    sample *s = w->out;
    char name[128];
    sample_put(
        s, SAMPLE_ACCOUNTS,
        "ext_id,name,kind,org_type,parent,industry,address,city,state,country,territory,phone,latitude,longitude,");
    sample_put(s, SAMPLE_ACCOUNTS,
               "size,employees,lead_source,credit_limit,potential,spending_power,cooperation_will,loyalty,");
    sample_put(s, SAMPLE_ACCOUNTS,
               "development_potential,likelihood,intention,risk,customer_since,owner,lifecycle,reason\n");
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) {
        const sample_account *a = &w->account[i];
        sample_name(name, w, a);
        sample_put(s, SAMPLE_ACCOUNTS, "C%04d,", 1001 + i);
        sample_put_text(s, SAMPLE_ACCOUNTS, name);
        sample_put(s, SAMPLE_ACCOUNTS, "ORGANISATION,%s,",
                   a->group              ? "GROUP"
                   : sample_below(&r, 8) ? "BUYER"
                                         : "CHANNEL");
        sample_put(s, SAMPLE_ACCOUNTS, a->parent < 0 ? "," : "C%04d,", 1001 + a->parent);
        sample_put(s, SAMPLE_ACCOUNTS, "%s,", sample_say(w, &sample_trades[a->industry].name));
        sample_account_place(w, &r, a);
        sample_account_figures(w, &r, a);
        sample_account_since(w, &r, a);
        if (a->rank == SAMPLE_ORPHAN)
            sample_put(s, SAMPLE_ACCOUNTS, ",");
        else
            sample_put(s, SAMPLE_ACCOUNTS, "R%02d,", a->owner + 1);
        sample_put(s, SAMPLE_ACCOUNTS, "%s,%s\n", state[a->lifecycle],
                   a->lifecycle == KAM_LIFECYCLE_INVALID ? sample_say(w, &sample_no_need[a->rank % 3]) : "");
    }
}

/* Some accounts change hands in the spring of 2026. */
static void sample_handovers(sample_work *w)
{
    sample_random r = sample_stream(w, 4);
    sample_put(w->out, SAMPLE_HANDOVERS, "account,representative,valid_from,reason\n");
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) {
        const sample_account *a = &w->account[i];
        if (sample_below(&r, 6)) continue;
        int other = sample_owner_of(w, &r, a->city);
        if (other == a->owner || a->rank == SAMPLE_ORPHAN) continue;
        sample_put(w->out, SAMPLE_HANDOVERS, "C%04d,R%02d,2026-%02d-01,%s\n", 1001 + i, other + 1,
                   sample_between(&r, 2, 4), w->zh ? "区域调整" : "new split of the territory");
    }
}

/* ---------------------------------------------------------------- all of it */

static const struct {
    const char *name;
    uint32_t kind;
} sample_list[SAMPLE_FILES] = {{"territories.csv", KAM_KIND_TERRITORY},
                               {"representatives.csv", KAM_KIND_REPRESENTATIVE},
                               {"calendar.csv", KAM_KIND_CALENDAR_DAY},
                               {"absences.csv", KAM_KIND_ABSENCE},
                               {"products.csv", KAM_KIND_PRODUCT},
                               {"accounts.csv", KAM_KIND_ACCOUNT},
                               {"handovers.csv", KAM_KIND_OWNER},
                               {"contacts.csv", KAM_KIND_CONTACT},
                               {"affiliations.csv", KAM_KIND_AFFILIATION},
                               {"ledger.csv", KAM_KIND_LEDGER},
                               {"activities.csv", KAM_KIND_ACTIVITY},
                               {"ledger-2026-05.csv", KAM_KIND_LEDGER},
                               {"activities-2026-05.csv", KAM_KIND_ACTIVITY}};

int sample_make(sample *out, uint64_t seed, int zh)
{
    memset(out, 0, sizeof *out);
    sample_work *w = calloc(1, sizeof *w);
    if (!w) return 0;
    w->out = out;
    w->seed = seed;
    w->zh = zh;
    for (int i = 0; i < SAMPLE_FILES; i++) {
        out->file[i].name = sample_list[i].name;
        out->file[i].kind = sample_list[i].kind;
    }
    sample_territories(w);
    sample_representatives(w);
    sample_calendar(w);
    sample_products(w);
    sample_account_list(w);
    sample_accounts(w);
    sample_handovers(w);
    sample_contacts(w);
    sample_sales(w);
    sample_visits(w);
    free(w);
    if (out->failed) sample_free(out);
    return !out->failed;
}

void sample_free(sample *s)
{
    for (int i = 0; i < SAMPLE_FILES; i++) {
        free(s->file[i].data);
        s->file[i].data = NULL;
        s->file[i].size = s->file[i].cap = 0;
    }
}
