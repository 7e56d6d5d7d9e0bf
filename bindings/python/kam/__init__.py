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
Scorecard, Scorer, Segment, VisitPlan, Route), each a context manager with close(), ended by itself when nothing refers
to it, in any order. Records have their fields as attributes and items, by the names of the library's schema
(`book.kinds`); values are int, float, str, bool, Decimal (money and decimals), date, datetime, and enums as str. Days
are given as date, ISO text or days since 1970. What fails raises a subclass of KamError. What each call means stands
in the C headers, under the same name.

The library is taken from the environment variable KAM_LIBRARY, from beside this file, or from the system. As in C, a
book and what was made from it are used by one thread at a time.
"""
from __future__ import annotations

from ._account import Account
from ._book import Book, open_file, open_memory, open_sqlite, schema_ddl
from ._c import (
    TODAY, DAY_FIRST, DAY_END, Aborted, Busy, Cancelled, Closed, Column, CommitUnknown, Conflict, Context, Corrupt,
    DayLike, Dead, Denied, Exists, Field, Full, Inval, Io, KamError, Limit, Nomem, NotFound, Parse, Policy, ReadOnly,
    Retry, Schema, Stale, Type, Unsupported, Utf8, day, version)
from ._query import Import, Query
from ._record import Kind, Kinds, Record, Row, Rows, kind_of
from ._run import Run, Scheme, Segment
from ._score import Reason, Score, Scorecard, Scorer, Scores, Why
from ._store import Condition, Scan, Store, StoreBase, Table, TableField
from ._visit import Route, VisitPlan

__all__ = [
    "TODAY", "DAY_FIRST", "DAY_END", "DayLike", "day", "version", "schema_ddl", "kind_of",
    "open_memory", "open_sqlite", "open_file",
    "Context", "Store", "Book", "Record", "Row", "Rows", "Query", "Import", "Run", "Why", "Score", "Account", "Scheme",
    "Scorecard", "Scorer", "Scores", "Reason", "Segment", "VisitPlan", "Route", "Column",
    "Kinds", "Kind", "Field", "StoreBase", "Table", "TableField", "Scan", "Condition", "KamError",
    *(error.__name__ for error in KamError.__subclasses__())]
