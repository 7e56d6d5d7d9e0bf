--[=[ kam_score: scorecards over rows and columns of the program's own, for kam.lua; attributes by name, no value where
one is not given.

    local card = kam.scorecard [[{"name": "credit", "title": {"en": "Credit", "zh": "信用"},
        "attributes": {"age": "int"}, "factors": [{"id": "age", "title": {"en": "Age", "zh": "年龄"},
        "attribute": "age", "bands": [{"below": 30, "points": 10}, {"from": 30, "points": 40}]}]}]]
    local scorer = card:scorer()
    print(scorer:score { age = 31 })                            -- 40.0
    print(scorer:why().text "zh")
    print(scorer:columns({ age = { 31, 20 } }).points[1])       -- 400000, in 10^-4
]=]
local base = require "kam_base"
local core, check, class, object, p, call = base.core, base.check, base.class, base.object, base.p, base.call
local raise, choice, E, T, REASON, KERNEL = base.raise, base.choice, base.E, base.T, base.REASON, base.KERNEL
local column = require "kam_rows".column
local runs = require "kam_run"
local Scorecard, reasons_of = runs.Scorecard, runs.reasons_of
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

local Scorer = class()

-- What next(of, 0), next(of, 1) ... give until there is no more.
local function listed(next, of)
    local made = {}
    for one in function() return next(of, #made) end do made[#made + 1] = one end
    return made
end

-- ---------------------------------------------------------------- cards

-- Names of the attributes the card reads.
function Scorecard:reads() return listed(core.scorecard_reads, p(self)) end

local function reason(code, factor, gap) return code and { code = code, factor = factor, gap = gap / 10000 } end

-- What a number of scorer:columns().reasons says: { code =, factor =, gap = }; nil = there is no such reason.
function Scorecard:reason(number) return reason(core.scorecard_reason(p(self), number)) end

-- What scores rows and columns of the program's own by this card.
function Scorecard:scorer()
    local scorer = object(Scorer, check(self.book, core.scorer_new(p(self))), self.book, self)
    scorer.number, scorer.texts, scorer.names = {}, {}, self:reads()
    for i, name in ipairs(scorer.names) do
        local _, code = core.scorer_set_i64(p(scorer), i - 1, 0)
        scorer.number[name], scorer.texts[name] = i - 1, code == E.TYPE
    end
    return scorer
end

-- ---------------------------------------------------------------- rows

function Scorer:attribute(name)
    return self.number[name] or raise(E.INVAL, ('"%s" is no attribute of the card; it reads %s'):format(tostring(name),
        table.concat(self.names, ", ")))
end

-- Scores one row, { name = value ... }: text (also of decimals, days, enums), numbers, booleans.
function Scorer:score(values)
    core.scorer_clear(p(self))
    self.given = {}                                     -- texts that the library has not copied
    for name, value in pairs(values) do
        local i = self:attribute(name)
        if type(value) == "number" and not base.whole(value) then
            call(self, "scorer_set_f64", i, value)
        else
            local text = base.text_of({ name = name, type = "an attribute" }, value)
            self.given[#self.given + 1] = text
            call(self, "scorer_set_text", i, text)
        end
    end
    return call(self, "scorer_run") / 10000
end

-- Of the score last made: from 0 to 100 (nil = the card has no `normalize`), what a group contributed (nil = there is
-- no such group), reason codes { { code =, factor =, gap = } ... }, the strongest first, and ids of warnings.
local function points(number) return number and number / 10000 end
function Scorer:normal() return points(core.scorer_normal(p(self))) end
function Scorer:group(name) return points(core.scorer_group(p(self), base.name_of(name))) end
function Scorer:reasons()
    return listed(function(h, i) return reason(core.scorer_reason(h, i)) end, p(self))
end
function Scorer:warnings() return listed(core.scorer_warning, p(self)) end

-- The score last made, explained: { parts = { { factor =, value =, band =, points =, share =, code =, text =, text_zh =
-- } ... }, text = function(lang) }, all of it text.
function Scorer:why()
    local parts, text = reasons_of(check(self.book, core.scorer_why(p(self))), REASON)
    return { parts = parts, text = text }
end

-- ---------------------------------------------------------------- columns

-- Gives a text attribute a dictionary: its columns are then numbers, places in `texts` from 0, -1 for no value.
function Scorer:dictionary(name, texts)
    call(self, "scorer_dictionary", self:attribute(name), { n = #texts, columns = { column(texts, #texts, T.text) } })
end

-- Which loops columns() uses: "best", "portable", "avx2", "avx512"; all give the same.
function Scorer:kernel(name) call(self, "scorer_kernel", choice(KERNEL, name, "kernel")) end

-- Scores up to 65,536 rows of columns at once, { name = list ... } with n = rows where lists may end in nil. Values are
-- as Rows:columns() gives them: decimals in their last decimal, days since 1970, enums as numbers. What comes is { n =,
-- points = list in 10^-4 }, with `reasons` = a list of numbers for each reason of the card, the strongest first, for
-- card:reason(), and `normal` = a list in 10^-4, where the card has them.
function Scorer:columns(given)
    local n, last, columns = given.n or 0, -1, {}
    for name, values in pairs(given) do
        if name ~= "n" then
            local i = self:attribute(name)
            if not given.n and #values > n then n = #values end
            if i > last then last = i end
        end
    end
    for i = 0, last do
        local name = self.names[i + 1]
        columns[i + 1] = column(given[name] or {}, n, self.texts[name] and T.text or T.i64)
        if self.texts[name] and columns[i + 1].type == T.i64 then columns[i + 1].type = T.i32 end      -- codes
    end
    local out = call(self, "scorer_block", { n = n, columns = columns }).columns
    local made = { n = n, points = out[1].values, reasons = {} }
    for i = 2, #out do
        if out[i].type == T.i32 then made.reasons[#made.reasons + 1] = out[i].values
        else made.normal = out[i].values end
    end
    return made
end
