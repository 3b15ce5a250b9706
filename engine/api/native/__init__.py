"""Easel's own HTTP vocabulary under /v1: docs/api/native.md."""
