"""Tests of kam.value: methods over a book, and the engines on plain sequences. Run with those of test_kam.py."""
import datetime
import decimal
import math
import os
import subprocess
import sys
import tempfile
import unittest

import kam
from kam.value import (Clv, Logistic, Purchases, Value, forecast, frame, kmeans, score, silhouette, standardize)

DAY = datetime.date(2026, 2, 28)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.abspath(os.environ.get("KAM_LIBRARY", "libkam.so")))


def shop(book):
    for name in ("head", "code", "rival", "ours"):
        book.save(book.new("account", name=name, industry="food"))
    for name in ("p", "q"):
        book.save(book.new("product", name=name))
    for account in (1, 2, 3):
        for month in range(1, 13):
            book.save(book.new("ledger", account=account, event="SALE", day=f"2025-{month:02d}-10", product=1 if account < 3 else 2,
                               amount=decimal.Decimal(100 * account), cost=60, company="East" if month % 2 else "West"))
    book.save(book.new("activity", account=1, status="HELD", channel="VISIT", day="2026-02-01", duration=30, phase="TRUST"))


class OverABook(unittest.TestCase):
    def setUp(self):
        self.book = kam.open_memory(create=True, currency="CNY", ctx=kam.Context(now=lambda: datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)))
        self.addCleanup(self.book.close)
        shop(self.book)
        self.value = self.book.value

    def test_of_accounts(self):
        self.assertEqual(self.value.contribution(DAY), {1: 400, 2: 1400, 3: 2400})
        self.assertEqual(self.value.abc(DAY), {3: "A", 2: "A", 1: "B"})
        self.assertEqual(self.value.abc(DAY, share_a=4000, share_b=9500, including=True), {3: "B", 2: "B", 1: "C"})
        self.assertEqual(set(self.value.rfm(DAY)), {1, 2, 3})
        self.assertEqual(self.value.rfm(DAY, ties="ntile")[3][2], 3)
        self.assertEqual(self.value.contribution(DAY, from_="2025-12-01"), {1: 40, 2: 140, 3: 240})

    def test_links_companies_groups(self):
        self.book.save(self.book.new("account_link", account=2, into=1, role="SOLD_TO"))
        self.assertEqual(self.value.contribution(DAY), {1: 1800, 3: 2400})
        rows = [(row.account, row.company, row.revenue) for row in self.value.companies(DAY)]
        self.assertEqual(rows, [(1, "East", 1500), (1, "West", 1500), (3, "East", 1500), (3, "West", 1500)])
        self.assertEqual([row.account for row in self.value.groups(DAY)], [])
        self.assertEqual(self.value.contribution(DAY, external=True), {1: 1800, 3: 2400})

    def test_runs(self):
        with self.value.clv(DAY, "nbd", rate=0.01) as run:
            self.assertEqual(run.record.name, "nbd")
            run.apply()
            self.assertIn("lifetime value", run.why(1).text())
        attributes = self.book.account(1, DAY).attributes
        self.assertEqual((attributes.clv_model, attributes.clv_as_of, attributes.p_alive), ("nbd", DAY, 1))
        self.assertEqual(attributes.trend, decimal.Decimal("-0.0839"))
        with self.assertRaises(kam.Inval):
            self.value.clv(DAY, "nothing")

    def test_settings(self):
        pots = [{"name": "cars", "kind": "TRAVEL", "driver": "visits", "amount": 10},
                {"name": "desk", "kind": "OTHER", "driver": "orders", "amount": decimal.Decimal("1.00")},
                {"name": "tax", "kind": "OTHER", "driver": "revenue", "amount": 0}]
        parts = [(row.account, row.pool, row.driver, row.quantity, row.amount) for row in self.value.shared_costs(pots, DAY)
                 if row.amount]
        cents = decimal.Decimal
        self.assertEqual(parts, [(1, "cars", "VISITS", 1, 10), (1, "desk", "ORDERS", 10, cents("0.34")),
                                 (2, "desk", "ORDERS", 10, cents("0.33")), (3, "desk", "ORDERS", 10, cents("0.33"))])
        self.assertEqual(self.value.contribution(DAY, settings={"shared_costs": pots}),
                         {1: cents("389.66"), 2: cents("1399.67"), 3: cents("2399.67")})
        cells = {"rfm": {"money": [1, 2, 2000, 2500], "cells": [{"name": "large", "m": 5}, {"name": "other"}]}}
        self.assertEqual(self.value.cells(DAY, settings=cells), {3: "large", 2: "other", 1: "other"})
        self.assertEqual(self.value.rfm(DAY, settings=cells)[2][2], 3)
        self.assertEqual(set(self.value.cells(DAY)), {1, 2, 3})
        with self.assertRaisesRegex(kam.Parse, "must ascend"):
            self.value.run(DAY, settings={"rfm": {"orders": [4, 3, 2, 1]}})

    def test_returns(self):
        book = self.book
        book.save(book.new("ledger", account=4, event="SALE", day="2025-12-10", amount=100, order="A"))
        book.save(book.new("ledger", account=4, event="RETURN", day="2026-02-10", amount=100, order="A"))
        window = {"from_": "2025-12-01", "to": "2026-01-01"}
        revenue = [self.value._column(DAY, {**window, "returns": policy}, lambda row: (row.revenue, row.orders))[4]
                   for policy in ("period", "order", "exclude")]
        self.assertEqual(revenue, [(100, 1), (0, 0), (100, 1)])
        with self.value.clv(DAY, "nbd", returns="order") as run:
            self.assertNotIn(4, [row.account for row in run.rows("account_clv")])
        with self.assertRaises(ValueError):
            self.value.run(DAY, returns="never")

    def test_lists(self):
        self.assertEqual([(row.account, row.product) for row in self.value.whitespace(DAY, like="industry")], [(1, 2), (2, 2), (3, 1)])
        self.assertEqual([row.account for row in self.value.profiles(DAY)], [1, 2, 3])
        self.assertEqual(len(list(self.value.periods("month", DAY, from_="2025-11-01", to="2026-01-01"))), 6)
        self.assertIsInstance([row.account for row in self.value.declines(DAY, figure="gross_profit", drop=1)], list)
        contract = [{"account": 1, "from": "2025-01-01", "to": "2027-01-01", "mode": "whole", "tiers": [{"from": 1000, "rate": 0.1}]}]
        self.assertEqual(next(self.value.rebates(contract, DAY)).accrual, 120)
        proposal = list(self.value.forecasts(DAY, months=2))
        self.assertEqual(len(proposal), 6)
        self.assertEqual(list(self.value.variance(DAY)), [])
        effort, rows = self.value.attention(DAY)
        self.assertEqual((effort.minutes, effort.share[0], effort.top), ([30, 0, 0, 0], 1, 1))
        self.assertEqual(next(rows).account, 1)

    def test_cards(self):
        sheet = self.book.save(self.book.new("segmentation", name="s", behaviour="b"))
        card = self.book.save(self.book.new("segment_card", name="c", segmentation=sheet, large_enough=True))
        self.assertEqual(self.value.segmentation_why(sheet).result, "1 of 5")
        self.assertEqual(self.value.card_why(card).result, "open")

    def test_frame(self):
        with self.value.run(DAY) as run:
            found = frame(run.rows("account_value"))
        if isinstance(found, list):
            self.assertEqual([row["account"] for row in found], [3, 2, 1])
        else:
            self.assertEqual(found["account"].tolist(), [3, 2, 1])
            self.assertEqual(found["revenue"].tolist(), [3000, 2000, 1000])


