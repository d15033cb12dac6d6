"""Writes new sentences in the manner of a given text, word by word: a Markov chain, which needs nothing but Python."""
import random
from collections import defaultdict
from typing import Optional

from cog import BasePredictor, ConcatenateIterator, Input


class Predictor(BasePredictor):
    """Writes new sentences in the manner of a given text, word by word."""

    def predict(
        self,
        text: str = Input(description="What to write like; some paragraphs work best.", min_length=1, max_length=100_000),
        words: int = Input(description="How many words to write.", default=40, ge=1, le=1000),
        seed: Optional[int] = Input(description="The same seed writes the same words.", default=None),
    ) -> ConcatenateIterator[str]:
        chance = random.Random(seed)
        known = text.split()
        if not known:
            raise ValueError("the text holds no word")
        followers = defaultdict(list)
        for word, following in zip(known, known[1:]):
            followers[word].append(following)
        starts = [word for word in known if word[:1].isupper()] or known
        word = chance.choice(starts)
        for count in range(words):
            yield word if count == 0 else " " + word
            word = chance.choice(followers[word] or starts)
