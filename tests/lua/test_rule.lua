--[[ Tests of bindings/lua/kam_rule.lua, run like test_kam.lua: explanations, columns, functions of the program. ]]
local kam = require "kam"
package.path = package.path .. ";tests/lua/?.lua;examples/lua/?.lua"
local T = require "harness"
local equal, has, fails, case = T.equal, T.has, T.fails, T.case
local ENV = '{"revenue": "decimal(2)", "days": "int", "region": "optional(string)", "on": "bool", "x": "double", ' ..
    '"list": "list(int)"}'

case("parts of a rule", function()
    local rule = kam.rule("days < 90 || 1 / days > 0", ENV)
    local why = rule:explain '{"days": 7}'
    equal({ why.result, why.error }, { "true" })
    local parts = {}
    for i, part in ipairs(why.parts) do
        parts[i] = ("%s|%s|%s|%s"):format(part.source, part.place, part.code, part.value or "-")
    end
    equal(parts, { "days < 90 || 1 / days > 0|1:1|VALUE|true", "days < 90|1:1|VALUE|true", "days|1:1|VALUE|7",
        "1 / days > 0|1:14|NOT_EVALUATED|-", "1 / days|1:14|NOT_EVALUATED|-", "days|1:18|NOT_EVALUATED|-" })
    has(why.text "zh", "days < 90 为 true（1:1）")
    has(why.text(), "1 / days > 0 was not evaluated (1:14)")
    why = kam.rule("1 / days", ENV):explain '{"days": 0}'
    has(why.error, "divide by zero")
    equal({ why.parts[1].code, why.parts[1].value }, { "ERROR", "divide by zero" })
    T.account("A", { city = "Suzhou" })
    equal(kam.rule("city == 'Suzhou'", '{"city": "string"}'):explain(T.book:get("account", 1)).result, "true")
end)

case("columns of a rule", function()
    equal(kam.rule("days % 2 == 0 || on", ENV):columns { days = { 1, 2, 3 }, on = { false, false, true } },
        { false, true, true })
    equal(kam.rule("revenue * 3", ENV):columns { revenue = { "1.10", "2" } }, { "3.30", "6.00" })
    assert(kam.rule("x * 2.0", ENV):columns { x = { 1.5, 2 } }[1] == 3)
    equal(kam.rule("region.orValue('-') + '!'", ENV):columns { n = 3, region = { "N", nil, "客" } },
        { "N!", "-!", "客!" })
    equal(#kam.rule("days", ENV):columns { days = {} }, 0)
    equal(fails("POLICY", function() return kam.rule("10 / days", ENV):columns { days = { 1, 0 } } end).row, 1)
    local some = kam.rule("10 / days", ENV, { null_on_error = true }):columns { days = { 5, 0, 2 } }
    equal({ some[1], some[2] == nil, some[3] }, { 2, true, 5 })
    fails("INVAL", function() return kam.rule("days", ENV):columns { no = { 1 } } end)
    fails("TYPE", function() return kam.rule("days", ENV):columns { days = { 1, "a" } } end)
end)

case("functions of a rule", function()
    local seen
    local functions = {
        ["discount(string, decimal(2), double, bool, int) -> decimal"] = function(region, amount, share, on, days)
            seen = { region, amount, share, on, days }
            if region == "none" then kam.fail("POLICY", "no such region") end
            if region == "broken" then error("ours", 0) end
            return "0.5"
        end,
        [".initials(string) -> string"] = function(text) return (text:gsub("(%w)%w*%s*", "%1")) end,
        ["half(int) -> double"] = function(n) return n / 2 end }
    local options = { functions = functions }
    local call = "discount(region.orValue('none'), revenue, x, on, days) > 0.0"
    local rule = kam.rule(call .. " || region.orValue('a b').initials() == 'ab'", ENV, options)
    local rest = '"revenue": "5.00", "x": 0.25, "on": true, "days": 7}'
    equal(rule:eval('{"region": "N", ' .. rest), "true")
    equal(seen, { "N", "5.00", 0.25, true, 7 })
    equal(rule:eval("{" .. rest), "true")               -- || absorbs the error
    has(fails("POLICY", function() return kam.rule(call, ENV, options):eval("{" .. rest) end).message, "no such region")
    local ok, why = pcall(rule.eval, rule, '{"region": "broken", ' .. rest)
    equal({ ok, why }, { false, "ours" })
    equal(kam.rule("half(days)", ENV, options):columns { days = { 1, 3 } }, { 0.5, 1.5 })
    equal(kam.rule("half(days)", ENV, options):explain('{"days": 3}').result, "1.5")
    local wrong = { functions = { ["f(list(int)) -> int"] = print } }
    has(fails("INVAL", kam.rule, "f(list)", ENV, wrong).message, "not list")
    collectgarbage()
    equal(rule:eval('{"region": "N", ' .. rest), "true")
end)

T.run()
