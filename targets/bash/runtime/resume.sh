# -- Resume: goes on where a run ended, by its journal alone -----------------

# Finds the run, judges its journal, and takes over how it was started.
rbc_prepare_resume() {
  local line
  rbc_find_run "$rbc_run" || rbc_fail 3 'there is no run to resume' "runs are looked for in $PWD/.rbc/runs"
  rbc_run_dir=$(cd "$rbc_run_dir" && pwd)
  rbc_run=${rbc_run_dir##*/}
  rbc_journal=$rbc_run_dir/journal.jsonl
  rbc_read_journal "$rbc_journal" || rbc_fail 3 "$REPLY; this run can't be resumed"
  ((${#rbc_lines[@]} > 0)) || rbc_fail 3 "$rbc_journal is empty"
  line=${rbc_lines[0]}
  rbc_field "$line" plan_sha256
  [[ $REPLY == "${rbc_is["plan.sha256"]}" ]] || rbc_fail 3 'this run was begun with another version of the plan' "continue it with its own script: $rbc_run_dir/rollback.sh"
  rbc_field "$line" mode && [[ $REPLY == forward_fix ]] &&
    rbc_fail 2 'this run was a forward fix, which is not resumed' "begin it again: ${0##*/} --forward-fix POINT"
  rbc_field "$line" scenario && rbc_scenario=$REPLY
  rbc_field "$line" region && rbc_region=$REPLY
  rbc_field "$line" from && rbc_from=$REPLY
  rbc_field "$line" only && rbc_only=$REPLY
  rbc_field "$line" rehearsal && rbc_rehearsal=$REPLY
  rbc_field "$line" time && rbc_began=$(date -u -d "$REPLY" +%s)
  rbc_replay_journal
}

# What was done, and what was under way when the run ended.
rbc_replay_journal() {
  local line event unit step kind outcome
  for line in "${rbc_lines[@]}"; do
    rbc_field "$line" event && event=$REPLY
    if [[ $event == set ]]; then
      rbc_field "$line" name && unit=$REPLY
      rbc_field "$line" value && rbc_take_set "$unit=$REPLY"
      continue
    fi
    rbc_field "$line" unit || continue
    unit=$REPLY
    rbc_field "$line" step || rbc_field "$line" gate || true
    step=$REPLY
    rbc_field "$line" kind || true
    kind=$REPLY
    rbc_field "$line" outcome || true
    outcome=$REPLY
    case $event/$kind/$outcome in
      step_intent/run/) rbc_before["$unit/$step"]=unknown ;;
      step_outcome/run/done | step_outcome/run/already) rbc_before["$unit/$step"]='done' ;;
      step_outcome/run/*) rbc_before["$unit/$step"]=failed ;;
      step_intent/undo/ | step_outcome/undo/*) rbc_before["$unit/$step"]=undone ;;
      phase_start//*)
        rbc_field "$line" time
        [[ $unit != */* || -n ${rbc_region_began["${unit%/*}"]-} ]] ||
          rbc_region_began["${unit%/*}"]=$(date -u -d "$REPLY" +%s)
        ;;
      phase_end//done) rbc_before[$unit]='done' ;;
      phase_end//*) rbc_before[$unit]=failed ;;
      gate_decision//)
        rbc_field "$line" decision
        [[ $REPLY != approved ]] || rbc_before["$unit/$step"]='done'
        ;;
      *) ;;
    esac
  done
}

# Takes the run over: lock, script, folders; asks about steps whose outcome nobody knows.
rbc_reopen_run() {
  local key unit step
  rbc_preflight || exit 3
  rbc_take_lock
  # What a killed run had started may have gone on until just now.
  [[ $(wc -l <"$rbc_journal") -eq ${#rbc_lines[@]} ]] || rbc_fail 5 "$rbc_journal has grown meanwhile" 'try again'
  [[ -z $rbc_torn ]] || rbc_mend_journal
  mkdir -p "$rbc_run_dir/log" "$rbc_run_dir/gates" "$rbc_run_dir/tmp"
  rbc_self=$rbc_run_dir/rollback.sh
  export RBC_RUN=$rbc_run RBC_RUN_DIR=$rbc_run_dir
  for key in "${!rbc_before[@]}"; do
    [[ ${rbc_before[$key]} == unknown ]] || continue
    unit=${key%/*} step=${key##*/}
    unit=${unit##*/}
    [[ -z ${rbc_is["$unit/$step.done_when"]-}${rbc_is["$unit/$step.rerunnable"]-} ]] || continue
    rbc_ask_operator "$key" "${rbc_is["$unit/$step.title"]}"
  done
}

# A line that a crash has torn was never followed by its deed.
rbc_mend_journal() {
  local line
  rbc_say "$rbc_role" ⚠ 'the last line of the journal is torn, as a crash leaves it; it is dropped'
  for line in "${rbc_lines[@]}"; do printf '%s\n' "$line"; done >"$rbc_journal.new"
  mv "$rbc_journal.new" "$rbc_journal"
}

rbc_ask_operator() {
  local answer=
  rbc_say "$rbc_role" ⚠ "\`$2\` was under way when the run ended; nobody knows whether it was done"
  if ((rbc_auto)) || [[ ! -t 0 ]]; then
    rbc_fail 3 "the outcome of \`$2\` ($1) is unknown and the plan has no done_when for it" "a person at a terminal has to decide: ${0##*/} --resume $rbc_run"
  fi
  while :; do
    printf '(r)un it again, it is (d)one, or (a)bort? '
    read -r answer || answer=a
    case $answer in
      r) rbc_choice[$1]=retry && return ;;
      d) rbc_choice[$1]='done' && return ;;
      a) rbc_fail 3 'aborted; nothing was done' ;;
      *) ;;
    esac
  done
}
