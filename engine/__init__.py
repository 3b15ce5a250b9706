"""The door of the engine: the names that the bot, the API and scripts may use."""
