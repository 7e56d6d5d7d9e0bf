/*
 * report/page_accounts.c - key accounts: the first as cards, the next as a table.
 *
 * A card answers what one asks before a visit: what the account brings and whether that grows, whose it is, how it
 * stands and why, when somebody was there last and who goes next. A late one has another edge and says so.
 */
#include "report.h"

static void card_line(kam_buf *out, const kam__report *r, int word)
{
    kam__buf_str(out, "<dt>");
    kam__html_word(out, r, word);
    kam__buf_str(out, "</dt><dd>");
}

static void card_money(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    kam__num n;
    int growth = (a->flags & KAM__ACC_BEFORE) && a->before > 0;
    card_line(out, r, KAM__W_REVENUE);
    kam__buf_str(out, kam__num_money(&n, r, a->revenue));
    if (growth)
        kam__buf_printf(out, " <span class=\"%s\">%s</span>", a->revenue < a->before ? "neg" : "pos",
                        kam__num_growth(&n, r, a->revenue, a->before));
    kam__buf_str(out, "</dd>");
    card_line(out, r, KAM__W_CONTRIBUTION);
    kam__buf_printf(out, "<span%s>%s</span>", a->contribution < 0 ? " class=\"neg\"" : "",
                    kam__num_money(&n, r, a->contribution));
    if (a->revenue > 0) kam__buf_printf(out, " (%s)", kam__num_percent(&n, r, a->contribution, a->revenue));
    kam__buf_str(out, "</dd>");
}

static void card_score(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    kam__num points, rank;
    if (!(a->flags & KAM__ACC_SCORE)) return;
    card_line(out, r, KAM__W_SCORE);
    kam__num_points(&points, a->points);
    if (a->score_rank > 0)
        kam__html_say(out, r, KAM__W_SCORE_RANK, points.text, kam__num_count(&rank, a->score_rank), NULL);
    else
        kam__buf_str(out, points.text);
    kam__buf_str(out, "</dd>");
}

static void card_contact(kam_buf *out, const kam__report *r, int32_t day, int channel, int64_t rep, int none)
{
    kam__num n;
    if (day == KAM_DAY_FIRST || day == KAM_DAY_END) {
        kam__html_word(out, r, none);
        return;
    }
    kam__buf_printf(out, "%s, ", kam__num_day(&n, day));
    kam__html_text(out, kam__report_item(r->zh, "CHANNEL", channel), 0);
    if (!rep) return;
    kam__buf_str(out, " \xC2\xB7 ");
    kam__html_rep(out, r, rep);
}

static void card_due(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    kam__num n;
    if (a->overdue < 0) return;
    kam__buf_printf(out, " <span class=\"chip%s\">", a->overdue ? "" : " calm");
    if (a->overdue)
        kam__html_say(out, r, a->overdue == 1 ? KAM__W_OVERDUE_1 : KAM__W_OVERDUE, kam__num_count(&n, a->overdue), NULL,
                      NULL);
    else
        kam__html_word(out, r, KAM__W_DUE_NOW);
    kam__buf_str(out, "</span>");
}

static void card_contacts(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    card_line(out, r, KAM__W_LAST_CONTACT);
    card_contact(out, r, a->last_day, a->last_channel, 0, KAM__W_NEVER);
    card_due(out, r, a);
    kam__buf_str(out, "</dd>");
    card_line(out, r, KAM__W_NEXT_CONTACT);
    card_contact(out, r, a->next_day, a->next_channel, a->next_rep, KAM__W_NOTHING_PLANNED);
    kam__buf_str(out, "</dd>");
}

static void card_say(kam_buf *out, const kam__report *r, int word, const char *grade, const char *text)
{
    if (!text || !text[0]) return;
    kam__buf_str(out, "<p class=\"say\"><b>");
    kam__html_say(out, r, word, grade, NULL, NULL);
    kam__buf_str(out, "</b> <bdi>");
    kam__html_text(out, text, KAM__REPORT_REASON);
    kam__buf_str(out, "</bdi></p>");
}

static void card_warnings(kam_buf *out, const char *ids)
{
    size_t at = 0, len = ids ? strlen(ids) : 0;
    for (uint32_t n = 0; at < len && n < 8; n++) {
        size_t end = at;
        while (end < len && ids[end] != ',') end++;
        char part[64];
        size_t size = kam__utf8_cut(ids + at, end - at < 60 ? end - at : 60);
        memcpy(part, ids + at, size);
        part[size] = '\0';
        kam__buf_str(out, " <span class=\"chip\">");
        kam__html_text(out, part, 0);
        kam__buf_str(out, "</span>");
        at = end + 1;
    }
}

static void card_missing(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    kam__num n;
    if (!(a->flags & KAM__ACC_SCORE) || a->missing <= 0) return;
    kam__buf_str(out, " <span class=\"chip calm\">");
    kam__html_say(out, r, KAM__W_SCORE_MISSING, kam__num_count(&n, a->missing), NULL, NULL);
    kam__buf_str(out, "</span>");
}

static void card_owner(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    if (a->owner)
        kam__html_rep(out, r, a->owner);
    else {
        kam__buf_str(out, "<span class=\"chip\">");
        kam__html_word(out, r, KAM__W_NO_OWNER);
        kam__buf_str(out, "</span>");
    }
}

