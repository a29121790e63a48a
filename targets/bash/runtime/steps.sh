# -- Steps

# rbc_run_piece LIMIT_MS PIECE: a piece and its intent and outcome in the journal.
rbc_run_piece() {
  local limit=$1 piece=$2 kind=$3 step=$4 begun status flush='' error=
  local about=("unit=$rbc_unit" "step=$4" "kind=$3" "attempt:=$5")
  if [[ $kind == run ]]; then
    rbc_result=failed rbc_error="there is no room for the journal on the disk of $rbc_run_dir"
    rbc_has_room || return 1
    rbc_error="the journal can't be written"
    flush=$rbc_journal # its own process sees to it
    rbc_record step_intent "${about[@]}" || return 1
  else
    rbc_record_safely step_intent "${about[@]}"
  fi
  kill -0 "$rbc_streamer" 2>/dev/null || rbc_open_log "$rbc_unit" "$rbc_log"
  rbc_log_begin=0 # what an earlier attempt said is no cause of this one's end
  [[ ! -s $rbc_log ]] || rbc_log_begin=$(wc -c <"$rbc_log")
  rbc_clock
  begun=$REPLY
  rbc_call "$limit" "$piece" "$flush"
  status=$?
  if ((status == 0)) && [[ $kind != undo ]]; then
    rbc_expectations "$rbc_phase/$step" "expect.$rbc_phase.$step" "$limit" || status=$?
    error=$rbc_unmet
  fi
  rbc_clock
  begun=$(((REPLY - begun + 500) / 1000))
  rbc_outcome_of "$status"
  rbc_result=$REPLY
  if ((status != 0)) && [[ -z $error ]]; then
    rbc_last_words "$status"
    error=$REPLY
  fi
  rbc_error=$error
  rbc_record step_outcome "${about[@]}" "outcome=$rbc_result" "status:=$status" "seconds:=$begun" "error=$error" ||
    [[ $kind != run ]] || { rbc_error=${error:-"the journal can't be written"} && return 1; }
  return "$status"
}

rbc_log_begin=0

