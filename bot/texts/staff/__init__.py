"""What moderators and operators read, in every language; the tables are part of those of `bot.texts`."""

from __future__ import annotations

from bot.texts.staff import de, en, es, fr, ja, zh

__all__ = ["de", "en", "es", "fr", "ja", "zh"]
