--[[ kam_ffi_learn: groups, chances and series for LuaJIT; lua_learn.c is the same for Lua 5.4. Tables come as one list,
row by row, with their columns. ]]
local ffi = require "ffi"

return function(C, core, o)
    local raw, plain, err, made, kind = o.raw, o.plain, o.err, o.made, o.logistic

    local function given(type, list) return ffi.new(type .. "[?]", math.max(#list, 1), list) end
    local function room(type, n) return ffi.new(type .. "[?]", math.max(n, 1)) end
    local function listed(from, n)
        local found = {}
        for i = 1, n do found[i] = tonumber(from[i - 1]) end
        return found
    end
    local function sized(name)
        local made_of = ffi.new(name)
        made_of.struct_size = ffi.sizeof(name)
        return made_of
    end

    core.standardize = plain(function(list, columns)
        local x, mean, sd = given("double", list), room("double", columns), room("double", columns)
        local rc = C.kam_standardize(mean, sd, x, #list / columns, columns, err)
        if rc < 0 then return nil, rc end
        return listed(x, #list), listed(mean, columns), listed(sd, columns)
    end)

    core.kmeans = plain(function(ctx, list, columns, k, options)
        local how, n = sized "kam_kmeans_options", #list / columns
        for name, value in pairs(options) do how[name] = value end
        how.k = k
        local group, centre, inertia = room("uint32_t", n), room("double", k * columns), room("double", 1)
        local rc = C.kam_kmeans(group, centre, inertia, raw(ctx), given("double", list), n, columns, how, err)
        if rc < 0 then return nil, rc end
        return listed(group, n), listed(centre, k * columns), inertia[0]
    end)

    core.silhouette = plain(function(list, columns, group, k, most)
        local out = room("double", 1)
        local rc = C.kam_silhouette(out, nil, given("double", list), #group, columns, given("uint32_t", group), k, most, err)
        if rc < 0 then return nil, rc end
        return out[0]
    end)

    core.logistic_fit = plain(function(ctx, list, columns, y)
        local out = kind.box()
        local rc = C.kam_logistic_fit(out, raw(ctx), given("double", list), given("int32_t", y), #y, columns, err)
        if rc < 0 then return nil, rc end
        return made(kind, out[0])
    end)

    function core.logistic_figure(model, figure) return C.kam_logistic_figure(raw(model), figure, 0) end

    core.logistic_predict = plain(function(model, list, n)
        local out = room("double", n)
        local rc = C.kam_logistic_predict(out, raw(model), given("double", list), n, err)
        if rc < 0 then return nil, rc end
        return listed(out, n)
    end)

    core.score_measure = plain(function(p, y)
        local s = sized "kam_score"
        local rc = C.kam_score_measure(s, nil, given("double", p), given("int32_t", y), #p, err)
        if rc < 0 then return nil, rc end
        return { s.auc, s.brier, s.base_brier }, listed(s.count, 10), listed(s.predicted, 10), listed(s.observed, 10)
    end)

    core.forecast = plain(function(series, season, horizon)
        local out, naive, fit = room("double", horizon), room("double", horizon), sized "kam_forecast_fit"
        local rc = C.kam_forecast(out, naive, fit, given("double", series), #series, season, horizon, nil, err)
        if rc < 0 then return nil, rc end
        return listed(out, horizon), listed(naive, horizon),
            { fit.seasonal, fit.alpha, fit.beta, fit.gamma, fit.phi, fit.mae, fit.naive_mae }
    end)
end
