"""Holds the lab's embedded controllers to the real ones: the same pods, step by step, under both.

Nothing runs in the pods: a driver says which pod starts, turns ready or goes, one at a time, and after each such event
waits until the controllers are at rest. What they have made of it then is compared.
"""
