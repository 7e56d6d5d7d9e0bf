/*
 * demo_summary.c - one screen: what was read, what it is worth, what changed and why, who waits for a visit.
 */
#include "demo.h"

/* 166,227,196 */
static const char *demo_count(char out[32], int64_t v)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", v < 0 ? (long long)-v : (long long)v), at = 0;
    if (v < 0) out[at++] = '-';
    for (int i = 0; i < n; i++) {
        out[at++] = digits[i];
        if ((n - i) % 3 == 1 && i + 1 < n) out[at++] = ',';
    }
    out[at] = '\0';
    return out;
}

static double demo_percent(int64_t part, int64_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0.0; }

static void demo_say_imported(const demo *d)
{
    char a[32], b[32];
    printf(demo_say(d, "Huarui Industrial Parts, a company made up by seed %llu (book %s)\n\n",
                    "华瑞工业零件公司，由种子 %llu 虚构（账簿 %s）\n\n"),
           (unsigned long long)d->seed, d->shown);
    printf(
        demo_say(d,
                 "Imported       %lld accounts, %lld contacts, %lld products, %lld representatives, %s ledger rows, %s "
                 "activities\n",
                 "已导入       %lld 个客户，%lld 个联系人，%lld 种产品，%lld 名销售代表，"
                 "%s 条交易流水，%s 条活动\n"),
        (long long)d->rows[KAM_KIND_ACCOUNT], (long long)d->rows[KAM_KIND_CONTACT],
        (long long)d->rows[KAM_KIND_PRODUCT], (long long)d->rows[KAM_KIND_REPRESENTATIVE],
        demo_count(a, d->rows[KAM_KIND_LEDGER]), demo_count(b, d->rows[KAM_KIND_ACTIVITY]));
}

static void demo_say_value(const demo *d)
{
    char a[32], b[32];
    printf(demo_say(d,
                    "Revenue        CNY %s in the twelve months to 2026-05-31, from %lld accounts; contribution CNY %s "
                    "(%.1f %%)\n",
                    "收入         截至2026-05-31的十二个月人民币 %s 元，来自 %lld 个客户；"
                     "利润贡献 %s 元（%.1f %%）\n"),
           demo_count(a, d->revenue / 100), (long long)d->accounts, demo_count(b, d->contribution / 100),
           demo_percent(d->contribution, d->revenue));
    printf(
        demo_say(d,
                 "ABC            A %lld accounts with %.1f %%, B %lld with %.1f %%, C %lld with %.1f %%; %lld cost "
                 "more than they bring\n",
                 "ABC          A %lld 个客户占 %.1f %%，B %lld 个占 %.1f %%，C %lld 个占 %.1f %%；"
                  "%lld 个客户亏损\n"),
        (long long)d->abc[0], demo_percent(d->part[0], d->revenue), (long long)d->abc[1],
        demo_percent(d->part[1], d->revenue), (long long)d->abc[2], demo_percent(d->part[2], d->revenue),
        (long long)d->unprofitable);
    printf(demo_say(d, "Concentration  the largest fifth makes %.1f %%, the largest account %.1f %%; Gini %.3f\n",
                    "集中度       最大的五分之一占 %.1f %%，最大客户占 %.1f %%；基尼系数 %.3f\n"),
           100 * d->top20, 100 * d->top1, d->gini);
}

static void demo_say_grades(const demo *d)
{
    printf(demo_say(d,
                    "Grades         %s on 2026-05-31: A %lld, B %lld, C %lld; since April %lld up, %lld down. The "
                    "largest changes:\n",
                    "等级         %s 于2026-05-31：A %lld，B %lld，C %lld；较四月上升 %lld，下降 %lld。"
                     "最大的变更：\n"),
           DEMO_SCHEME, (long long)d->grade[0], (long long)d->grade[1], (long long)d->grade[2], (long long)d->up,
           (long long)d->down);
    for (int i = 0; i < d->nchange; i++)
        printf("                 %s -> %s  %s\n", d->change[i].old, d->change[i].now[0] ? d->change[i].now : "-",
               d->change[i].account);
}

static void demo_say_due(const demo *d)
{
    printf(demo_say(d, "Due            %lld contacts on 2026-06-01. The longest overdue:\n",
                    "到期         2026-06-01 有 %lld 项联络到期。逾期最久的：\n"),
           (long long)d->ndue);
    for (int i = 0; i < DEMO_TOP && i < d->ndue; i++) {
        const demo_due *due = &d->due[i];
        printf(demo_say(d, "                 %lld days  %s %s  %s (last %s, %s)\n",
                        "                 %lld 天  %s %s  %s（上次 %s，%s）\n"),
               (long long)due->overdue, due->grade, due->channel, due->account, due->last, due->representative);
    }
}

static void demo_say_scores(const demo *d)
{
    printf(demo_say(d, "Scores         by the scorecard %s, most points:\n",
                    "评分         按评分卡 %s，得分最高：\n"),
           DEMO_CARD);
    for (int i = 0; i < d->nscore; i++) printf("                 %s  %s\n", d->score[i].now, d->score[i].account);
}

static void demo_say_plan(const demo *d)
{
    printf(demo_say(d,
                    "Plan           four weeks from 2026-06-01: %lld visits and %lld calls of %lld representatives; "
                    "%lld do not fit\n",
                    "计划         自2026-06-01起四周：%lld 次拜访和 %lld 次电话，%lld 名销售代表；"
                    "%lld 项无法排入\n"),
           (long long)d->visits, (long long)d->calls, (long long)d->people, (long long)d->unplanned);
}

/* The explanation as the library gives it, moved to the right. */
static void demo_say_why(const demo *d)
{
    kam_account *a = NULL;
    kam_why *why = NULL;
    if (!d->why || kam_account_open(&a, d->c->book, d->why, SAMPLE_LAST, d->c->err) != KAM_OK) return;
    if (kam_account_why(&why, a, KAM_KIND_GRADE, DEMO_SCHEME, d->c->err) == KAM_OK &&
        kam_why_text(d->c->buf, why, d->lang, d->c->err) == KAM_OK) {
        printf(demo_say(d, "Why            %s:\n", "原因         %s：\n"), d->change[0].account);
        for (const char *at = kam_buf_data(d->c->buf); *at;) {
            size_t n = strcspn(at, "\n");
            if (n) printf("                 %.*s\n", (int)n, at);
            at += n + (at[n] == '\n');
        }
    }
    kam_why_free(why);
    kam_account_free(a);
}

void demo_summary(const demo *d)
{
    demo_say_imported(d);
    demo_say_value(d);
    demo_say_grades(d);
    demo_say_scores(d);
    demo_say_due(d);
    demo_say_plan(d);
    demo_say_why(d);
    printf(demo_say(d,
                    "Written        %s/report.html, accounts.csv, grades.csv, scores.csv, due.csv, plan.csv, "
                    "unplanned.csv; what was imported: %s/input/\n",
                    "已写入       %s/report.html, accounts.csv, grades.csv, scores.csv, due.csv, plan.csv, "
                    "unplanned.csv；导入的文件在 %s/input/\n"),
           d->dir, d->dir);
}
