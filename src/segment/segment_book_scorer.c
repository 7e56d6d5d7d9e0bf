/*
 * segment/segment_book_scorer.c - kam_scorer: a card over rows and blocks the host has itself.
 *
 * A scorer holds what one score needs: the values, the outcome of each factor, and for blocks the plan of the card and
 * room for its columns. A row's values are set by the attribute's number and stay until they are taken away.
 */
#include "../store/store.h"
#include "../rule/scorecard_block.h"
#include "segment_book_score.h"

#define SCORER_COLS (KAM__CARD_REASONS + 2u)
#define SCORER_ROWS 65536u

struct kam_scorer {
    kam_ctx *ctx; kam_scorecard *card;      /* held */
    const kam__card_bound *bound;
    kam__schema *schema;                    /* held: explanations are written in it */
    kam__arena arena;
    kam__card_score score;
    int scored;
    const kam__card_kern *kern;
    kam__card_plan plan;
    kam__card_chunk *room;
    int64_t *points, *normal; int32_t *reason[KAM__CARD_REASONS]; size_t cap;   /* rows of the columns */
    kam_col col[SCORER_COLS];
    kam_block out;
};

/* ---------------------------------------------------------------- making */

static int32_t scorer_bind(kam_scorer *s, kam_error *err)
{
    const kam__card *c = &s->card->doc;
    s->bound = !s->card->schema || c->declared ? c->plain : &s->card->bound;
    for (uint32_t i = 0; i < c->nattr; i++)
        if (!s->bound->field[i])
            return kam__fail(err, KAM_E_POLICY,
                             "scorecard \"%s\" reads the custom field %s, whose type only a book knows: open it there",
                             c->name, c->attr[i].name);
    if (s->card->schema) s->schema = kam__schema_hold(s->card->schema);
    else KAM__TRY(kam__schema_new(&s->schema, s->ctx, NULL, err));
    KAM__TRY(kam__card_begin(&s->score, c, s->ctx, err));
    return kam__card_plan_make(&s->plan, s->bound, &s->arena, err);
}

int32_t kam_scorer_new(kam_scorer **out, const kam_scorecard *card, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (!card) return kam__null_arg(err, "card");
    kam_scorecard *held = (kam_scorecard *)card;
    kam_scorer *s = kam__zalloc(card->ctx, sizeof *s);
    if (!s) return kam__nomem(err);
    s->ctx = kam__ctx_hold(card->ctx);
    s->card = held;
    kam__ref_hold(&held->ref);
    kam__arena_init(&s->arena, s->ctx, 0);
    s->kern = kam__card_kern_of(KAM_KERNEL_BEST);
    int32_t rc = scorer_bind(s, err);
    if (rc != KAM_OK) kam_scorer_free(s);
    else *out = s;
    return rc;
}

void kam_scorer_free(kam_scorer *s)
{
    if (!s) return;
    kam_ctx *ctx = s->ctx;
    kam__card_end(&s->score);
    kam__schema_drop(s->schema);
    kam__free(ctx, s->room);
    kam__free(ctx, s->points);
    kam__arena_free(&s->arena);
    kam_scorecard_free(s->card);
    kam__free(ctx, s);
    kam_ctx_free(ctx);
}

const char *kam_scorecard_reads(const kam_scorecard *card, uint32_t i)
{
    return card && i < card->doc.nattr ? card->doc.attr[i].name : NULL;
}

const char *kam_scorecard_reason(const kam_scorecard *card, int32_t reason, const char **factor, int64_t *gap)
{
    if (!card || reason < 0 || (uint32_t)reason >= card->doc.nrank) return NULL;
    const kam__card_rank *r = &card->doc.rank[reason];
    if (factor) *factor = card->doc.factor[r->factor].id;
    if (gap) *gap = r->gap;
    return r->out->code;
}

/* ---------------------------------------------------------------- values */

void kam_scorer_clear(kam_scorer *s)
{
    if (!s) return;
    for (uint32_t i = 0; i < s->card->doc.nattr; i++) s->score.in[i].t = KAM__CV_NONE;
}

static int32_t scorer_no_such(const kam_scorer *s, uint32_t attribute, kam_error *err)
{
    return kam__fail(err, KAM_E_INVAL, "scorecard \"%s\" has no attribute %u: it reads %u", s->card->doc.name,
                     attribute, s->card->doc.nattr);
}

static int32_t scorer_wrong(const kam_scorer *s, uint32_t attribute, const char *got, const char *want, kam_error *err)
{
    return kam__fail(err, KAM_E_TYPE, "attribute \"%s\" was set to %s: it is %s", s->card->doc.attr[attribute].name,
                     got, want);
}

