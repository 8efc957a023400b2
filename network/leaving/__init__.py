"""A site leaves for its organisation's own hosting: one file out of the network, and into an empty
stand-alone installation.

`inventory` says of every table whose its rows are, `rows` writes and reads a row in a way that no
database engine has a say in, `archive` is the file, `passphrase` seals payment secrets for the
way. `exporting` and `importing` are the two actions.
"""


class Refused(Exception):
    """The file is not made, or nothing is taken out of it. The message is for the operator."""
