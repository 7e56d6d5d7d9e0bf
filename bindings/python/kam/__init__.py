"""libkam from Python: key account management on ctypes, for any CPython from 3.9 on, nothing else needed.

    import datetime, kam

    with kam.open_memory(actor="m.chen", currency="CNY", create=True) as book:
        with book.import_("account", source="erp") as accounts:         # commits at the end of the block
            accounts.feed("ext_id,name,city\\nC1,Acme Pumps,Suzhou\\nC2,Bolt & Co,Ningbo\\n")
        sale = book.new("ledger", account="erp:C1", event="SALE", amount="1250.00", day=datetime.date(2026, 3, 1))
        book.save(sale)
        run = book.grading_run("quota-20-40-40", as_of="2026-03-31")    # look at it first ...
        for item in run.rows("grade_item"):
            print(item.account, item.old, "->", item.new)
        run.apply()                                                     # ... then store it
        account = book.account(book.find("account", "C1", source="erp"), as_of="2026-03-31")
        print(account.record.name, account.value().revenue, account.fact("grade", "quota-20-40-40").grade)
        print(account.why("grade", "quota-20-40-40").text("zh"))
        book.query("account").where("city", "prefix", "Su").run().save("suzhou.csv", labels=True)

One class for each kind of handle (Context, Store, Book, Record, Rows, Query, Import, Run, Why, Account, Scheme,
Scorecard, Segment, VisitPlan, Route), each a context manager with close(), ended by itself when nothing refers to it, in
any order. Records have their fields as attributes and items, by the names of the library's schema (`book.kinds`); values
are int, float, str, bool, Decimal (money and decimals), date, datetime, and enums as str. Days are given as date, ISO text
or days since 1970. What fails raises a subclass of KamError. What each call means stands in the C headers, under the same
name.

The library is taken from the environment variable KAM_LIBRARY, from beside this file, or from the system. As in C, a
book and what was made from it are used by one thread at a time.
"""
from __future__ import annotations

import atexit
import contextlib
import ctypes
import datetime
import difflib
import json
import os
import weakref
from decimal import Decimal
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ._c import (  # what programs use
    TODAY, DAY_FIRST, DAY_END, Aborted, Busy, Cancelled, Closed, Column, CommitUnknown, Conflict, Context, Corrupt,
    DayLike, Dead, Denied, Exists, Field, Full, Inval, Io, KamError, Limit, Nomem, NotFound, Parse, Policy, ReadOnly,
    Retry, Schema, Stale, Type, Unsupported, Utf8, day, version)
from ._c import (  # what this file uses
    Declarations, Handle, K, T, bind, canonical, choice, column_of, day_number, declared, do, flags_of, json_text, lib,
    listed, made, name_text, struct_of, text_of, utf8, value_of, word_of)
from ._store import OPS, Condition, Scan, StoreBase, Table, TableField

__all__ = [
    "TODAY", "DAY_FIRST", "DAY_END", "DayLike", "day", "version", "schema_ddl", "kind_of", "open_memory", "open_sqlite", "open_file",
    "Context", "Store", "Book", "Record", "Row", "Rows", "Query", "Import", "Run", "Why", "Score", "Account", "Scheme",
    "Scorecard", "Segment", "VisitPlan", "Route", "Column",
    "Kinds", "Kind", "Field", "StoreBase", "Table", "TableField", "Scan", "Condition", "KamError",
    *(error.__name__ for error in KamError.__subclasses__())]


class _Handle(Handle):
    __slots__ = ()

    def _rows(self, function: Callable, *arguments: Any) -> "Rows":
        return Rows(self._made(function, *arguments), self, self._kinds)


# ---------------------------------------------------------------- kinds and records

class Kind:
    """A kind of records: name ("account"), number, and fields by name."""

    def __init__(self, name: str):
        self.name, self.number = name, 0
        self.fields: Dict[str, Field] = {}
        self.by_id: Dict[int, Field] = {}

    def _add(self, field: Field) -> None:
        self.fields[field.name] = self.by_id[field.id] = field
        if 128 <= field.id < 65536:                     # ids are kind * 128 + n; below common, above the book's own
            self.number = field.id // 128

    def field(self, name: str) -> Field:
        """A field by name; "class_" and "from_" also find those whose names Python keeps for itself, and "reason" finds
        "reason_text" where there is no other."""
        found = (self.fields.get(name) or self.fields.get(name[:-1] if name.endswith("_") else "")
                 or self.fields.get(name + "_text"))
        if not found:
            near = difflib.get_close_matches(name, self.fields, 1)
            raise NotFound(f'{self.name} has no field "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""),
                           kind=self.name)
        return found


