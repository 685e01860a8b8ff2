-- The ids that redis-writer.pl wrote, of those kinds that are written in several places only where all have them.
redis.call('SELECT', 2)
local ids = {}
local function members(key)
  local kind = redis.call('TYPE', key).ok
  if kind == 'set' then return redis.call('SMEMBERS', key) end
  if kind == 'list' then return redis.call('LRANGE', key, 0, -1) end
  if kind == 'zset' then return redis.call('ZRANGE', key, 0, -1) end
  if kind == 'hash' then return redis.call('HKEYS', key) end
  return {}
end
local function all(...)
  local seen = {}
  for _, key in ipairs({...}) do
    for _, id in ipairs(members(key)) do seen[id] = (seen[id] or 0) + 1 end
  end
  for id, count in pairs(seen) do if count == select('#', ...) then ids[#ids + 1] = id end end
end
all('e2e_single') all('e2e_watch') all('e2e_blocking') all('e2e_scored') all('e2e_field') all('e2e_truncated')
for _, kind in ipairs({'transaction', 'script', 'function', 'prepared'}) do all('e2e_' .. kind .. '_1', 'e2e_' .. kind .. '_2') end
all('e2e_pipeline_1', 'e2e_pipeline_2', 'e2e_pipeline_3', 'e2e_pipeline_4', 'e2e_pipeline_5', 'e2e_pipeline_6', 'e2e_pipeline_7', 'e2e_pipeline_8')
for _, entry in ipairs(redis.call('XRANGE', 'e2e_stream', '-', '+')) do ids[#ids + 1] = entry[2][2] end

local cursor = '0'
repeat
  local found = redis.call('SCAN', cursor, 'MATCH', 'e2e_*:*', 'COUNT', 2000)
  cursor = found[1]
  for _, key in ipairs(found[2]) do
    local kind, id = string.match(key, '^e2e_(.-):(%d+)$')
    local function is(text) return text == id end
    local there = false
    if kind == 'expiry' then there = is(redis.call('GET', key)) and redis.call('TTL', key) > 60
    elseif kind == 'batch_1' then there = is(redis.call('GET', key)) and is(redis.call('GET', 'e2e_batch_2:' .. id)) and is(redis.call('GET', 'e2e_batch_3:' .. id))
    elseif kind == 'renamed' then there = is(redis.call('HGET', key, 'id'))
    elseif kind == 'large' then there = redis.call('GET', key) == string.rep(id, 4096)
    elseif kind == 'json' then there = redis.call('JSON.GET', key) == '{"id":' .. id .. ',"list":[1,2]}' end
    if there then ids[#ids + 1] = id end
  end
until cursor == '0'

redis.call('SELECT', 0)
for _, id in ipairs(redis.call('HKEYS', 'e2e_indexed:1')) do if id ~= 'id' then ids[#ids + 1] = id end end
