"""Tests of bindings/python and examples/python, on the library that KAM_LIBRARY names; run by any Python from 3.9 on:

    KAM_LIBRARY=build/libkam.so python3 tests/python/test_kam.py

libkam-test.a, libkam-sqlite and the program kam are taken from the folder of that library. A test is skipped, by name,
where the file it needs is not there.
"""
import ctypes
import datetime
import decimal
import gc
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.abspath(os.environ.get("KAM_LIBRARY", "libkam.so")))
BINDING, EXAMPLES = os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, "examples", "python")
sys.path[:0] = [BINDING, EXAMPLES, os.path.dirname(os.path.abspath(__file__))]

import kam  # noqa: E402
from kam import _c as kam_c  # noqa: E402
from kam.rule import Rule  # noqa: E402
import dict_store  # noqa: E402
from test_score import Scoring  # noqa: E402,F401
from test_strategy import Strategy  # noqa: E402,F401
from test_surface import Surface  # noqa: E402,F401
from test_value import Engines, Example, OverABook  # noqa: E402,F401

SCHEME = "quota-20-40-40"
DAY = datetime.date(2026, 3, 1)
UTC = datetime.timezone.utc


def built(name):
    """A file of the build; skips the test where it is not there."""
    path = os.path.join(BUILD, name)
    if not os.path.exists(path):
        raise unittest.SkipTest(f"{path} is not there")
    return path


def compile_c(folder, text, *arguments):
    path = os.path.join(folder, "test.c")
    with open(path, "w") as file:
        file.write(text)
    return subprocess.run(["cc", "-std=c11", "-I", os.path.join(ROOT, "include"), path, *arguments],
                          stderr=subprocess.PIPE, universal_newlines=True)


