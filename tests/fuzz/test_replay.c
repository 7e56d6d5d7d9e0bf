/* Every input that was kept runs through its target again: what was found once stays fixed. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct { const char *name; void (*run)(const uint8_t *data, size_t size); } targets[] = {
    {"cel", fuzz_cel}, {"cel_block", fuzz_cel_block}, {"clv", fuzz_clv}, {"lines", fuzz_lines}, {"regex", fuzz_regex},
    {"card", fuzz_card}, {"dtable", fuzz_dtable}};

static int replay_file(const char *path, void (*run)(const uint8_t *data, size_t size))
{
    static uint8_t data[1 << 16];
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    size_t n = fread(data, 1, sizeof data, f);
    fclose(f);
    uint8_t *exact = malloc(n ? n : 1);             /* so that a sanitizer sees reading behind it */
    assert_non_null(exact);
    memcpy(exact, data, n);
    run(exact, n);
    free(exact);
    return 1;
}

static void kept_inputs_run_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char dir[1000], path[1300];
        int n = 0;
        snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", KAM_SOURCE_DIR, targets[i].name);
        DIR *d = opendir(dir);
        assert_non_null(d);
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            if (e->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
            n += replay_file(path, targets[i].run);
        }
        closedir(d);
        print_message("%s: %d inputs\n", targets[i].name, n);
        assert_true(n > 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_inputs_run_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
