/*
 * store/file.h - the durable store in one file: the memory store with a log beneath (kam__journal). Only file*.c and tests of it look
 * in here.
 *
 *   file_os.c     calls of the operating system, all in one table        file_crc.c    CRC-32C
 *   file_code.c   column blocks as bytes, and back                       file_frame.c  frames and superblocks, reading and writing
 *   file_log.c    what a transaction writes; commit, abort, flush        file_load.c   opening and recovery
 *   file_save.c   checkpoint, compaction, backup                         file_rows.c   rows of a table as segments
 *   file_zone.c   what is known of segments, so that they need not be read
 *   file_cold.c   rows that stay in the file, or go back there
 *   file.c        life, the journal's table, verify, stats
 *
 * The file, all little-endian, each frame at a multiple of 8:
 *     0 superblock, 4096 superblock (alternating), 8192 frames: a header of 56 bytes, payload, zeroes up to a multiple of 8.
 * A transaction is a run of frames of one seq, closed by a frame flagged COMMIT; each frame names the checksum of the header before
 * it, so that the log is one chain from its first frame to its last. Nothing that was committed is ever written over.
 * A checkpoint is the transaction SEGMENT* DIRECTORY. The directory lists for each table the frames that hold its rows; frames of
 * INSERT are among them as they are, as long as no row in them was changed, so that what was imported is written once. Of a ledger
 * a checkpoint so writes only what is new, and then the rows leave the memory.
 * A superblock names the last directory, where the log goes on behind it, and the "floor": how far everything is on the disk.
 */
#ifndef KAM__FILE_H
#define KAM__FILE_H
#include "file_os.h"
#include "memory.h"
#include "memory_table.h"
#include <kam/spi/storage.h>

#define FILE_MAJOR 1u
#define FILE_MINOR 1u                       /* 1: zones */
#define FILE_SUPER 4096u                    /* bytes from one superblock to the next */
#define FILE_FIRST 8192u                    /* the first frame */
#define FILE_HEAD 56u
#define FILE_SPILL (1u << 20)               /* an open transaction's frames above that go to the file at once */
#define FILE_TEXT_MAX KAM__BLOCK_TEXT

enum { FILE_SCHEMA = 1, FILE_INSERT = 2, FILE_UPDATE = 3, FILE_DELETE = 4, FILE_NEXT = 5, FILE_SEGMENT = 6, FILE_DIRECTORY = 7, FILE_COMMIT = 8,
       FILE_ZONES = 9 };
enum { FILE_LAST = 1 };                     /* flag of a frame: closes its transaction */
/* Of kam__file_open. READ_ONLY: whatever is intact, never written. COLD: even small tables stay in the file until they are needed. */
enum { FILE_READ_ONLY = 1, FILE_COLD = 2 };
#define FILE_COLD_ROWS 65536u               /* smaller tables are read at once */

/** Says why, returns the code. */
#define FILE_FAIL(err, code, ...) kam__memory_fail((err), (code), 0, 0, MEMORY_NONE, __VA_ARGS__)
#define FILE_LL(v) ((long long)(v))

typedef struct file_bytes { kam_ctx *ctx; unsigned char *data; size_t n, cap; } file_bytes;

typedef struct file_super {
    uint32_t major, minor, incompat, ro_compat;
    unsigned char uuid[16];
    uint64_t gen, salt;
    uint64_t dir_off, log_off, log_seq;     /* dir_off 0: no checkpoint yet; log_seq: last one before log_off */
    uint64_t floor_off, floor_seq;
    uint32_t log_prev, dir_crc;             /* chain at log_off; checksum in the directory's header */
    int64_t created;
} file_super;

typedef struct file_frame {
    uint64_t off, size, seq, salt, durable; /* size: with header and padding */
    uint32_t type, flags, len, nrow, prev, pay_crc, table, crc;
} file_frame;

/* Rows first .. first + nrow - 1 (slots) lie in the frame at off; zones: 1 + the place in file_table.zones of what tells about them. */
typedef struct file_seg { uint64_t off; uint32_t first, nrow, size, stale, zones; int64_t key; } file_seg;          /* key: of the first row */
typedef struct file_table {
    file_seg *seg; size_t nseg, cap;
    struct memory_ref *zones; size_t nzones, zones_cap;
    file_seg *fresh; size_t nfresh, fresh_cap;          /* of the checkpoint being written; so are fresh_zones */
    struct memory_ref *fresh_zones; size_t nfresh_zones, fresh_zones_cap;
    uint32_t ncol;                          /* columns the log knows */
    int64_t next_id;                        /* what reading the log would give */
    size_t mark_nseg; uint32_t mark_ncol; int64_t mark_next_id;     /* as of the last commit */
    struct memory_cold *moved;              /* of a compaction: the rows that stay in the file, as the new file has them */
} file_table;

