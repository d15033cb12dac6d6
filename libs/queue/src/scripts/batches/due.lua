-- due: batches whose time is over.

return redis.call('ZRANGEBYSCORE', P .. 'kept', '-inf', whole(NOW), 'LIMIT', 0, BATCHES_DUE)
