--[[ kam_ffi: libkam for LuaJIT, the lower half of kam.lua; kam_lua.c is the same for Lua 5.4.

One Lua function for each function of the library, under its name without "kam_", arguments in the same order and
without lengths and error handle; options come as a table. A call answers what it makes, or nil and the code of its
failure, whose details are told by error_detail(). The declarations are read from kam_ffi.h, which lies beside this file
or one folder above; the library is taken from the environment variable KAM_LIBRARY, or from the system.

A handle is a proxy userdata and not a cdata with a finalizer: userdata are ended in the reverse order of their making,
so a book always goes before the connection it stands on. ]]
local ffi = require "ffi"

local function header()
    local folder = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or "./"
    for _, path in ipairs { folder .. "kam_ffi.h", folder .. "../kam_ffi.h" } do
        local file = io.open(path)
        if file then
            local text = file:read "*a"
            file:close()
            return text
        end
    end
    error("kam_ffi.h was found neither in " .. folder .. " nor one folder above", 0)
end

local function load(...)
    local why
    for _, name in ipairs { ... } do
        local ok, found = pcall(ffi.load, name)
        if ok then return found, name end
        why = found
    end
    error("libkam was not found: " .. why .. "; set KAM_LIBRARY to the path of the library", 0)
end

ffi.cdef(header())
local given = os.getenv "KAM_LIBRARY"
local C, path = load(given or "libkam.so.0.1", given or "kam")
local core = {}

local box = ffi.new "kam_error *[1]"
if C.kam_error_new(box, nil) ~= 0 then error "libkam found no memory" end
local err, holder = box[0], newproxy(true)
getmetatable(holder).__gc = function() C.kam_error_free(err) end

-- ---------------------------------------------------------------- handles

local at = setmetatable({}, { __mode = "k" })           -- proxy -> pointer, until it is ended

local function kind_of_handle(ending)
    local kind = newproxy(true)
    getmetatable(kind).__gc = function(h)
        local p = at[h]
        at[h] = nil
        if p then ending(p) end
    end
    return kind
end

local kinds = {}
for name, ending in pairs { ctx = "ctx_free", store = "store_free", book = "book_close", record = "record_free",
    rows = "rows_free", query = "query_free", import = "import_free", run = "run_free", why = "why_free",
    account = "account_free", scheme = "scheme_free", scorecard = "scorecard_free", visit_plan = "visit_plan_free",
    segment = "segment_free", clv = "clv_free", route = "route_free", rule = "rule_free", work = "work_free",
    dtable = "dtable_free", scorer = "scorer_free", account_plan = "account_plan_free",
    logistic = "logistic_free" } do
    local call = C["kam_" .. ending]
    kinds[name] = { proxy = kind_of_handle(function(p) call(p) end), box = ffi.typeof("kam_" .. name .. " *[1]") }
end

local function made(kind, pointer)
    local h = newproxy(kind.proxy)
    at[h] = pointer
    return h
end

-- The pointer of a handle; what is lent is one already.
local function raw(h)
    if type(h) ~= "userdata" then return h end
    return at[h] or error("the handle is closed", 0)
end

function core.free(h) getmetatable(h).__gc(h) end

-- ---------------------------------------------------------------- the shapes of functions

-- Functions that may call back into Lua must not be compiled, nor what calls them.
local function plain(f)
    jit.off(f, true)
    return f
end

local function size(text) return text and #text or 0 end

-- Arguments as letters: h a handle, t a text with its length behind it, others as they are.
local function arguments(shape)
    local names, values = {}, {}
    for i = 1, #shape do
        local letter, name = shape:sub(i, i), "a" .. i
        names[i] = name
        values[i] = letter == "h" and "raw(" .. name .. ")" or name
        if letter == "t" then values[i] = name .. ", size(" .. name .. ")" end
    end
    return table.concat(names, ", "), table.concat(values, ", ")
end