int32_t kam_scorer_set_i64(kam_scorer *s, uint32_t attribute, int64_t value, kam_error *err)
{
    if (!s) return kam__null_arg(err, "scorer");
    if (attribute >= s->card->doc.nattr) return scorer_no_such(s, attribute, err);
    const kam__field *f = s->bound->field[attribute];
    kam__card_value *v = &s->score.in[attribute];
    if (f->type == KAM_T_TEXT) return scorer_wrong(s, attribute, "a number", "a text", err);
    v->num = f->logic == KAM__L_BOOL ? value != 0 : value;
    v->f = (double)value;
    v->t = f->type == KAM_T_F64 ? KAM__CV_F64 : KAM__CV_NUM;
    return KAM_OK;
}

int32_t kam_scorer_set_f64(kam_scorer *s, uint32_t attribute, double value, kam_error *err)
{
    if (!s) return kam__null_arg(err, "scorer");
    if (attribute >= s->card->doc.nattr) return scorer_no_such(s, attribute, err);
    if (s->bound->field[attribute]->type != KAM_T_F64)
        return scorer_wrong(s, attribute, "a double", "none, and exact", err);
    s->score.in[attribute].f = value;
    s->score.in[attribute].t = value == value ? KAM__CV_F64 : KAM__CV_NONE;
    return KAM_OK;
}

int32_t kam_scorer_set_text(kam_scorer *s, uint32_t attribute, const char *text, size_t len, kam_error *err)
{
    if (!s) return kam__null_arg(err, "scorer");
    if (attribute >= s->card->doc.nattr) return scorer_no_such(s, attribute, err);
    const kam__field *f = s->bound->field[attribute];
    kam__card_value *v = &s->score.in[attribute];
    if (text && len == KAM_NUL) len = strlen(text);
    v->t = KAM__CV_NONE;
    if (!text || !len) return KAM_OK;
    size_t bad = 0;
    if (!kam__utf8_valid(text, len, &bad) || memchr(text, 0, len))
        return kam__fail(err, KAM_E_UTF8, "attribute \"%s\" was set to a text that is not UTF-8 without U+0000",
                         s->card->doc.attr[attribute].name);
    if (f->type == KAM_T_TEXT) {
        v->text = text;
        v->n = (uint32_t)len;
        v->t = KAM__CV_TEXT;
        return KAM_OK;
    }
    int32_t rc = kam__value_parse(&v->num, &v->f, f, s->bound->decimals, text, len, err);
    if (rc == KAM_OK) v->t = f->type == KAM_T_F64 ? KAM__CV_F64 : KAM__CV_NUM;
    else kam__err_prefix(err, "attribute \"%s\": ", s->card->doc.attr[attribute].name);
    return rc;
}

/* ---------------------------------------------------------------- one score */

int32_t kam_scorer_run(int64_t *points, kam_scorer *s, kam_error *err)
{
    if (!s) return kam__null_arg(err, "scorer");
    s->scored = 0;
    KAM__TRY(kam__card_score_in(&s->score, s->bound, err));
    s->scored = 1;
    if (points) *points = s->score.points;
    return KAM_OK;
}

int64_t kam_scorer_normal(const kam_scorer *s, int64_t if_none)
{
    return s && s->scored && s->card->doc.normalize ? kam__card_normal(&s->card->doc, s->score.points) : if_none;
}

int64_t kam_scorer_group(const kam_scorer *s, const char *group, int64_t if_none)
{
    int64_t sum = 0;
    uint32_t g = 0;
    if (!s || !s->scored || !group) return if_none;
    const kam__card *c = &s->card->doc;
    while (g < c->ngroup && !kam__text_same(c->group[g].id, group)) g++;
    if (g == c->ngroup) return if_none;
    for (uint32_t i = 0; i < c->nfactor; i++)
        if (c->factor[i].group == g) sum += s->score.hit[i].out->contribution;
    return sum;
}

const char *kam_scorer_reason(const kam_scorer *s, uint32_t i, const char **factor, int64_t *gap)
{
    if (!s || !s->scored || i >= s->score.nreason) return NULL;
    return kam_scorecard_reason(s->card, (int32_t)s->score.hit[s->score.reason[i]].out->rank, factor, gap);
}

const char *kam_scorer_warning(const kam_scorer *s, uint32_t i)
{
    for (uint32_t k = 0; s && s->scored && k < s->card->doc.nwarning; k++)
        if (s->score.warnings >> k & 1u && !i--) return s->card->doc.warning[k].id;
    return NULL;
}

int32_t kam_scorer_why(kam_why **why, const kam_scorer *s, kam_error *err)
{
    kam_why *w = NULL;
    if (!why) return kam__null_arg(err, "why");
    if (!s) return kam__null_arg(err, "scorer");
    if (!s->scored) return kam__fail(err, KAM_E_INVAL, "nothing was scored yet: call kam_scorer_run() first");
    KAM__TRY(kam__why_of_schema(&w, s->schema, err));
    int32_t rc = kam__scorecard_explain(w, s->card, s->bound, 0, &s->score, err);
    if (rc == KAM_OK) *why = w;
    else kam_why_free(w);
    return rc;
}