class Kinds(Mapping[str, Kind]):
    """The schema of a book: kinds by name, from kam_schema_rows()."""

    def __init__(self, book: "Book"):
        self._book = weakref.ref(book)
        self._by_name: Dict[str, Kind] = {}
        self._by_number: Dict[int, Kind] = {}
        self.reload()

    def reload(self) -> None:
        """Reads the schema again: after fields of the book's own came by another way than its save()."""
        book = self._book()
        if book is None:
            raise Closed("the book of these kinds is closed")
        rows = book._rows(lib.kam_schema_rows)
        found: Dict[str, Kind] = {}
        while True:
            record = rows._made(lib.kam_rows_next)
            if record is None:
                break
            about = json.loads(text_of(lib.kam_record_to_json, record))
            kind = found.setdefault(about["kind"], Kind(about["kind"]))
            kind._add(Field(about["field"], about["name"], about["type"], about["scale"], about.get("unit"),
                            about["flags"], about["label_en"], about["label_zh"], about.get("refers"),
                            tuple(filter(None, about.get("values", "").split(",")))))
        self._by_name, self._by_number = found, {kind.number: kind for kind in found.values()}

    def __getitem__(self, name: Union[str, int]) -> Kind:
        kind = self._by_name.get(name) if isinstance(name, str) else self._by_number.get(name)
        if not kind:
            near = difflib.get_close_matches(str(name), self._by_name, 1)
            raise NotFound(f'there is no kind "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""))
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def names_of(self, kind: Optional[int], field: Optional[int]) -> Tuple[Any, Any]:
        """Names of the numbers in an error; a number stays where it has no name."""
        known = None if kind is None else self._by_number.get(kind)
        among = [known] if known else self._by_name.values()
        named = next((k.by_id[field].name for k in among if field in k.by_id), field)
        return known.name if known else kind, named


class _Fields:
    """What Row and Record have in common: fields as attributes and as items; None = no value."""
    __slots__ = ()
    _kind: Kind

    def _get(self, field: Field) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            field = self._kind.field(name)
        except NotFound as error:
            raise AttributeError(error.message) from None
        return self._get(field)

    def __getitem__(self, name: str) -> Any:
        return self._get(self._kind.field(name))

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field, `default` where it has none."""
        value = self[name]
        return default if value is None else value

    def keys(self) -> List[str]:
        """Names of the fields with a value, in the order of the schema; dict(record) gives them with their values."""
        return [field.name for field in self._kind.fields.values() if self._get(field) is not None]

    def __contains__(self, name: str) -> bool:
        return self[name] is not None

    def __dir__(self) -> List[str]:
        return [*object.__dir__(self), *self._kind.fields]

    def __repr__(self) -> str:
        return f"<{self._kind.name} " + " ".join(f"{name}={self[name]!r}" for name in self.keys()) + ">"


def kind_of(record: Union["Row", "Record"]) -> str:
    """Name of a record's kind (`record.kind` is a field of accounts)."""
    return record._kind.name


class Row(_Fields):
    """A record as it was read: a copy that never changes and outlives its list. To change what is stored, get() its
    Record from the book."""
    __slots__ = ("_kind", "_data")

    def __init__(self, pointer: int, kinds: Kinds):
        self._kind = kinds[lib.kam_record_kind(pointer)]
        self._data = json.loads(text_of(lib.kam_record_to_json, pointer), parse_float=Decimal)

    def _get(self, field: Field) -> Any:
        return value_of(field, self._data.get(field.name))

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Row) and self._kind.name == other._kind.name and self._data == other._data

    __hash__ = None  # type: ignore[assignment]


class Record(_Fields, _Handle):
    """A record to be read, changed by its attributes, and saved (Book.new, Book.get, Account.record)."""
    __slots__ = ("_kind", "_owner")
    _end = lib.kam_record_free

    def __init__(self, pointer: int, kinds: Kinds, owner: Optional[_Handle] = None, keep: Any = None):
        _Handle.__init__(self, pointer, keep, kinds)
        self._owner = owner                             # of a record that is only lent
        self._kind = kinds[lib.kam_record_kind(pointer)]

    @property
    def _p(self) -> int:
        if self._owner is not None:
            self._owner._p                              # raises when the owner is closed
        return super()._p

    def close(self) -> None:
        """Ends the record; one that is lent ends with its owner."""
        if self._owner is None:
            _Handle.close(self)
        self._pointer = None

    def _get(self, field: Field) -> Any:
        kind = lib.kam_record_type(self._p, field.id)
        if kind == K["KAM_T_F64"]:
            return lib.kam_record_f64(self._p, field.id, 0.0)
        raw = lib.kam_record_text(self._p, field.id, None) if kind else None
        if raw is None:
            return None
        if field.type == "REF":                         # an id, or still the ERP's key
            return raw.decode() if lib.kam_record_i64(self._p, field.id, -1) < 0 else int(raw)
        return value_of(field, raw.decode())

    def _set(self, field: Field, value: Any) -> None:
        if field.type == "F64" and isinstance(value, (int, float)):
            self._do(lib.kam_record_set_f64, field.id, value)
        elif field.type == "DAY" and isinstance(value, int):
            self._do(lib.kam_record_set_i64, field.id, value)
        else:
            raw = canonical(field, value)
            self._do(lib.kam_record_set_text, field.id, raw, len(raw or b""))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        try:
            field = self._kind.field(name)
        except NotFound as error:
            raise AttributeError(error.message) from None
        self._set(field, value)

    def __setitem__(self, name: str, value: Any) -> None:
        self._set(self._kind.field(name), value)

    def __delitem__(self, name: str) -> None:
        self._set(self._kind.field(name), None)

    def update(self, *given: Mapping[str, Any], **values: Any) -> None:
        """Sets several fields."""
        for name, value in dict(*given, **values).items():
            self[name] = value

    def clear(self) -> None:
        """Removes all values; one record serves a whole loop."""
        lib.kam_record_clear(self._p)


# ---------------------------------------------------------------- lists and queries

@ctypes.CFUNCTYPE(None, ctypes.c_void_p)
def _end_stream(capsule: int) -> None:
    """Ends an Arrow stream that nobody took out of its capsule, and the struct itself."""
    address = ctypes.pythonapi.PyCapsule_GetPointer(capsule, b"arrow_array_stream")
    stream = T["ArrowArrayStream"].from_address(address)
    if stream.release:
        stream.release(address)
    del _streams[address]


#: Structs of streams in capsules, by address: the consumer moves the content, the memory is ours.
_streams: Dict[int, Any] = {}
ctypes.pythonapi.PyCapsule_New.restype = ctypes.py_object
ctypes.pythonapi.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
ctypes.pythonapi.PyCapsule_GetPointer.restype = ctypes.c_void_p
ctypes.pythonapi.PyCapsule_GetPointer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]


