# -- Stream: what steps print, into a file each and to the terminal
#
# Another process reads it, so that no terminal holds up a step, and answers on 8 once all is written.

rbc_replier= # the process that 8 was opened for
rbc_asked=0
rbc_flush=$'\001rbc-flush' # ends a line that the step left open, and asks for an answer

# rbc_open_log WHERE FILE: opens 4 for what a piece prints.
rbc_open_log() {
  if [[ $rbc_replier != "$BASHPID" ]]; then
    rbc_replier=$BASHPID
    local pipe=$rbc_run_dir/tmp/reply.$BASHPID
    mkfifo "$pipe"
    exec 8<>"$pipe"
    rm -f "$pipe"
  fi
  [[ -d ${2%/*} ]] || set -- "$1" /dev/null # the run folder is gone: it is shown all the same
  exec 4> >(rbc_stream "$1" "$2")
  rbc_streamer=$!
}

# Closes it when all is written down. What a piece has left running must not keep it open.
rbc_close_log() {
  rbc_wait_for_log
  exec 4>&-
  kill -KILL "$rbc_streamer"
} 2>/dev/null

# Waits until all that was printed is in the file. Status 1 where nobody reads it any more.
rbc_wait_for_log() {
  local answer patience=30
  rbc_asked=$((rbc_asked + 1))
  printf '%s %s\n' "$rbc_flush" "$rbc_asked" >&4
  while ((patience-- > 0)); do
    while read -r -t 1 answer <&8; do [[ $answer != "$rbc_asked" ]] || return 0; done
    kill -0 "$rbc_streamer" || return 1
  done
} 2>/dev/null

# Line by line; in blocks where more comes in a second than anybody could read.
rbc_stream() {
  local unit=$1 line carry='' shown=0 second=-1
  trap '' INT HUP
  trap : TERM PIPE
  exec 9>>"$2" 4>&-
  while IFS= read -r -n 8000 line || [[ -n $line$carry ]]; do
    carry+=$line
    if ((${#line} < 8000)); then
      rbc_stream_line "$carry"
      carry=
      ((SECONDS == second)) || second=$SECONDS shown=0
      shown=$((shown + 1))
      ((shown >= 200)) || continue
    fi
    rbc_stream_flood
  done
}

rbc_stream_line() {
  local line=$1 asked=
  if [[ $line == *"$rbc_flush "* ]]; then
    asked=${line##* }
    line=${line%"$rbc_flush "*}
  fi
  if [[ -z $asked || -n $line ]]; then
    rbc_mask "$line"
    printf '%s\n' "$REPLY" >&9
    rbc_say "$unit" '│' "$REPLY"
  fi
  [[ -z $asked ]] || printf '%s\n' "$asked" >&8
}

# All goes into the file, in blocks; the terminal gets a line a second. What might begin a secret, or the
# word that asks for an answer, waits for the next block, and the last part of a line for the rest of it.
rbc_stream_flood() {
  local was=${LC_ALL-} LC_ALL=C block asked='' rest='' said=-1 hold=$((${#rbc_flush} + 20))
  ((hold > rbc_longest_secret)) || hold=$rbc_longest_secret
  while [[ -z $asked ]] && read -r -t 0; do
    block=$(dd bs=65536 count=1 status=none && printf .)
    [[ $block != . ]] || break
    block=$carry${block:0:${#block}-1}
    if [[ $block == *"$rbc_flush "*$'\n'* ]]; then
      asked=${block#*"$rbc_flush "}
      rest=${asked#*$'\n'}
      block=${block%%"$rbc_flush "*}
      [[ -z $block || $block == *$'\n' ]] || block+=$'\n'
    fi
    rbc_mask "$block"
    carry=$REPLY
    ((${#REPLY} <= hold)) || carry=${REPLY:${#REPLY}-hold}
    printf '%s' "${REPLY:0:${#REPLY}-${#carry}}" >&9
    if ((said != SECONDS)); then
      said=$SECONDS
      rbc_say "$unit" '│' '… more than can be shown; the file has all of it'
    fi
  done
  block=${carry##*$'\n'}
  printf '%s' "${carry:0:${#carry}-${#block}}" >&9
  carry=$block$rest
  LC_ALL=$was
  [[ -z $asked ]] || printf '%s\n' "${asked%%$'\n'*}" >&8
}
