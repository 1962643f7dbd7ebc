import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica.schedule import Schedule


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    passes = draw(st.lists(st.integers(1, 500), min_size=1, max_size=5))
    partial = draw(st.sampled_from([0.0, 0.25, 0.5, 0.9]))
    epochs = len(passes) - 1 + partial if partial else float(len(passes))
    return Schedule(epochs, tuple(itertools.accumulate(passes)), draw(st.integers(1, 64)))


@given(schedules())
def test_every_sample_is_consumed_once(schedule: Schedule) -> None:
    steps = range(1, schedule.total_steps + 1)
    sizes = [schedule.consumed_after(n) - schedule.consumed_after(n - 1) for n in steps]
    assert sum(sizes) == schedule.total_samples
    assert all(size == schedule.batch_samples for size in sizes[:-1])
    assert 0 < sizes[-1] <= schedule.batch_samples


@given(schedules())
def test_epochs_rise_to_the_end(schedule: Schedule) -> None:
    epochs = [schedule.epoch_at(samples) for samples in range(schedule.total_samples + 1)]
    assert epochs[0] == 0
    assert epochs[-1] == schedule.epochs
    assert epochs == sorted(epochs)
    for number, end in enumerate(schedule.pass_end_samples[:-1]):
        assert schedule.epoch_at(end) == number + 1


@pytest.mark.parametrize("interval", [0.1, 0.25, 0.5])
def test_boundaries_are_met_by_the_step_that_reaches_them(interval: float) -> None:
    schedule = Schedule(2.5, (1000, 2000, 2500), 10)
    met = [step for step in range(1, 251) if schedule.crosses(step, interval)]
    every = round(interval * 100)
    assert met == list(range(every, 251, every))
