# -- Resume: goes on where a run ended, by its journal alone

# Finds the run, judges its journal, and takes over how it was started.
rbc_prepare_resume() {
  local line end=
  rbc_take_run 'to resume'
  # Nobody else may write to it while it is read.
  rbc_take_lock
  rbc_read_journal "$rbc_journal" || rbc_fail 3 "$REPLY; this run can't be resumed"
  line=${rbc_lines[0]}
  rbc_field "$line" plan_sha256
  [[ $REPLY == "${rbc_is["plan.sha256"]}" ]] || rbc_fail 3 'this run was begun with another version of the plan' "continue it with its own script: $rbc_run_dir/rollback.sh"
  rbc_name_run --resume
  [[ $line != *'"mode":"f'* ]] || rbc_fail 2 'this run was a forward fix, which is not resumed' "begin it again: $REPLY"
  rbc_fields "$line" rbc_ scenario from only rehearsal
  ((rbc_jobs)) || rbc_fields "$line" rbc_ jobs
  rbc_field "$line" artifacts && : "${RBC_ARTIFACTS:=$REPLY}"
  rbc_resume_clock "$line" "${rbc_lines[-1]}"
  rbc_replay_journal
  # One that was killed at its very end has temporary files, and its documents to write.
  if [[ -n $end && ! -e $rbc_run_dir/tmp ]]; then
    rbc_field "$end" time
    rbc_fail 2 "there is nothing to resume: run $rbc_run ended at $REPLY, DONE" "how it went: $rbc_run_dir/report.md"
  fi
}

# Sets the clock of the run: rbc_resume_clock FIRST_LINE LAST_LINE. After a reboot the time of day
# has to say how long it was, unless it went back.
rbc_resume_clock() {
  local last
  rbc_field "$1" time && rbc_began=$(date -u -d "$REPLY" +%s)
  rbc_field "$2" clock_ms && last=$REPLY
  if rbc_began_here "$1"; then
    rbc_began_clock=$REPLY
    return
  fi
  rbc_epoch
  REPLY=$(((REPLY - rbc_began) * 1000))
  ((REPLY >= last)) || REPLY=$last
  last=$REPLY
  rbc_clock
  rbc_began_clock=$((REPLY - last))
}

# When a run began by the clock that nobody can set, if in this boot: rbc_began_here FIRST_LINE
rbc_began_here() {
  rbc_boot
  [[ $1 == *"\"boot\":\"$REPLY\""* ]] && rbc_field "$1" began_clock_ms
}

# What was done, and what was under way when the run ended.
rbc_replay_journal() {
  local line event unit step kind outcome
  for line in "${rbc_lines[@]}"; do
    rbc_field "$line" event && event=$REPLY
    rbc_field "$line" step || rbc_field "$line" gate
    step=$REPLY
    unit='' kind='' outcome=''
    rbc_fields "$line" '' unit kind outcome
    case $event/$kind/$outcome in
      set//)
        rbc_field "$line" name && unit=$REPLY
        rbc_field "$line" value && rbc_take_set "$unit=$REPLY"
        ;;
      run_resume//) end= ;;
      run_end//success | run_end//sla_breach) end=$line ;;
      step_intent/run/) rbc_before["$unit/$step"]=unknown ;;
      step_outcome/run/done | step_outcome/run/already) rbc_before["$unit/$step"]='done' ;;
      step_outcome/run/*) [[ $line == *'"known":false'* ]] || rbc_before["$unit/$step"]=failed ;;
      step_intent/undo/) rbc_before["$unit/$step"]=undoing ;;
      step_outcome/undo/done) rbc_before["$unit/$step"]=undone ;;
      step_outcome/undo/*) rbc_before["$unit/$step"]='not undone' ;;
      phase_start//*)
        rbc_field "$line" clock_ms
        [[ $unit != */* ]] || : "${rbc_region_began["${unit%/*}"]:=$REPLY}"
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

# Takes the run over; asks about steps whose outcome nobody knows.
rbc_reopen_run() {
  local key step
  rbc_preflight || rbc_quit "$rbc_status"
  if [[ -n $rbc_torn ]]; then
    rbc_note ⚠ 'the last line of the journal is torn, as a crash leaves it; it is dropped'
    rbc_cut_journal "$rbc_journal"
  fi
  mkdir -p "$rbc_run_dir"/{log,gates,tmp}
  rbc_keep_report
  rm -f "$rbc_run_dir"/gates/* # answers from before
  rbc_own_run
  for key in "${!rbc_before[@]}"; do
    [[ ${rbc_before[$key]} == @(unknown|undoing|not undone) ]] || continue
    rbc_phase_of "${key%/*}"
    step=$REPLY/${key##*/}
    [[ -n ${rbc_is["$step.done_when"]-}${rbc_is["$step.rerunnable"]-} ]] ||
      rbc_ask_operator "$key" "${rbc_is["$step.title"]}"
  done
}

# Somebody may have written into the report of the attempt before.
rbc_keep_report() {
  local number=1
  [[ -e $rbc_run_dir/report.md ]] || return 0
  while [[ -e $rbc_run_dir/report.$number.md ]]; do number=$((number + 1)); done
  mv "$rbc_run_dir/report.md" "$rbc_run_dir/report.$number.md"
}

rbc_ask_operator() {
  local rbc_asks=1 answer='was under way when the run ended; nobody knows whether it was done'
  [[ ${rbc_before[$1]} == unknown ]] || answer='was being undone, which was cut short or failed; nobody knows what is done of it'
  rbc_note ⚠ "\`$2\` $answer"
  if ((rbc_auto)) || [[ ! -t 0 ]]; then
    rbc_name_run --resume
    rbc_fail 3 "the outcome of \`$2\` ($1) is unknown and the plan has no done_when for it" "a person at a terminal has to decide: $REPLY"
  fi
  rbc_forget_typed 0
  while :; do
    printf '(r)un it again, it is (d)one, or (a)bort? '
    read -r answer || answer=a
    case $answer in
      r | run*) rbc_choice[$1]=retry && return ;;
      d | 'done' | 'it is done') rbc_choice[$1]='done' && return ;;
      a | abort) rbc_fail 3 'aborted; nothing was done' ;;
      *) printf 'Type r, d or a.\n' ;;
    esac
  done
}
