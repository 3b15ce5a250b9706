"""The HTTP side: what each address answers; it knows the engine's door, the model and nothing behind them."""
