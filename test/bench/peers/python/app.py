"""The API that a team glues before a library for background work: submit, and read a job by its id.

The module named by BENCH_TASKS says how, with `submit(data)` and `read(id)`; where they are coroutines, so are the routes.
"""
import importlib
import inspect
import os

from fastapi import FastAPI
from pydantic import BaseModel

tasks = importlib.import_module(os.environ["BENCH_TASKS"])


class Input(BaseModel):
    text: str
    ms: int = 0


class JobRequest(BaseModel):
    input: Input


def accepted(id):
    return {"id": id, "status": "queued"}


def told(id, done, output):
    return {"id": id, "status": "succeeded" if done else "queued", "output": output if done else None}


app = FastAPI(lifespan=getattr(tasks, "lifespan", None))

if inspect.iscoroutinefunction(tasks.submit):

    @app.post("/jobs", status_code=202)
    async def submit(request: JobRequest):
        return accepted(await tasks.submit(request.input.model_dump()))

    @app.get("/jobs/{id}")
    async def read(id: str):
        return told(id, *await tasks.read(id))

else:

    @app.post("/jobs", status_code=202)
    def submit(request: JobRequest):
        return accepted(tasks.submit(request.input.model_dump()))

    @app.get("/jobs/{id}")
    def read(id: str):
        return told(id, *tasks.read(id))
