#!/bin/bash
# A traffic manager that has done what it was told.
call="${0##*/} $*"
printf '%s\n' "${call//$'\n'/ }" >>"$CALLS"
case "$call" in *--show=weight*) echo 100 ;; esac
