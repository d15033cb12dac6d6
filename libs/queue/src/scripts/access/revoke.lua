-- revoke: a key ends now. One that was revoked before stays as it is.

if redis.call('EXISTS', key_of(args.id)) == 0 then return { 'missing' } end
if redis.call('HSETNX', key_of(args.id), 'revoked_at', whole(NOW)) == 1 then
  ends_at(args.id, NOW)
  tell(args.id)
end
return { 'kept', redis.call('HGETALL', key_of(args.id)) }
