--[[ kam_ffi_store: column blocks and stores written in Lua, for LuaJIT; lua_rows.c and lua_store.c are the same for Lua
5.4.

A block is {n = rows, columns = {{field =, type =, values = {...}} ...}}, nil where there is no value; whole numbers
beyond 2^53 stay int64_t. The table of a store comes from kam_store.lua: functions begin, finish, scan, write, prepare,
reserve and close, which take plain tables and answer nil, or code, words, table, field, row and native of a failure.
The library calls one C function for each slot of the vtable; `self` is the number under which the store's table lies
here. ]]
local ffi = require "ffi"
local I32, I64, F64, TEXT = 1, 2, 3, 4
local EXACT = 2 ^ 53

return function(C, core, plain)
    -- ------------------------------------------------------------ columns

    local function values_of(col, n)
        local type, valid, values, data = col.type, col.valid, {}
        if type == TEXT then data = ffi.cast("const char *", col.data)
        elseif type == F64 then data = ffi.cast("const double *", col.data)
        else data = ffi.cast(type == I32 and "const int32_t *" or "const int64_t *", col.data) end
        for i = 0, n - 1 do
            if valid == nil or bit.band(valid[bit.rshift(i, 3)], bit.lshift(1, bit.band(i, 7))) ~= 0 then
                if type == TEXT then values[i + 1] = ffi.string(data + col.off[i], col.off[i + 1] - col.off[i])
                elseif type == I64 then
                    local exact = tonumber(data[i])
                    values[i + 1] = exact > -EXACT and exact < EXACT and exact or data[i]
                else values[i + 1] = data[i] end
            end
        end
        return values
    end

    local function block_of(block)
        local columns = {}
        for c = 0, block.ncol - 1 do
            local col = block.col[c]
            columns[c + 1] = { field = col.field, type = col.type, values = values_of(col, block.nrow) }
        end
        return { n = block.nrow, columns = columns }
    end
    core.block_of = block_of

    local ARRAY = { [I32] = ffi.typeof "int32_t[?]", [I64] = ffi.typeof "int64_t[?]", [F64] = ffi.typeof "double[?]" }

    local function texts(col, values, n, keep)
        local off, parts, at = ffi.new("int32_t[?]", n + 1), {}, 0
        for i = 1, n do
            local text = values[i] or ""
            parts[i], at = text, at + #text
            off[i] = at
        end
        local data = table.concat(parts)
        keep[#keep + 1], keep[#keep + 2] = off, data
        col.off, col.data = off, ffi.cast("const void *", data)
    end

    -- A kam_block of such a table, and what must live as long.
    local function block_at(from)
        local n, columns, keep = from.n, from.columns, {}
        local cols = ffi.new("kam_col[?]", math.max(#columns, 1))
        for c, about in ipairs(columns) do
            local col, values = cols[c - 1], about.values
            local valid = ffi.new("uint8_t[?]", math.floor(n / 8) + 1)
            col.field, col.type, col.valid = about.field, about.type, valid
            keep[#keep + 1] = valid
            for i = 0, n - 1 do
                if values[i + 1] ~= nil then
                    local at = bit.rshift(i, 3)
                    valid[at] = bit.bor(valid[at], bit.lshift(1, bit.band(i, 7)))
                end
            end
            if about.type == TEXT then
                texts(col, values, n, keep)
            else
                local data = ARRAY[about.type](math.max(n, 1))
                for i = 1, n do if values[i] ~= nil then data[i - 1] = values[i] end end
                keep[#keep + 1] = data
                col.data = data
            end
        end
        local block = ffi.new "kam_block"
        block.struct_size, block.nrow, block.ncol, block.col = ffi.sizeof "kam_block", n, #columns, cols
        keep[#keep + 1] = cols
        return block, keep
    end
    core.block_at = block_at

    -- ------------------------------------------------------------ what a store is told

    local function table_of(t)
        local fields = {}
        for i = 0, t.nfield - 1 do
            local f = t.field[i]
            fields[i + 1] = { id = f.id, type = f.type, scale = f.scale, flags = f.flags, name = ffi.string(f.name),
                column = ffi.string(f.column) }
        end
        return { id = t.id, version = t.version, class = t.cls, flags = t.flags, name = ffi.string(t.name),
            relation = ffi.string(t.relation), fields = fields }
    end

    local function numbers(list, n)
        local made = {}
        for i = 0, n - 1 do made[i + 1] = list[i] end
        return made
    end

    local function scan_of(q)
        local conditions = {}
        for i = 0, q.npred - 1 do
            local pred = q.pred[i]
            local given = pred.arg ~= nil and pred.narg > 0 and values_of(pred.arg, pred.narg) or {}
            conditions[i + 1] = { field = pred.field, op = pred.op,
                given = { n = pred.narg, columns = { { values = given } } } }
        end
        return { table = table_of(q.table), flags = q.flags, limit = tonumber(q.limit), block_rows = q.block_rows,
            fields = numbers(q.field, q.nfield), order = numbers(q.order, q.norder), conditions = conditions,
            after = q.after ~= nil and block_of(q.after) or nil }
    end

    -- {[i] = true, order = true} in the bits of `handled`.
    local function handled_bits(q, handled)
        local bits = 0ULL
        for i = 0, q.npred - 1 do
            if handled and handled[i + 1] then bits = bits + bit.lshift(1ULL, i) end
        end
        if handled and handled.order then bits = bits + bit.lshift(1ULL, 63) end
        q.handled = bits
    end

    -- ------------------------------------------------------------ the calls

    local attached, count = {}, 0

    local function fill(err, code, words, about, field, row, native)
        if err == nil then return code end
        err.code, err.native = code, native or 0
        err.table, err.field, err.row = about or 0, field or 0, row or 0
        words = (words or ""):sub(1, ffi.sizeof(err.msg) - 1)
        ffi.copy(err.msg, words)
        return code
    end

    -- Calls a function of a store; `take` gets its answer.
    local function run(self, name, err, take, ...)
        local ok, answer, code, words, about, field, row, native =
            pcall(attached[tonumber(ffi.cast("intptr_t", self))][name], ...)
        if not ok then return fill(err, C.KAM_E_IO, tostring(answer)) end
        if code then return fill(err, code, words, about, field, row, native) end
        return take and take(answer) or 0
    end

    local body = {
        begin = function(self, flags, err) return run(self, "begin", err, nil, flags) end,
        ["end"] = function(self, how, err) return run(self, "finish", err, nil, how) end,
        scan = function(self, q, fn, user, err)
            local function emit(from, handled)
                handled_bits(q, handled)
                local block, _keep = block_at(from)         -- alive up to the end
                local code = fn(user, block)
                return code
            end
            return run(self, "scan", err, function(answer)
                handled_bits(q, answer.handled)
                return answer.code
            end, scan_of(q), emit)
        end,
        write = function(self, t, op, rows, err)
            return run(self, "write", err, nil, table_of(t), op, block_of(rows))
        end,
        prepare = function(self, t, n, how, fn, user, err)
            local list = {}
            for i = 0, n - 1 do list[i + 1] = table_of(t[i]) end
            return run(self, "prepare", err, nil, list, how, function(...)
                local finding = ffi.new "kam_store_err"
                finding.struct_size = ffi.sizeof "kam_store_err"
                fill(finding, ...)
                if fn ~= nil then fn(user, finding) end
            end)
        end,
        reserve = function(self, t, n, first, err)
            return run(self, "reserve", err, function(answer)
                first[0] = answer
                return 0
            end, t, n)
        end,
        close = function(self)
            run(self, "close")
            attached[tonumber(ffi.cast("intptr_t", self))] = nil
        end }

    -- What fails outside the store's own functions must not pass through the library either.
    local function whole(f)
        return plain(function(...)
            local ok, code = pcall(f, ...)
            return ok and code or C.KAM_E_IO
        end)
    end

    local slots                                             -- made with the first store
    local function slot(name)
        slots = slots or {}
        if not slots[name] then
            local close = name == "close" and plain(function(self) pcall(body.close, self) end)
            local type = ffi.typeof(({ begin = "int32_t (*)(void *, uint32_t, kam_store_err *)",
                ["end"] = "int32_t (*)(void *, uint32_t, kam_store_err *)",
                scan = "int32_t (*)(void *, kam_table_scan *, kam_block_fn, void *, kam_store_err *)",
                write = "int32_t (*)(void *, const kam_table *, uint32_t, const kam_block *, kam_store_err *)",
                prepare = "int32_t (*)(void *, const kam_table *, uint32_t, uint32_t, kam_report_fn, void *, " ..
                    "kam_store_err *)",
                reserve = "int32_t (*)(void *, uint32_t, uint32_t, int64_t *, kam_store_err *)",
                close = "void (*)(void *)" })[name])
            slots[name] = ffi.cast(type, close or whole(body[name]))
        end
        return slots[name]
    end

    local vtables = {}

    -- store_attach(functions, host) -> vtable, self: for who calls the vtable without the library.
    function core.store_attach(functions, host)
        local key = (host and 4 or 0) + (functions.prepare and 1 or 0) + (functions.reserve and 2 or 0)
        local vt = vtables[key]
        if not vt then
            vt = ffi.new "kam_store_vt"
            vt.struct_size, vt.abi = ffi.sizeof "kam_store_vt", C.KAM_STORE_ABI
            if not host then vt.begin, vt["end"] = slot "begin", slot "end" end
            vt.scan, vt.write, vt.close = slot "scan", slot "write", slot "close"
            if functions.prepare then vt.prepare = slot "prepare" end
            if functions.reserve then vt.reserve = slot "reserve" end
            vtables[key] = vt
        end
        count = count + 1
        attached[count] = functions
        return vt, ffi.cast("void *", count)
    end

    -- Takes an attachment back that the library refused.
    function core.store_detach(self) attached[tonumber(ffi.cast("intptr_t", self))] = nil end
end
