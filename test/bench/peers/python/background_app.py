"""The no-op in FastAPI's own background tasks: after the answer, in a thread of the API's process; results in memory."""
import uuid

import noop
from fastapi import BackgroundTasks, FastAPI
from pydantic import BaseModel

results = {}
app = FastAPI()


class Input(BaseModel):
    text: str
    ms: int = 0


class JobRequest(BaseModel):
    input: Input


def work(id, data):
    results[id] = noop.run(data)


@app.post("/jobs", status_code=202)
async def submit(request: JobRequest, background: BackgroundTasks):
    id = str(uuid.uuid4())
    background.add_task(work, id, request.input.model_dump())
    return {"id": id, "status": "queued"}


@app.get("/jobs/{id}")
async def read(id: str):
    return {"id": id, "status": "succeeded" if id in results else "queued", "output": results.get(id)}
