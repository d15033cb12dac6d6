-- look: some of a record and a part of its log, as they are in one moment. Writes nothing. A transaction would do too, but
-- Redis takes none when it is full.
-- ARGV: prefix, id, where in the log to begin, how many events at most, fields...
-- Answers {values of the fields, events, {the oldest event}, {the newest}}
local key = events_key(ARGV[2])
return { redis.call('HMGET', job_key(ARGV[2]), unpack(ARGV, 5)), redis.call('XRANGE', key, ARGV[3], '+', 'COUNT', ARGV[4]),
  redis.call('XRANGE', key, '-', '+', 'COUNT', 1), redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1) }
