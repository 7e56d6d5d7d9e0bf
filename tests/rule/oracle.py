#!/usr/bin/env python3
"""10,000 scores of generated cards beside an oracle of its own in exact fractions.

The oracle reads the same document and knows nothing of the library: contributions, groups, reason codes after PMML, the
score from 0 to 100, warnings, factors in CEL (small ones, which it evaluates by itself). Each card is scored row by row and
as one block. At the end single points of cards are changed behind the oracle's back: it must notice.

Usage: oracle.py path/to/libkam.so [cards] [rows]
"""
import ctypes as c, json, math, random, sys
from fractions import Fraction as F

LIB = c.CDLL(sys.argv[1])
CARDS = int(sys.argv[2]) if len(sys.argv) > 2 else 200
ROWS = int(sys.argv[3]) if len(sys.argv) > 3 else 50
I64, P, S, U = c.c_int64, c.c_void_p, c.c_char_p, c.c_uint32
for name, result, args in (
        ("error_new", c.c_int32, [P, P]), ("error_message", S, [P]), ("scorecard_parse", c.c_int32, [P, P, S, c.c_size_t, P]),
        ("scorecard_free", None, [P]), ("scorecard_reads", S, [P, U]), ("scorecard_reason", S, [P, c.c_int32, P, P]),
        ("scorer_new", c.c_int32, [P, P, P]), ("scorer_free", None, [P]), ("scorer_clear", None, [P]),
        ("scorer_set_i64", c.c_int32, [P, U, I64, P]), ("scorer_set_f64", c.c_int32, [P, U, c.c_double, P]),
        ("scorer_set_text", c.c_int32, [P, U, S, c.c_size_t, P]), ("scorer_run", c.c_int32, [P, P, P]),
        ("scorer_normal", I64, [P, I64]), ("scorer_group", I64, [P, S, I64]), ("scorer_reason", S, [P, U, P, P]),
        ("scorer_warning", S, [P, U]), ("scorer_block", c.c_int32, [P, P, P, P])):
    f = getattr(LIB, "kam_" + name)
    f.restype, f.argtypes = result, args

class Col(c.Structure):
    _fields_ = [("field", U), ("type", c.c_uint8), ("reserved", c.c_uint8 * 3), ("data", P), ("off", P), ("valid", P)]

class Block(c.Structure):
    _fields_ = [("struct_size", U), ("nrow", U), ("ncol", U), ("reserved", U), ("col", c.POINTER(Col))]

ERR = P()
LIB.kam_error_new(c.byref(ERR), None)

def must(rc, what=""):
    if rc:
        sys.exit("%s: %d: %s" % (what, rc, LIB.kam_error_message(ERR).decode()))

# ---------------------------------------------------------------- numbers

def half_even(x):
    """Nearest whole number, ties to even."""
    low = math.floor(x)
    rest = x - low
    return low + (1 if rest > F(1, 2) or (rest == F(1, 2) and low % 2) else 0)

def contribution(points, weight):
    """In 10^-4."""
    return half_even(F(points) * F(weight) * 10000)

def digits(x):
    """A number of four places as the library gives it."""
    assert (x * 10000).denominator == 1
    return int(x * 10000)

# ---------------------------------------------------------------- the oracle

TEXTS = ["N", "S", "X", "客户"]
RAW = {s: s.encode() for s in [""] + TEXTS}
TYPES = {"a": "int", "b": "int", "m": "decimal(2)", "n": "decimal(2)", "s": "string", "u": "double", "z": "bool"}
EXPRS = {  # what the library compiles, and what the oracle computes
    "a + b * 2": lambda v: v["a"] + v["b"] * 2,
    "m - n": lambda v: v["m"] - v["n"],
    "m + n": lambda v: v["m"] + v["n"],
    "a - b": lambda v: v["a"] - v["b"],
    "a > b": lambda v: v["a"] > v["b"],
    "m >= n": lambda v: v["m"] >= v["n"],
    "s == 'N' || z": lambda v: ("or", v["s"] == "N" if v["s"] is not None else None, v["z"]),
    "s + s": lambda v: v["s"] + v["s"],
}

