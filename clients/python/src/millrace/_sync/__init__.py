"""The client for plain code. All but the pipe is generated from the one for asyncio: `npm run generate`."""
