"""`python -m cxrcompare` is `cxrcompare`.

`python -m` puts the current folder first on `sys.path`, where a data set's files could stand in for
modules. It is taken off before anything else is imported. What Python itself imports before this
line can still come from there: `cxrcompare` and `python -P -m cxrcompare` have no such gap.
"""

import sys

if not sys.flags.safe_path:
    del sys.path[0]

from cxrcompare.cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