class Rows(_Handle):
    """A list of records, read once: row by row (iteration), block by block (columns), as text (save, text), or by
    pyarrow, polars, DuckDB or pandas, which take it as an Arrow stream: `pyarrow.table(rows)`."""
    __slots__ = ()
    _end = lib.kam_rows_free

    @property
    def kind(self) -> str:
        """Kind of its records."""
        return self._kinds[lib.kam_rows_kind(self._p)].name

    def __iter__(self) -> "Rows":
        return self

    def __next__(self) -> Row:
        record = self._made(lib.kam_rows_next)
        if not record:
            raise StopIteration
        return Row(record, self._kinds)

    def columns(self, arrays: bool = False) -> Iterator[Dict[str, Any]]:
        """The rest block by block: name -> list, None where there is no value; with `arrays` name -> Column (memory
        that numpy and array take). Values are physical: money in minor units, days since 1970, enums as numbers."""
        while True:
            block = ctypes.POINTER(T["kam_block"])()
            do(lib.kam_rows_next_block, ctypes.byref(block), self._p, kinds=self._kinds)
            if not block:
                return
            b, fields = block.contents, self._kinds[lib.kam_rows_kind(self._p)].by_id
            found: Dict[str, Any] = {fields[col.field].name: column_of(col, b.nrow) for col in b.col[:b.ncol]}
            yield found if arrays else {name: listed(column) for name, column in found.items()}

    def arrow(self) -> Any:
        """The rest as struct ArrowArrayStream of the Arrow C stream interface, for consumers that take its address
        (ctypes.addressof). This list is closed then; whoever has the stream ends it: stream.release(address)."""
        stream = T["ArrowArrayStream"]()
        do(lib.kam_rows_arrow, ctypes.byref(stream), self._p, kinds=self._kinds)
        self._pointer, stream.keep = None, self
        return stream

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The rest as Arrow PyCapsule, by which consumers take it; this list is closed then. Keep the book while the
        stream is read. A schema asked for is not looked at, as the protocol allows."""
        stream = self.arrow()
        address = ctypes.addressof(stream)
        _streams[address] = stream
        return ctypes.pythonapi.PyCapsule_New(address, b"arrow_array_stream", _end_stream)

    def _pieces(self, format: str, labels: bool, lang: Optional[str], bom: bool, raw: bool, separator: Optional[str],
                excel: bool = False) -> Iterator[bytes]:
        options = struct_of("kam_export_options", format=choice("FORMAT", format), lang=lang,
                          flags=flags_of("EXPORT", labels=labels, bom=bom, raw=raw, excel=excel), separator=ord(separator or "\0"))
        while True:
            piece = text_of(lib.kam_rows_export, self._p, ctypes.byref(options), kinds=self._kinds)
            if not piece:
                return
            yield piece

    def save(self, path: Any, format: Optional[str] = None, *, labels: bool = False, lang: Optional[str] = None,
             bom: bool = False, raw: bool = False, separator: Optional[str] = None, excel: bool = False) -> None:
        """Writes the rest to a file, by name or open for bytes. format: "csv", "json", "jsonl", "icalendar" (activities,
        plan entries, plan changes), "vcard" (contacts); None = by the name."""
        end = os.path.splitext(str(path))[1][1:].lower()
        by_name = {"json": "json", "jsonl": "jsonl", "ics": "icalendar", "vcf": "vcard"}
        kind = by_name.get(end, "csv") if format is None else format
        pieces = self._pieces(kind, labels, lang, bom, raw, separator, excel)
        if hasattr(path, "write"):
            path.writelines(pieces)
            return
        with open(path, "wb") as file:
            file.writelines(pieces)

    def text(self, format: str = "csv", *, labels: bool = False, lang: Optional[str] = None, bom: bool = False,
             raw: bool = False, separator: Optional[str] = None, excel: bool = False) -> str:
        """The rest as text."""
        return b"".join(self._pieces(format, labels, lang, bom, raw, separator, excel)).decode()


class Query(_Handle):
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


# ---------------------------------------------------------------- imports

class Import(_Handle):
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


# ---------------------------------------------------------------- runs, reasons, accounts

class Why(_Handle):
    """The explanation of one result: `record` (the verdict), its reasons (iteration), the same for people (text)."""
    __slots__ = ()
    _end = lib.kam_why_free

    @property
    def record(self) -> Row:
        """The verdict: result, subject, policy, version, as_of, known, run, and whether the inputs differ now."""
        return Row(lib.kam_why_record(self._p), self._kinds)

    def rows(self) -> Rows:
        """The reasons in order."""
        return self._rows(lib.kam_why_rows)

    @property
    def result(self) -> Any:
        """What came out of it: a grade, points."""
        return self.record.result

    def __iter__(self) -> Rows:
        return self.rows()

    def text(self, lang: str = "en") -> str:
        """The same in words, "en" or "zh"."""
        return text_of(lib.kam_why_text, self._p, name_text(lang), kinds=self._kinds).decode()


class Score(Why):
    """What a scorecard gives one account, and why: a REASON per factor, then the warnings."""
    __slots__ = ("points",)

    def __init__(self, points: int, pointer: int, keep: Any, kinds: Optional[Kinds]):
        super().__init__(pointer, keep, kinds)
        #: The score, exact to four places.
        self.points: Decimal = Decimal(points).scaleb(-4)


class Run(_Handle):
    """A policy applied to a whole book on a day: look at it, then apply it."""
    __slots__ = ()
    _end = lib.kam_run_free

    @property
    def record(self) -> Row:
        """The RUN record: policy, version, as_of, known, counts, totals; the id once it is applied."""
        return Row(lib.kam_run_record(self._p), self._kinds)

    def rows(self, kind: str) -> Rows:
        """One of its lists: "grade_item", "account_value", "score", "plan_entry", "unplanned", "plan_change",
        "problem"."""
        return self._rows(lib.kam_run_rows, self._kinds[kind].number)

    def why(self, id: Union[int, Row, None]) -> Why:
        """Explains one entry: by account id, by id of the entry, or the row itself. Entries have ids once the run is
        applied."""
        if isinstance(id, Row):
            id = id.id or id.account
        if id is None:
            raise Inval("an entry of a run that is not applied has no id yet: explain it by its account, or give the row")
        return Why(self._made(lib.kam_run_why, id), self, self._kinds)

    def apply(self, force: bool = False) -> int:
        """Stores the run, its entries and their effects; returns its id."""
        self._do(lib.kam_run_apply, flags_of("APPLY", force=force))
        return self.record.id


class Scheme(_Handle):
    """A grade scheme, frozen: threads may share it."""
    __slots__ = ()
    _end = lib.kam_scheme_free

    @classmethod
    def parse(cls, document: Union[str, Mapping[str, Any]], ctx: Optional[Context] = None) -> "Scheme":
        """A scheme from its JSON, for trials."""
        raw = json_text(document)
        return cls(made(lib.kam_scheme_parse, ctx and ctx._p, raw, len(raw)), ctx)


class Scorecard(_Handle):
    """A scorecard, frozen: threads may share it."""
    __slots__ = ()
    _end = lib.kam_scorecard_free

    @classmethod
    def parse(cls, document: Union[str, Mapping[str, Any]], ctx: Optional[Context] = None) -> "Scorecard":
        """A scorecard from its JSON, for trials."""
        raw = json_text(document)
        return cls(made(lib.kam_scorecard_parse, ctx and ctx._p, raw, len(raw)), ctx)

    def score(self, attributes: Record) -> Score:
        """Scores one account: Account.attributes, or a record of kind "attributes" of one's own."""
        points, why = ctypes.c_int64(), ctypes.c_void_p()
        do(lib.kam_scorecard_score, ctypes.byref(points), ctypes.byref(why), self._p, attributes._p,
           kinds=attributes._kinds)
        return Score(points.value, why.value or 0, self, attributes._kinds)


