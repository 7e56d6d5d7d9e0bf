"""libkam as ctypes sees it, for the package kam: declarations, errors, values, column blocks, handles.

The prototypes are read from kam_ffi.h, the header for foreign-function interfaces: it lies beside this file, or in the
source tree two folders above. So there is no second table that could differ from the library's.
"""
from __future__ import annotations

import array
import ctypes
import ctypes.util
import datetime
import itertools
import json
import os
import re
import sys
import threading
import zoneinfo
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Callable, Container, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union


# ---------------------------------------------------------------- the library

def _groups(pattern: str, text: str) -> Tuple[Any, ...]:
    found = re.fullmatch(pattern, text)
    if not found:
        raise ImportError(f"kam_ffi.h cannot be read: {text}")
    return found.groups()


class Declarations:
    """C declarations as ctypes knows them: constants, structs, callback types, and functions (result, arguments)."""

    def __init__(self, text: str, known: Optional["Declarations"] = None):
        self.constants: Dict[str, int] = dict(known.constants) if known else {}
        self.types: Dict[str, Any] = dict(known.types) if known else dict(
            void=None, char=ctypes.c_char, int=ctypes.c_int, double=ctypes.c_double, size_t=ctypes.c_size_t,
            **{f"{u}int{n}_t": getattr(ctypes, f"c_{u}int{n}") for u in ("", "u") for n in (8, 16, 32, 64)})
        self.functions: Dict[str, Tuple[Any, List[Any]]] = {}
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        for declaration in re.findall(r"[^;{}]+(?:\{[^}]*\}[^;]*)?;", text):
            self._declare(" ".join(declaration[:-1].split()))

    def _declare(self, text: str) -> None:
        if text.startswith("enum"):
            for name, value in re.findall(r"(\w+) = (-?\w+)", text):
                self.constants[name] = int(value, 0)
        elif "{" in text:
            name, members = _groups(r"(?:typedef )?struct (\w+) \{(.*)\}(?: \w+)?", text)
            fields = [field for member in members.split(";") if member.strip() for field in self._members(member)]
            self.types[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
        elif text.startswith("typedef") and "(" in text:
            name, kind = self._callback(text[len("typedef "):])
            self.types[name] = kind
        elif "(" in text:
            result, name, arguments = _groups(r"(.*?)(\w+)\((.*)\)", text)
            self.functions[name] = (self._type(result), self._arguments(arguments))

    def _type(self, text: str) -> Any:
        words, stars = re.sub(r"\b(const|struct)\b", "", text).replace("*", " ").split(), text.count("*")
        kind = self.types.get(words[0], None)
        if stars and kind is ctypes.c_char:
            kind, stars = ctypes.c_char_p, stars - 1
        elif stars and kind is None:                    # void and handles
            kind, stars = ctypes.c_void_p, stars - 1
        for _ in range(stars):
            kind = ctypes.POINTER(kind)
        return kind

    def _arguments(self, text: str) -> List[Any]:
        return [] if text == "void" else [self._type(re.sub(r"\w+$", "", a.strip())) for a in text.split(",")]

    def _callback(self, text: str) -> Tuple[str, Any]:
        result, name, arguments = _groups(r"(.*?)\(\*(\w+)\)\((.*)\)", text.strip())
        chars: Any = ctypes.POINTER(ctypes.c_char)      # c_char_p would read up to a NUL, also where a length follows
        return name, ctypes.CFUNCTYPE(self._type(result), *[chars if kind is ctypes.c_char_p else kind
                                                            for kind in self._arguments(arguments)])

    def _members(self, text: str) -> List[Tuple[str, Any]]:
        if "(" in text:
            return [self._callback(text)]
        base, names = _groups(r"((?:const |struct )*\w+)(.*)", text.strip())
        found = []
        for stars, name, size in re.findall(r"([* ]*)(\w+)(?:\[(\w+)\])?(?:,|$)", names):
            many = int(size) if size.isdigit() else self.constants.get(size, 0)
            found.append((name, self._type(base + stars) * many if size else self._type(base + stars)))
        return found


def _load() -> ctypes.CDLL:
    here = os.path.dirname(os.path.abspath(__file__))
    given = os.environ.get("KAM_LIBRARY")
    beside = [os.path.join(here, name) for name in ("libkam.so.0.1", "libkam.so", "libkam.dylib", "kam.dll")]
    found = [given] if given else [path for path in beside if os.path.exists(path)]
    for name in found or [ctypes.util.find_library("kam") or "libkam.so", "libkam.so.0.1"]:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            why = error
    raise ImportError(f"libkam was not found: {why}; set KAM_LIBRARY to the path of the library")


def bind(library: ctypes.CDLL, declarations: Declarations) -> SimpleNamespace:
    """The functions of a library that are declared, with their prototypes, and its path."""
    found = SimpleNamespace(path=library._name)
    for name, (result, arguments) in declarations.functions.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(f"{library._name} has no {name}: it is of another version than the package kam") from None
        function.restype, function.argtypes = result, arguments
        setattr(found, name, function)
    return found


def _header() -> str:
    here = os.path.dirname(os.path.abspath(__file__))
    for path in (os.path.join(here, "kam_ffi.h"), os.path.join(os.path.dirname(os.path.dirname(here)), "kam_ffi.h")):
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                return file.read()
    raise ImportError(f"kam_ffi.h was found neither in {here} nor two folders above")


declared = Declarations(_header())
#: Constants and types by their C names.
K, T = declared.constants, declared.types
lib = bind(_load(), declared)


#: Today, by the book's clock; no start; no end: days that are not dates.
TODAY, DAY_FIRST, DAY_END = K["KAM_TODAY"], K["KAM_DAY_FIRST"], K["KAM_DAY_END"]
DayLike = Union[datetime.date, str, int, None]


def version() -> str:
    """Version of the library that runs, "0.1.0"."""
    return ".".join(str(lib.kam_version() >> shift & 255) for shift in (16, 8, 0))


# ---------------------------------------------------------------- errors

class KamError(Exception):
    """What failed: code and name ("KAM_E_POLICY"), message, and where: kind and field by name, row of the input from 0,
    line and column of a text from 1, offset in bytes (None where it does not apply), and the store's own code, native.

    Stores written in Python raise these too: `raise kam.Exists("key 7 is taken", row=2)`."""
    code = 0
    name = "KAM_OK"
    _by_code: Dict[int, type] = {}

    def __init__(self, message: str = "", *, kind: Optional[str] = None, field: Optional[str] = None,
                 row: Optional[int] = None, line: Optional[int] = None, column: Optional[int] = None,
                 offset: Optional[int] = None, native: int = 0):
        super().__init__(message)
        self.message, self.kind, self.field, self.row = message, kind, field, row
        self.line, self.column, self.offset, self.native = line, column, offset, native

    def __str__(self) -> str:
        return self.message

    def __init_subclass__(cls) -> None:
        cls.name = "KAM_E" + re.sub("([A-Z])", r"_\1", cls.__name__).upper()
        cls.code = K[cls.name]
        cls.__module__ = "kam"
        KamError._by_code[cls.code] = cls


class Inval(KamError): "An argument is wrong."
class Nomem(KamError): "No memory, or max_memory of the context is reached."
class Unsupported(KamError): "This version, this store or this kind of record cannot do it."
class NotFound(KamError, KeyError): "There is no such record, field, list or zone."
class Exists(KamError): "A key, name or batch is taken already, or the thing is done already."
class Conflict(KamError): "The record was changed meanwhile: read it again."
class Busy(KamError): "In the middle of a call, or somebody else writes or holds the store."
class Aborted(KamError): "An earlier call failed in this transaction: only taking it back is left."
class Retry(KamError): "The store asks to run the transaction again."
class Cancelled(KamError): "The progress callback said stop."
class Limit(KamError): "Too big, too long, too deep or too many."
class Type(KamError): "A value is not of the type its field has."
class Utf8(KamError): "Text is not UTF-8, or holds U+0000."
class Parse(KamError): "Text or a document cannot be read."
class Schema(KamError): "The store's tables do not fit, or hold no book yet."
class Policy(KamError): "A document is wrong in itself, none is in force, or a rate is missing."
class Denied(KamError): "The store does not permit it."
class ReadOnly(KamError): "Book, table or store is not for writing."
class Io(KamError): "Reading or writing failed below the store."
class Full(KamError): "There is no room to write."
class Corrupt(KamError): "What is stored is damaged."
class Dead(KamError): "The store cannot go on: close it."
class Closed(KamError): "The handle or its book is closed, or its transaction has ended."
class Stale(KamError): "The book has moved on since this was computed."
class CommitUnknown(KamError): "The commit may or may not have happened: look before doing it again."


class Owned:
    """A pointer of the library and the function that ends it."""

    def __init__(self, make: Callable, end: Callable, *arguments: Any):
        holder = ctypes.c_void_p()
        if make(ctypes.byref(holder), *arguments):
            raise MemoryError("libkam found no memory")
        self.pointer, self._end = holder.value, end

    def __del__(self, finalizing: Callable = sys.is_finalizing) -> None:
        if not finalizing() and getattr(self, "pointer", None):
            self._end(self.pointer)


class _Thread(threading.local):
    """What each thread has of its own: error holder, buffers, and what a callback raised."""

    def __init__(self) -> None:
        self._error = Owned(lib.kam_error_new, lib.kam_error_free, None)
        self.error = self._error.pointer
        self.buffers: List[Owned] = []                  # not in use; a callback may come while one is
        self.raised: Optional[BaseException] = None


thread = _Thread()


def do(function: Callable, *arguments: Any, kinds: Any = None) -> None:
    """Calls a function that ends in `kam_error *err` and answers a code; raises if it is one of failure."""
    code = function(*arguments, thread.error)
    raised, thread.raised = thread.raised, None
    if raised is not None and not isinstance(raised, Exception):
        raise raised                                    # KeyboardInterrupt in a callback
    if code >= 0:
        return
    detail = {name: lib.kam_error_detail(thread.error, K["KAM_ERR_" + name.upper()])
              for name in ("kind", "field", "row", "line", "column", "offset", "native")}
    where: Dict[str, Any] = {name: None if value < 0 and name != "native" else value for name, value in detail.items()}
    if kinds:
        where["kind"], where["field"] = kinds.names_of(where["kind"], where["field"])
    error = KamError._by_code.get(code, KamError)(lib.kam_error_message(thread.error).decode(), **where)
    error.code, error.name = code, lib.kam_code_name(code).decode()
    raise error from raised


def made(function: Callable, *arguments: Any, kinds: Any = None, kind: Any = ctypes.c_void_p) -> Any:
    """The same for a function whose first argument is an output; returns that."""
    out = kind()
    do(function, ctypes.byref(out), *arguments, kinds=kinds)
    return out.value


def text_of(function: Callable, *arguments: Any, kinds: Any = None) -> bytes:
    """The same for a function that fills a buffer; returns its bytes."""
    buffer = thread.buffers.pop() if thread.buffers else Owned(lib.kam_buf_new, lib.kam_buf_free, None, None)
    try:
        do(function, buffer.pointer, *arguments, kinds=kinds)
        return lib.kam_buf_data(buffer.pointer)
    finally:
        thread.buffers.append(buffer)


# ---------------------------------------------------------------- values in and out

_EPOCH = datetime.date(1970, 1, 1).toordinal()


def day(text: str) -> datetime.date:
    """A day from its ISO text, "2026-03-01"."""
    return datetime.date.fromordinal(day_number(text) + _EPOCH)


def day_number(value: DayLike, none: int = TODAY) -> int:
    """Days since 1970; `none` for None."""
    if value is None or isinstance(value, int):
        return none if value is None else value
    if isinstance(value, datetime.date):
        return value.toordinal() - _EPOCH
    raw = utf8(value)
    return made(lib.kam_day_parse, raw, len(raw), kind=ctypes.c_int32)


def utf8(text: str) -> bytes:
    """A text as the library takes it."""
    if not isinstance(text, str):
        raise TypeError(f"a text is wanted, not {type(text).__name__}")
    raw = text.encode()
    if b"\0" in raw:
        raise Utf8("a text holds U+0000", offset=raw.index(b"\0"))
    return raw


def name_text(text: Optional[str]) -> Optional[bytes]:
    """The same, None = NULL."""
    return None if text is None else utf8(text)


def json_text(document: Union[str, Mapping[str, Any], Sequence[Any]]) -> bytes:
    """A document, as it is or to be written as JSON."""
    return utf8(document if isinstance(document, str) else json.dumps(document, ensure_ascii=False))


def choice(prefix: str, name: str) -> int:
    """A constant by the rest of its name: choice("TXN", "own")."""
    number = K.get(f"KAM_{prefix}_{name.upper()}")
    if number is None:
        some = ", ".join(k[len(prefix) + 5:].lower() for k in K if k.startswith(f"KAM_{prefix}_"))
        raise Inval(f'"{name}" is none of {some}')
    return number


def word_of(prefix: str, number: int) -> str:
    """The other way: word_of("TXN", 1) is "own"."""
    return next((name[len(prefix) + 5:].lower() for name, value in K.items()
                 if name.startswith(f"KAM_{prefix}_") and value == number), str(number))


def flags_of(prefix: str, **given: Any) -> int:
    """A sum of flags: flags_of("BOOK", create=True)."""
    return sum(choice(prefix, name) for name, value in given.items() if value)


def struct_of(name: str, **values: Any) -> Any:
    """An options struct; texts are encoded, None stays zero."""
    kind = T[name]
    found = kind(struct_size=ctypes.sizeof(kind))
    for member, value in values.items():
        if value is not None:
            setattr(found, member, utf8(value) if isinstance(value, str) else value)
    return found


class Field(NamedTuple):
    """A field of a kind of records, as the library describes it."""
    id: int
    name: str
    type: str
    scale: int
    unit: Optional[str]
    flags: int
    label_en: str
    label_zh: str
    refers: Optional[str]
    values: Tuple[str, ...]

    def label(self, lang: str = "en") -> str:
        """Its name for people, "en" or "zh"."""
        return self.label_zh if lang == "zh" else self.label_en


def _moment(raw: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(raw.replace("Z", "+00:00"))


_READ: Dict[str, Callable[[Any], Any]] = {
    "INT": int, "ID": int, "F64": float, "MONEY": Decimal, "DECIMAL": Decimal, "DAY": datetime.date.fromisoformat,
    "INSTANT": _moment, "LOCAL": _moment, "BOOL": lambda raw: raw in (True, "true")}


def value_of(field: Field, raw: Any) -> Any:
    """From canonical text, or from JSON with floats read as Decimal."""
    return raw if raw is None else _READ.get(field.type, lambda same: same)(raw)


def canonical(field: Field, value: Any) -> Optional[bytes]:
    """To canonical text."""
    if value is None or isinstance(value, str):
        return name_text(value)
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            return value.isoformat(timespec="minutes").encode()
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return (value.isoformat(timespec="milliseconds") + "Z").encode()
    if isinstance(value, datetime.date):
        return value.isoformat().encode()
    if isinstance(value, int) or isinstance(value, float) and field.type == "F64":
        return repr(value).encode()
    if isinstance(value, Decimal):
        return format(value, "f").encode()
    raise TypeError(f'"{field.name}" is {field.type}: give text, int or Decimal, not {type(value).__name__}')


# ---------------------------------------------------------------- column blocks

ARRAYS = {K["KAM_T_I32"]: "i", K["KAM_T_I64"]: "q", K["KAM_T_F64"]: "d"}


class Column(NamedTuple):
    """A column of a block: numbers as memoryview or texts as list, and which rows have a value (bit i of byte i / 8,
    lowest first; None = all)."""
    data: Any
    valid: Optional[bytes]


def column_of(col: Any, nrow: int) -> Column:
    """A copy of a kam_col."""
    valid = ctypes.string_at(ctypes.cast(col.valid, ctypes.c_void_p), (nrow + 7) // 8) if col.valid else None
    if col.type == K["KAM_T_TEXT"]:
        off = col.off[:nrow + 1]
        raw = ctypes.string_at(col.data, off[nrow]) if off[nrow] else b""
        return Column([raw[off[i]:off[i + 1]].decode() for i in range(nrow)], valid)
    code = ARRAYS[col.type]
    raw = ctypes.string_at(col.data, nrow * array.array(code).itemsize)
    return Column(memoryview(raw).cast(code), valid)


def listed(column: Column) -> List[Any]:
    """The values of a column as a list, None where there is none."""
    data, valid = column
    values = data if isinstance(data, list) else data.tolist()
    return values if valid is None else [v if valid[i >> 3] >> (i & 7) & 1 else None for i, v in enumerate(values)]


#: The most rows a block may have.
BLOCK_ROWS = 65536


def in_blocks(named: Mapping[str, Sequence[Any]], known: Container[str], what: str,
              give: Callable[[Dict[str, Sequence[Any]], int], None]) -> None:
    """Gives columns of any length in pieces of as many rows as a block may have: {name: values}, rows. An error tells
    its row in the whole."""
    nrow = max((len(column) for column in named.values()), default=0)
    for name, column in named.items():
        if name not in known:
            raise Inval(f'"{name}" is no {what}')
        if len(column) != nrow:
            raise Inval(f'"{name}" has {len(column)} values, not {nrow}')
    for first in range(0, max(nrow, 1), BLOCK_ROWS):
        last = min(first + BLOCK_ROWS, nrow)
        try:
            give({name: column[first:last] for name, column in named.items()}, last - first)
        except KamError as error:
            if error.row is not None and first:
                error.row, error.message = error.row + first, f"behind row {first}: {error.message}"
            raise


def numbers_of(values: Any) -> Optional[int]:
    """Physical type of numbers that lie in memory already, as those of array.array and numpy do; None for others."""
    try:
        view = memoryview(values)
    except TypeError:
        return None
    if view.format in ("i", "l", "q"):
        return K["KAM_T_I32" if view.itemsize == 4 else "KAM_T_I64"]
    return K["KAM_T_F64"] if view.format == "d" else None


class Block:
    """A kam_block of (field id, physical type, values with None) columns; keeps what it points to."""

    def __init__(self, columns: Sequence[Tuple[int, int, Sequence[Any]]], nrow: int):
        self._keep: List[Any] = []
        cols = (T["kam_col"] * len(columns))()
        for col, (field, kind, values) in zip(cols, columns):
            col.field, col.type = field, kind
            self._fill(col, kind, values)
        self.struct = struct_of("kam_block", nrow=nrow, ncol=len(columns), col=cols)

    def _fill(self, col: Any, kind: int, values: Sequence[Any]) -> None:
        if kind == K["KAM_T_TEXT"]:
            raw = [b"" if v is None else utf8(v) for v in values]
            data: Any = b"".join(raw)
            off = array.array("i", [0, *itertools.accumulate(map(len, raw))])
            col.off = ctypes.cast(off.buffer_info()[0], type(col.off))
            col.data = self._address((ctypes.c_char * (len(data) + 1))(*data))
            self._keep.append(off)
        else:
            numbers: Any = array.array(ARRAYS[kind])
            in_memory = numbers_of(values) == kind
            if in_memory:
                numbers.frombytes(bytes(values))
            else:
                numbers.extend([0 if v is None else v for v in values])
            self._keep.append(numbers)
            col.data = numbers.buffer_info()[0]
            if in_memory:
                return
        if any(v is None for v in values):
            bits = bytearray((len(values) + 7) // 8)
            for i, v in enumerate(values):
                bits[i >> 3] |= (v is not None) << (i & 7)
            col.valid = ctypes.cast(self._address((ctypes.c_uint8 * len(bits))(*bits)), type(col.valid))

    def _address(self, buffer: Any) -> int:
        self._keep.append(buffer)
        return ctypes.addressof(buffer)


# ---------------------------------------------------------------- callbacks

def code_of(error: BaseException) -> int:
    """The code that tells an exception to the library."""
    if isinstance(error, KamError):
        return error.code or K["KAM_E_IO"]
    return K["KAM_E_NOMEM" if isinstance(error, MemoryError) else
              "KAM_E_IO" if isinstance(error, Exception) else "KAM_E_CANCELLED"]


def shielded(body: Callable) -> Callable:
    """A callback that answers a code for what it raises, which becomes the cause of the KamError of the call."""
    def call(*arguments: Any) -> Any:
        try:
            return body(*arguments)
        except BaseException as error:
            thread.raised = error
            return code_of(error)
    return call


# ---------------------------------------------------------------- handles

class Handle:
    """A handle of the library. close() ends it, any number of times; so does leaving its `with`, or losing it."""
    __slots__ = ("_pointer", "_keep", "_kinds", "__weakref__")
    _end: Callable = staticmethod(lambda pointer: None)

    def __init__(self, pointer: int, keep: Any = None, kinds: Any = None):
        self._pointer: Optional[int] = pointer
        self._keep, self._kinds = keep, kinds           # what the library may still use of ours

    @property
    def _p(self) -> int:
        if self._pointer is None:
            raise Closed(f"this {type(self).__name__} is closed")
        return self._pointer

    def _do(self, function: Callable, *arguments: Any) -> None:
        do(function, self._p, *arguments, kinds=self._kinds)

    def _made(self, function: Callable, *arguments: Any, kind: Any = ctypes.c_void_p) -> Any:
        return made(function, self._p, *arguments, kinds=self._kinds, kind=kind)

    def close(self) -> None:
        """Ends the handle; what was made from it can still be ended, and answers Closed where it needs it."""
        pointer, self._pointer = self._pointer, None
        if pointer:
            self._end(pointer)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def __del__(self, finalizing: Callable = sys.is_finalizing) -> None:
        if not finalizing() and getattr(self, "_pointer", None):
            self.close()


class Context(Handle):
    """What the library may use of the program. now() answers ms UTC since 1970 or an aware datetime; progress(done,
    total) stops a long call by answering true; zone(name, utc_ms) answers minutes east of UTC, or None for an unknown
    zone (default: Python's zoneinfo); collate(text) answers the bytes that sort as the text shall in lists."""
    __slots__ = ()
    _end = lib.kam_ctx_free

    def __init__(self, *, now: Optional[Callable[[], Union[int, datetime.datetime]]] = None,
                 progress: Optional[Callable[[int, int], Any]] = None,
                 zone: Optional[Callable[[str, int], Optional[int]]] = None,
                 collate: Optional[Callable[[str], Union[bytes, str]]] = None,
                 max_text: int = 0, max_depth: int = 0, max_memory: int = 0):
        options = struct_of("kam_ctx_options", max_text=max_text, max_depth=max_depth, max_memory=max_memory)
        at_zone = zone or _zone_minutes

        def on_zone(name: Any, ms: int, out: Any) -> int:
            minutes = at_zone(ctypes.string_at(name).decode(), ms)
            if minutes is None:
                return K["KAM_E_NOT_FOUND"]
            out[0] = minutes
            return 0

        def on_collate(text: Any, size: int, key: int) -> int:
            found = (collate or str.encode)(ctypes.string_at(text, size).decode())
            raw = found.encode() if isinstance(found, str) else bytes(found)
            code: int = lib.kam_buf_append(key, raw, len(raw), None)
            return code

        def on_progress(done: int, total: int) -> int:
            return 1 if progress and progress(done, total) else 0

        def on_now(user: Any) -> int:
            found = now() if now else 0
            return found if isinstance(found, int) else round(found.timestamp() * 1000)

        types = dict(T["kam_ctx_options"]._fields_)
        for name, given, body in (("zone", at_zone, on_zone), ("collate", collate, on_collate),
                                  ("progress", progress, on_progress)):
            if given:
                setattr(options, name, types[name](shielded(lambda user, *rest, body=body: body(*rest))))
        if now:
            options.now = types["now"](on_now)          # has no way to fail: what it raises is printed
        super().__init__(made(lib.kam_ctx_new, ctypes.byref(options)), keep=options)


def _zone_minutes(name: str, utc_ms: int) -> Optional[int]:
    try:
        found = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
    at = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(milliseconds=utc_ms)
    offset = at.astimezone(found).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else None
