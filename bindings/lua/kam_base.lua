--[[ kam_base: what kam.lua stands on: errors, values, handles, kinds, records. Programs require "kam". ]]
local jit = rawget(_G, "jit")
if jit then jit.off(true, true) end      -- compiled code would keep the last books it has met, and their files, open
local core = require(jit and "kam_ffi" or "kam_lua")

local kam = { TODAY = 2147483647, DAY_FIRST = -2147483647, DAY_END = 2147483646 }

-- The numbers behind words, as in the C headers.
local FORMAT = { csv = 1, json = 2, jsonl = 3, icalendar = 4, vcard = 5 }
local OP = { ["="] = 1, ["<"] = 2, ["<="] = 3, [">"] = 4, [">="] = 5, ["in"] = 6, prefix = 7, null = 8 }
local PERIOD = { month = 1, quarter = 2, year = 3 }
local TXN = { own = 1, savepoint = 2, host = 3 }
local BOOK_FLAGS = { read_only = 1, create = 2, upgrade = 4, lazy = 8, no_snapshot = 16 }
local CLV = { bgnbd = 1, mbgnbd = 2, pnbd = 3, nbd = 4, gg = 5, bgbb = 6, week = 0, day = 1, month = 2,
    r = 1, alpha = 2, a = 3, b = 4, s = 5, beta = 6, p = 7, q = 8, gamma = 9, delta = 10, model = 32, status = 33,
    limit = 34, log_likelihood = 35, rows = 36, ["repeat"] = 37, iterations = 38, gradient = 39, mean = 40,
    bad_row = 41, se = 256 }
local ROUTE = { cost = 1, unit = 2, missing = 3, unplanned = 4, iterations = 5, memory = 6, days = 7, vehicles = 8,
    customers = 9 }
local PREPARE = { check = 1, create = 2, upgrade = 3 }
local WRITE = { insert = 1, update = 2, delete = 3 }
local END = { commit = 1, lazy = 2, abort = 3 }
local T = { i32 = 1, i64 = 2, f64 = 3, text = 4 }
local RULE_FLAGS = { standard = 1, null_on_error = 2, trace = 4 }
local VALUE_FLAGS = { external = 1 }
local ATTAIN_FLAGS = { verified = 1 }
local EXPORT_FLAGS = { bom = 1, labels = 2, raw = 4, utc = 8, excel = 16 }
local IMPORT_FLAGS = { dry_run = 1, stop_at_first = 2 }
local APPLY_FLAGS = { force = 1 }
local FIELD = { kind = 2432, field = 2433, name = 2434, type = 2435, scale = 2436, unit = 2437, flags = 2438,
    label_en = 2439, label_zh = 2440, refers = 2441, values = 2442 }
local REASON = { factor = 25984, value = 25985, band = 25986, points = 25987, share = 25988, code = 25989, text = 25990,
    text_zh = 25991 }
local KERNEL = { best = 0, portable = 1, avx2 = 2, avx512 = 3 }
local E = { INVAL = -1, NOMEM = -2, UNSUPPORTED = -3, NOT_FOUND = -4, EXISTS = -5, CONFLICT = -6, BUSY = -7,
    ABORTED = -8, RETRY = -9, CANCELLED = -10, LIMIT = -11, TYPE = -12, UTF8 = -13, PARSE = -14, SCHEMA = -15,
    POLICY = -16, DENIED = -17, READ_ONLY = -18, IO = -19, FULL = -20, CORRUPT = -21, DEAD = -22, CLOSED = -23,
    STALE = -24, COMMIT_UNKNOWN = -25 }
kam.constants = { FORMAT = FORMAT, PERIOD = PERIOD, TXN = TXN, BOOK = BOOK_FLAGS,
    EXPORT = EXPORT_FLAGS, IMPORT = IMPORT_FLAGS, APPLY = APPLY_FLAGS, FIELD = FIELD, E = E, CLV = CLV, ROUTE = ROUTE,
    PREPARE = PREPARE, WRITE = WRITE, END = END, T = T, RULE = RULE_FLAGS, VALUE = VALUE_FLAGS, ATTAIN = ATTAIN_FLAGS,
    REASON = REASON, KERNEL = KERNEL }

