"""Takes four runs in one process; runs can wait for each other, and one can take the others down."""
import asyncio
import os
import sys

from cog import BaseModel, Input, concurrent
from millrace import emit, log, progress


class Output(BaseModel):
    most: int
    pid: int


class Predictor:
    async def setup(self):
        self.running = 0
        self.most = 0
        # Of the loop that the runs are on.
        self.changed = asyncio.Condition()

    @concurrent(max=4)
    async def predict(
        self,
        mode: str = Input(choices=["meet", "wait", "polite", "never", "exit1"]),
        others: int = Input(default=1, ge=0),
        seconds: float = Input(default=0, ge=0),
        says: str = "",
    ) -> Output:
        await self._count(1)
        try:
            progress(0.5, "pid %d" % os.getpid())
            if mode == "exit1":
                sys.exit(1)
            while mode == "never":
                try:
                    await asyncio.sleep(3600)
                except BaseException:
                    pass
            if mode == "polite":
                await asyncio.sleep(3600)
            if mode == "wait":
                await asyncio.sleep(seconds)
            else:
                async with self.changed:
                    await self.changed.wait_for(lambda: self.running > others)
            if says:
                print("told %s" % says, end=" ")
                # As native code prints: nobody can tell whose it is.
                os.write(1, ("printed %s\n" % says).encode())
                # Time for the one to arrive in the middle of the other.
                await asyncio.sleep(0.02)
                print("é")
                log("logged " + says)
                emit({"says": says})
            # Until the others have seen it, too.
            await asyncio.sleep(0.05)
            return Output(most=self.most, pid=os.getpid())
        finally:
            await self._count(-1)

    async def _count(self, change):
        async with self.changed:
            self.running += change
            self.most = max(self.most, self.running)
            self.changed.notify_all()
