"""``python -m synthmat``: the command line."""

from synthmat.cli import main

if __name__ == "__main__":
    main()
