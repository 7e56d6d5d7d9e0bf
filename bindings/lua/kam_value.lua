--[[ kam_value: what accounts are worth and what stands beside a book: value lists, lifetime value, decision tables,
routes; for kam.lua. CEL expressions are kam_rule's. ]]
local base = require "kam_base"
local kam, core, check, set, WINDOW = base.kam, base.core, base.check, base.set, base.WINDOW
local options_of, window, choice, day_number = base.options_of, base.window, base.choice, base.day_number
local class, object, p, call = base.class, base.object, base.p, base.call
local name_of, inside, record_p = base.name_of, base.inside, base.record_p
local CLV, ROUTE, PERIOD = base.CLV, base.ROUTE, base.PERIOD
local Rows, runs = require "kam_rows".Rows, require "kam_run"
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

-- ---------------------------------------------------------------- lifetime value

local Clv = class()
local MODEL = { bgnbd = 1, mbgnbd = 2, pnbd = 3, nbd = 4, gg = 5, bgbb = 6 }
local UNIT = { week = 0, day = 1, month = 2 }

-- Accounts in columns, for the library: lists x, tx, t, m, weight of the same length.
local function columns(given)
    local made = { n = given.n or #(given.x or given.m or {}) }
    for name, list in pairs(given) do made[name] = list end
    return made
end

-- Fits a model, "bgnbd", "mbgnbd", "pnbd", "nbd", "gg" (money) or "bgbb", to accounts in columns: { x = repeat
-- purchases, tx = time of the last one, t = time looked at, m = mean value, weight = accounts a row stands for }.
function kam.clv_fit(model, accounts, ctx)
    local number = choice(MODEL, model, "model")
    return object(Clv, check(nil, core.clv_fit(ctx and p(ctx), number, columns(accounts))), nil, ctx)
end

-- A model from the JSON of model:json().
function kam.clv_from_json(json, ctx)
    return object(Clv, check(nil, core.clv_from_json(ctx and p(ctx), json)), nil, ctx)
end

function Clv:json() return (call(self, "clv_to_json")) end

-- A figure: "r", "alpha", "status", "log_likelihood" ..., with "_se" behind a parameter its standard error; nil = the
-- model has none.
function Clv:figure(name)
    local parameter = name:match "^(.*)_se$"
    return core.clv_figure(p(self), choice(CLV, parameter or name, "figure") + (parameter and CLV.se or 0))
end

-- Expected purchases within `horizon`, and the probability that the account is active; two lists.
function Clv:predict(accounts, horizon)
    return check(nil, core.clv_predict(p(self), columns(accounts), horizon))
end

-- Expected value of a purchase, by a model "gg".
function Clv:spend(accounts) return (check(nil, core.clv_spend(p(self), columns(accounts)))) end

-- Discounted value of `steps` times `step` ahead; spending: a model "gg".
function Clv:value(spending, accounts, step, steps, rate)
    return (check(nil, core.clv_value(p(self), p(spending), columns(accounts), step, steps, rate or 0)))
end

-- ---------------------------------------------------------------- tables

require "kam_rule"
local DecisionTable = class()

-- A decision table from its JSON, for trials.
function kam.decision_table(json, ctx)
    return object(DecisionTable, check(nil, core.dtable_parse(ctx and p(ctx), json)), nil, ctx)
end

-- What it decides, as JSON: on JSON of the inputs, or on a record; and why (of a table of a book).
function DecisionTable:decide(on)
    local book = self.book or type(on) ~= "string" and inside(on).book or nil
    local json, why
    if type(on) == "string" then json, why = check(book, core.dtable_decide_json(p(self), on))
    else json, why = check(book, core.dtable_decide(p(self), record_p(on))) end
    if book then return json, object(runs.Why, why, book, self) end
    core.free(why)
    return json
end

-- Gaps, overlaps and the like, of a table of a book.
function DecisionTable:findings() return self.book:made(Rows, self, "dtable_findings") end

-- ---------------------------------------------------------------- routes

local Route = class()

-- A routing problem, in "json", "cordeau" or "vrplib".
function kam.route(text, format, ctx)
    return object(Route, check(nil, core.route_parse(ctx and p(ctx), name_of(format or "json"), text)), nil, ctx)
end

-- Searches on from the best plan so far; returns what it costs.
function Route:solve(iterations, seed) return (call(self, "route_solve", seed or 1, iterations)) end

-- "cost", "missing", "unplanned", "days", "vehicles", "customers" ...
function Route:figure(name) return core.route_figure(p(self), choice(ROUTE, name, "figure")) end

-- The best plan so far, as "json" or "res".
function Route:text(format) return (call(self, "route_write", name_of(format or "json"))) end

-- ---------------------------------------------------------------- of a book

return function(Book)
    local VALUE = set("currency", "share_a", "share_b", "returns", "settings")
    local CLV_RUN = set("model", "unit", "months", "rate", "currency", "returns")
    local RETURNS = { period = 0, order = 2, exclude = 4 }

    local function returns(o)
        o.flags, o.returns = o.flags + choice(RETURNS, o.returns or "period", "returns"), nil
        return o
    end

    local function value_options(options)
        return returns(window(options_of(options, base.VALUE_FLAGS, VALUE, WINDOW), options))
    end

    -- Values every account with a ledger row in the window. Options: from, to, currency, external, share_a and share_b
    -- in 10^-4, returns ("period": they lower that of their day; "order": that of the order they name; "exclude":
    -- nothing), settings (JSON: shared costs, cut points and cells of RFM).
    function Book:value_run(as_of, options)
        return self:made(runs.Run, self, "value_run", value_options(options), day_number(as_of))
    end

    -- Sums per account and "month", "quarter" or "year"; options as in value_run().
    function Book:value_periods(period, as_of, options)
        return self:made(Rows, self, "value_periods", value_options(options), choice(PERIOD, period, "period"),
            day_number(as_of))
    end

    -- Sums per account and own company, and up the tree of accounts; options as in value_run().
    function Book:value_companies(as_of, options)
        return self:made(Rows, self, "value_companies", value_options(options), day_number(as_of))
    end
    function Book:value_groups(as_of, options)
        return self:made(Rows, self, "value_groups", value_options(options), day_number(as_of))
    end

    -- Each account's part of the shared costs of the settings; options as in value_run().
    function Book:value_shared_costs(as_of, options)
        return self:made(Rows, self, "value_shared_costs", value_options(options), day_number(as_of))
    end

    -- How accounts buy; options as in value_run().
    function Book:value_profiles(as_of, options)
        return self:made(Rows, self, "value_profiles", value_options(options), day_number(as_of))
    end

    -- Who buys less. Options: drop and silence in 10^-4, currency, figure ("revenue", "gross_profit", "contribution").
    function Book:value_declines(as_of, options)
        local o = options_of(options, {}, set("drop", "silence", "currency", "figure"))
        o.figure = o.figure and self.kinds.account_value:field(o.figure).id or nil
        return self:made(Rows, self, "value_declines", o, day_number(as_of))
    end

    -- What others buy and an account does not. Options: from, to, least in 10^-4, like (a field of account).
    function Book:value_whitespace(as_of, options)
        local o = window(options_of(options, {}, set("least", "like"), WINDOW), options)
        o.like = o.like and self.kinds.account:field(o.like).id or nil
        return self:made(Rows, self, "value_whitespace", o, day_number(as_of))
    end

    -- What is owed back under framework contracts (JSON).
    function Book:value_rebates(contracts, as_of)
        return self:made(Rows, self, "value_rebates", contracts, day_number(as_of))
    end

    -- Proposed forecasts, and actual against a stored version. Options: months, history, version, currency.
    function Book:value_forecasts(as_of, options)
        local o = options_of(options, {}, set("months", "history", "version", "currency"))
        return self:made(Rows, self, "value_forecasts", o, day_number(as_of))
    end
    function Book:value_forecast_variance(version, as_of)
        return self:made(Rows, self, "value_forecast_variance", name_of(version), day_number(as_of))
    end

    -- Expected purchases, activity and value of every account. Options: model (nil = the likeliest), unit ("week",
    -- "day", "month"), from, months, rate (discount of a month), currency, external and returns as in value_run().
    function Book:clv_run(as_of, options)
        local o = returns(options_of(options, base.VALUE_FLAGS, CLV_RUN, set("from")))
        o.model, o.unit = o.model and choice(MODEL, o.model, "model") or 0, choice(UNIT, o.unit or "week", "unit")
        o.from = options and options.from and day_number(options.from) or 0
        return self:made(runs.Run, self, "clv_run", o, day_number(as_of))
    end

    -- The decision table in force on a day.
    function Book:decision_table(name, day)
        return self:made(DecisionTable, self, "dtable_open", name_of(name), day_number(day))
    end
end