# What a failed piece said last: people look for that first.
rbc_last_words() {
  local line
  local -a said=()
  line="exit status $1"
  [[ -z $rbc_overrun ]] || line="stopped at the time limit of the $rbc_overrun"
  rbc_wait_for_log || line+=' (the process that writes down what it prints was killed)'
  REPLY=$line
  while IFS= read -r line; do
    [[ -z ${line//[[:space:]]/} ]] || said+=("$line")
  done < <(tail -c "+$((rbc_log_begin + 1))" "$rbc_log" 2>/dev/null | tail -n 5)
  ((${#said[@]} > 0)) || return 0
  ((${#said[@]} <= 3)) || said=("${said[@]: -3}")
  printf -v line ' / %s' "${said[@]}"
  REPLY+=": ${line:3:500}"
}

rbc_do_step() {
  local step=$1 key=$rbc_phase/$1 limit title status=0 attempt=0 attempts
  title=${rbc_is["$key.title"]}
  rbc_log=$rbc_run_dir/log/${rbc_unit//\//@}.$step.log
  if [[ ${rbc_before["$rbc_unit/$step"]-} == 'done' ]]; then
    rbc_note ✓ "$title (done before)"
    rbc_done_steps+=("$step")
    return 0
  fi
  rbc_limit_of "$key"
  limit=$REPLY
  attempts=$((1 + ${rbc_is["$key.retry"]-0}))
  rbc_note ▶ "$title"
  rbc_note ⚠ "${rbc_is["$key.critical"]-}"
  rbc_open_log "$rbc_unit" "$rbc_log"
  if rbc_is_done_already "$key" "$limit"; then
    rbc_record_whole "$step" 0 already 0 || status=1
    rbc_note ✓ "$title: already done"
  else
    rbc_uses "$key" || status=$?
    while ((status == 0 && attempt < attempts)); do
      attempt=$((attempt + 1))
      rbc_run_piece "$limit" "step.$rbc_phase.$step" run "$step" "$attempt"
      status=$?
      if ((status == 0 || attempt == attempts)) || [[ -n $rbc_stop ]] || ! rbc_has_room; then break; fi
      rbc_note ⚠ "$title: $rbc_error; attempt $((attempt + 1)) of $attempts follows"
      rbc_pause "${rbc_is["$key.every"]-0}"
      status=0
    done
    ((status != 0)) || rbc_note ✓ "$title"
  fi
  rbc_close_log
  if ((status == 0)); then
    rbc_done_steps+=("$step")
    [[ -z ${rbc_is["$key.notify"]-} ]] || rbc_tell_channels "$step"
    return 0
  fi
  rbc_note ✗ "$title: $rbc_error"
  rbc_note ' ' "all it printed: $rbc_log"
  if [[ -n ${rbc_is["$key.continue"]-} && -z $rbc_stop && $rbc_overrun != p* ]] && rbc_has_room; then
    rbc_note ⚠ 'going on, as the plan says'
    return 0
  fi
  return 1
}

rbc_tell_channels() {
  if [[ $rbc_role == capture ]]; then rbc_announce_step capture "$1"; else printf 'notify\t%s\t%s\t.\n' "$rbc_unit" "$1" >&6; fi
}

# A step that tells somebody: handed on at once, and never a failure.
rbc_do_tell() {
  [[ ${rbc_before["$rbc_unit/$1"]-} != 'done' ]] || return 0
  rbc_tell_channels "$1"
  rbc_note ✓ "${rbc_is["$rbc_phase/$1.title"]} (${rbc_is["$rbc_phase/$1.notify"]})"
  rbc_record_whole "$1" 1 'done' 0
}

# A step that is over as it begins: rbc_record_whole STEP ATTEMPT OUTCOME STATUS [ERROR]
rbc_record_whole() {
  local about=("unit=$rbc_unit" "step=$1" "kind=run" "attempt:=$2")
  rbc_record step_intent "${about[@]}" && rbc_record step_outcome "${about[@]}" "outcome=$3" "status:=$4" "error=${5-}"
}

# Sleeps for seconds, unless a signal or a limit comes.
rbc_pause() {
  local limit
  rbc_ms "$1"
  limit=$REPLY
  rbc_shorten
  [[ -z $rbc_stop ]] && ((limit > 0)) || return 0
  rbc_seconds "$limit"
  sleep "$REPLY" &
  wait $! || kill $!
} 2>/dev/null

rbc_limit_of() {
  rbc_ms "${rbc_is["$1.timeout"]-${rbc_is["${1%/*}.budget"]-300}}"
}

# Whether `done_when`, or a person after a crash, says that it is done.
rbc_is_done_already() {
  local at=$rbc_unit/${1#*/}
  if [[ -n ${rbc_is["$1.done_when"]-} ]]; then
    rbc_call "$2" "done.${1/\//.}"
    return
  fi
  [[ ${rbc_choice[$at]-} == 'done' ]]
}

rbc_undo() {
  local i step
  for ((i = ${#rbc_done_steps[@]} - 1; i >= 0; i--)); do
    step=${rbc_done_steps[i]}
    [[ -z ${rbc_is["$rbc_phase/$step.undo"]-} ]] || rbc_aftermath "$step" undo
  done
}

# rbc_aftermath STEP undo|ensure [ATTEMPT]: is not interrupted.
rbc_aftermath() {
  local step=$1 kind=$2 piece=step title=${rbc_is["$rbc_phase/$1.title"]} status limit
  [[ $kind == ensure ]] || piece=undo title="undo: $title"
  rbc_log=$rbc_run_dir/log/${rbc_unit//\//@}.$step.$kind.log
  rbc_limit_of "$rbc_phase/$step"
  limit=$REPLY
  rbc_note ▶ "$title"
  rbc_open_log "$rbc_unit" "$rbc_log"
  rbc_run_piece "$limit" "$piece.$rbc_phase.$step" "$kind" "$step" "${3-1}"
  status=$?
  rbc_close_log
  if ((status == 0)); then rbc_note ✓ "$title"; else rbc_note ✗ "$title: $rbc_error"; fi
  return "$status"
}

rbc_uses() {
  local name
  for name in ${rbc_is["$1.uses"]-}; do
    rbc_path_of "$name"
    if [[ ! -e $REPLY ]]; then
      rbc_error="$REPLY is missing (artifact $name)"
      rbc_record_whole "${1#*/}" 0 failed 1 "$rbc_error"
      return 1
    fi
  done
}
