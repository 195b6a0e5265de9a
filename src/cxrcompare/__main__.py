"""`python -m cxrcompare` is `cxrcompare`."""

import sys

from cxrcompare.cli.commands import main

sys.exit(main())
