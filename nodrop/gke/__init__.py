"""What Kubernetes' and GKE's objects say: keys of annotations and their codecs, as the controllers read and write them.

Reading and writing stand side by side, so that a key stands once. Standard library only. Which objects belong together
is for `nodrop.paths` to say, and what the numbers mean for `nodrop.rollout`.
"""
