/*
 * fault_alloc.c - memory that runs out on demand, and the sweeps that let it run out at each place once.
 *
 * Every block has a header in a list, so that what was not released can be told with its size and number, and a wrong
 * size or pointer is noticed. A wrong release is counted and not carried out: the process goes on and the test can
 * say what happened.
 */
#include <kam/spi/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULT_HEADER 64u                    /* keeps the alignment of malloc */

#define FAULT_PLACES 4096u                  /* of the table from pointer to block */

typedef struct fault_block { struct fault_block *next, *prev, *same; uint64_t size, request; } fault_block;

struct kam_fault_alloc {
    kam_allocator allocator;
    fault_block *first, *place[FAULT_PLACES];   /* newest first; those whose address hashes alike */
    uint64_t requests, count, at, live, bytes, misuse;
    uint32_t flags;
};

/* 1 = this request finds no memory. */
static int fault_request(kam_fault_alloc *f)
{
    f->requests++;
    f->count++;
    if (!f->at) return 0;
    return f->flags & KAM_FAULT_ON ? f->count >= f->at : f->count == f->at;
}

static size_t fault_place(const void *p)
{
    uintptr_t x = (uintptr_t)p >> 4;
    return (size_t)(x ^ x >> 12 ^ x >> 24) % FAULT_PLACES;
}

static fault_block *fault_find(const kam_fault_alloc *f, const void *p)
{
    fault_block *b = f->place[fault_place(p)];
    while (b && (const char *)b + FAULT_HEADER != (const char *)p) b = b->same;
    return b;
}

static void fault_link(kam_fault_alloc *f, fault_block *b, size_t size)
{
    b->size = size;
    b->request = f->requests;
    b->prev = NULL;
    b->next = f->first;
    if (b->next) b->next->prev = b;
    f->first = b;
    fault_block **place = f->place + fault_place((char *)b + FAULT_HEADER);
    b->same = *place;
    *place = b;
    f->live++;
    f->bytes += size;
}

static void fault_unlink(kam_fault_alloc *f, fault_block *b)
{
    if (b->prev) b->prev->next = b->next;
    else f->first = b->next;
    if (b->next) b->next->prev = b->prev;
    fault_block **at = f->place + fault_place((char *)b + FAULT_HEADER);
    while (*at != b) at = &(*at)->same;
    *at = b->same;
    f->live--;
    f->bytes -= b->size;
}

static void *fault_get(void *user, size_t size)
{
    kam_fault_alloc *f = user;
    if (fault_request(f) || size > SIZE_MAX - FAULT_HEADER) return NULL;
    fault_block *b = malloc(FAULT_HEADER + size);
    if (!b) return NULL;
    fault_link(f, b, size);
    memset((char *)b + FAULT_HEADER, 0xA5, size);           /* nobody may count on zeroes */
    return (char *)b + FAULT_HEADER;
}

static void fault_release(void *user, void *p, size_t size)
{
    kam_fault_alloc *f = user;
    fault_block *b = fault_find(f, p);
    if (!p) return;
    if (!b || b->size != size) f->misuse++;
    if (!b) return;
    fault_unlink(f, b);
    memset((char *)b + FAULT_HEADER, 0x5A, (size_t)b->size);
    free(b);
}

/* Always to another place: who keeps the old pointer is found out. */
static void *fault_resize(void *user, void *p, size_t old_size, size_t new_size)
{
    kam_fault_alloc *f = user;
    fault_block *b = fault_find(f, p);
    if (!p) return fault_get(user, new_size);
    if (!b || b->size != old_size) f->misuse++;
    if (!b) return NULL;
    void *to = fault_get(user, new_size);
    if (!to) return NULL;
    memcpy(to, p, (size_t)(b->size < new_size ? b->size : new_size));
    fault_release(user, p, (size_t)b->size);
    return to;
}

/* ---------------------------------------------------------------- public */

int32_t kam_fault_alloc_new(kam_fault_alloc **out)
{
    if (!out) return KAM_E_INVAL;
    kam_fault_alloc *f = calloc(1, sizeof *f);
    if (!f) return KAM_E_NOMEM;
    f->allocator.struct_size = sizeof f->allocator;
    f->allocator.user = f;
    f->allocator.alloc = fault_get;
    f->allocator.resize = fault_resize;
    f->allocator.release = fault_release;
    *out = f;
    return KAM_OK;
}

