# -- Phases: one process each, its steps one after another
#
# A unit is a phase, or `region/phase` in a plan with regions.

declare -A rbc_before=() # what a resumed run knows: rbc_before["unit/step"]=done|unknown
declare -A rbc_choice=()
rbc_unit=
rbc_phase=
rbc_log=
rbc_error=
rbc_result=
rbc_done_steps=()

# rbc_run_unit UNIT [killed]: runs it, or what is left of it, and tells the scheduler.
rbc_run_unit() {
  trap 'rbc_stop=TERM' TERM
  trap '' INT HUP
  trap : PIPE
  rbc_unit=$1
  rbc_phase_of "$rbc_unit"
  rbc_phase=$REPLY
  rbc_mark_alive unit "$BASHPID"
  if [[ $rbc_unit == */* && $rbc_unit != regions/* ]]; then
    rbc_go_to "${rbc_unit%/*}"
  fi
  rbc_start_limit phase "$rbc_phase"
  if [[ -n ${2-} ]]; then rbc_wind_up; else rbc_work; fi
  REPLY=$?
  printf 'end\t%s\t%s\t.\n' "$rbc_unit" "$REPLY" >&6
  exit
}

rbc_held=99
# The phase itself. Status 99 where it was not begun since another one has failed.
rbc_work() {
  local item begun status=0 outcome='done' title=${rbc_is["$rbc_phase.title"]}
  rbc_ask_points "$rbc_phase" || return
  # One beside it may have failed since this one was started.
  [[ ! -e $rbc_run_dir/tmp/failed ]] || return "$rbc_held"
  rbc_record_safely phase_start "unit=$rbc_unit" "title=$title" || return 1
  [[ -z ${rbc_is["$rbc_phase.irreversible"]-} ]] || rbc_note ⚠ 'irreversible: from here on this run can only go forward'
  rbc_note ⚠ "${rbc_is["$rbc_phase.critical"]-}"
  rbc_note ▶ "PHASE $title"
  rbc_clock
  begun=$REPLY
  for item in $rbc_chosen; do
    [[ -z $rbc_stop ]] || { status=143 && break; }
    case ${rbc_kind["$rbc_phase/$item"]} in
      step) rbc_do_step "$item" ;;
      tell) rbc_do_tell "$item" ;;
      verify) rbc_verify_here ;;
      *) rbc_do_gate "$item" ;;
    esac
    status=$?
    ((status == 0)) || break
  done
  if ((status != 0)); then
    outcome=failed
    [[ $rbc_overrun != plan ]] || status=124
    [[ -z $rbc_stop ]] || { outcome=interrupted && status=143; }
  fi
  rbc_end_phase
}

# Takes the place of a process that was killed: nobody knows how far its step came.
rbc_wind_up() {
  local item line begun='' status=1 attempt outcome=failed title=${rbc_is["$rbc_phase.title"]}
  rm -f "$rbc_run_dir/gates/${rbc_unit//\//@}".*.waiting
  mapfile -t rbc_lines <"$rbc_journal"
  rbc_replay_journal
  for line in "${rbc_lines[@]}"; do
    [[ $line == *"\"unit\":\"$rbc_unit\""* ]] || continue
    case $line in
      *'"event":"phase_start"'*) rbc_field "$line" clock_ms && begun=$((REPLY + rbc_began_clock)) ;;
      *'"event":"step_intent"'*) rbc_field "$line" attempt && attempt=$REPLY ;;
      *) ;;
    esac
  done
  [[ ${rbc_before[$rbc_unit]-} != 'done' ]] || return 0
  [[ -n $begun ]] || return 1
  for item in $rbc_chosen; do
    case ${rbc_before["$rbc_unit/$item"]-} in
      'done' | undoing) rbc_done_steps+=("$item") ;;
      unknown)
        rbc_record step_outcome "unit=$rbc_unit" "step=$item" kind=run "attempt:=$attempt" \
          outcome=interrupted known:=false 'error=its process was killed; how far it came is not known'
        ;;
      *) ;;
    esac
  done
  rbc_end_phase
}

rbc_end_phase() {
  local seconds
  rbc_guarded=1
  if ((status != 0)); then
    { : >"$rbc_run_dir/tmp/failed"; } 2>/dev/null
    rbc_undo
  fi
  for item in ${rbc_ensures[$rbc_phase]}; do
    rbc_ensure_step "$item" || { ((status != 0)) || { outcome=failed && status=1; }; }
  done
  rbc_clock
  seconds=$(((REPLY - begun + 500) / 1000))
  rbc_record_safely phase_end "unit=$rbc_unit" "outcome=$outcome" "seconds:=$seconds" || status=1
  rbc_duration "$seconds"
  case $outcome in
    'done') rbc_note ✓ "PHASE $title ($REPLY)" ;;
    *) rbc_note ✗ "PHASE $title: $outcome after $REPLY" ;;
  esac
  return "$status"
}

rbc_ensure_step() {
  local attempt
  for ((attempt = 1; ; attempt++)); do
    rbc_aftermath "$1" ensure "$attempt" && return 0
    ((attempt <= ${rbc_is["$rbc_phase/$1.retry"]-0})) || return 1
    sleep "${rbc_is["$rbc_phase/$1.every"]-0}"
  done
}
