-- Set before every script that brings accepted work to its end or makes room. At its memory limit Redis refuses a script
-- that begins to write with a command that may take memory, and no script that begins with one that frees some: what
-- follows then passes too. So these go on in the reserve that submits leave. No key has this name.
redis.call('DEL', KEYS[1] .. ':none')
