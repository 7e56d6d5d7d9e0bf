--[[ kam: libkam from Lua, the same for LuaJIT (by its FFI) and for Lua 5.4 (by a C module).

    local kam = require "kam"
    local book = kam.open_memory { create = true, currency = "CNY", actor = "m.chen" }
    book:import("account", { source = "erp" }, function(accounts)       -- commits at the end of the function
        accounts:feed("ext_id,name,city\nC1,Acme Pumps,Suzhou\nC2,Bolt & Co,Ningbo\n")
    end)
    book:save(book:new("ledger", { account = "erp:C1", event = "SALE", amount = "1250.00", day = "2026-03-01" }))
    local run = book:grading_run("quota-20-40-40", "2026-03-31")        -- look at it first ...
    for item in run:rows("grade_item") do print(item.account, item.old, "->", item.new) end
    run:apply()                                                         -- ... then store it
    local account = book:account(book:find("account", "C1", "erp"), "2026-03-31")
    print(account:record().name, account:value().revenue, account:fact("grade", "quota-20-40-40").grade)
    print(account:why("grade", "quota-20-40-40"):text("zh"))
    book:query("account"):where("city", "prefix", "Su"):run():save("suzhou.csv", { labels = true })
    book:close()

Records and rows have their fields by name, as the library's schema gives them (book.kinds); an unknown name is an
error, no value is nil. Whole numbers, ids and floating numbers are numbers, yes and no booleans; everything else is
text: days "2026-03-01", instants, enums, and money and decimals, which stay exact ("1250.00"; Lua computes with such
text as with numbers). A day is given as text or as days since 1970, nil is today.

What fails raises a table with code, name ("KAM_E_POLICY"), message, and where: kind and field by name, row, line,
column, offset, native; tostring() of it is the message. Handles end themselves; close() ends one at once, and so does
`local book <close>` in Lua 5.4. What each call means stands in the C headers, under the same name. As in C, a book and
what was made from it are used by one thread at a time. ]]
local base = require "kam_base"
local kam, core, E, FORMAT = base.kam, base.core, base.E, base.FORMAT
local TXN, BOOK_FLAGS, IMPORT_FLAGS = base.TXN, base.BOOK_FLAGS, base.IMPORT_FLAGS
local raise, check, guarded, name_of, day_number = base.raise, base.check, base.guarded, base.name_of, base.day_number
local choice, options_of, set, WINDOW = base.choice, base.options_of, base.set, base.WINDOW
local window, separator, whole, Handle, class = base.window, base.separator, base.whole, base.Handle, base.class
local object, p, call, kinds_of = base.object, base.p, base.call, base.kinds_of
local record_p, record_of = base.record_p, base.record_of
local lists, runs = require "kam_rows", require "kam_run"
local Rows, Query, Import, Run, Scheme = lists.Rows, lists.Query, lists.Import, runs.Run, runs.Scheme
local Scorecard, Segment, VisitPlan, Account = runs.Scorecard, runs.Segment, runs.VisitPlan, runs.Account
local store_functions = require "kam_store"
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

-- ---------------------------------------------------------------- contexts and stores

local Context, Store, Connection = class(), class(), class()

-- What the library may use of the program: now() answers ms UTC since 1970; progress(done, total) stops a long call by
-- answering true; zone(name, utc_ms) answers minutes east of UTC, nil for an unknown zone; max_text, max_depth,
-- collate(text) answers the bytes that sort as the text shall in lists; max_memory. What such a function raises comes
-- out of the call that led to it.
function kam.context(options)
    local o = options_of(options, {}, set("now", "progress", "zone", "collate", "max_text", "max_depth", "max_memory"))
    o.now, o.progress = guarded(o.now, 0), guarded(o.progress, true)
    o.zone, o.collate = guarded(o.zone), guarded(o.collate)
    local handle, keep = check(nil, core.ctx_new(o))
    return object(Context, handle, nil, keep)
end

-- A memory store; several books may be open on it.
function kam.memory_store(ctx) return object(Store, check(nil, core.store_memory(ctx and p(ctx))), nil, ctx) end

-- The durable store in one file, made with its first book; read_only: as it stands now, neither locked nor changed.
function kam.file_store(path, ctx, read_only)
    local make = read_only and core.store_file_read or core.store_file
    return object(Store, check(nil, make(ctx and p(ctx), name_of(path, "a path"))), nil, ctx)
end

