"""The no-op as a predictor of Cog, eight at once in one process."""
import asyncio

from cog import BasePredictor, Input


class Predictor(BasePredictor):
    async def predict(self, text: str = Input(), ms: int = Input(default=0)) -> str:
        if ms:
            await asyncio.sleep(ms / 1000)
        return text
