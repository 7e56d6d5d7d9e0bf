"""Kinds, records and lists of records, for the package kam.

A record's fields are known by the names of the book's schema (Kinds); a Row is a copy of what was read, a Record is the
library's own and can be changed, Rows is a list read once: row by row, block by block, as text, or as an Arrow stream.
"""
from __future__ import annotations

import ctypes
import difflib
import json
import os
import weakref
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from ._c import (Closed, Field, Handle, K, NotFound, T, canonical, choice, column_of, do, flags_of, lib, listed,
                 struct_of, text_of, value_of)

if TYPE_CHECKING:
    from ._book import Book


class BookHandle(Handle):
    """A handle that can answer with lists of records."""
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


class Record(_Fields, BookHandle):
    """A record to be read, changed by its attributes, and saved (Book.new, Book.get, Account.record)."""
    __slots__ = ("_kind", "_owner")
    _end = lib.kam_record_free

    def __init__(self, pointer: int, kinds: Kinds, owner: Optional[BookHandle] = None, keep: Any = None):
        BookHandle.__init__(self, pointer, keep, kinds)
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
            BookHandle.close(self)
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


# ---------------------------------------------------------------- lists

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


class Rows(BookHandle):
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
                            flags=flags_of("EXPORT", labels=labels, bom=bom, raw=raw, excel=excel),
                            separator=ord(separator or "\0"))
        while True:
            piece = text_of(lib.kam_rows_export, self._p, ctypes.byref(options), kinds=self._kinds)
            if not piece:
                return
            yield piece

    def save(self, path: Any, format: Optional[str] = None, *, labels: bool = False, lang: Optional[str] = None,
             bom: bool = False, raw: bool = False, separator: Optional[str] = None, excel: bool = False) -> None:
        """Writes the rest to a file, by name or open for bytes. format: "csv", "json", "jsonl", "icalendar"
        (activities, plan entries, plan changes), "vcard" (contacts); None = by the name."""
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
