-- purged: whose job it was that is not here any more. ARGV: prefix, id. Answers its tenant, or nothing: it never was, or
-- was erased too long ago.
return tenant_of_erased(ARGV[2], ERASED_HOURS)
