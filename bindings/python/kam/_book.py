"""Books, for the package kam: connections to stores, records, transactions, history, policies, and how to open one.

What a book has for runs and for visits stands in _run.py and _visit.py.
"""
from __future__ import annotations

import atexit
import contextlib
import ctypes
import json
import os
import weakref
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ._account import Account
from ._c import (DAY_END, DAY_FIRST, Context, DayLike, Field, Handle, NotFound, T, Type, choice, column_of, day_number,
                 flags_of, json_text, lib, listed, made, name_text, struct_of, text_of, utf8, word_of)
from ._query import Import, Query
from ._record import Kind, Kinds, Record, Rows, kind_of
from ._run import Runs
from ._store import Connection, Store, StoreBase
from ._visit import Visits

_open_books: "weakref.WeakSet[Book]" = weakref.WeakSet()


@atexit.register
def _close_books() -> None:
    for book in list(_open_books):
        book.close()


class Book(Runs, Visits):
    """A connection to a store. Without a store it is a new one in memory. `create` makes what is missing, `upgrade`
    adds what a newer version needs; scope, actor, zone, lang, currency as in kam_book_options."""
    __slots__ = ("kinds", "_owned", "_scratch", "_commit")
    _end = lib.kam_book_close

    def __init__(self, store: Union[Store, StoreBase, None] = None, *, ctx: Optional[Context] = None,
                 create: bool = False, read_only: bool = False, upgrade: bool = False, lazy: bool = False,
                 no_snapshot: bool = False, scope: Optional[str] = None, actor: Optional[str] = None,
                 zone: Optional[str] = None, lang: Optional[str] = None, currency: Optional[str] = None,
                 max_keys: int = 0, _owned: Sequence[Handle] = ()):
        ctx = ctx or Context()
        if isinstance(store, StoreBase):
            store = Store(store, ctx=ctx)
            _owned = (store,)
        flags = flags_of("BOOK", create=create, read_only=read_only, upgrade=upgrade, lazy=lazy,
                         no_snapshot=no_snapshot)
        options = struct_of("kam_book_options", flags=flags, scope=scope, actor=actor, zone=zone, lang=lang,
                          currency=currency, max_keys=max_keys)
        self._open(made(lib.kam_book_open, ctx._p, store and store._p, ctypes.byref(options)), (ctx, store), _owned)

    def _open(self, pointer: int, keep: Any, owned: Sequence[Handle] = (), kinds: Optional[Kinds] = None) -> None:
        Handle.__init__(self, pointer, keep)
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
        """Erases the personal data of an entity, in the record and its history; the record stays. The store may keep
        the old bytes until Store.purge()."""
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

    @property
    def value(self) -> Any:
        """What accounts are worth: the methods of kam.value.Value over this book."""
        from .value import Value
        return Value(self)

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


def open_memory(**options: Any) -> Book:
    """A new book in memory; options as in Book."""
    return Book(None, **options)


def open_sqlite(path: str, *, mode: str = "own", create: bool = False, read_only: bool = False,
                ctx: Optional[Context] = None, **options: Any) -> Book:
    """A book in a SQLite file, over a connection of its own, which ends with the book; `create` makes the file, too."""
    with contextlib.ExitStack() as undo:
        connection = undo.enter_context(Connection(path, create, read_only))
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
