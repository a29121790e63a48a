# -- A trigger fires: the lock, the safety checks, the notification, then the rollback
#
# The status of the rollback is that of the monitor.

rbc_fire() {
  local key=${1%@*} metric words reason value entry owner
  rbc_trigger_words "$1"
  words=$REPLY
  rbc_metric_of "$1"
  value=${rbc_latest[$REPLY]#ok }
  metric=${rbc_is["$key.metric"]}
  reason=exceeded
  [[ ${rbc_is["$key.comparison"]} == '>'* ]] || reason=too_low
  [[ ${rbc_latest[$REPLY]} == ok\ * ]] || reason=no_data value=
  if ! rbc_find_owner && rbc_is_cooling; then
    rbc_note ⚠ "$words would fire, but the last rollback was just now (for $(((rbc_cooling - rbc_now) / 1000))s more)"
    return
  fi
  rbc_note ✗ "FIRES: $words (it is ${value:-unknown})"
  local -a command=("$rbc_rollback" --auto --reason "${metric}_$reason" --metric "$metric" --value "$value" --threshold "${rbc_is["$key.number"]}" --artifacts "$RBC_ARTIFACTS")
  [[ -z ${rbc_is["$key.scenario"]-} ]] || command+=(--scenario "${rbc_is["$key.scenario"]}")
  for entry in "${rbc_sets[@]}"; do command+=(--set "$entry"); done
  if [[ -n $owner ]]; then
    rbc_over=1 rbc_status=5
    rbc_note ⚠ "${rbc_is["plan.operation"]} is being rolled back by $owner already; nothing is begun, and this monitor ends"
  elif [[ -n ${rbc_is["plan.confirm"]-} ]]; then
    rbc_note ⚠ "this plan wants a person to start it: ${command[*]@Q}"
    rbc_announce start "$words; a person has to start the rollback"
    ((! rbc_once)) || rbc_status=6
    rbc_cool_down
  else
    rbc_over=1
    rbc_roll_back "$key" "$words" "${command[@]}"
  fi
}

# rbc_roll_back TRIGGER WORDS COMMAND…
rbc_roll_back() {
  local words=$2
  if ! rbc_safety_checks "$1"; then
    rbc_status=3
    return
  elif [[ $(readlink "$rbc_state_file.lock") != "$rbc_claimed" ]]; then
    rbc_status=5
    rbc_note ✗ 'another monitor has taken the place of this one; nothing is begun'
    return
  fi
  rbc_announce start "$words; the automatic rollback starts"
  [[ -z $rbc_stop ]] || return
  (trap - HUP PIPE && exec "${@:3}") </dev/null &
  rbc_child=$!
  trap 'rbc_pass_on' INT TERM
  [[ -z $rbc_stop ]] || rbc_pass_on
  rbc_cool_down
  rbc_signalled=1
  while ((rbc_signalled)); do
    rbc_signalled=0
    wait "$rbc_child"
    REPLY=$?
    ((REPLY == 127)) || rbc_status=$REPLY
  done
  rbc_cool_down
  if ((rbc_status == 2 || rbc_status == 3)); then
    # Nothing was touched: once it is mended, the next breaches start it.
    rbc_cooling=0
    rbc_remember
  fi
  rbc_note "$( ((rbc_status == 0)) && echo ✓ || echo ✗)" "the rollback ended with status $rbc_status, and so does the monitor"
}

rbc_pass_on() {
  rbc_signalled=1
  kill -TERM "$rbc_child"
} 2>/dev/null

# Whether it is too early for another rollback, whoever has made the last one.
rbc_is_cooling() {
  local rbc_run_dir='' first ended line last
  if rbc_find_run '' && IFS= read -r first <"$rbc_run_dir/journal.jsonl" && [[ $first == *'"rehearsal":""'* ]]; then
    if rbc_began_here "$first"; then
      ended=$REPLY
      while IFS= read -r line; do [[ $line == *'"event":"archive"'* ]] || last=$line; done <"$rbc_run_dir/journal.jsonl"
      ! rbc_field "$last" clock_ms || ended=$((ended + REPLY))
    else
      ended=$(date -r "$rbc_run_dir/journal.jsonl" +%s)
      rbc_epoch
      ended=$((rbc_now - (REPLY > ended ? REPLY - ended : 0) * 1000))
    fi
    rbc_ms "${rbc_is["plan.cooldown"]}"
    ((ended + REPLY <= rbc_cooling)) || rbc_cooling=$((ended + REPLY))
  fi
  ((rbc_cooling > rbc_now))
}

rbc_cool_down() {
  rbc_after "${rbc_is["plan.cooldown"]}"
  rbc_cooling=$REPLY
  rbc_breached=()
  rbc_remember
}

# Whether the operation is being rolled back; by whom, in owner.
rbc_find_owner() {
  local lock host pid since
  for lock in ".rbc/locks/${rbc_is["plan.lock"]}"{,@*}; do
    [[ -d $lock && $lock != *@@capture && $lock != *.taking ]] || continue
    rbc_is_held "$lock" || continue
    owner+=" on ${host:-?} (process ${pid:-?}, since ${since:-?})"
    return 0
  done
  owner=
  return 1
}

# What the configuration calls safety checks: before anybody is woken up.
rbc_safety_checks() {
  local region name
  rbc_problems=()
  rbc_keys=("$1")
  rbc_choose_regions
  for region in "${rbc_chosen_regions[@]}"; do
    rbc_go_to "$region"
    rbc_check_artifacts
  done
  [[ ${rbc_is["plan.tested"]-true} == true ]] || rbc_note ⚠ 'verify_rollback_tested: the plan has no passed test'
  [[ -z ${rbc_is["plan.unproven"]-} ]] || rbc_note ⚠ 'verify_previous_version_healthy: no critical check of the plan judges the version that comes back'
  ((${#rbc_problems[@]} == 0)) && return 0
  for name in "${rbc_problems[@]}"; do rbc_note ✗ "verify_backup_exists: $name"; done
  rbc_breached=()
  rbc_remember
  rbc_announce failure "the automatic rollback can't start: ${rbc_problems[*]}"
  return 1
}
