"""A store of one's own in Python: tables are dicts, and a transaction works on copies of those it writes.

A committed table is never changed again, so a snapshot is the dict of tables as it was, and rolling back is forgetting.
It passes the conformance kit of libkam-test (tests/python/test_kam.py). Run it to see a book on it:

    KAM_LIBRARY=build/libkam.so PYTHONPATH=bindings/python python3 examples/python/dict_store.py
"""
from __future__ import annotations

import operator
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import kam


class Rows:
    """The rows of one table by key, and the keys by unique value."""

    def __init__(self, by_key: Optional[Dict] = None, by_unique: Optional[Dict] = None):
        self.by_key: Dict[int, Dict[str, Any]] = dict(by_key or {})
        self.by_unique: Dict[Tuple, int] = dict(by_unique or {})

    def copy(self) -> "Rows":
        return Rows(self.by_key, self.by_unique)


class Data:
    """What several connections share: committed tables, their fields, who writes, ids given."""

    def __init__(self) -> None:
        self.tables: Dict[str, Rows] = {}
        self.fields: Dict[str, Dict[str, str]] = {}
        self.writer: Optional["DictStore"] = None
        self.reserved: Dict[int, int] = {}


MATCH: Dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "prefix": str.startswith}


def matches(condition: kam.Condition, row: Dict[str, Any]) -> bool:
    """Texts compare as their UTF-8 bytes do, which is the order of Python's str."""
    value = row.get(condition.field)
    if value is None or condition.op == "null":
        return value is None and condition.op == "null"
    if condition.op == "in":
        return value in condition.values
    return MATCH[condition.op](value, condition.values[0])


class DictStore(kam.StoreBase):
    """One connection to Data."""

    def __init__(self, data: Optional[Data] = None):
        self.data = data or Data()
        self.mode = ""                                  # "", "read", "write", "failed"
        self.tables: Dict[str, Rows] = {}               # as the open transaction sees them
        self.copied: set = set()

    # ------------------------------------------------------------ transactions

    def begin(self, write: bool) -> None:
        if write and self.data.writer is not None:
            raise kam.Busy("another connection writes")
        if write:
            self.data.writer = self
        self.mode, self.tables, self.copied = "write" if write else "read", dict(self.data.tables), set()

    def end(self, how: str) -> None:
        mode, tables, self.mode, self.tables = self.mode, self.tables, "", {}
        if self.data.writer is self:
            self.data.writer = None
        if mode == "failed" and how != "abort":
            raise kam.Aborted("a write of this transaction failed")
        if mode == "write" and how != "abort":
            self.data.tables = tables

    # ------------------------------------------------------------ reading

    def scan(self, scan: kam.Scan) -> Iterator[Dict[str, Any]]:
        if self.mode == "failed":
            raise kam.Aborted("a write of this transaction failed")
        tables = self.tables if self.mode else self.data.tables
        scan.handled = (1 << len(scan.conditions)) - 1  # all conditions; order and limit are the library's
        for row in tables.get(scan.table.relation, Rows()).by_key.values():
            if all(matches(condition, row) for condition in scan.conditions):
                yield row

    # ------------------------------------------------------------ writing

    def write(self, table: kam.Table, op: str, rows: List[Dict[str, Any]]) -> None:
        if self.mode != "write":
            raise kam.Aborted("a write failed before") if self.mode == "failed" else kam.Inval("no write transaction")
        if table.relation not in self.copied:
            self.tables[table.relation] = self.tables.get(table.relation, Rows()).copy()
            self.copied.add(table.relation)
        try:
            for i, row in enumerate(rows):
                self.write_row(self.tables[table.relation], table, op, row, i)
        except BaseException:
            self.mode = "failed"
            raise

    def write_row(self, at: Rows, table: kam.Table, op: str, row: Dict[str, Any], i: int) -> None:
        key = row[table.key]
        old = at.by_key.get(key)
        if op == "insert" and old is not None:
            raise kam.Exists(f"{table.name}: key {key} is taken", row=i)
        if op != "insert":
            if old is None:
                raise kam.NotFound(f"{table.name}: there is no row {key}", row=i)
            if "rev" in row and old.get("rev") != row["rev"] - 1:
                raise kam.Conflict(f"{table.name}: row {key} has rev {old.get('rev')}, not {row['rev'] - 1}", row=i)
            at.by_unique.pop(self.unique(table, old) or (), None)
            del at.by_key[key]
        if op == "delete":
            return
        new = {**old, **row} if old else row
        unique = self.unique(table, new)
        if unique and at.by_unique.setdefault(unique, key) != key:
            raise kam.Exists(f"{table.name}: {'/'.join(map(str, unique))} is taken", row=i)
        at.by_key[key] = new

    @staticmethod
    def unique(table: kam.Table, row: Dict[str, Any]) -> Optional[Tuple]:
        found = tuple(row.get(name) for name in table.unique)
        return found if found and None not in found else None

    # ------------------------------------------------------------ tables and ids

    def prepare(self, tables: List[kam.Table], how: str, report: Any) -> None:
        missing = 0
        for table in tables:
            known = self.data.fields.get(table.relation)
            lacking = [field.name for field in table.fields if known is None or known.get(field.name) != field.type]
            if how == "check" and lacking:
                report(f"{table.relation} lacks {', '.join(lacking)}", table, lacking[0])
                missing += 1
            elif how == "upgrade" or known is None:
                self.data.fields[table.relation] = {field.name: field.type for field in table.fields}
        if missing:
            raise kam.Schema(f"{missing} tables are missing or lack fields")

    def reserve(self, table: int, count: int) -> int:
        first = self.data.reserved.get(table, 1)
        self.data.reserved[table] = first + count
        return first

    def close(self) -> None:
        if self.data.writer is self:
            self.data.writer = None


def main() -> None:
    """A book on a DictStore, closed, and opened again on the same data."""
    data = Data()
    with kam.Book(DictStore(data), create=True, currency="CNY", actor="example") as book:
        book.save(book.new("account", name="Acme Pumps", city="Suzhou"))
    with kam.Book(DictStore(data)) as book:
        for account in book.query("account"):
            print(account.id, account.name, account.city)
    print({name: len(rows.by_key) for name, rows in data.tables.items() if rows.by_key})


if __name__ == "__main__":
    main()
