/*
 * sample_sales.c - 24 months of order lines: how much an account buys in a month is its yearly volume, its trend,
 * and the season.
 *
 * Factories in China rest around the Spring Festival, those in Europe in August. Every quarter the costs of serving
 * an account are booked: what it takes in travel and people has little to do with what it buys, so some accounts
 * cost more than they bring.
 */
#include "sample.h"
#include <kam/fields.h>

static const int sample_season_cn[12] = {82, 52, 113, 105, 101, 103, 97, 95, 108, 99, 114, 131}; /* % of a mean month */
static const int sample_season_eu[12] = {96, 99, 107, 103, 101, 106, 93, 70, 108, 110, 107, 100};

/* In thousandths of the yearly volume's month. */
static int sample_trend(const sample_account *a, int month)
{
    switch (a->trend) {
    case SAMPLE_GROWING: return 650 + 34 * month;
    case SAMPLE_DECLINING: return 1400 - 44 * month;
    case SAMPLE_CHURNED: return month < a->turn ? 1000 : 0;
    case SAMPLE_NEW: return month < a->turn ? 0 : 600 + (month - a->turn > 9 ? 600 : 60 * (month - a->turn));
    case SAMPLE_PROJECTS: return month == a->turn ? 7000 : 450;
    default: return 1000;
    }
}

static int sample_ledger_of(int32_t day) { return day > SAMPLE_APRIL ? SAMPLE_LEDGER_MAY : SAMPLE_LEDGER; }

static void sample_money(sample *s, int file, int64_t cents)
{
    sample_put(s, file, "%lld.%02d,", (long long)(cents / 100), (int)(cents % 100));
}

/* ---------------------------------------------------------------- lines */

typedef struct sample_line {
    const sample_account *a;
    int number, order, product, quantity;
    int32_t day;
    int64_t amount, cost;
} sample_line;

static void sample_write_line(sample_work *w, const sample_line *l, const char *event)
{
    sample *s = w->out;
    int file = sample_ledger_of(l->day);
    sample_put(s, file, "L%06d,%s,C%04d,", ++w->line, event, l->number);
    sample_put_day(s, file, l->day);
    sample_put(s, file, "SO%06d,P%03d,%d,", l->order, 101 + l->product, l->quantity);
    sample_money(s, file, (int64_t)w->price[l->product] * (100 - l->a->discount) / 100);
    sample_money(s, file, l->amount);
    sample_money(s, file, l->cost);
    sample_put(s, file, ",R%02d\n", l->a->owner + 1);
}

/* One line in 35 comes back, at least in part, within the next weeks. */
static void sample_return(sample_work *w, sample_random *r, const sample_line *sale)
{
    sample_line back = *sale;
    if (sample_below(r, 35)) return;
    back.quantity = sample_between(r, 1, sale->quantity);
    back.day = sample_workday(sale->a, sale->day + sample_between(r, 4, 25));
    back.amount = sale->amount * back.quantity / sale->quantity;
    back.cost = sale->cost * back.quantity / sale->quantity;
    if (back.day <= SAMPLE_LAST) sample_write_line(w, &back, "RETURN");
}

static int64_t sample_order_line(sample_work *w, sample_random *r, sample_line *l, int64_t value)
{
    l->product = l->a->product[sample_below(r, 5)];
    int64_t price = (int64_t)w->price[l->product] * (100 - l->a->discount) / 100;
    int64_t quantity = (value + price / 2) / price;
    l->quantity = quantity < 1 ? 1 : quantity > 20000 ? 20000 : (int)quantity;
    l->amount = price * l->quantity;
    l->cost = (int64_t)w->cost[l->product] * l->quantity;
    sample_write_line(w, l, "SALE");
    sample_return(w, r, l);
    return l->amount;
}

static void sample_order(sample_work *w, sample_random *r, int i, int month, int64_t value)
{
    sample_account *a = &w->account[i];
    int year = 2024 + (month + 5) / 12, lines = sample_between(r, 1, 4);
    sample_line l = {.a = a, .number = 1001 + i, .order = 100000 + ++w->order};
    l.day = sample_workday(a, sample_day(year, 1 + (month + 5) % 12, sample_between(r, 1, 28)));
    if (l.day > SAMPLE_LAST) l.day = SAMPLE_LAST - 2; /* the 29th was a Friday */
    for (int k = 0; k < lines; k++)
        a->quarter[month / 3] += sample_order_line(w, r, &l, value / lines * sample_between(r, 60, 140) / 100);
}

/* Large accounts order often: the number of orders grows with the root of the volume. */
static void sample_month(sample_work *w, sample_random *r, int i, int month)
{
    const sample_account *a = &w->account[i];
    const int *season = sample_cities[a->city].europe ? sample_season_eu : sample_season_cn;
    if (!a->yearly) return;
    int64_t orders = 2 + sample_root(a->yearly / 600000);
    int64_t expected = orders * sample_trend(a, month) * season[(month + 5) % 12] / 12000; /* in hundredths */
    int n = (int)(expected / 100) + (sample_below(r, 100) < (int)(expected % 100));
    for (int k = 0; k < n; k++) sample_order(w, r, i, month, a->yearly / orders * sample_between(r, 60, 140) / 100);
}

/* ---------------------------------------------------------------- costs to serve */

static void sample_cost(sample_work *w, int i, int32_t day, const char *kind, int64_t cents)
{
    int file = sample_ledger_of(day);
    if (cents <= 0) return;
    sample_put(w->out, file, "L%06d,COST_TO_SERVE,C%04d,", ++w->line, 1001 + i);
    sample_put_day(w->out, file, day);
    sample_put(w->out, file, ",,,,");
    sample_money(w->out, file, cents);
    sample_put(w->out, file, ",%s,R%02d\n", kind, w->account[i].owner + 1);
}

static void sample_costs(sample_work *w, sample_random *r, int quarter)
{
    int month = quarter * 3 + 8, year = 2024 + month / 12; /* the month behind the quarter, from 0 */
    int32_t day = sample_day(year, 1 + month % 12, 1) - 1;
    for (int i = 0; i < SAMPLE_NACCOUNT; i++) {
        const sample_account *a = &w->account[i];
        int64_t q = a->quarter[quarter], dear = a->costly ? 7 : 1;
        if (a->lifecycle == KAM_LIFECYCLE_INVALID || (!q && sample_below(r, 3))) continue;
        sample_cost(w, i, day, "TRAVEL", dear * (sample_between(r, 300, 2400) + q / 100000) * 100);
        sample_cost(w, i, day, "PERSONNEL", dear * (sample_between(r, 800, 3600) * 100 + q * 15 / 1000));
        sample_cost(w, i, day, "INVENTORY_INTEREST", q * sample_between(r, 3, 9) / 1000);
        sample_cost(w, i, day, "ADMINISTRATION", q * 2 / 100 + 20000);
    }
}

void sample_sales(sample_work *w)
{
    sample_random r = sample_stream(w, 6);
    for (int file = SAMPLE_LEDGER; file <= SAMPLE_LEDGER_MAY; file += SAMPLE_LEDGER_MAY - SAMPLE_LEDGER)
        sample_put(w->out, file,
                   "ext_id,event,account,day,order,product,quantity,unit_price,amount,cost,cost_kind,representative\n");
    for (int month = 0; month < 24; month++) {
        for (int i = 0; i < SAMPLE_NACCOUNT; i++) sample_month(w, &r, i, month);
        if (month % 3 == 2) sample_costs(w, &r, month / 3);
    }
}
