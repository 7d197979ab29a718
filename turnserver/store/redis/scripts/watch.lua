-- Note that a process waits for some counters to move; 0 if one has moved already, or there is nothing to wait for.
-- ARGV[1]: {now or -1, opened, alias or '', process, seen}

local ask = cmsgpack.unpack(ARGV[1])
local now_ms = clock(ask[1])
local meta = found(now_ms, ask[2])
if not meta or not is_named(meta, ask[3]) then return {0, now_ms} end
local names, is_listed = meta.w[ask[4]] or {}, {}
for _, name in ipairs(names) do
  is_listed[name] = true
end
local is_new = false
for name, seen in pairs(ask[5]) do
  if counter(meta, name) ~= seen then return {0, now_ms} end
  if not is_listed[name] then
    names[#names + 1] = name
    is_new = true
  end
end
if is_new then
  meta.w[ask[4]] = names
  if meta.k then meta.k[ask[4]] = nil end
  redis.call('HSET', KEYS[1], 'm', cmsgpack.pack(meta))
end
return {1, now_ms}
