"""Stores, for the package kam: those written in Python, what they give (StoreBase) and what they are told (Table,
Scan); then those of the library (Store).

Of a store in Python the library calls a vtable; each function of it finds the store by the number it was given as
`self`, calls the method of that name, and tells the library in code and words what the method raises.
"""
from __future__ import annotations

import ctypes
import itertools
import os
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union

from ._c import (Block, Context, Declarations, Handle, Io, K, KamError, Schema, T, Unsupported, bind, choice, code_of,
                 column_of, declared, json_text, lib, listed, made, struct_of, thread, utf8, word_of)

#: Operators of Query.where() and of conditions.
OPS = {"=": "EQ", "==": "EQ", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE", "in": "IN", "prefix": "PREFIX",
       "null": "NULL"}
_OP_NAMES = {K["KAM_OP_" + name]: op for op, name in OPS.items() if op != "=="}


class TableField(NamedTuple):
    """A field of a table as a store sees it; type is "i32", "i64", "f64" or "text"."""
    id: int
    name: str
    column: str
    type: str
    scale: int
    flags: int


class Table:
    """A table as a store sees it: id, name, relation, and its fields, of which the first is the key."""

    def __init__(self, table: Any):
        self.id, self.name, self.relation = table.id, table.name.decode(), table.relation.decode()
        self.version, self.cls, self.read_only = table.version, table.cls, bool(table.flags & 1)
        self.fields = tuple(TableField(f.id, f.name.decode(), f.column.decode(), word_of("T", f.type), f.scale, f.flags)
                            for f in table.field[:table.nfield])
        self.by_id = {field.id: field for field in self.fields}
        self.key = self.fields[0].name
        #: Names of the fields that form the composite unique key together.
        self.unique = tuple(field.name for field in self.fields if field.flags & K["KAM_F_UNIQUE"])


class Condition(NamedTuple):
    """A condition of a scan: field by name, operator as in Query.where(), and one value; several for "in"."""
    field: str
    op: str
    values: List[Any]


class Scan:
    """What is asked of StoreBase.scan(). A store that applies condition i exactly sets bit i of `handled`, one that
    also keeps to order, after and limit bit 63; before its first row. It may leave all of it to the library."""

    def __init__(self, q: Any):
        self.table = Table(q.table.contents)
        name = lambda field: self.table.by_id[field].name
        self.fields = [name(field) for field in q.field[:q.nfield]]
        self.conditions = [Condition(name(p.field), _OP_NAMES[p.op], self._values(p)) for p in q.pred[:q.npred]]
        self.order = [name(field) for field in q.order[:q.norder]]
        self.descending, self.limit, self.block_rows = bool(q.flags & 1), q.limit, q.block_rows
        #: Continue behind this row; None = from the start.
        self.after = _rows_of(q.after.contents, self.table)[0] if q.after else None
        self.handled = 0

    @staticmethod
    def _values(p: Any) -> List[Any]:
        return listed(column_of(p.arg.contents, p.narg)) if p.arg and p.narg else []


def _rows_of(block: Any, table: Table) -> List[Dict[str, Any]]:
    columns = [listed(column_of(col, block.nrow)) for col in block.col[:block.ncol]]
    names = [table.by_id[col.field].name for col in block.col[:block.ncol]]
    return [dict(zip(names, values)) for values in zip(*columns)]