-- What a call does with its output "out" before it and behind it.
local shapes = {
    does = { "", "", "true" },
    lends = { "local out = ffi.new 'const kam_record *[1]'", "out, ", "out[0] ~= nil and out[0] or nil" },
    int32 = { "local out = ffi.new 'int32_t[1]'", "out, ", "out[0]" },
    uint32 = { "local out = ffi.new 'uint32_t[1]'", "out, ", "out[0]" },
    int64 = { "local out = ffi.new 'int64_t[1]'", "out, ", "tonumber(out[0])" },
    writes = { "local out = buffer()", "out, ", "ffi.string(C.kam_buf_data(out), C.kam_buf_size(out))" } }

local function buffer()
    local out = ffi.new "kam_buf *[1]"
    if C.kam_buf_new(out, nil, nil) ~= 0 then error "libkam found no memory" end
    return ffi.gc(out[0], C.kam_buf_free)
end

local function define(result, name, shape)
    local names, values = arguments(shape)
    local before, out, after = unpack(shapes[result] or
        { "local out = kind.box()", "out, ", "made(kind, out[0])" })
    local text = ("local C, ffi, err, raw, size, buffer, made, kind = ...; return function(%s) %s " ..
        "local rc = C.kam_%s(%s%s%serr); if rc < 0 then return nil, rc end; return %s end"):format(names, before, name,
        out, values, values == "" and "" or ", ", after)
    core[name] = plain(assert(loadstring(text, "=" .. name))(C, ffi, err, raw, size, buffer, made, kinds[result]))
end

for line in ([[
    int32 day_parse t          uint32 field_find his      rows schema_rows h
    store store_memory h       does store_map ht
    store store_file ht        store store_file_read ht
    book book_known hi         int64 book_seq hi          does book_set_actor ht     does book_begin hi
    does book_commit h         does book_rollback h       does book_flush h          rows book_verify h
    record book_get hiii       int64 book_find hist       does book_save hh          does book_delete hiii
    does book_erase hiis       rows duplicates hi         rows import_totals h
    rows book_changes hi       lends rows_next h          query query_new hi         does query_where hiit
    does query_select hi       does query_order hii       does query_limit hii       rows query_run hi
    does import_feed ht        does import_add hh         does import_finish h       rows import_problems h
    int64 policy_add hit       does policy_approve hiii   does policy_withdraw hii   int64 policy_in_force hisi
    run run_open hi            run run_undo hi            rows run_rows hi           why run_why hi
    does run_apply hi          rows why_rows h            writes why_text hs         account account_open hii
    does account_refresh h     lends account_attributes h lends account_fact his     why account_why his
    rows account_rows hiii     lends account_value hii    scheme scheme_open hsi     scheme scheme_parse ht
    run grading_run hhi        scorecard scorecard_open hsi                          scorecard scorecard_parse ht
    run scoring_run hhi        run visit_plan_run hi      rows visit_due hsii        int64 visit_held hh
    record record_new hi       does record_set_i64 hii    does record_set_f64 hif    does record_set_text hit
    book book_open hho         writes rows_export ho      import import_new hio      run value_run hoi
    rows value_periods hoii    writes report_html hoi     visit_plan visit_plan_new ho  writes schema_ddl hs
    does book_host_ended hi    segment segment_open hsi   segment segment_parse ht   int32 segment_has hh
    run segment_run hhi        rows visit_check hhs       rows visit_tasks hii       rows visit_reviews hii
    rows visit_week hsii       rows visit_attainment hiiiii                          does visit_checkin hhiiii
    route route_parse hst      int64 route_solve hii      writes route_write hs      rows value_profiles hoi
    rows value_declines hoi    rows value_whitespace hoi  rows value_forecasts hoi   rows value_rebates hti
    rows value_forecast_variance hsi                      run clv_run hoi            writes clv_to_json h
    clv clv_from_json ht                                   work work_new h            writes rule_eval_json hht
    writes rule_eval hhh       dtable dtable_open hsi     dtable dtable_parse ht     rows dtable_findings h
    does store_control hip     why rule_why hh            scorer scorer_new h        does scorer_set_i64 hii
    does scorer_set_f64 hif    does scorer_set_text hit   int64 scorer_run h         why scorer_why h
    does scorer_kernel hi      account_plan account_plan_open hii                    rows account_plan_rows hi
    rows account_plan_missing h                           rows account_plan_gaps hi  rows account_plan_matrix h
    run account_plan_run hi    rows financial_ratios hi
    rows value_companies hoi   rows value_groups hoi      rows value_shared_costs hoi
    rows visit_slots hii                                  rows visit_day hii
    rows visit_alignment hii   rows visit_cities hii      rows visit_tour hipii      int64 visit_festival hiiiipi
]]):gmatch "[^\n]+" do
    for result, name, shape in line:gmatch "(%S+) (%S+) (%S+)" do define(result, name, shape) end
