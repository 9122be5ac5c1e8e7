#!/bin/sh
exec /usr/lib/edubox/bin/python3 -I -m edubox "$@"
