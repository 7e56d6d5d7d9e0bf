/*
 * store/file_os.h - what the file store asks of the operating system: one table of calls, so that tests can stand in for a disk.
 *
 * Each call does one thing once: it may read or write less than asked, and answers KAM_E_RETRY when a signal came in between; loops
 * are above. Codes: NOT_FOUND EXISTS BUSY STALE FULL READ_ONLY IO RETRY.
 */
#ifndef KAM__FILE_OS_H
#define KAM__FILE_OS_H
#include "../base/base.h"

enum { KAM__FILE_OPEN_READ = 0, KAM__FILE_OPEN_WRITE = 1, KAM__FILE_OPEN_NEW = 2 };     /* NEW: fails with EXISTS; mode 0600 */
/* Why a sync is asked for: a test can leave out one kind and see that something then is lost. */
enum { KAM__FILE_SYNC_COMMIT = 1, KAM__FILE_SYNC_CHECKPOINT = 2, KAM__FILE_SYNC_SUPER = 3, KAM__FILE_SYNC_NEW = 4, KAM__FILE_SYNC_REPAIR = 5 };

typedef struct kam__file_os {
    int32_t (*open)(void *user, const char *path, uint32_t how, int64_t *fd);
    int32_t (*read)(void *user, int64_t fd, uint64_t off, void *to, size_t n, size_t *got);         /* got 0 = end of file */
    int32_t (*write)(void *user, int64_t fd, uint64_t off, const void *from, size_t n, size_t *put);
    int32_t (*sync)(void *user, int64_t fd, uint32_t why);
    int32_t (*truncate)(void *user, int64_t fd, uint64_t size);
    int32_t (*size)(void *user, int64_t fd, uint64_t *size);
    /** Excludes other writers, in this process too. BUSY; STALE: the path names another file by now. */
    int32_t (*lock)(void *user, int64_t fd, const char *path);
    /** Gives a file its final name, over the one that had it if `replace`, else EXISTS. */
    int32_t (*rename)(void *user, const char *from, const char *to, int replace);
    int32_t (*remove)(void *user, const char *path);
    /** Makes the names in the path's directory durable. */
    int32_t (*syncdir)(void *user, const char *path);
    void (*close)(void *user, int64_t fd);
} kam__file_os;
extern const kam__file_os kam__file_posix;

uint32_t kam__crc32c(uint32_t crc, const void *data, size_t size);
/** The same without the CPU's instruction. */
uint32_t kam__crc32c_portable(uint32_t crc, const void *data, size_t size);

#endif
