"""A judgement in each format that `nodrop check` prints: text, JSON, SARIF, JUnit, GitHub annotations.

Every format takes the same `Report` and gives a text. None judges, and none chooses what is shown.
"""