-- ---------------------------------------------------------------- errors

local Error = {}
Error.__index = Error
function Error:__tostring() return self.message end

local function raise(code, message, more)
    local made = setmetatable({ code = code, name = core.code_name(code), message = message, native = 0 }, Error)
    for name, value in pairs(more or {}) do made[name] = value end
    error(made, 0)
end

-- What a store of one's own raises to fail: fail("EXISTS", "key 7 is taken", { row = 2, field = "ext_id" }), by the
-- name of a code; row from 0.
function kam.fail(name, message, more)
    raise(E[name] or error(("there is no code KAM_E_%s"):format(tostring(name)), 2), message, more)
end

-- True for an error of this library.
function kam.is_error(value) return getmetatable(value) == Error end

local raised                            -- by a function that the library called back

-- Passes the answer of a call on, or raises what failed. `book` knows the names of kinds and fields; it may be nil.
local function check(book, value, more)
    if raised ~= nil then
        local what = raised
        raised = nil
        error(what, 0)
    end
    if value ~= nil or more == nil then return value, more end
    local message, kind, field, row, line, column, offset, native = core.error_detail()
    local where = { row = row, line = line, column = column, offset = offset }
    for name, number in pairs(where) do if number < 0 then where[name] = nil end end
    where.native = native
    if kind >= 0 or field >= 0 then
        where.kind, where.field = kind >= 0 and kind or nil, field >= 0 and field or nil
        if book then where.kind, where.field = book.kinds:names_of(where.kind, where.field) end
    end
    raise(more, message, where)
end

-- A function for the library to call back: what it raises comes out of the call that led to it.
local function guarded(f, on_error)
    return f and function(...)
        local ok, value = pcall(f, ...)
        if ok then return value end
        raised = value
        return on_error
    end
end

-- ---------------------------------------------------------------- values

local function whole(value) return type(value) == "number" and value == math.floor(value) end

local function name_of(text, what)
    if text == nil then return nil end
    if type(text) ~= "string" then error((what or "a name") .. " is text, not a " .. type(text), 3) end
    if text:find("\0", 1, true) then raise(E.UTF8, "a text holds U+0000", { offset = text:find("\0", 1, true) - 1 }) end
    return text
end

-- Days since 1970 of a day; `none` of nil.
local function day_number(day, none)
    if day == nil then return none or kam.TODAY end
    if whole(day) and day >= kam.DAY_FIRST and day <= kam.TODAY then return day end
    if type(day) ~= "string" then error("a day is text (2026-03-01) or days since 1970, not " .. tostring(day), 3) end
    return (check(nil, core.day_parse(day)))
end
kam.day = day_number

