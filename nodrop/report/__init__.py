"""Shows what the lab measured and what was judged: tables, text, JSON, SARIF, JUnit, one self-contained HTML page.

Nothing here measures, and nothing here judges a manifest. Each module is imported by its name, so that a command loads
no more than it shows.
"""
