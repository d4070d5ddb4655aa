"""What Kubernetes' and GKE's objects say: kinds, annotations and their codecs, the controllers' defaults.

Reading and writing stand side by side, so that a string such as the NEG annotation's key stands once. Standard library
only. Which objects belong together is for `nodrop.paths` to say, and what the numbers mean for `nodrop.rollout`.
"""