class Segment(_Handle):
    """A segment, a saved condition on accounts; frozen: threads may share it."""
    __slots__ = ()
    _end = lib.kam_segment_free

    @classmethod
    def parse(cls, document: Union[str, Mapping[str, Any]], ctx: Optional[Context] = None) -> "Segment":
        """A segment from its JSON, for trials."""
        raw = json_text(document)
        return cls(made(lib.kam_segment_parse, ctx and ctx._p, raw, len(raw)), ctx)

    def has(self, attributes: Record) -> bool:
        """Whether an account is in it: Account.attributes, or a record of kind "attributes" of one's own."""
        out = ctypes.c_int32()
        do(lib.kam_segment_has, ctypes.byref(out), self._p, attributes._p, kinds=attributes._kinds)
        return out.value != 0


class Route(_Handle):
    """A routing problem of its own, beside any book: who visits whom on which day, and in which order."""
    __slots__ = ()
    _end = lib.kam_route_free

    def __init__(self, text: Union[str, Mapping[str, Any]], format: str = "json", ctx: Optional[Context] = None):
        """format: "json" (as kam/route.h has it, or the document itself), "cordeau" or "vrplib"."""
        raw = json_text(text)
        super().__init__(made(lib.kam_route_parse, ctx and ctx._p, utf8(format), raw, len(raw)), ctx)

    def solve(self, iterations: int, seed: int = 1) -> int:
        """Searches on from the best plan so far; returns what it costs, in figure("unit") to one of the problem."""
        out = ctypes.c_int64()
        do(lib.kam_route_solve, ctypes.byref(out), self._p, seed, iterations)
        return out.value

    def figure(self, name: str) -> int:
        """"cost", "unit", "missing", "unplanned", "iterations", "memory", "days", "vehicles", "customers"."""
        return int(lib.kam_route_figure(self._p, choice("ROUTE", name)))

    def text(self, format: str = "json") -> str:
        """The best plan so far, as "json" or "res"."""
        return text_of(lib.kam_route_write, self._p, utf8(format)).decode()


class VisitPlan(_Handle):
    """The question of a visit plan: window, people, cadence (Book.visit_plan()). Its runs are the answers."""
    __slots__ = ()
    _end = lib.kam_visit_plan_free

    def run(self, as_of: DayLike = None) -> Run:
        """Plans on the book as it is: lists "plan_entry", "unplanned", "plan_change", "problem". Planning again after
        something has happened is the same call."""
        return Run(self._made(lib.kam_visit_plan_run, day_number(as_of)), self, self._kinds)

    def slots(self, account: int, as_of: DayLike = None) -> Rows:
        """Days of the window that suit one more visit to an account, the least way first; rows of SLOT."""
        return self._rows(lib.kam_visit_slots, account, day_number(as_of))

    def day(self, representative: int, day: DayLike = None) -> Rows:
        """The visits planned for one representative on one day, in the best order as they are now."""
        return self._rows(lib.kam_visit_day, representative, day_number(day))

    def tour(self, representative: int, accounts: Sequence[int], as_of: DayLike = None) -> Rows:
        """A tour of several days through the accounts, city by city."""
        ids = (ctypes.c_int64 * len(accounts))(*accounts)
        return self._rows(lib.kam_visit_tour, representative, ids, len(accounts), day_number(as_of))

    def alignment(self, extra: int = 0, as_of: DayLike = None) -> Rows:
        """Accounts that had better change hands, with `extra` representatives more; rows of ALIGNMENT."""
        return self._rows(lib.kam_visit_alignment, extra, day_number(as_of))