-- A store written in Lua: a table with the functions that kam_store.lua names. mode: "own", or "host" where the
-- transactions are the program's own. It must not call the library, nor know a book.
function kam.store(store, mode, ctx)
    local functions, number = store_functions(store), choice(TXN, mode or "own", "mode")
    return object(Store, check(nil, core.store_new(ctx and p(ctx), functions, number)), nil, ctx)
end

-- A store on a SQLite connection of the program's, by the address of its sqlite3 (a light userdata, in LuaJIT a
-- pointer); mode: "own", or "savepoint" or "host" inside the program's transactions.
function kam.sqlite_store(connection, mode, ctx)
    if not core.sqlite_store then raise(E.UNSUPPORTED, "kam_lua was built without SQLite") end
    local handle, code, words = core.sqlite_store(ctx and p(ctx), connection, choice(TXN, mode or "own", "mode"))
    if words then raise(code, words) end
    return object(Store, check(nil, handle, code), nil, ctx)
end

-- Removes the bytes of what was erased (Book:erase) from the store's file; UNSUPPORTED where there is no file.
function Store:purge() call(self, "store_control", 5) end

-- Says which tables and columns there are already (JSON); before the first book.
function Store:map(json) call(self, "store_map", json) end

local function connection_of(path, options)
    if not core.sqlite_open then raise(E.UNSUPPORTED, "kam_lua was built without SQLite") end
    local flags = options.read_only and 1 or options.create and 6 or 2      -- SQLITE_OPEN_
    local handle, code, words = core.sqlite_open(name_of(path, "a path"), flags)
    if handle then return object(Connection, handle) end
    raise(code and E.IO or E.UNSUPPORTED, code and path .. ": " .. words or words, { native = code or 0 })
end

-- ---------------------------------------------------------------- books

local Book = class()

local BOOK = set("scope", "actor", "zone", "lang", "currency", "max_keys", "ctx")

-- A book on a store; without one it is a new one in memory. Options: ctx, create, read_only, upgrade, lazy,
-- no_snapshot, scope, actor, zone, lang, currency, max_keys.
function kam.book(store, options)
    local o = options_of(options, BOOK_FLAGS, BOOK)
    local ctx = o.ctx
    o.ctx = nil
    local handle = check(nil, core.book_open(ctx and p(ctx), store and p(store), o))
    local book = object(Book, handle, nil, { ctx, store })
    book.book, book.owned = book, {}
    book.kinds = kinds_of(book)
    return book
end

-- A new book in memory.
function kam.open_memory(options) return kam.book(nil, options) end

-- A book on stores of our own, which end with it, in this order.
local function book_on(owned, options)
    local ok, book = pcall(kam.book, owned[1], options)
    if not ok then
        for _, one in ipairs(owned) do one:close() end
        error(book, 0)
    end
    book.owned = owned
    return book
end

-- A book in one file of the library's own store; `create` makes the file, too. read_only neither locks nor changes it.
function kam.open_file(path, options)
    local o = options or {}
    local there = o.create or io.open(name_of(path, "a path"), "rb")
    if not there then raise(E.NOT_FOUND, path .. ": there is no such file; create = true makes it") end
    if there ~= true then there:close() end
    return book_on({ kam.file_store(path, o.ctx, o.read_only) }, options)
end

-- A book in a SQLite file, over a connection of its own, which ends with the book; `create` makes the file, too.
function kam.open_sqlite(path, options)
    local connection = connection_of(path, options or {})
    local ctx = options and options.ctx
    local store = object(Store, check(nil, core.sqlite_store(ctx and p(ctx), p(connection), TXN.own)), nil, connection)
    return book_on({ store, connection }, options)
end

-- Closes the book and gives its connection back at once; an open transaction is rolled back.
function Book:close()
    Handle.close(self)
    for _, owned in ipairs(self.owned) do owned:close() end
end
Book.__close = Book.close

-- What a call of the core makes of the handle `of`, as an object that keeps it.
function Book:made(class_of, of, name, ...)
    return object(class_of, check(self, core[name](p(of), ...)), self, of)
end

-- An empty record of a kind, or with these values; save() stores it.
function Book:new(kind, values)
    return kam.update(record_of(self, call(self, "record_new", self.kinds[kind].number)), values)
end

-- One record by id, as of a day.
function Book:get(kind, id, as_of)
    return record_of(self, call(self, "book_get", self.kinds[kind].number, id, day_number(as_of)))