void kam_fault_alloc_free(kam_fault_alloc *fault)
{
    if (!fault) return;
    while (fault->first) {
        fault_block *b = fault->first;
        fault_unlink(fault, b);
        free(b);
    }
    free(fault);
}

const kam_allocator *kam_fault_alloc_allocator(kam_fault_alloc *fault)
{
    return &fault->allocator;
}

int32_t kam_fault_alloc_fail(kam_fault_alloc *fault, uint64_t n, uint32_t flags)
{
    if (!fault || flags & ~(uint32_t)KAM_FAULT_ON) return KAM_E_INVAL;
    fault->count = 0;
    fault->at = n;
    fault->flags = flags;
    return KAM_OK;
}

uint64_t kam_fault_alloc_count(const kam_fault_alloc *fault)
{
    return fault->count;
}

uint64_t kam_fault_alloc_live(const kam_fault_alloc *fault, uint64_t *bytes)
{
    if (bytes) *bytes = fault->bytes;
    return fault->live;
}

int32_t kam_fault_alloc_leak(const kam_fault_alloc *fault, uint64_t i, uint64_t *size, uint64_t *request)
{
    const fault_block *b = fault->first;
    while (b && i--) b = b->next;
    if (!b) return KAM_E_NOT_FOUND;
    if (size) *size = b->size;
    if (request) *request = b->request;
    return KAM_OK;
}

uint64_t kam_fault_alloc_misuse(const kam_fault_alloc *fault)
{
    return fault->misuse;
}

/* ---------------------------------------------------------------- sweeps */

int32_t kam_fault_sweep(kam_sweep_fn fn, void *user, kam_sweep_report_fn report, void *report_user)
{
    uint64_t count = 0, ignored;
    int32_t failed = 0;
    if (!fn) return KAM_E_INVAL;
    for (uint64_t at = 0; at <= count; at++) {
        int32_t rc = fn(user, at, at ? &ignored : &count);
        if (rc == KAM_OK) continue;
        failed++;
        if (report) report(report_user, at, rc, at ? "the fault was not met well" : "it fails without any fault");
        if (!at) break;
    }
    return failed;
}

typedef struct fault_sweep {
    kam_alloc_sweep_fn fn;
    void *user;
    kam_sweep_report_fn report;
    void *report_user;
    int32_t failed;
} fault_sweep;

static void fault_sweep_tell(fault_sweep *s, uint64_t at, int32_t code, const char *why)
{
    s->failed++;
    if (s->report) s->report(s->report_user, at, code, why);
}

/* One run with the at-th request failing; the number of requests in *count. */
static int32_t fault_sweep_one(fault_sweep *s, uint64_t at, uint64_t *count)
{
    kam_fault_alloc *f;
    char why[96] = "";
    uint64_t size = 0, request = 0;
    int32_t rc = kam_fault_alloc_new(&f);
    if (rc) return rc;
    (void)kam_fault_alloc_fail(f, at, 0);
    rc = s->fn(s->user, f);
    *count = kam_fault_alloc_count(f);
    if (rc != KAM_OK && (rc != KAM_E_NOMEM || !at)) snprintf(why, sizeof why, "it answered %s", kam_code_name(rc));
    else if (kam_fault_alloc_misuse(f)) snprintf(why, sizeof why, "memory was released with a wrong size or pointer");
    else if (kam_fault_alloc_leak(f, 0, &size, &request) == KAM_OK)
        snprintf(why, sizeof why, "%llu blocks leaked, the newest of %llu bytes by request %llu",
                 (unsigned long long)kam_fault_alloc_live(f, NULL), (unsigned long long)size,
                 (unsigned long long)request);
    if (why[0]) fault_sweep_tell(s, at, rc, why);
    kam_fault_alloc_free(f);
    return KAM_OK;
}

int32_t kam_fault_sweep_alloc(kam_alloc_sweep_fn fn, void *user, kam_sweep_report_fn report, void *report_user)
{
    fault_sweep s = {fn, user, report, report_user, 0};
    uint64_t count = 0, ignored;
    if (!fn) return KAM_E_INVAL;
    for (uint64_t at = 0; at <= count; at++) {
        int32_t rc = fault_sweep_one(&s, at, at ? &ignored : &count);
        if (rc) return rc;
        if (!at && s.failed) break;
    }
    return s.failed;
}
