"""bindings/kam_ffi.h as a binding reads it: cffi parses it and, if a library is named, loads it and calls a few functions.

Usage: ffi.py KAM_FFI_H [LIBKAM_SO]. Every exported function must be declared there, and a declared one that the library does
not have is printed (it belongs to a later version).
"""
import re
import subprocess
import sys

import cffi

text = open(sys.argv[1], encoding="ascii").read()
ffi = cffi.FFI()
ffi.cdef(text)
assert ffi.sizeof("kam_col") == 32 and ffi.offsetof("kam_store_vt", "scan") == 24
declared = set(re.findall(r"\b(kam_[a-z0-9_]+)\(", text)) - set(re.findall(r"\(\*(kam_[a-z0-9_]+)\)", text))
if len(sys.argv) > 2:
    lib = ffi.dlopen(sys.argv[2])
    assert lib.KAM_E_COMMIT_UNKNOWN == -25
    assert lib.kam_version() == lib.KAM_VERSION, hex(lib.kam_version())
    assert ffi.string(lib.kam_code_name(lib.KAM_E_POLICY)) == b"KAM_E_POLICY"
    err = ffi.new("kam_error **")
    assert lib.kam_error_new(err, ffi.NULL) == 0
    day = ffi.new("int32_t *", 7)
    assert lib.kam_day_parse(day, b"2026-02-30", 10, err[0]) == lib.KAM_E_PARSE and day[0] == 7
    assert lib.kam_error_code(err[0]) == lib.KAM_E_PARSE and ffi.string(lib.kam_error_message(err[0]))
    assert lib.kam_day_parse(day, b"2026-03-01", 10, err[0]) == 0 and day[0] == 20513
    lib.kam_error_free(err[0])
    nm = subprocess.run(["nm", "-D", "--defined-only", sys.argv[2]], capture_output=True, text=True, check=True).stdout
    exported = {line.split()[2].split("@")[0] for line in nm.splitlines() if " T " in line}
    hidden = sorted(exported - declared)
    assert not hidden, f"exported but in no public header: {hidden}"
    missing = sorted(declared - exported)
    if missing:
        print(f"declared, not yet in the library ({len(missing)}): {' '.join(missing)}")
print(f"{len(declared)} functions declared")
