/* stub */
#include "cel_impl.h"
void kam__cel_block_free(kam_work *work) { (void)work; }
int32_t kam__cel_vec_compile(kam_rule *r, kam_error *err) { (void)r; (void)err; return KAM_OK; }
