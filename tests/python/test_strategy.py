"""kam.strategy: a plan is made once, lacks what it lacks, and is held against the ledger. Run with those of
test_kam.py.
"""
import datetime
import unittest
from decimal import Decimal

import kam
from kam.strategy import AccountPlan, financial_ratios


class Strategy(unittest.TestCase):
    def setUp(self):
        self.book = kam.Book(currency="CNY", create=True)
        self.addCleanup(self.book.close)
        self.account = self.book.save(self.book.new("account", name="Hua"))

    def add(self, kind, /, **values):
        return self.book.save(self.book.new(kind, **values))

    def test_one_plan_for_account_and_year(self):
        with AccountPlan(self.book, self.account, 2026) as plan, AccountPlan(self.book, self.account, 2026) as same:
            self.assertEqual(plan.id, same.id)
            self.assertEqual([p.code for p in plan.missing()], ["SECTION"] * 8)
            record = plan.record
            record.mission = "their first supplier"
            self.book.save(record)
            self.assertEqual(len(list(plan.missing())), 7)
            with self.assertRaises(kam.KamError):
                plan.matrix()

    def test_targets_and_gaps(self):
        with AccountPlan(self.book, self.account, 2026) as plan:
            self.add("plan_year", plan=plan.id, year=2026, revenue=Decimal("1000.00"))
            self.add("ledger", account=self.account, event="SALE", day=datetime.date(2026, 5, 1),
                     amount=Decimal("900.00"))
            self.add("plan_objective", plan=plan.id, kind="SALES", text="grow", present=900, ideal=1200)
            run = plan.run("2026-12-31")
            row = next(run.rows("plan_result"))
            self.assertEqual((row.measure, row.actual, row.attained, row.met),
                             ("PURCHASES", 900, Decimal("0.9"), False))
            self.assertIn("2026 purchases: 900 of 1000 wanted", run.why(self.account).text())
            run.apply()
            self.assertEqual([g.gap for g in plan.gaps()], [300])
            self.assertEqual(len(list(plan.rows("plan_year"))), 1)

    def test_ratios(self):
        self.add("financial", account=self.account, year=2025, revenue=Decimal("100.00"),
                 net_profit=Decimal("5.00"), origin="annual report")
        ratios = {r.measure: r.value for r in financial_ratios(self.book, self.account)}
        self.assertEqual(ratios["NET_MARGIN"], Decimal("0.05"))
        self.assertIsNone(ratios["ROA"])

