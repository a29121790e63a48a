# -- Rollback: a run from its first line to its last

rbc_began=0 # seconds since 1970: the decision

rbc_rollback() {
  trap '' HUP TTIN TTOU # a command of the runtime that dies would look like a failure
  trap : PIPE
  if [[ $rbc_mode == resume ]]; then
    rbc_reopen_run
  else
    rbc_begin_run
  fi
  rbc_open_pipes
  rbc_open_screen
  rbc_journal_start
  rbc_note ▶ "${rbc_is["plan.title"]}: run $rbc_run, scenario $rbc_scope"
  rbc_warn_of_needs
  rbc_preflight_points
  if ((rbc_status == 0)); then
    rbc_announce start "the rollback has begun${rbc_reason:+: $rbc_reason}"
    rbc_start_limit plan plan
    if [[ $rbc_mode == forward_fix ]]; then
      rbc_forward_fix "$rbc_crossed" && rbc_status=0
    else
      rbc_start_ready
      rbc_attend all
    fi
  fi
  [[ -z $rbc_blocked ]] || rbc_meet_point "$rbc_blocked"
  rbc_finish
  rbc_close_screen
}

rbc_begin_run() {
  rbc_epoch
  rbc_began=$REPLY
  rbc_clock
  rbc_began_clock=$REPLY
  rbc_preflight || exit "$rbc_status"
  rbc_take_lock
  rbc_look_back
  rbc_make_run_dir
}

# Says what goes on with the last run of this kind, if it was not done.
rbc_look_back() {
  local line first='' last rbc_time='' rbc_{run,run_dir,journal,scenario,from,only,scope} rbc_region=$rbc_region rbc_me=$rbc_me
  [[ $rbc_mode == run ]] && rbc_find_run '' && rbc_enter_run || return 0
  while IFS= read -r line; do
    [[ $line != *'"event":"run_'* ]] || last=$line
    : "${first:=$line}"
  done <"$rbc_journal"
  [[ $first == *'"mode":"run"'*"\"rehearsal\":\"$rbc_rehearsal\""* && $last != *'"run_end","status":'[048],* ]] || return 0
  [[ $first == *"\"${rbc_is["plan.sha256"]}\""* ]] || printf -v rbc_me %q "$rbc_run_dir/rollback.sh"
  rbc_fields "$first" rbc_ time scenario from only region
  rbc_name_scope
  rbc_name_run --resume
  rbc_note ⚠ "the run of $rbc_time ($rbc_scope) was not done; $REPLY goes on with it, this begins anew"
}

rbc_journal_start() {
  local entry event=run_start
  [[ $rbc_mode != resume ]] || event=run_resume
  rbc_open_journal "${#rbc_lines[@]}" "${rbc_last_hash:-$rbc_no_hash}"
  rbc_boot
  rbc_record_safely "$event" "plan=${rbc_is["plan.name"]}" "title=${rbc_is["plan.title"]}" "scenario=$rbc_scenario" \
    "region=$rbc_region" "from=$rbc_from" "only=$rbc_only" "mode=$rbc_mode" "point=$rbc_crossed" \
    "trigger=$( ((rbc_auto)) && echo automatic || echo manual)" "reason=$rbc_reason" "${rbc_trigger[@]}" \
    "rehearsal=$rbc_rehearsal" "user=$(rbc_user)" "host=$rbc_host" "pid:=$$" "folder=${rbc_lock%/.rbc/*}" \
    "artifacts=$RBC_ARTIFACTS" "jobs:=$rbc_jobs" \
    "boot=$REPLY" "began_clock_ms:=$rbc_began_clock" "sets:=${#rbc_sets[@]}" \
    "compiler=${rbc_is["plan.compiler"]}" || rbc_fail 3 'without a journal nothing is begun'
  if [[ $event == run_start ]]; then
    for entry in "${rbc_sets[@]}"; do rbc_record set "name=${entry%%=*}" "value=${entry#*=}"; done
  fi
  [[ -z $rbc_stolen ]] || rbc_record lock_stolen "from=$rbc_stolen"
}

