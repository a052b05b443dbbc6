"""A letter as an editor tries it: the words are the letter's own, and the subject says that it is a trial."""

from dataclasses import replace

from service.domain.letter import Words
from service.rendering.locales import Language


def marked(words: Words, language: Language) -> Words:
    """Mark a letter's subject, in the language of whoever tries it."""
    return replace(words, subject=language.text("[Test] {subject}", subject=words.subject))