class StoreBase:
    """A store written in Python: a subclass gives these methods, and Book(MyStore(), create=True) uses it. They keep
    the contract of kam/spi/storage.h; rows are dicts from field name to int, float, str or None. To fail they raise a
    KamError (with row= where a row is refused); another exception is Io. They must not call the library."""
    _vtables: Dict[Any, Any] = {}

    def begin(self, write: bool) -> None:
        """Begins a transaction: one snapshot for all its scans; writing keeps other writers out (Busy)."""
        raise NotImplementedError

    def end(self, how: str) -> None:
        """Ends it, "commit", "lazy" or "abort"; it is over whatever happens."""
        raise NotImplementedError

    def scan(self, scan: Scan) -> Iterable[Mapping[str, Any]]:
        """The rows asked for, with at least scan.fields."""
        raise NotImplementedError

    def write(self, table: Table, op: str, rows: List[Dict[str, Any]]) -> None:
        """Does "insert", "update" or "delete" by key; then only "abort" is left if it fails."""
        raise NotImplementedError

    def prepare(self, tables: List[Table], how: str, report: Callable[..., None]) -> None:
        """Optional: "check", "create" or "upgrade"; report(message, table, field=None) tells what is missing, and check
        raises Schema then."""
        raise NotImplementedError

    def reserve(self, table: int, count: int) -> int:
        """Optional: the first of so many ids of a table never given before."""
        raise NotImplementedError

    def close(self) -> None:
        """The library needs it no longer."""

    def attach(self, mode: str = "own") -> Tuple[Any, int]:
        """Vtable and self for the library; they live until it calls close."""
        cls = type(self)
        host = mode == "host"
        vt = StoreBase._vtables.get((cls, host))
        if vt is None:
            vt = StoreBase._vtables[cls, host] = struct_of("kam_store_vt", abi=K["KAM_STORE_ABI"])
            for name, kind in vt._fields_[2:]:
                absent = (name not in _CALLS or host and name in ("begin", "end") or
                          name in ("prepare", "reserve") and getattr(cls, name) is getattr(StoreBase, name))
                if not absent:
                    setattr(vt, name, kind(_CALLS[name]))
        key = next(_keys)
        _attached[key] = self
        return vt, key

    @staticmethod
    def detach(key: int) -> None:
        """Takes an attachment back that the library refused."""
        del _attached[key]


_attached: Dict[int, StoreBase] = {}
_keys = itertools.count(1)


def _store_call(body: Callable) -> Callable:
    """body(store, ...) as a function of a vtable: what it raises is told to the library, in code and words."""
    def call(key: int, *arguments: Any) -> int:
        try:
            return body(_attached[key], *arguments[:-1]) or 0
        except BaseException as error:
            thread.raised = error
            table = next((a.contents for a in arguments[:-1] if isinstance(a, ctypes.POINTER(T["kam_table"]))), None)
            if arguments[-1]:
                _tell(arguments[-1].contents, error, Table(table) if table else None)
            return code_of(error)
    return call


def _tell(out: Any, error: BaseException, table: Optional[Table]) -> None:
    out.code, out.native = code_of(error), getattr(error, "native", 0)
    field = getattr(error, "field", None)
    out.table = table.id if table else 0
    out.field = next((f.id for f in table.fields if f.name == field), 0) if table else 0
    out.row = getattr(error, "row", None) or 0
    words = str(error) if isinstance(error, KamError) and str(error) else f"{type(error).__name__}: {error}"
    out.msg = " ".join(words.split()).encode()[:239].decode(errors="ignore").encode()


def _store_scan(store: StoreBase, q: Any, fn: Callable, user: int) -> int:
    q = q.contents
    scan = Scan(q)
    rows = iter(store.scan(scan))
    fields = [scan.table.by_id[field] for field in q.field[:q.nfield]]
    while True:
        part = list(itertools.islice(rows, q.block_rows or 1024))
        q.handled = scan.handled
        if not part:
            return 0
        block = Block([(f.id, choice("T", f.type), [row.get(f.name) for row in part]) for f in fields], len(part))
        code = fn(user, ctypes.byref(block.struct))
        if code:
            return code


def _store_prepare(store: StoreBase, tables: Any, count: int, how: int, fn: Any, user: int) -> None:
    def report(message: str, table: Table, field: Optional[str] = None) -> None:
        finding = struct_of("kam_store_err")
        _tell(finding, Schema(message, field=field), table)
        if fn:
            fn(user, ctypes.byref(finding))
    store.prepare([Table(table) for table in tables[:count]], word_of("PREPARE", how), report)


def _store_reserve(store: StoreBase, table: int, count: int, first: Any) -> None:
    first[0] = store.reserve(table, count)


_CALLS: Dict[str, Callable] = {
    "begin": _store_call(lambda store, flags: store.begin(flags == K["KAM_BEGIN_WRITE"])),
    "end": _store_call(lambda store, how: store.end(word_of("END", how))),
    "scan": _store_call(_store_scan),
    "write": _store_call(lambda store, table, op, rows: store.write(
        (t := Table(table.contents)), word_of("WRITE", op), _rows_of(rows.contents, t))),
    "prepare": _store_call(_store_prepare),
    "reserve": _store_call(_store_reserve),
    "close": lambda key: _attached.pop(key).close(),
}


