-- purged: whose job it was that is not here any more. Nothing: it never was, or was purged too long ago.

return tenant_of_purged(args.id, PURGED_HOURS)