/* What calls beside the writer may look at; changed and read under the memory store's lock. */
typedef struct file_shown {
    file_super super;
    uint64_t end, seq, synced, live, flushes, writes, checkpoints, compactions;
    uint32_t prev;
} file_shown;

typedef struct kam__file {
    kam_ctx *ctx;
    kam__memory *m;                         /* whose journal this is */
    const kam__file_os *os; void *user;
    char *path, *temp;                      /* temp: path.tmp */
    int64_t fd;
    uint32_t is_open, named, read_only, salvage, dead;  /* named: its name is on the disk; salvage: damage is stepped over */
    uint32_t slot;                          /* of the current superblock */
    file_super super;
    file_bytes out;                         /* frames of the open transaction, not yet written, from `put` on */
    uint64_t end, put, size;                /* end: of the last commit; size: of the file, as we know */
    uint64_t seq;                           /* of the last commit */
    struct kam__file *reader;               /* reads rows of cold tables, under the memory store's lock */
    uint32_t cold_rows;                     /* tables from so many rows on stay in the file; 0 = none */
    uint32_t spill;                         /* FILE_SPILL; tests take less */
    uint32_t prev, prev_open, open_frames;  /* chain after the last commit; after the open frames */
    uint64_t synced_seq, synced;            /* up to where everything is on the disk */
    file_shown shown;
    uint64_t live;                          /* bytes the last checkpoint needs */
    file_table *table; size_t ntable, table_cap;
    file_bytes frame;                       /* a payload read */
    uint64_t flushes, writes, checkpoints, compactions;
    uint64_t bad_off; uint32_t bad;         /* salvage: the first damaged place; how many */
} kam__file;

/* ---------------------------------------------------------------- file.c */

/** Opens the store of a file, or a store that makes the file with its first table or commit. */
int32_t kam__file_open(kam__memory **out, kam_ctx *ctx, const char *path, uint32_t flags, const kam__file_os *os, void *user, kam_error *err);
/** Copies what is intact in a file into a new one. */
int32_t kam__file_salvage(kam_ctx *ctx, const char *path, const char *to, const kam__file_os *os, void *user, kam_error *err);
extern const kam__journal kam__file_journal;
/** Takes rows that are gone out of memory, if nobody reads; `tails`: of tables that are partly in the file only. */
void kam__file_tidy(kam__file *f, int tails);

/* ---------------------------------------------------------------- file_code.c */