# ---------------------------------------------------------------- stores of the library

class Store(Handle):
    """Where rows lie. Store.memory(), Store.sqlite(connection), or Store(of a StoreBase)."""
    __slots__ = ()
    _end = lib.kam_store_free

    def __init__(self, store: StoreBase, mode: str = "own", ctx: Optional[Context] = None):
        vt, key = store.attach(mode)
        try:
            pointer = made(lib.kam_store_new, ctx and ctx._p, ctypes.byref(vt), key, choice("TXN", mode))
        except KamError:
            store.detach(key)
            raise
        super().__init__(pointer, (ctx, vt))

    @classmethod
    def _of(cls, pointer: int, keep: Any) -> "Store":
        store = cls.__new__(cls)
        Handle.__init__(store, pointer, keep)
        return store

    @classmethod
    def memory(cls, ctx: Optional[Context] = None) -> "Store":
        """A memory store; several books may be open on it."""
        return cls._of(made(lib.kam_store_memory, ctx and ctx._p), ctx)

    @classmethod
    def file(cls, path: str, ctx: Optional[Context] = None, read_only: bool = False) -> "Store":
        """The durable store in one file, made with its first book; read_only: as it stands now, neither locked nor
        changed."""
        raw = os.fsencode(path)
        function = lib.kam_store_file_read if read_only else lib.kam_store_file
        return cls._of(made(function, ctx and ctx._p, raw, len(raw)), ctx)

    @classmethod
    def sqlite(cls, connection: int, mode: str = "own", ctx: Optional[Context] = None) -> "Store":
        """A store on a SQLite connection of yours, by the address of its sqlite3 (apsw: connection.sqlite3_pointer()).
        mode: "own", or "savepoint" or "host" inside your transactions."""
        return cls._of(made(_sqlite().kam_sqlite_store, ctx and ctx._p, connection, choice("TXN", mode)), ctx)

    def map(self, mapping: Union[str, Mapping[str, Any]]) -> None:
        """Says which tables and columns there are already; before the first book."""
        raw = json_text(mapping)
        self._do(lib.kam_store_map, raw, len(raw))

    def purge(self) -> None:
        """Removes the bytes of what was erased (Book.erase) from the store's file; a store of yours or SQLite must have
        no open book. Unsupported where there is no file."""
        self._do(lib.kam_store_control, choice("CTL", "purge"), None)


def _sqlite(loaded: List[Any] = []) -> Any:
    """libkam-sqlite from where libkam came from; SQLite's own functions are found through it."""
    if not loaded:
        folder, base = os.path.split(lib.path)
        name = os.path.join(folder, base.replace("kam", "kam-sqlite", 1))
        try:
            library = ctypes.CDLL(name)
        except OSError as error:
            raise Unsupported(f"libkam-sqlite was not found: {error}") from None
        loaded.append(bind(library, Declarations("""
            int32_t kam_sqlite_store(kam_store **out, kam_ctx *ctx, struct sqlite3 *db, uint32_t mode, kam_error *err);
            int32_t sqlite3_open_v2(const char *name, sqlite3 **db, int32_t flags, const char *vfs);
            int32_t sqlite3_close_v2(sqlite3 *db); const char *sqlite3_errmsg(sqlite3 *db);""", declared)))
    return loaded[0]


class Connection(Handle):
    """A SQLite connection of ours."""
    __slots__ = ("_end",)

    def __init__(self, path: str, create: bool, read_only: bool):
        sqlite, out = _sqlite(), ctypes.c_void_p()
        self._end = sqlite.sqlite3_close_v2
        code = sqlite.sqlite3_open_v2(utf8(path), ctypes.byref(out), 1 if read_only else 6 if create else 2, None)
        super().__init__(out.value or 0)
        if code:
            words = sqlite.sqlite3_errmsg(out).decode() if out.value else "no memory"
            self.close()
            raise Io(f"{path}: {words}", native=code)
