"""Benchmarks: each step of the path against its limit, measured in one run. `make bench` runs them all."""