static inline void file_put16(unsigned char *p, uint32_t v) { p[0] = (unsigned char)v; p[1] = (unsigned char)(v >> 8); }
static inline void file_put32(unsigned char *p, uint32_t v) { file_put16(p, v); file_put16(p + 2, v >> 16); }
static inline void file_put64(unsigned char *p, uint64_t v) { file_put32(p, (uint32_t)v); file_put32(p + 4, (uint32_t)(v >> 32)); }
static inline uint32_t file_get16(const unsigned char *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static inline uint32_t file_get32(const unsigned char *p) { return file_get16(p) | file_get16(p + 2) << 16; }
static inline uint64_t file_get64(const unsigned char *p) { return file_get32(p) | (uint64_t)file_get32(p + 4) << 32; }

/** n bytes at the end, not zeroed (and 8 readable behind them); NULL = out of memory. */
unsigned char *kam__file_more(file_bytes *b, size_t n);
void kam__file_bytes_free(file_bytes *b);

/** One block; columns with a bit in `leave_out` are not written. */
int32_t kam__file_encode(file_bytes *out, const kam_block *rows, const uint8_t *leave_out);
/** A block under way: its first bytes, then each column. */
int32_t kam__file_encode_begin(file_bytes *out, uint32_t ncol, size_t *at);
int32_t kam__file_encode_col(file_bytes *out, size_t at, uint32_t i, const kam_col *c, uint32_t nrow);
/** A block of `nrow` rows out of `size` bytes, into memory of the arena. CORRUPT: the bytes are none. */
/** The columns wanted alone; of those the block does not have the type is 0. */
int32_t kam__file_decode_some(kam_col *out, const uint32_t *field, uint32_t nfield, kam__arena *a, const unsigned char *p, size_t size, uint32_t nrow);
/** Where in a block of `size` bytes they lie, told by its first `have` bytes; at most nfield pieces. */
typedef struct file_piece { size_t at, n; } file_piece;
int32_t kam__file_pieces(const unsigned char *p, size_t have, size_t size, const uint32_t *field, uint32_t nfield, file_piece *piece, uint32_t *n);
int32_t kam__file_decode(kam_block *out, kam__arena *a, const unsigned char *p, size_t size, uint32_t nrow);

/* ---------------------------------------------------------------- file_frame.c */

int32_t kam__file_read_at(kam__file *f, uint64_t off, void *to, size_t n, kam_store_err *err);
int32_t kam__file_write_at(kam__file *f, uint64_t off, const void *from, size_t n, kam_store_err *err);
int32_t kam__file_sync(kam__file *f, uint32_t why, kam_store_err *err);
/** Opens a frame in f->out; *at names it. */
int32_t kam__file_begin(kam__file *f, size_t *at, kam_store_err *err);
/** Closes it: header, padding, checksums. The offset in the file into *off (may be NULL). */
int32_t kam__file_end(kam__file *f, size_t at, uint32_t type, uint32_t flags, uint32_t table, uint32_t nrow, uint64_t *off, kam_store_err *err);
/** Writes out what is in f->out. */
int32_t kam__file_spill(kam__file *f, kam_store_err *err);
/** The frame at off, its payload into f->frame. CORRUPT: there is none. `salt` 0 = any. */
int32_t kam__file_frame(kam__file *f, uint64_t off, uint64_t salt, file_frame *out, kam_store_err *err);
/** The header at off alone; 1 = sound. */
int kam__file_head(file_frame *out, const unsigned char head[FILE_HEAD], uint64_t off);
void kam__file_super_put(unsigned char block[FILE_SUPER], const file_super *s);
/** OK; CORRUPT: damaged; NOT_FOUND: no magic; UNSUPPORTED: newer. */
int32_t kam__file_super_get(file_super *s, const unsigned char block[512]);
/** Writes the other superblock and syncs. */
int32_t kam__file_super_write(kam__file *f, const file_super *s, kam_store_err *err);

/* ---------------------------------------------------------------- file_log.c */

int32_t kam__file_wrote(void *below, memory_table *t, uint32_t op, const kam_block *rows, const uint32_t *slot, kam_store_err *err);
int32_t kam__file_commit(void *below, uint32_t how, kam_store_err *err);
int32_t kam__file_prepared(void *below, kam_store_err *err);
int32_t kam__file_abort(void *below, kam_store_err *err);
int32_t kam__file_flush(void *below, kam_store_err *err);
/** The journal's notes on a table of the memory store; NULL = out of memory. */
file_table *kam__file_table(kam__file *f, const memory_table *t);
/** Rows of an INSERT frame: a segment, if they lie one behind the other at the end of it all. */
int32_t kam__file_note_insert(kam__file *f, const memory_table *t, uint64_t off, uint64_t size, const uint32_t *slot, uint32_t n);
void kam__file_note_change(kam__file *f, const memory_table *t, const uint32_t *slot, uint32_t n);
/** What the log holds is what is committed. */
void kam__file_mark(kam__file *f);
int32_t kam__file_schema(kam__file *f, const memory_table *t, kam_store_err *err);

/* ---------------------------------------------------------------- file_rows.c */

/** All tables as they are in memory: segments for rows that have none, then the directory, which closes the transaction. */
int32_t kam__file_image(kam__file *f, file_frame *directory, kam_store_err *err);
/** The image is on the disk: its segments are the ones that count. */
void kam__file_image_kept(kam__file *f);

/* ---------------------------------------------------------------- file_load.c, file_apply.c */

/** Reads the open file into f->m: superblock, checkpoint, log; repairs its tail unless it is read-only. */
int32_t kam__file_load(kam__file *f, kam_store_err *err);
/** Notes a damaged place: CORRUPT, or OK where the file is read as far as it is intact. */
int32_t kam__file_damage(kam__file *f, uint64_t off, const char *why, kam_store_err *err);

typedef struct file_apply { kam__file *f; void *conn; kam__arena arena; kam_store_err *err; uint64_t expected; } file_apply;
/** A transaction of the memory store around the frames of one of the log. */
int32_t kam__file_apply_begin(file_apply *a);
int32_t kam__file_apply_end(file_apply *a, int32_t rc);
/** Does what the frame in f->frame says. */
int32_t kam__file_apply(file_apply *a, const file_frame *fr);
/** Reads the tables and their segments out of the directory in f->frame. */
int32_t kam__file_apply_directory(file_apply *a);

/** A segment's bits and block; a frame of INSERT is a block only. p: the payload. */
int32_t kam__file_segment_decode(kam__arena *a, const file_frame *fr, const unsigned char *p, kam_block *rows, const uint8_t **gone);

/* ---------------------------------------------------------------- file_cold.c: tables that stay in the file until they are needed */

/* ---------------------------------------------------------------- file_zone.c */

/** May the rows of the table stay in the file? */
int kam__file_cold_may(const kam__file *f, const memory_table *t);
/** Zones of the table's fresh segments that have none. */
int32_t kam__file_zones(kam__file *f, const memory_table *t, kam_store_err *err);
/** The same for segments from `at` on, all of whose rows are in t. */
int32_t kam__file_zones_of(kam__file *f, const memory_table *t, file_table *note, size_t at, kam_store_err *err);
/** memory_cold.tell */
int32_t kam__file_zones_tell(void *below, memory_table *t, kam_store_err *err);

/* ---------------------------------------------------------------- file_cold.c */

/** Behind the directory's tables: which of them may stay in the file. */
int32_t kam__file_cold_put(kam__file *f);
/* The same when it is read: what is told of the next table with nseg segments; key NULL = its rows are read at once. */
typedef struct file_tail { const unsigned char *p, *end; uint32_t version; } file_tail;
typedef struct file_told { const unsigned char *key, *zones, *seg_zones; uint32_t nzones; } file_told;
file_tail kam__file_cold_begin(const unsigned char *p, const unsigned char *end);
file_told kam__file_cold_next(file_tail *at, uint32_t nseg);
/** The first *ncold segments of t stay in the file; the others, small ones, are to be read. seg: nseg entries of the directory. CORRUPT:
 *  that cannot be. */
int32_t kam__file_cold_table(kam__file *f, memory_table *t, const unsigned char *seg, uint32_t nseg, const file_told *told, uint32_t *ncold);
/** After a checkpoint, if nobody reads: rows of ledgers leave the memory. */
void kam__file_sink(kam__file *f);
/** A reader of the file in which rows of t lie, with a buffer of its own. */
kam__file kam__file_cold_source(const memory_table *t);
/** Rows of t's segments from *at on into an empty table, as many as one segment takes; *at goes on behind them. */
int32_t kam__file_cold_window(kam__file *from, memory_table *window, const memory_table *t, size_t *at, kam_store_err *err);
/** A new file is whole: what tables with rows in the file will have to know of it. With the lock. */
int32_t kam__file_cold_prepare(kam__file *f, kam__file *to);
/** The new file has taken the place of the old one. With the lock; cannot fail. */
void kam__file_cold_switch(kam__file *f);
/** What belongs to notes on tables. */
void kam__file_tables_free(kam__file *f);

/* ---------------------------------------------------------------- file_save.c */

int32_t kam__file_birth(kam__file *f, kam_store_err *err);
/** Makes sure that the file's name is on the disk: whoever gave it may not have come so far. */
int32_t kam__file_name(kam__file *f, kam_store_err *err);
int32_t kam__file_checkpoint(kam__file *f, kam_store_err *err);
int32_t kam__file_compact(kam__file *f, kam_store_err *err);
/** What is in memory into a new file of this name. */
int32_t kam__file_write_new(kam__file *f, const char *to, kam_store_err *err);
int32_t kam__file_backup(kam__file *f, const char *to, kam_progress_fn fn, void *user, kam_store_err *err);
/** Walks all frames up to what is committed; findings go to `fn`. */
int32_t kam__file_verify(kam__file *f, kam_report_fn fn, kam_progress_fn progress, void *user, kam_store_err *err);
void kam__file_show(kam__file *f);

#endif
