"""Shows what the lab measured: a table in the terminal, JSON, one self-contained HTML page, what the lab cannot show.

Nothing here measures, and nothing here judges a manifest.
"""

from nodrop.report.files import write_html, write_json
from nodrop.report.limits import LIMITS, Limit
from nodrop.report.table import print_results

__all__ = ["LIMITS", "Limit", "print_results", "write_html", "write_json"]
