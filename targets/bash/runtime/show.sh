# -- Show: what would be done, and what is being done

# --dry-run: reads nothing, asks nothing, tells nobody, writes no file.
rbc_dry_run() {
  rbc_tell "DRY RUN of ${rbc_is["plan.title"]}: nothing is run, asked or written."
  case $rbc_role in
    rollback) rbc_show_run ;;
    capture)
      rbc_show_phase capture "${rbc_items[capture]}"
      rbc_show_baselines
      ;;
    verify) rbc_show_verification ;;
    *) rbc_show_triggers ;;
  esac
}

rbc_show_run() {
  local unit point
  rbc_tell "Plan ${rbc_is["plan.name"]}, operation ${rbc_is["plan.operation"]}, scenario $rbc_scope"
  rbc_duration "${rbc_is["plan.sla"]}"
  rbc_tell "SLA $REPLY; planned for the whole rollback: ${rbc_is["plan.time"]}"
  rbc_show_values
  for unit in "${rbc_units[@]}"; do
    [[ -n ${rbc_work_of[$unit]} ]] || continue
    rbc_show_phase "$unit" "${rbc_work_of[$unit]}"
  done
  for point in "${rbc_points[@]}"; do
    rbc_tell ''
    rbc_tell "POINT OF NO RETURN $point: ${rbc_is["point.$point.title"]}"
    rbc_tell "  past it these phases are not run: ${rbc_is["point.$point.blocks"]:-none}"
    [[ -z ${rbc_is["point.$point.probe"]-} ]] || rbc_show_shell 'it is crossed when this ends with 0:' "probe.$point"
  done
}

