"""Queries and imports, for the package kam: what reads many records of a kind, and what stores many."""
from __future__ import annotations

import contextlib
import ctypes
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

from ._c import DayLike, Field, Inval, K, canonical, day_number, flags_of, lib, struct_of
from ._record import BookHandle, Record, Row, Rows
from ._store import OPS

if TYPE_CHECKING:
    from ._book import Book


class Query(BookHandle):
    """A question over the records of one kind; each call narrows it and returns it. Iterating runs it as of today."""
    __slots__ = ("_book", "_kind")
    _end = lib.kam_query_free

    def __init__(self, book: "Book", kind: str):
        self._book, self._kind = book, book.kinds[kind]
        super().__init__(book._made(lib.kam_query_new, self._kind.number), book, book.kinds)

    def where(self, *condition: Any, **equal: Any) -> "Query":
        """Conditions: where("potential", ">=", 100000), where("note", "null"), where(city="Suzhou"). Operators are
        = < <= > >= in prefix null."""
        if condition:
            name, op, value = (*condition, None)[:3]
            self._where(self._kind.field(name), op, value)
        for name, value in equal.items():
            self._where(self._kind.field(name), "null" if value is None else "=", value)
        return self

    def _where(self, field: Field, op: str, value: Any) -> None:
        if op not in OPS:
            raise Inval(f'"{op}" is no operator; they are {" ".join(OPS)}')
        number = K["KAM_OP_" + OPS[op]]
        if op == "in" or op != "null" and field.type == "DAY":
            given = [self._book._number(self._kind, field, v) for v in (value if op == "in" else [value])]
            self._do(lib.kam_query_where_i64, field.id, number, (ctypes.c_int64 * len(given))(*given), len(given))
        else:
            raw = None if op == "null" else canonical(field, value)
            self._do(lib.kam_query_where, field.id, number, raw, len(raw or b""))

    def select(self, *names: str) -> "Query":
        """Only these fields."""
        for name in names:
            self._do(lib.kam_query_select, self._kind.field(name).id)
        return self

    def order(self, *names: str, down: bool = False) -> "Query":
        """Sorted by these fields, then by id."""
        for name in names:
            self._do(lib.kam_query_order, self._kind.field(name).id, flags_of("ORDER", down=down))
        return self

    def limit(self, count: int, skip: int = 0) -> "Query":
        """At most `count` rows (0 = all) after leaving out the first `skip`."""
        self._do(lib.kam_query_limit, skip, count)
        return self

    def run(self, as_of: DayLike = None) -> Rows:
        """The rows, as of a day; None = today, planned events too."""
        return self._rows(lib.kam_query_run, day_number(as_of))

    def __iter__(self) -> Rows:
        return self.run()


class Import(BookHandle):
    """An import under way: one batch, one transaction. Leaving its `with` finishes it, or takes all back on an
    exception."""
    __slots__ = ("_book", "_kind", "_scratch", "_finished")
    _end = lib.kam_import_free

    def __init__(self, book: "Book", kind: str, **options: Any):
        self._book, self._kind, self._finished = book, book.kinds[kind], False
        self._scratch: Optional[Record] = None
        super().__init__(book._made(lib.kam_import_new, self._kind.number,
                                    ctypes.byref(struct_of("kam_import_options", **options))), book, book.kinds)

    def feed(self, data: Union[str, bytes, bytearray, memoryview]) -> None:
        """A piece of the text, cut anywhere."""
        raw = data.encode() if isinstance(data, str) else bytes(data)
        self._do(lib.kam_import_feed, raw, len(raw))

    def read(self, path: Any) -> None:
        """A whole file, by name or open for bytes."""
        given: Any = contextlib.nullcontext(path) if hasattr(path, "read") else open(path, "rb")
        with given as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                self.feed(piece)

    def add(self, record: Union[Record, Mapping[str, Any], None] = None, /, **values: Any) -> None:
        """One record: a Record, a mapping, or fields by name."""
        if not isinstance(record, Record):
            if self._scratch is None:
                self._scratch = self._book.new(self._kind.name)
            self._scratch.clear()
            self._scratch.update(record or {}, **values)
            record = self._scratch
        self._do(lib.kam_import_add, record._p)

    def finish(self) -> Row:
        """Stores the rest and commits; returns the report."""
        self._do(lib.kam_import_finish)
        self._finished = True
        return self.report

    @property
    def report(self) -> Row:
        """The counts so far: new, changed, unchanged, corrected, rejected."""
        return Row(lib.kam_import_report(self._p), self._kinds)

    @property
    def problems(self) -> Rows:
        """The bad rows so far, with place and cause."""
        return self._rows(lib.kam_import_problems)

    def totals(self) -> Rows:
        """Control totals so far, of an import of the ledger: by month, company, currency and event."""
        return self._rows(lib.kam_import_totals)

    def __exit__(self, *error: Any) -> None:
        if error[0] is not None:
            self.close()
        elif not self._finished and self._pointer:
            self.finish()
