/* A disk in memory: see file_disk.h. */
#include "file_disk.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

static void bytes_size(disk_bytes *b, size_t n)
{
    if (n > b->cap) {
        b->cap = n + n / 2 + 4096;
        b->data = need(realloc(b->data, b->cap));
    }
    if (n > b->n) memset(b->data + b->n, 0, n - b->n);
    b->n = n;
}

static void bytes_write(disk_bytes *b, size_t off, const void *data, size_t n)
{
    if (!n) return;
    if (off + n > b->n) bytes_size(b, off + n);
    memcpy(b->data + off, data, n);
}

static void bytes_copy(disk_bytes *to, const disk_bytes *from)
{
    to->n = 0;
    bytes_size(to, from->n);
    if (from->n) memcpy(to->data, from->data, from->n);
}

static void ops_drop(disk_inode *i)
{
    while (i->first) {
        disk_op *next = i->first->next;
        free(i->first);
        i->first = next;
    }
    i->last = &i->first;
}

void disk_new(disk *d)
{
    memset(d, 0, offsetof(disk, change));
    for (int i = 0; i < DISK_NAMES; i++) d->now[i].inode = d->hard[i].inode = -1;
    for (int i = 0; i < DISK_INODES; i++) d->inode[i].last = &d->inode[i].first;
}

void disk_free(disk *d)
{
    for (int i = 0; i < DISK_INODES; i++) {
        ops_drop(d->inode + i);
        free(d->inode[i].now.data);
        free(d->inode[i].hard.data);
    }
    disk_new(d);
}

/* ---------------------------------------------------------------- names */

static int name_find(const disk_name *list, const char *name)
{
    for (int i = 0; i < DISK_NAMES; i++)
        if (list[i].inode >= 0 && strcmp(list[i].text, name) == 0) return i;
    return -1;
}

static void name_set(disk_name *list, const char *name, int inode)
{
    int i = name_find(list, name);
    for (int k = 0; i < 0 && k < DISK_NAMES; k++)
        if (list[k].inode < 0) i = k;
    if (i < 0) abort();
    if (list[i].text != name) snprintf(list[i].text, sizeof list[i].text, "%s", name);
    list[i].inode = inode;
}

static void name_change(disk *d, const char *name, int inode)
{
    name_set(d->now, name, inode);
    if (d->nchange == 2000) abort();
    d->change[d->nchange].set.inode = inode;
    snprintf(d->change[d->nchange++].set.text, sizeof d->change[0].set.text, "%s", name);
}

static int inode_new(disk *d)
{
    for (int i = 0; i < DISK_INODES; i++) {             /* one that no name, handle or pending change knows */
        int used = 0;
        for (int k = 0; k < DISK_NAMES; k++) used |= d->now[k].inode == i || d->hard[k].inode == i;
        for (int k = 0; k < DISK_HANDLES; k++) used |= d->handle[k].used && d->handle[k].inode == i;
        for (int k = 0; k < d->nchange; k++) used |= d->change[k].set.inode == i;
        if (used) continue;
        ops_drop(d->inode + i);
        d->inode[i].now.n = d->inode[i].hard.n = 0;
        d->inode[i].used = 1;
        d->inode[i].locked = 0;
        return i;
    }
    abort();
}

disk_bytes *disk_file(disk *d, const char *name)
{
    int i = name_find(d->now, name);
    return i < 0 ? NULL : &d->inode[d->now[i].inode].now;
}

void disk_put(disk *d, const char *name, const void *data, size_t n)
{
    int i = inode_new(d);
    name_set(d->now, name, i);
    name_set(d->hard, name, i);
    bytes_write(&d->inode[i].now, 0, data, n);
    bytes_copy(&d->inode[i].hard, &d->inode[i].now);
}

int disk_changed(const disk *d)
{
    int changed = d->nchange || d->syncs;
    for (int i = 0; i < DISK_INODES; i++) changed |= d->inode[i].first != NULL;
    return changed;
}

/* ---------------------------------------------------------------- calls */

static int32_t disk_call(disk *d, uint32_t kind)
{
    d->calls++;
    if (d->before && kind & ~(uint32_t)(DISK_READ | DISK_SIZE | DISK_LOCK)) d->before(d, d->user);
    if (!d->at || !(kind & d->kinds)) return KAM_OK;
    d->count++;
    if (d->count < d->at || (d->count > d->at && !d->on)) return KAM_OK;
    d->fired++;
    return d->code;
}

