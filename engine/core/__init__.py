"""What happens: the engine, its dispatcher, one keeper per account, recovery and copying."""
