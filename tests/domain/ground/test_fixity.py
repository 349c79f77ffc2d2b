from domain.ground.fixity import Finding


def test_there_are_three_things_to_be_found_of_what_is_kept() -> None:
    assert [finding.value for finding in Finding] == ["whole", "damaged", "missing"]
