"""Discord as a bot knows it: its REST, gateway, commands and interactions, and the people who use them."""

from engine.simulator.botside.side import BotSide

__all__ = ["BotSide"]