end

for _, name in ipairs { "import_report", "run_record", "why_record", "account_record", "account_plan_record" } do
    local call = C["kam_" .. name]
    core[name] = function(h) return call(raw(h)) end
end

-- ---------------------------------------------------------------- functions with options

-- A struct from a table, whose texts must live as long as the struct: the caller holds the table.
local function struct(name, values)
    local made = ffi.new(name)
    made.struct_size = ffi.sizeof(name)
    for member, value in pairs(values) do made[member] = value end
    return made
end

for name, about in pairs { book_open = { 3, "kam_book_options" }, rows_export = { 2, "kam_export_options" },
    import_new = { 3, "kam_import_options" }, value_run = { 2, "kam_value_options" },
    value_periods = { 2, "kam_value_options" }, value_companies = { 2, "kam_value_options" },
    value_groups = { 2, "kam_value_options" }, value_shared_costs = { 2, "kam_value_options" }, report_html = { 2, "kam_report_options" },
    visit_plan_new = { 2, "kam_visit_plan_options" }, value_profiles = { 2, "kam_value_options" },
    value_declines = { 2, "kam_decline_options" }, value_whitespace = { 2, "kam_whitespace_options" },
    value_forecasts = { 2, "kam_forecast_options" }, clv_run = { 2, "kam_clv_options" } } do
    local call, place, type = core[name], about[1], about[2]
    core[name] = plain(function(a, b, c, d)
        local values = place == 2 and b or c
        local made = struct(type, values)
        if place == 2 then return call(a, made, c, d) end
        return call(a, b, made, d)
    end)
end

