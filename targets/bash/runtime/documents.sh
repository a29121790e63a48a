# -- Documents: what a run leaves, every figure from its journal -------------

declare -A rbc_known=() # what the journal says, by key

rbc_write_documents() {
  local outcome=$1
  rbc_gather
  rbc_write_metrics "$outcome" >"$rbc_run_dir/metrics.json" || true
  rbc_write_report "$outcome" >"$rbc_run_dir/report.md" || true
  case $outcome in
    success | sla_breach) rm -f "$rbc_run_dir/failure.json" ;;
    *) rbc_write_failure >"$rbc_run_dir/failure.json" || true ;;
  esac
  if [[ -n $rbc_rehearsal ]]; then rbc_write_evidence "$outcome" >"$rbc_run_dir/evidence.json" || true; fi
}

# Reads the journal once. Quotes in values are escaped, so that none looks like a key.
rbc_gather() {
  local line event unit
  rbc_known=([attempts]=0 [gates]=0 [operation]=${rbc_is["plan.operation"]} [permit]=${rbc_is["plan.permit"]-})
  rbc_timings=() rbc_noted=()
  rbc_took=()
  while IFS= read -r line; do
    event=${line#*'"event":"'}
    event=${event%%'"'*}
    if [[ $event == step_intent || ($event == step_outcome && $line == *'"outcome":"done"'* && -z ${rbc_known[failed]-}) ]]; then
      continue
    fi
    rbc_field "$line" unit || true
    unit=$REPLY
    case $event in
      run_start)
        for REPLY in time trigger reason metric value threshold user host; do
          rbc_known[$REPLY]=$(rbc_field "$line" "$REPLY" && printf '%s' "$REPLY")
        done
        rbc_known[attempts]=1
        ;;
      run_resume)
        rbc_known[attempts]=$((rbc_known[attempts] + 1))
        rbc_forget_failure
        ;;
      phase_end) rbc_gather_time "$line" "$unit" ;;
      step_outcome) rbc_gather_failure "$line" "$unit" ;;
      gate_decision)
        rbc_known[gates]=$((rbc_known[gates] + 1))
        rbc_gather_gate "$line" "$unit"
        ;;
      check) rbc_gather_check "$line" ;;
      sla_breach | escalation) rbc_noted+=("$line") ;;
      notification) [[ $line != *'"outcome":"failed"'* ]] || rbc_noted+=("$line") ;;
      verification) rbc_gather_verification "$line" "$unit" ;;
      run_end)
        rbc_field "$line" clock_seconds && rbc_known[seconds]=$REPLY
        rbc_field "$line" time && rbc_known[ended]=$REPLY
        ;;
      *) ;;
    esac
  done <"$rbc_journal"
}
rbc_noted=()           # the lines about a broken SLA, escalation, and whom a message did not reach
rbc_timings=()         # units in the order in which they ended first
declare -A rbc_took=() # the seconds of their last end

