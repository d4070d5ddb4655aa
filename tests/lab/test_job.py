"""The lab's inputs: how lags are spread over proxies and nodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.job import Settings

hundredths = st.integers(0, 5_000).map(lambda number: number / 100)
ranges = st.tuples(hundredths, hundredths).map(sorted).map(tuple)


@given(ranges, st.integers(2, 12), st.integers(0, 99))
def test_lags_lie_evenly_over_their_range_with_both_ends(lags, count, seed):
    spread = sorted(Settings(seed=seed).spread(lags, count, "attach"))
    step = (lags[1] - lags[0]) / (count - 1)
    assert (spread[0], spread[-1]) == lags
    assert spread == pytest.approx([lags[0] + step * index for index in range(count)], abs=0.006)


@given(ranges, st.integers(1, 12), st.integers(0, 99))
def test_the_same_seed_spreads_the_same_way(lags, count, seed):
    assert Settings(seed=seed).spread(lags, count, "x") == Settings(seed=seed).spread(lags, count, "x")


def test_seed_and_salt_decide_who_has_which_lag():
    def orders(*settings_and_salts):
        return {settings.spread((0, 7), 8, salt) for settings, salt in settings_and_salts}

    assert len(orders(*((Settings(seed=seed), "attach") for seed in range(5)))) > 1
    assert len(orders(*((Settings(), salt) for salt in ("attach", "detach", "kube-proxy")))) > 1


def test_the_default_lags_reach_the_last_request_that_was_measured():
    settings = Settings()
    assert max(settings.spread(settings.detach_lag_seconds, settings.proxies, "detach")) == 28.6
    assert settings.proxies > 1
