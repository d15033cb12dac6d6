"""Waits for a job and follows its events while the server is killed and started again. Run by
test/e2e/clients/python-client.test.ts, which kills it once a line says that there is progress, and reads what is said at the end."""
from __future__ import annotations

import asyncio
import json
import sys
import threading
from typing import Any, Dict, List

import millrace


async def main(url: str) -> Dict[str, Any]:
    # A busy machine takes its time to start the server again.
    async with millrace.AsyncClient(url, retries=12) as client:
        job = await client.submit("echo", {"message": "through", "delay_seconds": 4})
        ids: List[str] = []

        async def follow() -> str:
            async for event in client.events(job["id"]):
                if event["type"] == "progress" and not ids:
                    print("progress", flush=True)
                if "id" in event:
                    ids.append(event["id"])
                if event["type"] == "done":
                    return event["job"]["status"]
            return "cut off"

        plain: Dict[str, Any] = {}
        thread = threading.Thread(target=lambda: plain.update(millrace.Client(url, retries=12).wait(job["id"])))
        thread.start()
        waited, followed = await asyncio.gather(client.wait(job["id"], wait_seconds=60), follow())
        await asyncio.to_thread(thread.join)
        statuses = [waited["status"], plain["status"], followed]
        return {"statuses": statuses, "output": waited["output"]["message"], "twice": len(ids) - len(set(ids))}


print(json.dumps(asyncio.run(main(sys.argv[1]))))
