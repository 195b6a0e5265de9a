"""Options of a comparison."""

import pytest

from cxrcompare.comparison.compare import Options
from cxrcompare.comparison.compare_options import check_rule
from cxrcompare.errors import InputError


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        ({"unit": "patient"}, "unit"),
        ({"views_rule": "min"}, "views_rule"),
        ({"correction": "none"}, "correction"),
        ({"replicates": 10}, "replicates"),
        ({"level": 1.0}, "level"),
        ({"margin": 0.7}, "margin"),
        ({"threshold_rule": "sensitivity=2"}, "threshold_rule"),
        ({"threshold_rule": "best"}, "threshold_rule"),
        ({"seed": -1}, "seed"),
    ],
)
def test_options_out_of_range_are_refused(choice, match):
    with pytest.raises(InputError, match=f"`{match}` must be.*Received"):
        Options(**choice)


@pytest.mark.parametrize(
    ("given", "chosen", "rule"),
    [
        (None, "youden", ("youden", 1)),
        ("f1", "f1", ("max_f1", 1)),
        ("sensitivity=0.9", "sensitivity=0.9", ("sensitivity", 0.9)),
        ("specificity=.95", "specificity=.95", ("specificity", 0.95)),
        ("sensitivity=1", "sensitivity=1", ("sensitivity", 1)),
    ],
)
def test_a_threshold_rule_has_a_name_and_a_target(given, chosen, rule):
    options = Options(threshold_rule=given)
    assert options.chosen_rule == chosen
    assert options.rule == rule


@pytest.mark.parametrize("rule", ["", "Youden", "f1=0.5", "sensitivity", "sensitivity=1.5", "f1 "])
def test_another_rule_is_refused_with_the_choices(rule):
    with pytest.raises(InputError, match=r"youden, f1, sensitivity=0\.9 or specificity=0\.9"):
        check_rule(rule)


def test_rules_by_net_benefit_and_cost():
    assert Options(threshold_rule="net-benefit=0.2").rule == ("net_benefit", 0.2)
    # a miss that costs four false positives: 1 / (1 + 4)
    assert Options(threshold_rule="cost=4").rule == ("net_benefit", 0.2)
    for wrong in ("net-benefit=0", "net-benefit=1", "cost=", "cost=-1", "cost"):
        with pytest.raises(InputError, match="a miss costs"):
            Options(threshold_rule=wrong)
