"""UserAPI's vocabulary: routes, schemas, translations."""
