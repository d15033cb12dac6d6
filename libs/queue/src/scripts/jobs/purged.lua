-- purged: whose job it was that is not here any more. ARGV: prefix, id. Answers its tenant, or nothing: it never was, or
-- was purged too long ago.
return tenant_of_purged(ARGV[2], PURGED_HOURS)
