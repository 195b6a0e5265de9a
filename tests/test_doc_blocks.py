"""The blocks of the documents are fenced, named and marked as the tests need them."""

from __future__ import annotations

import pytest

from . import doc_blocks as blocks
from .doc_checks import TEXTS, blocks_of


@pytest.mark.parametrize("name", TEXTS)
def test_every_block_is_fenced_and_names_its_language(name):
    assert blocks.indented(TEXTS[name]) == []
    strange = [(one.line, one.language) for one in blocks_of(name)]
    assert [pair for pair in strange if pair[1] not in blocks.LANGUAGES] == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_mark_stands_above_a_block_and_has_a_known_reason(name):
    marked = [one for one in blocks_of(name) if one.reasons]
    assert len(marked) == blocks.marks(TEXTS[name])
    assert {reason for one in marked for reason in one.reasons} <= set(blocks.REASONS)


EXAMPLE = """# A title, with `code`

## A title

<!-- not run: takes hours -->
```bash
cxrcompare run \\
    --epochs 5  # many
```

    cxrcompare models

See [there](other.md#a-title) and `cxrcompare
train`.
"""


def test_what_a_document_shows_is_found():
    (block,) = blocks.blocks(EXAMPLE)
    assert (block.line, block.language, block.reasons) == (7, "bash", ("takes hours",))
    assert [blocks.words(line) for line in blocks.commands(block.text)] == [
        ["cxrcompare", "run", "--epochs", "5"]
    ]
    assert blocks.indented(EXAMPLE) == [11]
    assert blocks.links(EXAMPLE) == ["other.md#a-title"]
    assert blocks.anchors(EXAMPLE) == {"a-title-with-code", "a-title"}
    assert list(blocks.inline(EXAMPLE))[1] == (13, "cxrcompare train")
    with pytest.raises(ValueError, match="line 1: the block does not end"):
        blocks.blocks("```bash\n")
