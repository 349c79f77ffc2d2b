"""`python -m khonggiay` is the command too."""

from khonggiay.main import main

main()
