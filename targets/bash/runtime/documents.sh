# -- Documents: what a run leaves, every figure from its journal

declare -A rbc_known=() # what the journal says, by key

rbc_write_documents() {
  rbc_gather
  rbc_write_metrics "$1" >"$rbc_run_dir/metrics.json"
  rbc_write_report "$1" >"$rbc_run_dir/report.md"
  case $1 in
    success | sla_breach) rm -f "$rbc_run_dir/failure.json" ;;
    *) rbc_write_failure >"$rbc_run_dir/failure.json" ;;
  esac
  [[ -z $rbc_rehearsal ]] || rbc_write_evidence "$1" >"$rbc_run_dir/evidence.json"
}

# Reads the journal once. Quotes in values are escaped: none looks like a key. What made the run fail is
# the first failure that nothing mended.
rbc_gather() {
  local line event unit phase name step kind outcome error gate decision title found blamed=()
  rbc_known=([attempts]=0 [gates]=0 [time]='' [trigger]='' [ended]=''
    [operation]=${rbc_is["plan.operation"]} [permit]=${rbc_is["plan.permit"]-})
  rbc_timings=() rbc_noted=() rbc_took=()
  while IFS= read -r line; do
    event=${line#*'"event":"'}
    event=${event%%'"'*}
    if [[ $event == step_intent || ($event == step_outcome && $line == *'"outcome":"done"'* && ${#blamed[@]} == 0) ]]; then
      continue
    fi
    rbc_field "$line" unit
    unit=$REPLY
    rbc_phase_of "$unit"
    phase=$REPLY
    case $event in
      run_start)
        for name in time trigger reason metric value threshold user host; do
          rbc_field "$line" "$name"
          rbc_known[$name]=$REPLY
        done
        rbc_known[attempts]=1
        ;;
      run_resume)
        rbc_known[attempts]=$((rbc_known[attempts] + 1))
        for name in "${!blamed[@]}"; do [[ ${blamed[name]} == *soft ]] || unset "blamed[name]"; done
        ;;
      phase_end)
        if [[ $unit != regions/* ]] && rbc_field "$line" seconds; then
          [[ -n ${rbc_took[$unit]-} ]] || rbc_timings+=("$unit")
          rbc_took[$unit]=$REPLY
        fi
        ;;
      step_outcome)
        rbc_fields "$line" '' step kind outcome error
        kind=.$kind
        case $outcome in
          'done' | already) rbc_mend "$step" ;;
          failed | timed_out | interrupted)
            rbc_blame "$step" "${error:-$outcome}" "$step${kind%.run}" "${rbc_is["$phase/$step.title"]}" ${rbc_is["$phase/$step.continue"]:+soft}
            ;;
          *) ;;
        esac
        ;;
      gate_decision)
        rbc_fields "$line" '' decision gate error
        [[ $decision != @(approved|denied) ]] || rbc_known[gates]=$((rbc_known[gates] + 1))
        [[ -z $error ]] || rbc_blame "$gate" "$error"
        ;;
      check)
        rbc_fields "$line" '' title found outcome
        rbc_mend "check $title"
        [[ $outcome != warned ]] || rbc_blame "check $title" "$found" '' "$title" soft
        [[ $outcome != failed ]] || rbc_known[checks_failed]+="${rbc_known[checks_failed]:+; }$title${found:+: $found}"
        ;;
      sla_breach | escalation) rbc_noted+=("$line") ;;
      notification) [[ $line != *'"outcome":"failed"'* ]] || rbc_noted+=("$line") ;;
      verification)
        rbc_field "$line" outcome && rbc_known[verification]=$REPLY
        if [[ $REPLY == failed ]]; then
          rbc_blame verification "${rbc_known[checks_failed]-}" verification Verification
        else
          rbc_mend verification
        fi
        rbc_known[checks_failed]=
        ;;
      run_end)
        rbc_field "$line" clock_seconds && rbc_known[seconds]=$REPLY
        rbc_field "$line" time && rbc_known[ended]=$REPLY
        ;;
      *) ;;
    esac
  done <"$rbc_journal"
  rbc_soft=()
  for line in "${blamed[@]}"; do
    if [[ $line == *soft ]]; then
      IFS=$'\x1f' read -r _ _ title error _ <<<"${line//$'\n'/ }"
      rbc_soft+=("$title${error:+: $error}")
    elif [[ -z ${rbc_known[failed]-} ]]; then
      IFS=$'\x1f' read -r -d '' 'rbc_known['{failed{,_phase,_step},error,failed_log}']' _ <<<"$line"
    fi
  done
}
rbc_noted=()           # the lines about a broken SLA, escalation, and whom a message did not reach
rbc_soft=()            # what failed where the plan says to go on, or warned
rbc_timings=()         # units in the order in which they ended first
declare -A rbc_took=() # the seconds of their last end

# rbc_blame STEP ERROR [LOG [TITLE [soft]]], for the unit that is looked at.
rbc_blame() {
  [[ -z ${5-} ]] || rbc_mend "$1"
  printf -v REPLY '%s\x1f' "$unit/$1" "${rbc_is["$phase.title"]-$phase}" "${4:-${rbc_is["$phase/$1.title"]-$1}}" \
    "$2" "${3:+log/${unit//\//@}.$3.log}"
  blamed+=("$REPLY${5-}")
}

rbc_mend() {
  for REPLY in "${!blamed[@]}"; do
    [[ ${blamed[REPLY]} != "$unit/$1"$'\x1f'* ]] || unset "blamed[REPLY]"
  done
}

# A table as JSON: lines `NAME KEY` for what is known by that key (else by NAME) as a text, or null;
# `NAME =X` where that, or X itself, is JSON already; `NAME {` and `}` around others.
rbc_write_json() {
  local name value space='  ' comma='' literal='^(-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?|true|false|\[.*\])$'
  printf '{'
  while read -r name value; do
    if [[ $name == '}' ]]; then
      space=${space#  } comma=,
      printf '\n%s}' "$space"
      continue
    fi
    : "${value:=$name}"
    REPLY=${rbc_known[${value#=}]-}
    case $value in
      '{') REPLY='{' ;;
      =*)
        : "${REPLY:=${value#=}}"
        [[ $REPLY =~ $literal ]] || REPLY=null
        ;;
      *) if [[ -n $REPLY ]]; then rbc_json "$REPLY"; else REPLY=null; fi ;;
    esac
    printf '%s\n%s"%s": %s' "$comma" "$space" "$name" "$REPLY"
    comma=,
    [[ $value != '{' ]] || space+='  ' comma=
  done < <(printf '%s\n' "$1")
  printf '\n}\n'
}

rbc_write_metrics() {
  local sla=${rbc_is["plan.sla"]} seconds=${rbc_known[seconds]-0} good=false met=false verified=null healthy='' timings='' unit
  local automatic=false by_hand=false
  [[ $1 != success && $1 != sla_breach ]] || good=true
  ((seconds > sla)) || met=$good
  case ${rbc_known[verification]-} in passed) verified=true ;; failed) verified=false ;; *) ;; esac
  [[ ${rbc_known[trigger]-} != automatic ]] || automatic=true
  ((rbc_known[gates] == 0 && rbc_known[attempts] <= 1)) || by_hand=true
  [[ $verified != true ]] || ((${#rbc_soft[@]} == 0)) || healthy=false
  for unit in "${rbc_timings[@]}"; do timings+=$'\n'"$unit =${rbc_took[$unit]}"; done
  rbc_write_json "rollback_metrics {
operation_id operation
permit_id permit
rollback_execution {
  triggered_at time
  trigger_type trigger
  trigger_reason reason
  trigger_value =value
  trigger_threshold =threshold
  completed_at ended
  total_duration_seconds =$seconds
  sla_seconds =$sla
  sla_met =$met
  sla_buffer_seconds =$((sla - seconds))
}
phase_timings {$timings
}
rollback_success {
  success =$good
  attempts =attempts
  verification_passed =$verified
  all_services_healthy =${healthy:-$verified}
}
impact_metrics {
  downtime_seconds
  affected_requests
  failed_requests
  customer_impact
  revenue_impact_usd
}
quality_metrics {
  rollback_tested_before =${rbc_is["plan.tested"]-false}
  automated_rollback =$automatic
  manual_intervention_required =$by_hand
  rollback_documentation_followed
  rollback_plan_accuracy
}
}"
}

rbc_write_failure() {
  local line level time title contacts fields told=''
  rbc_status_words
  rbc_known[why]=$REPLY
  case $rbc_status in
    6 | 7) rbc_known[why]+=${rbc_known[error]:+: ${rbc_known[error]}} ;;
    4 | 124 | 130 | 143) ;;
    *) rbc_known[why]=${rbc_known[error]:-${rbc_known[why]}} ;;
  esac
  for line in "${rbc_noted[@]}"; do
    [[ $line == *'"event":"escalation"'* ]] || continue
    contacts='' fields=''
    rbc_fields "$line" '' level time title contacts
    rbc_json_fields timestamp "$time" title "$title" action "told the terminal and the channels${contacts:+ to call $contacts}"
    told+=,$'\n'"      {\"level\":$level$fields,\"outcome\":null}"
  done
  rbc_known[told]="[${told#,}]"
  rbc_write_json 'rollback_failure {
  operation_id operation
  permit_id permit
  rollback_attempted_at time
  rollback_failed_at ended
  failure_reason why
  failure_details {
    phase failed_phase
    step failed_step
    error_message error
    logs failed_log
  }
  escalation_timeline =told
  resolution {
    approach
    description
    resolved_at
    total_incident_duration_minutes
  }
  lessons_learned =[]
}'
}

rbc_write_evidence() {
  rbc_known+=([environment]=$rbc_rehearsal [plan]=${rbc_is["plan.name"]} [sha256]=${rbc_is["plan.sha256"]}
    [scenario]=$rbc_scenario [only]=$rbc_only [from]=$rbc_from [region]=$rbc_region [outcome]=$1)
  rbc_write_json 'plan
plan_sha256 sha256
environment
scenario
only
from
region
outcome
started_at time
ended_at ended
seconds =seconds'
}

rbc_status_words() {
  case $rbc_status in
    4) REPLY='past the point of no return' ;;
    6) REPLY='a gate was denied or nobody answered' ;;
    7) REPLY='verification failed' ;;
    124) REPLY='the time limit of the plan' ;;
    130 | 143) REPLY='interrupted' ;;
    *) REPLY='a step failed' ;;
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
  # Underscores inside words mean nothing, and names are to be readable.
  if [[ $REPLY =~ (^|[^[:alnum:]])_|_($|[^[:alnum:]]) ]]; then REPLY=${REPLY//_/"\\_"}; fi
}

# `- **NAME**: value`, escaped: rbc_md_line NAME VALUE
rbc_md_line() {
  rbc_md "$2"
  printf -- '- **%s**: %s\n' "$1" "$REPLY"
}

# A table as Markdown: `KEY NAME` for what is known, `- [NAME]` for a person to fill in.
rbc_write_md() {
  local key name
  while read -r key name; do
    case $key in
      '' | [#\|]*) printf '%s\n' "$key${name:+ $name}" ;;
      -) printf '%s_to be filled in_\n' "${name:+- **$name**: }" ;;
      *) [[ -z ${rbc_known[$key]+x} ]] || rbc_md_line "$name" "${rbc_known[$key]}" ;;
    esac
  done < <(printf '%s\n' "$1")
}

rbc_write_report() {
  local unit outcome=Failed sla kept seconds=${rbc_known[seconds]-0} buffer=${rbc_is["plan.sla"]}
  case $1 in success) outcome=Successful ;; sla_breach) outcome='Successful, SLA breached' ;; *) ;; esac
  rbc_duration "$buffer"
  sla=$REPLY buffer=$((buffer - seconds))
  case $outcome/$buffer in
    Failed/-*) kept="No: the rollback is not done (${buffer#-}s over)" ;;
    Failed/*) kept="No: the rollback is not done (it ended with ${buffer}s of the SLA left)" ;;
    */-*) kept="No (${buffer}s of buffer)" ;;
    *) kept="Yes (${buffer}s of buffer)" ;;
  esac
  [[ -z ${rbc_known[metric]-} ]] || rbc_known[sample]="${rbc_known[metric]} = ${rbc_known[value]} (threshold: ${rbc_known[threshold]})"
  rbc_duration "$seconds"
  rbc_known+=([outcome]=$outcome [duration]="$REPLY (SLA: $sla)" [verified]=${rbc_known[verification]:-not made in this run}
    [cause]=${rbc_known[reason]:-started by ${rbc_known[user]-a person}} [kept]=$kept [scenario]=$rbc_scope
    [method]="rollback.sh, compiled from the plan ${rbc_is["plan.name"]}" [run]="$rbc_run on ${rbc_known[host]-}"
    [decisions]="${rbc_known[gates]} decisions at gates")
  rbc_md "${rbc_is["plan.title"]}"
  printf '# Rollback Report: %s\n' "$REPLY"
  rbc_write_md '
## Executive Summary
operation Operation
time Rollback Triggered
ended Rollback Completed
duration Duration
outcome Outcome
- Customer Impact
verified Verification

## Trigger Analysis
trigger Trigger Type
cause Reason
sample Metric
- Detection

## Rollback Execution
method Method
run Run
scenario Scenario
attempts Attempts
decisions Manual Intervention
kept SLA Compliance

| Phase | Seconds |
|---|---|'
  for unit in "${rbc_timings[@]}"; do
    rbc_md "$unit"
    printf '| %s | %s |\n' "$REPLY" "${rbc_took[$unit]}"
  done
  rbc_report_notes
  [[ $outcome != Failed || -z ${rbc_known[error]-} ]] || rbc_write_md '
## Failure
failed_phase Phase
failed_step Step
error Error
failed_log Log'
  rbc_write_md '
## Impact Assessment
- Downtime
- Affected Requests
- Failed Requests
- Customer Complaints
- Revenue Impact

## Root Cause
-

## Prevention Measures
-

## Lessons Learned
-

## Follow-up Actions'
  [[ -z ${rbc_known[breach]-} ]] || { rbc_md "${rbc_known[breach]}" && printf -- '- [ ] %s\n' "$REPLY"; }
  printf -- '- [ ] _to be filled in_\n'
}

# What went wrong beside the steps: the SLA, and messages that did not arrive.
rbc_report_notes() {
  local line event action where time channel about error told=''
  ((${#rbc_soft[@]} == 0)) || printf '\n## What failed and stopped nothing\n'
  for line in "${rbc_soft[@]}"; do rbc_md "$line" && printf -- '- %s\n' "$REPLY"; done
  for line in "${rbc_noted[@]}"; do
    rbc_fields "$line" '' event action where time channel about error
    case $event in
      sla_breach)
        rbc_known[breach]=$action
        printf '\n## SLA Breach\n'
        rbc_md_line Broken "$time$where"
        rbc_md_line 'What it asks for' "${action:-nothing that the level names}"
        ;;
      notification)
        [[ -n $told ]] || printf '\n## Messages that did not arrive\n'
        told=yes
        rbc_md_line "$channel" "$about: $error"
        ;;
      *) ;;
    esac
  done
}
