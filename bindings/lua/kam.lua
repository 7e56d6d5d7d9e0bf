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
text: days "2026-03-01", instants, enums, and money and decimals, which stay exact ("1250.00"; Lua computes with such text
as with numbers). A day is given as text or as days since 1970, nil is today.

What fails raises a table with code, name ("KAM_E_POLICY"), message, and where: kind and field by name, row, line,
column, offset, native; tostring() of it is the message. Handles end themselves; close() ends one at once, and so does
`local book <close>` in Lua 5.4. What each call means stands in the C headers, under the same name. As in C, a book and
what was made from it are used by one thread at a time. ]]
local base = require "kam_base"
local kam, core, E, FORMAT, OP = base.kam, base.core, base.E, base.FORMAT, base.OP
local PERIOD, TXN, BOOK_FLAGS = base.PERIOD, base.TXN, base.BOOK_FLAGS
local EXPORT_FLAGS, IMPORT_FLAGS = base.EXPORT_FLAGS, base.IMPORT_FLAGS
local APPLY_FLAGS, raise, check, guarded, name_of = base.APPLY_FLAGS, base.raise, base.check, base.guarded, base.name_of
local day_number, choice, options_of, set, WINDOW = base.day_number, base.choice, base.options_of, base.set, base.WINDOW
local window, separator, whole, Handle, class = base.window, base.separator, base.whole, base.Handle, base.class
local object, p, call, kinds_of, row_of = base.object, base.p, base.call, base.kinds_of, base.row_of
local inside, record_p, record_of, text_of = base.inside, base.record_p, base.record_of, base.text_of
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

-- ---------------------------------------------------------------- lists and queries

local Rows = class()

-- The next row, nil at the end; also by calling the list, so `for row in rows do`.
function Rows:next() return row_of(self.book, call(self, "rows_next")) end
Rows.__call = Rows.next

-- The rest as a table of rows.
function Rows:list()
    local made = {}
    for row in self do made[#made + 1] = row end
    return made
end

local EXPORT = set("lang", "separator")

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

-- ---------------------------------------------------------------- imports

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

-- ---------------------------------------------------------------- runs, reasons, accounts

local Why, Run, Scheme, Scorecard, VisitPlan, Account = class(), class(), class(), class(), class(), class()

-- The verdict: result, subject, policy, version, as_of, known, run, and whether the inputs differ now.
function Why:record() return row_of(self.book, core.why_record(p(self))) end

-- What came out of it: a grade, points.
function Why:result() return self:record().result end

-- The reasons in order.
function Why:rows() return self.book:made(Rows, self, "why_rows") end

-- The same in words, "en" or "zh".
function Why:text(lang) return (call(self, "why_text", name_of(lang or "en"))) end

-- The RUN record: policy, version, as_of, known, counts, totals; the id once it is applied.
function Run:record() return row_of(self.book, core.run_record(p(self))) end

-- One of its lists: "grade_item", "account_value", "score", "plan_entry", "unplanned", "plan_change", "problem".
function Run:rows(kind) return self.book:made(Rows, self, "run_rows", self.book.kinds[kind].number) end

-- Explains one entry: by account id, by id of the entry, or the row itself. Entries have ids once the run is applied.
function Run:why(id)
    if type(id) == "table" then id = id.id or id.account end
    return self.book:made(Why, self, "run_why", id)
end

-- Stores the run, its entries and their effects; returns its id. Options: force.
function Run:apply(options)
    call(self, "run_apply", options_of(options, APPLY_FLAGS, {}).flags)
    return self:record().id
end

-- Scores one account: account:attributes(), or a record of kind "attributes" of one's own. What comes is a why with
-- `points` as a number besides; result() has them exactly.
function Scorecard:score(attributes)
    local book = inside(attributes).book
    local handle, points = check(book, core.scorecard_score(p(self), record_p(attributes)))
    local why = object(Why, handle, book, self)
    why.points = points / 10000
    return why
end

-- Plans on the book as it is: lists "plan_entry", "unplanned", "plan_change", "problem".
function VisitPlan:run(as_of) return self.book:made(Run, self, "visit_plan_run", day_number(as_of)) end

-- Its record as of the day: change it, then book:save() it.
function Account:record() return record_of(self.book, core.account_record(p(self)), self) end

-- The account as rules and scorecards see it. Each reading is new; the record read before is closed by it.
function Account:attributes()
    if self.last[1] then kam.close(self.last[1]) end
    local made = record_of(self.book, call(self, "account_attributes"), self)
    self.last[1] = made
    return made
end

-- Reads the record again.
function Account:refresh() call(self, "account_refresh") end

-- The fact that holds on the day: "grade" of a scheme, "class" of a dimension, "owner", "tier", "lifecycle".
function Account:fact(kind, name)
    return row_of(self.book, (call(self, "account_fact", self.book.kinds[kind].number, name_of(name))))
end

-- Why that fact holds.
function Account:why(kind, name)
    return self.book:made(Why, self, "account_why", self.book.kinds[kind].number, name_of(name))
end

-- What belongs to it in [from, to), newest first: "ledger", "activity", "contact", "grade", "timeline" ...
function Account:rows(kind, from, to)
    return self.book:made(Rows, self, "account_rows", self.book.kinds[kind].number, day_number(from, kam.DAY_FIRST),
        day_number(to, kam.DAY_END))
end

-- What it was worth in [from, to); without both the twelve months that end with the day.
function Account:value(from, to)
    local o = window({ from = 0, to = 0 }, { from = from, to = to })
    return row_of(self.book, (call(self, "account_value", o.from, o.to)))
end

-- ---------------------------------------------------------------- contexts and stores

local Context, Store, Connection = class(), class(), class()

-- What the library may use of the program: now() answers ms UTC since 1970; progress(done, total) stops a long call by
-- answering true; zone(name, utc_ms) answers minutes east of UTC, nil for an unknown zone; max_text, max_depth,
-- max_memory. What such a function raises comes out of the call that led to it.
function kam.context(options)
    local o = options_of(options, {}, set("now", "progress", "zone", "max_text", "max_depth", "max_memory"))
    o.now, o.progress, o.zone = guarded(o.now, 0), guarded(o.progress, true), guarded(o.zone)
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

local VALUE = set("currency", "share_a", "share_b")

-- Values every account with a ledger row in the window. Options: from, to, currency, share_a and share_b in 10^-4.
function Book:value_run(as_of, options)
    local o = window(options_of(options, {}, VALUE, WINDOW), options)
    return self:made(Run, self, "value_run", o, day_number(as_of))
end

-- Sums per account and "month", "quarter" or "year"; options as in value_run().
function Book:value_periods(period, as_of, options)
    local o = window(options_of(options, {}, VALUE, WINDOW), options)
    return self:made(Rows, self, "value_periods", o, choice(PERIOD, period, "period"), day_number(as_of))
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

local PLAN = set("days", "frozen_days", "cadence", "visits_a_day", "calls_a_day", "seed", "iterations")

-- Sets up a visit plan. Options: from (nil = the day after as_of of the run), days (28), representatives (ids; none =
-- all), frozen_days, cadence, visits_a_day, calls_a_day, seed (1), iterations.
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

-- Saves an activity as held and plans its follow-up; returns that one's id, nil = none was.
function Book:held(activity)
    local id = call(self, "visit_held", record_p(activity))
    return id ~= 0 and id or nil
end

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
