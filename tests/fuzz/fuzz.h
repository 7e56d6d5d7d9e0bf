/*
 * tests/fuzz/fuzz.h - targets for libFuzzer, which are also replayed over the kept corpus by a plain test.
 *
 * A target is one function in fuzz_NAME.c that ends in FUZZ_TARGET(NAME), with a folder corpus/NAME; tests/fuzz.sh
 * builds and runs it, test_replay.c runs every kept input through it. What must not happen ends the process.
 */
#ifndef FUZZ_H
#define FUZZ_H
#include <kam.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_MUST(test) \
    do { if (!(test)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #test); abort(); } } while (0)
#if defined(KAM_FUZZER)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#define FUZZ_TARGET(name) \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { fuzz_##name(data, size); return 0; }
#else
#define FUZZ_TARGET(name) struct fuzz_unused
#endif

void fuzz_cel(const uint8_t *data, size_t size);
void fuzz_cel_block(const uint8_t *data, size_t size);
void fuzz_clv(const uint8_t *data, size_t size);
void fuzz_lines(const uint8_t *data, size_t size);
void fuzz_regex(const uint8_t *data, size_t size);
void fuzz_card(const uint8_t *data, size_t size);
void fuzz_dtable(const uint8_t *data, size_t size);
#endif
