--[[ kam_store: stores written in Lua, for kam.lua. kam.store(object) takes a table or object with these methods, which
keep the contract of kam/spi/storage.h; rows are tables from field name to number or text, nil where there is no value:

    begin(self, write)         begins a transaction: one snapshot for all its scans; write keeps other writers out
                               (BUSY)
    finish(self, how)          ends it, "commit", "lazy" or "abort"; it is over whatever happens
    scan(self, scan)           answers a function that gives the rows asked for, one at each call, nil at the end
    write(self, t, op, rows)   does "insert", "update" or "delete" by key; if it fails only "abort" is left
    prepare(self, tables, how, report)   optional: "check", "create" or "upgrade"; report(message, table, field) tells
                               what is missing, and "check" fails with SCHEMA then
    reserve(self, id, count)   optional: the first of so many ids of a table never given before
    close(self)                optional: the library needs it no longer

A table t has id, name, relation, version, class, read_only, fields (a list of id, name, column, type "i32" "i64" "f64"
or "text", scale, flags), by_id, key (name of the first field) and unique (names of those that are unique together); in
write() also written, the names of the fields the rows come with: an update leaves the others as they are.

A scan has table, fields (names), conditions (a list of field, op as in Query:where(), values, value), order (names),
descending, limit, block_rows, after (continue behind this row). A store that applies condition i exactly sets
scan.handled[i] = true, one that also keeps to order, after and limit scan.handled.order, before its first row; what is
left is the library's work.

To fail a method calls kam.fail("EXISTS", words, { row = 0, field = "ext_id" }); another error is IO. In LuaJIT whole
numbers beyond 2^53 are int64_t. A store must not call the library, nor know a book: it lives until the library closes
it. ]]
local base = require "kam_base"
local kam, E, OP, PREPARE, WRITE, END, T = base.kam, base.E, base.OP, base.PREPARE, base.WRITE, base.END, base.T
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

local UNIQUE = 2                                        -- KAM_F_UNIQUE

-- number -> word
local function words_of(numbers)
    local made = {}
    for word, number in pairs(numbers) do made[number] = word end
    return made
end

local OP_WORD, PREPARE_WORD, WRITE_WORD = words_of(OP), words_of(PREPARE), words_of(WRITE)
local END_WORD, T_WORD = words_of(END), words_of(T)

local function table_of(t)
    t.read_only = t.flags % 2 == 1
    t.by_id, t.unique, t.key = {}, {}, t.fields[1].name
    for _, field in ipairs(t.fields) do
        field.number, field.type = field.type, T_WORD[field.type]
        t.by_id[field.id] = field
        if math.floor(field.flags / UNIQUE) % 2 == 1 then t.unique[#t.unique + 1] = field.name end
    end
    return t
end

local function rows_of(block, t)
    local rows = {}
    for i = 1, block.n do rows[i] = {} end
    for _, column in ipairs(block.columns) do
        local name, values = t.by_id[column.field].name, column.values
        for i = 1, block.n do rows[i][name] = values[i] end
    end
    return rows
end

local function scan_of(q)
    local t = table_of(q.table)
    local function names(numbers)
        local made = {}
        for i, number in ipairs(numbers) do made[i] = t.by_id[number].name end
        return made
    end
    local scan = { table = t, fields = names(q.fields), order = names(q.order), descending = q.flags % 2 == 1,
        limit = q.limit, block_rows = q.block_rows, conditions = {}, handled = {} }
    for i, one in ipairs(q.conditions) do
        local values = one.given.columns[1] and one.given.columns[1].values or {}
        scan.conditions[i] = { field = t.by_id[one.field].name, op = OP_WORD[one.op], values = values,
            value = values[1] }
    end
    scan.after = q.after and rows_of(q.after, t)[1]
    return scan
end

-- The next rows of a scan as a block, and whether there may be more.
local function block_of(next_row, fields, most)
    local lists, n, row = {}, 0
    for c = 1, #fields do lists[c] = {} end
    while n < most do
        row = next_row()
        if row == nil then break end
        n = n + 1
        for c, field in ipairs(fields) do lists[c][n] = row[field.name] end
    end
    local block = { n = n, columns = {} }
    for c, field in ipairs(fields) do
        block.columns[c] = { field = field.id, type = field.number, values = lists[c] }
    end
    return block, row ~= nil
end

-- What a failure tells the library: code, words, table, field, row, native.
local function told(why, t)
    local code, words, field = E.IO, tostring(why), 0
    if kam.is_error(why) then code, words = why.code, why.message end
    words = words:gsub("%s+", " ")
    for _, one in ipairs(t and t.fields or {}) do
        if kam.is_error(why) and one.name == why.field then field = one.id end
    end
    local told = kam.is_error(why)
    return code, words, t and t.id or 0, field, told and why.row or 0, told and why.native or 0
end

-- The functions of a store as the lower half calls them: an answer, or nil and a failure.
return function(store)
    local made = {}

    local function define(name, body)
        made[name] = function(...)
            local of
            local ok, answer = pcall(body, function(t) of = table_of(t) return of end, ...)
            if ok then return answer end
            return nil, told(answer, of)
        end
    end

    define("begin", function(_, flags) store:begin(flags == 2) end)
    define("finish", function(_, how) store:finish(END_WORD[how]) end)
    define("scan", function(_, q, emit)
        local scan = scan_of(q)
        local fields, next_row = {}, store:scan(scan)
        for i, number in ipairs(q.fields) do fields[i] = scan.table.by_id[number] end
        local most = q.block_rows > 0 and q.block_rows or 1024
        local code, block, more = 0, nil, true
        while more and code == 0 do
            block, more = block_of(next_row, fields, most)
            if block.n > 0 then code = emit(block, scan.handled) end
        end
        return { code = code, handled = scan.handled }
    end)
    define("write", function(of, t, op, block)
        local known = of(t)
        known.written = {}
        for i, column in ipairs(block.columns) do known.written[i] = known.by_id[column.field].name end
        store:write(known, WRITE_WORD[op], rows_of(block, known))
    end)
    if store.prepare then
        define("prepare", function(_, list, how, report)
            for i, t in ipairs(list) do list[i] = table_of(t) end
            store:prepare(list, PREPARE_WORD[how], function(message, t, field)
                local id = 0
                for _, one in ipairs(t.fields) do if one.name == field then id = one.id end end
                report(E.SCHEMA, message, t.id, id, 0, 0)
            end)
        end)
    end
    if store.reserve then define("reserve", function(_, id, count) return store:reserve(id, count) end) end
    define("close", function() if store.close then store:close() end end)
    return made
end
