--[[ A store of one's own in Lua: tables are Lua tables, and a transaction works on copies of those it writes.

A committed table is never changed again, so a snapshot is the list of tables as it was, and rolling back is forgetting.
It passes the conformance kit of libkam-test (tests/lua/test_kam.lua). Run it to see a book on it:

    KAM_LIBRARY=build/libkam.so LUA_PATH="bindings/lua/?.lua" luajit examples/lua/table_store.lua
    LUA_CPATH="build/?.so" LUA_PATH="bindings/lua/?.lua" lua5.4 examples/lua/table_store.lua ]]
local kam = require "kam"

local TableStore = {}
TableStore.__index = TableStore

-- What several connections share: committed tables, their fields, who writes, ids given.
local function data_new() return { tables = {}, fields = {}, writer = nil, reserved = {} } end

-- One connection to such data.
function TableStore.new(data)
    return setmetatable({ data = data or data_new(), mode = "", tables = {}, copied = {} }, TableStore)
end

local function copy(from)
    local made = {}
    for key, value in pairs(from or {}) do made[key] = value end
    return made
end

-- ---------------------------------------------------------------- transactions

function TableStore:begin(write)
    local data = self.data
    if write and data.writer then kam.fail("BUSY", "another connection writes") end
    if write then data.writer = self end
    self.mode, self.tables, self.copied = write and "write" or "read", copy(data.tables), {}
end

function TableStore:finish(how)
    local mode, tables = self.mode, self.tables
    self.mode, self.tables = "", {}
    if self.data.writer == self then self.data.writer = nil end
    if mode == "failed" and how ~= "abort" then kam.fail("ABORTED", "a write of this transaction failed") end
    if mode == "write" and how ~= "abort" then self.data.tables = tables end
end

-- ---------------------------------------------------------------- reading

-- Texts compare as their bytes, also where the locale sorts otherwise.
local function before(a, b)
    if type(a) ~= "string" then return a < b end
    for i = 1, math.min(#a, #b) do
        local x, y = a:byte(i), b:byte(i)
        if x ~= y then return x < y end
    end
    return #a < #b
end

local MATCH = {
    ["="] = function(value, given) return value == given end,
    ["<"] = before,
    ["<="] = function(value, given) return not before(given, value) end,
    [">"] = function(value, given) return before(given, value) end,
    [">="] = function(value, given) return not before(value, given) end,
    prefix = function(value, given) return value:sub(1, #given) == given end }

local function matches(condition, row)
    local value = row[condition.field]
    if value == nil or condition.op == "null" then return value == nil and condition.op == "null" end
    if condition.op ~= "in" then return MATCH[condition.op](value, condition.value) end
    for _, given in ipairs(condition.values) do if value == given then return true end end
    return false
end

local function all_match(conditions, row)
    for _, condition in ipairs(conditions) do if not matches(condition, row) then return false end end
    return true
end

function TableStore:scan(scan)
    if self.mode == "failed" then kam.fail("ABORTED", "a write of this transaction failed") end
    local tables = self.mode == "" and self.data.tables or self.tables
    local rows, key = (tables[scan.table.relation] or { by_key = {} }).by_key, nil
    for i = 1, #scan.conditions do scan.handled[i] = true end           -- order and limit are the library's work
    return function()
        local row
        repeat key, row = next(rows, key) until key == nil or all_match(scan.conditions, row)
        return row
    end
end

-- ---------------------------------------------------------------- writing

-- The unique values of a row as one text; nil where one of them is missing.
local function unique_of(t, row)
    local parts = {}
    for i, name in ipairs(t.unique) do
        if row[name] == nil then return nil end
        parts[i] = #tostring(row[name]) .. ":" .. tostring(row[name])
    end
    return #parts > 0 and table.concat(parts) or nil
end

local function write_row(at, t, op, row, i)
    local key, old = row[t.key], at.by_key[row[t.key]]
    if op == "insert" and old then kam.fail("EXISTS", ("%s: key %s is taken"):format(t.name, key), { row = i }) end
    if op ~= "insert" and not old then
        kam.fail("NOT_FOUND", ("%s: there is no row %s"):format(t.name, key), { row = i })
    end
    if op ~= "insert" and row.rev and old.rev ~= row.rev - 1 then
        kam.fail("CONFLICT", ("%s: row %s has rev %s"):format(t.name, key, tostring(old.rev)), { row = i })
    end
    if old then
        local unique = unique_of(t, old)
        if unique then at.by_unique[unique] = nil end
        at.by_key[key] = nil
    end
    if op == "delete" then return end
    local new = row
    if old then
        new = copy(old)
        for _, name in ipairs(t.written) do new[name] = row[name] end   -- also those that lose their value
    end
    local unique = unique_of(t, new)
    if unique and at.by_unique[unique] and at.by_unique[unique] ~= key then
        kam.fail("EXISTS", ("%s: %s is taken"):format(t.name, unique), { row = i })
    end
    if unique then at.by_unique[unique] = key end
    at.by_key[key] = new
end

function TableStore:write(t, op, rows)
    if self.mode == "failed" then kam.fail("ABORTED", "a write failed before") end
    if self.mode ~= "write" then kam.fail("INVAL", "no write transaction") end
    local at = self.tables[t.relation]
    if not self.copied[t.relation] then
        at = { by_key = copy(at and at.by_key), by_unique = copy(at and at.by_unique) }
        self.tables[t.relation], self.copied[t.relation] = at, true
    end
    for i, row in ipairs(rows) do
        local ok, why = pcall(write_row, at, t, op, row, i - 1)
        if not ok then
            self.mode = "failed"
            error(why, 0)
        end
    end
end

-- ---------------------------------------------------------------- tables and ids

function TableStore:prepare(tables, how, report)
    local missing = 0
    for _, t in ipairs(tables) do
        local known, lacking = self.data.fields[t.relation], {}
        for _, field in ipairs(t.fields) do
            if not known or known[field.name] ~= field.type then lacking[#lacking + 1] = field.name end
        end
        if how == "check" and #lacking > 0 then
            report(("%s lacks %s"):format(t.relation, table.concat(lacking, ", ")), t, lacking[1])
            missing = missing + 1
        elseif how == "upgrade" or not known then
            known = {}
            for _, field in ipairs(t.fields) do known[field.name] = field.type end
            self.data.fields[t.relation] = known
        end
    end
    if missing > 0 then kam.fail("SCHEMA", missing .. " tables are missing or lack fields") end
end

function TableStore:reserve(id, count)
    local first = self.data.reserved[id] or 1
    self.data.reserved[id] = first + count
    return first
end

function TableStore:close()
    if self.data.writer == self then self.data.writer = nil end
end

-- ---------------------------------------------------------------- shown

-- A book on a TableStore, closed, and opened again on the same data.
local function main()
    local data = data_new()
    local book = kam.book(kam.store(TableStore.new(data)), { create = true, currency = "CNY", actor = "example" })
    book:save(book:new("account", { name = "Acme Pumps", city = "Suzhou" }))
    book:close()
    book = kam.book(kam.store(TableStore.new(data)))
    for account in book:query("account"):run() do print(account.id, account.name, account.city) end
    book:close()
end

if arg and arg[0] and arg[0]:find("table_store.lua", 1, true) then main() end
return TableStore
