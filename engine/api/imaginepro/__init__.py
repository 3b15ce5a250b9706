"""ImaginePro's HTTP vocabulary under /api/v1; contract and sources: docs/api/imaginepro.md."""
