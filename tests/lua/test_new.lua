--[[ More tests of bindings/lua, run like test_kam.lua: stores written in Lua, columns, notices of commits, and the
calls around value, rules, segments, visits and routes. ]]
local kam = require "kam"
package.path = package.path .. ";tests/lua/?.lua;examples/lua/?.lua"
local T = require "harness"
local TableStore = require "table_store"
local equal, has, fails, column, case = T.equal, T.has, T.fails, T.column, T.case
local DAY = T.DAY

-- ------------------------------------------------------- Arrow streams

case("a list as an Arrow stream", function()
    local kit = require "kit"
    if not kit.there() then T.skip "kam_lua_kit is not there" end
    T.some()
    local rows = T.book:query("ledger"):select("account", "amount", "day", "event"):run()
    local stream = rows:arrow()
    local columns, n = kit.arrow(stream.address)
    has(columns, "account:l ")
    has(columns, "amount:d:38,6 ")
    has(columns, "day:tdD ")
    has(columns, "event:u ")
    equal(n, 3)
    fails("CLOSED", rows.next, rows)
    fails("CLOSED", rows.arrow, rows)
    stream:close()                                      -- a consumer has moved what it held
    stream = T.book:query("account"):run():arrow()      -- nobody takes this one: it is released at once, that one later
    stream:close()
    assert(T.book:query("account"):run():arrow())
    collectgarbage()
end)

-- ------------------------------------------------------- stores written in Lua

