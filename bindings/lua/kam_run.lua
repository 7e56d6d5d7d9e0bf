--[[ kam_run: runs and their reasons, accounts, scorecards, segments, visit plans, for kam.lua. ]]
local base = require "kam_base"
local kam, core, check, APPLY_FLAGS, name_of = base.kam, base.core, base.check, base.APPLY_FLAGS, base.name_of
local day_number, window, options_of = base.day_number, base.window, base.options_of
local class, object, p, call, row_of = base.class, base.object, base.p, base.call, base.row_of
local inside, record_p, record_of = base.inside, base.record_p, base.record_of
local Rows = require "kam_rows".Rows
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

-- ---------------------------------------------------------------- runs, reasons, accounts

local Why, Run, Scheme, Scorecard, Segment = class(), class(), class(), class(), class()
local VisitPlan, Account = class(), class()

-- The verdict: result, subject, policy, version, as_of, known, run, and whether the inputs differ now.
function Why:record() return row_of(self.book, core.why_record(p(self))) end

-- What came out of it: a grade, points.
function Why:result() return self:record().result end

-- The reasons in order.
function Why:rows() return self.book:made(Rows, self, "why_rows") end

-- The same in words, "en" or "zh".
function Why:text(lang) return (call(self, "why_text", name_of(lang or "en"))) end

-- For a why that belongs to no book: its reasons, tables of the texts of some fields by name, and function(lang), the
-- same in words.
local function reasons_of(why, fields)
    local rows, made = check(nil, core.why_rows(why)), {}
    for r in function() return (check(nil, core.rows_next(rows))) end do
        local part = {}
        for name, field in pairs(fields) do part[name] = core.record_get(r, field, "s") end
        made[#made + 1] = part
    end
    core.free(rows)
    return made, function(lang) return (check(nil, core.why_text(why, name_of(lang or "en")))) end
end

-- The RUN record: policy, version, as_of, known, counts, totals; the id once it is applied.
function Run:record() return row_of(self.book, core.run_record(p(self))) end

-- One of its lists: "grade_item", "account_value", "score", "plan_entry", "unplanned", "plan_change", "problem".
function Run:rows(kind) return self.book:made(Rows, self, "run_rows", self.book.kinds[kind].number) end

-- Explains one entry: by account id, by id of the entry, or the row itself. Entries have ids once the run is applied.
function Run:why(id)
    if type(id) == "table" then id = id.id or id.account end
    return self.book:made(Why, self, "run_why", id)
end

-- Stores the run, its entries and their effects; returns its id. Options: force.
function Run:apply(options)
    call(self, "run_apply", options_of(options, APPLY_FLAGS, {}).flags)
    return self:record().id
end

-- Scores one account: account:attributes(), or a record of kind "attributes" of one's own. What comes is a why with
-- `points` as a number besides; result() has them exactly.
function Scorecard:score(attributes)
    local book = inside(attributes).book
    local handle, points = check(book, core.scorecard_score(p(self), record_p(attributes)))
    local why = object(Why, handle, book, self)
    why.points = points / 10000
    return why
end

-- Whether an account is in the segment: account:attributes(), or a record of kind "attributes" of one's own.
function Segment:has(attributes)
    return check(inside(attributes).book, core.segment_has(p(self), record_p(attributes))) ~= 0
end

-- Plans on the book as it is: lists "plan_entry", "unplanned", "plan_change", "problem".
function VisitPlan:run(as_of) return self.book:made(Run, self, "visit_plan_run", day_number(as_of)) end

-- Days of the window that suit one more visit to an account, the least way first: rows of SLOT.
function VisitPlan:slots(account, as_of)
    return self.book:made(Rows, self, "visit_slots", account, day_number(as_of))
end

-- The visits planned for one representative on one day, in the best order as they are now.
function VisitPlan:day(representative, day)
    return self.book:made(Rows, self, "visit_day", representative, day_number(day))
end

-- A tour of several days through accounts (a list of ids), region by region and city by city.
function VisitPlan:tour(representative, accounts, as_of)
    return self.book:made(Rows, self, "visit_tour", representative, accounts, day_number(as_of))
end

-- Cities for a tour, the best first by the four criteria: rows of CITY_RANK. Of one representative's accounts, or of
-- all.
function VisitPlan:cities(representative, as_of)
    return self.book:made(Rows, self, "visit_cities", representative or 0, day_number(as_of))
end

-- Accounts that had better change hands, with `extra` representatives more: rows of ALIGNMENT.
function VisitPlan:alignment(extra, as_of)
    return self.book:made(Rows, self, "visit_alignment", extra or 0, day_number(as_of))
end

-- Its record as of the day: change it, then book:save() it.
function Account:record() return record_of(self.book, core.account_record(p(self)), self) end

-- The account as rules and scorecards see it. Each reading is new; the record read before is closed by it.
function Account:attributes()
    if self.last[1] then kam.close(self.last[1]) end
    local made = record_of(self.book, call(self, "account_attributes"), self)
    self.last[1] = made
    return made
end

-- Reads the record again.
function Account:refresh() call(self, "account_refresh") end

-- The fact that holds on the day: "grade" of a scheme, "class" of a dimension, "owner", "tier", "lifecycle".
function Account:fact(kind, name)
    return row_of(self.book, (call(self, "account_fact", self.book.kinds[kind].number, name_of(name))))
end

-- Why that fact holds.
function Account:why(kind, name)
    return self.book:made(Why, self, "account_why", self.book.kinds[kind].number, name_of(name))
end

-- What belongs to it in [from, to), newest first: "ledger", "activity", "contact", "grade", "timeline" ...
function Account:rows(kind, from, to)
    return self.book:made(Rows, self, "account_rows", self.book.kinds[kind].number, day_number(from, kam.DAY_FIRST),
        day_number(to, kam.DAY_END))
end

-- What it was worth in [from, to); without both the twelve months that end with the day.
function Account:value(from, to)
    local o = window({ from = 0, to = 0 }, { from = from, to = to })
    return row_of(self.book, (call(self, "account_value", o.from, o.to)))
end

return { Why = Why, Run = Run, Scheme = Scheme, Scorecard = Scorecard, Segment = Segment, VisitPlan = VisitPlan,
    Account = Account, reasons_of = reasons_of }
