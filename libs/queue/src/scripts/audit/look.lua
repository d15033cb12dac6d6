-- look: before the audit is read, what was lost is written.

write_lost(args.kept, args.most)
