# -- What is known over a restart, and who knows it

# One monitor of a plan at a time: a link names its process, and when that began.
rbc_claim() {
  local pid since boot host lock
  rbc_state_file=${rbc_state_file:-.rbc/monitor/${rbc_is["plan.name"]}}
  lock=$rbc_state_file.lock
  mkdir -p "$(dirname "$lock")" 2>/dev/null
  rbc_boot
  rbc_booted=$REPLY
  rbc_process "$$" || REPLY="0 $rbc_booted"
  rbc_claimed="$$ $REPLY $rbc_host"
  until ln -s "$rbc_claimed" "$lock" 2>/dev/null; do
    if ! REPLY=$(readlink "$lock"); then
      rbc_note ⚠ "$lock can't be written: another monitor of this plan would not be noticed"
      rbc_claimed=
      return
    fi
    read -r pid since boot host <<<"$REPLY"
    REPLY=
    rbc_process "$pid" || { ! rbc_exists "$pid" || REPLY="$since $boot"; }
    if [[ $host != "$rbc_host" || $REPLY == "$since $boot" ]]; then
      rbc_fail 5 "this plan is being watched already, by process $pid on $host" "remove $lock if it is surely dead"
    fi
    rbc_note ⚠ "the monitor before this one (process $pid) is dead; taking its place"
    rm -f "$lock" || rbc_fail 3 "$lock can't be removed"
  done
}

rbc_leave() {
  [[ -z $rbc_claimed || $(readlink "$rbc_state_file.lock") != "$rbc_claimed" ]] || rm -f "$rbc_state_file.lock"
  rm -rf "$rbc_run_dir"
}

rbc_remember() {
  local key
  rbc_epoch
  if {
    {
      echo "$REPLY $rbc_now $rbc_cooling $rbc_booted ${rbc_is["plan.sha256"]}"
      for key in "${!rbc_breached[@]}"; do echo "breach $key ${rbc_breached[$key]}"; done
      for key in "${!rbc_blind[@]}"; do echo "blind $key ${rbc_blind[$key]}"; done
    } >"$rbc_state_file.new" && mv "$rbc_state_file.new" "$rbc_state_file"
  } 2>/dev/null; then
    rbc_forgetful=0
    return
  fi
  ((rbc_forgetful)) || rbc_note ✗ "$rbc_state_file can't be written: what is counted would not survive a restart"
  rbc_forgetful=1
}
rbc_forgetful=0

rbc_recall() {
  local epoch clock cooling boot hash kind key known line now number='(0|[1-9][0-9]{0,14})' lines
  [[ -e $rbc_state_file ]] || return 0
  { mapfile -t lines <"$rbc_state_file"; } 2>/dev/null
  if [[ ! ${lines[0]-} =~ ^$number\ $number\ $number\ [^\ ]+\ [^\ ]+$ ]]; then
    rbc_note ⚠ "$rbc_state_file is not readable: what was counted before is lost"
    return
  fi
  read -r epoch clock cooling boot hash <<<"${lines[0]}"
  rbc_clock
  now=$REPLY
  rbc_epoch
  if [[ $boot != "$rbc_booted" ]] || ((clock > now)); then
    # The clock began anew with the system; only the time of day tells how long ago it was.
    ((cooling <= clock)) || rbc_cooling=$((now + cooling - clock - (REPLY > epoch ? REPLY - epoch : 0) * 1000))
    return
  fi
  rbc_cooling=$cooling
  if [[ $hash != "${rbc_is["plan.sha256"]}" ]]; then
    rbc_note ⚠ "$rbc_state_file is of another version of the plan: what was counted before does not count"
    return
  fi
  rbc_now=$clock rbc_skew=$((epoch * 1000 - clock))
  for line in "${lines[@]:1}"; do
    [[ $line =~ ^(breach|blind)\ [^\ ]+\ $number\ $number$ ]] || continue
    read -r kind key known <<<"$line"
    if [[ $kind == blind && " ${rbc_metrics[*]} " == *" $key "* ]]; then
      rbc_blind[$key]=$known
    elif [[ $kind == breach && " ${rbc_triggers[*]} " == *" $key "* ]]; then
      rbc_breached[$key]=$known
    fi
  done
}
