"""`python -m cxrcompare` is `cxrcompare`."""

import sys

from cxrcompare.cli import main

sys.exit(main())
