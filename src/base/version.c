/*
 * base/version.c - the version that runs, and the names of the codes.
 *
 * The table is indexed by the negated code: codes are numbered from -1 without gaps and are never reused, so a new
 * code is one more entry at the end.
 */
#include "base/base.h"

uint32_t kam_version(void) {
    return KAM_VERSION;
}

static const char *const version_code_names[] = {
    "KAM_OK", "KAM_E_INVAL", "KAM_E_NOMEM", "KAM_E_UNSUPPORTED", "KAM_E_NOT_FOUND", "KAM_E_EXISTS", "KAM_E_CONFLICT",
    "KAM_E_BUSY", "KAM_E_ABORTED", "KAM_E_RETRY", "KAM_E_CANCELLED", "KAM_E_LIMIT", "KAM_E_TYPE", "KAM_E_UTF8",
    "KAM_E_PARSE", "KAM_E_SCHEMA", "KAM_E_POLICY", "KAM_E_DENIED", "KAM_E_READ_ONLY", "KAM_E_IO", "KAM_E_FULL",
    "KAM_E_CORRUPT", "KAM_E_DEAD", "KAM_E_CLOSED", "KAM_E_STALE", "KAM_E_COMMIT_UNKNOWN"
};

const char *kam_code_name(int32_t code) {
    int64_t i = -(int64_t)code;
    return i >= 0 && i < (int64_t)KAM__LEN(version_code_names) ? version_code_names[i] : "KAM_E_UNKNOWN";
}
