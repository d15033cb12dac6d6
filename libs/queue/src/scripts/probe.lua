-- probe: tries each command that a script of ours runs, on keys of its own that it deletes, and each
-- channel. No prelude is set before it. Answers {what was refused, Redis' words}..., one each.
local s, h, l, t, z, x = P .. 's', P .. 'h', P .. 'l', P .. 't', P .. 'z', P .. 'x'
local refused = {}
local function try(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then table.insert(refused, { (...), answer.err }) end
end
try('DEL', s, h, l, t, z, x)
try('TIME') try('INFO', 'memory')
try('SET', s, '1', 'PX', SECOND) try('GET', s) try('MGET', s) try('INCR', s) try('EXISTS', s)
try('EXPIRE', s, 60) try('PEXPIRE', s, SECOND) try('PEXPIREAT', s, '9999999999999') try('UNLINK', P .. 'r')
try('HSET', h, 'f', '1') try('HSETNX', h, 'f', '1') try('HGET', h, 'f') try('HMGET', h, 'f')
try('HGETALL', h) try('HEXISTS', h, 'f') try('HLEN', h) try('HSCAN', h, '0') try('HKEYS', h) try('HSTRLEN', h, 'f')
try('HINCRBY', h, 'f', 1) try('HDEL', h, 'f')
try('RPUSH', l, '1') try('LLEN', l) try('LPOP', l) try('LRANGE', l, 0, 0) try('LREM', l, 0, '1')
try('SADD', t, 'm') try('SCARD', t) try('SISMEMBER', t, 'm') try('SMEMBERS', t) try('SREM', t, 'm')
try('ZADD', z, 1, 'a', 2, 'b') try('ZINCRBY', z, 1, 'a') try('ZCARD', z) try('ZCOUNT', z, 1, 2) try('ZSCORE', z, 'a') try('ZRANK', z, 'a')
try('ZRANDMEMBER', z, 1) try('ZRANGE', z, 0, 0) try('ZREVRANGE', z, 0, 0) try('ZRANGEBYSCORE', z, 1, 1) try('ZREVRANGEBYSCORE', z, 1, 1)
try('ZSCAN', z, '0') try('ZRANGEBYLEX', z, '[a', '[a') try('ZREM', z, 'c') try('ZPOPMIN', z) try('ZREMRANGEBYSCORE', z, 5, 5)
try('XADD', x, 'MAXLEN', '~', 10, '*', 'e', '1') try('XLEN', x) try('XRANGE', x, '-', '+') try('XTRIM', x, 'MAXLEN', '=', 1)
try('XREAD', 'COUNT', 1, 'STREAMS', x, '0') try('XREVRANGE', x, '+', '-', 'COUNT', 1) try('XDEL', x, '0-1') try('MEMORY', 'USAGE', x)
try('DEL', s, h, l, t, z, x)
for _, channel in ipairs(args.channels) do
  local answer = redis.pcall('PUBLISH', channel, '')
  if type(answer) == 'table' and answer.err then table.insert(refused, { 'PUBLISH ' .. channel, answer.err }) end
end
return refused
