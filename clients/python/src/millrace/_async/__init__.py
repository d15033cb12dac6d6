"""The client for asyncio. All but the pipe is the source of the other one: `npm run generate` makes that from this."""
