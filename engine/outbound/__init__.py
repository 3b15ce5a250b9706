"""Calls that Easel makes besides Discord's: which addresses they may go to, and copies of pictures."""
