"""Figures that leave the house: multiples of five near the truth, the same for the same records, right on average."""
from __future__ import annotations

from hashlib import blake2b
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.rules.reports.rounding import BASE, NONE, Counted, Keyed, exact, rounded, together


def keyed(key: str) -> Keyed:
    return lambda text: blake2b(text.encode(), key=key.encode(), digest_size=16).digest()


def of(keys: list[int]) -> Counted:
    """What is counted of records with those keys, each told apart."""
    return together(Counted(1, key, (key % 65521) ** 2) for key in keys)


RECORDS = st.lists(st.integers(1, 10**9), max_size=60, unique=True)
UNIT = st.sampled_from(("charge:records", "victim:records", "victim:persons"))


@given(RECORDS, UNIT, st.text(min_size=1, max_size=20))
def test_a_figure_is_a_multiple_of_five_at_most_four_away(keys: list[int], unit: str, key: str) -> None:
    figure = rounded(keyed(key))(of(keys), unit)
    assert figure % BASE == 0 and abs(figure - len(keys)) <= 4 and figure >= 0


@given(UNIT, st.text(min_size=1, max_size=20), st.integers(0, 40))
def test_none_stays_none_and_a_multiple_stays_itself(unit: str, key: str, fives: int) -> None:
    figure = rounded(keyed(key))
    assert figure(NONE, unit) == 0
    assert figure(Counted(BASE * fives, 77, 99), unit) == BASE * fives


@given(RECORDS, st.randoms(use_true_random=False), st.integers(0, 60))
def test_the_same_records_give_the_same_figure_in_whatever_order_and_groups_they_come(keys: list[int], chance: Random,
                                                                                      cut: int) -> None:
    figure, shuffled = rounded(keyed("llave")), chance.sample(keys, len(keys))
    assert figure(of(keys), "charge:records") == figure(of(shuffled[:cut]) + of(shuffled[cut:]), "charge:records")


def test_another_key_gives_other_figures_somewhere() -> None:
    sets = [list(range(start, start + 12)) for start in range(1, 200, 7)]
    told = [[rounded(keyed(key))(of(one), "charge:records") for one in sets] for key in ("una", "otra")]
    assert told[0] != told[1]


def test_other_records_as_many_are_rounded_for_themselves() -> None:
    figure = rounded(keyed("llave"))
    assert {figure(of(list(range(start, start + 12))), "charge:records") for start in range(1, 300, 13)} == {10, 15}


def test_records_whose_keys_have_the_same_sum_are_told_apart() -> None:
    figure = rounded(keyed("llave"))
    pairs = [(of([10 + one, 20 - one, 5000]), of([10, 20, 5000])) for one in range(1, 9)]
    assert all(left.keys == right.keys for left, right in pairs)
    assert any(figure(left, "charge:records") != figure(right, "charge:records") for left, right in pairs)


@pytest.mark.parametrize("number", range(1, 10))
def test_over_many_sets_the_figure_is_right_on_average(number: int) -> None:
    """Of 4,000 draws the mean stays within five standard errors, at most 2.45 / sqrt(4000) each."""
    figure, many = rounded(keyed("llave")), 4000
    drawn = [figure(Counted(number, start * 31 + 7, start * 17 + 3), "victim:records") for start in range(many)]
    assert abs(sum(drawn) / many - number) < 0.2
    assert set(drawn) <= {number - number % BASE, number - number % BASE + BASE}


def test_a_total_is_rounded_for_itself_and_rows_need_not_add_up_to_it() -> None:
    figure = rounded(keyed("llave"))
    rows = [of(list(range(start, start + 7))) for start in range(1, 400, 7)]
    sixes = [rows[place:place + 6] for place in range(0, 48, 6)]
    apart = [sum(figure(row, "charge:records") for row in six) - figure(together(six), "charge:records") for six in sixes]
    assert any(apart)


@given(RECORDS)
def test_who_may_know_is_told_the_figure_as_it_is(keys: list[int]) -> None:
    assert exact(of(keys), "charge:records") == len(keys)