static int32_t disk_open(void *user, const char *path, uint32_t how, int64_t *fd)
{
    disk *d = user;
    int32_t rc = disk_call(d, DISK_OPEN);
    int name = name_find(d->now, path), h = 0;
    if (rc < 0) return rc;
    if (how == KAM__FILE_OPEN_NEW && name >= 0) return KAM_E_EXISTS;
    if (how != KAM__FILE_OPEN_NEW && name < 0) return KAM_E_NOT_FOUND;
    while (h < DISK_HANDLES && d->handle[h].used) h++;
    if (h == DISK_HANDLES) abort();
    int inode = how == KAM__FILE_OPEN_NEW ? inode_new(d) : d->now[name].inode;
    d->handle[h].used = 1;
    d->handle[h].inode = inode;
    d->handle[h].lock = 0;
    if (how == KAM__FILE_OPEN_NEW) name_change(d, path, inode);
    *fd = h;
    return KAM_OK;
}

static disk_inode *inode_of(disk *d, int64_t fd)
{
    if (fd < 0 || fd >= DISK_HANDLES || !d->handle[fd].used) abort();
    return d->inode + d->handle[fd].inode;
}

static int32_t disk_read(void *user, int64_t fd, uint64_t off, void *to, size_t n, size_t *got)
{
    disk *d = user;
    const disk_inode *i = inode_of(d, fd);
    int32_t rc = disk_call(d, DISK_READ);
    if (rc < 0) return rc;
    if (rc == DISK_SHORT && n > 1) n /= 2;
    *got = off >= i->now.n ? 0 : i->now.n - off < n ? i->now.n - (size_t)off : n;
    if (*got) memcpy(to, i->now.data + off, *got);
    return KAM_OK;
}

static void op_add(disk_inode *i, uint64_t off, const void *data, size_t n, int truncate)
{
    disk_op *op = need(malloc(sizeof *op + n));
    op->next = NULL;
    op->off = off;
    op->n = n;
    op->truncate = truncate;
    if (n) memcpy(op->data, data, n);
    *i->last = op;
    i->last = &op->next;
}

static int32_t disk_write(void *user, int64_t fd, uint64_t off, const void *from, size_t n, size_t *put)
{
    disk *d = user;
    disk_inode *i = inode_of(d, fd);
    int32_t rc = disk_call(d, DISK_WRITE);
    if (rc < 0 && rc != KAM_E_FULL && rc != KAM_E_IO) return rc;
    if (rc != KAM_OK) n = n / 2;            /* a disk that gets full, or breaks, may have taken some of it */
    if (n) bytes_write(&i->now, (size_t)off, from, n);
    if (n) op_add(i, off, from, n, 0);
    *put = n;
    return rc < 0 ? rc : KAM_OK;
}

static int32_t disk_sync(void *user, int64_t fd, uint32_t why)
{
    disk *d = user;
    disk_inode *i = inode_of(d, fd);
    int32_t rc = disk_call(d, DISK_SYNC);
    d->syncs++;
    if (rc == KAM_E_RETRY) return rc;
    if (d->skip_sync >> why & 1) return KAM_OK;
    for (const disk_op *op = i->first; op && rc >= 0; op = op->next) {
        if (op->truncate) bytes_size(&i->hard, (size_t)op->off);
        else bytes_write(&i->hard, (size_t)op->off, op->data, op->n);
    }
    ops_drop(i);                            /* failed: not on the disk, and nobody will try again */
    return rc < 0 ? rc : KAM_OK;
}

static int32_t disk_truncate(void *user, int64_t fd, uint64_t size)
{
    disk *d = user;
    disk_inode *i = inode_of(d, fd);
    int32_t rc = disk_call(d, DISK_TRUNCATE);
    if (rc < 0) return rc;
    bytes_size(&i->now, (size_t)size);
    op_add(i, size, NULL, 0, 1);
    return KAM_OK;
}

static int32_t disk_size(void *user, int64_t fd, uint64_t *size)
{
    disk *d = user;
    const disk_inode *i = inode_of(d, fd);
    int32_t rc = disk_call(d, DISK_SIZE);
    if (rc < 0) return rc;
    *size = i->now.n;
    return KAM_OK;
}

