--[[ Tests of bindings/lua/kam_strategy.lua, run like test_kam.lua: account plans and ratios. ]]
local kam = require "kam"
package.path = package.path .. ";tests/lua/?.lua"
local T = require "harness"
local equal, has, fails, column, case = T.equal, T.has, T.fails, T.column, T.case

local function add(kind, values) return T.book:save(T.book:new(kind, values)) end

case("one plan for account and year", function()
    local account = T.account("Hua").id
    local plan, same = T.book:account_plan(account, 2026), T.book:account_plan(account, 2026)
    equal(plan:id(), same:id())
    equal(#plan:missing():list(), 8)
    local record = plan:record()
    record.mission = "their first supplier"
    T.book:save(record)
    equal(table.concat(column(plan:missing(), "code"), " "), ("SECTION "):rep(6) .. "SECTION")
    fails("POLICY", plan.matrix, plan)
    fails("INVAL", T.book.account_plan, T.book, account, 1)
    fails("INVAL", plan.rows, plan, "account")
end)

case("targets and gaps of a plan", function()
    local account = T.account("Hua").id
    local plan = T.book:account_plan(account, 2026)
    add("plan_year", { plan = plan:id(), year = 2026, revenue = "1000.00" })
    T.sell(account, "900.00", "2026-05-01")
    add("plan_objective", { plan = plan:id(), kind = "SALES", text = "grow", present = 900, ideal = 1200 })
    local run = plan:run "2026-12-31"
    local row = run:rows("plan_result"):next()
    equal({ row.measure, row.attained, row.met }, { "PURCHASES", "0.9", false })
    has(run:why(account):text(), "2026 purchases: 900 of 1000 wanted")
    run:apply()
    equal(column(plan:gaps(), "gap"), { "300" })
    equal(#plan:rows("plan_year"):list(), 1)
    plan:close()
    fails("CLOSED", plan.record, plan)
end)

case("financial ratios", function()
    local account = T.account("Hua").id
    add("financial", { account = account, year = 2025, revenue = "100.00", net_profit = "5.00",
        origin = "annual report" })
    local ratios = {}
    for row in T.book:financial_ratios(account) do ratios[row.measure] = row.value or "none" end
    equal({ ratios.NET_MARGIN, ratios.ROA }, { "0.05", "none" })
end)

T.run()
