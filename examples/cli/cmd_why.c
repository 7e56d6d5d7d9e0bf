/*
 * cmd_why.c - `kam why`: how a grade, an owner or an entry of a run came about.
 */
#include "cli.h"

/* {"verdict": {...}, "reasons": [...]} */
static int why_json(cli *c, kam_why *why, const char *lang) {
    kam_rows *rows = NULL;
    printf("{\"verdict\":");
    int rc = cli_json_record(c, kam_why_record(why));
    printf(",\n\"reasons\":");
    if (rc == CLI_OK && kam_why_rows(&rows, why, c->err) != KAM_OK) rc = cli_fail(c, NULL);
    if (rc == CLI_OK) rc = cli_json(c, rows, lang);
    kam_why_free(why);
    printf("}\n");
    return rc;
}

static int why_print(cli *c, kam_why *why, const char *lang, int json) {
    if (json) return why_json(c, why, lang);
    int32_t rc = kam_why_text(c->buf, why, lang, c->err);
    kam_why_free(why);
    if (rc != KAM_OK) return cli_fail(c, NULL);
    fwrite(kam_buf_data(c->buf), 1, kam_buf_size(c->buf), stdout);
    return CLI_OK;
}

static int why_run(cli *c, int64_t account, const char *id, const char *lang, int json) {
    kam_run *run = NULL;
    kam_why *why = NULL;
    char *end = NULL;
    long long number = strtoll(id, &end, 10);
    if (*end || number <= 0) return cli_usage(c, "--run is the id of a stored run, not", id);
    int32_t rc = kam_run_open(&run, c->book, number, c->err);
    if (rc == KAM_OK) rc = kam_run_why(&why, run, account, c->err);
    int answer = rc == KAM_OK ? why_print(c, why, lang, json) : cli_fail(c, NULL);
    kam_run_free(run);
    return answer;
}

static int why_fact(cli *c, int64_t account, int32_t as_of, uint32_t kind, const char *name, const char *lang,
                    int json) {
    kam_account *a = NULL;
    kam_why *why = NULL;
    int32_t rc = kam_account_open(&a, c->book, account, as_of, c->err);
    if (rc == KAM_OK) rc = kam_account_why(&why, a, kind, name, c->err);
    int answer = rc == KAM_OK ? why_print(c, why, lang, json) : cli_fail(c, NULL);
    kam_account_free(a);
    return answer;
}

/* A segmentation work sheet or a segment card, by its id or key. */
static int why_market(cli *c, uint32_t kind, const char *which, int32_t as_of, const char *lang, int json) {
    kam_why *why = NULL;
    int64_t id = 0;
    int rc = cli_record(c, kind, &id, which);
    if (rc != CLI_OK) return rc;
    int32_t code = kind == KAM_KIND_SEGMENTATION ? kam_segmentation_why(&why, c->book, id, as_of, c->err)
                                                 : kam_segment_card_why(&why, c->book, id, as_of, c->err);
    return code == KAM_OK ? why_print(c, why, lang, json) : cli_fail(c, NULL);
}

int cmd_why(cli *c, int argc, char **argv) {
    const char *arg[2], *scheme = NULL, *fact = NULL, *name = NULL, *run = NULL, *day = NULL, *lang = NULL;
    int json = 0, sheet = 0, card = 0;
    const cli_option option[] = {{"scheme", &scheme, NULL}, {"fact", &fact, NULL}, {"name", &name, NULL},
                                 {"run", &run, NULL},       {"as-of", &day, NULL}, {"lang", &lang, NULL},
                                 {"json", NULL, &json},     {"segmentation", NULL, &sheet},
                                 {"segment-card", NULL, &card}, {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    uint32_t kind = KAM_KIND_GRADE;
    int64_t account = 0;
    int rc = cli_options(c, argc, argv, option, arg, 2, 2);
    if (rc == CLI_OK && (scheme != NULL) + (fact != NULL) + (run != NULL) + sheet + card != 1)
        rc = cli_usage(c, "say what is to be explained: --scheme, --fact, --run, --segmentation or --segment-card",
                       NULL);
    if (rc == CLI_OK) rc = cli_lang(c, lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_open(c, arg[0], 0, NULL);
    if (rc == CLI_OK && (sheet || card))
        return why_market(c, sheet ? KAM_KIND_SEGMENTATION : KAM_KIND_SEGMENT_CARD, arg[1], as_of, lang, json);
    if (rc == CLI_OK && fact) rc = cli_kind(c, &kind, fact);
    if (rc == CLI_OK) rc = cli_account(c, &account, arg[1]);
    if (rc != CLI_OK) return rc;
    return run ? why_run(c, account, run, lang, json)
               : why_fact(c, account, as_of, kind, scheme ? scheme : name, lang, json);
}
