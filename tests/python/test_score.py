"""kam.Scorer: a card over rows and columns of the program's own. Run with those of test_kam.py."""
import array
import datetime
import textwrap
import unittest
from decimal import Decimal

import kam


def titled(name, **more):
    return {"id": name, "title": {"en": name, "zh": name}, "attribute": name, "missing": 0, **more}


CARD = {
    "name": "credit", "title": {"en": "Credit", "zh": "信用"}, "baseline": 10, "normalize": True,
    "attributes": {"age": "int", "city": "string", "income": "decimal(2)", "since": "date", "vip": "bool",
                   "x": "double"},
    "reasons": {"method": "points_below", "count": 2}, "groups": [{"id": "person", "title": {"en": "P", "zh": "人"}}],
    "factors": [
        titled("age", group="person", bands=[{"below": 30, "points": 10, "code": "YOUNG"},
                                             {"from": 30, "points": 40, "code": "GROWN"}], code="NO_AGE"),
        titled("city", map={"Suzhou": 5, "Ningbo": 2}, otherwise=1, code="CITY"),
        titled("income", bands=[{"below": 1000, "points": 0, "code": "POOR"},
                                {"from": 1000, "points": 20, "code": "RICH"}], code="NO_INCOME"),
        titled("vip", flag={"true": 3, "false": 0}, code="VIP"),
        titled("x", bands=[{"below": 0.5, "points": 1, "code": "LOW"}, {"from": 0.5, "points": 2, "code": "HIGH"}],
               code="NO_X"),
        titled("since", bands=[{"below": "2020-01-01", "points": 4, "code": "LOYAL"},
                               {"from": "2020-01-01", "points": 0, "code": "NEW"}], code="NO_DAY")],
    "warnings": [{"id": "child", "attribute": "age", "below": 18, "text": {"en": "a child", "zh": "未成年"}}]}


class Scoring(unittest.TestCase):
    def setUp(self):
        self.card = kam.Scorecard.parse(CARD)
        self.addCleanup(self.card.close)
        self.scorer = self.card.scorer()
        self.addCleanup(self.scorer.close)

    def test_example(self):
        """The example of the class runs as it stands."""
        known = {"kam": kam, "print": lambda text: self.assertIn("40", text)}
        exec(textwrap.dedent(kam.Scorer.__doc__.split("\n\n", 1)[1]), known)
        self.assertEqual(known["scorer"](age=20), 10)

    def test_one_row(self):
        day = datetime.date(2019, 5, 1)
        points = self.scorer(age=31, city="Suzhou", income=Decimal("1000.00"), since=day, vip=True, x=0.5)
        self.assertEqual(points, 10 + 40 + 5 + 20 + 4 + 3 + 2)
        self.assertEqual((self.scorer.normal, self.scorer.group("person"), self.scorer.group("none")), (100, 40, None))
        self.assertEqual(self.scorer.warnings, [])
        points = self.scorer({"age": 17, "city": "Ningbo", "income": "999.99"}, vip=False)
        self.assertEqual(points, 10 + 10 + 2)
        self.assertEqual(self.scorer.warnings, ["child"])
        self.assertEqual(self.scorer.reasons, [kam.Reason("YOUNG", "age", Decimal(30)),
                                               kam.Reason("POOR", "income", Decimal(20))])
        why = self.scorer.why()
        self.assertEqual([(part.factor, part.points) for part in why][:3], [("baseline", 10), ("age", 10), ("city", 2)])
        self.assertIn("未成年", why.text("zh"))

    def test_what_is_refused(self):
        with self.assertRaisesRegex(kam.Inval, '"agee" is no attribute of the card; it reads age, city'):
            self.scorer(agee=1)
        with self.assertRaisesRegex(kam.Inval, "nothing was scored"):
            self.card.scorer().why()
        with self.assertRaises(kam.Type):
            self.scorer(age=1.5)
        with self.assertRaisesRegex(kam.Inval, '"agee" is no attribute of the card'):
            self.scorer.columns(agee=[1])
        with self.assertRaisesRegex(kam.Inval, '"city" has 1 values, not 2'):
            self.scorer.columns(age=[1, 2], city=["Suzhou"])
        with self.assertRaisesRegex(kam.Type, "give whole numbers"):
            self.scorer.columns(income=[Decimal("1.00")])
        with self.assertRaisesRegex(TypeError, "a text is wanted"):
            self.scorer.columns(city=[1.5])
        with self.assertRaises(kam.Type):
            self.scorer.columns(age=[1.5])
        with self.assertRaisesRegex(kam.Policy, "no dictionary"):
            self.scorer.columns(city=[0])

    def test_columns_as_rows(self):
        rows = [dict(age=31, city="Suzhou", income=100000, since=datetime.date(2019, 5, 1), vip=True, x=0.5),
                dict(age=17, city="Ningbo", income=99999, since=datetime.date(2021, 5, 1), vip=False, x=0.25),
                dict(age=None, city=None, income=None, since=None, vip=None, x=None)]
        scores = self.scorer.columns({name: [row[name] for row in rows] for name in self.card.reads})
        self.assertEqual((scores.points.typecode, len(scores.reasons)), ("q", 2))
        for i, row in enumerate(rows):
            income = row["income"] and Decimal(row["income"]).scaleb(-2)
            self.assertEqual(self.scorer({**row, "income": income}) * 10000, scores.points[i])
            self.assertEqual(self.scorer.normal * 10000, scores.normal[i])
            self.assertEqual(self.scorer.reasons, [self.card.reason(column[i]) for column in scores.reasons])
        self.assertIsNone(self.card.reason(10 ** 6))

    def test_memory_and_dictionary(self):
        ages = array.array("i", [20, 40] * 40000)                       # more rows than a block has
        plain = self.scorer.columns(age=ages)
        self.assertEqual((len(plain.points), plain.points[-1], len(plain.reasons[1])), (80000, 500000, 80000))
        for kernel in ("portable", "best"):
            self.scorer.kernel(kernel)
            self.assertEqual(self.scorer.columns(age=ages), plain)
        self.scorer.dictionary("city", ["Ningbo", "Suzhou", "Wuxi"])
        by_code = self.scorer.columns(city=array.array("i", [1, 0, 2, -1]))
        self.assertEqual(by_code, self.scorer.columns(city=["Suzhou", "Ningbo", "Wuxi", None]))
        self.assertEqual(by_code, self.scorer.columns(city=[1, 0, 2, None]))
        with self.assertRaises(kam.Policy) as failed:
            self.scorer.columns(city=[0] * 70000 + [9])
        self.assertEqual(failed.exception.row, 70000)
        self.assertIn("behind row 65536: row 4465: code 9", str(failed.exception))
        self.assertEqual(len(self.scorer.columns().points), 0)

    def test_card_of_a_book(self):
        with kam.open_memory(create=True, currency="CNY") as book:
            card = book.scorecard("key-account")
            account = book.save(book.new("account", name="A"))
            attributes = book.account(account).attributes
            score = card.score(attributes)
            scorer = card.scorer()
            self.assertEqual(scorer({name: attributes[name] for name in card.reads}), score.points)
            self.assertEqual([tuple(dict(part).items()) for part in scorer.why()],
                             [tuple(dict(part).items()) for part in score])
