--[[ The job of `kam demo` in Lua: from an ERP's files to grades, scores, reasons, a visit plan and the report.

    kam demo --out build/demo
    export LUA_PATH="bindings/lua/?.lua" LUA_CPATH="build/?.so" KAM_LIBRARY=build/libkam.so
    luajit examples/lua/demo.lua build/demo build/demo-lua [zh]         # or lua5.4

Reads DIR/input/*.csv and writes OUT/grades.csv, scores.csv, due.csv, plan.csv, unplanned.csv and report.html, byte for
byte those of the C program, and OUT/values.csv, which is the library's own export. OUT must be a folder. April's files
come first and are graded, then May's; the clock is moved by hand, so that nothing depends on the day on which it is
run. ]]
local kam = require "kam"
local unpack = table.unpack or unpack

local SCHEME, CARD = "quota-20-40-40", "key-account"
local APRIL, LAST, TODAY = "2026-04-30", "2026-05-31", "2026-06-01"
local TITLE = { en = "Huarui Industrial Parts: key accounts", zh = "华瑞工业零件公司：大客户报告" }
local FIRST_FILES = { { "territory", "territories" }, { "representative", "representatives" },
    { "calendar_day", "calendar" }, { "absence", "absences" }, { "product", "products" }, { "account", "accounts" },
    { "owner", "handovers" }, { "contact", "contacts" }, { "affiliation", "affiliations" }, { "ledger", "ledger" },
    { "activity", "activities" } }
local MAY_FILES = { { "ledger", "ledger-2026-05" }, { "activity", "activities-2026-05" } }
local WORDS = { VISIT = { "visit", "拜访" }, CALL = { "phone call", "电话" },
    CADENCE = { "cadence", "拜访频率" }, FOLLOWUP = { "follow-up", "跟进" },
    REQUEST = { "customer's request", "客户要求" }, OTHER = { "other", "其他" },
    CAPACITY = { "the days are full", "当日已满" },
    ABSENCE = { "the representative is absent", "销售代表缺勤" },
    NO_OWNER = { "the account has no owner", "客户没有负责人" },
    NO_WORKING_DAY = { "nobody works on the days it fits", "无可用工作日" },
    INACTIVE = { "the representative is not active", "销售代表已停用" }, KEPT = { "kept", "保留" },
    MOVED = { "moved", "改期" }, ADDED = { "added", "新增" }, CANCELLED = { "cancelled", "取消" } }

local source, out, lang = arg[1], arg[2], arg[3] or "en"
local now
local function at(day, hour) now = (kam.day(day) * 24 + hour) * 3600000 end
at(APRIL, 18)
local book = kam.open_memory { ctx = kam.context { now = function() return now end }, create = true, currency = "CNY" }

local function deliver(files)
    for _, file in ipairs(files) do
        local kind, name = file[1], file[2]
        local import = book:import(kind, { source = "demo" }, function(import)
            import:read(("%s/input/%s.csv"):format(source, name))
        end)
        for problem in import:problems() do
            error(("%s.csv:%d:%d: %s"):format(name, problem.line, problem.column, problem.text), 0)
        end
    end
end

local function grade(day)
    local run = book:grading_run(SCHEME, day)
    run:apply()
    return run
end

-- ------------------------------------------------------- tables for people: names beside ids, labels on top

-- A cell of CSV: quoted where it must be.
local function cell(value)
    local text = value == nil and "" or tostring(value)
    local plain = not text:find '[,;\t|"\r\n]' and not text:find "^ " and not text:find " $"
    return plain and text or '"' .. text:gsub('"', '""') .. '"'
end

-- A table: headings are { kind, field }; rows(put) calls put(cells, number of cells) for each line.
local function write(name, headings, rows)
    local file = assert(io.open(out .. "/" .. name, "wb"))
    local function put(cells, n)
        local line = {}
        for i = 1, n do line[i] = cell(cells[i]) end
        file:write(table.concat(line, ","), "\n")
    end
    local labels = {}
    for i, heading in ipairs(headings) do
        local field = book.kinds[heading[1]]:field(heading[2])
        labels[i] = lang == "zh" and field.label_zh or field.label_en
    end
    put(labels, #labels)
    rows(function(cells) put(cells, #headings) end)
    assert(file:close())
end

local function who(id)
    local account = book:get("account", id)
    return { account.ext_id, account.name, account.city }
end

local function headings(kind, fields)
    local made = { { "account", "ext_id" }, { "account", "name" }, { "account", "city" } }
    for _, field in ipairs(fields) do made[#made + 1] = { kind, field } end
    return made
end

local function reasons(run, account)
    local found = {}
    for reason in run:why(account):rows() do found[#found + 1] = reason[lang == "zh" and "text_zh" or "text"] or "" end
    return table.concat(found, lang == "zh" and "；" or "; ")
end

-- A list of a run, each row with its reasons behind it.
local function explained(name, run, kind, fields)
    local all = { unpack(fields) }
    all[#all + 1] = "reason_text"
    write(name, headings(kind, all), function(put)
        for item in run:rows(kind) do
            local cells = who(item.account)
            for i, field in ipairs(fields) do cells[3 + i] = item[field] end
            cells[4 + #fields] = reasons(run, item.account)
            put(cells)
        end
    end)
end

local function word(value)
    local known = WORDS[value]
    return known and known[lang == "zh" and 2 or 1] or value
end

-- Contacts: account and representative by name, then these fields.
local function listed(name, kind, fields, rows)
    local people = {}
    for person in book:query("representative"):run() do people[person.id] = person.name end
    write(name, headings(kind, { "representative", unpack(fields) }), function(put)
        for row in rows do
            local cells = who(row.account)
            cells[4] = row.representative and people[row.representative]
            for i, field in ipairs(fields) do
                local value = row[field]
                if value ~= nil then cells[4 + i] = word(value) end
            end
            put(cells)
        end
    end)
end

-- ------------------------------------------------------- the job

deliver(FIRST_FILES)
book:clv_run(APRIL, { rate = 0.01 }):apply()
grade(APRIL)
at(LAST, 18)
deliver(MAY_FILES)
local run = grade(LAST)
explained("grades.csv", run, "grade_item", { "old", "new", "rank", "measure", "cut" })
local value = book:value_run(LAST)
value:rows("account_value"):save(out .. "/values.csv", { labels = true, lang = lang })
value:apply()
book:clv_run(LAST, { rate = 0.01 }):apply()
local scores = book:scoring_run(CARD, LAST)
scores:apply()
explained("scores.csv", scores, "score", { "rank", "points", "old", "warnings", "missing" })
at(TODAY, 8)
listed("due.csv", "due", { "grade", "channel", "last", "day", "overdue", "cause", "rule" }, book:due(TODAY))
local plan = book:visit_plan({ from = TODAY, days = 28 }):run(LAST)
plan:apply()
listed("plan.csv", "plan_entry", { "day", "channel", "order", "grade", "due", "overdue", "cause", "rule", "what",
    "distance" }, plan:rows("plan_entry"))
listed("unplanned.csv", "unplanned", { "channel", "grade", "rule", "due", "code" }, plan:rows("unplanned"))
local page = assert(io.open(out .. "/report.html", "wb"))
page:write(book:report_html(LAST, { title = TITLE[lang], lang = lang }))
page:close()

local total = value:record()
print(("%d accounts, revenue %s %s, the largest fifth makes %.1f %%; grades %s"):format(total.accounts, total.currency,
    total.total, 100 * total.top20_share, run:record().counts))
for item in run:rows("grade_item") do
    if item.old then
        print(("%s: %s -> %s"):format(book:get("account", item.account).name, item.old, item.new or "-"))
    end
end
book:close()
