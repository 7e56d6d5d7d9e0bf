"""Rules in CEL from Python: compile once, evaluate rows and columns, explain, functions of one's own.

    from kam.rule import Rule

    rule = Rule("revenue > 100000 && region.orValue('') == 'N'", {"revenue": "decimal", "region": "optional(string)"})
    rule(revenue=Decimal("120000.50"), region="N")                      # True
    rule.columns(revenue=["1.00", "200000.00"], region=["N", None])     # [False, False]
    print(rule.explain(revenue=5).text("zh"))                           # what each part gave

Types are those of kam/rule.h: bool, int, uint, double, string, bytes, timestamp, duration, decimal, decimal(N),
list(T), map(K, V), optional(T), dyn. In Python these are bool, int, int, float, str, bytes, datetime (aware),
timedelta, Decimal, Decimal, list, dict, the value or None, and whatever JSON makes of it. What fails raises a KamError:
Parse or Type with line, column and offset when it is compiled, Policy when an evaluation fails.
"""
from __future__ import annotations

import base64
import ctypes
import datetime
import json
import re
from decimal import Decimal
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ._c import (Block, Context, Handle, Inval, K, KamError, Policy, T, code_of, column_of, do, flags_of, in_blocks,
                 lib, listed, made, name_text, struct_of, text_of, thread, utf8)

__all__ = ["Rule", "Explanation", "Part"]


class Part(NamedTuple):
    """What one sub-expression gave: its source, its place ("line:column"), the code "VALUE", "ERROR" or
    "NOT_EVALUATED", and its value as JSON text (the message of an error; None where it was not evaluated)."""
    source: str
    place: str
    code: str
    value: Optional[str]
    text: str
    text_zh: str


class Explanation(Handle):
    """Why a rule gave what it gave: `result` (None where it failed), `error`, `parts`, the whole first, and text()."""
    __slots__ = ("result", "error", "parts")
    _end = lib.kam_why_free

    def __init__(self, pointer: int, result: Any, error: Optional[KamError]):
        super().__init__(pointer)
        self.result, self.error = result, error
        rows = made(lib.kam_why_rows, pointer)
        try:
            self.parts = []
            record = made(lib.kam_rows_next, rows)
            while record is not None:
                self.parts.append(self._part(record))
                record = made(lib.kam_rows_next, rows)
        finally:
            lib.kam_rows_free(rows)

    @staticmethod
    def _part(record: int) -> Part:
        about = json.loads(text_of(lib.kam_record_to_json, record))
        return Part(about["factor"], about["band"], about["code"], about.get("value"), about["text"], about["text_zh"])

    def text(self, lang: str = "en") -> str:
        """The same in words, "en" or "zh"."""
        return text_of(lib.kam_why_text, self._p, name_text(lang)).decode()


# ---------------------------------------------------------------- values

