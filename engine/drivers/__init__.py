"""One package for each image service that Easel drives; each fulfils the ports and imports nothing of the core."""