class Account(_Handle):
    """One account on one day, for a screen."""
    __slots__ = ("_attributes",)
    _end = lib.kam_account_free

    def __init__(self, book: "Book", id: int, as_of: DayLike = None):
        self._attributes: Any = None
        super().__init__(book._made(lib.kam_account_open, id, day_number(as_of)), book, book.kinds)

    @property
    def attributes(self) -> Record:
        """The account as rules and scorecards see it: its fields, its facts, and what is computed of it (revenue_12m,
        recency_days ...), as of its day. Each reading is new; the record read before is closed by it."""
        before = self._attributes and self._attributes()
        if before is not None:
            before.close()
        found = Record(self._made(lib.kam_account_attributes), self._kinds, self)
        self._attributes = weakref.ref(found)
        return found

    @property
    def record(self) -> Record:
        """Its record as of the day: change it, then Book.save()."""
        return Record(lib.kam_account_record(self._p), self._kinds, self)

    def refresh(self) -> None:
        """Reads the record again."""
        self._do(lib.kam_account_refresh)

    def fact(self, kind: str, name: Optional[str] = None) -> Row:
        """The fact that holds on the day: "grade" of a scheme, "class" of a dimension, "owner", "tier", "lifecycle"."""
        return Row(self._made(lib.kam_account_fact, self._kinds[kind].number, name_text(name)), self._kinds)

    def why(self, kind: str, name: Optional[str] = None) -> Why:
        """Why that fact holds."""
        return Why(self._made(lib.kam_account_why, self._kinds[kind].number, name_text(name)), self, self._kinds)

    def rows(self, kind: str, from_: DayLike = None, to: DayLike = None) -> Rows:
        """What belongs to it in [from_, to), newest first: "ledger", "activity", "contact", "grade", "timeline" ..."""
        return self._rows(lib.kam_account_rows, self._kinds[kind].number, day_number(from_, DAY_FIRST),
                          day_number(to, DAY_END))

    def value(self, from_: DayLike = None, to: DayLike = None) -> Row:
        """What it was worth in [from_, to); without both the twelve months that end with the day."""
        none = (0, 0) if from_ is None and to is None else (DAY_FIRST, DAY_END)
        return Row(self._made(lib.kam_account_value, day_number(from_, none[0]), day_number(to, none[1])), self._kinds)


# ---------------------------------------------------------------- stores

class Store(_Handle):
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
        _Handle.__init__(store, pointer, keep)
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


class _Connection(_Handle):
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


# ---------------------------------------------------------------- books

_open_books: "weakref.WeakSet[Book]" = weakref.WeakSet()


@atexit.register
def _close_books() -> None:
    for book in list(_open_books):
        book.close()