class Engines(unittest.TestCase):
    def test_clv(self):
        x, tx, t = [2, 0, 5, 1, 0, 3, 0, 9], [30.4, 0, 20, 3, 0, 38, 0, 37], [38.9, 39, 39, 30, 39, 39, 12, 39]
        model = Clv.fit("bgnbd", x, tx, t)
        self.assertEqual((model.status, set(model.params)), ("not_identified", {"r", "alpha"}))    # so few: the NBD
        again = Clv.from_json(model.json())
        self.assertEqual(again.params, model.params)
        expected, alive = model.predict(x, tx, t, 10)
        self.assertTrue(all(0 <= p <= 1 for p in alive) and all(e >= 0 for e in expected))
        spending = Clv.fit("gg", x, m=[10, 0, 20, 5, 0, 7, 0, 12])
        worth = model.value(spending, x, tx, t, [10, 0, 20, 5, 0, 7, 0, 12], 4.345, 12, 0.01)
        self.assertEqual(len(worth), 8)
        self.assertTrue(all(math.isfinite(v) for v in worth + spending.spend(x, [10, 0, 20, 5, 0, 7, 0, 12])))
        self.assertEqual(Clv.fit("pnbd", [0, 0], [0, 0], [1, 2]).status, "no_repeat")
        self.assertTrue(math.isnan(model.figure("p")))
        with self.assertRaises(ValueError):
            Clv.fit("bgnbd", [1], [1.0, 2.0], [3.0])
        self.assertEqual(Clv.fit("bgnbd", [], [], []).status, "bad_input")

    def test_purchases(self):
        p = Purchases("2026-01-31", holdout="2026-02-28", unit="day")
        p.feed([1, 1, 2, 1], ["2026-01-01", "2026-01-11", "2026-01-31", datetime.date(2026, 2, 5)], [100, 300, 50, 70])
        found = p.rows()
        self.assertEqual((found["account"], found["x"], found["t"], found["m"], found["later"]), ([1, 2], [1, 0], [30, 0], [3, 0], [1, 0]))

    def test_groups(self):
        table, mean, sd = standardize([[0, 1], [0, 3], [10, 1], [10, 3]])
        self.assertEqual((mean, sd), ([5, 2], [5, 1]))
        group, centre, inertia = kmeans([[0, 0], [0, 1], [9, 0], [9, 1]], 2, farthest=True)
        self.assertEqual((group, centre, inertia), ([1, 1, 0, 0], [[9, 0.5], [0, 0.5]], 1))
        self.assertGreater(silhouette([[0, 0], [0, 1], [9, 0], [9, 1]], group, 2), 0.8)

    def test_chances(self):
        x = [[i / 10] for i in range(40)]
        y = [1 if i % 4 == 0 or i > 25 else 0 for i in range(40)]
        model = Logistic.fit(x, y)
        self.assertTrue(model.identified and len(model.coefficients) == 2 and model.errors[1] > 0)
        good = score(model.predict(x), y)
        self.assertTrue(good["auc"] > 0.7 and good["brier"] < good["base_brier"] and len(good["bands"]) == 10)

    def test_forecast(self):
        found = forecast([10 + i % 12 for i in range(36)], 12)
        self.assertTrue(found["seasonal"])
        self.assertEqual([round(v) for v in found["naive"]], [10 + i for i in range(12)])


class Example(unittest.TestCase):
    def test_value(self):
        kam_program = os.path.join(BUILD, "kam")
        if not os.path.exists(kam_program):
            self.skipTest(f"{kam_program} is not there")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([kam_program, "demo", "--out", folder], check=True, capture_output=True)
            done = subprocess.run([sys.executable, os.path.join(ROOT, "examples", "python", "value.py"), os.path.join(folder, "acme.kam"), "2026-05-31"],
                                  check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "bindings", "python")})
        for words in ("Most revenue", "Lifetime value by", "Buying less", "Four groups of"):
            self.assertIn(words, done.stdout)


if __name__ == "__main__":
    unittest.main()
