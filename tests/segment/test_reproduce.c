/*
 * "Reproduce last month's run": grade, then change the past and the present, and get the same bytes again from the book
 * as it was known.
 */
#include "../store/store_test.h"

static int setup(void **state)
{
    static fixture f;
    open_fixture(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    close_fixture(*state);
    return 0;
}

static void fill(fixture *f, int n)
{
    char name[32], key[32], ref[32], amount[32];
    SAVE(f, KAM_KIND_REPRESENTATIVE, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, "R1",
         (uint32_t)KAM_REPRESENTATIVE_NAME, "Chen");
    SAVE(f, KAM_KIND_REPRESENTATIVE, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, "R2",
         (uint32_t)KAM_REPRESENTATIVE_NAME, "Li");
    MUST(kam_book_begin(f->book, KAM_BEGIN_WRITE, f->err));
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "Account %d", i);
        snprintf(key, sizeof key, "C%d", i);
        snprintf(ref, sizeof ref, "erp:C%d", i);
        snprintf(amount, sizeof amount, "%d.50", 100 + i * 37 % 101);
        SAVE(f, KAM_KIND_ACCOUNT, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, key, (uint32_t)KAM_ACCOUNT_NAME,
             name, (uint32_t)KAM_ACCOUNT_OWNER, "erp:R1");
        SAVE(f, KAM_KIND_LEDGER, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, key, (uint32_t)KAM_LEDGER_ACCOUNT,
             ref, (uint32_t)KAM_LEDGER_DAY, "2026-01-15", (uint32_t)KAM_LEDGER_EVENT, "SALE",
             (uint32_t)KAM_LEDGER_AMOUNT, amount);
    }
    MUST(kam_book_commit(f->book, f->err));
}

/* The run and its items as text. */
static void run_text(fixture *f, kam_book *book, const char *day, kam_buf *out)
{
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    kam_buf *piece = NULL;
    kam_export_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.format = KAM_FORMAT_JSONL;
    MUST(kam_buf_new(&piece, f->ctx, f->err));
    MUST(kam_scheme_open(&scheme, book, "quota-20-40-40", day_of(day), f->err));
    MUST(kam_grading_run(&run, book, scheme, day_of(day), f->err));
    MUST(kam_record_to_json(out, kam_run_record(run), f->err));
    MUST(kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, f->err));
    do {
        MUST(kam_rows_export(piece, rows, &o, f->err));
        MUST(kam_buf_append(out, kam_buf_data(piece), kam_buf_size(piece), f->err));
    } while (kam_buf_size(piece));
    kam_rows_free(rows);
    kam_run_free(run);
    kam_scheme_free(scheme);
    kam_buf_free(piece);
}

static void test_same_bytes_after_the_past_changed(void **state)
{
    fixture *f = *state;
    kam_buf *before = NULL, *now = NULL, *then = NULL;
    kam_book *known = NULL;
    kam_record *r = NULL;
    int64_t seq = 0, id = 0;
    MUST(kam_buf_new(&before, f->ctx, f->err));
    MUST(kam_buf_new(&now, f->ctx, f->err));
    MUST(kam_buf_new(&then, f->ctx, f->err));
    fill(f, 25);
    MUST(kam_book_seq(&seq, f->book, KAM_TODAY, f->err));
    run_text(f, f->book, "2026-02-28", before);

    /* an owner edited, a return posted for January, a name changed */
    f->now += 40 * DAY_MS;
    MUST(kam_book_find(&id, f->book, KAM_KIND_ACCOUNT, "erp", "C3", KAM_NUL, f->err));
    MUST(kam_book_get(&r, f->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_OWNER, "erp:R2", KAM_NUL, f->err));
    MUST(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Renamed", KAM_NUL, f->err));
    MUST(kam_book_save(f->book, r, f->err));
    kam_record_free(r);
    for (int i = 0; i < 25; i += 2) {
        char ref[32], key[32];
        snprintf(ref, sizeof ref, "erp:C%d", i);
        snprintf(key, sizeof key, "RET%d", i);
        SAVE(f, KAM_KIND_LEDGER, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, key, (uint32_t)KAM_LEDGER_ACCOUNT,
             ref, (uint32_t)KAM_LEDGER_DAY, "2026-01-20", (uint32_t)KAM_LEDGER_EVENT, "RETURN",
             (uint32_t)KAM_LEDGER_AMOUNT, "99.00");
    }
    SAVE(f, KAM_KIND_LEDGER, (uint32_t)KAM_SOURCE, "erp", (uint32_t)KAM_EXT_ID, "C5", (uint32_t)KAM_LEDGER_ACCOUNT,
         "erp:C5", (uint32_t)KAM_LEDGER_DAY, "2026-01-15", (uint32_t)KAM_LEDGER_EVENT, "SALE",
         (uint32_t)KAM_LEDGER_AMOUNT, "1.00");
    run_text(f, f->book, "2026-02-28", now);
    assert_string_not_equal(kam_buf_data(now), kam_buf_data(before));  /* the run of today's knowledge differs ... */
    MUST(kam_book_known(&known, f->book, seq, f->err));
    run_text(f, known, "2026-02-28", then);
    assert_string_equal(kam_buf_data(then), kam_buf_data(before));     /* ... that of then does not */
    kam_book_close(known);
    kam_buf_free(before);
    kam_buf_free(now);
    kam_buf_free(then);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_bytes_after_the_past_changed, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
