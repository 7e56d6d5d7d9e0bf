/* kam erase: a person's values are gone from the lists, the history and the file; the record stays. */
#include "cli_test.h"

static void contacts(const char *book)
{
    char line[400];
    put("contacts.csv",
        "ext_id,name,title,mobile,sex\nP1,Ouyang Xiangfei,buyer,13877776666,FEMALE\nP2,Wu Lei,smith,13900000000,\n");
    put("more.csv", "ext_id,mobile\nP1,13855554444\n");
    snprintf(line, sizeof line, "import %s --kind contact --source erp --currency CNY contacts.csv", book);
    must(line);
    snprintf(line, sizeof line, "import %s --kind contact --source erp more.csv", book);
    must(line);
}

static int holds(const char *name, const char *text)
{
    size_t size = 0, n = strlen(text);
    char *data = slurp(name, &size);
    int found = 0;
    for (size_t i = 0; i + n <= size && !found; i++) found = memcmp(data + i, text, n) == 0;
    free(data);
    return found;
}

static void erase_in(const char *book, const char *file)
{
    char line[400];
    contacts(book);
    assert_true(holds(file, "Ouyang Xiangfei") && holds(file, "13877776666") && holds(file, "13855554444"));
    snprintf(line, sizeof line, "erase %s contact erp:P1 --reason 'asked for'", book);
    must(line);
    contains("err", "the personal data of contact 1 is erased");
    assert_false(holds(file, "Ouyang Xiangfei") || holds(file, "13877776666") || holds(file, "13855554444"));
    snprintf(line, sizeof line, "export %s contact --out after.csv", book);
    must(line);
    contains("after.csv", "(erased),buyer");
    contains("after.csv", "Wu Lei,smith");
    snprintf(line, sizeof line, "export %s change --out changes.csv", book);
    must(line);
    contains("changes.csv", "erased: asked for");
    snprintf(line, sizeof line, "verify %s", book);
    must(line);
    snprintf(line, sizeof line, "erase %s contact 2 --reason x", book);           /* by its number */
    must(line);
    assert_false(holds(file, "Wu Lei"));
}

static void in_a_file(void **state)
{
    (void)state;
    erase_in("file:b.kam", "b.kam");
}

static void in_sqlite(void **state)
{
    (void)state;
#ifdef KAM_HAVE_SQLITE
    erase_in("sqlite:b.db", "b.db");
#else
    printf("SKIPPED in_sqlite: built without it\n");
    skip();
#endif
}

static void is_refused(void **state)
{
    (void)state;
    contacts("file:c.kam");
    put("accounts.csv", "ext_id,name\nC1,Acme\n");
    must("import file:c.kam --kind account --source erp accounts.csv");
    refused("erase file:c.kam contact erp:P1", 2, "say why: --reason TEXT");
    refused("erase file:c.kam contact --reason x", 2, "an argument is missing");
    refused("erase file:c.kam people 1 --reason x", 2, "there is no kind of record named");
    refused("erase file:c.kam contact erp:P9 --reason x", 1, "there is no contact with the key \"P9\"");
    refused("erase file:c.kam contact nobody --reason x", 1, "no record of the kind has the id or key \"nobody\"");
    refused("erase file:c.kam contact 99 --reason x", 1, "there is no contact with id 99");
    refused("erase file:c.kam account 1 --reason x", 1,
            "account 1 is not of kind PERSON, and no field of it is flagged PERSONAL");
    assert_true(holds("c.kam", "Ouyang Xiangfei"));
    must("erase --help");
    contains("out", "kam erase BOOK KIND ID --reason TEXT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_a_file), cmocka_unit_test(in_sqlite), cmocka_unit_test(is_refused),
    };
    return cmocka_run_group_tests(tests, start, end);
}
