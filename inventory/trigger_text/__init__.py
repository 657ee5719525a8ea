"""The triggers of the ledger as each engine speaks them. ``inventory/triggers.py`` installs and compares them."""
