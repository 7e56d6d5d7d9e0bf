/*
 * store/rows_export_vcard.c - contacts as vCard 4.0 (RFC 6350).
 *
 * A contact's UID never changes, REV is the commit that wrote it last. Where they work and their role come from the
 * affiliation that holds today, the smallest id first. What is sensitive (economy, health, family) is never written.
 */
#include "rows.h"

typedef struct rcard_post { int64_t id, account; char role[64]; } rcard_post;

static int32_t rcard_on_post(void *user, const kam_block *rows)
{
    rcard_post *p = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT),
                  *role = kam__block_col(rows, KAM_AFFILIATION_ROLE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        if (p->id && kam__col_i64(id, i) > p->id) continue;
        p->id = kam__col_i64(id, i);
        p->account = kam__col_i64(account, i);
        const char *text = kam__col_text(role, i, &len);
        if (len >= sizeof p->role) len = 0;
        if (len) memcpy(p->role, text, len);
        p->role[len] = '\0';
    }
    return KAM_OK;
}

/* Where the contact works today: *name stays NULL for nobody's. */
static int32_t rcard_company(kam_record **account, rcard_post *post, const kam_rows *r, int64_t contact, kam_error *err)
{
    kam_pred p;
    kam__pred mem;
    if (!r->book || !contact) return KAM_OK;
    const kam__kind *kind = kam__schema_kind(r->book->schema, KAM_KIND_AFFILIATION);
    kam__pred_i64(&p, &mem, kam__kind_field(kind, KAM_AFFILIATION_CONTACT), KAM_OP_EQ, contact);
    kam__read q = {.scan = {.kind = KAM_KIND_AFFILIATION, .pred = &p, .npred = 1, .any_order = 1}, .as_of = KAM_TODAY};
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, r->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__read_rows(r->book, &q, rcard_on_post, post, err);
    if (rc == KAM_OK && post->account) {
        rc = kam__record_new(account, r->book->schema, KAM_KIND_ACCOUNT, err);
        if (rc == KAM_OK) rc = kam__read_one_deleted(*account, r->book, post->account, err);
        if (rc == KAM_E_NOT_FOUND) rc = KAM_OK;
    }
    return kam__txn_leave(&call, rc, err);
}

static void rcard_text(kam_buf *out, const kam_record *r, const char *name, uint32_t field)
{
    const char *text = kam_record_text(r, field, NULL);
    if (text) kam__line_text(out, name, text);
}

/* "YYYY-MM-DD" and "--MM-DD" without their dashes: 19800415, --0415. */
static void rcard_birthday(kam_buf *out, const kam_record *r)
{
    char day[16];
    size_t n = 0;
    const char *text = kam_record_text(r, KAM_CONTACT_BIRTHDAY, NULL);
    if (!text || strlen(text) >= sizeof day) return;
    for (const char *p = text; *p; p++)
        if (*p != '-' || p < text + 2) day[n++] = *p;
    day[n] = '\0';
    kam__line(out, "BDAY", day);
}

static void rcard_work(kam_buf *out, const kam_record *r, const kam_record *account, const char *role)
{
    const char *org[2] = {account ? kam_record_text(account, KAM_ACCOUNT_NAME, NULL) : NULL,
                          kam_record_text(r, KAM_CONTACT_DEPARTMENT, NULL)};
    if (org[0] || org[1]) kam__line_texts(out, "ORG", org, org[1] ? 2 : 1, ';');
    rcard_text(out, r, "TITLE", KAM_CONTACT_TITLE);
    const kam__enum_set *roles = kam__enum_set_by_name("ROLE");
    const kam__enum_item *item = role[0] ? kam__enum_by_name(roles, role, strlen(role)) : NULL;
    if (role[0]) kam__line_text(out, "ROLE", item ? item->en : role);
}

static void rcard_person(kam_buf *out, const kam_record *r)
{
    static const char *const sex[] = {"", "F", "M", "O"};
    int64_t s = kam_record_i64(r, KAM_CONTACT_SEX, 0);
    const char *name = kam_record_text(r, KAM_CONTACT_NAME, "");
    const char *const names[5] = {name, NULL, NULL, NULL, NULL};
    const char *const address[7] = {NULL, NULL, kam_record_text(r, KAM_CONTACT_ADDRESS, NULL), NULL, NULL, NULL, NULL};
    kam__line_text(out, "FN", name);
    kam__line_texts(out, "N", names, 5, ';');
    rcard_text(out, r, "TEL;TYPE=\"work,voice\"", KAM_CONTACT_PHONE);
    rcard_text(out, r, "TEL;TYPE=cell", KAM_CONTACT_MOBILE);
    rcard_text(out, r, "EMAIL", KAM_CONTACT_EMAIL);
    if (address[2]) kam__line_texts(out, "ADR;TYPE=work", address, 7, ';');
    rcard_birthday(out, r);
    if (s >= 1 && s <= 3) kam__line(out, "GENDER", sex[s]);
    rcard_text(out, r, "IMPP", KAM_CONTACT_SOCIAL);
    rcard_text(out, r, "NOTE", KAM_CONTACT_NOTE);
}

static int32_t rcard_uid(kam_rows *r, kam_error *err)
{
    kam_buf *out = &r->text;
    char uid[96];
    const char *key = kam_record_text(r->record, KAM_EXT_ID, NULL);
    KAM__TRY(kam__rows_stamp(r, err));
    size_t n = kam__i64_format(uid, kam_record_i64(r->record, KAM_ID, 0));
    uid[n] = '\0';
    kam_buf text;
    kam__buf_init(&text, r->ctx);
    if (key) kam__buf_str(&text, key);
    else {
        kam__buf_str(&text, "contact-");
        kam__buf_str(&text, uid);
        kam__buf_char(&text, '.');
        kam__buf_str(&text, r->stamp);
        kam__buf_str(&text, "@libkam");
    }
    int32_t rc = text.failed ? kam__nomem(err) : KAM_OK;
    if (rc == KAM_OK) kam__line_text(out, "UID", kam_buf_data(&text));
    kam__buf_drop(&text);
    return rc;
}

int32_t kam__rows_vcard_row(kam_rows *r, kam_error *err)
{
    rcard_post post = {0};
    kam_record *account = NULL;
    int32_t rc = rcard_company(&account, &post, r, kam_record_i64(r->record, KAM_ID, 0), err);
    if (rc == KAM_OK) {
        kam__line(&r->text, "BEGIN", "VCARD");
        kam__line(&r->text, "VERSION", "4.0");
        kam__line(&r->text, "PRODID", "-//libkam//libkam//EN");
        rc = rcard_uid(r, err);
    }
    if (rc == KAM_OK) {
        rcard_person(&r->text, r->record);
        rcard_work(&r->text, r->record, account, post.role);
        kam__line(&r->text, "END", "VCARD");
    }
    kam_record_free(account);
    return rc;
}
