/*
 * test_memory_model.c - long random histories of the memory store, with readers at different snapshots, against a
 * naive model that keeps a whole copy of the table per commit.
 */
#include "memory_shop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void histories_equal_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 250; seed++) ms_history(seed, 250, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(histories_equal_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