class Case(unittest.TestCase):
    """Each test has a folder and a book in memory, with a clock of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.now = datetime.datetime(2026, 3, 31, 12, tzinfo=UTC)
        self.book = self.open()
        self.addCleanup(lambda: self.book.close())

    def open(self, store=None, **options):
        return kam.Book(store, ctx=kam.Context(now=lambda: self.now), create=True, currency="CNY", actor="test",
                        **options)

    def account(self, name="Acme", **values):
        record = self.book.new("account", name=name, **values)
        self.book.save(record)
        return record

    def sell(self, account, amount, day=DAY, **values):
        return self.book.save(self.book.new("ledger", account=account, event="SALE", amount=amount, day=day, **values))

    def some(self):
        """Three accounts with sales; their ids."""
        ids = [self.account(name, city=city).id for name, city in (("A", "Suzhou"), ("B", "Ningbo"), ("C", "Suzhou"))]
        for id, amount in zip(ids, ("300.00", "200.00", "100.00")):
            self.sell(id, amount)
        return ids

    def path(self, name):
        return os.path.join(self.folder, name)


class Header(Case):
    """The declarations the binding goes by are those of the C headers."""

    def test_prototypes_and_layout(self):
        with open(os.path.join(ROOT, "bindings", "kam_ffi.h")) as file:
            text = file.read()
        checks = ["#include <kam.h>", "#include <kam/spi/storage.h>", "#include <stddef.h>"]
        again = kam_c.Declarations(text)
        for declaration in text.split(";\n"):           # C refuses a second declaration of another type
            if (declaration.rstrip().endswith(")") and not declaration.startswith((" ", "typedef"))
                    and "{" not in declaration):
                checks.append(declaration + ";")
        for name, kind in again.types.items():
            if isinstance(kind, type) and issubclass(kind, ctypes.Structure):
                name = "struct " + name if name.startswith("Arrow") else name
                checks.append(f'_Static_assert(sizeof({name}) == {ctypes.sizeof(kind)}, "{name}");')
                for member, _ in kind._fields_:
                    offset = getattr(kind, member).offset
                    checks.append(f'_Static_assert(offsetof({name}, {member}) == {offset}, "{name}.{member}");')
        for name, value in again.constants.items():
            if name != "KAM_VERSION" and not name.startswith("KAM_STORE_ABI"):
                checks.append(f'_Static_assert({name} == {value}, "{name}");')
        done = compile_c(self.folder, "\n".join(checks), "-fsyntax-only")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(len(again.functions), 90)
        self.assertGreater(len(checks), 600)

    def test_parser(self):
        result, arguments = kam_c.declared.functions["kam_book_find"]
        self.assertEqual((result, arguments), (ctypes.c_int32, [
            ctypes.POINTER(ctypes.c_int64), ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_char_p,
            ctypes.c_size_t, ctypes.c_void_p]))
        self.assertEqual(kam_c.declared.functions["kam_record_text"][0], ctypes.c_char_p)
        self.assertEqual(kam_c.declared.functions["kam_error_free"][0], None)
        found = kam_c.Declarations("typedef struct s { const char *a, *b; uint8_t c[3]; int32_t (*d)(void *p); } s;")
        self.assertEqual([(name, kind) for name, kind in found.types["s"]._fields_[:3]],
                         [("a", ctypes.c_char_p), ("b", ctypes.c_char_p), ("c", ctypes.c_uint8 * 3)])

    def test_another_declaration_is_found(self):
        done = compile_c(self.folder, "#include <kam.h>\nint32_t kam_book_commit(kam_book *book);\n", "-fsyntax-only")
        self.assertNotEqual(done.returncode, 0)

    def test_every_function_is_bound(self):
        declared = set(kam_c.declared.functions)
        self.assertEqual(declared - set(vars(kam_c.lib)), set())
        self.assertEqual(kam.version(), "0.1.0")

    def test_every_code_has_a_class(self):
        codes = {value for name, value in kam_c.K.items() if name.startswith("KAM_E_")}
        self.assertEqual(codes, set(kam.KamError._by_code))
        self.assertEqual((kam.CommitUnknown.name, kam.CommitUnknown.code), ("KAM_E_COMMIT_UNKNOWN", -25))

    def test_no_library(self):
        environment = {**os.environ, "KAM_LIBRARY": "/nowhere/libkam.so"}
        done = subprocess.run([sys.executable, "-c", "import kam"], cwd=BINDING, env=environment,
                              stderr=subprocess.PIPE, universal_newlines=True)
        self.assertIn("ImportError: libkam was not found: /nowhere/libkam.so", done.stderr)


class Days(Case):
    def test_day(self):
        self.assertEqual(kam.day("2026-03-01"), DAY)
        for same in (DAY, "2026-03-01", 20513):
            self.assertEqual(self.book.seq(same), 0)
        self.assertEqual(self.book.seq(), 1)
        self.assertEqual(self.book.seq(kam.TODAY), 1)
        with self.assertRaises(kam.Parse):
            kam.day("2026-02-30")
        with self.assertRaises(TypeError):
            self.book.seq(1.5)


class Errors(Case):
    def test_detail(self):
        record = self.book.new("account", name="Acme")
        with self.assertRaises(kam.Parse) as caught:
            record.customer_since = "soon"
        error = caught.exception
        self.assertEqual((error.code, error.name), (-14, "KAM_E_PARSE"))
        self.assertEqual((error.kind, error.field), ("account", "customer_since"))
        self.assertIn("soon", error.message)
        self.assertEqual(str(error), error.message)
        self.assertEqual((error.row, error.line, error.offset, error.native), (None, None, None, 0))

    def test_place(self):
        with self.assertRaises(kam.KamError) as caught:
            kam.Scheme.parse('{\n "name": "x",\n "rule": }')
        self.assertEqual((caught.exception.line, caught.exception.column), (3, 10))

    def test_row(self):
        imp = self.book.import_("ledger", source="erp", stop_at_first=True)
        with self.assertRaises(kam.KamError) as caught:
            imp.feed("ext_id,account,event,day,amount\n1,nobody,SALE,2026-03-01,1.00\n")
            imp.finish()
        self.assertEqual((caught.exception.line, caught.exception.field), (2, "account"))
        self.assertIsInstance(caught.exception.row, int)

    def test_classes(self):
        acme = self.account()
        with self.assertRaises(kam.NotFound):
            self.book.get("account", 4711)
        with self.assertRaises(KeyError):               # a NotFound is one
            self.book.find("account", "nobody")
        old = self.book.get("account", acme.id)
        acme.city = "Suzhou"
        self.book.save(acme)
        old.city = "Ningbo"
        with self.assertRaises(kam.Conflict):
            self.book.save(old)
        with self.assertRaises(kam.Policy):
            self.book.scheme("no-such-scheme")
        with self.assertRaises(kam.Inval):
            self.book.begin() or self.book.begin()
        self.book.rollback()

    def test_names(self):
        for wrong, right in (("acount", "account"), (4711, None)):
            with self.assertRaises(kam.NotFound) as caught:
                self.book.kinds[wrong]
            self.assertIn(right or "4711", caught.exception.message)
        self.assertIn("account", self.book.kinds)
        self.assertNotIn("acount", self.book.kinds)
        record = self.book.new("account")
        with self.assertRaisesRegex(AttributeError, 'did you mean "city"'):
            record.citty
        with self.assertRaisesRegex(AttributeError, "citty"):
            record.citty = "Suzhou"
        with self.assertRaises(kam.NotFound):
            record["citty"]
        self.assertFalse(hasattr(record, "citty"))
        with self.assertRaisesRegex(kam.Inval, "own, savepoint, host"):
            kam.Store(dict_store.DictStore(), mode="mine")

    def test_text(self):
        record = self.book.new("account")
        with self.assertRaises(kam.Utf8) as caught:
            record.name = "a\0b"
        self.assertEqual(caught.exception.offset, 1)

    def test_threads_have_their_own(self):
        seen = []

        def work():
            with kam.open_memory(create=True) as book:
                try:
                    book.get("account", 1)
                except kam.NotFound as error:
                    seen.append(error.message)
        threads = [threading.Thread(target=work) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual(len(seen), 4)


class Records(Case):
    def test_no_field_is_hidden(self):
        """No method of a record has the name of a field."""
        names = {name for kind in self.book.kinds.values() for name in kind.fields}
        for cls in (kam.Row, kam.Record):
            self.assertEqual(names & {name for name in dir(cls) if not name.startswith("_")}, set(), cls)

    def test_kinds(self):
        field = self.book.kinds["account"].field("city")
        self.assertEqual((field.name, field.type, field.label(), field.label("zh")), ("city", "TEXT", "City", "城市"))
        self.assertTrue(all(kind.number for kind in self.book.kinds.values()))
        self.assertEqual(self.book.kinds["account"].field("size").values, ("LARGE", "MEDIUM", "SMALL", "MICRO"))

    def test_values(self):
        self.account("Mother")
        record = self.account(
            kind="ORGANISATION", customer_since=DAY, employees=120, credit_limit=decimal.Decimal("50000.00"),
            potential=100000, loyalty="7.5", latitude=decimal.Decimal("31.299379"), longitude="120.585316",
            coord_system="WGS84", parent=1, size="LARGE")
        row = next(self.book.query("account").where(id=record.id).run())
        for read in (record, self.book.get("account", record.id), row):
            self.assertEqual((read.customer_since, read.employees, read.parent, read.size), (DAY, 120, 1, "LARGE"))
            self.assertEqual([str(read[name]) for name in ("credit_limit", "potential", "latitude")],
                             ["50000.00", "100000.00", "31.299379"])
            self.assertIsInstance(read.credit_limit, decimal.Decimal)
            self.assertEqual(read.loyalty, decimal.Decimal("7.5"))
            self.assertIsNone(read.city)
            self.assertEqual((read["name"], read.get("city", "-")), ("Acme", "-"))
            self.assertEqual(("city" in read, "name" in read), (False, True))
            self.assertEqual(dict(read)["id"], record.id)
            self.assertEqual(kam.kind_of(read), "account")
            self.assertEqual(read.kind, "ORGANISATION")
            self.assertIn("name='Acme'", repr(read))

    def test_bool_instant_local_double(self):
        visit = self.book.new("activity", locked=True, start=datetime.datetime(2026, 3, 2, 9, 30))
        self.assertIs(visit.locked, True)
        self.assertEqual(visit.start, datetime.datetime(2026, 3, 2, 9, 30))
        commit = next(self.book.query("commit").run())
        self.assertEqual(commit.at, self.now)
        self.some()
        self.assertIsInstance(self.book.value_run(DAY).record.gini, float)
        record = self.book.new("run")
        record.gini = 0.1
        self.assertEqual(record.gini, 0.1)

    def test_money_is_exact(self):
        with self.assertRaises(TypeError):
            self.account(credit_limit=0.1)
        with self.assertRaises(kam.Limit):
            self.account(credit_limit="1.005")

    def test_reference_by_key(self):
        self.account(source="erp", ext_id="C1")
        sale = self.book.new("ledger", account="erp:C1", event="SALE", amount="1.00", day=DAY)
        self.assertEqual(sale.account, "erp:C1")
        self.book.save(sale)
        self.assertEqual(sale.account, self.book.find("account", "C1", source="erp"))

    def test_change_and_remove(self):
        record = self.account(city="Suzhou", note="x")
        del record["city"]
        record.update({"note": None}, employees=3)
        record["phone"] = "1"
        self.assertEqual(sorted(record.keys()), ["employees", "id", "name", "phone", "rev", "seq"])
        record.customer_since = 0
        self.assertEqual(record.customer_since, datetime.date(1970, 1, 1))
        record.clear()
        self.assertEqual(record.keys(), [])

    def test_keyword_names(self):
        record = self.book.new("class", account=self.account().id, class_="KEY", dimension="x")
        self.assertEqual((record["class"], record.class_), ("KEY", "KEY"))

    def test_own_fields(self):
        self.book.save(self.book.new("field", kind="account", name="x_risk", type="DECIMAL", scale=2, label_en="Risk",
                                     label_zh="风险"))
        record = self.account(x_risk="0.25")
        self.assertEqual(record.x_risk, decimal.Decimal("0.25"))
        found = self.book.query("account").where("x_risk", ">", "0.2")
        self.assertEqual([row.x_risk for row in found], [record.x_risk])

    def test_delete(self):
        record = self.account()
        self.book.delete("account", record.id, record.rev)
        with self.assertRaises(kam.NotFound):
            self.book.get("account", record.id)

    def test_erase(self):
        person = self.book.new("contact", name="Wu Lei", mobile="139", title="buyer")
        self.book.save(person)
        self.book.erase("contact", person.id, "asked for 要求删除")
        self.assertEqual([self.book.get("contact", person.id).get(name) for name in ("name", "mobile", "title")],
                         ["(erased)", None, "buyer"])
        self.assertEqual({row["reason"] for row in self.book.query("change")}, {"erased: asked for 要求删除"})
        with self.assertRaises(kam.Unsupported):
            self.book.erase("product", 1)

    def test_purge(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "b.kam")
            with kam.Store.file(path) as store, kam.Book(store, create=True, currency="CNY") as book:
                person = book.new("contact", name="Ouyang Xiangfei")
                book.save(person)
                book.erase("contact", person.id)
                store.purge()
                with open(path, "rb") as file:
                    self.assertNotIn(b"Ouyang", file.read())
        with kam.Store.memory() as store, self.assertRaises(kam.Unsupported):
            store.purge()


class Lists(Case):
    def test_iteration(self):
        ids = self.some()
        rows = self.book.query("account").run()
        self.assertEqual(rows.kind, "account")
        found = list(rows)                              # rows are copies: they outlive the list and each other
        rows.close()
        self.assertEqual([(row.id, row.name) for row in found], list(zip(ids, "ABC")))
        self.assertEqual(list(self.book.query("account"))[0], found[0])
        self.assertNotEqual(found[0], found[1])

    def test_query(self):
        ids = self.some()

        def found(*condition, **equal):
            return [row.name for row in self.book.query("account").where(*condition, **equal).order("name", down=True)]
        self.assertEqual(found(city="Suzhou"), ["C", "A"])
        self.assertEqual(found("city", "prefix", "N"), ["B"])
        self.assertEqual(found("id", "in", ids[1:]), ["C", "B"])
        self.assertEqual(found("note", "null"), ["C", "B", "A"])
        self.assertEqual(found(note=None), ["C", "B", "A"])
        self.assertEqual(found("rev", ">", 1), [])
        sales = self.book.query("ledger")
        self.assertEqual(len(list(sales.where("day", "<=", DAY).where("event", "in", ["SALE", "RETURN"]))), 3)
        sales.where("amount", ">=", "150.00").limit(1, skip=1)
        self.assertEqual([str(row.amount) for row in sales], ["200.00"])
        with self.assertRaisesRegex(kam.Inval, "no operator"):
            sales.where("day", "~", DAY)

    def test_arrow(self):
        self.account("Acme", credit_limit="12.50")
        self.account("Bolt")
        T = kam_c.T
        rows = self.book.query("account").select("name", "credit_limit").run()
        stream = rows.arrow()
        self.assertRaises(kam.Closed, next, rows)
        address, schema, batch = ctypes.addressof(stream), T["ArrowSchema"](), T["ArrowArray"]()
        self.assertEqual(stream.get_schema(address, ctypes.byref(schema)), 0)
        children = ctypes.cast(schema.children, ctypes.POINTER(ctypes.POINTER(T["ArrowSchema"])))
        self.assertEqual([ctypes.string_at(children[i].contents.format) for i in range(2)], [b"u", b"d:38,6"])
        self.assertEqual(stream.get_next(address, ctypes.byref(batch)), 0)
        self.assertEqual((batch.length, batch.n_children), (2, 2))
        stream.release(address)
        self.book.close()
        for struct in (batch, schema):                  # they live on alone
            struct.release(ctypes.addressof(struct))
            self.assertFalse(struct.release)

    def test_duplicates_totals_and_encodings(self):
        with self.book.import_("account", source="erp", encoding="GB18030") as rows:
            rows.feed("ext_id,name,phone\nC1,苏州泵业,0512-63291234\nC2,泵,+86 512 6329 1234\n".encode("gb18030"))
        pair, = self.book.duplicates()
        self.assertEqual((pair.name, pair.reason, pair.certain), ("苏州泵业", "PHONE", True))
        self.assertEqual(list(self.book.duplicates("contact")), [])
        self.assertIn('"=""0512-63291234"""', self.book.query("account").run().text(excel=True))
        ledger = self.book.import_("ledger", source="erp")
        ledger.feed("account,day,event,amount\nC1,2026-03-01,SALE,2.50\nC1,2026-03-09,SALE,1\n")
        ledger.finish()
        total, = ledger.totals()
        self.assertEqual((total.month, total.rows, total.amount), (DAY, 2, decimal.Decimal("3.50")))

    def test_arrow_capsule(self):
        self.account("Acme")
        held = len(kam._record._streams)
        capsule = self.book.query("account").run().__arrow_c_stream__()
        self.assertIn("arrow_array_stream", repr(capsule))
        self.assertEqual(len(kam._record._streams), held + 1)
        del capsule                                     # nobody took it: it ends what it holds
        self.assertEqual(len(kam._record._streams), held)

    def test_select_and_columns(self):
        self.some()
        query = self.book.query("ledger").select("account", "amount", "note", "event", "day")
        block, = query.run().columns()
        self.assertEqual(block["amount"], [30000, 20000, 10000])
        self.assertEqual((block["note"], block["day"]), ([None] * 3, [20513] * 3))
        block, = query.run().columns(arrays=True)
        data, valid = block["amount"]
        self.assertEqual((data.format, data.tolist(), valid), ("q", [30000, 20000, 10000], None))
        self.assertEqual((block["day"].data.format, block["note"].valid[0] & 7), ("i", 0))
        names, = self.book.query("account").select("name").run().columns()
        self.assertEqual(names, {"name": ["A", "B", "C"]})

    def test_many_blocks(self):
        with self.book.import_("account", source="erp") as imp:
            imp.feed("ext_id,name\n" + "".join(f"C{i},N{i}\n" for i in range(70000)))
        sizes = [len(block["id"]) for block in self.book.query("account").select("id").run().columns()]
        self.assertEqual(sum(sizes), 70000)
        self.assertGreater(len(sizes), 1)
        self.assertEqual(sum(1 for _ in self.book.query("account").select("id")), 70000)

    def test_save(self):
        self.some()
        query = self.book.query("account").select("name", "city").limit(2)
        self.assertEqual(query.run().text().splitlines(), ["name,city", "A,Suzhou", "B,Ningbo"])
        query.run().save(self.path("a.csv"), labels=True, lang="zh", separator=";")
        with open(self.path("a.csv"), encoding="utf-8") as file:
            self.assertEqual(file.readline().strip(), "名称;城市")
        query.run().save(self.path("a.json"))
        with open(self.path("a.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)[1], {"name": "B", "city": "Ningbo"})
        out = io.BytesIO()
        query.run().save(out, format="jsonl")
        self.assertEqual(json.loads(out.getvalue().splitlines()[0])["city"], "Suzhou")
        self.assertEqual(query.run().text(bom=True)[0], "\ufeff")
        for wrong in ("icalendar", "vcard", "excel"):
            with self.assertRaises(kam.Inval):
                query.run().text(wrong)
        self.book.save(self.book.new("contact", name="Li Na", email="li@acme.example"))
        self.book.query("contact").run().save(self.path("a.vcf"))
        with open(self.path("a.vcf"), encoding="utf-8") as file:
            self.assertIn("FN:Li Na", file.read())


class Imports(Case):
    CSV = "ext_id,name,city\nC1,Acme,Suzhou\nC2,Bolt,Ningbo\n"

    def counts(self, report):
        return [report[name] for name in ("new", "changed", "unchanged", "corrected", "rejected")]

    def test_report(self):
        with self.book.import_("account", source="erp", batch="1") as imp:
            imp.feed(self.CSV[:20])
            imp.feed(self.CSV[20:].encode())
        self.assertEqual(self.counts(imp.report), [2, 0, 0, 0, 0])
        imp = self.book.import_("account", source="erp")
        imp.feed(self.CSV.replace("Ningbo", "Wuxi"))
        self.assertEqual(self.counts(imp.finish()), [0, 1, 1, 0, 0])
        with self.assertRaises(kam.Exists):
            self.book.import_("account", source="erp", batch="1")
        with self.assertRaises(kam.Closed):
            imp.feed("x")

    def test_problems(self):
        with self.book.import_("ledger", source="erp") as imp:
            imp.feed("ext_id,account,event,day,amount\n1,nobody,SALE,2026-03-01,1.00\n2,C1,SALE,soon,1.00\n")
        self.assertEqual(imp.report.rejected, 2)
        problems = list(imp.problems)
        self.assertEqual([problem.line for problem in problems], [2, 3])
        self.assertEqual((problems[1].field, problems[1].value, problems[1].column), ("day", "soon", 11))
        self.assertTrue(problems[1].text)

    def test_taken_back(self):
        with self.assertRaises(ZeroDivisionError):
            with self.book.import_("account", source="erp") as imp:
                imp.feed(self.CSV)
                1 / 0
        self.assertEqual(list(self.book.query("account")), [])
        with self.book.import_("account", source="erp", dry_run=True) as imp:
            imp.feed(self.CSV)
        self.assertEqual((imp.report.new, list(self.book.query("account"))), (2, []))

    def test_records_and_files(self):
        with self.book.import_("account", source="erp") as imp:
            imp.add(self.book.new("account", ext_id="C1", name="Acme"))
            imp.add({"ext_id": "C2", "name": "Bolt"}, city="Ningbo")
            imp.add(ext_id="C3", name="Core")
        self.assertEqual(imp.report.new, 3)
        with open(self.path("a.csv"), "w") as file:
            file.write(self.CSV)
        with self.book.import_("account", source="erp") as imp:
            imp.read(self.path("a.csv"))
        self.assertEqual(self.counts(imp.report), [0, 1, 1, 0, 0])

    def test_mapping_and_format(self):
        mapping = {"name": "m", "kind": "account", "ext_id": ["No"], "columns": {"Firm": "name"}}
        with self.book.import_("account", source="erp", mapping=mapping) as imp:
            imp.feed("No;Firm\n1;Acme\n")
        self.assertEqual((imp.report.new, self.book.find("account", "1", source="erp")), (1, 1))
        self.book.policy_approve(self.book.policy_add("mapping", mapping), kam.DAY_FIRST)
        with self.book.import_("account", source="erp", mapping="m") as imp:
            imp.feed("No;Firm\n1;Acme\n")
        self.assertEqual(imp.report.unchanged, 1)
        with self.book.import_("account", source="erp", format="jsonl") as imp:
            imp.feed('{"ext_id": "2", "name": "Bolt"}\n')
        self.assertEqual(imp.report.new, 1)


class Runs(Case):
    def test_grading(self):
        ids = self.some()
        run = self.book.grading_run(SCHEME, DAY)
        self.assertIsNone(run.record.id)
        items = list(run.rows("grade_item"))
        self.assertEqual([(item.account, item.old, item.new) for item in items], list(zip(ids, [None] * 3, "ABC")))
        number = run.apply()
        with self.assertRaises(kam.Exists):
            run.apply()
        again = self.book.run(number)
        self.assertEqual((again.record.id, again.record.name), (number, SCHEME))
        with self.assertRaises(kam.NotFound):
            again.rows("account_value")
        undo = self.book.undo(number)
        undo.apply(force=True)
        with self.assertRaises(kam.NotFound):
            self.book.account(ids[0], DAY).fact("grade", SCHEME)

    def test_why(self):
        ids = self.some()
        run = self.book.grading_run(self.book.scheme(SCHEME, DAY), DAY)
        why = run.why(ids[0])
        self.assertEqual(kam.kind_of(why.record), "verdict")
        self.assertIn("300.00", why.text())
        self.assertIn("名", why.text("zh"))
        self.assertGreater(why.text("zh").count("\n"), 1)
        reasons = list(why)
        self.assertTrue(reasons and all(reason.text and reason.text_zh for reason in reasons))
        self.assertEqual([reason.text for reason in why.rows()], [reason.text for reason in reasons])
        run.close()
        self.book.close()
        self.assertIn("300.00", why.text("en"))         # it needs neither run nor book

    def test_value(self):
        ids = self.some()
        run = self.book.value_run(DAY, from_="2026-01-01", to="2026-04-01", share_a=5000, share_b=8000)
        self.assertEqual(run.record.total, decimal.Decimal("600.00"))
        self.assertEqual([(row.account, row.abc) for row in run.rows("account_value")], list(zip(ids, "ABC")))
        self.assertEqual(self.book.value_run(DAY, to="2026-03-01").record.total or 0, 0)
        self.assertIsInstance(json.loads(run.record.statistics), dict)

    def test_periods(self):
        self.some()
        months = list(self.book.value_periods("month", DAY))
        self.assertEqual([str(month.revenue) for month in months], ["300.00", "200.00", "100.00"])
        with self.assertRaises(kam.Inval):
            self.book.value_periods("week", DAY)

    def test_scheme_and_policies(self):
        self.some()
        row = next(self.book.query("policy").where(name=SCHEME, kind="SCHEME").run())
        document = json.loads(row.body)
        trial = kam.Scheme.parse(document)
        run = self.book.grading_run(trial, DAY)
        self.assertEqual(len(list(run.rows("grade_item"))), 3)
        before = self.book.policy_in_force("scheme", SCHEME, DAY)
        self.assertEqual(before, row.id)
        document["rule"] = {"quota": ["0.10", "0.40", "0.50"]}
        added = self.book.policy_add("scheme", document)
        self.assertEqual(self.book.policy_add("scheme", json.dumps(document)), added)
        with self.assertRaises(kam.Policy):
            self.book.policy_approve(added, DAY)
        self.book.policy_withdraw(before, DAY)
        self.book.policy_approve(added, DAY)
        self.assertEqual(self.book.policy_in_force("scheme", SCHEME, DAY), added)
        self.assertEqual(self.book.policy_in_force("scheme", SCHEME, "2026-02-28"), before)
        with self.assertRaisesRegex(kam.Parse, "NONSENSE"):
            self.book.policy_add("nonsense", document)

    def test_account(self):
        ids = self.some()
        self.book.grading_run(SCHEME, DAY).apply()
        with self.book.account(ids[0], as_of=DAY) as account:
            self.assertEqual(account.record.name, "A")
            self.assertEqual(account.fact("grade", SCHEME).grade, "A")
            self.assertIn("A", account.why("grade", SCHEME).text("zh"))
            self.assertEqual(str(account.value().revenue), "300.00")
            self.assertEqual(account.value(to=DAY).revenue or 0, 0)
            self.assertEqual(len(list(account.rows("ledger"))), 1)
            self.assertEqual(len(list(account.rows("ledger", to=DAY))), 0)
            self.assertTrue(list(account.rows("timeline", DAY)))
            record = account.record
            record.city = "Wuxi"
            self.assertEqual(self.book.save(record), ids[0])
        self.assertEqual(self.book.get("account", ids[0]).city, "Wuxi")
        today = self.book.account(ids[0])
        record = today.record
        other = self.book.get("account", ids[0])
        other.name = "New"
        self.book.save(other)
        self.assertEqual(record.name, "A")
        today.refresh()
        self.assertEqual(record.name, "New")
        today.close()
        with self.assertRaises(kam.Closed):             # a lent record ends with what it was lent by
            record.name

    def test_score(self):
        ids = self.some()
        card = self.book.scorecard("key-account", DAY)
        account = self.book.account(ids[0], as_of=DAY)
        attributes = account.attributes
        self.assertEqual((attributes.name, str(attributes.revenue_12m), attributes.recency_days), ("A", "300.00", 0))
        score = card.score(attributes)
        self.assertEqual(decimal.Decimal(score.result), score.points)
        self.assertEqual(sum(part.points for part in score if part.points is not None), score.points)
        self.assertIn("key-account", score.text())
        self.assertIn("key-account", score.text("zh"))
        own = self.book.new("attributes", revenue_12m="600000.00")
        self.assertGreater(card.score(own).points, 0)
        self.assertTrue(account.attributes)
        with self.assertRaises(kam.Closed):             # each reading is new
            attributes.name
        with self.assertRaises(kam.Inval):
            card.score(self.book.new("account"))

    def test_scoring_run(self):
        ids = self.some()
        run = self.book.scoring_run("key-account", DAY)
        rows = list(run.rows("score"))
        self.assertEqual(sorted(row.account for row in rows), ids)
        self.assertEqual([row.rank for row in rows], [1, 2, 3])
        self.assertTrue(all(isinstance(row.points, decimal.Decimal) for row in rows))
        why = run.why(ids[0])
        self.assertEqual(decimal.Decimal(why.result), next(row.points for row in rows if row.account == ids[0]))
        number = run.apply()
        self.assertEqual([row.points for row in self.book.run(number).rows("score")], [row.points for row in rows])
        again = self.book.scoring_run(self.book.scorecard("key-account", DAY), DAY)
        self.assertEqual([row.old for row in again.rows("score")], [row.points for row in rows])

    def test_scorecard_document(self):
        self.some()
        document = {"name": "by-revenue", "title": {"en": "Revenue", "zh": "收入"}, "source": "ours",
                    "factors": [{"id": "revenue", "attribute": "revenue_12m", "weight": "0.5",
                                 "bands": [{"below": "250", "points": 1}, {"from": "250", "points": 3}]}]}
        trial = self.book.scoring_run(kam.Scorecard.parse(document), DAY)
        self.assertEqual([str(row.points) for row in trial.rows("score")], ["1.5", "0.5", "0.5"])
        with self.assertRaises(kam.Policy):
            trial.apply()
        self.book.policy_approve(self.book.policy_add("scorecard", document), "2026-01-01")
        self.assertEqual(len(list(self.book.scoring_run("by-revenue", DAY).rows("score"))), 3)
        document["factors"][0]["attribute"] = "revenue_13m"
        with self.assertRaises(kam.KamError) as caught:
            kam.Scorecard.parse(document)
        self.assertIn("revenue_13m", caught.exception.message)

    def test_plan(self):
        rep = self.book.save(self.book.new("representative", name="R", capacity=2, active=True))
        ids = [self.account(name, owner=rep, latitude="31.3", longitude=f"120.{i}").id for i, name in enumerate("ABC")]
        for id, amount in zip(ids, ("300.00", "200.00", "100.00")):
            self.sell(id, amount)
        self.book.grading_run(SCHEME, DAY).apply()
        plan = self.book.visit_plan(start="2026-03-02", days=28, frozen_days=2, seed=1, representatives=[rep])
        run = plan.run(as_of=DAY)
        entries = list(run.rows("plan_entry"))
        self.assertEqual({entry.account for entry in entries}, set(ids))
        self.assertTrue(all("2026-03-02" <= str(entry.day) < "2026-03-30" for entry in entries))
        self.assertEqual({entry.representative for entry in entries}, {rep})
        self.assertIn("A", run.why(ids[0]).text("en"))
        self.assertEqual(run.why(entries[0]).text(), run.why(entries[0].account).text())
        with self.assertRaises(kam.Inval):
            run.why(entries[0].id)
        run.apply()
        again = plan.run(as_of=DAY)
        self.assertEqual({change.what for change in again.rows("plan_change")}, {"KEPT"})
        path = self.path("plan.csv")
        again.rows("plan_entry").save(path, labels=True, lang="zh")
        with open(path, encoding="utf-8") as file:
            self.assertIn("日期", file.readline())
        again.rows("plan_entry").save(self.path("plan.ics"))
        with open(self.path("plan.ics"), encoding="utf-8") as file:
            self.assertIn("BEGIN:VEVENT", file.read())
        for kind in ("unplanned", "problem"):
            list(again.rows(kind))
        visit = self.book.get("activity", next(entry.activity for entry in again.rows("plan_entry")))
        visit.status, visit.reason = "CANCELLED", "buyer is ill"
        self.book.save(visit)
        later = plan.run(as_of="2026-03-04")            # the days before are over, the rest is planned
        self.assertTrue(all(str(entry.day) >= "2026-03-04" for entry in later.rows("plan_entry")))
        with self.assertRaises(kam.NotFound):
            self.book.visit_plan(representatives=[rep + 99])
        with self.assertRaises(kam.Inval):
            self.book.visit_plan(days=999)

    def test_beside_a_plan(self):
        book, asked = self.book, []
        rep = book.save(book.new("representative", name="Li", home_latitude="31.3", home_longitude="120.6"))
        ids = [self.account(f"{city}{i}", owner=rep, city=city, latitude=f"31.{i}", longitude="120.6").id
               for i, city in enumerate(("Suzhou", "Wuxi", "Suzhou"))]
        book.save(book.new("city", name="Wuxi", industry="8", location="3"))
        book.save(book.new("calendar_day", calendar="CN", day="2026-04-05", kind="HOLIDAY"))
        hours = dict(days=7, day_begin=540, day_end=1020, pause_begin=720, pause_end=780)
        plan = book.visit_plan("2026-03-02", **hours)
        self.assertEqual([city.name for city in plan.cities(rep, "2026-03-01")], ["Wuxi", "Suzhou"])
        self.assertEqual([stop.account for stop in plan.tour(rep, ids, "2026-03-01")][-1], ids[1])
        self.assertEqual(book.visit_festival("2026-04-05", "LETTER", ids, before=5), 3)
        self.assertEqual(book.visit_festival("2026-04-05", "LETTER", ids), 0)
        self.assertEqual(len(list(book.visit_tasks("2026-03-30"))), 3)
        with self.assertRaises(kam.NotFound):
            book.visit_festival("2026-04-06", "LETTER", ids)

        def travel(from_, to):
            asked.append((from_, to))
            return (1000, 600) if from_ == 0 else 2000
        plan = book.visit_plan("2026-03-02", travel=travel, **hours)
        self.assertEqual({slot.metres for slot in plan.slots(ids[0], "2026-03-01")}, {1000})
        self.assertIn((0, ids[0]), asked)
        self.assertNotIn(0, [to for _, to in asked])

        def broken(from_, to):
            raise ZeroDivisionError("no road")
        with self.assertRaises(kam.KamError) as caught:
            book.visit_plan("2026-03-02", travel=broken, **hours).slots(ids[0], "2026-03-01")
        self.assertIsInstance(caught.exception.__cause__, ZeroDivisionError)

    def test_report(self):
        self.some()
        page = self.book.report_html(DAY, title="<Key> & co", lang="zh")
        self.assertIn("&lt;Key&gt; &amp; co", page)
        self.assertNotIn("<script", page)
        self.assertEqual(page, self.book.report_html(DAY, title="<Key> & co", lang="zh"))
        self.assertNotEqual(page, self.book.report_html(DAY, from_="2026-01-01", to="2026-02-01", lang="zh"))
        with self.assertRaises(kam.Inval):
            self.book.report_html(DAY, lang="fr")
        with self.assertRaises(kam.NotFound):
            self.book.report_html(DAY, plan=99)

    def test_open_file(self):
        path = self.path("acme.kam")
        with self.assertRaises(kam.NotFound):
            kam.open_file(path)
        with kam.open_file(path, create=True, currency="CNY", actor="m.chen") as book:
            id = book.save(book.new("account", name="Acme"))
            with self.assertRaises(kam.Busy):           # one writer at a time
                kam.open_file(path)
        with kam.open_file(path) as book:
            self.assertEqual(book.get("account", id).name, "Acme")
        with kam.open_file(path, read_only=True) as book:
            self.assertEqual(book.get("account", id).name, "Acme")
            with self.assertRaises(kam.ReadOnly):
                book.save(book.new("account", name="Bolt"))

    def test_visits(self):
        rep = self.book.new("representative", name="R")
        self.book.save(rep)
        id = self.account(owner=rep.id).id
        visit = self.book.new("activity", account=id, status="HELD", channel="VISIT", day=DAY, direction="OUTBOUND",
                              representative=rep.id, place="there", points="a", opinion="b")
        with self.assertRaises(kam.Inval) as caught:
            self.book.held(visit)
        self.assertEqual(caught.exception.field, "advice")
        visit.advice = "c"
        planned = self.book.get("activity", self.book.held(visit))
        self.assertEqual((planned.status, planned.channel, planned.follows), ("PLANNED", "CALL", visit.id))
        due = list(self.book.due("2026-03-20", representative=rep.id))
        self.assertEqual([(row.account, row.cause) for row in due], [(id, "FOLLOWUP")])
        with self.assertRaises(kam.Policy):
            self.book.due(cadence="none")


class Around(Case):
    """Segments, what is said against a visit, check-in, attainment, routes."""

    def test_segment(self):
        large = {"name": "large", "condition": "employees > 100"}
        for name, employees in (("Big", 500), ("Small", 5)):
            self.book.save(self.book.new("account", name=name, employees=employees))
        segment = kam.Segment.parse(large)
        self.assertEqual([segment.has(self.book.account(id, DAY).attributes) for id in (1, 2)], [True, False])
        self.assertTrue(self.book.segment_run(segment, DAY).record.counts)
        self.book.policy_approve(self.book.policy_add("segment", large), from_="2026-01-01")
        self.book.segment_run("large", DAY).apply()
        with self.assertRaises(kam.Policy):
            self.book.segment("nonsense")

    def test_visits(self):
        rep = self.book.save(self.book.new("representative", name="Li"))
        id = self.book.save(self.book.new("account", name="A", latitude="31.299379", longitude="120.585316"))
        visit = self.book.new("activity", account=id, representative=rep, channel="VISIT", status="PLANNED",
                              day="2026-04-02")
        self.assertEqual([row.code for row in self.book.visit_check(visit)], ["NO_DECIDER", "NO_PURPOSE"])
        visit.purpose = "SELL"
        at = datetime.datetime(2026, 3, 31, 9, tzinfo=datetime.timezone.utc)
        self.book.visit_checkin(visit, at, 31.2994, 120.5853)
        self.assertEqual((visit.checkin_at, visit.verified), (at, True))
        self.assertEqual(len(list(self.book.visit_attainment("account", "2026-04-01", "2026-05-01"))), 1)
        with self.assertRaises(kam.Inval):
            self.book.visit_attainment("nonsense", DAY, DAY)

    def test_route(self):
        places = {"a": (0, 10), "b": (10, 10), "c": (10, 0)}
        route = kam.Route({"days": 1, "vehicles": [{"id": "v", "x": 0, "y": 0}],
                           "customers": [{"id": id, "x": x, "y": y} for id, (x, y) in places.items()]})
        with self.assertRaises(kam.NotFound):
            route.text()
        self.assertEqual(route.solve(200, seed=7), 40 * route.figure("unit"))
        self.assertEqual(route.figure("customers"), 3)
        self.assertIn('"routes"', route.text())
        with self.assertRaises(kam.Parse):
            kam.Route("[")


class History(Case):
    def test_as_of_and_known(self):
        record = self.account(city="Suzhou")
        seq = self.book.seq()
        self.now += datetime.timedelta(days=10)
        record.city, record.reason = "Ningbo", "moved"
        self.book.save(record)
        self.assertEqual(self.book.get("account", record.id, as_of="2026-03-31").city, "Suzhou")
        self.assertEqual(self.book.get("account", record.id, as_of=datetime.date(2026, 4, 10)).city, "Ningbo")
        with self.book.known(seq) as then:
            self.assertEqual(then.get("account", record.id).city, "Suzhou")
            self.assertEqual(then.account(record.id).record.city, "Suzhou")
            with self.assertRaises(kam.ReadOnly):
                then.save(then.get("account", record.id))
        changes = list(self.book.changes(seq))
        self.assertEqual([(row.record, row.op) for row in changes], [(record.id, "UPDATE")])
        self.assertEqual(list(self.book.verify()), [])

    def test_transaction(self):
        with self.book.transaction():
            self.account("A")
            self.account("B")
        with self.assertRaises(ZeroDivisionError):
            with self.book.transaction():
                self.account("C")
                1 / 0
        self.assertEqual([row.name for row in self.book.query("account")], ["A", "B"])
        self.book.begin(write=False)
        rows = self.book.query("account").run()
        self.book.commit()
        with self.assertRaises(kam.Closed):
            next(rows)

    def test_on_commit(self):
        seen = []
        self.book.on_commit(seen.append)
        gc.collect()                                    # the callback is kept alive
        record = self.account()
        record.city = "Suzhou"
        self.book.save(record)
        seq = self.book.seq()
        self.assertEqual(seen, [[(seq - 1, "account", record.id, "insert")], [(seq, "account", record.id, "update")]])
        self.book.on_commit(None)
        self.account("B")
        self.assertEqual(len(seen), 2)

    def test_actor(self):
        self.book.set_actor("陈")
        self.account()
        self.assertEqual(list(self.book.query("commit"))[-1].actor, "陈")
        self.book.flush()


class Contexts(Case):
    def test_progress(self):
        class Stop(Exception):
            pass

        def raising(done, total):
            raise Stop("enough")
        for progress, cause in ((lambda done, total: True, type(None)), (raising, Stop)):
            going = [lambda done, total: False]
            with kam.open_memory(ctx=kam.Context(progress=lambda *a: going[0](*a)), create=True) as book:
                book.save(book.new("account", name="A"))
                going[0] = progress
                with self.assertRaises(kam.Cancelled) as caught:
                    list(book.verify())
                self.assertIsInstance(caught.exception.__cause__, cause)

    def test_interrupt(self):
        going = [False]

        def progress(done, total):
            if going[0]:
                raise KeyboardInterrupt
        with kam.open_memory(ctx=kam.Context(progress=progress), create=True) as book:
            book.save(book.new("account", name="A"))
            going[0] = True
            with self.assertRaises(KeyboardInterrupt):
                list(book.verify())
            going[0] = False
            self.assertEqual(list(book.verify()), [])

    def test_zone(self):
        late = datetime.datetime(2026, 3, 1, 20, tzinfo=UTC)
        with kam.open_memory(ctx=kam.Context(now=lambda: late, zone=lambda name, ms: {"East": 480}.get(name)),
                             create=True, zone="East") as book:
            self.assertEqual((book.seq("2026-03-01"), book.seq("2026-03-02")), (0, 1))
        with self.assertRaises(kam.NotFound):
            kam.open_memory(ctx=kam.Context(zone=lambda name, ms: None), create=True, zone="East")
        with self.assertRaises(kam.NotFound):
            kam.open_memory(create=True, zone="No/Where")
        if kam_c._zone_minutes("Asia/Shanghai", 0) is not None:
            kam.open_memory(create=True, zone="Asia/Shanghai").close()

    def test_collate(self):
        order = {"A": b"3", "B": b"2", "C": "1"}
        with kam.open_memory(ctx=kam.Context(collate=lambda text: order[text]), create=True) as book:
            for name in "ABC":
                book.save(book.new("account", name=name))
            self.assertEqual([row.name for row in book.query("account").order("name")], ["C", "B", "A"])

    def test_limits(self):
        with kam.open_memory(ctx=kam.Context(max_text=4000), create=True) as book:
            with self.assertRaises(kam.Limit):
                book.new("account", name="x" * 4001)


class Lifetime(Case):
    def handles(self):
        """One of each class, and what is lent."""
        book = self.open(kam.Store.memory())
        acme = book.new("account", name="A")
        book.save(acme)
        run, account = book.grading_run(SCHEME, DAY), book.account(acme.id)
        attributes = account.attributes
        return [book, acme, run, run.rows("grade_item"), run.why(acme.id), account, account.record,
                book.query("account"), book.query("account").run(), book.get("account", acme.id),
                book.scheme(SCHEME, DAY), book.known(1), book.import_("account"), kam.Context(),
                kam.Scheme.parse(next(book.query("policy").where(kind="SCHEME").run()).body),
                book.scorecard("key-account", DAY), book.scoring_run("key-account", DAY), attributes,
                book.scorecard("key-account", DAY).score(attributes), book.visit_plan(DAY)]

    def test_any_order(self):
        for turn in range(len(self.handles())):
            for step in (1, -1):
                handles = self.handles()
                for handle in (handles[turn:] + handles[:turn])[::step]:
                    handle.close()
                    handle.close()                      # any number of times
                    with self.assertRaises(kam.Closed):
                        handle._p
        for turn in range(len(self.handles())):         # and when nothing refers to them, in any order
            handles = self.handles()
            while handles:
                handles.pop(turn % len(handles))

    def test_closed(self):
        record, rows, query = self.account(), self.book.query("account").run(), self.book.query("account")
        self.book.close()
        self.assertEqual(record.name, "Acme")           # a record stays usable
        for call in (lambda: next(rows), query.run, self.book.seq, lambda: self.book.new("account")):
            with self.assertRaises(kam.Closed):
                call()
        record.close()
        with self.assertRaises(kam.Closed):
            record.name
        with self.assertRaises(kam.Closed):
            record.name = "x"

    def test_parts_keep_the_book(self):
        rows = kam.open_memory(create=True).query("policy").run()
        gc.collect()
        self.assertGreater(len(list(rows)), 3)

    def test_nothing_is_left(self):
        """A book without references is closed: a Python store hears of it."""
        closed = []

        class Watched(dict_store.DictStore):
            def close(self):
                closed.append(1)
        book = self.open(Watched())
        book.save(book.new("account", name="A"))
        book.on_commit(print)
        book.policy_in_force("scheme", SCHEME)
        self.assertEqual(closed, [])
        del book
        gc.collect()
        self.assertEqual(closed, [1])

    def test_interpreter_exit(self):
        """Whatever is open at the end of a program: it ends quietly."""
        program = """if True:
            import sys, kam, dict_store
            store = dict_store.DictStore()
            book = kam.Book(store, create=True, currency="CNY")
            record = book.new("account", name="A")
            book.save(record)
            book.on_commit(print)
            account, rows, query = book.account(record.id), book.query("account").run(), book.query("account")
            inner, imp, known = account.record, book.import_("account"), kam.open_memory(create=True).known(0)
            cycle = [book, rows]; cycle.append(cycle)
            sys.keep = (book, rows, imp)
            class Late:
                def __del__(self, rows=rows):
                    rows.close()
            late = Late()
            print("ran")
            """
        done = subprocess.run([sys.executable, "-X", "faulthandler", "-W", "error", "-c", program],
                              env={**os.environ, "PYTHONPATH": os.pathsep.join([BINDING, EXAMPLES])},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "ran\n", ""))


class Stores(Case):
    def test_memory(self):
        store = kam.Store.memory()
        with kam.Book(store, create=True) as first:
            first.save(first.new("account", name="A"))
            with kam.Book(store) as second:
                self.assertEqual([row.name for row in second.query("account")], ["A"])
        store.close()

    def test_no_book_yet(self):
        with self.assertRaises(kam.Schema):
            kam.Book(dict_store.DictStore())

    def test_dict_store(self):
        data = dict_store.Data()
        with self.open(dict_store.DictStore(data)) as self.book:
            ids = self.some()
            self.book.grading_run(SCHEME, DAY).apply()
            with self.assertRaises(ZeroDivisionError):
                with self.book.transaction():
                    self.account("D")
                    1 / 0
            self.assertEqual(list(self.book.verify()), [])
        with self.open(dict_store.DictStore(data)) as self.book:
            self.assertEqual([row.name for row in self.book.query("account")], ["A", "B", "C"])
            self.assertEqual(self.book.account(ids[0], DAY).fact("grade", SCHEME).grade, "A")
            other = dict_store.DictStore(data)
            other.begin(True)
            with self.assertRaisesRegex(kam.Busy, "another connection writes") as caught:
                self.account("D")
            self.assertIsInstance(caught.exception.__cause__, kam.Busy)
            other.end("abort")
            self.account("D")

    def test_what_a_store_raises(self):
        class Broken(dict_store.DictStore):
            raising = None

            def write(self, table, op, rows):
                if self.raising and table.name == "account":
                    raise self.raising
                super().write(table, op, rows)
        store = Broken()
        with self.open(store) as book:
            for raised, code, words in (
                    (kam.Full("the disk is full", native=28), kam.Full, "the disk is full"),
                    (ValueError("bad\nluck"), kam.Io, "ValueError: bad luck"),
                    (MemoryError(), kam.Nomem, ""),
                    (kam.Exists("key is taken", row=0, field="name"), kam.Exists, "key is taken")):
                store.raising = raised
                with self.assertRaises(code) as caught:
                    book.save(book.new("account", name="A"))
                self.assertIn(words, caught.exception.message)
                self.assertIs(caught.exception.__cause__, raised)
                self.assertEqual(caught.exception.native, getattr(raised, "native", 0))
            self.assertEqual((caught.exception.kind, caught.exception.field), ("account", "name"))
            store.raising = KeyboardInterrupt()
            with self.assertRaises(KeyboardInterrupt):
                book.save(book.new("account", name="A"))
            store.raising = None
            book.save(book.new("account", name="A"))

    def test_smallest_store(self):
        """Without prepare and reserve; in mode "host" without begin and end: they are not in the vtable."""
        class Small(kam.StoreBase):
            def begin(self, write):
                pass

            def end(self, how):
                pass
        vt, key = Small().attach()
        self.assertTrue(vt.begin and vt.scan and vt.close)
        self.assertFalse(vt.prepare or vt.reserve or vt.control)
        kam.StoreBase.detach(key)
        vt, key = Small().attach("host")
        self.assertFalse(vt.begin or vt.end)
        kam.StoreBase.detach(key)

    def test_map(self):
        with kam.Store(dict_store.DictStore()) as store:
            store.map({"account": {"relation": "customer", "read_only": True,
                                   "columns": {"id": "cust_no", "name": "title"}}})
            with self.assertRaises(kam.Inval):
                store.map("{}")

    def test_sqlite(self):
        built("libkam-sqlite.so")
        path = self.path("a.db")
        with self.assertRaises(kam.Io) as caught:
            kam.open_sqlite(path)
        self.assertEqual(caught.exception.native, 14)
        with kam.open_sqlite(path, create=True, currency="CNY") as book:
            rows = book.query("policy").run()
            book.save(book.new("account", name="Acme"))
        rows.close()                                    # behind its book
        with kam.open_sqlite(path, read_only=True) as book:
            self.assertEqual([row.name for row in book.query("account")], ["Acme"])
            with self.assertRaises(kam.ReadOnly):
                book.save(book.new("account", name="B"))
        with open(self.path("b.db"), "w") as file:
            file.write("this is no database, and long enough to be looked at " * 100)
        with self.assertRaises(kam.KamError):
            kam.open_sqlite(self.path("b.db"), create=True)

    def test_ddl(self):
        self.assertIn("CREATE TABLE", kam.schema_ddl("sqlite"))
        with self.assertRaises(kam.Unsupported):
            kam.schema_ddl("oracle")


class Kit(Case):
    """The conformance kit of libkam-test, on the store in Python."""
    SHIM = """#include <kam/spi/test.h>
    int32_t kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user);
    int32_t kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user)
    { return kam_kit_run(options, report, user); }\n"""

    def kit(self):
        """The kit's declarations, and a shared library made of the static one."""
        header = subprocess.run(["sh", os.path.join(ROOT, "bindings", "gen_ffi.sh"), "include/kam/spi/test.h"],
                                stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
        done = compile_c(self.folder, self.SHIM, "-shared", "-fPIC", "-o", self.path("kit.so"), built("libkam-test.a"),
                         "-L", BUILD, "-Wl,-rpath," + BUILD, "-lkam")
        self.assertEqual(done.returncode, 0, done.stderr)
        declared = kam_c.Declarations(header, kam_c.declared)
        run = ctypes.CDLL(self.path("kit.so")).kit_run
        run.restype, run.argtypes = declared.functions["kam_kit_run"]
        return declared.types, run

    def run_kit(self, cls):
        types, run = self.kit()
        options = types["kam_kit_options"](struct_size=ctypes.sizeof(types["kam_kit_options"]))
        given, results = {}, {}

        def attach(data=None):
            store = cls(data)
            vt, key = store.attach()
            given[key] = store
            return vt, key

        def make(user, vt, self):
            made, self[0] = attach()
            vt[0] = ctypes.pointer(made)
            return 0

        def destroy(user, vt, self):
            vt.contents.close(self)

        def connect(user, self, other):
            other[0] = attach(given[self].data)[1]
            return 0

        def reopen(user, vt, self):
            old = given[self[0]]
            vt[0].contents.close(self[0])
            made, self[0] = attach(old.data)
            vt[0] = ctypes.pointer(made)
            return 0
        fields = dict(options._fields_)
        for name, function in (("make", make), ("destroy", destroy), ("connect", connect), ("reopen", reopen)):
            setattr(options, name, fields[name](function))

        def report(user, check, result, why):
            results[ctypes.string_at(check).decode()] = (result, ctypes.string_at(why).decode())
        failed = run(ctypes.byref(options), types["kam_kit_report_fn"](report), None)
        return failed, results

    def test_dict_store(self):
        failed, results = self.run_kit(dict_store.DictStore)
        self.assertEqual({name: why for name, (result, why) in results.items() if result == 2}, {})
        self.assertEqual(failed, 0)
        skipped = [name for name, (result, why) in results.items() if result == 3]
        self.assertEqual([name for name in skipped if not name.startswith("control.")], ["txn.savepoint"])
        self.assertGreater(len(results), 100)

    def test_kit_finds_a_fault(self):
        class Forgetful(dict_store.DictStore):
            def end(self, how):
                super().end("commit" if how == "abort" and self.mode == "write" else how)
        failed, results = self.run_kit(Forgetful)
        self.assertGreater(failed, 0)
        self.assertEqual(results["txn.rollback_insert"][0], 2)


class Rules(Case):
    """kam.rule: expressions over values, rows, columns; their parts; functions of Python."""
    ENV = {"revenue": "decimal(2)", "days": "int", "region": "optional(string)", "at": "timestamp", "on": "bool",
           "list": "list(int)", "x": "double"}

    def rule(self, cel, **options):
        made = Rule(cel, self.ENV, **options)
        self.addCleanup(made.close)
        return made

    def test_values(self):
        D, at = decimal.Decimal, datetime.datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
        rule = self.rule("revenue > 100000 && days < 90 && region.orValue('') == 'N'")
        self.assertEqual((rule.type, rule.reads), ("bool", ["revenue", "days", "region"]))
        self.assertGreater(rule.cost, 1)
        self.assertIs(rule(revenue=D("120000.50"), days=3, region="N"), True)
        self.assertIs(rule({"revenue": "120000.50", "days": 3, "region": None}), False)
        for cel, want in (("revenue + 1", D("2.25")), ("at + duration('90m')", at + datetime.timedelta(minutes=90)),
                          ("at - timestamp('2026-03-01T00:00:00Z')", datetime.timedelta(hours=8.5)), ("x * 2.0", 3.0),
                          ("list.map(e, e * 2)", [2, 4]), ("{'a': [1, 2.5]}", {"a": [1, 2.5]}),
                          ("region", "客 \"户\""),
                          ("b'\\x00\\xff'", b"\0\xff"), ("list.first()", 1), ("optional.none()", None),
                          ("0.0 / 0.0 == 0.0 || on", True)):
            found = self.rule(cel)(revenue=D("1.25"), at=at, x=1.5, list=[1, 2], region='客 "户"', on=True)
            self.assertEqual(found, want, cel)
        self.assertNotEqual((nan := self.rule("x / x")(x=0)), nan)
        self.assertIsNone(self.rule("lists.range(days)").cost)

    def test_records(self):
        account = self.book.new("account", name="Acme", employees=12, customer_since="2020-02-01")
        rule = Rule("name.startsWith('A') && employees > 10 && customer_since < timestamp('2021-01-01T00:00:00Z')",
                    {"name": "string", "employees": "int", "customer_since": "timestamp"})
        self.assertIs(rule(account), True)
        account.employees = None
        with self.assertRaisesRegex(kam.Policy, "employees has no value"):
            rule(account)

    def test_columns(self):
        D = decimal.Decimal
        self.assertEqual(self.rule("days % 2 == 0 || on").columns(days=[1, 2, 3], on=[False, False, True]),
                         [False, True, True])
        self.assertEqual(self.rule("x * 2").columns(x=[1.5, float("inf")]), [3.0, float("inf")])
        self.assertEqual(self.rule("region.orValue('-') + '!'").columns(region=["N", None, "客"]),
                         ["N!", "-!", "客!"])
        self.assertEqual(self.rule("revenue * 3").columns(revenue=["1.10", D("2")]), [D("3.30"), D("6")])
        self.assertEqual(self.rule("list.size()").columns(list=[]), [])
        at = datetime.datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
        self.assertEqual(self.rule("at").columns(at=[at, at]), [at, at])
        with self.assertRaises(kam.Policy) as failed:
            self.rule("10 / days").columns(days=[1, 0])
        self.assertEqual(failed.exception.row, 1)
        self.assertEqual(self.rule("10 / days", null_on_error=True).columns(days=[5, 0, None]), [2, None, None])
        self.assertEqual(self.rule("days").columns(days=list(range(70000)))[-1], 69999)
        for wrong, says in (({"days": [1], "x": [1.0, 2.0]}, '"days" has 1 values, not 2'), ({"no": [1]}, "no name")):
            with self.assertRaisesRegex(kam.Inval, says):
                self.rule("days").columns(wrong)

    def test_explain(self):
        why = self.rule("days < 90 || 1 / days > 0").explain(days=7)
        self.addCleanup(why.close)
        self.assertIs(why.result, True)
        self.assertEqual([(p.source, p.place, p.code, p.value) for p in why.parts][:4], [
            ("days < 90 || 1 / days > 0", "1:1", "VALUE", "true"), ("days < 90", "1:1", "VALUE", "true"),
            ("days", "1:1", "VALUE", "7"), ("1 / days > 0", "1:14", "NOT_EVALUATED", None)])
        self.assertIn("1 / days > 0 was not evaluated (1:14)", why.text())
        self.assertIn("days < 90 为 true（1:1）", why.text("zh"))
        failed = self.rule("1 / days").explain(days=0)
        self.assertIsNone(failed.result)
        self.assertRegex(str(failed.error), "divide by zero")
        self.assertEqual(failed.parts[0].code, "ERROR")

    def test_errors(self):
        for cel, error, says, column in (("dayz > 1", kam.Parse, 'did you mean "days"', 1),
                                         ("days > 'a'", kam.Type, "go together", 6)):
            with self.assertRaisesRegex(error, says) as failed:
                self.rule(cel)
            self.assertEqual((failed.exception.line, failed.exception.column), (1, column))
        with self.assertRaisesRegex(kam.Parse, "is no type"):
            Rule("a", {"a": "money"})
        with self.assertRaises(kam.Type):
            self.rule("1 + 1.5", standard=True)
        with self.assertRaisesRegex(kam.Inval, "no time zone"):
            self.rule("at")(at=datetime.datetime(2026, 3, 1))
        rule = self.rule("days")
        rule.close()
        with self.assertRaises(kam.Closed):
            rule(days=1)

    def test_functions(self):
        seen = []

        def discount(region, amount, share, day, on, raw):
            seen.append((region, amount, share, day, on, raw))
            if region == "none":
                raise kam.Policy("no such region")
            if region == "broken":
                raise ZeroDivisionError("ours")
            return amount / 10
        functions = {"discount(string, decimal(2), double, timestamp, bool, bytes) -> decimal": discount,
                     ".initials(string) -> string": lambda text: "".join(word[0] for word in text.split()),
                     "share(int) -> optional(double)": lambda n: n / 2 if n else "x"}
        call = "discount(region.orValue('none'), revenue, x, at, on, b'z') > decimal('0')"
        rule = self.rule(call + " || region.orValue('a b').initials() == 'ab'", functions=functions)
        at = datetime.datetime(2026, 3, 1, tzinfo=UTC)
        given = dict(revenue="5.00", x=0.25, at=at, on=True)
        self.assertIs(rule(**given, region="N"), True)
        self.assertEqual(seen, [("N", decimal.Decimal("5.00"), 0.25, at, True, b"z")])
        self.assertIs(rule(**given), True)                                       # || absorbs the error
        with self.assertRaisesRegex(kam.Policy, "no such region"):
            self.rule(call, functions=functions)(**given)
        with self.assertRaises(kam.Io) as failed:
            rule(**given, region="broken")
        self.assertIsInstance(failed.exception.__cause__, ZeroDivisionError)
        with self.assertRaisesRegex(kam.Policy, "gave string where"):
            self.rule("share(days)", functions=functions)(days=0)
        self.assertEqual(self.rule("share(days)", functions=functions).columns(days=[1, 2]), [0.5, 1.0])
        with self.assertRaisesRegex(kam.Inval, "not list"):
            self.rule("f(list)", functions={"f(list(int)) -> int": len})


class Package(Case):
    """pip installs the binding without a network."""

    def test_install(self):
        for needed in ("pip", "setuptools", "wheel"):
            if importlib.util.find_spec(needed) is None:
                raise unittest.SkipTest(f"{needed} is not there")
        tree, target = self.path("bindings"), self.path("site")
        shutil.copytree(os.path.dirname(BINDING), tree, ignore=shutil.ignore_patterns("__pycache__"))
        done = subprocess.run([sys.executable, "-m", "pip", "install", "--no-index", "--no-build-isolation",
                               "--no-deps", "--no-warn-script-location", "--target", target,
                               os.path.join(tree, "python")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue(os.path.exists(os.path.join(target, "kam", "py.typed")))
        program = "import kam; print(kam.__file__, kam.open_memory(create=True).kinds['account'].number)"
        env = {**os.environ, "PYTHONPATH": target, "KAM_LIBRARY": os.path.abspath(kam_c.lib.path)}
        done = subprocess.run([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(done.stdout.split(), [os.path.join(target, "kam", "__init__.py"), "1"])


    def test_types(self):
        """The annotations hold, those of the examples too, and no function is without."""
        if not shutil.which("mypy"):
            raise unittest.SkipTest("mypy is not there")
        files = [os.path.join(BINDING, "kam"), *(os.path.join(EXAMPLES, name) for name in ("demo.py", "dict_store.py"))]
        done = subprocess.run(["mypy", "--disallow-untyped-defs", "--warn-unused-ignores", "--cache-dir",
                               self.path("cache"), *files], env={**os.environ, "MYPYPATH": BINDING},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self.assertEqual(done.returncode, 0, done.stdout)


class Demo(Case):
    """examples/python/demo.py writes the bytes of `kam demo`."""

    def run_demo(self, lang):
        program = built("kam")
        source, out = self.path("c"), self.path("py")
        subprocess.run([program, "demo", "--out", source, "--lang", lang], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([sys.executable, "-W", "error", os.path.join(EXAMPLES, "demo.py"), source, out, lang],
                       env={**os.environ, "PYTHONPATH": BINDING}, stdout=subprocess.DEVNULL, check=True)
        for name in ("grades.csv", "scores.csv", "due.csv", "plan.csv", "unplanned.csv", "report.html"):
            with open(os.path.join(source, name), "rb") as c, open(os.path.join(out, name), "rb") as py:
                want, have = c.read(), py.read()
            self.assertGreater(want.count(b"\n"), 5 if name != "unplanned.csv" else 0)
            self.assertTrue(want == have, f"{name} differs")

    def test_english(self):
        self.run_demo("en")

    def test_chinese(self):
        self.run_demo("zh")

    def test_dict_store_example(self):
        done = subprocess.run([sys.executable, os.path.join(EXAMPLES, "dict_store.py")], stdout=subprocess.PIPE,
                              env={**os.environ, "PYTHONPATH": BINDING}, universal_newlines=True)
        self.assertEqual(done.stdout.splitlines()[0], "1 Acme Pumps Suzhou")

    def test_docstring_example(self):
        """The example on top of the package runs as it stands."""
        lines = kam.__doc__.split("\n\n")
        program = "\n".join(line[4:] for line in "\n\n".join(lines[1:3]).splitlines())
        done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=self.folder,
                              env={**os.environ, "PYTHONPATH": BINDING}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(done.stderr, "")
        self.assertIn("Acme Pumps 1250.00 B", done.stdout)


if __name__ == "__main__":
    unittest.main()