def evaluate(expr, row):
    """None where a value it needs is missing; || takes a true side for the whole."""
    try:
        x = expr(row)
    except TypeError:
        return None
    if isinstance(x, tuple):
        return True if x[1] is True or x[2] is True else None if x[1] is None or x[2] is None else False
    return x

def points_of(o):
    return F(o["points"] if isinstance(o, dict) else o)

def outcomes(f):
    cases = f["bands"] if "bands" in f else list(f["map"].values()) if "map" in f else list(f["flag"].values())
    return cases + [f.get("missing", 0)] + ([f["otherwise"]] if "otherwise" in f else [])

class Factor:
    """What a factor's outcomes contribute, worked out once: whole numbers of 10^-4, as every contribution is."""

    def __init__(self, f, above):
        w = f.get("weight", "1")
        worth = lambda o: contribution(points_of(o), w)
        all_ = [worth(o) for o in outcomes(f)]
        self.id, self.group, self.source = f["id"], f["group"], f.get("attribute")
        self.expr = EXPRS[f["expr"]] if "expr" in f else None
        self.low, self.high = min(all_), max(all_)
        self.base = contribution(f["baseline"], w) if "baseline" in f else self.low if above else self.high
        self.missing, self.otherwise = worth(f.get("missing", 0)), worth(f.get("otherwise", 0))
        self.flag = [worth(f["flag"][k]) for k in ("false", "true")] if "flag" in f else None
        self.map = [(k, None if "s" in f.get("expr", f.get("attribute")) else F(k), worth(o))
                    for k, o in f["map"].items()] if "map" in f else None
        self.bands = [([None if b.get(k) is None else F(b[k]) for k in ("from", "below")], worth(b)) for b in f.get("bands", ())]
        self.doubles = [([None if x is None else float(x) for x in limits], n) for limits, n in self.bands]

    def contribution(self, row):
        v = evaluate(self.expr, row) if self.expr else row[self.source]
        if v is None or v != v:
            return self.missing
        if self.flag:
            return self.flag[bool(v)]
        if self.map:
            return next((n for text, number, n in self.map if (text if number is None else number) == v), self.otherwise)
        for (low, high), n in self.doubles if isinstance(v, float) else self.bands:
            if (low is None or v >= low) and (high is None or v < high):
                return n
        return self.otherwise

class Oracle:
    def __init__(self, card):
        self.above = card["reasons"]["method"] == "points_above"
        self.count, self.start = card["reasons"]["count"], digits(F(card["baseline"]))
        self.factors = [Factor(f, self.above) for f in card["factors"]]
        self.low, self.high = (self.start + sum(getattr(f, k) for f in self.factors) for k in ("low", "high"))
        self.warnings = [(w["id"], EXPRS[w["expr"]] if "expr" in w else None, w.get("attribute"), F(w["at_least"]) if "at_least" in w else None)
                         for w in card["warnings"]]

    def warns(self, expr, source, least, row):
        if expr:
            return evaluate(expr, row) is True
        return row[source] is None if least is None else row[source] is not None and row[source] >= least

    def score(self, row):
        total, parts, groups = self.start, [], {"g": 0, "h": 0}
        for i, f in enumerate(self.factors):
            got = f.contribution(row)
            total += got
            groups[f.group] += got
            parts.append((f.base - got if self.above else got - f.base, i, f.id))
        reasons = [(id_, -gap) for gap, _, id_ in sorted(parts)][:self.count]
        normal = half_even(F((total - self.low) * 1000000, self.high - self.low))
        return total, reasons, normal, groups, [w[0] for w in self.warnings if self.warns(*w[1:], row)]

# ---------------------------------------------------------------- generating

def dec(r, reach, places):
    return str(F(r.randint(-reach, reach), 10 ** places).limit_denominator()) if places == 0 else "%.*f" % (places, r.randint(-reach, reach) / 10 ** places)

