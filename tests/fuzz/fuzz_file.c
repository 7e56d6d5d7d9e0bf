/* libFuzzer target for files of the file store: see tests/store/file_hostile.h. tests/durability.sh builds and runs it. */
#include "../store/file_hostile.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *p = malloc(size + 1);
    if (!p || size > (1u << 20)) {
        free(p);
        return 0;
    }
    memcpy(p, data, size);
    hostile_repair(p, size);
    (void)hostile_open(p, size);
    free(p);
    return 0;
}
