--[[ kam_ffi_score: scorecards over rows and columns of the program's own, for LuaJIT; lua_score.c is the same for Lua
5.4. ]]
local ffi = require "ffi"

return function(C, core, o)
    local raw, plain, err = o.raw, o.plain, o.err

    function core.scorer_clear(scorer) C.kam_scorer_clear(raw(scorer)) end

    local function text_or_nil(text) return text ~= nil and ffi.string(text) or nil end
    function core.scorer_warning(scorer, i) return text_or_nil(C.kam_scorer_warning(raw(scorer), i)) end
    function core.scorecard_reads(card, i) return text_or_nil(C.kam_scorecard_reads(raw(card), i)) end

    local NONE = -2LL ^ 63
    local function number_or_nil(number, none) return number ~= none and tonumber(number) or nil end
    function core.scorer_normal(scorer) return number_or_nil(C.kam_scorer_normal(raw(scorer), -1), -1) end
    function core.scorer_group(scorer, name) return number_or_nil(C.kam_scorer_group(raw(scorer), name, NONE), NONE) end

    -- scorer_reason(scorer, i), scorecard_reason(card, number) -> code, factor, gap; nil where there is none.
    for _, name in ipairs { "scorer_reason", "scorecard_reason" } do
        local call = C["kam_" .. name]
        core[name] = function(of, number)
            local factor, gap = ffi.new "const char *[1]", ffi.new "int64_t[1]"
            local code = call(raw(of), number, factor, gap)
            if code ~= nil then return ffi.string(code), ffi.string(factor[0]), tonumber(gap[0]) end
        end
    end

    -- scorer_dictionary(scorer, attribute, block of one column of texts).
    core.scorer_dictionary = plain(function(scorer, attribute, given)
        local texts, _keep = core.block_at(given)
        local rc = C.kam_scorer_dictionary(raw(scorer), attribute, texts.col, texts.nrow, err)
        if rc < 0 then return nil, rc end
        return true
    end)

    -- scorer_block(scorer, block) -> block.
    core.scorer_block = plain(function(scorer, given)
        local rows, _keep = core.block_at(given)
        local out = ffi.new "const kam_block *[1]"
        local rc = C.kam_scorer_block(out, raw(scorer), rows, err)
        if rc < 0 then return nil, rc end
        return core.block_of(out[0])
    end)
end
