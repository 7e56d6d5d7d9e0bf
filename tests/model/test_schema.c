/* The built-in tables: ids, positions, names, common fields, enum sets, and the ways to find them. */
#include "model_test.h"

static void ids_are_unique_and_found(void **state) {
    (void)state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    assert_true(n > 35);
    for (uint32_t i = 0; i < n; i++) {
        assert_ptr_equal(kam__builtin_kind(k[i].id), k + i);
        assert_ptr_equal(kam__builtin_kind_by_name(k[i].name, KAM_NUL), k + i);
        for (uint32_t a = 0; a < k[i].nfield; a++) {
            const kam__field *f = k[i].field + a;
            assert_int_equal(kam__kind_index(k + i, f->id), a);
            assert_ptr_equal(kam__kind_field_by_name(k + i, f->name, KAM_NUL), f);
            assert_true(f->id < 128 ? (f->flags & KAM__F_COMMON) != 0 : f->id / 128 == k[i].id);
        }
    }
    assert_null(kam__builtin_kind(0));
    assert_null(kam__builtin_kind(99));
    assert_null(kam__builtin_kind(256));
    assert_null(kam__builtin_kind_by_name("accoun", KAM_NUL));
    assert_ptr_equal(kam__builtin_kind_by_name("accounts", 7), kam__builtin_kind(KAM_KIND_ACCOUNT));
}

static void wrong_ids_are_not_found(void **state) {
    (void)state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t found = 0;
        for (uint32_t id = 0; id < 70000; id++) {
            uint32_t at = kam__kind_index(k + i, id);
            if (at == UINT32_MAX) continue;
            assert_int_equal(k[i].field[at].id, id);
            found++;
        }
        assert_int_equal(found, k[i].nfield);
    }
}

static void ids_are_those_of_the_header(void **state) {
    (void)state;
    const kam__kind *account = kam__builtin_kind(KAM_KIND_ACCOUNT), *ledger = kam__builtin_kind(KAM_KIND_LEDGER);
    assert_string_equal(kam__kind_field(account, KAM_ACCOUNT_RISK)->name, "risk");
    assert_string_equal(kam__kind_field(ledger, KAM_LEDGER_AMOUNT)->name, "amount");
    assert_string_equal(kam__kind_field(ledger, KAM_EXT_ID)->name, "ext_id");
    assert_int_equal(ledger->field[ledger->currency].id, KAM_LEDGER_CURRENCY);
    assert_int_equal(kam__builtin_kind(KAM_KIND_OWNER)->currency, UINT32_MAX);
    const kam__field *tier = kam__kind_field(account, KAM_ACCOUNT_TIER);
    assert_string_equal(tier->set->name, "TIER");
    assert_int_equal(kam__enum_by_name(tier->set, "key", 3)->value, KAM_TIER_KEY);
    assert_int_equal(kam__kind_field(account, KAM_ACCOUNT_PARENT)->ref, KAM_KIND_ACCOUNT);
    assert_int_equal(kam__kind_field(account, KAM_ACCOUNT_RISK)->scale, 4);
}

/* One letter per common field, in order. */
static const char *common(char *out, const kam__kind *k) {
    static const char letter[] = "?irsxetTR dS";
    size_t n = 0;
    for (uint32_t i = 0; i < k->nfield && k->field[i].id < 128; i++) {
        uint32_t id = k->field[i].id;
        out[n++] = id == KAM__REPLACES ? 'c' : id == KAM__SEQ_TO ? 'S' : id == KAM__DELETED_SEQ ? 'd' : letter[id];
    }
    out[n] = 0;
    return out;
}

static void common_fields_come_with_the_class(void **state) {
    (void)state;
    char out[16];
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        const char *want = k[i].cls == KAM_C_ENTITY ? "irsdxeR" : k[i].cls == KAM_C_FACT ? "isStTR"
            : k[i].cls == KAM_C_EVENT ? "irscxeR" : k[i].cls == KAM_C_RUN ? "is" : k[i].cls == KAM__C_OWN ? "ir" : "";
        assert_string_equal(common(out, k + i), k[i].id == KAM_KIND_CHANGE ? "isR" : want);
        if (*want)
            assert_true(k[i].field[0].id == KAM_ID && (k[i].field[0].flags & KAM_F_KEY) &&
                        k[i].field[0].type == KAM_T_I64);
        if (k[i].cls == KAM__C_COMPUTED) assert_true(k[i].id >= 200);
    }
    const kam__kind *event = kam__builtin_kind(KAM_KIND_LEDGER), *entity = kam__builtin_kind(KAM_KIND_ACCOUNT);
    assert_true(kam__kind_field(event, KAM_REV)->flags & KAM_F_UNIQUE);
    assert_false(kam__kind_field(entity, KAM_REV)->flags & KAM_F_UNIQUE);
    assert_true(kam__kind_field(entity, KAM_REASON)->flags & KAM__F_VIRTUAL);
    assert_false(kam__kind_field(event, KAM_REASON)->flags & KAM__F_VIRTUAL);
    assert_true(kam__kind_field(event, KAM_SEQ)->flags & KAM_F_INDEXED);
    assert_false(kam__kind_field(kam__builtin_kind(KAM_KIND_COMMIT), KAM_SEQ)->flags & KAM_F_INDEXED);
}

