--[[ kam_strategy: account plans from year T to T+3, the portfolio matrix, and financial ratios, for kam.lua.

    local plan = book:account_plan(account, 2026)                       -- made if there is none
    book:save(book:new("plan_csf", { plan = plan:id(), name = "delivery", weight = "100" }))
    for problem in plan:missing() do print(problem.code, problem.text) end
    local run = plan:run "2026-12-31"                                   -- targets against what came
    run:apply()
    print(run:why(account):text "zh")

The sections of a plan are records like any others: book:new("plan_year", { plan = plan:id(), ... }), book:save(). ]]
local base = require "kam_base"
local core, class, day_number, p, record_of = base.core, base.class, base.day_number, base.p, base.record_of
local Rows, Run = require "kam_rows".Rows, require "kam_run".Run
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

local AccountPlan = class()

-- Its ACCOUNT_PLAN record as of the opening: mission, overview, points of preparation; change it, then book:save() it.
function AccountPlan:record() return record_of(self.book, core.account_plan_record(p(self)), self) end

-- The id that the records of its sections refer to.
function AccountPlan:id() return self:record().id end

-- The records of a section: "plan_year", "plan_csf", "plan_unit", "plan_score", "plan_objective", "plan_item" ...
function AccountPlan:rows(kind)
    return self.book:made(Rows, self, "account_plan_rows", self.book.kinds[kind].number)
end

-- What the plan still lacks; none: it is whole.
function AccountPlan:missing() return self.book:made(Rows, self, "account_plan_missing") end

-- How far each objective is from its ideal value, and who closes the gap.
function AccountPlan:gaps(as_of) return self.book:made(Rows, self, "account_plan_gaps", day_number(as_of)) end

-- Where each unit of the portfolio stands in the directional policy matrix, and what that suggests.
function AccountPlan:matrix() return self.book:made(Rows, self, "account_plan_matrix") end

-- Targets against what came: a run with a list of "plan_result".
function AccountPlan:run(as_of) return self.book:made(Run, self, "account_plan_run", day_number(as_of)) end

return function(Book)
    -- The plan of one account from base year `year`.
    function Book:account_plan(account, year)
        return self:made(AccountPlan, self, "account_plan_open", account, year)
    end

    -- Six ratios for each fiscal year with figures, beside the industry's.
    function Book:financial_ratios(account) return self:made(Rows, self, "financial_ratios", account) end
end
