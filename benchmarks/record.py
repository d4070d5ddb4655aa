"""A page's record of what a benchmark measured, between two comments that the page shows nobody. Pure."""

BEGIN, END = "<!-- record -->", "<!-- end of record -->"


def with_record(page: str, record: str) -> str:
    """The page (Markdown) with `record` (whole lines of Markdown) in the place of the record that it has."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{record}{END}{rest.partition(END)[2]}"
