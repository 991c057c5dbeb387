"""Which foreground goes over which photo, with which effects, in which split."""
