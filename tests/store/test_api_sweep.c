/*
 * Every allocation and every store call of the public API fails once. After each failure the book reads exactly as
 * before it, and the same step then succeeds. One book serves all faults of all steps: that is the point.
 */
#include "store_test.h"
#include <kam/spi/test.h>
#include "store/memory.h"
#include <stdlib.h>

typedef struct world {
    fixture f;
    kam_fault_alloc *alloc;
    kam_fault_store *fault;
    kam_buf *dump, *piece;
    int stride;
} world;

typedef int32_t (*step_fn)(world *w);

/* ---------------------------------------------------------------- the dump: every stored kind as JSON lines */

static void dump_kind(world *w, uint32_t kind)
{
    fixture *f = &w->f;
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    kam_export_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.format = KAM_FORMAT_JSONL;
    MUST(kam_query_new(&q, f->book, kind, f->err));
    MUST(kam_query_run(&rows, q, KAM_TODAY, f->err));
    do {
        MUST(kam_rows_export(w->piece, rows, &o, f->err));
        MUST(kam_buf_append(w->dump, kam_buf_data(w->piece), kam_buf_size(w->piece), f->err));
    } while (kam_buf_size(w->piece));
    kam_rows_free(rows);
    kam_query_free(q);
}

static char *dump(world *w)
{
    static const uint32_t kinds[] = {KAM_KIND_ACCOUNT, KAM_KIND_CONTACT,    KAM_KIND_REPRESENTATIVE,
                                     KAM_KIND_LEDGER,  KAM_KIND_ACTIVITY,   KAM_KIND_OWNER,
                                     KAM_KIND_GRADE,   KAM_KIND_POLICY,     KAM_KIND_POLICY_STATUS,
                                     KAM_KIND_FIELD,   KAM_KIND_COMMIT,     KAM_KIND_CHANGE,
                                     KAM_KIND_RUN,     KAM_KIND_GRADE_ITEM, KAM_KIND_ACCOUNT_VALUE};
    kam_buf_free(w->dump);
    w->dump = NULL;
    assert_int_equal(kam_buf_new(&w->dump, w->f.ctx, NULL), KAM_OK);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) dump_kind(w, kinds[i]);
    char *copy = malloc(kam_buf_size(w->dump) + 1);
    assert_non_null(copy);
    memcpy(copy, kam_buf_data(w->dump), kam_buf_size(w->dump) + 1);
    return copy;
}

/* ------------------------------------------------ steps: each one thing a host does, nothing left behind on failure */

#define STEP_TRY(call) do { if ((rc = (call)) != KAM_OK) goto done; } while (0)

