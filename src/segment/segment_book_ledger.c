/*
 * segment/segment_book_ledger.c - the figures of a scheme: what the ledger and the activities say about each account
 * in the window.
 *
 * The value room adds up the ledger in the base currency. An account without rows has bought nothing, which is a
 * figure (0); only the days since something that never happened are missing.
 */
#include "../store/store.h"
#include "../value/value_book.h"
#include "segment_book.h"

typedef struct seg_ledger { kam__gradings *g; kam_error *err; kam__ledger *ledger; } seg_ledger;

/* ---------------------------------------------------------------- figures of one account */

static void seg_put(kam__gradings *g, uint32_t attr, uint32_t i, int64_t v)
{
    g->col[attr].num[i] = v;
    g->col[attr].valid[i] = 1;
}

static void seg_put_share(kam__gradings *g, uint32_t attr, uint32_t i, int64_t part, int64_t whole)
{
    int64_t share = 0;
    if (whole > 0 && !kam__muldiv(part, 10000, whole, KAM__HALF_EVEN, &share)) seg_put(g, attr, i, share);
}

static void seg_put_ledger(kam__gradings *g, uint32_t attr, uint32_t i, const kam__totals *t, int64_t all)
{
    const kam__attr_col *potential = &g->col[KAM__COL_POTENTIAL];
    switch (g->scheme->doc.attr[attr].figure) {
    case KAM__FIG_REVENUE: seg_put(g, attr, i, t->revenue); break;
    case KAM__FIG_COST_OF_GOODS: seg_put(g, attr, i, t->cost_of_goods); break;
    case KAM__FIG_GROSS_PROFIT: seg_put(g, attr, i, t->gross_profit); break;
    case KAM__FIG_CONTRIBUTION: seg_put(g, attr, i, t->contribution); break;
    case KAM__FIG_ADJUSTED: seg_put(g, attr, i, t->adjusted); break;
    case KAM__FIG_ORDERS: seg_put(g, attr, i, t->orders); break;
    case KAM__FIG_DIRECT: seg_put(g, attr, i, t->direct_revenue); break;
    case KAM__FIG_RECENCY:
        if (t->orders) seg_put(g, attr, i, (int64_t)g->as_of - t->last_day);
        break;
    case KAM__FIG_SHARE_OF_SALES: seg_put_share(g, attr, i, t->revenue > 0 ? t->revenue : 0, all); break;
    default:
        if (potential->valid[i]) seg_put_share(g, attr, i, t->revenue, potential->num[i]);
    }
}

static int32_t seg_totals(kam__totals *t, const seg_ledger *l, uint32_t i)
{
    const kam__gradings *g = l->g;
    const kam__attr_col *risk = &g->col[KAM__COL_RISK];
    uint32_t at = 0;
    memset(t, 0, sizeof *t);
    if (!kam__ledger_find(l->ledger, g->account[i], &at)) return KAM_OK;
    return kam__ledger_at(l->ledger, at, risk->num && risk->valid[i] ? risk->num[i] : 0, t, l->err);
}

static int32_t seg_fill_ledger(seg_ledger *l)
{
    kam__gradings *g = l->g;
    const kam__scheme *s = &g->scheme->doc;
    kam__totals t;
    kam__sum sum = { 0, 0 };
    int64_t all = 0;
    for (uint32_t i = 0; kam__scheme_uses(s, KAM__FIG_SHARE_OF_SALES) && i < g->n; i++) {
        KAM__TRY(seg_totals(&t, l, i));
        if (t.revenue > 0) kam__sum_add(&sum, t.revenue);
    }
    if (kam__sum_get(&sum, &all))
        return kam__fail(l->err, KAM_E_LIMIT, "the revenue of all accounts does not fit 64 bits");
    for (uint32_t i = 0; i < g->n; i++) {
        KAM__TRY(seg_totals(&t, l, i));
        for (uint32_t a = 0; a < s->nattr; a++)
            if (s->attr[a].source == KAM__ATTR_FIGURE && (kam__figures[s->attr[a].figure].from & KAM__FROM_LEDGER))
                seg_put_ledger(g, a, i, &t, all);
    }
    return KAM_OK;
}