# The points of no return that stand in the way, before anything is touched.
rbc_preflight_points() {
  if [[ $rbc_mode == forward_fix ]]; then
    rbc_may_fix_forward "$rbc_crossed" || rbc_status=3
    return
  fi
  rbc_ask_all_points
  rbc_status=$?
  ((rbc_status != 4)) || rbc_past_point
  rbc_go_to "$rbc_region"
}

# Status as that of rbc_ask_points, in the region where it is so.
rbc_ask_all_points() {
  local region unit phases
  for region in '' "${rbc_regions[@]}"; do
    phases=()
    for unit in "${rbc_units[@]}"; do
      [[ -n ${rbc_work_of[$unit]} && ${rbc_before[$unit]-} != 'done' ]] || continue
      [[ ${unit%"${unit##*/}"} != "${region:+$region/}" ]] || phases+=("${unit##*/}")
    done
    [[ -z $region ]] || rbc_go_to "$region"
    rbc_ask_points "${phases[@]}" || return
  done
}

# On the near side of the point a forward fix would be a change of its own. Where nobody knows, a person
# has decided.
rbc_may_fix_forward() {
  [[ -n ${rbc_is["point.$1.probe"]-} ]] || return 0
  if ! rbc_probe "$1"; then
    rbc_say "$1" ✗ "not crossed, so nothing is fixed forward; roll back: ${0##*/}"
    return 1
  fi
  ((rbc_crossed_surely || ! rbc_auto)) && return
  rbc_say "$1" ✗ 'whether it was crossed is not known; a person has to decide'
  return 1
}