end

-- Id of the record that has the ERP's key.
function Book:find(kind, ext_id, source)
    return (call(self, "book_find", self.kinds[kind].number, name_of(source), ext_id))
end

-- Stores a record, writes id and rev back into it, and returns the id.
function Book:save(record)
    call(self, "book_save", record_p(record))
    if kam.kind_of(record) == "field" then self.kinds, self.spares = kinds_of(self), nil end
    return record.id
end

-- Marks an entity deleted; its history stays. rev nil = whichever is stored.
function Book:delete(kind, id, rev) call(self, "book_delete", self.kinds[kind].number, id, rev or 0) end

-- Erases the values of fields flagged PERSONAL or SENSITIVE, in the record and its history; the reason is kept.
function Book:erase(kind, id, reason)
    call(self, "book_erase", self.kinds[kind].number, id, name_of(reason, "a reason"))
end

-- Accounts or contacts that are in the book twice.
function Book:duplicates(kind) return self:made(Rows, self, "duplicates", self.kinds[kind].number) end

-- An account as of a day.
function Book:account(id, as_of)
    local account = self:made(Account, self, "account_open", id, day_number(as_of))
    account.last = setmetatable({}, { __mode = "v" })
    return account
end

-- A question over the records of a kind; each call on it narrows it and returns it.
function Book:query(kind)
    local of = self.kinds[kind]
    local query = self:made(Query, self, "query_new", of.number)
    query.kind = of
    return query
end

local IMPORT = set("source", "mapping", "batch", "format", "separator", "encoding")

