"""What tests/arrow.sh runs: every list of a small book, read by DuckDB's library and by pyarrow where they are."""
import ctypes
import datetime
import decimal
import sys

import kam

DAYS = datetime.date(2026, 1, 1)


def fill(book, accounts=5000):
    with book.import_("account", source="erp") as rows:
        rows.feed("ext_id,name,city,latitude,longitude\n" + "".join(
            f"C{i},客户 {i},{'苏州' if i % 3 else ''},31.{i:06d},120.5\n" for i in range(accounts)))
    with book.import_("ledger", source="erp") as rows:
        rows.feed("ext_id,account,day,event,amount,currency\n" + "".join(
            f"L{i},C{i % accounts},{DAYS + datetime.timedelta(i % 300)},SALE,{i}.25,{'CNY' if i % 2 else 'USD'}\n"
            for i in range(3 * accounts)))


def lists(book):
    """Name -> a function that makes the list anew."""
    book.save(book.new("rate", sell="USD", buy="CNY", valid_from="2026-01-01", rate="7.1"))
    run = book.grading_run("quota-20-40-40", as_of="2026-12-31")
    found = {kind: lambda kind=kind: book.query(kind).run() for kind in ("account", "ledger", "commit", "currency")}
    found["grade_item"] = lambda: run.rows("grade_item")
    found["field"] = lambda: book._rows(kam.lib.kam_schema_rows)
    return found


class DuckDB:
    def __init__(self, path):
        self.lib = lib = ctypes.CDLL(path)
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        assert lib.duckdb_open(None, ctypes.byref(self.database)) == 0
        assert lib.duckdb_connect(self.database, ctypes.byref(self.connection)) == 0
        lib.duckdb_value_varchar.restype = ctypes.c_void_p
        lib.duckdb_value_varchar.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64]
        lib.duckdb_arrow_scan.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        lib.duckdb_library_version.restype = lib.duckdb_result_error.restype = ctypes.c_char_p
        self.version = lib.duckdb_library_version().decode()

    def row(self, sql):
        result = (ctypes.c_uint64 * 16)()
        if self.lib.duckdb_query(self.connection, sql.encode(), ctypes.byref(result)):
            raise RuntimeError(f"{sql}: {self.lib.duckdb_result_error(ctypes.byref(result)).decode()}")
        self.lib.duckdb_column_count.restype = ctypes.c_uint64
        found = []
        for column in range(self.lib.duckdb_column_count(ctypes.byref(result))):
            text = self.lib.duckdb_value_varchar(ctypes.byref(result), column, 0)
            found.append(ctypes.string_at(text).decode() if text else None)
        self.lib.duckdb_destroy_result(ctypes.byref(result))
        return found

    def take(self, name, rows):
        """A list as a table."""
        stream = rows.arrow()
        assert self.lib.duckdb_arrow_scan(self.connection, b"given", ctypes.addressof(stream)) == 0, "arrow_scan failed"
        self.row(f'CREATE TABLE "{name}" AS SELECT * FROM given')
        self.row("DROP VIEW given")
        if stream.release:
            stream.release(ctypes.addressof(stream))

    def check(self, book):
        for name, make in lists(book).items():
            self.take(name, make())
            n, = self.row(f'SELECT count(*) FROM "{name}"')
            assert int(n) == sum(1 for _ in make()), (name, n)
            print(f"ok DuckDB {self.version}: {name}, {n} rows")
        want = {c: sum(decimal.Decimal(i) + decimal.Decimal("0.25") for i in range(15000) if i % 2 == (c == "CNY"))
                for c in ("CNY", "USD")}
        for currency, total in want.items():
            found, = self.row(f"SELECT sum(amount) FROM ledger WHERE currency = '{currency}'")
            assert decimal.Decimal(found) == total, (currency, found, total)
        found = self.row("SELECT typeof(amount), typeof(day), typeof(event), min(day), max(event) FROM ledger "
                         "GROUP BY ALL LIMIT 1")
        assert found[:3] == ["DECIMAL(38,6)", "DATE", "VARCHAR"], found
        found = self.row("SELECT count(city), typeof(any_value(latitude)), count(*) FROM account "
                         "WHERE name LIKE '客户%'")
        assert found == ["3333", "DOUBLE", "5000"], found
        found = self.row('SELECT typeof("at"), "at" > TIMESTAMPTZ \'2020-01-01 00:00:00+00\' FROM "commit" LIMIT 1')
        assert found[1] == "true" and found[0].startswith("TIMESTAMP"), found
        print(f"ok DuckDB {self.version}: sums, types, nulls")


def check_pyarrow(book):
    import pyarrow
    for name, make in lists(book).items():
        table = pyarrow.table(make())
        table.validate(full=True)
        assert table.num_rows == sum(1 for _ in make()), name
        print(f"ok pyarrow {pyarrow.__version__}: {name}, {table.num_rows} rows")
    amount = pyarrow.table(book.query("ledger").run()).column("amount")
    assert str(amount.type) == "decimal128(38, 6)" and amount[3].as_py() == decimal.Decimal("3.25")


def main():
    book = kam.open_memory(create=True, currency="CNY", actor="test")
    fill(book)
    met = 0
    if len(sys.argv) > 1 and sys.argv[1]:
        DuckDB(sys.argv[1]).check(book)
        met += 1
    else:
        print("SKIPPED DuckDB: libduckdb.so is not here")
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        print("SKIPPED pyarrow: not installed")
    else:
        check_pyarrow(book)
        met += 1
    print(f"{met} consumers")


main()
