/*
 * file_disk.h - a disk in memory for tests of the file store: it knows what was written and what is synced, fails when told to, and
 * gives the states in which a crash may leave it.
 *
 * Each file has its content "now" (the page cache) and "hard" (the disk), and between the two the writes and truncations since the last
 * sync; the same for names. A crash keeps what is hard and of the rest any part: each piece of 512 or 4,096 bytes may be there or
 * not, may be zeroes, in any order. A sync that fails drops what it should have written from the list but not from the page
 * cache: later syncs succeed and do not bring it back, as ext4 and XFS do it.
 */
#ifndef KAM_TEST_FILE_DISK_H
#define KAM_TEST_FILE_DISK_H
#include "store/file.h"

enum { DISK_INODES = 120, DISK_NAMES = 12, DISK_HANDLES = 16 };
enum { DISK_OPEN = 1, DISK_READ = 2, DISK_WRITE = 4, DISK_SYNC = 8, DISK_TRUNCATE = 16, DISK_SIZE = 32, DISK_LOCK = 64, DISK_RENAME = 128,
       DISK_REMOVE = 256, DISK_SYNCDIR = 512, DISK_ALL = 1023 };
enum { DISK_SHORT = 1 };                    /* instead of a KAM_E_ code: read or write half of it */

typedef struct disk_op { struct disk_op *next; uint64_t off; size_t n; int truncate; unsigned char data[]; } disk_op;
typedef struct disk_bytes { unsigned char *data; size_t n, cap; } disk_bytes;
typedef struct disk_inode { int used, locked; disk_bytes now, hard; disk_op *first, **last; } disk_inode;
typedef struct disk_name { char text[64]; int inode; } disk_name;           /* inode -1: none */
typedef struct disk_change { disk_name set; } disk_change;
typedef struct disk {
    disk_inode inode[DISK_INODES];
    disk_name now[DISK_NAMES], hard[DISK_NAMES];
    int nchange;
    struct { int used, inode, lock; } handle[DISK_HANDLES];
    /* failures: the at-th call (from 1) of a kind in `kinds` fails, with `on` all from it on; at 0 = none */
    uint64_t at, count; uint32_t kinds; int on; int32_t code;
    uint64_t fired;
    uint32_t skip_sync;                     /* mutants: bit KAM__FILE_SYNC_ = this sync does nothing and says OK */
    int skip_syncdir;
    uint64_t calls, syncs;
    void (*before)(struct disk *d, void *user); void *user;     /* before each call that changes something */
    disk_change change[2000];               /* the last member: nothing of it is cleared */
} disk;

extern const kam__file_os file_disk_os;     /* user = disk */
void disk_new(disk *d);
void disk_free(disk *d);
/** What a crash may leave of `from`: decided by the seed. `sector` 512 or 4096; 0 = the process crashed only, all is as it is now. */
void disk_crash(disk *to, const disk *from, uint64_t seed, size_t sector);
/** Content of a file now; lent. NULL = there is none of this name. */
disk_bytes *disk_file(disk *d, const char *name);
/** Was anything written, cut, renamed or synced since it was made? */
int disk_changed(const disk *d);
/** Makes a file with this content, hard. */
void disk_put(disk *d, const char *name, const void *data, size_t n);
#endif