def make_bands(r, places):
    n, at, bands = r.randint(1, 6), r.randint(-20, 5), []
    for k in range(n):
        b = {"points": dec(r, 99999, r.randint(0, 4))}
        if k or r.random() < .4:
            b["from"] = str(at) if not places or r.random() < .5 else "%d.%02d" % (at, 25 * r.randint(0, 3)) if at >= 0 else str(at)
        at += r.randint(2, 9)
        bands.append(b)
    for k in range(n - 1):
        bands[k]["below"] = bands[k + 1]["from"]
    if r.random() < .4:
        bands[-1]["below"] = str(at + 3)
    return bands

def make_factor(r, i):
    f = {"id": "f%d" % i, "title": {"en": "t", "zh": "t"}, "group": r.choice("gh"), "missing": dec(r, 9999, 2), "otherwise": dec(r, 9999, 3)}
    if r.random() < .6:
        f["weight"] = dec(r, 50000, 4)
    if r.random() < .3:
        f["baseline"] = dec(r, 9999, 1)
    if r.random() < .4:
        f["expr"] = r.choice(sorted(EXPRS))
        kind = "flag" if ">" in f["expr"] or "||" in f["expr"] else "map" if "s + s" == f["expr"] else "bands"
    else:
        f["attribute"] = r.choice(sorted(TYPES))
        kind = {"s": "map", "z": "flag"}.get(f["attribute"], "map" if f["attribute"] in "ab" and r.random() < .3 else "bands")
    if kind == "bands":
        f["bands"] = make_bands(r, f.get("attribute") in ("m", "n", "u") or f.get("expr", "")[:1] == "m")
    elif kind == "flag":
        f["flag"] = {"true": dec(r, 9999, 2), "false": dec(r, 9999, 2)}
        del f["otherwise"]
    else:
        keys = ["N", "S", "NN", "SS", "客户"] if f.get("attribute") == "s" or "expr" in f else [str(k) for k in range(-4, 9, 3)]
        f["map"] = {k: dec(r, 9999, r.randint(0, 4)) for k in r.sample(keys, r.randint(1, len(keys)))}
    return f

def make_card(r):
    card = {"name": "t", "title": {"en": "t", "zh": "t"}, "baseline": dec(r, 9999, 2), "attributes": TYPES,
            "groups": [{"id": g, "title": {"en": "t", "zh": "t"}} for g in "gh"],
            "factors": [make_factor(r, i) for i in range(r.randint(1, 9))], "normalize": True,
            "reasons": {"method": r.choice(["points_below", "points_above"]), "count": r.randint(1, 8)},
            "warnings": [{"id": "w0", "expr": r.choice(["a > b", "m >= n", "s == 'N' || z"]), "text": {"en": "e", "zh": "z"}},
                         {"id": "w1", "attribute": "b", "at_least": str(r.randint(-9, 9)), "text": {"en": "e", "zh": "z"}},
                         {"id": "w2", "attribute": "m", "missing": True, "text": {"en": "e", "zh": "z"}}]}
    oracle = Oracle(card)
    return card if oracle.high > oracle.low else make_card(r)

