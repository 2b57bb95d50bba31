"""The `frist` command, started as a module so that no installed script is needed."""

from saas.cli import main

if __name__ == "__main__":
    main()
