"""Networks are built in a child process, and each error is that of its configuration."""

import subprocess
from types import SimpleNamespace

import pytest

from cxrcompare.errors import InputError, JobError
from cxrcompare.training import building
from cxrcompare.training.building import Network, build_all
from cxrcompare.training.run_config import RunConfig

FINDINGS = ("Edema", "Fracture")


def config(model="mobilenet", **given):
    size = given.pop("image_size", 32)
    return RunConfig(
        model=model, store="absent", findings=FINDINGS, image_size=size, weights="none", **given
    )


@pytest.mark.slow
@pytest.mark.keras
def test_each_network_has_its_size_or_its_error():
    small, large, third, loss = build_all(
        [
            config(),
            config(image_size=64),
            config(policy={"uncertain": "u-multiclass"}),
            config(loss="focal", loss_options={"gama": 2.0}),
        ]
    ).networks
    assert isinstance(small, Network)
    assert small.weights == "none"
    assert large.parameters == small.parameters
    # MobileNet's layers have a quarter of the pixels at half the size, except pool and head.
    assert large.activations / small.activations == pytest.approx(4, rel=0.02)
    # One more logit for each finding: 1,024 weights and a bias.
    assert third.parameters - small.parameters == 2 * 1025
    assert isinstance(loss, InputError)
    assert "gama" in str(loss)


@pytest.mark.slow
@pytest.mark.keras
def test_missing_weights_are_the_error_of_their_network_only(tmp_path):
    absent = config().model_copy(update={"weights": str(tmp_path / "absent.h5")})
    wrong, right = build_all([absent, config()]).networks
    assert isinstance(wrong, InputError)
    assert isinstance(right, Network)


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (2, InputError, "^no framework$"),
        (1, JobError, "mobilenet: .* status 1: no framework"),
        (-9, JobError, "killed"),
    ],
)
def test_a_child_that_fails_is_reported(status, error, message, monkeypatch):
    done = SimpleNamespace(returncode=status, stderr="x\ncxrcompare: no framework\n", stdout="")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: done)
    with pytest.raises(error, match=message):
        build_all([config()])


def test_a_failed_download_stays_a_failed_job():
    assert isinstance(building._outcome({"failed": "no network"}), JobError)
