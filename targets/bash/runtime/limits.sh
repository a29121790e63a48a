# -- Limits: every piece of the plan in a process group of its own

rbc_grace=${RBC_GRACE:-5}  # seconds between TERM and KILL
rbc_stop=                  # set by a signal: nothing new is begun
rbc_guarded=0              # undo and ensure run to their end, whatever the signal
declare -A rbc_deadline=() # of the phase and the plan, on the clock of rbc_clock
rbc_overrun=               # which limit ended the last piece: step, phase or plan

# rbc_start_limit phase|plan KEY: what the plan allows it, from now on.
rbc_start_limit() {
  REPLY=${rbc_is["$2.limit"]-0}
  [[ $REPLY == 0 ]] || { rbc_after "$REPLY" && rbc_deadline[$1]=$REPLY; }
}

# rbc_call LIMIT_MS FUNCTION [FILE]: runs a function of the plan in a new, strict bash, once a file is on the
# disk. Output on 4 (stdout on 3 where rbc_apart is set). 124 where the limit was reached.
rbc_call() {
  local limit=$1 piece=$2 begun status
  rbc_overrun=step
  if ((! rbc_guarded)); then
    rbc_shorten
    ((limit > 0)) || return 124
    [[ -z $rbc_stop ]] || return 143
  fi
  # The run folder may be gone, and its undo is run all the same.
  [[ -e $rbc_self ]] || ((rbc_kept_script == 9)) || rbc_self=/proc/$$/fd/$rbc_kept_script
  rbc_clock
  begun=$REPLY
  rbc_seconds "$limit"
  timeout -k "$rbc_grace" "$REPLY" "$BASH" "$rbc_self" --rbc-call "$piece" "${3-}" \
    </dev/null >&"$((4 - rbc_apart))" 2>&4 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- {rbc_to_hash}>&- {rbc_kept_script}>&- \
    {rbc_typing}>&- &
  status=$!
  rbc_mark_alive group "$status"
  rbc_await "$status"
  status=$?
  rbc_clock
  ((REPLY - begun >= limit && (status == 124 || status >= 128))) && return 124
  rbc_overrun=
  return "$status"
}
rbc_apart=0
rbc_kept_script=9 # where the script of the run is open, 9 for nowhere

# Shortens `limit` to what the deadlines leave of it.
rbc_shorten() {
  local deadline kind
  rbc_clock
  for kind in phase plan; do
    deadline=${rbc_deadline[$kind]-0}
    if ((deadline > 0 && deadline - REPLY < limit)); then
      limit=$((deadline - REPLY)) rbc_overrun=$kind
    fi
  done
}

# Waits for a process group and leaves nothing of it behind.
rbc_await() {
  local pid=$1 status again told=0
  while :; do
    wait "$pid"
    status=$?
    if [[ -n $rbc_stop ]] && ((! rbc_guarded && ! told)); then
      told=1
      kill -TERM -- "-$pid" || kill -TERM "$pid"
      kill -CONT -- "-$pid"
    fi
    if ((status <= 128)) || ! kill -0 "$pid"; then break; fi
  done
  if ((status > 128)); then
    wait "$pid"
    again=$?
    ((again == 127)) || status=$again
  fi
  # What a limit or stop has told to end is not told twice: it may be cleaning up.
  ! kill -0 -- "-$pid" || rbc_end_group "$pid" "$((status == 124 || told))"
  rbc_unmark_alive group
  return "$status"
} 2>/dev/null

# rbc_end_group PID [TOLD]: TERM, and KILL for what is there still after the grace.
rbc_end_group() {
  local until=$SECONDS
  ((${2-0})) || kill -TERM -- "-$1"
  while rbc_group_lives "$1" && ((SECONDS - until <= ${rbc_grace%%.*})); do sleep 0.1; done
  kill -KILL -- "-$1"
} 2>/dev/null

rbc_outcome_of() {
  case $1 in
    0) REPLY='done' ;;
    124) REPLY=${rbc_overrun:+timed_out} REPLY=${REPLY:-failed} ;;
    *) REPLY=failed ;;
  esac
  [[ -z $rbc_stop ]] || ((rbc_guarded)) || [[ $REPLY == 'done' ]] || REPLY=interrupted
}
