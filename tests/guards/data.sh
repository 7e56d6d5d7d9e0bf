#!/bin/sh
# No mutable data in the library: prints each symbol of an archive that lies in a writable section; exit 1 if
# there is one. .data.rel.ro is fine: constant tables of pointers, written once by the loader. Usage: data.sh
# libkam.a
set -eu
objdump -t "$1" | awk '
/file format/ { object = $1 }
{
    section = ""
    for (i = 1; i < NF; i++) if ($i ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/) section = $i
    if (section == "" || section ~ /^\.data\.rel\.ro/ || $NF == section) next
    print object, section, $NF
    failed = 1
}
END { exit failed }'
