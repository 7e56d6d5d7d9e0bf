/*
 * base/sort.c - a stable sort of elements of any size.
 *
 * Merge sort from below: runs of 8 are sorted by insertion, then pairs of runs are merged back and forth between the
 * array and one scratch of the same size. Two runs that already follow each other are copied whole, so sorted input
 * costs about n compares in all. Scratch is taken first: without memory the array is untouched. (qsort is neither
 * stable nor the same everywhere.)
 */
#include "base/base.h"

#define SORT_RUN 8u

typedef struct sort_job {
    size_t size;
    int (*cmp)(const void *a, const void *b, void *arg);
    void *arg;
} sort_job;

/* A known size lets the compiler copy without a call. */
static void sort_copy(char *to, const char *from, size_t size) {
    switch (size) {
    case 4: memcpy(to, from, 4); break;
    case 8: memcpy(to, from, 8); break;
    case 16: memcpy(to, from, 16); break;
    default: memcpy(to, from, size); break;
    }
}

/* Insertion sort of n elements; tmp holds one. */
static void sort_run(const sort_job *job, char *a, size_t n, char *tmp) {
    size_t size = job->size;
    for (size_t i = 1; i < n; i++) {
        size_t j = i;
        while (j > 0 && job->cmp(a + (j - 1) * size, a + i * size, job->arg) > 0) j--;
        if (j == i) continue;
        sort_copy(tmp, a + i * size, size);
        memmove(a + (j + 1) * size, a + j * size, (i - j) * size);
        sort_copy(a + j * size, tmp, size);
    }
}

/* Merges l (nl elements) and the run after it (nr elements) into `to`; equal ones from the left first. */
static void sort_merge(const sort_job *job, char *to, const char *l, size_t nl, size_t nr) {
    size_t size = job->size;
    const char *r = l + nl * size, *lend = r, *rend = r + nr * size;
    if (nr == 0 || job->cmp(lend - size, r, job->arg) <= 0) {
        memcpy(to, l, (nl + nr) * size);
        return;
    }
    while (l < lend && r < rend) {
        const char **from = job->cmp(l, r, job->arg) <= 0 ? &l : &r;
        sort_copy(to, *from, size);
        *from += size;
        to += size;
    }
    memcpy(to, l, (size_t)(lend - l));
    memcpy(to + (lend - l), r, (size_t)(rend - r));
}

int32_t kam__sort(kam_ctx *ctx, void *base, size_t n, size_t size, int (*cmp)(const void *a, const void *b, void *arg),
                  void *arg, kam_error *err) {
    if (n < 2 || size == 0) return KAM_OK;
    if (n > SIZE_MAX / size) return kam__nomem(err);
    char *scratch = kam__alloc(ctx, n * size), *from = base, *to = scratch;
    if (!scratch) return kam__nomem(err);
    sort_job job = {size, cmp, arg};
    for (size_t i = 0; i < n; i += SORT_RUN)
        sort_run(&job, from + i * size, n - i < SORT_RUN ? n - i : SORT_RUN, scratch);
    for (size_t run = SORT_RUN; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t left = n - i < run ? n - i : run, rest = n - i - left;
            sort_merge(&job, to + i * size, from + i * size, left, rest < run ? rest : run);
        }
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != base) memcpy(base, from, n * size);
    kam__free(ctx, scratch);
    return KAM_OK;
}

#undef SORT_RUN
