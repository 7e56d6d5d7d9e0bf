/*
 * cli_tty.c - what happens while a command works: Ctrl-C and the line of progress.
 *
 * A signal only sets a flag. The library asks for it by its progress callback, gives up, and takes its transaction
 * back: the book is as it was. A second signal ends the program at once. Progress goes to stderr, only to a terminal,
 * at most five times a second, with the time that is left once that can be told; it is wiped before anything else is
 * said.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <signal.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void on_signal(int number) { caught = number; }

int cli_interrupted(void) { return caught; }

static struct { int tty, shown; int64_t last, begun; uint64_t done, total; } progress;

static int64_t progress_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* "kam: 40 % of 1200 ... 12 s left": the time is told after two seconds of the same work. */
static void progress_show(int64_t now, uint64_t done, uint64_t total) {
    unsigned long long all = total, percent = total ? done * 100 / total : 0;
    int64_t spent = now - progress.begun;
    if (!total) fprintf(stderr, "\rkam: %llu ...\033[K", (unsigned long long)done);
    else if (spent < 2000 || !done || done > total)
        fprintf(stderr, "\rkam: %llu %% of %llu ...\033[K", percent, all);
    else {
        double left = (double)spent / 1000 * (double)(total - done) / (double)done;
        int minutes = (int)(left / 60);
        if (minutes > 1) fprintf(stderr, "\rkam: %llu %% of %llu ... %d min left\033[K", percent, all, minutes);
        else fprintf(stderr, "\rkam: %llu %% of %llu ... %d s left\033[K", percent, all, (int)left + 1);
    }
    progress.shown = 1;
}

int32_t cli_progress(void *user, uint64_t done, uint64_t total) {
    (void)user;
    if (caught) return 1;
    if (!progress.tty) return 0;
    int64_t now = progress_now();
    if (done < progress.done || total != progress.total) progress.begun = now;      /* another piece of work */
    progress.done = done;
    progress.total = total;
    if (now - progress.last < 200) return 0;
    if (progress.last) progress_show(now, done, total);
    progress.last = now;
    return 0;
}

void cli_watch(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND;    /* and no SA_RESTART: reading from a pipe ends, too */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    progress.tty = isatty(2);
}

void cli_quiet(void) {
    fflush(stdout);
    if (progress.shown) fputs("\r\033[K", stderr);
    progress.shown = 0;
}