def _json(value: Any) -> str:
    """A value as the library reads attributes: numbers exact, times and bytes as text."""
    if value is None or isinstance(value, (bool, int, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return repr(value) if value - value == 0 else json.dumps(str(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise Inval(f"{value} has no time zone: an instant is wanted, such as datetime(..., tzinfo=timezone.utc)")
        return json.dumps(value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z"))
    if isinstance(value, datetime.date):
        return json.dumps(value.isoformat())
    if isinstance(value, datetime.timedelta):
        return json.dumps(_duration(value))
    if isinstance(value, bytes):
        return json.dumps(value.decode())
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{_json(v)}" for k, v in value.items()) + "}"
    return "[" + ",".join(map(_json, value)) + "]"


def _duration(value: datetime.timedelta) -> str:
    micros = (value.days * 86400 + value.seconds) * 1000000 + value.microseconds
    return f"{'-' if micros < 0 else ''}{abs(micros) // 1000000}.{abs(micros) % 1000000:06d}s"


def _value(kind: str, text: Any) -> Any:
    """A result read from JSON (floats as Decimal) as what its type is in Python."""
    if text is None:
        return None
    if kind.startswith("optional("):
        return _value(kind[9:-1], text)
    if kind.startswith("decimal"):
        return Decimal(text)
    if kind == "double":
        return float(text)
    if kind == "timestamp":                             # Python keeps microseconds
        whole, _, rest = text.rstrip("Z").partition(".")
        micros = int((rest + "000000")[:6])
        return datetime.datetime.fromisoformat(whole + "+00:00").replace(microsecond=micros)
    if kind == "duration":
        return datetime.timedelta(microseconds=int(Decimal(text[:-1]) * 1000000))
    if kind == "bytes":
        return base64.b64decode(text)
    if kind.startswith("list(") and isinstance(text, list):
        return [_value(kind[5:-1], one) for one in text]
    return _plain(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


#: Physical types of columns by declared types; others go as text.
_PHYSICAL = {"bool": "KAM_T_I32", "int": "KAM_T_I64", "uint": "KAM_T_I64", "double": "KAM_T_F64"}


def _cell(value: Any) -> Optional[str]:
    if value is None or isinstance(value, str):
        return value
    text = _json(value)
    return json.loads(text) if text.startswith('"') else text


# ---------------------------------------------------------------- functions of the host

def _arguments(signature: str) -> List[str]:
    inside = signature[signature.index("(") + 1:signature.rindex(")", 0, signature.index("->"))]
    found, depth, one = [], 0, ""
    for char in inside + ",":
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            found.append(one.strip())
            one = ""
        else:
            one += char
    return [kind for kind in found if kind]


def _instant(ms: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(milliseconds=ms)


def _argument(call: int, i: int, kind: str) -> Any:
    if kind in ("string", "bytes"):
        size = ctypes.c_size_t()
        raw = ctypes.string_at(lib.kam_call_text(call, i, ctypes.byref(size)), size.value) if kind else b""
        return raw if kind == "bytes" else raw.decode()
    if kind == "double":
        return lib.kam_call_f64(call, i, 0.0)
    number = lib.kam_call_i64(call, i, 0)
    if kind == "bool":
        return bool(number)
    if kind == "timestamp":
        return _instant(number)
    if kind == "duration":
        return datetime.timedelta(milliseconds=number)
    scale = re.fullmatch(r"decimal\((\d+)\)", kind)
    return Decimal(number).scaleb(-int(scale.group(1))) if scale else number


_TAKEN = re.compile(r"bool|int|uint|double|string|bytes|timestamp|duration|decimal\(\d+\)")


def _hook(signature: str, fn: Callable) -> Callable:
    kinds = _arguments(signature)
    for kind in kinds:
        if not _TAKEN.fullmatch(kind):
            raise Inval(f'"{signature}": a function takes bool, int, uint, double, string, bytes, timestamp, '
                        f"duration and decimal(N), not {kind}")

    def call(user: Any, c: int) -> int:
        try:
            answer = fn(*[_argument(c, i, kind) for i, kind in enumerate(kinds)])
            if isinstance(answer, (bool, int)):
                lib.kam_call_return_i64(c, int(answer))
            elif isinstance(answer, float):
                lib.kam_call_return_f64(c, answer)
            else:
                raw = (_cell(answer) or "").encode()
                lib.kam_call_return_text(c, raw, len(raw))
            return 0
        except Policy as error:                         # an error of the expression, which && and || may absorb
            lib.kam_call_fail(c, utf8(str(error)))
            return 0
        except BaseException as error:
            thread.raised = error
            return code_of(error)
    return call


# ---------------------------------------------------------------- rules

class Rule(Handle):
    """An expression, compiled. Call it with attributes by name, with a mapping, or with a kam.Record, whose fields are
    the attributes. As a handle it is used by one thread at a time.

    `env` names the attributes and their types. `functions` are Python's: {"discount(string, double) -> double": fn};
    with a dot in front ({".initials(string) -> string": fn}) they are called as x.initials(). They must give the same
    for the same arguments. kam.Policy raised in one is an error of the expression; anything else ends the evaluation
    and is the cause of what the call raises. `standard` turns off that whole numbers and doubles go together."""
    __slots__ = ("_work", "_again", "_traced", "_env", "_types", "_null")
    _end = lib.kam_rule_free

    def __init__(self, cel: str, env: Optional[Mapping[str, str]] = None, *,
                 functions: Optional[Mapping[str, Callable]] = None, container: Optional[str] = None,
                 standard: bool = False, null_on_error: bool = False, max_list: int = 0, budget: int = 0,
                 ctx: Optional[Context] = None, _trace: bool = False):
        self._env = dict(env or {})
        hooks = (T["kam_rule_function"] * len(functions or {}))()
        for hook, (signature, fn) in zip(hooks, (functions or {}).items()):
            hook.struct_size = ctypes.sizeof(hook)
            hook.flags = K["KAM_RULE_MEMBER"] if signature.startswith(".") else 0
            hook.signature = utf8(signature.lstrip("."))
            hook.call = T["kam_rule_fn"](_hook(signature, fn))
        options = struct_of("kam_rule_options", container=container, max_list=max_list, budget=budget,
                            nfunction=len(hooks), function=hooks if hooks else None,
                            flags=flags_of("RULE", standard=standard, null_on_error=null_on_error, trace=_trace))
        raw = cel.encode()
        super().__init__(made(lib.kam_rule_compile, ctx and ctx._p, utf8(json.dumps(self._env)), ctypes.byref(options),
                              raw, len(raw)), (ctx, hooks, options))
        self._work = _Work(made(lib.kam_work_new, ctx and ctx._p))
        self._traced: Optional[Rule] = None
        self._again = lambda: Rule(cel, env, functions=functions, container=container, standard=standard,
                                   max_list=max_list, budget=budget, ctx=ctx, _trace=True)

    def close(self) -> None:
        """Ends the rule."""
        for one in (getattr(self, "_work", None), getattr(self, "_traced", None)):
            if one is not None:
                one.close()
        super().close()

    @property
    def type(self) -> str:
        """Type of the result, as it was found by compiling: "bool", "list(string)"."""
        return lib.kam_rule_type(self._p).decode()

    @property
    def cost(self) -> Optional[int]:
        """Upper bound of the steps of an evaluation; None = it has none that could be told."""
        found = lib.kam_rule_cost(self._p)
        return None if found == 2 ** 64 - 1 else found

    @property
    def reads(self) -> List[str]:
        """Names of the attributes the expression reads."""
        found: List[str] = []
        while (name := lib.kam_rule_reads(self._p, len(found))) is not None:
            found.append(name.decode())
        return found

    def _evaluate(self, given: Any) -> Any:
        if hasattr(given, "_kind") and isinstance(given, Handle):
            raw = text_of(lib.kam_rule_eval, self._p, self._work._p, given._p, kinds=given._kinds)
        else:
            text = _json({name: value for name, value in given.items() if value is not None}).encode()
            raw = text_of(lib.kam_rule_eval_json, self._p, self._work._p, text, len(text))
        return _value(self.type, json.loads(raw, parse_float=Decimal))

    def __call__(self, *given: Any, **values: Any) -> Any:
        return self._evaluate(_one(given, values))

    def explain(self, *given: Any, **values: Any) -> Explanation:
        """What each part of the expression gives for these attributes; one that fails is explained, too."""
        if self._traced is None:
            self._traced = self._again()
        rule, result, failed = self._traced, None, None
        try:
            result = rule._evaluate(_one(given, values))
        except Policy as error:
            failed = error
        return Explanation(made(lib.kam_rule_why, rule._p, rule._work._p), result, failed)

    def columns(self, *given: Mapping[str, Sequence[Any]], **values: Sequence[Any]) -> List[Any]:
        """Evaluates for all rows of columns (lists, None = no value) at once: the results as a list. A row that fails
        raises, with its number; with null_on_error it gives None."""
        found: List[Any] = []
        in_blocks(_one(given, values), self._env, "name of the environment",
                  lambda named, nrow: found.extend(self._block(named, nrow)))
        return found

    def _block(self, named: Mapping[str, Sequence[Any]], nrow: int) -> List[Any]:
        columns = []
        for name, kind in self._env.items():
            bare = kind[9:-1] if kind.startswith("optional(") else kind
            physical, values = K[_PHYSICAL.get(bare, "KAM_T_TEXT")], named.get(name)
            if values is None:
                values = [None] * nrow
            elif physical == K["KAM_T_TEXT"]:
                values = [_cell(value) for value in values]
            columns.append((0, physical, values))
        block, out = Block(columns, nrow), ctypes.POINTER(T["kam_col"])()
        do(lib.kam_rule_eval_block, ctypes.byref(out), self._p, self._work._p, ctypes.byref(block.struct))
        return self._results(listed(column_of(out.contents, nrow)), out.contents.type)

    def _results(self, found: List[Any], physical: int) -> List[Any]:
        kind = self.type[9:-1] if self.type.startswith("optional(") else self.type
        scale = re.fullmatch(r"decimal\((\d+)\)", kind)
        if kind == "bool":
            read: Callable[[Any], Any] = bool
        elif scale:
            places = int(scale.group(1))
            read = lambda v: Decimal(v).scaleb(-places)
        elif kind == "timestamp":
            read = _instant
        elif kind == "duration":
            read = lambda v: datetime.timedelta(milliseconds=v)
        elif kind != "string" and physical == K["KAM_T_TEXT"]:
            read = lambda v: _value(kind, json.loads(v, parse_float=Decimal))
        else:
            return found
        return [None if value is None else read(value) for value in found]


class _Work(Handle):
    __slots__ = ()
    _end = lib.kam_work_free


def _one(given: Sequence[Any], values: Dict[str, Any]) -> Any:
    if len(given) > 1 or (given and values):
        raise TypeError("attributes are given by name, or as one mapping or record")
    return given[0] if given else values
