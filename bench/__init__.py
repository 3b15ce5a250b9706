"""What Easel's figures were measured with: `python -m bench`, or `make bench`."""
