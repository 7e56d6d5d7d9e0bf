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
    return F(half_even(F(points) * F(weight) * 10000), 10000)

# ---------------------------------------------------------------- the oracle

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
        x = EXPRS[expr](row)
    except TypeError:
        return None
    if isinstance(x, tuple):
        return True if x[1] is True or x[2] is True else None if x[1] is None or x[2] is None else False
    return x

def outcome(f, v):
    if v is None or (isinstance(v, float) and math.isnan(v)):
        return f.get("missing", 0)
    if "flag" in f:
        return f["flag"]["true" if v else "false"]
    if "map" in f:
        for key, o in f["map"].items():
            if key == v or (not isinstance(v, str) and F(key) == v):
                return o
        return f["otherwise"]
    for b in f["bands"]:
        double = isinstance(v, float)
        low, high = (None if x is None else float(x) if double else F(x) for x in (b.get("from"), b.get("below")))
        if (low is None or v >= low) and (high is None or v < high):
            return b
    return f["otherwise"]

def points_of(o):
    return F(o["points"] if isinstance(o, dict) else o)

def outcomes(f):
    cases = f["bands"] if "bands" in f else list(f["map"].values()) if "map" in f else list(f["flag"].values())
    return cases + [f.get("missing", 0)] + ([f["otherwise"]] if "otherwise" in f else [])

def oracle(card, row):
    parts, low, high, total = [], F(card["baseline"]), F(card["baseline"]), F(card["baseline"])
    groups = {"g": F(0), "h": F(0)}
    above = card["reasons"]["method"] == "points_above"
    for i, f in enumerate(card["factors"]):
        w = f.get("weight", "1")
        got = contribution(points_of(outcome(f, evaluate(f["expr"], row) if "expr" in f else row[f["attribute"]])), w)
        all_ = [contribution(points_of(o), w) for o in outcomes(f)]
        low, high, total = low + min(all_), high + max(all_), total + got
        base = contribution(f["baseline"], w) if "baseline" in f else min(all_) if above else max(all_)
        parts.append((-(got - base if above else base - got), i, f["id"]))
        groups[f["group"]] += got
    reasons = [(id_, -gap) for gap, _, id_ in sorted(parts)][:card["reasons"]["count"]]
    normal = F(half_even((total - low) / (high - low) * 100 * 10000), 10000)
    warnings = [w["id"] for w in card["warnings"]
                if ("expr" in w and evaluate(w["expr"], row) is True) or ("missing" in w and row[w["attribute"]] is None) or
                ("at_least" in w and row[w["attribute"]] is not None and row[w["attribute"]] >= F(w["at_least"]))]
    return total, reasons, normal, groups, warnings

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
    span = sum(len(set(contribution(points_of(o), f.get("weight", "1")) for o in outcomes(f))) > 1 for f in card["factors"])
    return card if span else make_card(r)

def make_row(r, card):
    edges = [F(x[k]) for f in card["factors"] for x in f.get("bands", ()) for k in ("from", "below") if k in x] or [F(0)]
    def near(places):
        e = r.choice(edges) + r.choice([-1, 0, 0, 1]) * F(1, 10 ** places) if r.random() < .6 else F(r.randint(-3000, 5000), 100)
        return F(math.floor(e * 10 ** places), 10 ** places)
    row = {"a": near(0), "b": near(0), "m": near(2), "n": near(2), "s": r.choice(["N", "S", "X", "客户"]), "z": r.random() < .5,
           "u": r.choice([float(near(2)), math.nan, math.inf, -0.0, float(r.choice(edges))])}
    return {k: None if r.random() < .12 else v for k, v in row.items()}

# ---------------------------------------------------------------- the library

def open_card(card):
    handle, scorer = P(), P()
    text = json.dumps(card, ensure_ascii=False).encode()
    must(LIB.kam_scorecard_parse(c.byref(handle), None, text, len(text), ERR), text.decode())
    must(LIB.kam_scorer_new(c.byref(scorer), handle, ERR))
    return handle, scorer

def digits(x):
    assert (x * 10000).denominator == 1
    return int(x * 10000)

def score_row(scorer, row):
    LIB.kam_scorer_clear(scorer)
    for i, name in enumerate(sorted(TYPES)):
        v = row[name]
        if v is None:
            continue
        if name == "s":
            raw = v.encode()
            KEEP.append(raw)
            must(LIB.kam_scorer_set_text(scorer, i, raw, len(raw), ERR))
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

KEEP = []

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
            raw = [(v or "").encode() for v in values]
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
    block, bad = score_block(scorer, rows), 0
    for k, row in enumerate(rows):
        total, reasons, normal, groups, warnings = oracle(card, row)
        want = (digits(total), [(f, digits(g)) for f, g in reasons], digits(normal), {g: digits(v) for g, v in groups.items()}, warnings)
        got = score_row(scorer, row)
        if got != want or block[k] != want[0]:
            bad += 1
            if told is card:
                sys.exit("oracle: %r\nwanted  %r\nblock   %d\nrow     %r\n%s" % (got, want, block[k], row, json.dumps(card, ensure_ascii=False)))
    LIB.kam_scorer_free(scorer)
    LIB.kam_scorecard_free(handle)
    KEEP.clear()
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
        rows = [make_row(r, card) for _ in range(ROWS)]
        differences(card, card, rows)
        cases += len(rows)
    for _ in range(20):
        card = make_card(r)
        rows = [make_row(r, card) for _ in range(ROWS)] + [dict.fromkeys(TYPES)]
        caught += differences(mutated(r, card), card, rows) > 0
    if caught != 20:
        sys.exit("oracle: only %d of 20 changed cards were noticed" % caught)
    print("oracle: %d scores of %d cards agree; 20 of 20 changed cards are noticed" % (cases, CARDS))

main()