-- An import of records of a kind: one batch, one transaction. Options: source, mapping (a policy's name or a document),
-- batch, format, separator, encoding, dry_run, stop_at_first. With a function: calls it with the import, then finishes
-- it, or takes all back where it raises. Returns the import.
function Book:import(kind, options, body)
    local of, o = self.kinds[kind], separator(options_of(options, IMPORT_FLAGS, IMPORT))
    if o.format then o.format = choice(FORMAT, o.format, "format") end
    local import = self:made(Import, self, "import_new", of.number, o)
    import.kind = of
    if not body then return import end
    local ok, why = pcall(body, import)
    if not ok then
        import:close()
        error(why, 0)
    end
    if not import.finished then import:finish() end
    return import
end

-- Calls a function inside a transaction: committed behind it, rolled back where it raises. Returns what it returns.
function Book:transaction(body, read_only)
    self:begin(read_only)
    local ok, value = pcall(body, self)
    if not ok then
        self:rollback()
        error(value, 0)
    end
    self:commit()
    return value
end

-- Opens a transaction; for reading only, it is one snapshot for all reads.
function Book:begin(read_only) call(self, "book_begin", read_only and 1 or 2) end
function Book:commit() call(self, "book_commit") end
-- Takes the open transaction back; fine without one.
function Book:rollback() call(self, "book_rollback") end
-- Modes "savepoint" and "host": tells that the program's own transaction has ended.
function Book:host_ended(committed) call(self, "book_host_ended", committed and 1 or 0) end

-- Has a function called after each commit with what it touched: a list of { seq =, kind =, id =, op = "insert" }, op as
-- number of the library's where it has no word. It must not call the book. nil ends it.
function Book:on_commit(body)
    local kinds, words = self.kinds, { "insert", "update", "delete" }
    self.commit_keep = call(self, "book_on_commit", body and { commit = guarded(function(block)
        local column, list = {}, {}
        for _, one in ipairs(block.columns) do column[kinds.touched.by_id[one.field].name] = one.values end
        for i = 1, block.n do
            local kind = kinds[1][column.kind[i]]
            list[i] = { seq = column.seq[i], kind = kind and kind.name or column.kind[i], id = column.record[i],
                op = words[column.op[i]] or column.op[i] }
        end
        body(list)
    end) } or nil)
end

-- Makes the commits of a lazy book durable now.
function Book:flush() call(self, "book_flush") end
-- Number of the last commit up to the end of a day.
function Book:seq(day) return (call(self, "book_seq", day_number(day))) end
-- What later commits touched.
function Book:changes(since) return self:made(Rows, self, "book_changes", since or 0) end
-- Findings about what is stored; none = sound.
function Book:verify() return self:made(Rows, self, "book_verify") end
-- Who acts from now on.
function Book:set_actor(actor) call(self, "book_set_actor", actor) end

-- The book as it was known after a commit, read-only.
function Book:known(seq)
    local book = object(Book, call(self, "book_known", seq), nil, self)
    book.book, book.owned, book.kinds = book, {}, self.kinds
    return book
end

local function policy_kind(book, kind)
    local policy = book.kinds.policy
    return book:number_of(policy, policy.fields.kind, kind:upper())
end

-- Adds a version (JSON) of a "scheme", "scorecard", "cadence" or "mapping" as a draft; returns its id.
function Book:policy_add(kind, json) return (call(self, "policy_add", policy_kind(self, kind), json)) end

-- Puts a version in force for [from, to); nil: from today, until further notice.
function Book:policy_approve(policy, from, to)
    call(self, "policy_approve", policy, day_number(from), day_number(to, kam.DAY_END))
end

-- Takes a version out of force from a day on.
function Book:policy_withdraw(policy, from) call(self, "policy_withdraw", policy, day_number(from)) end

-- Id of the version in force on a day.
function Book:policy_in_force(kind, name, day)
    return (call(self, "policy_in_force", policy_kind(self, kind), name_of(name), day_number(day)))
end

-- The grade scheme in force on a day, and the scorecard.
function Book:scheme(name, day) return self:made(Scheme, self, "scheme_open", name_of(name), day_number(day)) end
function Book:scorecard(name, day)
    return self:made(Scorecard, self, "scorecard_open", name_of(name), day_number(day))
end

-- From their JSON, for trials.
function kam.scheme(json, ctx) return object(Scheme, check(nil, core.scheme_parse(ctx and p(ctx), json)), nil, ctx) end
function kam.scorecard(json, ctx)
    return object(Scorecard, check(nil, core.scorecard_parse(ctx and p(ctx), json)), nil, ctx)
end

-- Grades all accounts of a scheme's population: a scheme, or the name of the one in force on the day.
function Book:grading_run(scheme, as_of)
    local of = type(scheme) == "string" and self:scheme(scheme, as_of) or scheme
    return self:made(Run, self, "grading_run", p(of), day_number(as_of))
end

-- Scores all accounts that are not disqualified: by a scorecard, or the name of the one in force on the day.
function Book:scoring_run(card, as_of)
    local of = type(card) == "string" and self:scorecard(card, as_of) or card
    return self:made(Run, self, "scoring_run", p(of), day_number(as_of))
end

-- The segment in force on a day, and from its JSON, for trials; its run says who is in it, who joined and left.
function Book:segment(name, day) return self:made(Segment, self, "segment_open", name_of(name), day_number(day)) end
function kam.segment(json, ctx)
    return object(Segment, check(nil, core.segment_parse(ctx and p(ctx), json)), nil, ctx)
end
function Book:segment_run(segment, as_of)
    local of = type(segment) == "string" and self:segment(segment, as_of) or segment
    return self:made(Run, self, "segment_run", p(of), day_number(as_of))
end

-- A stored run, and the run that puts back what a stored one changed: look at it, then apply it.
function Book:run(id) return self:made(Run, self, "run_open", id) end
function Book:undo(id) return self:made(Run, self, "run_undo", id) end

local REPORT = set("title", "lang", "scheme", "grading", "scoring", "plan")

-- The book on one HTML page. Options: title, lang, scheme, from, to; grading, scoring, plan: ids of runs, else the last
-- ones applied.
function Book:report_html(as_of, options)
    local o = window(options_of(options, {}, REPORT, WINDOW), options)
    return (call(self, "report_html", o, day_number(as_of)))
end

local PLAN = set("days", "frozen_days", "cadence", "visits_a_day", "calls_a_day", "seed", "iterations", "day_begin",
    "day_end", "driving_a_day", "visit_minutes", "speed", "detour", "pause_begin", "pause_end",
    "move_metres")

-- Sets up a visit plan. Options: from (nil = the day after as_of of the run), days (28), representatives (ids; none =
-- all), frozen_days, cadence, visits_a_day, calls_a_day, seed (1), iterations, day_begin, day_end, driving_a_day and
-- visit_minutes in minutes, pause_begin and pause_end (a break), speed, detour, move_metres.
function Book:visit_plan(options)
    local o = options_of(options, {}, PLAN, set("from", "representatives"))
    local given = options or {}
    o.from = given.from ~= nil and day_number(given.from) or nil
    o.days, o.seed = o.days or 28, o.seed or 1
    return self:made(VisitPlan, self, "visit_plan_new", o, given.representatives or {})
end

-- Who is due or overdue on a day. Options: cadence, representative (an id; none = all).
function Book:due(as_of, options)
    local o = options_of(options, {}, set("cadence", "representative"))
    return self:made(Rows, self, "visit_due", o.cadence, o.representative or 0, day_number(as_of))
end

-- What is owed beside the cadence: proposals, invitations, thanks, callbacks, alerts. Options: representative.
function Book:visit_tasks(as_of, options)
    local o = options_of(options, {}, set("representative"))
    return self:made(Rows, self, "visit_tasks", o.representative or 0, day_number(as_of))
end

-- The ISO week of a day and the one after it. Options: cadence, representative.
function Book:visit_week(as_of, options)
    local o = options_of(options, {}, set("cadence", "representative"))
    return self:made(Rows, self, "visit_week", o.cadence, o.representative or 0, day_number(as_of))
end

local CHANNELS = { VISIT = 1, CALL = 2, EMAIL = 3, LETTER = 4, MEETING = 5, DEMO = 6, TRAINING = 7, SMS = 8, SOCIAL = 9,
    HOTLINE = 10, ONLINE = 11 }

-- Plans greetings for a holiday of the calendar, to accounts (ids). Options: before (days), representative (nil = each
-- account's owner). Returns how many were planned: nobody is greeted twice.
function Book:visit_festival(holiday, channel, accounts, options)
    local o = options_of(options, {}, set("before", "representative"))
    return (call(self, "visit_festival", day_number(holiday), o.before or 0, choice(CHANNELS, channel, "channel"),
        o.representative or 0, accounts))
end

-- Representatives whose plan nobody has reviewed for `days`.
function Book:visit_reviews(days, as_of) return self:made(Rows, self, "visit_reviews", days, day_number(as_of)) end

-- What speaks against an activity before it is saved: rows of PROBLEM.
function Book:visit_check(activity, cadence)
    return self:made(Rows, self, "visit_check", record_p(activity), name_of(cadence))
end

-- Plan against done in [from, to), by "account", "grade", "representative" or "territory". Options: verified.
function Book:visit_attainment(by, from, to, as_of, options)
    local group = choice({ account = 1, grade = 2, representative = 3, territory = 4 }, by, "group")
    return self:made(Rows, self, "visit_attainment", group, day_number(from), day_number(to),
        options_of(options, base.ATTAIN_FLAGS, {}).flags, day_number(as_of))
end

-- Checks in to a visit: `at` in ms UTC, degrees as numbers (nil: none), system "WGS84" (or nil) or "GCJ02".
function Book:visit_checkin(activity, at, latitude, longitude, system)
    local function micro(degrees) return degrees and math.floor(degrees * 1e6 + 0.5) or 0 end
    local number = choice({ WGS84 = 1, GCJ02 = 2 }, system or "WGS84", "system")
    call(self, "visit_checkin", record_p(activity), at, micro(latitude), micro(longitude), number)
end

-- Saves an activity as held and plans its follow-up; returns that one's id, nil = none was.
function Book:held(activity)
    local id = call(self, "visit_held", record_p(activity))
    return id ~= 0 and id or nil
end

require "kam_value"(Book)
require "kam_strategy"(Book)
require "kam_score"
require "kam_learn"

-- A value as the whole number the library keeps: the library itself converts it.
function Book:number_of(kind, field, value)
    if field.type == "DAY" then return day_number(value) end
    if whole(value) and (field.as == "i" or field.as == "r") then return value end
    self.spares = self.spares or {}
    local spare = self.spares[kind.name] or self:new(kind.name)
    self.spares[kind.name] = spare
    kam.clear(spare)
    spare[field.name] = value
    return core.record_get(record_p(spare), field.id, "i") or raise(E.TYPE, ('"%s" wants a value'):format(field.name))
end

-- ---------------------------------------------------------------- the library

-- Version of the library that runs, "0.1.0".
function kam.version()
    local v = core.version()
    return ("%d.%d.%d"):format(math.floor(v / 65536), math.floor(v / 256) % 256, v % 256)
end

-- CREATE TABLE and CREATE INDEX statements of all stored kinds, for "sqlite" or "postgresql".
function kam.schema_ddl(dialect) return (check(nil, core.schema_ddl(name_of(dialect, "a dialect")))) end

return kam
