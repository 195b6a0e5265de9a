"""Known changes of ids."""

from cxrcompare.doctor.id_changes import changed


def test_the_fewest_changes_come_first():
    attempts = [names for names, _, _ in changed(["a/01.png", "a/02.png"], ["1", "2"])]
    assert attempts[0] == ()
    assert sorted(map(len, attempts)) == [len(names) for names in attempts]
    assert ("leading folders", "file extension", "zero padding") in attempts
