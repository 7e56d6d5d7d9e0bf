#!/bin/sh
# What a library inside somebody's process must not do, whatever the white list says: end the process, write to
# its streams, read its environment or locale, keep the time in its own way, sort in an order that depends on
# the libc. errno is for the two files that talk to the system: the file store's and iconv's. Usage: imports.sh LIST
set -eu
never='exit _exit abort __assert_fail atexit raise signal sigaction printf vprintf fprintf vfprintf puts putchar
fputs fwrite stdout stderr stdin rand srand random srandom getenv secure_getenv setlocale localeconv
newlocale uselocale localtime localtime_r gmtime mktime strtod strtof strtold atof strtol strtoll strtoul
strtoull atoi atol qsort bsearch sprintf vsprintf strcpy strcat gets strtok strerror system
popen fork pthread_create setjmp longjmp _setjmp sin cos asin acos tan atan2'
bad=0
for name in $never; do
    if grep -qx "$name" "$1"; then echo "libkam must not import $name"; bad=1; fi
done
for file in $(grep -lE '\berrno\b[^.]' "$(dirname "$0")"/../../src/*/*.c); do
    case $file in */store/file_os.c | */codec/recode.c) ;; *) echo "$file uses errno"; bad=1 ;; esac
done
exit $bad
