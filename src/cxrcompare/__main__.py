"""`python -m cxrcompare` runs `cxrcompare`.

`python -m` puts the current folder first on `sys.path`, so that files of a data set could be
imported as modules. The folder is removed before any other import. Modules that Python itself
imports earlier can still come from it; `cxrcompare` and `python -P -m cxrcompare` avoid this.
"""

import sys

if not sys.flags.safe_path:
    del sys.path[0]

from cxrcompare.cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
