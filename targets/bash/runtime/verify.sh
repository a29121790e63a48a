# -- Verification

rbc_findings= # as JSON, each after a comma

# All checks and bounds. Status 1 where a critical one fails.
rbc_run_verification() {
  local key
  rbc_critical=0
  for key in "${rbc_checks[@]}"; do rbc_run_check "$key"; done
  for key in "${rbc_bounds[@]}"; do rbc_run_bound "$key"; done
  ((rbc_critical == 0))
}

rbc_run_check() {
  local name=${rbc_is["$1.name"]} outcome=ok
  rbc_unmet=
  if [[ " ${rbc_is["scenario.$rbc_scenario.skips"]-} " == *" $name "* ]]; then
    outcome=skipped rbc_unmet="scenario $rbc_scenario leaves it out"
  elif [[ -n $rbc_stop ]]; then
    return
  else
    rbc_ms "${rbc_is["$1.timeout"]-60}"
    rbc_expectations "$1" "$1" "$REPLY" || outcome=failed
  fi
  rbc_found "$outcome" "$name" "${rbc_is["$1.title"]}" "$rbc_unmet" "$1"
}

rbc_run_bound() {
  local key=$1 metric=${rbc_is["$1.metric"]} until value outcome=''
  rbc_limits_of "$key" || outcome=failed rbc_unmet=$REPLY
  rbc_after "${rbc_is["$key.within"]-0}"
  until=$REPLY
  while [[ -z $outcome ]]; do
    if ! rbc_sample "$metric"; then
      rbc_unmet=$REPLY
    else
      value=${REPLY#ok }
      rbc_unmet="it is $value (bound: $rbc_limit${rbc_taken_from:+, $rbc_taken_from})"
      REPLY=$(printf '%s\n' "${rbc_limits[@]/#/$value }" | rbc_compare_all)
      [[ $REPLY != *1 || $REPLY == *0* ]] || outcome=ok rbc_unmet=$value${rbc_taken_from:+ ($rbc_taken_from)}
    fi
    rbc_clock
    ((REPLY < until)) && [[ -z $outcome$rbc_stop && $rbc_overrun != p* ]] || break
    rbc_pause_before "$until" "${rbc_is["$key.every"]-5}"
  done
  rbc_found "${outcome:-failed}" "$metric" "$metric ${rbc_is["$key.comparison"]} ${rbc_is["$key.written"]}" \
    "$rbc_unmet" "$key"
}

# rbc_found OUTCOME NAME TITLE DETAIL KEY
rbc_found() {
  local outcome=$1 mark fields=
  if [[ $1 == failed ]]; then
    if [[ -n ${rbc_is["$5.warn"]-} ]]; then outcome=warned; else rbc_critical=$((rbc_critical + 1)); fi
  fi
  case $outcome in
    ok) mark=✓ ;;
    failed) mark=✗ ;;
    warned) mark=⚠ ;;
    *) mark=○ ;;
  esac
  ((rbc_json_out)) || rbc_note "$mark" "$3${4:+: $4}"
  [[ -z $RBC_REGION ]] || set -- "$1" "$RBC_REGION/$2" "${@:3}"
  if ((rbc_json_out)); then
    rbc_mask "${4//$'\t'/ }"
    rbc_json_fields name "$2" outcome "$outcome" title "$3" found "$REPLY"
    rbc_findings+=",{${fields#,}}"
  fi
  [[ -z $rbc_journal ]] || rbc_record check "unit=$rbc_unit" "check=$2" "title=$3" "outcome=$outcome" "found=$4"
}

rbc_verify_here() {
  local status=0 outcome=passed
  rbc_log=$rbc_run_dir/log/${rbc_unit//\//@}.verification.log
  rbc_open_log "$rbc_unit" "$rbc_log"
  rbc_run_verification || status=7
  rbc_close_log
  [[ -z $rbc_stop ]] || status=143
  rbc_checklist
  ((status == 0)) || outcome=failed rbc_error='verification failed'
  rbc_record verification "unit=$rbc_unit" "outcome=$outcome" || return 1
  return "$status"
}

rbc_checklist() {
  local point
  ((${#rbc_confirms[@]} > 0)) || return 0
  rbc_note ⚠ 'to be confirmed by a person:'
  for point in "${rbc_confirms[@]}"; do rbc_note ☐ "$point"; done
}

rbc_verify() {
  local region critical=0
  { rbc_run_dir=$(mktemp -d) && mkdir "$rbc_run_dir/tmp"; } || rbc_fail 3 "no folder can be made in ${TMPDIR:-/tmp}"
  trap 'rm -rf "$rbc_run_dir"' EXIT
  rbc_keys=("${rbc_checks[@]}")
  rbc_check_secrets
  rbc_check_commands
  rbc_refuse_problems
  ((rbc_json_out)) || rbc_say verify ▶ "${rbc_is["plan.title"]}: verification, scenario $rbc_scenario"
  if [[ -n ${RBC_VERBOSE-} ]] && ((! rbc_json_out)); then
    rbc_open_log verify "$rbc_run_dir/log"
  else
    exec 4>"$rbc_run_dir/log"
  fi
  rbc_choose_regions
  for region in "${rbc_chosen_regions[@]}"; do
    rbc_go_to "$region"
    rbc_unit=${region:-verify}
    rbc_run_verification || rbc_status=7
    critical=$((critical + rbc_critical))
  done
  [[ -z $rbc_stop ]] || rbc_interrupted "$rbc_stop"
  if ((rbc_json_out)); then
    rbc_findings_json || rbc_fail "$((rbc_status == 0 ? 1 : rbc_status))" 'what was found could not be written'
  else
    rbc_checklist
    case $rbc_status in
      0) rbc_say verify ✓ 'VERIFIED' ;;
      7) rbc_say verify ✗ "NOT VERIFIED: $critical critical" ;;
      *) rbc_say verify ✗ 'interrupted' ;;
    esac
  fi
}

rbc_findings_json() {
  local fields='' confirms=''
  for REPLY in "${rbc_confirms[@]}"; do rbc_json "$REPLY" && confirms+=,$REPLY; done
  rbc_iso
  rbc_json_fields plan "${rbc_is["plan.name"]}" scenario "$rbc_scenario" plan_sha256 "${rbc_is["plan.sha256"]}" time "$REPLY"
  printf '{%s,"passed":%s,"checks":[%s],"confirm":[%s]}\n' "${fields#,}" \
    "$( ((rbc_status == 0)) && echo true || echo false)" "${rbc_findings#,}" "${confirms#,}"
}
