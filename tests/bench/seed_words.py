"""Narratives for the seed: sentences of plausible words, drawn by a seeded generator. What they say means nothing."""

from itertools import accumulate
from pathlib import Path
from random import Random

PHRASE = "the heron counted backwards"  # in a known handful of narratives, and in nothing else
WORDS = Path(__file__).with_name("seed_words.txt").read_text("utf-8").split()
# The first words are the commonest, as in any text.
CUMULATIVE = list(accumulate(1 / (place + 8) for place in range(len(WORDS))))
SENTENCE = (7, 22)  # words


def narrative(random: Random, words: int) -> str:
    """A text of so many words."""
    drawn = random.choices(WORDS, cum_weights=CUMULATIVE, k=words)
    sentences, at = [], 0
    while at < words:
        length = random.randint(*SENTENCE)
        said = " ".join(drawn[at : at + length])
        sentences.append(f"{said[0].upper()}{said[1:]}.")
        at += length
    return " ".join(sentences)


def title(random: Random) -> str:
    """A title of a few words."""
    said = " ".join(random.choices(WORDS[25:], k=random.randint(4, 9)))
    return f"{said[0].upper()}{said[1:]}"
