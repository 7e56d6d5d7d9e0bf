--[[ Tests of bindings/lua/kam_learn.lua and of kam_value.lua's settings, run like test_kam.lua: groups, chances, series;
shared costs, cells, returns by policy. ]]
local kam = require "kam"
package.path = package.path .. ";tests/lua/?.lua"
local T = require "harness"
local equal, has, fails, case, column = T.equal, T.has, T.fails, T.case, T.column

local function near(have, want)
    if math.abs(have - want) > 1e-9 then error(("%s instead of %s"):format(tostring(have), tostring(want)), 2) end
end

case("the example of kam_learn", function()
    local text = T.read "bindings/lua/kam_learn.lua":match "as their centres%.\n\n(.-)%]=%]\n"
    local seen = {}
    local known = { kam = kam, print = function(...) for _, one in ipairs { ... } do seen[#seen + 1] = one end end }
    if setfenv then setfenv(assert(loadstring(text)), known)() else assert(load(text, "example", "t", known))() end
    for i, want in ipairs { 1, 9, 2, 1, 6 } do near(seen[i], want) end
end)

case("groups", function()
    local rows, mean, sd = kam.standardize { { 0, 1 }, { 0, 3 }, { 10, 1 }, { 10, 3 } }
    for i, want in ipairs { 5, 2, 5, 1 } do near(({ mean[1], mean[2], sd[1], sd[2] })[i], want) end
    near(rows[1][1], -1)
    local table = { { 0, 0 }, { 0, 1 }, { 9, 0 }, { 9, 1 } }
    local groups, centres, inertia = kam.kmeans(table, 2, { restarts = 3, seed = 7 })
    equal({ groups[1] == groups[2], groups[3] == groups[4], groups[1] ~= groups[3] }, { true, true, true })
    near(inertia, 1)
    near(centres[groups[1]][2], 0.5)
    if kam.silhouette(table, groups, 2) < 0.8 then error "they lie well" end
    fails("INVAL", kam.kmeans, table, 5)
    fails("INVAL", kam.kmeans, { { 1 }, { 1, 2 } }, 1)
    fails("INVAL", kam.kmeans, table, 2, { farthset = true })
    fails("INVAL", kam.standardize, { { 0 / 0 } })
    fails("INVAL", kam.silhouette, table, { 1 }, 1)
end)

case("chances", function()
    local rows, y = {}, {}
    for i = 0, 39 do rows[i + 1], y[i + 1] = { i / 10 }, (i % 4 == 0 or i > 25) and 1 or 0 end
    local model = kam.logistic_fit(rows, y)
    equal({ model:identified(), #model:coefficients(), model:errors()[2] > 0 }, { true, 2, true })
    local good = kam.score_measure(model:predict(rows), y)
    equal({ good.auc > 0.7, good.brier < good.base_brier, #good.bands }, { true, true, 10 })
    fails("INVAL", model.predict, model, { { 1, 2 } })
    fails("INVAL", kam.logistic_fit, rows, { 1 })
    fails("INVAL", kam.score_measure, { 2 }, { 1 })
    model:close()
    fails("CLOSED", model.predict, model, rows)
end)

case("series", function()
    local series = {}
    for i = 0, 35 do series[i + 1] = 10 + i % 12 end
    local found = kam.forecast(series, 12)
    equal(found.seasonal, true)
    for i = 1, 12 do near(found.naive[i], 9 + i) end
    fails("INVAL", kam.forecast, {}, 3)
end)

case("shared costs, cells and returns", function()
    local book = kam.open_memory { create = true, currency = "CNY", ctx = T.clock }
    local function save(kind, values) return book:save(kam.update(book:new(kind), values)) end
    for i = 1, 2 do
        save("account", { name = "x" })
        save("ledger", { account = i, event = "SALE", day = "2026-01-10", amount = tostring(100 * i), order = "A" })
    end
    save("activity", { account = 1, channel = "VISIT", status = "HELD", day = "2026-01-05" })
    save("ledger", { account = 2, event = "RETURN", day = "2026-02-10", amount = "200", order = "A" })
    local settings = [[{"shared_costs": [{"name": "cars", "kind": "TRAVEL", "driver": "visits", "amount": 10},
        {"name": "desk", "kind": "OTHER", "driver": "orders", "amount": 1}],
        "rfm": {"money": [1, 2, 3, 4], "cells": [{"name": "worth", "m": 5}, {"name": "nothing"}]}}]]
    local o = { settings = settings, from = "2026-01-01", to = "2026-02-01" }
    equal(column(book:value_shared_costs("2026-02-28", o), "amount"), { "10.00", "0.50", "0.50" })
    equal(column(book:value_run("2026-02-28", o):rows "account_value", "contribution"), { "199.50", "89.50" })
    equal(column(book:value_run("2026-02-28", o):rows "account_value", "rfm_cell"), { "worth", "worth" })
    for _, about in ipairs { { "period", "200.00" }, { "order", "0.00" }, { "exclude", "200.00" } } do
        o.returns = about[1]
        local found = {}
        for row in book:value_companies("2026-02-28", o) do found[row.account] = row.revenue end
        equal(found[2], about[2])
    end
    equal(column(book:clv_run("2026-02-28", { model = "nbd", returns = "order" }):rows "account_clv", "account"), { 1 })
    equal(#column(book:value_groups("2026-02-28"), "account"), 0)
    has(fails("PARSE", book.value_run, book, "2026-02-28", { settings = "[]" }).message, "settings are an object")
    fails("INVAL", book.value_run, book, "2026-02-28", { returns = "never" })
    book:close()
end)

T.run()
