--[[ Tests of bindings/lua/kam_score.lua, run like test_kam.lua: scorecards over rows and columns of the program's
own. ]]
local kam = require "kam"
package.path = package.path .. ";tests/lua/?.lua"
local T = require "harness"
local equal, has, fails, case = T.equal, T.has, T.fails, T.case

local function factor(name, more)
    return ('{"id": "%s", "title": {"en": "%s", "zh": "%s"}, "attribute": "%s", "missing": 0, %s}'):format(name, name,
        name, name, more)
end

local CARD = '{"name": "credit", "title": {"en": "Credit", "zh": "信用"}, "baseline": 10, "normalize": true, ' ..
    '"attributes": {"age": "int", "city": "string", "income": "decimal(2)", "vip": "bool", "x": "double"}, ' ..
    '"reasons": {"method": "points_below", "count": 2}, ' ..
    '"groups": [{"id": "person", "title": {"en": "P", "zh": "人"}}], ' ..
    '"factors": [' .. table.concat({
        factor("age", '"group": "person", "code": "NO_AGE", "bands": [{"below": 30, "points": 10, "code": "YOUNG"}, ' ..
            '{"from": 30, "points": 40, "code": "GROWN"}]'),
        factor("city", '"code": "CITY", "map": {"Suzhou": 5, "Ningbo": 2}, "otherwise": 1'),
        factor("income", '"code": "NO_INCOME", "bands": [{"below": 1000, "points": 0, "code": "POOR"}, ' ..
            '{"from": 1000, "points": 20, "code": "RICH"}]'),
        factor("vip", '"code": "VIP", "flag": {"true": 3, "false": 0}'),
        factor("x", '"code": "NO_X", "bands": [{"below": 0.5, "points": 1, "code": "LOW"}, ' ..
            '{"from": 0.5, "points": 2, "code": "HIGH"}]') }, ", ") ..
    '], "warnings": [{"id": "child", "attribute": "age", "below": 18, "text": {"en": "a child", "zh": "未成年"}}]}'

local card = kam.scorecard(CARD)

-- The same number in LuaJIT and in Lua 5.4, where 82 and 82.0 are written differently.
local function same(have, want)
    if have ~= want then error(("%s instead of %s"):format(tostring(have), tostring(want)), 2) end
end

case("the example of kam_score", function()
    local text = T.read "bindings/lua/kam_score.lua":match "not given%.\n\n(.-)%]=%]\n"
    local seen = {}
    local known = { kam = kam, print = function(one) seen[#seen + 1] = one end }
    assert(load(text, "example", "t", known))()
    same(seen[1], 40)
    has(seen[2], "年龄 31")
    same(seen[3], 400000)
end)

case("a row by a card", function()
    local scorer = card:scorer()
    same(scorer:score { age = 31, city = "Suzhou", income = "1000.00", vip = true, x = 0.5 }, 80)
    same(scorer:normal(), 100)
    same(scorer:group "person", 40)
    equal({ scorer:group "none", #scorer:warnings() }, { nil, 0 })
    same(scorer:score { age = 17, city = "Ningbo", income = "999.99", vip = false }, 22)
    equal(scorer:warnings(), { "child" })
    local reasons = scorer:reasons()
    equal({ #reasons, reasons[1].code, reasons[1].factor, reasons[2].code }, { 2, "YOUNG", "age", "POOR" })
    same(reasons[1].gap, 30)
    local why = scorer:why()
    equal({ why.parts[1].factor, why.parts[2].factor, why.parts[2].points }, { "baseline", "age", "10" })
    has(why.text "zh", "未成年")
    equal(card:reads(), { "age", "city", "income", "vip", "x" })
    local plain = CARD:gsub('"normalize": true, ', "")
    equal(kam.scorecard(plain):scorer():normal(), nil)
end)

case("what a scorer refuses", function()
    local scorer = card:scorer()
    has(fails("INVAL", scorer.score, scorer, { agee = 1 }).message, '"agee" is no attribute of the card; it reads age')
    fails("TYPE", scorer.score, scorer, { age = 1.5 })
    fails("INVAL", scorer.why, scorer)
    fails("INVAL", scorer.kernel, scorer, "fast")
    fails("INVAL", scorer.columns, scorer, { agee = { 1 } })
    fails("TYPE", scorer.columns, scorer, { age = { 1, "a" } })
    fails("TYPE", scorer.columns, scorer, { age = { 1.5 } })
    equal(fails("POLICY", scorer.columns, scorer, { city = { 0 } }).row, nil)
    fails("INVAL", scorer.columns, scorer, { n = 65537, age = { 1 } })
    scorer:close()
    fails("CLOSED", scorer.score, scorer, {})
end)

case("columns by a card are as rows", function()
    local scorer = card:scorer()
    local given = { n = 3, age = { 31, 17 }, city = { "Suzhou", "Ningbo" }, income = { 100000, 99999 },
        vip = { true, false }, x = { 0.5, 0.25 } }
    local scores = scorer:columns(given)
    equal({ scores.n, #scores.points, #scores.reasons }, { 3, 3, 2 })
    for i = 1, 3 do
        local row = {}
        for name, values in pairs(given) do if name ~= "n" then row[name] = values[i] end end
        row.income = row.income and ("%d.%02d"):format(math.floor(row.income / 100), row.income % 100)
        same(scorer:score(row) * 10000, scores.points[i])
        same(scorer:normal() * 10000, scores.normal[i])
        for k, reason in ipairs(scorer:reasons()) do equal(card:reason(scores.reasons[k][i]).code, reason.code) end
    end
    equal(card:reason(1000000), nil)
    scorer:kernel "portable"
    equal(scorer:columns(given).points, scores.points)
    scorer:dictionary("city", { "Ningbo", "Suzhou" })
    equal(scorer:columns({ city = { 1, 0, -1 } }).points,
        scorer:columns({ n = 3, city = { "Suzhou", "Ningbo" } }).points)
    equal(fails("POLICY", scorer.columns, scorer, { city = { 0, 1, 7 } }).row, 2)
    equal(#scorer:columns({}).points, 0)
end)

case("a card of a book scores rows", function()
    local of_book = T.book:scorecard "key-account"
    local account = T.account "A"
    local attributes = T.book:account(account.id):attributes()
    local score, row = of_book:score(attributes), {}
    for _, name in ipairs(of_book:reads()) do row[name] = attributes[name] end
    same(of_book:scorer():score(row), score.points)
end)

T.run()