static void card_at(kam_buf *out, const kam__report_text *t)
{
    if (!t || (!t->city && !t->industry)) return;
    kam__buf_str(out, "<p class=\"at\">");
    if (t->city) kam__html_name(out, t->city);
    if (t->city && t->industry) kam__buf_str(out, " \xC2\xB7 ");
    if (t->industry) kam__html_name(out, t->industry);
    kam__buf_str(out, "</p>");
}

static void card_write(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    const kam__report_text *t = kam__report_text_of(r, a->id);
    kam__buf_printf(out, "<article class=\"card%s\"><h3><span>", a->overdue > 0 ? " late" : "");
    kam__html_account(out, r, a->id);
    kam__buf_str(out, "</span>");
    kam__html_grade(out, r, a->grade);
    kam__buf_str(out, "</h3>");
    card_at(out, t);
    kam__buf_str(out, "<dl>");
    card_line(out, r, KAM__W_OWNER);
    card_owner(out, r, a);
    kam__buf_str(out, "</dd>");
    card_money(out, r, a);
    card_score(out, r, a);
    card_contacts(out, r, a);
    kam__buf_str(out, "</dl>");
    if (t) card_say(out, r, KAM__W_WHY_GRADE, a->grade ? r->grade[a->grade].name : "\xE2\x80\x93", t->reason);
    if (t) card_say(out, r, KAM__W_WHY_SCORE, NULL, t->score_reason);
    if ((t && t->warnings) || ((a->flags & KAM__ACC_SCORE) && a->missing > 0)) {
        kam__buf_str(out, "<p>");
        if (t) card_warnings(out, t->warnings);
        card_missing(out, r, a);
        kam__buf_str(out, "</p>");
    }
    kam__buf_str(out, "</article>\n");
}

/* ---------------------------------------------------------------- the next ones */

static void keys_row(kam_buf *out, const kam__report *r, const kam__report_account *a)
{
    kam__num n;
    const kam__report_text *t = kam__report_text_of(r, a->id);
    kam__buf_str(out, "<tr><td>");
    kam__html_grade(out, r, a->grade);
    kam__buf_char(out, ' ');
    kam__html_account(out, r, a->id);
    kam__buf_str(out, "</td><td class=\"opt\">");
    kam__html_name(out, t ? t->city : NULL);
    kam__buf_str(out, "</td><td class=\"opt\">");
    card_owner(out, r, a);
    kam__buf_printf(out, "</td><td class=\"r\">%s</td>", kam__num_money(&n, r, a->revenue));
    kam__buf_printf(out, "<td class=\"r%s\">%s</td>", a->contribution < 0 ? " neg" : "",
                    kam__num_money(&n, r, a->contribution));
    kam__buf_printf(out, "<td class=\"r opt\">%s</td><td>",
                    a->flags & KAM__ACC_SCORE ? kam__num_points(&n, a->points) : "\xE2\x80\x93");
    card_contact(out, r, a->last_day, a->last_channel, 0, KAM__W_NEVER);
    card_due(out, r, a);
    kam__buf_str(out, "</td><td class=\"opt\">");
    card_contact(out, r, a->next_day, a->next_channel, a->next_rep, KAM__W_NOTHING_PLANNED);
    kam__buf_str(out, "</td></tr>\n");
}

static void keys_table(kam_buf *out, const kam__report *r)
{
    static const kam__page_col head[] = {
        {KAM__W_ACCOUNT, NULL},      {KAM__W_CITY, "opt"},       {KAM__W_OWNER, "opt"},
        {KAM__W_REVENUE, "r"},       {KAM__W_CONTRIBUTION, "r"}, {KAM__W_SCORE, "r opt"},
        {KAM__W_LAST_CONTACT, NULL}, {KAM__W_NEXT_CONTACT, "opt"}};
    uint32_t shown = r->nkey < KAM__REPORT_KEYS ? r->nkey : KAM__REPORT_KEYS;
    kam__buf_str(out, "<h3>");
    kam__html_word(out, r, KAM__W_OTHER_KEYS);
    kam__buf_str(out, "</h3>\n");
    kam__page_list_open(out, r, 1, head, KAM__LEN(head));
    for (uint32_t i = KAM__REPORT_CARDS; i < shown; i++) keys_row(out, r, &r->account[r->key[i]]);
    kam__page_list_close(out, r, r->nkey - shown);
}

void kam__page_accounts(kam_buf *out, const kam__report *r)
{
    static const int lead[] = {0, KAM__W_KEY_TIER, KAM__W_KEY_GRADE, KAM__W_KEY_SCORE, KAM__W_KEY_REVENUE};
    kam__page_section(out, r, "accounts", KAM__W_KEYS);
    if (!r->nkey)
        kam__page_none(out, r, KAM__W_NO_KEYS);
    else {
        kam__buf_str(out, "<p class=\"lead\">");
        kam__html_word(out, r, lead[r->key_how]);
        kam__buf_char(out, ' ');
        kam__html_word(out, r, KAM__W_KEY_SIGNS);
        if (!r->scoring.id) {
            kam__buf_char(out, ' ');
            kam__html_word(out, r, KAM__W_NO_SCORING);
        }
        kam__buf_str(out, "</p>\n<div class=\"cards\">\n");
        for (uint32_t i = 0; i < r->nkey && i < KAM__REPORT_CARDS; i++) card_write(out, r, &r->account[r->key[i]]);
        kam__buf_str(out, "</div>\n");
        if (r->nkey > KAM__REPORT_CARDS) keys_table(out, r);
    }
    kam__buf_str(out, "</section>\n");
}