/* ---------------------------------------------------------------- blocks */

int32_t kam_scorer_kernel(kam_scorer *s, uint32_t kernel, kam_error *err)
{
    if (!s) return kam__null_arg(err, "scorer");
    if (kernel > KAM_KERNEL_AVX512) return kam__fail(err, KAM_E_INVAL, "there is no kernel %u: 0 to 3", kernel);
    const kam__card_kern *k = kam__card_kern_of(kernel);
    if (!k)
        return kam__fail(err, KAM_E_UNSUPPORTED, "this machine does not have kernel %u: take 0, the best it has",
                         kernel);
    s->kern = k;
    return KAM_OK;
}

int32_t kam_scorer_dictionary(kam_scorer *s, uint32_t attribute, const kam_col *texts, uint32_t n, kam_error *err)
{
    if (!s) return kam__null_arg(err, "scorer");
    if (!texts) return kam__null_arg(err, "texts");
    if (attribute >= s->card->doc.nattr) return scorer_no_such(s, attribute, err);
    if (s->bound->field[attribute]->type != KAM_T_TEXT)
        return scorer_wrong(s, attribute, "texts of a dictionary", "no text", err);
    if (texts->type != KAM_T_TEXT || n > SCORER_ROWS)
        return kam__fail(err, KAM_E_INVAL, "a dictionary is a TEXT column of at most 65,536 rows");
    if (!s->plan.ready || s->card->doc.nexpr)
        return kam__fail(err, KAM_E_UNSUPPORTED,
                         "scorecard \"%s\" is scored row by row, for its expressions or the size of its points: give "
                         "it columns of texts",
                         s->card->doc.name);
    return kam__card_dictionary(&s->plan, attribute, texts, n, &s->arena, err);
}

static int32_t scorer_room(kam_scorer *s, uint32_t rows, kam_error *err)
{
    const kam__card *c = &s->card->doc;
    size_t n = (rows + 63u) / 64u * 64u, wide = c->normalize ? 2 : 1;
    if (!s->room && !(s->room = kam__alloc(s->ctx, sizeof *s->room))) return kam__nomem(err);
    if (n <= s->cap) return KAM_OK;
    int64_t *more = kam__alloc(s->ctx, n * (wide * sizeof(int64_t) + c->nreason * sizeof(int32_t)));
    if (!more) return kam__nomem(err);
    kam__free(s->ctx, s->points);
    s->points = more;
    s->normal = more + n;
    for (uint32_t k = 0; k < c->nreason; k++) s->reason[k] = (int32_t *)(void *)(more + wide * n) + k * n;
    s->cap = n;
    return KAM_OK;
}

static void scorer_columns(kam_scorer *s, uint32_t rows)
{
    const kam__card *c = &s->card->doc;
    uint32_t n = 0;
    s->col[n++] = (kam_col){.field = KAM_SCORE_POINTS, .type = KAM_T_I64, .data = s->points};
    for (uint32_t k = 0; k < c->nreason; k++) s->col[n++] = (kam_col){.type = KAM_T_I32, .data = s->reason[k]};
    if (c->normalize) s->col[n++] = (kam_col){.type = KAM_T_I64, .data = s->normal};
    s->out = (kam_block){.struct_size = sizeof s->out, .nrow = rows, .ncol = n, .col = s->col};
}

int32_t kam_scorer_block(const kam_block **out, kam_scorer *s, const kam_block *rows, kam_error *err)
{
    kam__card_out to = {0};
    if (!out) return kam__null_arg(err, "out");
    if (!s) return kam__null_arg(err, "scorer");
    if (!rows) return kam__null_arg(err, "rows");
    if (rows->nrow > SCORER_ROWS)
        return kam__fail(err, KAM_E_INVAL, "a block has at most %u rows, not %u", SCORER_ROWS, rows->nrow);
    if (rows->ncol > s->card->doc.nattr)
        return kam__fail(err, KAM_E_INVAL, "the block has %u columns, but scorecard \"%s\" reads %u attributes",
                         rows->ncol, s->card->doc.name, s->card->doc.nattr);
    KAM__TRY(scorer_room(s, rows->nrow, err));
    to.points = s->points;
    for (uint32_t k = 0; k < s->card->doc.nreason; k++) to.reason[k] = s->reason[k];
    s->scored = 0;
    kam_scorer_clear(s);
    KAM__TRY(kam__card_block(&to, &s->plan, &s->score, s->room, s->kern, rows, err));
    for (uint32_t i = 0; i < rows->nrow && s->card->doc.normalize; i++)
        s->normal[i] = kam__card_normal(&s->card->doc, s->points[i]);
    scorer_columns(s, rows->nrow);
    *out = &s->out;
    return KAM_OK;
}
