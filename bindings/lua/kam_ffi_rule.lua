--[[ kam_ffi_rule: rules with functions of the program, their explanations and columns, for LuaJIT; lua_rule.c is the
same for Lua 5.4. A function of a rule is {signature =, member =, kinds =, call =}: kinds has a letter for each
argument, "s" text, "f" a double, "b" a boolean, "i" a whole number; call answers a value, {fail = words}, or nil where
it has raised. ]]
local ffi = require "ffi"

return function(C, core, o)
    local raw, plain, struct, made, kinds, err = o.raw, o.plain, o.struct, o.made, o.kinds, o.err

    local function argument(call, i, kind)
        if kind == "s" then
            local size = ffi.new "size_t[1]"
            local text = C.kam_call_text(call, i, size)
            return text ~= nil and ffi.string(text, size[0]) or ""
        end
        if kind == "f" then return C.kam_call_f64(call, i, 0) end
        if kind == "b" then return C.kam_call_i64(call, i, 0) ~= 0 end
        local number = C.kam_call_i64(call, i, 0)
        local exact = tonumber(number)
        return exact > -2 ^ 53 and exact < 2 ^ 53 and exact or number
    end

    local function answer(call, value)
        if type(value) == "table" then C.kam_call_fail(call, value.fail)
        elseif type(value) == "string" then C.kam_call_return_text(call, value, #value)
        elseif type(value) == "boolean" then C.kam_call_return_i64(call, value and 1 or 0)
        elseif type(value) == "number" and value ~= math.floor(value) then C.kam_call_return_f64(call, value)
        elseif type(value) == "number" and math.abs(value) >= 2 ^ 53 then C.kam_call_return_f64(call, value)
        elseif value ~= nil then C.kam_call_return_i64(call, value)
        else return C.KAM_E_CANCELLED end
        return 0
    end

    -- The C function for all of them; `f` is the one that is meant.
    function core.rule_called(f, call)
        local arguments, n = {}, #f.kinds
        for i = 1, n do arguments[i] = argument(call, i - 1, f.kinds:sub(i, i)) end
        return answer(call, f.call(unpack(arguments, 1, n)))
    end

    -- rule_compile(ctx, env, options, cel) -> handle, what must live as long.
    core.rule_compile = plain(function(ctx, env, options, cel)
        local given, values = options.functions or {}, {}
        local list = ffi.new("kam_rule_function[?]", math.max(#given, 1))
        for i, f in ipairs(given) do
            local slot, user = o.hooked(f)
            local one = list[i - 1]
            one.struct_size, one.flags = ffi.sizeof "kam_rule_function", f.member and C.KAM_RULE_MEMBER or 0
            one.signature, one.call, one.user = f.signature, slot, user
        end
        for name, value in pairs(options) do if name ~= "functions" then values[name] = value end end
        if #given > 0 then values["function"], values.nfunction = list, #given end
        local out = kinds.rule.box()
        local rc = C.kam_rule_compile(out, raw(ctx), env, struct("kam_rule_options", values), cel, #cel, err)
        if rc < 0 then return nil, rc end
        return made(kinds.rule, out[0]), given
    end)

    function core.rule_var(rule, name) return C.kam_rule_var(raw(rule), name) end

    -- rule_eval_block(rule, work, block) -> the column of results.
    core.rule_eval_block = plain(function(rule, work, given)
        local block, _keep = core.block_at(given)
        local out = ffi.new "const kam_col *[1]"
        local rc = C.kam_rule_eval_block(out, raw(rule), raw(work), block, err)
        if rc < 0 then return nil, rc end
        local one = ffi.new "kam_block"
        one.nrow, one.ncol, one.col = given.n, 1, out[0]
        return core.block_of(one).columns[1]
    end)
end