rbc_show_values() {
  local name value
  for name in "${rbc_declared[@]}"; do
    value=${rbc_value[$name]-}
    [[ -z ${rbc_is["secret.$name.here"]-} ]] || value='***'
    [[ " ${rbc_missing_secrets[*]} " != *" $name "* ]] || value='(a secret that is not set)'
    value=${value//$'\t'/?}
    rbc_tell "  \$$name = $value"
  done
}

rbc_show_phase() {
  local unit=$1 phase=${1##*/} item key after=${rbc_follows[$1]-}
  rbc_tell ''
  rbc_ms "${rbc_is["$phase.budget"]-0}"
  rbc_duration "$(((REPLY + 999) / 1000))"
  rbc_tell "PHASE $unit: ${rbc_is["$phase.title"]} (budget $REPLY)${after:+, after: ${after# }}"
  [[ -z ${rbc_is["$phase.critical"]-} ]] || rbc_tell "  ⚠ ${rbc_is["$phase.critical"]}"
  for item in $2 ${rbc_ensures[$phase]-}; do
    key=$phase/$item
    [[ $unit != regions/* ]] || key=regions/$item
    case ${rbc_kind[$key]} in
      step) rbc_show_step "$key" STEP ;;
      tell) rbc_tell "  TELLS ${rbc_is["$key.notify"]}: ${rbc_is["$key.title"]}" ;;
      ensure) rbc_show_step "$key" 'ENSURE, always' ;;
      gate) rbc_show_decision "$key" GATE ;;
      manual) rbc_show_decision "$key" MANUAL ;;
      *) rbc_show_verification ;;
    esac
  done
}

rbc_show_decision() {
  local line
  rbc_tell "  $2 ${rbc_is["$1.title"]}${rbc_is["$1.approvers"]:+ (${rbc_is["$1.approvers"]})}"
  while IFS= read -r line; do
    [[ -z $line ]] || rbc_tell "      $line"
  done <<<"${rbc_is["$1.note"]-}"
  [[ -z ${rbc_is["$1.otherwise"]-} ]] || rbc_tell "      ${rbc_is["$1.otherwise"]}"
}

rbc_show_step() {
  local key=$1 piece=${1/\//.} limit
  rbc_limit_of "$key"
  rbc_duration "$(((REPLY + 999) / 1000))"
  limit="limit $REPLY"
  ((${rbc_is["$key.retry"]-0} == 0)) || limit+=", up to $((${rbc_is["$key.retry"]} + 1)) attempts"
  rbc_tell "  $2 ${rbc_is["$key.title"]} ($limit)"
  [[ -z ${rbc_is["$key.critical"]-} ]] || rbc_tell "      ⚠ ${rbc_is["$key.critical"]}"
  [[ -z ${rbc_is["$key.done_when"]-} ]] || rbc_show_shell 'is left out when this ends with 0:' "done.$piece"
  rbc_show_shell "${rbc_is["$key.done_when"]:+else this is run:}" "step.$piece"
  rbc_show_expectations "$key" "expect.$piece" 'then this must hold (' ')'
  [[ -z ${rbc_is["$key.undo"]-} ]] || rbc_show_shell 'if a later step of this phase fails:' "undo.$piece"
}

# rbc_show_expectations KEY PIECE BEFORE BEHIND: each with what it asks for, `succeeds` or `equals 5`.
rbc_show_expectations() {
  local at number
  for ((number = 1; number <= ${rbc_is["$1.expectations"]-0}; number++)); do
    at=$1.$number
    rbc_show_shell "$3${rbc_is["$at.matcher"]}${rbc_is["$at.value"]:+ ${rbc_is["$at.value"]}}$4:" "$2.$number"
  done
}

rbc_show_shell() {
  local line first=1
  [[ -z $1 ]] || rbc_tell "      $1"
  while IFS= read -r line; do
    ((first)) || [[ $line == [{}]* ]] || rbc_tell "      ${line/#    /  }"
    first=0
  done < <(declare -f "$2")
}

rbc_show_verification() {
  local key
  rbc_tell "  VERIFICATION"
  for key in "${rbc_checks[@]}"; do
    if [[ " ${rbc_is["scenario.$rbc_scenario.skips"]-} " == *" ${rbc_is["$key.name"]} "* ]]; then
      rbc_tell "    ○ ${rbc_is["$key.title"]}: left out in this scenario"
      continue
    fi
    rbc_tell "    ${rbc_is["$key.title"]}${rbc_is["$key.warn"]:+ (warns only)}"
    rbc_show_expectations "$key" "$key" '' ''
  done
  for key in "${rbc_bounds[@]}"; do
    rbc_tell "    ${rbc_is["$key.metric"]} ${rbc_is["$key.comparison"]} ${rbc_is["$key.written"]}${rbc_is["$key.terms"]-}"
  done
  for key in "${rbc_confirms[@]}"; do rbc_tell "    ☐ $key"; done
}

rbc_list() {
  local name
  rbc_tell 'PHASES (for --from, --only)'
  for name in "${rbc_phases[@]}"; do rbc_list_row "$name" "${rbc_is["$name.title"]}"; done
  rbc_tell 'SCENARIOS (for --scenario)'
  rbc_list_row full "everything (${rbc_is["plan.time"]})"
  for name in "${rbc_scenarios[@]}"; do
    rbc_list_row "$name" "${rbc_is["scenario.$name.title"]} (${rbc_is["scenario.$name.time"]})${rbc_is["scenario.$name.use_when"]:+: ${rbc_is["scenario.$name.use_when"]}}"
  done
  ((${#rbc_regions[@]} == 0)) || rbc_tell "REGIONS (for --region): ${rbc_regions[*]}"
  ((${#rbc_types[@]} == 0)) || rbc_tell 'PARAMETERS (for --set)'
  for name in "${rbc_declared[@]}"; do
    [[ -n ${rbc_types[$name]-} ]] || continue
    REPLY=" = ${rbc_value[$name]-}"
    [[ " ${rbc_unset_params[*]} " != *" $name "* ]] || REPLY=', has to be given'
    rbc_tell "  $name: ${rbc_types[$name]}$REPLY"
  done
}

rbc_list_row() { rbc_tell "  $(printf '%-20s' "$1") $2"; }

# --status: from the journal of the run that is meant, from any terminal.
rbc_show_status() {
  local line event unit mark elapsed end='' error='' last number=0 count=0
  local -a lines
  local -A state=() doing=()
  rbc_take_run here
  mapfile -t lines <"$rbc_journal"
  rbc_fields "${lines[0]}" rbc_ scenario from only
  rbc_read_plan
  rbc_build_units
  rbc_select
  rbc_field "${lines[0]}" time
  rbc_tell "run $rbc_run, scenario $rbc_scope, begun $REPLY"
  for line in "${lines[@]}"; do
    rbc_field "$line" event || continue
    event=$REPLY
    rbc_field "$line" unit
    unit=$REPLY
    case $event in
      run_resume) end='' error='' ;;
      phase_start) state[$unit]='under way' ;;
      phase_end) rbc_field "$line" outcome && state[$unit]=$REPLY doing[$unit]= ;;
      step_intent)
        rbc_field "$line" step && doing[$unit]=${rbc_is["${unit##*/}/$REPLY.title"]-}
        [[ $line != *'"kind":"undo"'* ]] || doing[$unit]="undo: ${doing[$unit]}"
        ;;
      gate_open) rbc_field "$line" gate && doing[$unit]="waits for a person: $REPLY" ;;
      step_outcome | gate_decision)
        doing[$unit]=
        if rbc_field "$line" error && [[ -n $REPLY ]]; then error="$unit: $REPLY"; fi
        ;;
      sla_breach) rbc_field "$line" where && end+="the SLA is broken$REPLY"$'\n' ;;
      run_end) rbc_field "$line" outcome && end+="ended: $REPLY" ;;
      *) ;;
    esac
    [[ $event == archive ]] || last=$line
  done
  [[ ${lines[0]} != *'"mode":"forward_fix"'* ]] || rbc_units=()
  for unit in "${!state[@]}"; do [[ $unit != point.* ]] || rbc_units+=("$unit"); done
  for unit in "${rbc_units[@]}"; do
    [[ -n ${rbc_work_of[$unit]-all} ]] || continue
    count=$((count + 1))
    case ${state[$unit]-} in
      '') mark=· ;;
      'done') mark=✓ number=$((number + 1)) ;;
      'under way') mark=▶ ;;
      *) mark=✗ ;;
    esac
    rbc_tell "  $mark $unit: ${state[$unit]:-waiting}${doing[$unit]:+ (${doing[$unit]})}"
  done
  rbc_tell "$number of $count phases done"
  [[ -z $error ]] || rbc_tell "last error: $error"
  if [[ $end != *ended:* ]] && ! rbc_is_under_way; then
    rbc_name_run --resume
    end+="ended: its process is gone; go on with $REPLY"
  fi
  rbc_field "$last" clock_ms && elapsed=$REPLY
  # The clock of a run on this machine goes on until it is done.
  if [[ $end != *ended:\ s* ]] && rbc_began_here "${lines[0]}"; then
    elapsed=$REPLY
    rbc_clock
    elapsed=$((REPLY - elapsed))
  fi
  rbc_duration "$((elapsed / 1000))"
  elapsed=$REPLY
  rbc_duration "${rbc_is["plan.sla"]}"
  rbc_tell "elapsed $elapsed of the SLA's $REPLY"
  while IFS= read -r line; do rbc_tell "$line"; done < <(printf '%s' "$end${end:+$'\n'}")
}
