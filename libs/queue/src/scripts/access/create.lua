-- create: a key of a tenant.

if args.expires and args.expires <= NOW then return { 'past' } end
return make(args.id, args.tenant, args.fields, args.expires)