rbc_gather_time() {
  rbc_field "$1" seconds || return 0
  [[ $2 != regions/* ]] || return 0
  [[ -n ${rbc_took[$2]-} ]] || rbc_timings+=("$2")
  rbc_took[$2]=$REPLY
}

# The failure that made the run fail is the first one that nothing mended: an ensure step that
# fails after it is a consequence, and a later attempt that succeeds takes it back.
rbc_gather_failure() {
  local phase step kind=run outcome log=log/${2//\//@}
  rbc_phase_of "$2"
  phase=$REPLY
  rbc_fields "$1" '' outcome kind step
  if [[ $outcome == 'done' || $outcome == already ]]; then
    [[ ${rbc_known[failed]-} != "$2/$step" ]] || rbc_forget_failure
    return 0
  fi
  [[ $outcome == failed || $outcome == timed_out || $outcome == interrupted ]] || return 0
  [[ -z ${rbc_is["$phase/$step.continue"]-} ]] || return 0
  log+=.$step
  [[ $kind == run ]] || log+=.$kind
  rbc_field "$1" error || true
  rbc_blame "$2/$step" "$phase" "${rbc_is["$phase/$step.title"]-$step}" "${REPLY:-$outcome}" "$log.log"
}

# rbc_blame WHAT PHASE STEP ERROR [LOG]: the first one counts.
rbc_blame() {
  [[ -z ${rbc_known[failed]-} ]] || return 0
  rbc_known[failed]=$1
  rbc_known[failed_phase]=${rbc_is["$2.title"]-$2}
  rbc_known[failed_step]=$3
  rbc_known[error]=$4
  rbc_known[failed_log]=${5-}
}

rbc_gather_gate() {
  local decision gate
  rbc_fields "$1" '' decision gate
  [[ $decision != approved && $decision != continued ]] || return 0
  rbc_field "$1" who && decision+="${REPLY:+ by $REPLY}"
  rbc_phase_of "$2"
  rbc_blame "$2/$gate" "$REPLY" "${rbc_is["$REPLY/$gate.title"]-$gate}" "${decision/timed_out/nobody answered in time}"
}

rbc_gather_check() {
  local title
  [[ $1 == *'"outcome":"failed"'* ]] || return 0
  rbc_field "$1" title && title=$REPLY
  rbc_field "$1" found || true
  rbc_known[checks_failed]+="${rbc_known[checks_failed]:+; }$title${REPLY:+: $REPLY}"
}

rbc_gather_verification() {
  rbc_field "$1" outcome && rbc_known[verification]=$REPLY
  rbc_phase_of "$2"
  if [[ ${rbc_known[verification]} == failed ]]; then
    rbc_blame "$2/verification" "$REPLY" Verification "${rbc_known[checks_failed]-}" "log/${2//\//@}.verification.log"
  elif [[ ${rbc_known[failed]-} == "$2/verification" ]]; then
    rbc_forget_failure
  fi
  rbc_known[checks_failed]=
}

rbc_forget_failure() {
  unset 'rbc_known[failed]' 'rbc_known[failed_step]' 'rbc_known[failed_phase]' 'rbc_known[failed_log]' 'rbc_known[error]'
}

# `"key": "value"` with a value of rbc_known, or null.
rbc_pair() {
  if [[ -n ${rbc_known[$2]-} ]]; then
    rbc_json "${rbc_known[$2]}"
  else
    REPLY=null
  fi
  printf '%s"%s": %s%s\n' "$3" "$1" "$REPLY" "${4-,}"
}

rbc_number() {
  REPLY=null
  [[ ! ${rbc_known[$2]-} =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || REPLY=${rbc_known[$2]}
  printf '%s"%s": %s%s\n' "$3" "$1" "$REPLY" "${4-,}"
}

rbc_write_metrics() {
  local sla=${rbc_is["plan.sla"]} seconds=${rbc_known[seconds]-0} good=false met verified=null i comma=,
  [[ $1 != success && $1 != sla_breach ]] || good=true
  met=false
  ((seconds > sla)) || met=$good
  case ${rbc_known[verification]-} in passed) verified=true ;; failed) verified=false ;; *) ;; esac
  printf '{\n  "rollback_metrics": {\n'
  rbc_pair operation_id operation '    '
  rbc_pair permit_id permit '    '
  printf '    "rollback_execution": {\n'
  rbc_pair triggered_at time '      '
  rbc_pair trigger_type trigger '      '
  rbc_pair trigger_reason reason '      '
  rbc_number trigger_value value '      '
  rbc_number trigger_threshold threshold '      '
  rbc_pair completed_at ended '      '
  printf '      "total_duration_seconds": %s,\n      "sla_seconds": %s,\n      "sla_met": %s,\n      "sla_buffer_seconds": %s\n    },\n' \
    "$seconds" "$sla" "$met" "$((sla - seconds))"
  printf '    "phase_timings": {\n'
  for ((i = 0; i < ${#rbc_timings[@]}; i++)); do
    ((i + 1 < ${#rbc_timings[@]})) || comma=
    printf '      "%s": %s%s\n' "${rbc_timings[i]}" "${rbc_took[${rbc_timings[i]}]}" "$comma"
  done
  printf '    },\n    "rollback_success": {\n      "success": %s,\n      "attempts": %s,\n      "verification_passed": %s,\n      "all_services_healthy": %s\n    },\n' \
    "$good" "${rbc_known[attempts]}" "$verified" "$verified"
  printf '    "impact_metrics": {\n      "downtime_seconds": null,\n      "affected_requests": null,\n      "failed_requests": null,\n      "customer_impact": null,\n      "revenue_impact_usd": null\n    },\n'
  printf '    "quality_metrics": {\n      "rollback_tested_before": %s,\n      "automated_rollback": %s,\n      "manual_intervention_required": %s,\n      "rollback_documentation_followed": null,\n      "rollback_plan_accuracy": null\n    }\n  }\n}\n' \
    "${rbc_is["plan.tested"]-false}" "$([[ ${rbc_known[trigger]-} == automatic ]] && echo true || echo false)" \
    "$( ((rbc_known[gates] > 0 || rbc_known[attempts] > 1)) && echo true || echo false)"
}

rbc_write_failure() {
  printf '{\n  "rollback_failure": {\n'
  rbc_pair operation_id operation '    '
  rbc_pair permit_id permit '    '
  rbc_pair rollback_attempted_at time '    '
  rbc_pair rollback_failed_at ended '    '
  rbc_known[why]=$(rbc_status_words "$rbc_status")
  case $rbc_status in
    6 | 7) rbc_known[why]+=${rbc_known[error]:+: ${rbc_known[error]}} ;;
    4 | 124 | 130 | 143) ;;
    *) rbc_known[why]=${rbc_known[error]:-${rbc_known[why]}} ;;
  esac
  rbc_pair failure_reason why '    '
  printf '    "failure_details": {\n'
  rbc_pair phase failed_phase '      '
  rbc_pair step failed_step '      '
  rbc_pair error_message error '      '
  rbc_pair logs failed_log '      ' ''
  printf '    },\n    "escalation_timeline": ['
  rbc_write_escalation
  printf '],\n    "resolution": {\n      "approach": null,\n      "description": null,\n      "resolved_at": null,\n      "total_incident_duration_minutes": null\n    },\n    "lessons_learned": []\n  }\n}\n'
}

rbc_write_escalation() {
  local line comma='' level time action title
  for line in "${rbc_noted[@]}"; do
    [[ $line == *'"event":"escalation"'* ]] || continue
    rbc_field "$line" level && level=$REPLY
    rbc_field "$line" time && rbc_json "$REPLY" && time=$REPLY
    rbc_field "$line" title && rbc_json "$REPLY" && title=$REPLY
    rbc_field "$line" contacts
    rbc_json "told the terminal and the channels${REPLY:+ to call $REPLY}" && action=$REPLY
    printf '%s\n      {"level": %s, "timestamp": %s, "title": %s, "action": %s, "outcome": null}' "$comma" "$level" "$time" "$title" "$action"
    comma=,
  done
}

rbc_status_words() {
  case $1 in
    4) printf 'past the point of no return' ;;
    6) printf 'a gate was denied or nobody answered' ;;
    7) printf 'verification failed' ;;
    124) printf 'the time limit of the plan' ;;
    130 | 143) printf 'interrupted' ;;
    *) printf 'a step failed' ;;
  esac
}

# A text as inert Markdown on one line, in a paragraph, heading or table.
rbc_md() {
  local char
  REPLY=${1//[[:space:]]/ }
  REPLY=${REPLY//[[:cntrl:]]/?}
  for char in "\\" '`' '*' '[' ']' '<' '>' '|' '$' '~' '&' '#'; do
    REPLY=${REPLY//"$char"/"\\$char"}
  done
  # Underscores inside of words mean nothing, and names have to be readable in the source.
  if [[ $REPLY =~ (^|[^[:alnum:]])_|_($|[^[:alnum:]]) ]]; then REPLY=${REPLY//_/"\\_"}; fi
}

# `- **NAME**: value`, escaped: rbc_md_line NAME VALUE [AFTER]
rbc_md_line() {
  rbc_md "$2"
  printf -- '- **%s**: %s%s\n' "$1" "$REPLY" "${3-}"
}

rbc_write_report() {
  local entry outcome=Failed sla
  case $1 in success) outcome=Successful ;; sla_breach) outcome='Successful, SLA breached' ;; *) ;; esac
  rbc_md "${rbc_is["plan.title"]}"
  printf '# Rollback Report: %s\n\n## Executive Summary\n' "$REPLY"
  rbc_md_line Operation "${rbc_is["plan.operation"]}"
  rbc_md_line 'Rollback Triggered' "${rbc_known[time]-}"
  rbc_md_line 'Rollback Completed' "${rbc_known[ended]-}"
  rbc_duration "${rbc_is["plan.sla"]}"
  sla=$REPLY
  rbc_duration "${rbc_known[seconds]-0}"
  rbc_md_line Duration "$REPLY" " (SLA: $sla)"
  rbc_md_line Outcome "$outcome"
  printf -- '- **Customer Impact**: _to be filled in_\n'
  rbc_md_line Verification "${rbc_known[verification]:-not made in this run}"
  printf '\n## Trigger Analysis\n'
  rbc_md_line 'Trigger Type' "${rbc_known[trigger]-}"
  rbc_md_line Reason "${rbc_known[reason]:-started by ${rbc_known[user]-a person}}"
  [[ -z ${rbc_known[metric]-} ]] || rbc_md_line Metric "${rbc_known[metric]} = ${rbc_known[value]-} (threshold: ${rbc_known[threshold]-})"
  printf -- '- **Detection**: _to be filled in_\n'
  printf '\n## Rollback Execution\n'
  rbc_md_line Method "rollback.sh, compiled from the plan ${rbc_is["plan.name"]}"
  rbc_md_line Run "$rbc_run on ${rbc_known[host]-}"
  rbc_md_line Scenario "$rbc_scenario"
  rbc_md_line Attempts "${rbc_known[attempts]}"
  rbc_md_line 'Manual Intervention' "${rbc_known[gates]} decisions at gates"
  local buffer=$((${rbc_is["plan.sla"]} - ${rbc_known[seconds]-0})) kept=Yes
  ((buffer >= 0)) || kept=No
  kept+=" (${buffer}s of buffer)"
  [[ $outcome != Failed ]] || kept="No: the rollback is not done (it ended with ${buffer}s of the SLA left)"
  ((buffer >= 0)) || [[ $outcome != Failed ]] || kept="No: the rollback is not done ($((-buffer))s over)"
  rbc_md_line 'SLA Compliance' "$kept"
  printf '\n| Phase | Seconds |\n|---|---|\n'
  for entry in "${rbc_timings[@]}"; do
    rbc_md "$entry"
    printf '| %s | %s |\n' "$REPLY" "${rbc_took[$entry]}"
  done
  rbc_report_notes
  if [[ $outcome == Failed && -n ${rbc_known[error]-} ]]; then
    printf '\n## Failure\n'
    rbc_md_line Phase "${rbc_known[failed_phase]-}"
    rbc_md_line Step "${rbc_known[failed_step]-}"
    rbc_md_line Error "${rbc_known[error]}"
    rbc_md_line Log "${rbc_known[failed_log]-}"
  fi
  printf '\n## Impact Assessment\n'
  for entry in Downtime 'Affected Requests' 'Failed Requests' 'Customer Complaints' 'Revenue Impact'; do
    printf -- '- **%s**: _to be filled in_\n' "$entry"
  done
  printf '\n## Root Cause\n_to be filled in_\n\n## Prevention Measures\n_to be filled in_\n\n## Lessons Learned\n_to be filled in_\n\n## Follow-up Actions\n'
  [[ -z ${rbc_known[breach]-} ]] || { rbc_md "${rbc_known[breach]}" && printf -- '- [ ] %s\n' "$REPLY"; }
  printf -- '- [ ] _to be filled in_\n'
}

# What went wrong beside the steps: the SLA, and messages that did not arrive.
rbc_report_notes() {
  local line channel about
  for line in "${rbc_noted[@]}"; do
    case $line in
      *'"event":"sla_breach"'*)
        rbc_field "$line" action && rbc_known[breach]=$REPLY
        rbc_field "$line" where && rbc_known[where]=$REPLY
        rbc_field "$line" time
        printf '\n## SLA Breach\n'
        rbc_md_line Broken "$REPLY${rbc_known[where]}"
        rbc_md_line 'What it asks for' "${rbc_known[breach]:-nothing that the level names}"
        ;;
      *'"event":"notification"'*)
        rbc_fields "$line" '' channel about
        rbc_field "$line" error
        [[ -n ${rbc_known[untold]-} ]] || printf '\n## Messages that did not arrive\n'
        rbc_known[untold]=yes
        rbc_md_line "$channel" "$about: $REPLY"
        ;;
      *) ;;
    esac
  done
}

# What a rehearsal proves: which plan was run where, when, how long, with what result.
rbc_write_evidence() {
  rbc_known[environment]=$rbc_rehearsal rbc_known[plan]=${rbc_is["plan.name"]} rbc_known[outcome]=$1
  rbc_known[sha256]=${rbc_is["plan.sha256"]}
  printf '{\n'
  rbc_known[scenario]=$rbc_scenario rbc_known[only]=$rbc_only rbc_known[from]=$rbc_from rbc_known[region]=$rbc_region
  rbc_pair plan plan '  '
  rbc_pair plan_sha256 sha256 '  '
  for REPLY in environment scenario only from region outcome; do rbc_pair "$REPLY" "$REPLY" '  '; done
  rbc_pair started_at time '  '
  rbc_pair ended_at ended '  '
  rbc_number seconds seconds '  ' ''
  printf '}\n'
}
