/*
 * file_hostile.h - bytes of an enemy as a file of ours: their checksums are made right, so that they get past those, then the file is opened
 * for writing, for reading, written to, and salvaged. Whatever the bytes say, nothing may crash or take much more memory than the file
 * is long.
 */
#ifndef KAM_TEST_FILE_HOSTILE_H
#define KAM_TEST_FILE_HOSTILE_H
#include "file_work.h"

/** Makes checksums, chain and salt of all frames and superblocks right. */
void hostile_repair(unsigned char *p, size_t n);
/** All of it; aborts when memory goes beyond 64 times the size and 32 MiB. 1 = it could be opened for writing. */
int hostile_open(const unsigned char *p, size_t n);
#endif
