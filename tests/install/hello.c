/* The smallest program with libkam, built out of tree from the installed files: C and C++, shared and static. */
#include <kam.h>
#include <stdio.h>

int main(void)
{
    kam_error *err = NULL;
    int32_t day = 0, rc = kam_error_new(&err, NULL);
    if (rc == KAM_OK) rc = kam_day_parse(&day, "2026-03-01", KAM_NUL, err);
    printf("libkam %d.%d.%d: %s, day %d\n", (int)(kam_version() >> 16), (int)(kam_version() >> 8 & 255),
           (int)(kam_version() & 255), kam_code_name(rc), (int)day);
    kam_error_free(err);
    return rc != KAM_OK || kam_version() != KAM_VERSION;
}
