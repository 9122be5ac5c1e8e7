#!/bin/bash
# What stands on a screen or a serial line while nobody presses Enter: a page that root keeps in memory (edubox/box/console/front.py).
# A shell of 3 MB waits, so that the box itself needs no memory for a screen that nearly no box has.
front=/run/edubox/console.txt
shown=-
while :; do
  now=$(stat -c %Y.%i "$front" 2>&-)
  if [ "$now" != "$shown" ]; then
    printf '\033[H\033[2J\033[3J'
    { cat "$front" 2>&- && echo; } || echo 'edubox : le boîtier démarre, puis Entrée / the box is starting, then Enter'
    shown=$now
  fi
  read -rst 15 _
  heard=$?
  if [ $heard = 0 ]; then
    /usr/bin/edubox console
    shown=-
  elif [ $heard -le 128 ]; then
    exit 0 # the line is gone: whoever started this tries again
  fi
done
