--[=[ kam_learn: groups, chances and series on plain lists, for kam.lua. A table is a list of rows of one length; groups
are numbered from 1, as their centres.

    local groups, centres, inertia = kam.kmeans({ { 0, 0 }, { 0, 1 }, { 9, 0 }, { 9, 1 } }, 2, { farthest = true })
    print(groups[3], centres[groups[3]][1])                     -- 1 9
    local model = kam.logistic_fit({ { 1 }, { 2 }, { 3 }, { 4 } }, { 0, 1, 0, 1 })
    print(#model:coefficients(), #model:predict { { 2.5 } })    -- 2 1
    print(kam.forecast({ 3, 4, 5, 6 }, 2).naive[1])             -- 6
]=]
local base = require "kam_base"
local kam, core, check, class, object, p = base.kam, base.core, base.check, base.class, base.object, base.p
local options_of, set, raise, E = base.options_of, base.set, base.raise, base.E
if rawget(_G, "jit") then jit.off(true, true) end      -- see kam_base

local STATUS, COEFFICIENT, ERROR = 1, 1024, 4096
local Logistic = class()

-- A table as one list, row by row; and its columns.
local function flat(rows)
    local list, columns = {}, rows[1] and #rows[1] or 1
    for _, row in ipairs(rows) do
        if #row ~= columns then raise(E.INVAL, "the rows are not of one length") end
        for i = 1, columns do list[#list + 1] = row[i] end
    end
    return list, columns
end

local function rows_of(list, columns)
    local rows = {}
    for i = 1, #list, columns do
        local row = {}
        for k = 1, columns do row[k] = list[i + k - 1] end
        rows[#rows + 1] = row
    end
    return rows
end

local function shifted(list, by)
    local made = {}
    for i, value in ipairs(list) do made[i] = value + by end
    return made
end

-- Each column at mean 0 and deviation 1: the table, the means, the deviations.
function kam.standardize(rows)
    local list, columns = flat(rows)
    local made, mean, sd = core.standardize(list, columns)
    check(nil, made, mean)
    return rows_of(made, columns), mean, sd
end

-- k groups of rows: the group of each row, the centres, the sum of squared distances. Options: restarts, seed, iterations;
-- farthest (one start without chance, from the largest value of first_column, counted from 0).
function kam.kmeans(rows, k, options, ctx)
    local list, columns = flat(rows)
    local o = options_of(options, { farthest = 1 }, set("restarts", "seed", "iterations", "first_column"))
    local group, centre, inertia = core.kmeans(ctx and p(ctx), list, columns, k, o)
    check(nil, group, centre)
    return shifted(group, 1), rows_of(centre, columns), inertia
end

-- How well rows lie in their groups, -1 to 1; `most` rows are looked at, nil = all.
function kam.silhouette(rows, group, k, most)
    if #group ~= #rows then raise(E.INVAL, "each row has one group") end
    local list, columns = flat(rows)
    return (check(nil, core.silhouette(list, columns, shifted(group, -1), k, most or 0)))
end

-- A logistic regression: the probability that y (0 or 1 for each row) is 1.
function kam.logistic_fit(rows, y, ctx)
    if #y ~= #rows then raise(E.INVAL, "each row has one y") end
    local list, columns = flat(rows)
    local model = object(Logistic, check(nil, core.logistic_fit(ctx and p(ctx), list, columns, y)), nil, ctx)
    model.columns = columns
    return model
end

local function figures(model, first)
    local found = {}
    for i = 0, model.columns do found[i + 1] = core.logistic_figure(p(model), first + i) end
    return found
end

-- The constant, then one for each column; and their standard errors.
function Logistic:coefficients() return figures(self, COEFFICIENT) end
function Logistic:errors() return figures(self, ERROR) end

-- Whether the likelihood has a highest point.
function Logistic:identified() return core.logistic_figure(p(self), STATUS) == 1 end

-- The probability of each row.
function Logistic:predict(rows)
    local list, columns = flat(rows)
    if #rows > 0 and columns ~= self.columns then raise(E.INVAL, "the rows have not the columns of the fit") end
    return (check(nil, core.logistic_predict(p(self), list, #rows)))
end

-- How good probabilities are: { auc =, brier =, base_brier =, bands = { { count =, predicted =, observed = } ... } }.
function kam.score_measure(chances, y)
    if #y ~= #chances then raise(E.INVAL, "each probability has one y") end
    local figure, count, predicted, observed = core.score_measure(chances, y)
    check(nil, figure, count)
    local made = { auc = figure[1], brier = figure[2], base_brier = figure[3], bands = {} }
    for i, n in ipairs(count) do made.bands[i] = { count = n, predicted = predicted[i], observed = observed[i] } end
    return made
end

-- A series looked ahead, `season` values a season (12): { values =, naive =, seasonal =, alpha =, beta =, gamma =, phi =,
-- mae =, naive_mae = }.
function kam.forecast(series, horizon, season)
    local values, naive, fit = core.forecast(series, season or 12, horizon)
    check(nil, values, naive)
    return { values = values, naive = naive, seasonal = fit[1] == 1, alpha = fit[2], beta = fit[3], gamma = fit[4],
        phi = fit[5], mae = fit[6], naive_mae = fit[7] }
end
