--[[ What the test scripts of bindings/lua share: what is expected, a book to work on, and running the cases. A script
is run from the project's folder with two optional arguments: the folder of the build, and a part of the names of cases
to run. ]]
local kam = require "kam"
local T = { BUILD = arg[1], SCHEME = "quota-20-40-40", DAY = "2026-03-01" }
local cases, files = {}, {}

-- ms UTC, at noon of 2026-03-31; a case may move it.
local NOON = (kam.day "2026-03-31" * 24 + 12) * 3600000
T.now = NOON
T.clock = kam.context { now = function() return T.now end }

-- ------------------------------------------------------- what is expected

local function show(value)
    if type(value) == "string" then return ("%q"):format(value) end
    if type(value) ~= "table" or getmetatable(value) then return tostring(value) end
    local parts = {}
    for i, one in ipairs(value) do parts[i] = show(one) end
    return "{" .. table.concat(parts, ", ") .. "}"
end

function T.equal(have, want)
    if show(have) ~= show(want) then error(("%s instead of %s"):format(show(have), show(want)), 2) end
end

function T.has(text, part)
    if not tostring(text):find(part, 1, true) then
        error(("%q is not in %q"):format(part, tostring(text):sub(1, 500)), 2)
    end
end

-- What a call raises, an error of the library with this name.
function T.fails(name, f, ...)
    local ok, why = pcall(f, ...)
    if ok then error("it does not fail, but should with KAM_E_" .. name, 2) end
    if not kam.is_error(why) then error("no error of the library: " .. tostring(why), 2) end
    if why.name == "KAM_E_" .. name then return why end
    error(("%s (%s) instead of KAM_E_%s"):format(why.name, why.message, name), 2)
end

-- One value of every row.
function T.column(rows, name)
    local made = {}
    for row in rows do made[#made + 1] = row[name] == nil and "-" or row[name] end
    return made
end

function T.file_name()
    local path = os.tmpname()
    files[#files + 1] = path
    return path
end

function T.read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
end

function T.skip(why) error({ skip = why }, 0) end

-- ------------------------------------------------------- a book to work on

function T.open(options)
    local made = { ctx = T.clock, create = true, currency = "CNY", actor = "test" }
    for name, value in pairs(options or {}) do made[name] = value end
    return kam.open_memory(made)
end

function T.account(name, values)
    local record = kam.update(T.book:new("account", { name = name }), values)
    T.book:save(record)
    return record
end

function T.sell(id, amount, day)
    return T.book:save(T.book:new("ledger", { account = id, event = "SALE", amount = amount, day = day or T.DAY }))
end

-- Three accounts with sales; their ids.
function T.some()
    local ids = {}
    for i, about in ipairs { { "A", "Suzhou", "300.00" }, { "B", "Ningbo", "200.00" }, { "C", "Suzhou", "100.00" } } do
        ids[i] = T.account(about[1], { city = about[2] }).id
        T.sell(ids[i], about[3])
    end
    return ids
end

function T.case(name, body) cases[#cases + 1] = { name = name, body = body } end

-- ------------------------------------------------------- run

-- Each case has a new T.book; one that it puts in its place is closed behind it.
function T.run()
    local failed, skipped, ran = 0, 0, 0
    local only = arg[2]
    for _, one in ipairs(cases) do
        if not only or one.name:find(only, 1, true) then
            T.now = NOON
            T.book = T.open()
            local ok, why = xpcall(one.body, function(why)
                return type(why) == "table" and why.skip and why or debug.traceback(tostring(why), 2)
            end)
            ran = ran + 1
            if ok then
                print(one.name .. " ... ok")
            elseif type(why) == "table" then
                skipped = skipped + 1
                print(("%s ... skipped '%s'"):format(one.name, why.skip))
            else
                failed = failed + 1
                print(("FAIL: %s\n%s"):format(one.name, why))
            end
            if T.book then T.book:close() end
        end
    end
    for _, path in ipairs(files) do os.remove(path) end
    print(("\nRan %d tests\n%s"):format(ran, failed > 0 and ("FAILED (failures=%d, skipped=%d)"):format(failed, skipped)
        or ("OK (skipped=%d)"):format(skipped)))
    os.exit(failed == 0 and ran > 0, true)
end

return T