static int32_t disk_lock(void *user, int64_t fd, const char *path)
{
    disk *d = user;
    disk_inode *i = inode_of(d, fd);
    int32_t rc = disk_call(d, DISK_LOCK);
    int name = name_find(d->now, path);
    if (rc < 0) return rc;
    if (i->locked && !d->handle[fd].lock) return KAM_E_BUSY;
    i->locked = d->handle[fd].lock = 1;
    return name >= 0 && d->now[name].inode == d->handle[fd].inode ? KAM_OK : KAM_E_STALE;
}

static int32_t disk_rename(void *user, const char *from, const char *to, int replace)
{
    disk *d = user;
    int32_t rc = disk_call(d, DISK_RENAME);
    int name = name_find(d->now, from);
    if (rc < 0) return rc;
    if (name < 0) return KAM_E_NOT_FOUND;
    if (!replace && name_find(d->now, to) >= 0) return KAM_E_EXISTS;
    int inode = d->now[name].inode;
    name_change(d, to, inode);
    name_change(d, from, -1);
    return KAM_OK;
}

static int32_t disk_remove(void *user, const char *path)
{
    disk *d = user;
    int32_t rc = disk_call(d, DISK_REMOVE);
    if (rc < 0) return rc;
    if (name_find(d->now, path) < 0) return KAM_E_NOT_FOUND;
    name_change(d, path, -1);
    return KAM_OK;
}

static int32_t disk_syncdir(void *user, const char *path)
{
    disk *d = user;
    int32_t rc = disk_call(d, DISK_SYNCDIR);
    (void)path;
    if (rc < 0) return rc;
    if (d->skip_syncdir) return KAM_OK;
    memcpy(d->hard, d->now, sizeof d->hard);
    d->nchange = 0;
    return KAM_OK;
}

static void disk_close(void *user, int64_t fd)
{
    disk *d = user;
    disk_inode *i = inode_of(d, fd);
    if (d->handle[fd].lock) i->locked = 0;
    d->handle[fd].used = 0;
}

const kam__file_os file_disk_os = {disk_open, disk_read, disk_write, disk_sync, disk_truncate, disk_size, disk_lock, disk_rename,
                                   disk_remove, disk_syncdir, disk_close};

/* ---------------------------------------------------------------- crashes */

static uint64_t dice(uint64_t *seed, uint64_t n) { return kam__random(seed) % n; }

/* One write that was not synced: pieces of it, in no order, some as zeroes. */
static void crash_write(disk_bytes *to, const disk_op *op, uint64_t *seed, size_t sector, uint64_t mood)
{
    for (size_t at = 0; at < op->n;) {
        size_t n = sector - (size_t)((op->off + at) % sector);
        if (n > op->n - at) n = op->n - at;
        uint64_t fate = mood == 0 ? 0 : mood == 1 ? 9 : dice(seed, 10);
        if (fate < 5) bytes_write(to, (size_t)op->off + at, op->data + at, n);
        else if (fate == 5 && op->off + at + n > to->n) bytes_size(to, (size_t)op->off + at + n);      /* the size got there, the data did not */
        at += n;
    }
}

static void crash_inode(disk_inode *to, const disk_inode *from, uint64_t *seed, size_t sector)
{
    if (!sector) {
        bytes_copy(&to->now, &from->now);
        bytes_copy(&to->hard, &from->now);
        return;
    }
    bytes_copy(&to->now, &from->hard);
    uint64_t stop = dice(seed, 3) ? UINT64_MAX : dice(seed, 8), n = 0;          /* often all that is later is lost */
    for (const disk_op *op = from->first; op; op = op->next, n++) {
        uint64_t mood = n >= stop ? 1 : dice(seed, 4);
        if (!op->truncate) crash_write(&to->now, op, seed, sector, mood);
        else if (mood != 1 && dice(seed, 2)) bytes_size(&to->now, (size_t)op->off);
    }
    bytes_copy(&to->hard, &to->now);
}

void disk_crash(disk *to, const disk *from, uint64_t seed, size_t sector)
{
    disk_new(to);
    for (int i = 0; i < DISK_INODES; i++) if (from->inode[i].used) to->inode[i].used = 1, crash_inode(to->inode + i, from->inode + i, &seed, sector);
    memcpy(to->now, sector ? from->hard : from->now, sizeof to->now);
    uint64_t mood = dice(&seed, 3);
    for (int i = 0; sector && i < from->nchange; i++)
        if (mood == 0 || (mood == 1 && dice(&seed, 2))) name_set(to->now, from->change[i].set.text, from->change[i].set.inode);
    memcpy(to->hard, to->now, sizeof to->hard);
}
