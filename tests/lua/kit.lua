--[[ The conformance kit for stores written in Lua, the same for both ways into the library:

    kit.run(new) -> failed, results by check: { result (1 pass, 2 fail, 3 skip), why }
    kit.arrow(address) -> the columns of an Arrow stream as "name:format ", its rows: consumes it

new(data) answers an object as kam.store() takes it; its member `data` is what its connections share. ]]
local functions_of = require "kam_store"
local jit = rawget(_G, "jit")
local core = require(jit and "kam_ffi" or "kam_lua")
local kit = {}

-- kam_lua_kit.so, which CMake builds beside kam_lua.so.
local function path()
    for name in package.cpath:gmatch "[^;]+" do
        name = name:gsub("?", "kam_lua_kit")
        local file = io.open(name, "rb")
        if file then
            file:close()
            return name
        end
    end
end

function kit.there() return path() ~= nil end

local native
if jit and kit.there() then
    jit.off(true, true)
    local ffi = require "ffi"
    ffi.cdef [[
        typedef struct kit_options { uint32_t struct_size, flags; void *user; uint32_t mode, max_keys;
            int32_t (*make)(void *user, const kam_store_vt **vt, void **self);
            void (*destroy)(void *user, const kam_store_vt *vt, void *self);
            int32_t (*connect)(void *user, void *self, void **other);
            int32_t (*reopen)(void *user, const kam_store_vt **vt, void **self);
            void *host_begin, *host_end; const char *only; } kit_options;
        typedef void (*kit_report_fn)(void *user, const char *check, int32_t result, const char *why);
        int32_t kit_run(const kit_options *options, kit_report_fn report, void *user);
        int32_t kit_arrow(struct ArrowArrayStream *from, char *columns, size_t room, int64_t *rows); ]]
    local library = ffi.load(path())
    function native(given)
        local options = ffi.new "kit_options"
        options.struct_size = ffi.sizeof "kit_options"
        options.make = function(_, vt, self) vt[0], self[0] = given.make() return 0 end
        options.destroy = function(_, vt, self) vt.close(self) end
        options.connect = function(_, self, other) other[0] = given.connect(self) return 0 end
        options.reopen = function(_, vt, self) vt[0], self[0] = given.reopen(self[0]) return 0 end
        local report = ffi.cast("kit_report_fn", function(_, check, result, why)
            given.report(ffi.string(check), result, ffi.string(why))
        end)
        return library.kit_run(options, report, nil)
    end
    function kit.key(self) return tonumber(ffi.cast("intptr_t", self)) end
    function kit.arrow(address)
        local columns, rows = ffi.new "char[4096]", ffi.new "int64_t[1]"
        assert(library.kit_arrow(address, columns, 4096, rows) == 0)
        return ffi.string(columns), tonumber(rows[0])
    end
elseif not jit then
    native = function(given) return require "kam_lua_kit".run(given) end
    function kit.key(self) return self end
    function kit.arrow(address) return require "kam_lua_kit".arrow(address) end
end

function kit.run(new)
    local stores, results = {}, {}
    local function attach(data)
        local store = new(data)
        local vt, self = core.store_attach(functions_of(store), false)
        stores[kit.key(self)] = store
        return vt, self
    end
    local failed = native {
        make = function() return attach() end,
        connect = function(self) return (select(2, attach(stores[kit.key(self)].data))) end,
        -- The old connection ends as it would with its process; its data stay.
        reopen = function(self)
            local old = stores[kit.key(self)]
            old:close()
            return attach(old.data)
        end,
        report = function(check, result, why) results[check] = { result, why } end }
    return failed, results
end

return kit
