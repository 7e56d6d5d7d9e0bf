/*
 * spy.c - linked in with -Wl,--wrap=kam__fail: writes down every error message that a test provokes, its format and its
 * words, into the file that KAM_MESSAGES names. messages.py compares that with the formats that stand in src/.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct kam_error kam_error;
int32_t __real_kam__fail(kam_error *err, int32_t code, const char *fmt, ...);
int32_t __wrap_kam__fail(kam_error *err, int32_t code, const char *fmt, ...);

static void message_put(FILE *f, const char *text)
{
    for (; *text; text++) fputc(*text == '\n' || *text == '\t' ? ' ' : *text, f);
}

int32_t __wrap_kam__fail(kam_error *err, int32_t code, const char *fmt, ...)
{
    char text[2048];
    const char *path = getenv("KAM_MESSAGES");
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    FILE *f = path ? fopen(path, "ab") : NULL;
    if (f) {
        static char line[8192];
        setvbuf(f, line, _IOFBF, sizeof line);          /* one write a line: several tests may run at once */
        fprintf(f, "%d\t", (int)code);
        message_put(f, fmt);
        fputc('\t', f);
        message_put(f, text);
        fputc('\n', f);
        fclose(f);
    }
    return __real_kam__fail(err, code, "%s", text);
}
