/*
 * sample.h - a company that never was: seeded, believable, the same bytes on every machine.
 *
 * "Huarui" sells industrial parts (bearings, pumps, valves, drives ...) to some 300 organisations in China and
 * Europe. The generator writes what an ERP would deliver: CSV texts, to be imported like anybody's files. Only
 * integers are used, and every list draws from a stream of its own, so that one list can change without moving the
 * others; names are drawn alike in both languages.
 *
 *   sample.c            streams, texts, days; accounts and people of ours
 *   sample_words.c      word lists, English and Chinese
 *   sample_contacts.c   people of theirs
 *   sample_sales.c      24 months of order lines and costs
 *   sample_visits.c     visits and calls of the last six months
 */
#ifndef KAM_SAMPLE_H
#define KAM_SAMPLE_H
#include <stddef.h>
#include <stdint.h>

enum {
    SAMPLE_TERRITORIES, SAMPLE_REPRESENTATIVES, SAMPLE_CALENDAR, SAMPLE_ABSENCES, SAMPLE_PRODUCTS, SAMPLE_ACCOUNTS,
    SAMPLE_HANDOVERS, SAMPLE_CONTACTS, SAMPLE_AFFILIATIONS, SAMPLE_LEDGER, SAMPLE_ACTIVITIES, SAMPLE_LEDGER_MAY,
    SAMPLE_ACTIVITIES_MAY, SAMPLE_FILES
};
/* Days since 1970: the first and the last of the sales; the last one of the first delivery; the day of the due list. */
enum { SAMPLE_FIRST = 19875, SAMPLE_APRIL = 20573, SAMPLE_LAST = 20604, SAMPLE_TODAY = 20605 };

typedef struct sample_file { const char *name; uint32_t kind; char *data; size_t size, cap; } sample_file;
typedef struct sample { sample_file file[SAMPLE_FILES]; int failed; } sample;

/** Makes all files, in the order in which they are to be imported; 0 = out of memory. */
int sample_make(sample *out, uint64_t seed, int zh);
void sample_free(sample *s);

/* ---------------------------------------------------------------- for the sample_*.c files only */

enum { SAMPLE_NACCOUNT = 300, SAMPLE_NBUYING = 246, SAMPLE_NREP = 8, SAMPLE_NPRODUCT = 40 };
enum { SAMPLE_NCITY = 13, SAMPLE_NINDUSTRY = 10, SAMPLE_ORPHAN = 61 };         /* the rank of the account nobody owns */
enum { SAMPLE_STEADY, SAMPLE_GROWING, SAMPLE_DECLINING, SAMPLE_CHURNED, SAMPLE_NEW, SAMPLE_PROJECTS };

typedef struct sample_word { const char *en, *zh; } sample_word;
typedef struct sample_city {
    sample_word name, region, country;
    const char *code;
    int32_t latitude, longitude;                        /* degrees * 10^6 */
    int europe, territory;
} sample_city;
/* An industry; how its firms call what they make. */
typedef struct sample_trade { sample_word name, word; } sample_trade;
typedef struct sample_ware { sample_word name; int32_t price, cost_pct; } sample_ware;      /* cents */

extern const sample_city sample_cities[SAMPLE_NCITY];
extern const sample_trade sample_trades[SAMPLE_NINDUSTRY];
extern const sample_word sample_territory[4], sample_category[8], sample_variant[5];
extern const sample_ware sample_wares[8];
extern const sample_word sample_brand_cn[48], sample_brand_eu[36], sample_street_cn[12], sample_street_eu[12];
extern const sample_word sample_family_cn[24], sample_given_cn[32], sample_family_eu[24], sample_given_eu[24];
extern const sample_word sample_points[10], sample_no_need[3];
extern const char *const sample_form_eu[SAMPLE_NCITY];                      /* "GmbH" */

typedef struct sample_account {
    int city, industry, brand, parent, group, lifecycle, owner, rank;       /* parent -1 = none; rank by size, from 0 */
    int trend, turn, discount, costly; /* turn: the month in which the trend breaks */
    int product[5], contact, ncontact;
    int64_t yearly, quarter[8];                                             /* cents */
} sample_account;

typedef struct sample_work {
    sample *out; uint64_t seed; int zh;
    sample_account account[SAMPLE_NACCOUNT];
    int rep_city[SAMPLE_NREP], rep_zeal[SAMPLE_NREP];
    int32_t price[SAMPLE_NPRODUCT], cost[SAMPLE_NPRODUCT];
    int order, line, activity;
} sample_work;

typedef struct sample_random { uint64_t state; } sample_random;
sample_random sample_stream(const sample_work *w, uint64_t name);
int sample_below(sample_random *r, int n);                                  /* 0 .. n - 1 */
int sample_between(sample_random *r, int low, int high);                    /* both included */
int64_t sample_root(int64_t v);

const char *sample_say(const sample_work *w, const sample_word *word);
int32_t sample_day(int year, int month, int mday);
void sample_day_split(int32_t day, int *year, int *month, int *mday);
/** The next working day at their place: no weekend, no Spring Festival in China. */
int32_t sample_workday(const sample_account *a, int32_t day);
void sample_put(sample *s, int file, const char *fmt, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
void sample_put_text(sample *s, int file, const char *text);    /* quoted where it must be, and the comma behind it */
void sample_put_day(sample *s, int file, int32_t day);          /* and the comma behind it */
/** "Wang Wei" or its Chinese form; `who` chooses it. Returns 1 for a woman. */
int sample_person(char out[64], const sample_work *w, int europe, uint64_t who);

void sample_contacts(sample_work *w);
void sample_sales(sample_work *w);
void sample_visits(sample_work *w);
#endif