# A phase found its point crossed: it is asked once more.
rbc_meet_point() {
  [[ $1 != */* ]] || rbc_go_to "${1%/*}"
  rbc_ask_points "${1##*/}"
  (($? != 4)) || rbc_past_point
  rbc_status=4
}

# Tells once that the SLA is broken, of the run or a region.
rbc_watch_clock() {
  local region began
  ((rbc_verified)) && return
  rbc_elapsed
  if [[ -z ${rbc_is["plan.per_region"]-} ]]; then
    ((rbc_late || REPLY <= ${rbc_is["plan.sla"]} * 1000)) || rbc_breach
    return
  fi
  for region in "${!rbc_region_began[@]}"; do
    began=${rbc_region_began[$region]}
    [[ $began == over ]] || ((REPLY - began <= ${rbc_is["plan.sla"]} * 1000)) || {
      rbc_region_began[$region]=over
      rbc_breach " in $region"
    }
  done
}
rbc_late=0
rbc_verified=0
declare -A rbc_region_began=() # milliseconds after the decision, or `over`

rbc_breach() {
  rbc_late=1
  rbc_duration "${rbc_is["plan.sla"]}"
  local sla="the SLA of $REPLY is broken${1-}${rbc_is["plan.breach"]:+: ${rbc_is["plan.breach"]}}"
  rbc_note ⚠ "$sla"
  rbc_record sla_breach "sla_seconds:=${rbc_is["plan.sla"]}" "where=${1-}" "action=${rbc_is["plan.breach"]-}"
  rbc_announce sla_breach "$sla"
}

rbc_finish() {
  local outcome seconds size mark=✓ proof=verified
  rbc_clock_time
  seconds=$REPLY
  [[ -n $rbc_stop ]] && rbc_interrupted "$rbc_stop"
  if ((rbc_status == 0 && ! rbc_late && seconds > ${rbc_is["plan.sla"]})); then rbc_breach; fi
  if ((rbc_status == 0 && rbc_late)); then rbc_status=8; fi
  rbc_stop=
  case $rbc_status in
    0) outcome=success ;;
    8) outcome=sla_breach ;;
    130 | 143) outcome=interrupted ;;
    *) outcome=failure ;;
  esac
  [[ $outcome != @(failure|interrupted) ]] || rbc_escalate "$seconds"
  rbc_record_safely run_end "status:=$rbc_status" "outcome=$outcome" "clock_seconds:=$seconds" "verified:=$rbc_proven"
  trap : INT TERM # it is over, and its status stands
  size=$(wc -c <"$rbc_journal")
  rbc_write_documents "$outcome"
  rbc_duration "$seconds"
  if ((rbc_status == 0 || rbc_status == 8)); then
    [[ $rbc_proven == true ]] || mark=⚠ proof='NOT verified'
    rbc_announce success "done in $REPLY, $proof"
    [[ $mark == ✓ ]] || proof+=': this run checked nothing (verify.sh does)'
    ((${#rbc_soft[@]} == 0)) || mark=⚠ proof+=", but what stops nothing has failed (${#rbc_soft[@]}, see report.md)"
    rbc_note "$mark" "DONE in $REPLY on the clock, $proof"
  else
    rbc_announce failure "failed (exit status $rbc_status)${rbc_call_for:+; $rbc_call_for}"
    proof='NOT DONE'
    ((! rbc_fixed)) || proof='NOT ROLLED BACK, but fixed forward'
    rbc_note ✗ "$proof: exit status $rbc_status after $REPLY"
    rbc_name_run --resume
    REPLY="when the cause is mended: $REPLY"
    [[ -e $rbc_journal ]] || REPLY="its folder is gone, so it can't be resumed"
    ((rbc_fixed || rbc_status == 4 && rbc_crossed_surely)) || rbc_note ' ' "$REPLY"
  fi
  rbc_note ' ' "journal, logs and documents: $rbc_run_dir"
  rbc_await_messages
  # Once more where there is news: the messages that did not arrive.
  [[ $(wc -c <"$rbc_journal") == "$size" ]] || rbc_write_documents "$outcome"
  rbc_close_journal
  rm -rf "$rbc_run_dir/tmp"
  rbc_archive
  rbc_drop_lock
}

rbc_proven=false # whether a verification of this run has passed, and none after it failed

# The seconds on the SLA clock: from the decision to the end of the last phase on the clock, or
# with an SLA per region those of the slowest region, from the start of its first phase.
rbc_clock_time() {
  local line region slowest=0 begun=
  local -A starts=() ends=()
  rbc_proven=false
  while IFS= read -r line; do
    case $line in
      *'"event":"phase_'*) ;;
      *'"event":"verification"'*'"outcome":"passed"'*) rbc_proven=true && continue ;;
      *'"event":"verification"'*) rbc_proven=false && continue ;;
      *) continue ;;
    esac
    begun=yes
    rbc_field "$line" unit
    [[ -z ${rbc_is["${REPLY##*/}.off_clock"]-} ]] || continue
    region=run
    if [[ -n ${rbc_is["plan.per_region"]-} && $REPLY != point.* ]]; then
      [[ $REPLY == */* && $REPLY != regions/* ]] || continue
      region=${REPLY%/*}
    fi
    rbc_field "$line" clock_ms
    : "${starts[$region]:=$REPLY}"
    [[ $line == *'"event":"phase_start"'* ]] || ends[$region]=$REPLY
  done <"$rbc_journal"
  starts[run]=0
  for region in "${!ends[@]}"; do
    REPLY=$((ends[$region] - starts[$region]))
    ((REPLY <= slowest)) || slowest=$REPLY
  done
  [[ -n $begun ]] || { rbc_elapsed && slowest=$REPLY; }
  REPLY=$(((slowest + 999) / 1000))
}

rbc_escalate() {
  local rung start end title contacts actions level=0
  for rung in "${rbc_rungs[@]}"; do
    level=$((level + 1))
    IFS=$'\t' read -r start end title contacts actions <<<"${rung//$'\t'/$'\t '}"
    (($1 >= start)) && [[ ${end# } == - || $1 -lt $end ]] || continue
    rbc_call_for="escalation: ${title# }"
    [[ -z ${contacts# } ]] || rbc_call_for+=", call ${contacts# }"
    rbc_note ⚠ "$rbc_call_for"
    rbc_note ' ' "${actions# }"
    rbc_record escalation "level:=$level" "title=${title# }" "contacts=${contacts# }" "actions=${actions# }"
  done
}