local function choice(among, word, what)
    local number = among[word]
    if number then return number end
    local words = {}
    for known in pairs(among) do words[#words + 1] = known end
    table.sort(words)
    raise(E.INVAL, ('%s "%s" is none of %s'):format(what, tostring(word), table.concat(words, ", ")))
end

-- Options for the core: flags summed up, `days` made numbers, `plain` taken as they are; another name is an error.
local function options_of(given, flags, plain, days)
    local made = { flags = 0 }
    for name, value in pairs(given or {}) do
        if flags[name] then
            made.flags = made.flags + (value and flags[name] or 0)
        elseif plain[name] then
            made[name] = type(value) == "string" and name_of(value) or value
        elseif not (days and days[name]) then
            raise(E.INVAL, ('there is no option "%s"'):format(tostring(name)))
        end
    end
    return made
end

local function set(...)
    local made = {}
    for _, name in ipairs { ... } do made[name] = true end
    return made
end

-- The bounds [from, to) among options: both zero where neither is given.
local WINDOW = set("from", "to")
local function window(options, given)
    if given and (given.from ~= nil or given.to ~= nil) then
        options.from, options.to = day_number(given.from, kam.DAY_FIRST), day_number(given.to, kam.DAY_END)
    end
    return options
end

local function separator(options)
    if options.separator then options.separator = options.separator:byte() end
    return options
end

-- ---------------------------------------------------------------- handles

local Handle = {}

local function class()
    local made = setmetatable({}, { __index = Handle })
    made.__index = made
    made.__close = Handle.close
    return made
end

-- The handle for the core; an error where it is closed.
local function p(self) return self.h or raise(E.CLOSED, "this handle is closed") end

-- book: the book it belongs to, if any; keep: what must live as long.
local function object(of, handle, book, keep)
    return setmetatable({ h = handle, book = book, keep = keep }, of)
end

-- Ends the handle; what was made from it can still be ended, and answers KAM_E_CLOSED where it needs it.
function Handle:close()
    local h = self.h
    self.h = nil
    if h then core.free(h) end
end

-- Calls `name` of the core on this handle.
local function call(self, name, ...) return check(self.book, core[name](p(self), ...)) end

-- ---------------------------------------------------------------- kinds

local Kind = {}
Kind.__index = Kind

local AS = { INT = "i", ID = "i", REF = "r", F64 = "f", BOOL = "b" }

-- A field by name; the library suggests one for a name that is wrong.
function Kind:field(name)
    local found = self.fields[name]
    if found then return found end
    check(self.book(), core.field_find(p(self.book()), self.number, name_of(name, "a field's name")))
    raise(E.NOT_FOUND, ('%s has no field "%s"'):format(self.name, name))
end

local Kinds = {}

-- kinds.account or kinds["account"].
function Kinds:__index(name)
    if Kinds[name] then return Kinds[name] end
    raise(E.NOT_FOUND, ('there is no kind "%s"'):format(tostring(name)))
end

function Kinds:names_of(kind, field)
    local known = self[1][kind]
    for _, among in pairs(known and { known } or self[1]) do
        if among.by_id[field] then field = among.by_id[field].name break end
    end
    return known and known.name or kind, field
end

-- A field by its number, of whichever kind.
local function field_of(book, number)
    for _, kind in pairs(book.kinds[1]) do
        if kind.by_id[number] then return kind.by_id[number] end
    end
    raise(E.NOT_FOUND, ("there is no field %d"):format(number))
end

local function kind_new(name, book)
    local made = setmetatable({ name = name, number = 0, fields = {}, by_id = {}, list = {}, book = book }, Kind)
    made.row = { kind = made, __index = function(_, field)
        made:field(field)
        return nil
    end }
    return made
end

-- The schema of a book, from kam_schema_rows().
local function kinds_of(book)
    local weak = setmetatable({ book }, { __mode = "v" })
    local made, by_number = setmetatable({}, Kinds), {}
    local rows = check(nil, core.schema_rows(p(book)))
    for r in function() return (check(nil, core.rows_next(rows))) end do
        local function text(name) return core.record_get(r, FIELD[name], "s") end
        local function number(name) return core.record_get(r, FIELD[name], "i") end
        local name, id = text "kind", number "field"
        local kind = rawget(made, name) or kind_new(name, function()
            return weak[1] or raise(E.CLOSED, "the book of these kinds is closed")
        end)
        rawset(made, name, kind)
        local field = { id = id, name = text "name", type = text "type", scale = number "scale", unit = text "unit",
            flags = number "flags", label_en = text "label_en", label_zh = text "label_zh", refers = text "refers",
            values = text "values", as = AS[text "type"] or "s" }
        kind.fields[field.name], kind.by_id[id] = field, field
        kind.list[#kind.list + 1] = field
        if id >= 128 and id < 65536 then kind.number = math.floor(id / 128) end
    end
    core.free(rows)
    for _, kind in pairs(made) do by_number[kind.number] = kind end
    rawset(made, 1, by_number)
    return made
end

-- ---------------------------------------------------------------- records

-- A row: a copy of a record, a plain table of its values, which outlives its list.
local function row_of(book, lent)
    if lent == nil then return nil end
    local kind = book.kinds[1][core.record_kind(lent)]
    local row = {}
    for _, field in ipairs(kind.list) do row[field.name] = core.record_get(lent, field.id, field.as) end
    return setmetatable(row, kind.row)
end

-- A record to be changed: its fields are all it shows; what it is made of lies under a key that no field has.
local Record, INSIDE = {}, {}

local function inside(record) return rawget(record, INSIDE) end

local function record_p(record)
    local about = type(record) == "table" and inside(record)
    if not about then error("a record of book:new() or book:get() is wanted", 3) end
    if about.owner then p(about.owner) end
    return about.h or raise(E.CLOSED, "this record is closed")
end

local function record_of(book, handle, owner)
    local kind = book.kinds[1][core.record_kind(handle)]
    return setmetatable({ [INSIDE] = { h = handle, kind = kind, book = book, owner = owner } }, Record)
end

local function text_of(field, value)
    if type(value) == "string" or value == nil then return value end
    if type(value) == "boolean" then return value and "true" or "false" end
    if whole(value) then return ("%d"):format(value) end
    raise(E.TYPE, ('"%s" is %s: give text or a whole number, not %s'):format(field.name, field.type, tostring(value)),
        { field = field.name })
end

function Record:__index(name)
    local about = inside(self)
    local field = about.kind:field(name)
    return core.record_get(record_p(self), field.id, field.as)
end

function Record:__newindex(name, value)
    local about = inside(self)
    local field, h = about.kind:field(name), record_p(self)
    if field.type == "F64" and type(value) == "number" then
        check(about.book, core.record_set_f64(h, field.id, value))
    elseif field.type == "DAY" and whole(value) then
        check(about.book, core.record_set_i64(h, field.id, value))
    else
        check(about.book, core.record_set_text(h, field.id, text_of(field, value)))
    end
end

function Record:__close() kam.close(self) end

-- Ends a record, or any other handle; a record that is lent ends with what lends it.
function kam.close(what)
    local about = type(what) == "table" and inside(what)
    if not about then return what:close() end
    local h = about.h
    about.h = nil
    if h and not about.owner then core.free(h) end
end

-- Name of the kind of a record or row (`record.kind` may be a field).
function kam.kind_of(record)
    local about = inside(record)
    return (about and about.kind or getmetatable(record).kind).name
end

-- The values of a record as a row.
function kam.values(record) return row_of(inside(record).book, record_p(record)) end

-- Removes all values; one record serves a whole loop.
function kam.clear(record) core.record_clear(record_p(record)) end

-- Sets several fields.
function kam.update(record, values)
    for name, value in pairs(values or {}) do record[name] = value end
    return record
end

return { kam = kam, core = core, E = E, FORMAT = FORMAT, OP = OP, PERIOD = PERIOD, TXN = TXN, BOOK_FLAGS = BOOK_FLAGS,
    EXPORT_FLAGS = EXPORT_FLAGS, IMPORT_FLAGS = IMPORT_FLAGS, APPLY_FLAGS = APPLY_FLAGS, raise = raise, check = check,
    guarded = guarded, name_of = name_of, day_number = day_number, choice = choice, options_of = options_of,
    set = set, WINDOW = WINDOW, window = window, separator = separator, whole = whole, Handle = Handle, class = class,
    CLV = CLV, ROUTE = ROUTE, PREPARE = PREPARE, WRITE = WRITE, END = END, T = T, RULE_FLAGS = RULE_FLAGS,
    VALUE_FLAGS = VALUE_FLAGS, ATTAIN_FLAGS = ATTAIN_FLAGS, REASON = REASON, KERNEL = KERNEL, object = object, p = p,
    call = call, kinds_of = kinds_of, field_of = field_of, row_of = row_of, inside = inside, record_p = record_p,
    record_of = record_of, text_of = text_of }
