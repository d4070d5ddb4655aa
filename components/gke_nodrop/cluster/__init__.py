"""The network, the clusters on it and their nodes."""
