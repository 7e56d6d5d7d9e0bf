--[[ kam_rows: lists, queries and imports, for kam.lua. ]]
local base = require "kam_base"
local kam, core, FORMAT, OP, T = base.kam, base.core, base.FORMAT, base.OP, base.T
local EXPORT_FLAGS, check, day_number, choice = base.EXPORT_FLAGS, base.check, base.day_number, base.choice
local options_of, set, separator, class = base.options_of, base.set, base.separator, base.class
local object = base.object
local raise, E = base.raise, base.E
local p, call, row_of, inside = base.p, base.call, base.row_of, base.inside
local record_p, text_of = base.record_p, base.text_of
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

-- ---------------------------------------------------------------- lists and queries

local Rows, Stream = class(), class()

-- The next row, nil at the end; also by calling the list, so `for row in rows do`.
function Rows:next() return row_of(self.book, call(self, "rows_next")) end
Rows.__call = Rows.next

-- The rest as a table of rows.
function Rows:list()
    local made = {}
    for row in self do made[#made + 1] = row end
    return made
end

-- The rest block by block: for block in rows:columns() do print(block.n, block.name[1]) end, each field a list of
-- block.n values, nil where there is none. Values are physical: money in minor units, days since 1970, enums as
-- numbers.
function Rows:columns()
    return function()
        local block = call(self, "rows_next_block")
        if not block then return nil end
        local made = { n = block.n }
        for _, column in ipairs(block.columns) do
            made[base.field_of(self.book, column.field).name] = column.values
        end
        return made
    end
end

local EXPORT = set("lang", "separator")

-- The rest as struct ArrowArrayStream of the Arrow C stream interface: an object whose `address` is that of the struct
-- (in LuaJIT a cdata pointer, in Lua 5.4 a light userdata), for consumers that take one. This list is closed then; the
-- struct is released with the object, unless a consumer has moved what it holds. Keep the book while it is read.
function Rows:arrow()
    local stream = object(Stream, call(self, "rows_arrow"), self.book, self.keep)
    self.h, stream.address = nil, core.stream_address(stream.h)
    return stream
end

-- Writes the rest piece by piece with write(piece). Options: format, labels, bom, raw, utc, excel, lang, separator.
function Rows:export(write, options)
    local given = {}
    for name, value in pairs(options or {}) do if name ~= "format" then given[name] = value end end
    local made = separator(options_of(given, EXPORT_FLAGS, EXPORT))
    made.format = choice(FORMAT, options and options.format or "csv", "format")
    for piece in function() return (call(self, "rows_export", made)) end do
        if piece == "" then return end
        write(piece)
    end
end

-- The rest as text.
function Rows:text(options)
    local pieces = {}
    self:export(function(piece) pieces[#pieces + 1] = piece end, options)
    return table.concat(pieces)
end

-- Writes the rest to a file; without options.format it goes by the end of its name.
function Rows:save(path, options)
    local by_name = path:match("%.(%w+)$")
    local made = { format = ({ json = "json", jsonl = "jsonl", ics = "icalendar", vcf = "vcard" })[by_name] or "csv" }
    for name, value in pairs(options or {}) do made[name] = value end
    local file = assert(io.open(path, "wb"))
    local ok, why = pcall(self.export, self, function(piece) assert(file:write(piece)) end, made)
    local closed, cause = file:close()
    if not ok then error(why, 0) end
    assert(closed, cause)
end

local Query = class()

-- A condition: where("potential", ">=", 100000), where("note", "null"), or where { city = "Suzhou" }. Operators are
-- = < <= > >= in prefix null.
function Query:where(name, op, value)
    if type(name) == "table" then
        for field, equal in pairs(name) do self:where(field, "=", equal) end
        return self
    end
    local field, number = self.kind:field(name), choice(OP, op, "operator")
    if op == "in" or op ~= "null" and field.type == "DAY" then
        local list = {}
        for i, one in ipairs(op == "in" and value or { value }) do
            list[i] = self.book:number_of(self.kind, field, one)
        end
        call(self, "query_where_i64", field.id, number, list)
    else
        call(self, "query_where", field.id, number, op ~= "null" and text_of(field, value) or nil)
    end
    return self
end

-- Only these fields.
function Query:select(...)
    for _, name in ipairs { ... } do call(self, "query_select", self.kind:field(name).id) end
    return self
end

-- Sorted by a field, then by id; down: largest first.
function Query:order(name, down)
    call(self, "query_order", self.kind:field(name).id, down and 1 or 0)
    return self
end

-- At most `count` rows (0 = all) after leaving out the first `skip`.
function Query:limit(count, skip)
    call(self, "query_limit", skip or 0, count)
    return self
end

-- The rows, as of a day; nil = today, planned events too.
function Query:run(as_of) return self.book:made(Rows, self, "query_run", day_number(as_of)) end

-- ---------------------------------------------------------------- columns, imports

-- n values of any type as a column for the core; `none` is its type where there is no value.
local function column(values, n, none)
    local kind, made = nil, {}
    for i = 1, n do
        local v = values[i]
        local is = type(v) == "string" and T.text or type(v) == "boolean" and T.i32 or type(v) == "number" and
            (v == math.floor(v) and math.abs(v) < 2 ^ 53 and T.i64 or T.f64) or nil
        if v ~= nil and not is then raise(E.TYPE, "a column holds text, numbers and booleans, not a " .. type(v)) end
        if is and kind and is ~= kind and (is + kind ~= T.i64 + T.f64 or is == kind) then
            raise(E.TYPE, "the values of a column are of one type")
        end
        if is and (not kind or is == T.f64) then kind = is end
        made[i] = v
    end
    for i = 1, n do
        if type(made[i]) == "boolean" then made[i] = made[i] and 1 or 0
        elseif kind == T.i64 and math.type and made[i] then made[i] = math.tointeger(made[i]) end
    end
    return { field = 0, type = kind or none or T.i64, values = made }
end

local Import = class()

-- A piece of the text, cut anywhere.
function Import:feed(text) call(self, "import_feed", text) end

-- A whole file.
function Import:read(path)
    local file = assert(io.open(path, "rb"))
    local ok, why = pcall(function()
        for piece in function() return file:read(1048576) end do self:feed(piece) end
    end)
    file:close()
    if not ok then error(why, 0) end
end

-- One record: a record, or a table of values.
function Import:add(record)
    if not inside(record) then
        self.spare = self.spare or self.book:new(self.kind.name)
        kam.clear(self.spare)
        record = kam.update(self.spare, record)
    end
    call(self, "import_add", record_p(record))
end

local PHYSICAL = { TEXT = T.text, CODE = T.text, CURRENCY = T.text, F64 = T.f64 }

-- Many records at once, in columns as Rows:columns() gives them: { n = 2, name = { "A", "B" }, potential = { 100 } }.
function Import:columns(given)
    local block = { n = given.n, columns = {} }
    for name, values in pairs(given) do
        if name ~= "n" then
            local field = self.kind:field(name)
            block.columns[#block.columns + 1] = { field = field.id, type = PHYSICAL[field.type] or T.i64,
                values = values }
        end
    end
    call(self, "import_block", block)
end

-- Stores the rest and commits; returns the report.
function Import:finish()
    call(self, "import_finish")
    self.finished = true
    return self:report()
end

-- The counts so far: new, changed, unchanged, corrected, rejected.
function Import:report() return row_of(self.book, core.import_report(p(self))) end

-- The bad rows so far, with place and cause.
function Import:problems() return self.book:made(Rows, self, "import_problems") end

-- Control totals so far, of an import of the ledger: by month, company, currency and event.
function Import:totals() return self.book:made(Rows, self, "import_totals") end

return { Rows = Rows, Query = Query, Import = Import, column = column }
