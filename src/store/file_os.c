/*
 * store/file_os.c - the file store's calls on POSIX systems; the only file of the library that does I/O.
 *
 * The feature macros come too late here when every file is compiled as one: kam_all.c has them too, at its top. The lock is flock(): it
 * belongs to the open file, not to the process, so it keeps out a second opener in the same process and is not lost when another
 * descriptor is closed.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#if !defined(_FILE_OFFSET_BITS) && !defined(__LP64__)
#define _FILE_OFFSET_BITS 64
#endif
#include "file_os.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int32_t posix_code(void)
{
    switch (errno) {
    case EINTR: return KAM_E_RETRY;
    case ENOENT: return KAM_E_NOT_FOUND;
    case EEXIST: return KAM_E_EXISTS;
    case EAGAIN: return KAM_E_BUSY;
    case ENOSPC: case EFBIG: return KAM_E_FULL;
#ifdef EDQUOT
    case EDQUOT: return KAM_E_FULL;
#endif
    case EROFS: case EACCES: case EPERM: return KAM_E_READ_ONLY;
    default: return KAM_E_IO;
    }
}

static int32_t posix_open(void *user, const char *path, uint32_t how, int64_t *fd)
{
    int flags = how == KAM__FILE_OPEN_READ ? O_RDONLY : how == KAM__FILE_OPEN_WRITE ? O_RDWR : O_RDWR | O_CREAT | O_EXCL;
#ifdef O_CLOEXEC
    flags |= O_CLOEXEC;
#endif
    int n = open(path, flags, 0600);
    (void)user;
    if (n < 0) return posix_code();
    *fd = n;
    return KAM_OK;
}

static int32_t posix_read(void *user, int64_t fd, uint64_t off, void *to, size_t n, size_t *got)
{
    ssize_t r = pread((int)fd, to, n, (off_t)off);
    (void)user;
    if (r < 0) return posix_code();
    *got = (size_t)r;
    return KAM_OK;
}

static int32_t posix_write(void *user, int64_t fd, uint64_t off, const void *from, size_t n, size_t *put)
{
    ssize_t r = pwrite((int)fd, from, n, (off_t)off);
    (void)user;
    if (r < 0) return posix_code();
    *put = (size_t)r;
    return KAM_OK;
}

static int32_t posix_sync(void *user, int64_t fd, uint32_t why)
{
    (void)user, (void)why;
#if defined(__APPLE__) && defined(F_FULLFSYNC)
    if (fcntl((int)fd, F_FULLFSYNC) == 0) return KAM_OK;
    return fsync((int)fd) ? posix_code() : KAM_OK;
#else
    if (why == KAM__FILE_SYNC_NEW) return fsync((int)fd) ? posix_code() : KAM_OK;
    return fdatasync((int)fd) ? posix_code() : KAM_OK;
#endif
}

static int32_t posix_truncate(void *user, int64_t fd, uint64_t size)
{
    (void)user;
    return ftruncate((int)fd, (off_t)size) ? posix_code() : KAM_OK;
}

static int32_t posix_size(void *user, int64_t fd, uint64_t *size)
{
    struct stat st;
    (void)user;
    if (fstat((int)fd, &st)) return posix_code();
    if (!S_ISREG(st.st_mode)) return KAM_E_IO;
    *size = (uint64_t)st.st_size;
    return KAM_OK;
}

static int32_t posix_lock(void *user, int64_t fd, const char *path)
{
    struct stat held, named;
    (void)user;
    if (flock((int)fd, LOCK_EX | LOCK_NB)) return posix_code();
    if (fstat((int)fd, &held)) return posix_code();
    if (stat(path, &named)) return errno == ENOENT ? KAM_E_STALE : posix_code();
    return held.st_ino == named.st_ino && held.st_dev == named.st_dev ? KAM_OK : KAM_E_STALE;
}

/* link() is the one call that gives a name only if it is free. */
static int32_t posix_rename(void *user, const char *from, const char *to, int replace)
{
    (void)user;
    if (replace) return rename(from, to) ? posix_code() : KAM_OK;
    if (link(from, to)) return posix_code();
    (void)unlink(from);
    return KAM_OK;
}

static int32_t posix_remove(void *user, const char *path)
{
    (void)user;
    return unlink(path) ? posix_code() : KAM_OK;
}

/* Some file systems cannot sync a directory and say EINVAL: nothing more can be done there. */
static int32_t posix_syncdir(void *user, const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[4096];
    size_t n = slash ? (size_t)(slash - path) + 1 : 1;
    (void)user;
    if (n >= sizeof dir) return KAM_E_IO;
    memcpy(dir, slash ? path : ".", n);
    dir[n] = 0;
    int fd = open(dir, O_RDONLY);
    if (fd < 0) return posix_code();
    int32_t rc = fsync(fd) && errno != EINVAL ? posix_code() : KAM_OK;
    close(fd);
    return rc;
}

static void posix_close(void *user, int64_t fd)
{
    (void)user;
    close((int)fd);
}

const kam__file_os kam__file_posix = {posix_open, posix_read, posix_write, posix_sync, posix_truncate, posix_size,
                                      posix_lock, posix_rename, posix_remove, posix_syncdir, posix_close};
