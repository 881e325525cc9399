"""python -m smsgate: the same as the command smsgate."""

from smsgate.cli import main

main()
