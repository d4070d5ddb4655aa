"""A page's record of what a benchmark measured, between two comments that the page shows nobody. Pure."""

BEGIN, END = "<!-- record -->", "<!-- end of record -->"


def with_record(page: str, record: str, name: str = "") -> str:
    """The page (Markdown) with `record` (whole lines of Markdown) in the place of the record that it has.

    `name`: of the record, where a page has several, such as "NEG" in `<!-- record NEG -->`.
    """
    begin = f"<!-- record {name} -->" if name else BEGIN
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{record}{END}{rest.partition(END)[2]}"