def make_row(r, edges):
    def near(unit):
        e = r.choice(edges) + r.choice([-unit, 0, 0, unit]) if r.random() < .6 else r.randint(-3000, 5000)
        return F(e // unit * unit, 100)
    row = {"a": near(100), "b": near(100), "m": near(1), "n": near(1), "s": r.choice(TEXTS), "z": r.random() < .5,
           "u": r.choice([float(near(1)), math.nan, math.inf, -0.0, r.choice(edges) / 100])}
    return {k: None if r.random() < .12 else v for k, v in row.items()}

def edges_of(card):
    """The limits of its bands in 10^-2."""
    return [int(F(x[k]) * 100) for f in card["factors"] for x in f.get("bands", ()) for k in ("from", "below") if k in x] or [0]

# ---------------------------------------------------------------- the library

def open_card(card):
    handle, scorer = P(), P()
    text = json.dumps(card, ensure_ascii=False).encode()
    must(LIB.kam_scorecard_parse(c.byref(handle), None, text, len(text), ERR), text.decode())
    must(LIB.kam_scorer_new(c.byref(scorer), handle, ERR))
    return handle, scorer

def score_row(scorer, row):
    LIB.kam_scorer_clear(scorer)
    for i, name in enumerate(sorted(TYPES)):
        v = row[name]
        if v is None:
            continue
        if name == "s":
            must(LIB.kam_scorer_set_text(scorer, i, RAW[v], len(RAW[v]), ERR))
        elif name == "u":
            must(LIB.kam_scorer_set_f64(scorer, i, v, ERR))
        else:
            must(LIB.kam_scorer_set_i64(scorer, i, int(v * 100) if name in "mn" else int(v), ERR))
    points, reasons, warnings, gap, factor = I64(), [], [], I64(), S()
    must(LIB.kam_scorer_run(c.byref(points), scorer, ERR), "run")
    while LIB.kam_scorer_reason(scorer, len(reasons), c.byref(factor), c.byref(gap)):
        reasons.append((factor.value.decode(), gap.value))
    while (w := LIB.kam_scorer_warning(scorer, len(warnings))):
        warnings.append(w.decode())
    return (points.value, reasons, LIB.kam_scorer_normal(scorer, -1),
            {g: LIB.kam_scorer_group(scorer, g.encode(), -1) for g in "gh"}, warnings)

def score_block(scorer, rows):
    cols, n, keep = (Col * len(TYPES))(), len(rows), []
    for i, name in enumerate(sorted(TYPES)):
        values = [row[name] for row in rows]
        valid = bytearray((n + 7) // 8)
        for k, v in enumerate(values):
            if v is not None:
                valid[k // 8] |= 1 << k % 8
        valid = (c.c_uint8 * len(valid))(*valid)
        if name == "s":
            raw = [RAW[v or ""] for v in values]
            off = (c.c_int32 * (n + 1))(*[sum(map(len, raw[:k])) for k in range(n + 1)])
            data, kind = c.create_string_buffer(b"".join(raw) + b"."), 4
            cols[i].off = c.addressof(off)
            keep.append(off)
        elif name == "u":
            data, kind = (c.c_double * n)(*[v or 0.0 for v in values]), 3
        else:
            data, kind = (I64 * n)(*[int(v * 100) if v and name in "mn" else int(v or 0) for v in values]), 2
        cols[i].type, cols[i].data, cols[i].valid = kind, c.addressof(data), c.addressof(valid)
        keep += [data, valid]
    block = Block(c.sizeof(Block), n, len(TYPES), 0, cols)
    out = c.POINTER(Block)()
    must(LIB.kam_scorer_block(c.byref(out), scorer, c.byref(block), ERR), "block")
    return list((I64 * n).from_address(out.contents.col[0].data))

# ---------------------------------------------------------------- comparing

def differences(told, card, rows):
    """Rows where the library, given `told`, differs from the oracle, which reads `card`."""
    handle, scorer = open_card(told)
    block, bad, oracle = score_block(scorer, rows), 0, Oracle(card)
    for k, row in enumerate(rows):
        want, got = oracle.score(row), score_row(scorer, row)
        if got != want or block[k] != want[0]:
            bad += 1
            if told is card:
                sys.exit("oracle: %r\nwanted  %r\nblock   %d\nrow     %r\n%s" % (got, want, block[k], row, json.dumps(card, ensure_ascii=False)))
    LIB.kam_scorer_free(scorer)
    LIB.kam_scorecard_free(handle)
    return bad

def mutated(r, card):
    told = json.loads(json.dumps(card))
    f = r.choice(told["factors"])
    f.setdefault("weight", "1")
    if abs(float(f["weight"])) < 0.001:
        f["weight"] = "2"
    f["missing"] = "7777.25"
    return told

def main():
    r, cases, caught = random.Random(20261122), 0, 0
    for _ in range(CARDS):
        card = make_card(r)
        edges = edges_of(card)
        rows = [make_row(r, edges) for _ in range(ROWS)]
        differences(card, card, rows)
        cases += len(rows)
    for _ in range(20):
        card = make_card(r)
        rows = [make_row(r, edges_of(card)) for _ in range(9)] + [dict.fromkeys(TYPES)]
        caught += differences(mutated(r, card), card, rows) > 0
    if caught != 20:
        sys.exit("oracle: only %d of 20 changed cards were noticed" % caught)
    print("oracle: %d scores of %d cards agree; 20 of 20 changed cards are noticed" % (cases, CARDS))

main()