static int32_t seg_ledger_figures(kam__gradings *g, kam_book *book, kam_error *err)
{
    seg_ledger l = { .g = g, .err = err };
    kam__value_scope scope = { .from = g->from, .to = g->to, .as_of = g->as_of,
                               .any_orders = !kam__scheme_uses(&g->scheme->doc, KAM__FIG_ORDERS) };
    KAM__TRY(kam__value_settle(&scope, book, err));
    KAM__TRY(kam__value_collect(&l.ledger, book, &scope, err));
    int32_t rc = seg_fill_ledger(&l);
    kam__ledger_free(l.ledger);
    return rc;
}

/* ---------------------------------------------------------------- contacts */

typedef struct seg_contacts { kam__gradings *g; uint32_t count, since; } seg_contacts;

static int32_t on_seg_contacts(void *user, const kam_block *rows)
{
    seg_contacts *c = user;
    kam__gradings *g = c->g;
    const kam_col *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    for (uint32_t k = 0; k < rows->nrow; k++) {
        uint32_t i = 0;
        int64_t d = kam__col_i64(day, k), since = g->as_of - d;
        if (!kam__gradings_find(g, kam__col_i64(account, k), &i)) continue;
        if (c->count != UINT32_MAX && d >= g->from && d < g->to) g->col[c->count].num[i]++;
        if (c->since == UINT32_MAX || since < 0) continue;
        if (!g->col[c->since].valid[i] || since < g->col[c->since].num[i]) seg_put(g, c->since, i, since);
    }
    return KAM_OK;
}

static uint32_t seg_attr_of_figure(const kam__scheme *s, uint32_t figure)
{
    for (uint32_t a = 0; a < s->nattr; a++)
        if (s->attr[a].source == KAM__ATTR_FIGURE && s->attr[a].figure == figure) return a;
    return UINT32_MAX;
}

static int32_t seg_contact_figures(kam__gradings *g, kam_book *book, kam_error *err)
{
    static const uint32_t field[] = { KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_DAY };
    const kam__scheme *s = &g->scheme->doc;
    seg_contacts c = { g, seg_attr_of_figure(s, KAM__FIG_CONTACTS), seg_attr_of_figure(s, KAM__FIG_SINCE_CONTACT) };
    kam_pred p;
    kam__pred mem;
    if (c.count != UINT32_MAX) memset(g->col[c.count].valid, 1, g->n);
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_STATUS), KAM_OP_EQ,
                  KAM_ACTIVITY_HELD);
    kam__read q = {
        .scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = 3, .pred = &p, .npred = 1, .any_order = 1},
        .as_of = g->as_of};
    return kam__read_rows(book, &q, on_seg_contacts, &c, err);
}

/* ---------------------------------------------------------------- months of cooperation */

static int64_t seg_months(int32_t from, int32_t to)
{
    int32_t y0, m0, d0, y1, m1, d1;
    kam__day_split(from, &y0, &m0, &d0);
    kam__day_split(to, &y1, &m1, &d1);
    int32_t months = (y1 - y0) * 12 + m1 - m0;
    return kam__add_months(from, months) > to ? months - 1 : months;
}

static void seg_month_figures(kam__gradings *g)
{
    uint32_t a = seg_attr_of_figure(&g->scheme->doc, KAM__FIG_MONTHS);
    const kam__attr_col *since = &g->col[KAM__COL_SINCE];
    for (uint32_t i = 0; a != UINT32_MAX && i < g->n; i++)
        if (since->valid[i] && since->num[i] <= g->as_of && since->num[i] > -719162 - 1)
            seg_put(g, a, i, seg_months((int32_t)since->num[i], g->as_of));
}

int32_t kam__gradings_figures(kam__gradings *g, kam_book *book, kam_error *err)
{
    const kam__scheme *s = &g->scheme->doc;
    uint32_t needs = kam__scheme_needs(s);
    for (uint32_t a = 0; a < s->nattr; a++)
        if (s->attr[a].source == KAM__ATTR_FIGURE) KAM__TRY(kam__gradings_column(g, a, 0, err));
    if (needs & KAM__FROM_LEDGER) KAM__TRY(seg_ledger_figures(g, book, err));
    if (needs & KAM__FROM_ACTIVITY) KAM__TRY(seg_contact_figures(g, book, err));
    seg_month_figures(g);
    return KAM_OK;
}
