/*
 * base/error.c - the caller's error handle: one block of fixed size, so that even "out of memory" can be told.
 *
 * A message is one line of valid UTF-8, at most 511 bytes: it may quote any bytes a user or a file gave, so control
 * characters become blanks, bytes that are no UTF-8 become '?', and a character that does not fit whole is left out.
 * Arguments may point into the message being replaced; text is therefore built aside and copied.
 */
#include "base/base.h"
#include <stdio.h>

#define ERROR_MESSAGE 512u

struct kam_error {
    kam_allocator allocator;
    int32_t code;
    int64_t detail[KAM_ERR_NATIVE + 1];     /* [0] is not used */
    char message[ERROR_MESSAGE];
};

/* ---------------------------------------------------------------- public */

static void error_details_clear(kam_error *err) {
    for (int i = 0; i < KAM_ERR_NATIVE; i++) err->detail[i] = -1;
    err->detail[KAM_ERR_NATIVE] = 0;
}

int32_t kam_error_new(kam_error **out, const kam_allocator *allocator) {
    kam_allocator a;
    if (!out) return KAM_E_INVAL;
    KAM__TRY(kam__allocator_take(&a, allocator, NULL));
    kam_error *err = a.alloc(a.user, sizeof *err);
    if (!err) return KAM_E_NOMEM;
    memset(err, 0, sizeof *err);
    err->allocator = a;
    error_details_clear(err);
    *out = err;
    return KAM_OK;
}

void kam_error_free(kam_error *err) {
    if (!err) return;
    kam_allocator a = err->allocator;
    a.release(a.user, err, sizeof *err);
}

int32_t kam_error_code(const kam_error *err) {
    return err ? err->code : KAM_OK;
}

const char *kam_error_message(const kam_error *err) {
    return err ? err->message : "";
}

int64_t kam_error_detail(const kam_error *err, uint32_t what) {
    if (err && what >= KAM_ERR_KIND && what <= KAM_ERR_NATIVE) return err->detail[what];
    return what == KAM_ERR_NATIVE ? 0 : -1;
}

/* ---------------------------------------------------------------- internal */

/* Makes `text` one line of valid UTF-8; returns its length. `written` is vsnprintf's: maybe more than is there. */
static size_t error_clean(char *text, int written) {
    size_t len = written < 0 ? 0 : (size_t)written, bad;
    if (len >= ERROR_MESSAGE) len = kam__utf8_cut(text, ERROR_MESSAGE - 1);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) text[i] = ' ';
    for (size_t at = 0; !kam__utf8_valid(text + at, len - at, &bad); at += bad + 1) text[at + bad] = '?';
    text[len] = '\0';
    return len;
}

int32_t kam__fail(kam_error *err, int32_t code, const char *fmt, ...) {
    if (!err) return code;
    char text[ERROR_MESSAGE] = "";
    va_list ap;
    va_start(ap, fmt);
    size_t len = error_clean(text, vsnprintf(text, sizeof text, fmt, ap));
    va_end(ap);
    memcpy(err->message, text, len + 1);
    err->code = code;
    error_details_clear(err);
    return code;
}

void kam__err_set(kam_error *err, uint32_t what, int64_t value) {
    if (err && what >= KAM_ERR_KIND && what <= KAM_ERR_NATIVE) err->detail[what] = value;
}

void kam__err_prefix(kam_error *err, const char *fmt, ...) {
    if (!err) return;
    char text[ERROR_MESSAGE] = "";
    va_list ap;
    va_start(ap, fmt);
    size_t len = error_clean(text, vsnprintf(text, sizeof text, fmt, ap));
    va_end(ap);
    size_t room = ERROR_MESSAGE - 1 - len, keep = strlen(err->message);
    if (keep > room) keep = kam__utf8_cut(err->message, room);
    memcpy(text + len, err->message, keep);
    memcpy(err->message, text, len + keep);
    err->message[len + keep] = '\0';
}

int32_t kam__nomem(kam_error *err) {
    return kam__fail(err, KAM_E_NOMEM, "out of memory");
}

int32_t kam__null_arg(kam_error *err, const char *name) {
    return kam__fail(err, KAM_E_INVAL, "%s must not be NULL", name);
}
