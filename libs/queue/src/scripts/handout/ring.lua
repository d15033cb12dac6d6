-- ring: wakes one worker for each of the lines. Called by one that was woken and has no room after all.

for _, line in ipairs(args.lines) do ring(line) end