local visit_plan_new = core.visit_plan_new
core.visit_plan_new = plain(function(book, options, people)
    local list = ffi.new("int64_t[?]", #people, people)
    if #people > 0 then options.representative, options.nrepresentative = list, #people end
    return visit_plan_new(book, options)
end)

local visit_tour, visit_festival = core.visit_tour, core.visit_festival
local function ids_of(list) return ffi.new("int64_t[?]", #list, list) end
core.visit_tour = plain(function(plan, representative, accounts, as_of)
    return visit_tour(plan, representative, ids_of(accounts), #accounts, as_of)
end)
core.visit_festival = plain(function(book, holiday, before, channel, representative, accounts)
    return visit_festival(book, holiday, before, channel, representative, ids_of(accounts), #accounts)
end)

local schema_ddl = core.schema_ddl
function core.schema_ddl(dialect) return schema_ddl(nil, dialect) end

core.query_where_i64 = plain(function(query, field, op, values)
    local rc = C.kam_query_where_i64(raw(query), field, op, ffi.new("int64_t[?]", #values, values), #values, err)
    if rc < 0 then return nil, rc end
    return true
end)

core.scorecard_score = plain(function(card, attributes)
    local points, out = ffi.new "int64_t[1]", kinds.why.box()
    local rc = C.kam_scorecard_score(points, out, raw(card), raw(attributes), err)
    if rc < 0 then return nil, rc end
    return made(kinds.why, out[0]), tonumber(points[0])
end)

function core.route_figure(route, what) return tonumber(C.kam_route_figure(raw(route), what)) end
function core.rule_type(rule) return ffi.string(C.kam_rule_type(raw(rule))) end
function core.rule_cost(rule) return tonumber(C.kam_rule_cost(raw(rule))) end
function core.rule_reads(rule, i)
    local name = C.kam_rule_reads(raw(rule), i)
    return name ~= nil and ffi.string(name) or nil
end

for name, size_of in pairs { dtable_decide = false, dtable_decide_json = true } do
    local decide = C["kam_" .. name]
    core[name] = plain(function(dtable, row)
        local out, why = buffer(), kinds.why.box()
        local rc
        if size_of then rc = decide(out, why, raw(dtable), row, #row, err)
        else rc = decide(out, why, raw(dtable), raw(row), err) end
        if rc < 0 then return nil, rc end
        return ffi.string(C.kam_buf_data(out), C.kam_buf_size(out)), made(kinds.why, why[0])
    end)
end

-- ---------------------------------------------------------------- lifetime value

-- Accounts in columns: {n =, x =, tx =, t =, m =, weight =}; and what must live as long.
local function clv_rows(given)
    local rows, keep = ffi.new "kam_clv_rows", {}
    rows.struct_size, rows.n = ffi.sizeof "kam_clv_rows", given.n
    for name, type in pairs { x = "int32_t[?]", tx = "double[?]", t = "double[?]", m = "double[?]",
        weight = "int64_t[?]" } do
        if given[name] then
            keep[name] = ffi.new(type, math.max(given.n, 1), given[name])
            rows[name] = keep[name]
        end
    end
    return rows, keep
end

local function reals(list, n)
    local found = {}
    for i = 1, n do found[i] = list[i - 1] end
    return found
end

core.clv_fit = plain(function(ctx, model, given)
    local rows, _keep = clv_rows(given)           -- alive up to the end
    local out = kinds.clv.box()
    local rc = C.kam_clv_fit(out, raw(ctx), model, rows, err)
    if rc < 0 then return nil, rc end
    return made(kinds.clv, out[0])
end)

function core.clv_figure(model, figure)                 -- nil = the model has no such figure
    local a, b = C.kam_clv_figure(raw(model), figure, 0), C.kam_clv_figure(raw(model), figure, 1)
    return a == b and a or nil
end

core.clv_predict = plain(function(model, given, horizon)
    local rows, _keep = clv_rows(given)           -- alive up to the end
    local expected, alive = ffi.new("double[?]", given.n + 1), ffi.new("double[?]", given.n + 1)
    local rc = C.kam_clv_predict(expected, alive, raw(model), rows, horizon, err)
    if rc < 0 then return nil, rc end
    return reals(expected, given.n), reals(alive, given.n)
end)

core.clv_spend = plain(function(model, given)
    local rows, _keep = clv_rows(given)           -- alive up to the end
    local out = ffi.new("double[?]", given.n + 1)
    local rc = C.kam_clv_spend(out, raw(model), rows, err)
    if rc < 0 then return nil, rc end
    return reals(out, given.n)
end)

core.clv_value = plain(function(purchases, spending, given, step, steps, rate)
    local rows, _keep = clv_rows(given)           -- alive up to the end
    local out = ffi.new("double[?]", given.n + 1)
    local rc = C.kam_clv_value(out, raw(purchases), raw(spending), rows, step, steps, rate, err)
    if rc < 0 then return nil, rc end
    return reals(out, given.n)
end)

-- ---------------------------------------------------------------- columns and stores

require "kam_ffi_store"(C, core, plain)

core.rows_next_block = plain(function(rows)
    local out = ffi.new "const kam_block *[1]"
    local rc = C.kam_rows_next_block(out, raw(rows), err)
    if rc < 0 then return nil, rc end
    return out[0] ~= nil and core.block_of(out[0]) or nil
end)

kinds.stream = { proxy = kind_of_handle(function(stream)
    if stream.release ~= nil then stream.release(stream) end
end) }

-- rows_arrow(rows) -> handle of the stream, in which the rows are gone.
core.rows_arrow = plain(function(rows)
    local stream = ffi.new "struct ArrowArrayStream"
    local rc = C.kam_rows_arrow(stream, raw(rows), err)
    if rc < 0 then return nil, rc end
    at[rows] = nil
    return made(kinds.stream, stream)
end)

function core.stream_address(stream) return ffi.cast("struct ArrowArrayStream *", raw(stream)) end

core.import_block = plain(function(import, given)
    local block, _keep = core.block_at(given)
    local rc = C.kam_import_block(raw(import), block, err)
    if rc < 0 then return nil, rc end
    return true
end)

core.store_new = plain(function(ctx, functions, mode)
    local vt, self = core.store_attach(functions, mode == C.KAM_TXN_HOST)
    local out = kinds.store.box()
    local rc = C.kam_store_new(out, raw(ctx), vt, self, mode, err)
    if rc < 0 then
        core.store_detach(self)
        return nil, rc
    end
    return made(kinds.store, out[0])
end)

-- ---------------------------------------------------------------- records

function core.record_kind(record) return C.kam_record_kind(raw(record)) end

function core.record_clear(record) C.kam_record_clear(raw(record)) end

-- as: "i" a whole number, "f" a double, "b" a boolean, "r" an id or a key, "s" text.
function core.record_get(record, field, as)
    local p = raw(record)
    if C.kam_record_type(p, field) == 0 then return nil end
    if as == "f" then return C.kam_record_f64(p, field, 0) end
    if as == "b" then return C.kam_record_i64(p, field, 0) ~= 0 end
    if as == "i" or as == "r" and C.kam_record_i64(p, field, -1) >= 0 then
        return tonumber(C.kam_record_i64(p, field, 0))
    end
    return ffi.string(C.kam_record_text(p, field, ""))
end

-- ---------------------------------------------------------------- what the library calls back

-- One C function for each slot serves all contexts: `user` is the number under which a context's functions lie here,
-- weakly, so that a function may refer to its book without keeping both alive for ever.
local hooks, count = setmetatable({}, { __mode = "v" }), 0

local function hook(user, name)
    local found = hooks[tonumber(ffi.cast("intptr_t", user))]
    return found and found[name]
end

local slots                                             -- made when the first context wants one
local function slot(name)
    slots = slots or {}
    if slots[name] then return slots[name] end
    local body = {
        now = function(user)
            local call = hook(user, name)
            return call and call() or 0
        end,
        progress = function(user, done, total)
            local call = hook(user, name)
            return call and call(tonumber(done), tonumber(total)) and 1 or 0
        end,
        zone = function(user, text, ms, out)
            local call = hook(user, name)
            local minutes = call and call(ffi.string(text), tonumber(ms))
            if not minutes then return C.KAM_E_NOT_FOUND end
            out[0] = minutes
            return 0
        end,
        collate = function(user, text, len, key)
            local call = hook(user, name)
            local bytes = call and call(ffi.string(text, len))
            return bytes and C.kam_buf_append(key, bytes, #bytes, nil) or C.KAM_E_IO
        end,
        commit = function(user, touched)
            local call = hook(user, name)
            local ok, block = pcall(core.block_of, touched)
            if call and ok then call(block) end
        end,
        rule = function(user, call)
            local found = hooks[tonumber(ffi.cast("intptr_t", user))]
            return found and core.rule_called(found, call) or C.KAM_E_CLOSED
        end }
    local types = { rule = "kam_rule_fn", commit = "kam_commit_fn",
        collate = "int32_t (*)(void *, const char *, size_t, kam_buf *)",
        now = "int64_t (*)(void *)", progress = "int32_t (*)(void *, uint64_t, uint64_t)",
        zone = "int32_t (*)(void *, const char *, int64_t, int32_t *)" }
    slots[name] = ffi.cast(types[name], body[name])
    return slots[name]
end

-- ctx_new(options) -> handle, what must live as long as its books. The functions must not raise: kam.lua sees to it.
function core.ctx_new(options)
    local values = {}
    for name, value in pairs(options) do values[name] = type(value) == "function" and slot(name) or value end
    count = count + 1
    hooks[count] = options
    values.user = ffi.cast("void *", count)
    local out = kinds.ctx.box()
    local rc = C.kam_ctx_new(out, struct("kam_ctx_options", values), err)
    if rc < 0 then return nil, rc end
    return made(kinds.ctx, out[0]), options
end

require "kam_ffi_rule"(C, core, { raw = raw, plain = plain, struct = struct, made = made, kinds = kinds, err = err,
    hooked = function(f)
        count = count + 1
        hooks[count] = f
        return slot "rule", ffi.cast("void *", count)
    end })

require "kam_ffi_score"(C, core, { raw = raw, plain = plain, err = err })
require "kam_ffi_learn"(C, core, { raw = raw, plain = plain, err = err, made = made, logistic = kinds.logistic })

-- book_on_commit(book, {commit = function(block) ... end} or nil) -> what must live as long as the book.
core.book_on_commit = plain(function(book, given)
    if given then
        count = count + 1
        hooks[count] = given
    end
    local call, user = given and slot "commit" or nil, given and ffi.cast("void *", count) or nil
    local rc = C.kam_book_on_commit(raw(book), call, user, err)
    if rc < 0 then return nil, rc end
    return given or true
end)

-- ---------------------------------------------------------------- errors, version, SQLite

function core.error_detail()
    local found = { ffi.string(C.kam_error_message(err)) }
    for what = C.KAM_ERR_KIND, C.KAM_ERR_NATIVE do found[1 + what] = tonumber(C.kam_error_detail(err, what)) end
    return unpack(found)
end

function core.code_name(code) return ffi.string(C.kam_code_name(code)) end

function core.version() return C.kam_version() end

-- libkam-sqlite from where libkam came from; SQLite's own functions are found through it.
local sqlite
local function sqlite_library()
    if sqlite then return sqlite end
    local name = path:gsub("kam([^/]*)$", "kam-sqlite%1")
    local ok, found = pcall(ffi.load, name)
    if not ok then return nil, "libkam-sqlite was not found: " .. found end
    ffi.cdef [[
        typedef struct sqlite3 kam_connection;
        int32_t kam_sqlite_store(kam_store **out, kam_ctx *ctx, kam_connection *db, uint32_t mode, kam_error *err);
        int32_t sqlite3_open_v2(const char *name, kam_connection **db, int32_t flags, const char *vfs);
        int32_t sqlite3_close_v2(kam_connection *db);
        const char *sqlite3_errmsg(kam_connection *db); ]]
    sqlite = found
    kinds.connection = { box = ffi.typeof "kam_connection *[1]",
        proxy = kind_of_handle(function(p) sqlite.sqlite3_close_v2(p) end) }
    return sqlite
end

-- sqlite_open(path, flags) -> connection, or nil, SQLite's code, its words.
function core.sqlite_open(name, flags)
    local library, why = sqlite_library()
    if not library then return nil, nil, why end
    local out = kinds.connection.box()
    local code = library.sqlite3_open_v2(name, out, flags, nil)
    local connection = out[0] ~= nil and made(kinds.connection, out[0]) or nil
    if code == 0 then return connection end
    return nil, code, connection and ffi.string(library.sqlite3_errmsg(out[0])) or "no memory"
end

-- connection: one of ours, or the address of one of the program's.
core.sqlite_store = plain(function(ctx, connection, mode)
    local library, why = sqlite_library()
    if not library then return nil, C.KAM_E_UNSUPPORTED, why end
    local out = kinds.store.box()
    local db = at[connection] or ffi.cast("kam_connection *", connection)
    local rc = library.kam_sqlite_store(out, raw(ctx), db, mode, err)
    if rc < 0 then return nil, rc end
    return made(kinds.store, out[0])
end)

core.holder = holder                                    -- the error handle lives as long as the module
return core