static int32_t save_new_account(world *w)
{
    kam_record *r = NULL;
    int32_t rc;
    STEP_TRY(kam_record_new(&r, w->f.book, KAM_KIND_ACCOUNT, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_SOURCE, "erp", KAM_NUL, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_EXT_ID, "C1", KAM_NUL, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Acme Pumps and Valves", KAM_NUL, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_ACCOUNT_POTENTIAL, "1000.50", KAM_NUL, w->f.err));
    STEP_TRY(kam_book_save(w->f.book, r, w->f.err));
done:
    kam_record_free(r);
    return rc;
}

static int32_t save_representative(world *w)
{
    kam_record *r = NULL;
    int32_t rc;
    STEP_TRY(kam_record_new(&r, w->f.book, KAM_KIND_REPRESENTATIVE, w->f.err));
    STEP_TRY(
        kam_record_from_json(r, "{\"source\": \"erp\", \"ext_id\": \"R1\", \"name\": \"Chen\"}", KAM_NUL, w->f.err));
    STEP_TRY(kam_book_save(w->f.book, r, w->f.err));
done:
    kam_record_free(r);
    return rc;
}

static int32_t change_account(world *w)
{
    kam_record *r = NULL;
    int64_t id = 0;
    int32_t rc;
    STEP_TRY(kam_book_find(&id, w->f.book, KAM_KIND_ACCOUNT, "erp", "C1", KAM_NUL, w->f.err));
    STEP_TRY(kam_book_get(&r, w->f.book, KAM_KIND_ACCOUNT, id, KAM_TODAY, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_ACCOUNT_CITY, "Wuhan", KAM_NUL, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_ACCOUNT_OWNER, "erp:R1", KAM_NUL, w->f.err));
    STEP_TRY(kam_record_set_text(r, KAM_REASON, "moved", KAM_NUL, w->f.err));
    STEP_TRY(kam_book_save(w->f.book, r, w->f.err));
done:
    kam_record_free(r);
    return rc;
}

static int32_t import_text(world *w, uint32_t kind, const char *batch, const char *csv)
{
    kam_import_options o;
    kam_import *imp = NULL;
    int32_t rc;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.source = "erp";
    o.batch = batch;
    STEP_TRY(kam_import_new(&imp, w->f.book, kind, &o, w->f.err));
    STEP_TRY(kam_import_feed(imp, csv, strlen(csv), w->f.err));
    STEP_TRY(kam_import_finish(imp, w->f.err));
done:
    kam_import_free(imp);
    return rc;
}

static int32_t import_accounts(world *w)
{
    return import_text(w, KAM_KIND_ACCOUNT, "day 1",
                       "ext_id,name,city,owner\nC2,Bolt,Jinan,R1\nC3,Cast,Wuhan,R1\nC1,Acme,Wuhan,R1\n,,,\n");
}

static int32_t import_ledger(world *w)
{
    return import_text(
        w, KAM_KIND_LEDGER, "day 2",
        "ext_id,account,day,event,amount,order\nL1,C1,2026-01-10,SALE,100.00,O1\n"
        "L2,C2,2026-01-11,SALE,50.00,O2\nL3,C3,2026-01-12,SALE,20.00,O3\nL4,C9,2026-01-12,SALE,20.00,O4\n");
}

static int32_t correct_ledger(world *w)
{
    return import_text(w, KAM_KIND_LEDGER, "day 3",
                       "ext_id,account,day,event,amount,order\nL1,C1,2026-01-10,SALE,90.00,O1\n"
                       "L2,C2,2026-01-11,SALE,50.00,O2\n");
}

static int32_t grade(world *w)
{
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    int32_t rc, day = 0;
    STEP_TRY(kam_day_parse(&day, "2026-02-28", KAM_NUL, w->f.err));
    STEP_TRY(kam_scheme_open(&scheme, w->f.book, "quota-20-40-40", day, w->f.err));
    STEP_TRY(kam_grading_run(&run, w->f.book, scheme, day, w->f.err));
    STEP_TRY(kam_run_apply(run, 0, w->f.err));
done:
    kam_run_free(run);
    kam_scheme_free(scheme);
    return rc;
}

static int32_t value(world *w)
{
    kam_run *run = NULL;
    int32_t rc, day = 0;
    STEP_TRY(kam_day_parse(&day, "2026-02-28", KAM_NUL, w->f.err));
    STEP_TRY(kam_value_run(&run, w->f.book, NULL, day, w->f.err));
    STEP_TRY(kam_run_apply(run, 0, w->f.err));
done:
    kam_run_free(run);
    return rc;
}

static int32_t add_policy(world *w)
{
    static const char doc[] = "{\"name\": \"aw\", \"kind\": \"ledger\", \"columns\": {\"Amount\": \"amount\"}}";
    int64_t id = 0;
    int32_t rc;
    STEP_TRY(kam_book_begin(w->f.book, KAM_BEGIN_WRITE, w->f.err));
    STEP_TRY(kam_policy_add(&id, w->f.book, KAM_POLICY_MAPPING, doc, KAM_NUL, w->f.err));
    STEP_TRY(kam_policy_approve(w->f.book, id, KAM_TODAY, KAM_DAY_END, w->f.err));
    STEP_TRY(kam_book_commit(w->f.book, w->f.err));
done:
    if (rc != KAM_OK) kam_book_rollback(w->f.book, NULL);
    return rc;
}

static int32_t custom_field(world *w)
{
    kam_record *r = NULL;
    int32_t rc;
    STEP_TRY(kam_record_new(&r, w->f.book, KAM_KIND_FIELD, w->f.err));
    STEP_TRY(kam_record_from_json(r, "{\"kind\": \"account\", \"name\": \"x_rating\", \"type\": \"INT\"}", KAM_NUL,
                                  w->f.err));
    STEP_TRY(kam_book_save(w->f.book, r, w->f.err));
done:
    kam_record_free(r);
    return rc;
}

static int32_t hold_visit(world *w)
{
    kam_record *r = NULL;
    int64_t followup = 0;
    int32_t rc;
    STEP_TRY(kam_record_new(&r, w->f.book, KAM_KIND_ACTIVITY, w->f.err));
    STEP_TRY(kam_record_from_json(
        r,
        "{\"account\": \"erp:C1\", \"status\": \"HELD\", \"channel\": \"VISIT\", \"day\": \"2026-02-20\","
        "\"representative\": \"erp:R1\", \"place\": \"their works\", \"points\": \"pumps\", \"opinion\": \"fine\", "
        "\"advice\": \"offer\"}",
        KAM_NUL, w->f.err));
    STEP_TRY(kam_visit_held(&followup, w->f.book, r, w->f.err));
done:
    kam_record_free(r);
    return rc;
}

static int32_t read_everything(world *w)
{
    kam_account *a = NULL;
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    kam_buf *text = NULL;
    const kam_record *fact = NULL;
    int64_t id = 0;
    int32_t rc;
    STEP_TRY(kam_buf_new(&text, w->f.ctx, w->f.err));
    STEP_TRY(kam_book_find(&id, w->f.book, KAM_KIND_ACCOUNT, "erp", "C1", KAM_NUL, w->f.err));
    STEP_TRY(kam_account_open(&a, w->f.book, id, KAM_TODAY, w->f.err));
    STEP_TRY(kam_account_fact(&fact, a, KAM_KIND_GRADE, "quota-20-40-40", w->f.err));
    STEP_TRY(kam_account_why(&why, a, KAM_KIND_GRADE, "quota-20-40-40", w->f.err));
    STEP_TRY(kam_why_text(text, why, "zh", w->f.err));
    STEP_TRY(kam_account_rows(&rows, a, KAM_KIND_TIMELINE, KAM_DAY_FIRST, KAM_DAY_END, w->f.err));
    STEP_TRY(kam_rows_export(text, rows, NULL, w->f.err));
    kam_rows_free(rows);
    rows = NULL;
    STEP_TRY(kam_visit_due(&rows, w->f.book, NULL, 0, KAM_TODAY, w->f.err));
    STEP_TRY(kam_rows_export(text, rows, NULL, w->f.err));
    kam_rows_free(rows);
    rows = NULL;
    STEP_TRY(kam_book_verify(&rows, w->f.book, w->f.err));
    STEP_TRY(kam_rows_export(text, rows, NULL, w->f.err));
done:
    kam_rows_free(rows);
    kam_why_free(why);
    kam_account_free(a);
    kam_buf_free(text);
    return rc;
}

static int32_t delete_account(world *w)
{
    int64_t id = 0;
    int32_t rc = kam_book_find(&id, w->f.book, KAM_KIND_ACCOUNT, "erp", "C3", KAM_NUL, w->f.err);
    return rc == KAM_OK ? kam_book_delete(w->f.book, KAM_KIND_ACCOUNT, id, 0, w->f.err) : rc;
}

static int32_t put_contact(world *w, const char *json)
{
    kam_record *r = NULL;
    int32_t rc;
    STEP_TRY(kam_record_new(&r, w->f.book, KAM_KIND_CONTACT, w->f.err));
    STEP_TRY(kam_record_from_json(r, json, KAM_NUL, w->f.err));
    STEP_TRY(kam_book_save(w->f.book, r, w->f.err));
done:
    kam_record_free(r);
    return rc;
}

static int32_t save_contact(world *w)
{
    return put_contact(w, "{\"source\": \"erp\", \"ext_id\": \"P1\", \"name\": \"Wu\", \"mobile\": \"13900000001\", \"sex\": \"MALE\"}");
}

static int32_t change_contact(world *w)
{
    return put_contact(w, "{\"source\": \"erp\", \"ext_id\": \"P1\", \"name\": \"Wu Lei\", \"mobile\": \"13900000002\"}");
}

static int32_t erase_contact(world *w)
{
    int64_t id = 0;
    int32_t rc = kam_book_find(&id, w->f.book, KAM_KIND_CONTACT, "erp", "P1", KAM_NUL, w->f.err);
    return rc == KAM_OK ? kam_book_erase(w->f.book, KAM_KIND_CONTACT, id, "asked for", w->f.err) : rc;
}

static const struct { const char *name; step_fn run;
} steps[] = {
    {"save new account", save_new_account},
    {"save representative", save_representative},
    {"change account", change_account},
    {"import accounts", import_accounts},
    {"import ledger", import_ledger},
    {"correct ledger", correct_ledger},
    {"custom field", custom_field},
    {"add policy", add_policy},
    {"value run", value},
    {"grading run", grade},
    {"hold visit", hold_visit},
    {"read everything", read_everything},
    {"delete account", delete_account},
    {"save contact", save_contact},
    {"change contact", change_contact},
    {"erase contact", erase_contact},
};

/* ---------------------------------------------------------------- the sweep */

static void open_world(world *w)
{
    fixture *f = &w->f;
    kam_ctx_options o;
    kam_book_options bo;
    kam__memory *m = NULL;
    void *self = NULL;
    memset(w, 0, sizeof *w);
    w->stride = getenv("KAM_VALGRIND") ? 23 : 1;
    f->now = (int64_t)day_of("2026-03-01") * DAY_MS + 3600000;
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
    assert_int_equal(kam_fault_alloc_new(&w->alloc), KAM_OK);
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.user = f;
    o.now = fixture_now;
    o.allocator = kam_fault_alloc_allocator(w->alloc);
    MUST(kam_ctx_new(&f->ctx, &o, f->err));
    MUST(kam__memory_new(&m, f->ctx, f->err));
    MUST(kam__memory_connect(&self, m, f->err));
    kam__memory_drop(m);
    assert_int_equal(kam_fault_store_new(&w->fault, &kam__memory_vt, self), KAM_OK);
    MUST(kam_store_new(&f->store, f->ctx, kam_fault_store_vt(w->fault), kam_fault_store_self(w->fault), KAM_TXN_OWN,
                       f->err));
    memset(&bo, 0, sizeof bo);
    bo.struct_size = sizeof bo;
    bo.flags = KAM_BOOK_CREATE;
    bo.currency = "CNY";
    MUST(kam_book_open(&f->book, NULL, f->store, &bo, f->err));
    MUST(kam_buf_new(&w->piece, f->ctx, f->err));
}

static void close_world(world *w)
{
    kam_buf_free(w->dump);
    kam_buf_free(w->piece);
    close_fixture(&w->f);
    kam_fault_store_free(w->fault);
    uint64_t size = 0, request = 0;
    for (uint64_t i = 0; kam_fault_alloc_leak(w->alloc, i, &size, &request) == KAM_OK; i++)
        print_error("left behind: %llu bytes of request %llu\n", (unsigned long long)size, (unsigned long long)request);
    assert_int_equal(kam_fault_alloc_live(w->alloc, NULL), 0);
    assert_int_equal(kam_fault_alloc_misuse(w->alloc), 0);
    kam_fault_alloc_free(w->alloc);
}

static void arm(world *w, int store, uint64_t n)
{
    if (store) kam_fault_store_fail(w->fault, n, KAM_E_IO, 0);
    else kam_fault_alloc_fail(w->alloc, n, 0);
}

static void sweep(int store)
{
    world w;
    open_world(&w);
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        char *before = dump(&w);
        int32_t want = store ? KAM_E_IO : KAM_E_NOMEM, rc = want;
        uint64_t n = 0;
        while (rc != KAM_OK) {
            arm(&w, store, n += (uint64_t)w.stride);
            rc = steps[s].run(&w);
            arm(&w, store, 0);
            if (rc == KAM_OK) break;
            if (rc != want)
                fail_msg("%s, fault %llu: %s: %s", steps[s].name, (unsigned long long)n, kam_code_name(rc),
                         kam_error_message(w.f.err));
            char *after = dump(&w);
            if (strcmp(before, after) != 0)
                fail_msg("%s, fault %llu: the book changed", steps[s].name, (unsigned long long)n);
            free(after);
        }
        printf("%s: %llu faults\n", steps[s].name, (unsigned long long)n - 1);
        free(before);
    }
    close_world(&w);
}

static void test_every_allocation_fails_once(void **state)
{
    (void)state;
    sweep(0);
}

static void test_every_store_call_fails_once(void **state)
{
    (void)state;
    sweep(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_fails_once), cmocka_unit_test(test_every_store_call_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
