# -- Points of no return

# rbc_probe POINT → 0 where it has been crossed. Only exit status 1 is a no.
rbc_probe() {
  local status mark=⚠ outcome
  rbc_log=$rbc_run_dir/log/point.$1.log
  rbc_open_log "$1" "$rbc_log"
  rbc_call "$rbc_probe_limit" "probe.$1"
  status=$?
  rbc_close_log
  rbc_crossed_surely=$((status == 0))
  case $status in
    0) outcome=crossed ;;
    1) outcome='not crossed' mark=✓ ;;
    *) outcome="unknown (the probe ended with status $status), which counts as crossed" ;;
  esac
  [[ -z $rbc_stop ]] || outcome=interrupted
  rbc_say "$1" "$mark" "point of no return \`${rbc_is["point.$1.title"]}\`: $outcome"
  rbc_record probe "point=$1" "status:=$status" "outcome=$outcome"
  ((status != 1))
}
rbc_probe_limit=30000
rbc_crossed_surely=0
rbc_crossed=

# Asks every point that blocks one of the phases; status 4 with the first one that is crossed, or 143.
rbc_ask_points() {
  local point phase
  for point in "${rbc_points[@]}"; do
    [[ -n ${rbc_is["point.$point.probe"]-} ]] || continue
    for phase; do
      [[ " ${rbc_is["point.$point.blocks"]-} " == *" $phase "* ]] || continue
      rbc_probe "$point" || break
      [[ -z $rbc_stop ]] || return 143
      rbc_crossed=$point
      return 4
    done
  done
}

# Past a point: what is possible still. The forward fix runs where the point is surely crossed
# and somebody says so, or where the run was started by --auto.
rbc_past_point() {
  local point=$rbc_crossed rbc_unit=$rbc_crossed scenario limit=600000 file=$rbc_run_dir/gates/point.$rbc_crossed.forward_fix begun=
  rbc_note ✗ "past the point of no return \`${rbc_is["point.$point.title"]}\`"
  [[ -z ${rbc_is["point.$point.because"]-} ]] || rbc_note ' ' "${rbc_is["point.$point.because"]}"
  for scenario in "${rbc_scenarios[@]}"; do
    [[ " ${rbc_is["scenario.$scenario.blocked_by"]-} " == *" $point "* ]] ||
      rbc_note ' ' "still possible: $rbc_me --scenario $scenario (${rbc_is["scenario.$scenario.title"]})"
  done
  [[ -n ${rbc_items["point.$point"]} ]] || return 0
  if ((! rbc_crossed_surely)); then
    rbc_note ⚠ 'whether it was crossed is not known, so the forward fix is not begun'
    return 0
  fi
  REPLY=
  if ((rbc_auto)); then
    REPLY=approved
  elif [[ -t 7 ]]; then
    rbc_forget_typed 7
    : >"$file.waiting"
    rbc_shorten
    rbc_duration "$((limit / 1000))"
    rbc_note ⚠ "Run the forward fix now? Type yes or no within $REPLY"
    rbc_decide "$file" "$limit"
    rm -f "$file.waiting" "$file"
  fi
  if [[ $REPLY == approved* ]] && rbc_forward_fix "$point"; then
    rbc_fixed=1
  else
    rbc_note ' ' "the forward fix was not done; $rbc_me --forward-fix $point${RBC_REGION:+ --region $RBC_REGION} runs it"
  fi
}
rbc_fixed=0

rbc_forward_fix() {
  local unit=point.$1
  rm -f "$rbc_run_dir/tmp/failed"
  rbc_is["$unit.budget"]=${rbc_is["plan.limit"]-3600}
  rbc_start_unit "$unit"
  rbc_attend
  [[ ${rbc_state[$unit]} == 'done' ]]
}
