/*
 * report/words.c - every word of the page in English and Chinese, from words.def; labels of values from the schema.
 */
#include "report.h"
#include "../model/model.h"

static const struct { const char *en, *zh; } words_table[KAM__WORDS] = {
#define WORD(name, en, zh) {en, zh},
#include "words.def"
#undef WORD
};

const char *kam__report_word(int zh, int word)
{
    if (word < 0 || word >= KAM__WORDS) return "";
    return zh ? words_table[word].zh : words_table[word].en;
}

const char *kam__report_item(int zh, const char *set, int64_t value)
{
    const kam__enum_set *s = kam__enum_set_by_name(set);
    const kam__enum_item *item = s ? kam__enum_by_value(s, value) : NULL;
    return !item ? "" : zh ? item->zh : item->en;
}
