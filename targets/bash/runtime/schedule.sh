# -- Schedule: every unit as soon as those before it are done

declare -A rbc_state=()   # waiting, running, done, left_out, failed
declare -A rbc_follows=() # the units that a unit comes after
declare -A rbc_work_of=() # the items that are run in it
declare -A rbc_pid=()
rbc_units=()
rbc_jobs=0
rbc_status=0 # of the run; the first thing that went wrong decides
rbc_chosen=

rbc_build_units() {
  local phase wave region barrier='' next after
  if ((${#rbc_waves[@]} == 0)); then
    for phase in "${rbc_phases[@]}"; do
      rbc_add_unit "$phase" "${rbc_is["$phase.after"]-}"
    done
    return
  fi
  for phase in "${rbc_phases[@]}"; do
    [[ -z ${rbc_is["$phase.global"]-} ]] || rbc_add_unit "$phase" ''
  done
  for wave in "${rbc_waves[@]}"; do
    next=
    if [[ $wave == gate\ * ]]; then
      [[ -z $rbc_region ]] || continue
      rbc_add_unit "regions/${wave#gate }" "$barrier"
      barrier=regions/${wave#gate }
      continue
    fi
    for region in ${wave#wave }; do
      [[ -z $rbc_region || $rbc_region == "$region" ]] || continue
      rbc_add_region "$region" "$barrier"
    done
    barrier=${next:-$barrier}
  done
  for phase in "${rbc_phases[@]}"; do
    [[ -n ${rbc_is["$phase.global"]-} ]] || continue
    rbc_follows[$phase]=
    for after in ${rbc_is["$phase.after"]-}; do
      # After a phase of the regions it waits for the last wave.
      [[ -n ${rbc_is["$after.global"]-} ]] || after=$barrier
      rbc_follows[$phase]+=" $after"
    done
  done
}

rbc_add_unit() {
  rbc_units+=("$1")
  rbc_follows[$1]=$2
  rbc_state[$1]=waiting
  ((${#1} <= rbc_width)) || rbc_width=${#1}
}

# The phases of one region; they become part of `next`.
rbc_add_region() {
  local region=$1 barrier=$2 phase after follows
  for phase in "${rbc_phases[@]}"; do
    [[ -z ${rbc_is["$phase.global"]-} ]] || continue
    follows=$barrier
    for after in ${rbc_is["$phase.after"]-}; do
      [[ -n ${rbc_is["$after.global"]-} ]] || after=$region/$after
      follows+=" $after"
    done
    rbc_add_unit "$region/$phase" "$follows"
    next+=" $region/$phase"
  done
}

# What each unit runs; empty where it is left out.
rbc_select() {
  local unit phase scenario=scenario.$rbc_scenario reached=0
  rbc_name_scope
  for phase in "${rbc_phases[@]}"; do
    rbc_work_of[$phase]=${rbc_items[$phase]}
    if [[ $rbc_scenario != full && " ${rbc_is["$scenario.phases"]-} " != *" $phase "* ]]; then
      rbc_work_of[$phase]=${rbc_is["$scenario.steps.$phase"]-}
    fi
    [[ $phase != "${rbc_from:-$phase}" ]] || reached=1
    if ((! reached)) || [[ $phase != "${rbc_only:-$phase}" ]]; then rbc_work_of[$phase]=; fi
  done
  for unit in "${rbc_units[@]}"; do
    phase=${unit##*/}
    rbc_work_of[$unit]=${rbc_work_of[$phase]-}
    [[ $unit != regions/* ]] || rbc_work_of[$unit]=$phase
  done
}

rbc_name_scope() {
  rbc_scope=$rbc_scenario${rbc_from:+, from $rbc_from on}${rbc_only:+, $rbc_only alone}${rbc_region:+, region $rbc_region}
}

# A run of nothing must not look like one that is done.
rbc_judge_selection() {
  local unit
  [[ $rbc_mode == run || $rbc_mode == resume || $rbc_mode == dry_run ]] || return 0
  for unit in "${rbc_units[@]}"; do
    [[ $unit == regions/* || -z ${rbc_work_of[$unit]} ]] || return 0
  done
  rbc_usage "there is nothing to run: no phase is chosen by --scenario $rbc_scenario${rbc_from:+ --from $rbc_from}${rbc_only:+ --only $rbc_only}${rbc_region:+ --region $rbc_region} (--list shows what is in them)"
}

# Phases that are chosen without what they need: allowed to a person, and said.
rbc_warn_of_needs() {
  local phase need
  for phase in "${rbc_phases[@]}"; do
    [[ -n ${rbc_work_of[$phase]} ]] || continue
    for need in ${rbc_is["$phase.needs"]-}; do
      [[ -n ${rbc_work_of[$need]} ]] || rbc_say "$phase" ⚠ "is run without $need, which it needs"
    done
  done
}

# Whether all before a unit is done. One that is left out hands the order on.
rbc_is_ready() {
  local before
  for before in ${rbc_follows[$1]}; do
    [[ ${rbc_state[$before]-left_out} == @(done|left_out) ]] || return 1
  done
}

# Starts what can be; in a loop, as what is left out makes way for others.
rbc_start_ready() {
  local unit moved=1
  while ((moved)); do
    moved=0
    for unit in "${rbc_units[@]}"; do
      if [[ ${rbc_state[$unit]} != waiting ]] || ! rbc_is_ready "$unit"; then continue; fi
      if [[ -z ${rbc_work_of[$unit]} ]]; then
        rbc_state[$unit]=left_out
        moved=1
      elif [[ ${rbc_before[$unit]-} == 'done' ]]; then
        rbc_phase_of "$unit"
        rbc_say "$unit" ✓ "PHASE ${rbc_is["$REPLY.title"]} (done before)"
        rbc_state[$unit]='done'
        moved=1
      elif ((rbc_jobs == 0 || ${#rbc_pid[@]} < rbc_jobs)); then
        rbc_start_unit "$unit"
      fi
    done
  done
}

rbc_start_unit() {
  rbc_state[$1]=running
  if [[ $1 == */* && $1 != regions/* ]]; then
    rbc_elapsed
    : "${rbc_region_began["${1%/*}"]:=$REPLY}"
  fi
  rbc_fork_unit "$1"
}

rbc_fork_unit() {
  rbc_chosen=${rbc_work_of[$1]-${rbc_items[$1]-}}
  rbc_run_unit "$@" &
  rbc_pid[$1]=$!
}

# Sees units to their end, with `all` also those that can start then.
rbc_attend() {
  local line begun='' word unit status told=
  while ((${#rbc_pid[@]} > 0)); do
    if [[ -n $rbc_stop ]]; then
      [[ -n $told ]] || rbc_note ⚠ "$rbc_stop: stopping, undoing what has to be undone"
      told=yes
      # Again: one that comes right before a unit waits for its step is slept through.
      for unit in "${!rbc_pid[@]}"; do kill -TERM "${rbc_pid[$unit]}" 2>/dev/null; done
    fi
    # A second may be over in the middle of a line: the full stop ends it.
    line=
    IFS= read -r -t 1 -u 6 line || [[ -n $line ]] || rbc_find_dead
    begun+=$line
    if [[ $begun == *$'\t.' ]]; then
      IFS=$'\t' read -r word unit status _ <<<"$begun"
      begun=
      case $word in
        end) rbc_ended "$unit" "$status" ;;
        gate)
          rbc_phase_of "$unit"
          rbc_announce gate "$unit waits for a person: ${rbc_is["$REPLY/$status.title"]}"
          ;;
        notify) rbc_announce_step "$unit" "$status" ;;
        *) ;;
      esac
    fi
    rbc_watch_clock
    [[ -z ${1-} || -n $rbc_stop ]] || ((rbc_status)) || rbc_start_ready
  done
}

rbc_ended() {
  local unit=$1 status=$2
  [[ -n ${rbc_pid[$unit]-} ]] || return 0
  wait "${rbc_pid[$unit]}" 2>/dev/null
  unset "rbc_pid[$unit]"
  if ((status == 0)); then
    rbc_state[$unit]='done'
    rbc_stop_clock "$unit"
    rbc_phase_of "$unit"
    rbc_announce phase "${rbc_is["$REPLY.title"]}: done"
    return 0
  fi
  rbc_state[$unit]=failed
  ((status != rbc_held)) || return 0
  ((rbc_status != 0)) || rbc_status=$status
  ((status != 4)) || rbc_blocked=$unit
}
rbc_blocked= # the phase that a point of no return kept from running

# The clock stops with the last phase on it, in each region and in the whole.
rbc_stop_clock() {
  local unit region=${1%/*} left=0 here=0
  for unit in "${rbc_units[@]}"; do
    [[ -n ${rbc_is["${unit##*/}.off_clock"]-} || ${rbc_state[$unit]} == 'done' ]] && continue
    [[ -n ${rbc_work_of[$unit]} ]] || continue
    left=1
    [[ ${unit%/*} != "$region" ]] || here=1
  done
  ((here)) || [[ -z ${rbc_region_began[$region]-} ]] || rbc_region_began[$region]=over
  rbc_verified=$((! left))
}

# One that was killed can't say so. A round later another process winds it up, once.
rbc_find_dead() {
  local unit pid since
  for unit in "${!rbc_pid[@]}"; do
    { read -r pid since <"$rbc_lock/alive/group.${rbc_pid[$unit]}"; } 2>/dev/null || pid=
    if kill -0 "${rbc_pid[$unit]}" 2>/dev/null; then
      # A step that stops its group (kill -STOP 0) has stopped its time limit as well.
      [[ -z $pid ]] || ! rbc_process "$pid" || [[ ${rbc_stat[2]} != T ]] || kill -CONT "$pid"
      continue
    fi
    rbc_suspect[$unit]+=.
    ((${#rbc_suspect[$unit]} % 2 == 0)) || continue
    : >"$rbc_run_dir/tmp/failed"
    [[ -z $pid ]] || ! rbc_lives_on group "$pid" "$since" || rbc_end_group "$pid"
    if [[ ${rbc_suspect[$unit]} == .. ]]; then
      rbc_say "$unit" ✗ 'its process was killed, and its step is ended'
      rbc_fork_unit "$unit" killed
    else
      rbc_say "$unit" ✗ 'its process was killed again: NOT UNDONE, do it by hand'
      rbc_ended "$unit" 1
    fi
  done
}
declare -A rbc_suspect=() # a full stop for each round in which it was found dead

rbc_interrupted() {
  rbc_stop=$1 rbc_status=143
  [[ $1 != INT ]] || rbc_status=130
  [[ -z ${rbc_asks-} ]] || rbc_fail "$rbc_status" 'stopped; nothing was done'
}