static void flags_follow_the_rules(void **state) {
    (void)state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t a = 0; a < k[i].nfield; a++) {
            const kam__field *f = k[i].field + a;
            int tracked = k[i].cls == KAM_C_ENTITY && f->id >= 128 && !(f->flags & KAM__F_VIRTUAL);
            assert_int_equal((f->flags & KAM_F_TRACKED) != 0, tracked);
            assert_int_equal(f->type, kam__logic_type(f->logic));
            assert_int_equal(f->set != NULL, f->logic == KAM__L_ENUM || f->logic == KAM__L_CODE);
            if (f->logic == KAM__L_REF) assert_non_null(kam__builtin_kind(f->ref));
            else assert_int_equal(f->ref, 0);
            assert_true(f->scale <= 18 && f->since == 1 && *f->en && *f->zh && f->unit);
            if (f->flags & KAM__F_SUBJECT) assert_int_equal(k[i].cls, KAM_C_FACT);
        }
    assert_true(kam__kind_field(kam__builtin_kind(KAM_KIND_CONTACT), KAM_CONTACT_HEALTH)->flags & KAM_F_SENSITIVE);
}

static void names_stand_once_and_are_plain(void **state) {
    (void)state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < i; j++) assert_true(k[i].id != k[j].id && strcmp(k[i].name, k[j].name) != 0);
        for (uint32_t a = 0; a < k[i].nfield; a++) {
            const char *name = k[i].field[a].name;
            assert_true(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name) &&
                        strncmp(name, "x_", 2) != 0);
            for (uint32_t b = 0; b < a; b++) assert_string_not_equal(name, k[i].field[b].name);
        }
    }
}

static void a_misspelt_field_gets_a_suggestion(void **state) {
    mt *t = *state;
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ACCOUNT);
    const kam__field *f = NULL;
    assert_code(kam__field_by_name(&f, k, "postcode", KAM_NUL, t->err), KAM_OK);
    assert_int_equal(f->id, KAM_ACCOUNT_POSTCODE);
    assert_fails(t, kam__field_by_name(&f, k, "pstcode", KAM_NUL, t->err), KAM_E_NOT_FOUND);
    assert_string_equal(kam_error_message(t->err), "account has no field \"pstcode\"; did you mean \"postcode\"?");
    assert_int_equal(kam_error_detail(t->err, KAM_ERR_KIND), KAM_KIND_ACCOUNT);
    assert_fails(t, kam__field_by_name(&f, k, "zzzzzz", KAM_NUL, t->err), KAM_E_NOT_FOUND);
    assert_string_equal(kam_error_message(t->err), "account has no field \"zzzzzz\"");
    assert_fails(t, kam__field_by_name(&f, k, "", 0, t->err), KAM_E_NOT_FOUND);
    assert_int_equal(f->id, KAM_ACCOUNT_POSTCODE);
}

static void enum_sets_are_sound(void **state) {
    (void)state;
    uint32_t n;
    const kam__kind *k = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t a = 0; a < k[i].nfield; a++) {
            const kam__enum_set *s = k[i].field[a].set;
            if (!s) continue;
            assert_ptr_equal(kam__enum_set_by_name(s->name), s);
            for (uint32_t j = 0; j < s->n; j++) {
                const kam__enum_item *it = s->item + j;
                assert_true(strlen(it->name) < 48 && it->value > 0);
                assert_ptr_equal(kam__enum_by_name(s, it->name, KAM_NUL), it);
                assert_ptr_equal(kam__enum_by_value(s, it->value), it);
                assert_ptr_equal(kam__enum_match(s, it->en, strlen(it->en)), it);
                assert_ptr_equal(kam__enum_match(s, it->zh, strlen(it->zh)), it);
            }
        }
    assert_null(kam__enum_set_by_name("NO_SUCH"));
}

static void enum_names_are_cut_at_the_end(void **state) {
    (void)state;
    char out[64];
    const kam__enum_set *s = kam__enum_set_by_name("TIER");
    assert_string_equal(kam__enum_names(out, 64, s, ", "), "ORDINARY, LARGE, KEY");
    assert_string_equal(kam__enum_names(out, 20, s, ", "), "ORDINARY, LARGE...");
    assert_string_equal(kam__enum_names(out, 4, s, ", "), "...");
    assert_int_equal(kam__enum_match(s, "2", 1)->value, KAM_TIER_LARGE);
    assert_null(kam__enum_match(s, "4", 1));
    assert_null(kam__enum_match(s, "", 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {mt_test(ids_are_unique_and_found),
                                       mt_test(wrong_ids_are_not_found),
                                       mt_test(ids_are_those_of_the_header),
                                       mt_test(common_fields_come_with_the_class),
                                       mt_test(flags_follow_the_rules),
                                       mt_test(names_stand_once_and_are_plain),
                                       mt_test(a_misspelt_field_gets_a_suggestion),
                                       mt_test(enum_sets_are_sound),
                                       mt_test(enum_names_are_cut_at_the_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
