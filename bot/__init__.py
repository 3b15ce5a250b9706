"""The Discord side of Easel: it knows discord.py and the engine's door, nothing else."""
