"""What a number of failed requests says of the loss behind it: the upper bound at 95 % confidence. Pure."""

from math import exp

CONFIDENCE = 0.95


def upper_bound(failed: int, requests: int) -> float | None:
    """The largest loss (0 to 1) at which so few of the requests fail with 5 % probability; None without requests.

    Failures are taken to be independent of each other (Poisson; Garwood 1936). With none it is 3.0 / requests, the rule
    of three.
    """
    if not requests:
        return None
    low, high = float(failed), 3.0 * failed + 10
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if _at_most(failed, middle) < 1 - CONFIDENCE else (middle, high)
    return min(1.0, high / requests)


def _at_most(count: int, mean: float) -> float:
    """The probability of at most `count` events where `mean` are expected."""
    if mean > 700:  # exp would be 0: the square root of a Poisson count is normal
        return 0.0 if count < mean - 1.6449 * mean**0.5 - 1 else 1.0
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return total
