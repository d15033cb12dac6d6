-- create: a key of a tenant.

if is_barred(args.tenant) then return { 'barred' } end
if args.expires and args.expires <= NOW then return { 'past' } end
return make(args.id, args.tenant, args.fields, args.expires)
