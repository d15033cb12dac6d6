-- probe: tries each command that a script of ours or of the transport runs, on keys of its own that it deletes, and each
-- channel. No prelude is set before it. Answers {what was refused, Redis' words}..., one each.
local s, h, l, t, z, x = P .. 's', P .. 'h', P .. 'l', P .. 't', P .. 'z', P .. 'x'
local refused = {}
local function try(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then table.insert(refused, { (...), answer.err }) end
end
try('DEL', s, h, l, t, z, x)
try('TIME') try('INFO', 'memory')
try('SET', s, '1', 'PX', SECOND) try('GET', s) try('EXISTS', s) try('INCR', s) try('INCRBY', s, 1)
try('PERSIST', s) try('PEXPIRE', s, SECOND) try('EXPIRE', s, 60) try('PTTL', s) try('TYPE', s)
try('RENAME', s, P .. 'r') try('UNLINK', P .. 'r')
try('HSET', h, 'f', '1') try('HSETNX', h, 'f', '1') try('HMSET', h, 'f', '1') try('HGET', h, 'f') try('HMGET', h, 'f')
try('HGETALL', h) try('HEXISTS', h, 'f') try('HLEN', h) try('HSTRLEN', h, 'f') try('HINCRBY', h, 'f', 1) try('HDEL', h, 'f')
try('LPUSH', l, '1', '2', '3') try('RPUSH', l, '4', '5') try('LLEN', l) try('LINDEX', l, 0) try('LPOS', l, '1')
try('LRANGE', l, 0, 0) try('LSET', l, 0, '3') try('LREM', l, 1, '5') try('LTRIM', l, 0, 5)
try('RPOPLPUSH', l, l) try('LPOP', l) try('RPOP', l)
try('SADD', t, 'm') try('SCARD', t) try('SISMEMBER', t, 'm') try('SMEMBERS', t) try('SREM', t, 'm')
try('ZADD', z, 1, 'a', 2, 'b') try('ZCARD', z) try('ZCOUNT', z, 1, 2) try('ZSCORE', z, 'a') try('ZMSCORE', z, 'a')
try('ZRANK', z, 'a')
try('ZRANGE', z, 0, 0) try('ZREVRANGE', z, 0, 0) try('ZRANGEBYSCORE', z, 1, 1) try('ZREVRANGEBYSCORE', z, 1, 1)
try('ZRANGEBYLEX', z, '[a', '[a') try('ZLEXCOUNT', z, '[a', '[a') try('ZREM', z, 'c') try('ZPOPMIN', z)
try('ZREMRANGEBYSCORE', z, 5, 5) try('ZREMRANGEBYRANK', z, 5, 5)
try('XADD', x, 'MAXLEN', '~', 10, '*', 'e', '1') try('XLEN', x) try('XRANGE', x, '-', '+') try('XTRIM', x, 'MAXLEN', '=', 1)
try('XREAD', 'COUNT', 1, 'STREAMS', x, '0') try('XREVRANGE', x, '+', '-', 'COUNT', 1) try('XDEL', x, '0-1') try('MEMORY', 'USAGE', x)
try('DEL', s, h, l, t, z, x)
for _, channel in ipairs(args.channels) do
  local answer = redis.pcall('PUBLISH', channel, '')
  if type(answer) == 'table' and answer.err then table.insert(refused, { 'PUBLISH ' .. channel, answer.err }) end
end
return refused