-- A store that writes down what it is asked.
local function spied(log)
    local made = setmetatable(TableStore.new(), { __index = function(_, name)
        local method = TableStore[name]
        if type(method) ~= "function" then return method end
        return function(...)
            log[#log + 1] = name
            return method(...)
        end
    end })
    return made
end

case("a book on a store in Lua", function()
    local data = TableStore.new().data
    T.book = kam.book(kam.store(TableStore.new(data)), { ctx = T.clock, create = true, currency = "CNY" })
    local ids = T.some()
    T.book:grading_run(T.SCHEME, "2026-03-31"):apply()
    equal(T.book:verify():list(), {})
    equal(column(T.book:query("account"):where("city", "prefix", "Su"):order("id", true):run(), "name"), { "C", "A" })
    T.book:close()
    T.book = kam.book(kam.store(TableStore.new(data)), { ctx = T.clock })
    equal(T.book:account(ids[1], DAY):value().revenue, "300.00")
    local other = kam.book(kam.store(TableStore.new(data)), { ctx = T.clock })
    T.book:begin()
    T.book:save(T.book:new("account", { name = "D" }))
    fails("BUSY", other.save, other, other:new("account", { name = "E" }))
    T.book:rollback()
    equal(#other:query("account"):run():list(), 3)
    other:close()
end)

case("what a store in Lua is asked", function()
    local log = {}
    T.book = kam.book(kam.store(spied(log)), { ctx = T.clock, create = true, currency = "CNY" })
    local before = #log
    T.account "A"
    local asked = table.concat(log, " ", before + 1)
    equal({ asked:match "^begin", asked:match "write", asked:match "finish$" }, { "begin", "write", "finish" })
    T.book:close()
    local store = kam.store(TableStore.new())
    kam.book(store, { ctx = T.clock, create = true }):close()
    store:close()
    fails("SCHEMA", kam.book, kam.store(TableStore.new()), { ctx = T.clock })
    fails("INVAL", kam.store, TableStore.new(), "mine")
    assert(not pcall(kam.store, nil))
end)

case("a store in Lua that fails", function()
    local broken = TableStore.new()
    local how
    function broken.write(...)
        if how == "told" then kam.fail("EXISTS", "it is\nthere", { row = 0, field = "name", native = 7 }) end
        if how == "raised" then error("the disk is gone", 0) end
        return TableStore.write(...)
    end
    T.book = kam.book(kam.store(broken), { ctx = T.clock, create = true, currency = "CNY" })
    how = "told"
    local why = fails("EXISTS", T.account, "A")
    has(why.message, "it is there")
    equal(why.native, 7)
    how = "raised"
    has(fails("IO", T.account, "A").message, "the disk is gone")
    how = nil
    T.account "A"
    function broken.scan() error { } end
    fails("IO", function() return T.book:query("account"):run():list() end)
    broken.scan = nil
    function broken.scan(self, scan)
        local rows = TableStore.scan(self, scan)
        return function()
            local row = rows()
            return row and setmetatable({ name = 4711 }, { __index = row })
        end
    end
    pcall(function() return T.book:query("account"):select("name"):run():list() end)    -- no text: no crash
    assert(not pcall(kam.fail, "NO_SUCH_CODE", "x"))
end)

case("the smallest store in Lua, and one that leaves transactions to the program", function()
    local small = { begin = function() end, finish = function() end, write = function() end,
        scan = function() return function() end end }
    fails("SCHEMA", kam.book, kam.store(small), { ctx = T.clock })
    small.begin, small.finish = nil, nil
    fails("SCHEMA", kam.book, kam.store(small, "host"), { ctx = T.clock })
    local data = TableStore.new().data
    kam.book(kam.store(TableStore.new(data)), { ctx = T.clock, create = true, currency = "CNY" }):close()
    local hosted = TableStore.new(data)
    hosted:begin(true)
    local book = kam.book(kam.store(hosted, "host"), { ctx = T.clock })
    book:save(book:new("account", { name = "A" }))
    hosted:finish "commit"
    book:host_ended(true)
    book:close()
    T.book = kam.book(kam.store(TableStore.new(data)), { ctx = T.clock })
    equal(column(T.book:query("account"):run(), "name"), { "A" })
end)

case("the conformance kit passes the store in Lua, and finds a fault in another", function()
    local kit = require "kit"
    if not kit.there() then T.skip "kam_lua_kit is not there" end
    local function bad(results)
        local names = {}
        for name, result in pairs(results) do
            if result[1] == 2 then names[#names + 1] = name .. ": " .. result[2] end
        end
        table.sort(names)
        return names
    end
    local failed, results = kit.run(TableStore.new)
    equal({ failed, bad(results) }, { 0, {} })
    local n, skipped = 0, {}
    for name, result in pairs(results) do
        n = n + 1
        if result[1] == 3 and not name:find "^control" then skipped[#skipped + 1] = name end
    end
    equal(skipped, { "txn.savepoint" })
    assert(n > 100)
    failed, results = kit.run(function(data)
        local store = TableStore.new(data)
        function store:finish(how)
            TableStore.finish(self, how == "abort" and self.mode == "write" and "commit" or how)
        end
        return store
    end)
    assert(failed > 0)
    equal(results["txn.rollback_insert"][1], 2)
end)

-- ------------------------------------------------------- columns, commits, sorting

case("columns out and in", function()
    T.some()
    local n, names = 0, {}
    for block in T.book:query("account"):select("id", "name", "potential"):run():columns() do
        for i = 1, block.n do n, names[#names + 1] = n + 1, block.name[i] end
        equal(block.potential[1], nil)
    end
    equal({ n, names }, { 3, { "A", "B", "C" } })
    local import = T.book:import("account", { source = "erp" })
    import:columns { n = 2, ext_id = { "X1", "X2" }, name = { "X", "Y" }, potential = { [2] = 123456 },
        customer_since = { kam.day(DAY), nil } }
    equal(import:finish().new, 2)
    local y = T.book:get("account", T.book:find("account", "X2", "erp"))
    equal({ y.potential, y.customer_since }, { "1234.56", nil })
    equal(T.book:get("account", T.book:find("account", "X1", "erp")).customer_since, DAY)
    fails("NOT_FOUND", T.book:import("account", { source = "z" }).columns, T.book:import("account", { source = "z" }),
        { n = 1, nonsense = { 1 } })
    assert(not pcall(import.columns, import, { n = 1, potential = { "text" } }))
end)

case("notices of commits", function()
    local told = {}
    T.book:on_commit(function(touched) for _, one in ipairs(touched) do told[#told + 1] = one end end)
    local id = T.account("A").id
    equal({ told[1].kind, told[1].id, told[1].op }, { "account", id, "insert" })
    collectgarbage()
    told = {}
    T.book:delete("account", id)
    equal({ #told, told[1].op }, { 1, "delete" })
    T.book:on_commit(function() error { mine = true } end)
    local ok, why = pcall(T.account, "B")
    equal({ ok, why.mine }, { false, true })
    T.book:on_commit(nil)
    told = {}
    T.account "C"
    equal(told, {})
end)

case("sorting by collate", function()
    local ctx = kam.context { now = function() return T.now end, collate = function(text) return text:reverse() end }
    T.book = kam.open_memory { ctx = ctx, create = true, currency = "CNY" }
    T.account "az"
    T.account "ba"
    equal(column(T.book:query("account"):order("name"):run(), "name"), { "ba", "az" })
end)

case("a store of a file is purged, one of ours is not", function()
    fails("UNSUPPORTED", function() kam.memory_store():purge() end)
    local path = T.file_name()
    os.remove(path)
    T.book = kam.open_file(path, { ctx = T.clock, create = true, currency = "CNY" })
    local id = T.book:save(T.book:new("contact", { name = "Wang", phone = "13800138000" }))
    T.book:erase("contact", id, "asked for")
    has(T.read(path), "13800138000")
    T.book:close()
    local store = kam.file_store(path, T.clock)
    store:purge()
    store:close()
    equal(T.read(path):find("13800138000", 1, true), nil)
    T.book = kam.open_file(path, { ctx = T.clock, read_only = true })
end)

-- ------------------------------------------------------- value

case("lists around value", function()
    local ids = T.some()
    T.sell(ids[1], "100.00", "2025-03-02")
    equal(column(T.book:value_profiles("2026-03-31"), "orders"), { 1, 1, 1 })
    equal(T.book:value_whitespace("2026-03-31", { least = 5000, like = "city" }):list(), {})
    equal(type(T.book:value_declines("2026-03-31", { drop = 1000, figure = "gross_profit" }):list()), "table")
    fails("NOT_FOUND", T.book.value_declines, T.book, nil, { figure = "nonsense" })
    local contracts = ('[{"account": %d, "from": "2026-01-01", "to": "2027-01-01", "mode": "whole", '):format(ids[1]) ..
        '"tiers": [{"from": 100, "rate": 0.01}]}]'
    equal(column(T.book:value_rebates(contracts, "2026-03-31"), "turnover"), { "300.00" })
    fails("PARSE", T.book.value_rebates, T.book, "[", DAY)
    equal(#T.book:value_forecasts("2026-03-31", { months = 2 }):list() > 0, true)
    equal(T.book:value_forecast_variance("none", "2026-03-31"):list(), {})
    local run = T.book:value_run("2026-03-31", { external = true })
    equal(run:record().total, "600.00")
end)

case("lifetime value", function()
    local accounts = { x = {}, tx = {}, t = {}, m = {} }
    for i = 1, 60 do
        accounts.x[i], accounts.t[i] = i % 5, 40 + i % 7
        accounts.tx[i], accounts.m[i] = accounts.x[i] == 0 and 0 or 5 + (i * 7) % 30, 100 + i % 9
    end
    local model = kam.clv_fit("mbgnbd", accounts)
    local r = model:figure "r"
    assert(r > 0 and model:figure "rows" == 60, r)
    equal(model:figure "delta", nil)
    fails("INVAL", model.figure, model, "nonsense")
    local expected, alive = model:predict(accounts, 10)
    assert(#expected == 60 and expected[1] > 0 and alive[1] > 0 and alive[1] <= 1)
    local again = kam.clv_from_json(model:json())
    equal({ again:figure "r", again:predict(accounts, 10)[7] }, { r, expected[7] })
    local money = kam.clv_fit("gg", accounts)
    local spend, value = money:spend(accounts), model:value(money, accounts, 4.345, 12, 0.01)
    assert(spend[2] > 90 and spend[2] < 120 and value[2] > 0)
    fails("INVAL", model.value, model, model, accounts, 4.345, 12)
    fails("PARSE", kam.clv_from_json, "[")
    fails("INVAL", kam.clv_fit, "nonsense", accounts)
end)

case("lifetime value of a book", function()
    for i = 1, 12 do
        local id = T.account("N" .. i).id
        for month = 1, 1 + i % 4 do T.sell(id, "100.00", ("2025-%02d-%02d"):format(month * 2, i)) end
    end
    local run = T.book:clv_run("2026-03-31", { unit = "month", months = 6, rate = 0.01 })
    local rows = run:rows("account_clv"):list()
    equal({ #rows, #run:rows("account_clv"):list() }, { 12, 12 })
    run:apply()
    fails("INVAL", T.book.clv_run, T.book, DAY, { model = "gg" })
    fails("INVAL", T.book.clv_run, T.book, DAY, { unit = "year" })
end)

-- ------------------------------------------------------- rules, tables, segments

case("expressions", function()
    local rule = kam.rule("revenue > 1e6 || region == 'north'", '{"revenue": "double", "region": "string"}')
    equal({ rule:type(), rule:reads() }, { "bool", { "revenue", "region" } })
    equal({ rule:eval '{"revenue": 2e6, "region": "south"}', rule:eval '{"revenue": 1, "region": "south"}' },
        { "true", "false" })
    assert(rule:cost() > 0)
    local why = fails("PARSE", kam.rule, "revenue >")
    assert(why.offset and why.line)
    T.account("A", { city = "Suzhou" })
    rule = kam.rule("city.startsWith('Su')", '{"city": "string"}')
    equal(rule:eval(T.book:get("account", 1)), "true")
end)

local TABLE = [[{"name": "discount", "hit": "FIRST", "inputs": [{"name": "employees", "type": "number"}],
    "outputs": [{"name": "rate"}],
    "rows": [{"when": ["> 100"], "then": [0.1]}, {"when": ["-"], "then": [0]}]}]]

case("decision tables", function()
    local made = kam.decision_table(TABLE)
    equal(made:decide '{"employees": 200}', '[{"rate":0.1}]')
    local json, why = made:decide(T.account("A", { employees = 5 }))
    equal(json, '[{"rate":0}]')
    has(why:text(), "employees")
    fails("PARSE", kam.decision_table, "{}")
    local id = T.book:policy_add("dtable", TABLE)
    T.book:policy_approve(id, "2026-01-01")
    made = T.book:decision_table("discount", DAY)
    equal((made:decide '{"employees": 200}'), '[{"rate":0.1}]')
    equal(type(made:findings():list()), "table")
    fails("POLICY", T.book.decision_table, T.book, "nonsense")
end)

local SEGMENT = [[{"name": "large", "condition": "employees > 100"}]]

case("segments", function()
    local big, small = T.account("Big", { employees = 500 }), T.account("Small", { employees = 5 })
    local segment = kam.segment(SEGMENT)
    equal({ segment:has(T.book:account(big.id):attributes()), segment:has(T.book:account(small.id):attributes()) },
        { true, false })
    local run = T.book:segment_run(segment, DAY)
    equal(type(run:record().counts), "string")
    T.book:policy_approve(T.book:policy_add("segment", SEGMENT), "2026-01-01")
    T.book:segment_run("large", DAY):apply()
    fails("POLICY", T.book.segment, T.book, "nonsense")
    fails("PARSE", kam.segment, "[]")
end)

-- ------------------------------------------------------- visits, routes

case("visits around the plan", function()
    local home = { name = "Li", home_latitude = "31.3", home_longitude = "120.6" }
    local rep = T.book:save(T.book:new("representative", home))
    local id = T.account("A", { latitude = "31.299379", longitude = "120.585316" }).id
    local visit = T.book:new("activity", { account = id, representative = rep, channel = "VISIT", status = "PLANNED",
        day = "2026-04-02" })
    equal(column(T.book:visit_check(visit), "code"), { "NO_DECIDER", "NO_PURPOSE" })
    visit.purpose = "SELL"
    T.book:visit_checkin(visit, T.now, 31.2994, 120.5853)
    assert(visit.id and visit.checkin_distance < 100, visit.checkin_distance)
    equal(#T.book:visit_attainment("account", "2026-04-01", "2026-05-01", "2026-04-30"):list(), 1)
    equal(T.book:visit_tasks("2026-04-02", { representative = rep }):list(), {})
    equal(type(T.book:visit_week "2026-04-02":list()), "table")
    equal(column(T.book:visit_reviews(30, "2026-04-02"), "representative"), { rep })
    fails("INVAL", T.book.visit_attainment, T.book, "nonsense", DAY, DAY)
end)

case("beside a visit plan", function()
    local home = { name = "Li", home_latitude = "31.3", home_longitude = "120.6" }
    local rep = T.book:save(T.book:new("representative", home))
    local ids = {}
    for i, city in ipairs { "Suzhou", "Wuxi", "Suzhou" } do
        ids[i] = T.account(city .. i, { owner = rep, city = city, latitude = "31." .. i, longitude = "120.6" }).id
    end
    T.book:save(T.book:new("city", { name = "Wuxi", industry = "8", location = "3" }))
    T.book:save(T.book:new("calendar_day", { calendar = "CN", day = "2026-04-05", kind = "HOLIDAY" }))
    local plan = T.book:visit_plan { from = "2026-03-02", days = 7, day_begin = 540, day_end = 1020, pause_begin = 720,
        pause_end = 780, visits_a_day = 3 }
    equal(column(plan:cities(rep, "2026-03-01"), "name"), { "Wuxi", "Suzhou" })
    equal(column(plan:tour(rep, ids, "2026-03-01"), "account"), { ids[3], ids[1], ids[2] })
    local first = plan:slots(ids[1], "2026-03-01"):list()[1]
    equal({ first.day, first.order }, { "2026-03-02", 1 })
    local visit = T.book:save(T.book:new("activity", { account = ids[2], representative = rep, channel = "VISIT",
        status = "PLANNED", day = "2026-03-03" }))
    equal(column(plan:day(rep, "2026-03-03"), "activity"), { visit })
    equal(type(plan:alignment(1, "2026-03-01"):list()), "table")
    equal(T.book:visit_festival("2026-04-05", "LETTER", ids, { before = 5 }), 3)
    equal(T.book:visit_festival("2026-04-05", "LETTER", ids), 0)
    equal(#T.book:visit_tasks("2026-03-30"):list(), 3)
    fails("NOT_FOUND", T.book.visit_festival, T.book, "2026-04-06", "LETTER", ids)
    fails("INVAL", plan.tour, plan, rep, {}, "2026-03-01")
end)

case("a plan again after a cancellation", function()
    local rep = T.book:save(T.book:new("representative", { name = "Li" }))
    local ids = {}
    for i = 1, 3 do ids[i] = T.account("A" .. i, { owner = rep }).id end
    T.book:policy_approve(T.book:policy_add("cadence", [[{"name": "monthly", "scheme": "s",
        "default": [{"id": "see", "channel": "VISIT", "every": {"days": 30}}], "grades": {}}]]), "2026-01-01")
    local plan = T.book:visit_plan { from = "2026-03-02", days = 14, cadence = "monthly" }
    plan:run("2026-03-01"):apply()
    local visit = T.book:get("activity", plan:run("2026-03-01"):rows("plan_entry"):list()[1].activity)
    visit.status, visit.reason = "CANCELLED", "buyer is ill"
    T.book:save(visit)
    local again, seen = plan:run("2026-03-01"), {}
    for change in again:rows "plan_change" do seen[#seen + 1] = change.what end
    table.sort(seen)
    equal(seen, { "ADDED", "KEPT", "KEPT" })
    assert(again:why(visit.account):text():find("by Li, who owns the account", 1, true))
end)

case("routes", function()
    local route = kam.route [[{"days": 1, "vehicles": [{"id": "v", "x": 0, "y": 0}],
        "customers": [{"id": "a", "x": 0, "y": 10}, {"id": "b", "x": 10, "y": 10}, {"id": "c", "x": 10, "y": 0}]}]]
    fails("NOT_FOUND", route.text, route)
    local cost = route:solve(200, 7)
    equal({ cost, route:figure "customers", route:figure "unplanned" }, { route:figure "cost", 3, 0 })
    assert(cost == 40 * route:figure "unit")
    has(route:text(), '"routes"')
    fails("PARSE", kam.route, "[")
    fails("INVAL", kam.route, "{}", "xml")
end)

T.run()
