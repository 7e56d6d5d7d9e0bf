--[[ kam_rule: CEL expressions, for kam.lua: compiled once, evaluated on rows and columns, explained, with functions of
the program.

    local rule = kam.rule("revenue > 100000 && shout(region) == 'N!'", '{"revenue": "decimal", "region": "string"}',
        { functions = { ["shout(string) -> string"] = function(text) return text .. "!" end } })
    rule:eval '{"revenue": 250000, "region": "N"}'                      -- "true", as JSON
    rule:columns { revenue = { "1.50", "250000" }, region = { "N", "N" } }      -- { false, true }
    print(rule:explain('{"revenue": 5, "region": "N"}').text "zh") ]]
local base = require "kam_base"
local kam, core, check, set, class = base.kam, base.core, base.check, base.set, base.class
local options_of, object, p, name_of = base.options_of, base.object, base.p, base.name_of
local inside, record_p, raise, guarded, E = base.inside, base.record_p, base.raise, base.guarded, base.E
local REASON, column, reasons_of = base.REASON, require "kam_rows".column, require "kam_run".reasons_of
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

local Rule = class()

-- ---------------------------------------------------------------- functions of the program

local LETTER = { string = "s", bytes = "s", double = "f", bool = "b", int = "i", uint = "i", timestamp = "i",
    duration = "i" }

-- Digits and their scale as text: decimals stay exact.
local function decimal(digits, scale)
    local text = tostring(digits):gsub("LL$", ""):gsub("%.0$", "")
    local sign, number = text:match "^(-?)(%d+)$"
    number = ("0"):rep(scale + 1 - #number) .. number
    return sign .. (scale == 0 and number or number:sub(1, -scale - 1) .. "." .. number:sub(-scale))
end

-- The function as the core takes it. What it raises ends the evaluation; an error of the library with the code
-- KAM_E_POLICY is an error of the expression, which && and || may absorb.
local function hook(signature, f)
    local member, rest = signature:match "^(%.?)(.*)$"
    local kinds, scales = {}, {}
    for kind in (rest:match "%((.*)%)%s*%->" or ""):gmatch "[^,]+" do
        kind = kind:match "^%s*(.-)%s*$"
        local scale = kind:match "^decimal%((%d+)%)$"
        scales[#kinds + 1] = tonumber(scale)
        kinds[#kinds + 1] = scale and "i" or LETTER[kind] or
            raise(E.INVAL, ('"%s": a function takes bool, int, uint, double, string, bytes, timestamp, duration and ' ..
                "decimal(N), not %s"):format(signature, kind))
    end
    return { signature = rest, member = member == ".", kinds = table.concat(kinds), call = guarded(function(...)
        local given = { ... }
        for i, scale in pairs(scales) do given[i] = decimal(given[i], scale) end
        local ok, value = pcall(f, (unpack or table.unpack)(given, 1, #kinds))
        if ok and value == nil then error("a function of a rule gave no value: " .. signature, 0) end
        if ok then return value end
        if kam.is_error(value) and value.code == E.POLICY then return { fail = value.message } end
        error(value, 0)
    end) }
end

-- ---------------------------------------------------------------- rules

local OPTIONS = set("container", "max_list", "budget", "functions")

local function compile(cel, env, options, ctx)
    local o = options_of(options, base.RULE_FLAGS, OPTIONS)
    local hooks = {}
    for signature, f in pairs(o.functions or {}) do hooks[#hooks + 1] = hook(signature, f) end
    o.functions = hooks
    local handle, keep = check(nil, core.rule_compile(ctx and p(ctx), name_of(env), o, cel))
    local rule = object(Rule, handle, nil, { ctx, keep })
    rule.work = check(nil, core.work_new(ctx and p(ctx)))
    return rule
end

-- A CEL expression. env: JSON of its variables and their types, as kam/rule.h has them; nil = none. Options: standard,
-- null_on_error, container, max_list, budget; functions, a table signature -> function, with a dot in front of the
-- signature of one that is called as x.name(...). Texts come as text, decimal(N) as exact text, instants as ms.
function kam.rule(cel, env, options, ctx)
    local rule = compile(cel, env, options, ctx)
    rule.again = function()
        local o = { trace = true }
        for name, value in pairs(options or {}) do if name ~= "null_on_error" then o[name] = value end end
        return compile(cel, env, o, ctx)
    end
    return rule
end

-- Type of the result, what it costs at most, and the names it reads.
function Rule:type() return core.rule_type(p(self)) end
function Rule:cost() return core.rule_cost(p(self)) end
function Rule:reads()
    local names = {}
    for name in function() return core.rule_reads(p(self), #names) end do names[#names + 1] = name end
    return names
end

-- The result as JSON: on JSON of the variables, or on a record.
function Rule:eval(on)
    if type(on) == "string" then return (check(nil, core.rule_eval_json(p(self), self.work, on))) end
    return (check(inside(on).book, core.rule_eval(p(self), self.work, record_p(on))))
end

local PART = { source = REASON.factor, value = REASON.value, place = REASON.band, code = REASON.code,
    text = REASON.text, text_zh = REASON.text_zh }

-- What each part of the expression gives on JSON of the variables, or on a record: { result = JSON, error = message
-- (one of them), parts = { { source =, place = "line:column", code = "VALUE" | "ERROR" | "NOT_EVALUATED", value = JSON,
-- text =, text_zh = } ... }, text = function(lang) }.
function Rule:explain(on)
    self.traced = self.traced or self.again()
    local rule, made = self.traced, {}
    local ok, result = pcall(rule.eval, rule, on)
    if ok then made.result = result
    elseif kam.is_error(result) and result.code == E.POLICY then made.error = result.message
    else error(result, 0) end
    made.parts, made.text = reasons_of(check(nil, core.rule_why(p(rule), rule.work)), PART)
    return made
end

-- Evaluates for all rows of columns at once, { name = list ... } with n = rows where lists may end in nil: a list of
-- booleans, numbers, or text (of decimals, exact; of lists and maps, JSON).
function Rule:columns(given)
    local n, columns = given.n or 0, {}
    for name, values in pairs(given) do
        if name ~= "n" then
            local var = core.rule_var(p(self), name)
            if var < 0 then raise(E.INVAL, ('"%s" is no name of the environment'):format(name)) end
            if not given.n and #values > n then n = #values end
            columns[var + 1] = values
        end
    end
    local most = 0
    for at in pairs(columns) do if at > most then most = at end end
    for i = 1, most do columns[i] = column(columns[i] or {}, n) end
    local out = check(nil, core.rule_eval_block(p(self), self.work, { n = n, columns = columns }))
    local kind = self:type():match "^optional%((.*)%)$" or self:type()
    local scale = tonumber(kind:match "^decimal%((%d+)%)$")
    local values = { n = n }
    for i = 1, n do
        local v = out.values[i]
        if v ~= nil and kind == "bool" then v = v ~= 0 elseif v ~= nil and scale then v = decimal(v, scale) end
        values[i] = v
    end
    return values
end

return Rule
