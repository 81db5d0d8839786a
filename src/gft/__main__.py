"""`python -m gft fit ...`, which launchers of several processes need."""

from gft.commands.gft import main

main()