class Book(_Handle):
    """A connection to a store. Without a store it is a new one in memory. `create` makes what is missing, `upgrade`
    adds what a newer version needs; scope, actor, zone, lang, currency as in kam_book_options."""
    __slots__ = ("kinds", "_owned", "_scratch", "_commit")
    _end = lib.kam_book_close

    def __init__(self, store: Union[Store, StoreBase, None] = None, *, ctx: Optional[Context] = None,
                 create: bool = False, read_only: bool = False, upgrade: bool = False, lazy: bool = False,
                 no_snapshot: bool = False, scope: Optional[str] = None, actor: Optional[str] = None,
                 zone: Optional[str] = None, lang: Optional[str] = None, currency: Optional[str] = None,
                 max_keys: int = 0, _owned: Sequence[_Handle] = ()):
        ctx = ctx or Context()
        if isinstance(store, StoreBase):
            store = Store(store, ctx=ctx)
            _owned = (store,)
        flags = flags_of("BOOK", create=create, read_only=read_only, upgrade=upgrade, lazy=lazy,
                         no_snapshot=no_snapshot)
        options = struct_of("kam_book_options", flags=flags, scope=scope, actor=actor, zone=zone, lang=lang,
                          currency=currency, max_keys=max_keys)
        self._open(made(lib.kam_book_open, ctx._p, store and store._p, ctypes.byref(options)), (ctx, store), _owned)

    def _open(self, pointer: int, keep: Any, owned: Sequence[_Handle] = (), kinds: Optional[Kinds] = None) -> None:
        _Handle.__init__(self, pointer, keep)
        self._owned, self._commit = owned, None
        self._scratch: Dict[str, Record] = {}
        #: The schema: kinds by name, each with its fields by name.
        self.kinds = self._kinds = kinds or Kinds(self)
        _open_books.add(self)

    def close(self) -> None:
        """Closes the book and gives its connection back at once; an open transaction is rolled back."""
        super().close()
        for handle in self._owned:
            handle.close()

    # ---------------------------------------- single records

    def new(self, kind: str, /, **values: Any) -> Record:
        """An empty record of a kind, or with these values; save() stores it."""
        record = Record(self._made(lib.kam_record_new, self.kinds[kind].number), self.kinds, keep=self._keep)
        record.update(values)
        return record

    def get(self, kind: str, id: int, as_of: DayLike = None) -> Record:
        """One record by id, as of a day."""
        pointer = self._made(lib.kam_book_get, self.kinds[kind].number, id, day_number(as_of))
        return Record(pointer, self.kinds, keep=self._keep)

    def find(self, kind: str, ext_id: str, source: Optional[str] = None) -> int:
        """Id of the record that has the ERP's key."""
        raw = utf8(ext_id)
        return self._made(lib.kam_book_find, self.kinds[kind].number, name_text(source), raw, len(raw),
                          kind=ctypes.c_int64)

    def save(self, record: Record) -> int:
        """Stores a record, writes id and rev back into it, and returns the id."""
        self._do(lib.kam_book_save, record._p)
        if kind_of(record) == "field":
            self.kinds.reload()
            self._scratch.clear()
        return record.id

    def delete(self, kind: str, id: int, rev: int = 0) -> None:
        """Marks an entity deleted; its history stays. rev 0 = whichever is stored."""
        self._do(lib.kam_book_delete, self.kinds[kind].number, id, rev)

    def erase(self, kind: str, id: int, reason: Optional[str] = None) -> None:
        """Erases the personal data of an entity, in the record and its history; the record stays. The store may keep the
        old bytes until Store.purge()."""
        self._do(lib.kam_book_erase, self.kinds[kind].number, id, None if reason is None else reason.encode())

    def account(self, id: int, as_of: DayLike = None) -> Account:
        """An account as of a day."""
        return Account(self, id, as_of)

    # ---------------------------------------- many records

    def query(self, kind: str) -> Query:
        """A question over the records of a kind."""
        return Query(self, kind)

    def import_(self, kind: str, *, source: Optional[str] = None, mapping: Union[str, Mapping[str, Any], None] = None,
                batch: Optional[str] = None, format: str = "csv", separator: Optional[str] = None,
                dry_run: bool = False, stop_at_first: bool = False, encoding: Optional[str] = None) -> Import:
        """An import of records of a kind; mapping: a policy's name, or its document."""
        document = mapping if mapping is None or isinstance(mapping, str) else json.dumps(mapping, ensure_ascii=False)
        return Import(self, kind, source=source, mapping=document, batch=batch, format=choice("FORMAT", format),
                      separator=ord(separator or "\0"), encoding=encoding,
                      flags=flags_of("IMPORT", dry_run=dry_run, stop_at_first=stop_at_first))

    # ---------------------------------------- transactions

    @contextlib.contextmanager
    def transaction(self, write: bool = True) -> Iterator["Book"]:
        """Several calls in one transaction: committed at the end of the block, rolled back on an exception."""
        self.begin(write)
        try:
            yield self
        except BaseException:
            self.rollback()
            raise
        self.commit()

    def begin(self, write: bool = True) -> None:
        """Opens a transaction; not writing, it is one snapshot for all reads."""
        self._do(lib.kam_book_begin, choice("BEGIN", "write" if write else "read"))

    def commit(self) -> None:
        """Ends the open transaction for good."""
        self._do(lib.kam_book_commit)

    def rollback(self) -> None:
        """Takes the open transaction back; fine without one."""
        self._do(lib.kam_book_rollback)

    def host_ended(self, committed: bool) -> None:
        """Modes "savepoint" and "host": tells that your transaction has ended."""
        self._do(lib.kam_book_host_ended, int(committed))

    def flush(self) -> None:
        """Makes the commits of a lazy book durable now."""
        self._do(lib.kam_book_flush)

    # ---------------------------------------- history

    def seq(self, day: DayLike = None) -> int:
        """Number of the last commit up to the end of a day."""
        return self._made(lib.kam_book_seq, day_number(day), kind=ctypes.c_int64)

    def known(self, seq: int) -> "Book":
        """The book as it was known after a commit, read-only."""
        book = Book.__new__(Book)
        book._open(self._made(lib.kam_book_known, seq), self, kinds=self.kinds)
        return book

    def changes(self, since: int = 0) -> Rows:
        """What later commits touched."""
        return self._rows(lib.kam_book_changes, since)

    def verify(self) -> Rows:
        """Findings about what is stored; none = sound."""
        return self._rows(lib.kam_book_verify)

    def duplicates(self, kind: str = "account") -> Rows:
        """Accounts or contacts that are in the book twice: certain ones first, then those only suggested."""
        return self._rows(lib.kam_duplicates, self.kinds[kind].number)

    def set_actor(self, actor: str) -> None:
        """Who acts from now on."""
        raw = utf8(actor)
        self._do(lib.kam_book_set_actor, raw, len(raw))

    def on_commit(self, fn: Optional[Callable[[List[Tuple[int, str, int, str]]], Any]]) -> None:
        """Has fn called after each commit with what it touched: a list of (seq, kind, id, "insert" | "update" |
        "delete"). It must not call the book. None ends it."""
        kinds = self.kinds

        def call(user: Any, block: Any) -> None:
            b, by_id = block.contents, kinds["touched"].by_id
            found = {by_id[col.field].name: listed(column_of(col, b.nrow)) for col in b.col[:b.ncol]}
            if fn:
                fn([(seq, kinds[kind].name, record, word_of("TOUCH", op)) for seq, kind, record, op in
                    zip(found["seq"], found["kind"], found["record"], found["op"])])
        made = T["kam_commit_fn"](call) if fn else T["kam_commit_fn"]()
        self._do(lib.kam_book_on_commit, made, None)
        self._commit = made

    # ---------------------------------------- policies

    def policy_add(self, kind: str, document: Union[str, Mapping[str, Any]]) -> int:
        """Adds a version of a "scheme", "scorecard", "cadence" or "mapping" as a draft; returns its id."""
        raw = json_text(document)
        return self._made(lib.kam_policy_add, self._policy(kind), raw, len(raw), kind=ctypes.c_int64)

    def policy_approve(self, policy: int, from_: DayLike = None, to: DayLike = None) -> None:
        """Puts a version in force for [from_, to); None: from today, until further notice."""
        self._do(lib.kam_policy_approve, policy, day_number(from_), day_number(to, DAY_END))

    def policy_withdraw(self, policy: int, from_: DayLike = None) -> None:
        """Takes a version out of force from a day on."""
        self._do(lib.kam_policy_withdraw, policy, day_number(from_))

    def policy_in_force(self, kind: str, name: str, day: DayLike = None) -> int:
        """Id of the version in force on a day."""
        return self._made(lib.kam_policy_in_force, self._policy(kind), name_text(name), day_number(day),
                          kind=ctypes.c_int64)

    def _policy(self, kind: str) -> int:
        policy = self.kinds["policy"]
        return self._number(policy, policy.field("kind"), kind.upper())

    # ---------------------------------------- runs

    def scheme(self, name: str, day: DayLike = None) -> Scheme:
        """The grade scheme in force on a day."""
        return Scheme(self._made(lib.kam_scheme_open, name_text(name), day_number(day)), self)

    def grading_run(self, scheme: Union[Scheme, str], as_of: DayLike = None) -> Run:
        """Grades all accounts of a scheme's population: a Scheme, or the name of the one in force on the day."""
        of = self.scheme(scheme, as_of) if isinstance(scheme, str) else scheme
        return Run(self._made(lib.kam_grading_run, of._p, day_number(as_of)), (self, of), self.kinds)

    def scorecard(self, name: str, day: DayLike = None) -> Scorecard:
        """The scorecard in force on a day."""
        return Scorecard(self._made(lib.kam_scorecard_open, name_text(name), day_number(day)), self)

    def scoring_run(self, card: Union[Scorecard, str], as_of: DayLike = None) -> Run:
        """Scores all accounts that are not disqualified: by a Scorecard, or the name of the one in force on the day."""
        of = self.scorecard(card, as_of) if isinstance(card, str) else card
        return Run(self._made(lib.kam_scoring_run, of._p, day_number(as_of)), (self, of), self.kinds)

    def segment(self, name: str, day: DayLike = None) -> Segment:
        """The segment in force on a day."""
        return Segment(self._made(lib.kam_segment_open, name_text(name), day_number(day)), self)

    def segment_run(self, segment: Union[Segment, str], as_of: DayLike = None) -> Run:
        """Who is in a segment, who joined and who left: a Segment, or the name of the one in force on the day."""
        of = self.segment(segment, as_of) if isinstance(segment, str) else segment
        return Run(self._made(lib.kam_segment_run, of._p, day_number(as_of)), (self, of), self.kinds)

    def value_run(self, as_of: DayLike = None, **options: Any) -> Run:
        """Values every account with a ledger row in the window; options: from_, to, currency, and share_a and share_b
        in 10^-4."""
        return Run(self._made(lib.kam_value_run, _window(options), day_number(as_of)), self, self.kinds)

    def value_periods(self, period: str, as_of: DayLike = None, **options: Any) -> Rows:
        """Sums per account and "month", "quarter" or "year"; options as in value_run()."""
        return self._rows(lib.kam_value_periods, _window(options), choice("PERIOD", period), day_number(as_of))

    @property
    def value(self) -> Any:
        """What accounts are worth: the methods of kam.value.Value over this book."""
        from .value import Value
        return Value(self)

    def run(self, id: int) -> Run:
        """A stored run."""
        return Run(self._made(lib.kam_run_open, id), self, self.kinds)

    def undo(self, id: int) -> Run:
        """The run that puts back what a stored one changed: look at it, then apply it."""
        return Run(self._made(lib.kam_run_undo, id), self, self.kinds)

    def report_html(self, as_of: DayLike = None, *, title: Optional[str] = None, lang: Optional[str] = None,
                    scheme: Optional[str] = None, from_: DayLike = None, to: DayLike = None, grading: int = 0,
                    scoring: int = 0, plan: int = 0) -> str:
        """The book on one HTML page that needs nothing else; grading, scoring, plan: ids of runs, 0 = the last ones
        applied. Write it as UTF-8."""
        window = (0, 0) if from_ is None and to is None else (day_number(from_, DAY_FIRST), day_number(to, DAY_END))
        options = struct_of("kam_report_options", title=title, lang=lang, scheme=scheme, grading=grading,
                            scoring=scoring, plan=plan, to=window[1])
        setattr(options, "from", window[0])
        return text_of(lib.kam_report_html, self._p, ctypes.byref(options), day_number(as_of), kinds=self.kinds).decode()

    # ---------------------------------------- visits

    def visit_plan(self, start: DayLike = None, days: int = 28, *, representatives: Sequence[int] = (),
                   frozen_days: int = 0, cadence: Optional[str] = None, visits_a_day: int = 0, calls_a_day: int = 0,
                   seed: int = 1, iterations: int = 0, day_begin: int = 0, day_end: int = 0, driving_a_day: int = 0,
                   visit_minutes: int = 0, speed: int = 0, detour: int = 0) -> VisitPlan:
        """Sets up a plan: from `start` (None = the day after as_of of the run), of these representatives (ids; none =
        all). Planned activities of the first `frozen_days` stay as they are. With `day_end` (minutes of the day) a day
        has room for what its hours hold."""
        people = (ctypes.c_int64 * len(representatives))(*representatives)
        options = struct_of("kam_visit_plan_options", days=days, frozen_days=frozen_days, cadence=cadence,
                            nrepresentative=len(representatives), visits_a_day=visits_a_day, calls_a_day=calls_a_day,
                            representative=people if representatives else None, seed=seed, iterations=iterations)
        hours = dict(day_begin=day_begin, day_end=day_end, driving_a_day=driving_a_day, visit_minutes=visit_minutes,
                     speed=speed, detour=detour)
        for name, value in hours.items():
            if value:
                setattr(options, name, value)
        setattr(options, "from", 0 if start is None else day_number(start))
        return VisitPlan(self._made(lib.kam_visit_plan_new, ctypes.byref(options)), self, self.kinds)

    def due(self, as_of: DayLike = None, *, cadence: Optional[str] = None, representative: int = 0) -> Rows:
        """Who is due or overdue on a day; representative 0 = all."""
        return self._rows(lib.kam_visit_due, name_text(cadence), representative, day_number(as_of))

    def visit_tasks(self, as_of: DayLike = None, *, representative: int = 0) -> Rows:
        """What is owed beside the cadence: proposals, invitations, thanks, callbacks, alerts; rows of DUE."""
        return self._rows(lib.kam_visit_tasks, representative, day_number(as_of))

    def visit_week(self, as_of: DayLike = None, *, cadence: Optional[str] = None, representative: int = 0) -> Rows:
        """The ISO week of a day and the one after it; rows of TIMELINE."""
        return self._rows(lib.kam_visit_week, name_text(cadence), representative, day_number(as_of))

    def visit_reviews(self, days: int, as_of: DayLike = None) -> Rows:
        """Representatives whose plan nobody has reviewed for `days`; rows of DUE."""
        return self._rows(lib.kam_visit_reviews, days, day_number(as_of))

    def visit_check(self, activity: Record, cadence: Optional[str] = None) -> Rows:
        """What is to be said against an activity before it is saved; rows of PROBLEM."""
        return self._rows(lib.kam_visit_check, activity._p, name_text(cadence))

    def visit_attainment(self, by: str, from_: DayLike, to: DayLike, as_of: DayLike = None, *,
                         verified: bool = False) -> Rows:
        """Plan against done in [from_, to), by "account", "grade", "representative" or "territory"."""
        return self._rows(lib.kam_visit_attainment, choice("ATTAINMENT_BY", by), day_number(from_), day_number(to),
                          flags_of("ATTAIN", verified=verified), day_number(as_of))

    def visit_checkin(self, activity: Record, at: Union[int, datetime.datetime], latitude: Optional[float] = None,
                      longitude: Optional[float] = None, system: str = "WGS84") -> None:
        """Checks in to a visit, at an aware datetime or ms UTC, and saves it with the distance to the account; system
        "WGS84" or "GCJ02"."""
        ms = at if isinstance(at, int) else round(at.timestamp() * 1000)
        self._do(lib.kam_visit_checkin, activity._p, ms, round((latitude or 0) * 1e6), round((longitude or 0) * 1e6),
                 choice("COORD_SYSTEM", system))

    def held(self, activity: Record) -> Optional[int]:
        """Saves an activity as held and plans its follow-up; returns that one's id, None = none was."""
        return self._made(lib.kam_visit_held, activity._p, kind=ctypes.c_int64) or None

    # ---------------------------------------- inside

    def _spare(self, kind: Kind) -> Record:
        if kind.name not in self._scratch:
            self._scratch[kind.name] = self.new(kind.name)
        self._scratch[kind.name].clear()
        return self._scratch[kind.name]

    def _number(self, kind: Kind, field: Field, value: Any) -> int:
        """A value as the whole number the library keeps: the library itself converts it."""
        if field.type == "DAY":
            return day_number(value)
        if isinstance(value, int) and field.type in ("INT", "ID", "REF", "BOOL"):
            return int(value)
        spare = self._spare(kind)
        spare._set(field, value)
        number = lib.kam_record_i64(spare._p, field.id, DAY_FIRST)
        if number == DAY_FIRST:
            raise Type(f'"{field.name}" has no whole number for {value!r}', kind=kind.name, field=field.name)
        return number


