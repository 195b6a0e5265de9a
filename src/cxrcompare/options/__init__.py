"""Every option of every command, declared once: type, default, range and one sentence.

A class of this package is a table of options. `TABLES` of `options.commands` lists the tables of
each command. The command line, the TOML keys and their validation, the Python arguments and
`docs/options.md` follow from them. The package needs only the standard library, so that `--help`
is fast.
"""