def _window(options: Dict[str, Any]) -> Any:
    given = {name.rstrip("_"): value for name, value in options.items()}
    for name, none in (("from", DAY_FIRST), ("to", DAY_END)):
        if "from" in given or "to" in given:
            given[name] = day_number(given.get(name), none)
    return ctypes.byref(struct_of("kam_value_options", **given))


def open_memory(**options: Any) -> Book:
    """A new book in memory; options as in Book."""
    return Book(None, **options)


def open_sqlite(path: str, *, mode: str = "own", create: bool = False, read_only: bool = False,
                ctx: Optional[Context] = None, **options: Any) -> Book:
    """A book in a SQLite file, over a connection of its own, which ends with the book; `create` makes the file, too."""
    with contextlib.ExitStack() as undo:
        connection = undo.enter_context(_Connection(path, create, read_only))
        store = undo.enter_context(Store.sqlite(connection._p, mode, ctx))
        book = Book(store, ctx=ctx, create=create, read_only=read_only, _owned=(store, connection), **options)
        undo.pop_all()
    return book


def open_file(path: str, *, create: bool = False, read_only: bool = False, ctx: Optional[Context] = None,
              **options: Any) -> Book:
    """A book in one file of the library's own store; `create` makes the file, too. read_only neither locks nor changes
    it."""
    if not create and not os.path.exists(path):
        raise NotFound(f"{path}: there is no such file; create=True makes it")
    store = Store.file(path, ctx, read_only)
    try:
        return Book(store, ctx=ctx, create=create, read_only=read_only, _owned=(store,), **options)
    except BaseException:
        store.close()
        raise


def schema_ddl(dialect: str) -> str:
    """CREATE TABLE and CREATE INDEX statements of all stored kinds, for "sqlite" or "postgresql"."""
    return text_of(lib.kam_schema_ddl, None, utf8(dialect)).decode()
