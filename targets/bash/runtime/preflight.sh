# -- Preflight: everything that is wrong, at once, before anything is touched

rbc_problems=()

rbc_preflight() {
  local region
  rbc_check_secrets
  for region in '' "${rbc_regions[@]}"; do
    [[ -z $region ]] || rbc_go_to "$region"
    rbc_chosen_keys "$region"
    rbc_check_commands
    rbc_check_artifacts
    rbc_check_baselines
  done
  rbc_go_to "$rbc_region"
  rbc_check_lock_and_points
  # What it has ended here would look like a problem.
  [[ -z $rbc_stop ]] || rbc_fail "$rbc_status" 'stopped; nothing was touched'
  ((${#rbc_problems[@]} == 0)) && return 0
  ((rbc_status != 0)) || rbc_status=3
  rbc_note ✗ "${#rbc_problems[@]} problem(s) before the start; nothing was touched:"
  for REPLY in "${rbc_problems[@]}"; do rbc_note ✗ "$REPLY"; done
  return 1
}

# The same for the scripts that only look: they end here.
rbc_refuse_problems() {
  ((${#rbc_problems[@]} > 0)) || return 0
  for REPLY in "${rbc_problems[@]}"; do rbc_complain "$REPLY"; done
  exit 3
}

# Where nothing else is wrong they are asked when the run has the lock.
rbc_check_lock_and_points() {
  local rbc_journal='' rbc_run_dir owner host pid since
  ((${#rbc_problems[@]} > 0)) || return 0
  rbc_name_lock ''
  if [[ -z $rbc_lock && -d $REPLY ]] && rbc_is_held "$REPLY"; then
    rbc_problem "${rbc_is["plan.operation"]} is being rolled back by $(rbc_holder)"
  fi
  rbc_run_dir=$(mktemp -d) && mkdir "$rbc_run_dir"/{log,tmp} || return 0
  if [[ $rbc_mode != forward_fix ]]; then
    rbc_ask_all_points >/dev/null
    (($? != 4 || ! rbc_crossed_surely)) ||
      rbc_problem "past the point of no return \`${rbc_is["point.$rbc_crossed.title"]}\`, which keeps these phases from running: ${rbc_is["point.$rbc_crossed.blocks"]-}"
    rbc_go_to "$rbc_region"
  fi
  rm -rf "$rbc_run_dir"
}

rbc_check_secrets() {
  local name of_channels=' '
  for name in "${rbc_channels[@]}"; do
    of_channels+="${rbc_is["channel.$name.secret"]-} "
    ! rbc_lacks "$name" || rbc_note ⚠ "$REPLY: $name will not be told of anything"
  done
  for name in "${rbc_missing_secrets[@]}"; do
    [[ $of_channels == *" $name "* ]] || rbc_problem "the secret \$$name is not set in the environment"
  done
  for name in "${rbc_short_secrets[@]}"; do
    REPLY="the secret \$$name is shorter than $rbc_shortest_secret characters: it can't be masked where it is printed"
    if ((rbc_json_out)); then rbc_complain "$REPLY"; else rbc_note ⚠ "$REPLY"; fi
  done
}

# A problem is told once, also where every region has it.
rbc_problem() {
  [[ $'\n'$(printf '%s\n' "${rbc_problems[@]}")$'\n' == *$'\n'"$1"$'\n'* ]] || rbc_problems+=("$1")
}

# The keys of everything that this run will do in a region, or outside of all.
rbc_chosen_keys() {
  local unit item phase
  rbc_keys=()
  for unit in "${rbc_units[@]}"; do
    phase=${unit##*/}
    [[ -n ${rbc_work_of[$unit]} && ${unit%"$phase"} == "${1:+$1/}" ]] || continue
    for item in ${rbc_work_of[$unit]} ${rbc_ensures[$phase]}; do
      if [[ ${rbc_kind["$phase/$item"]} == verify ]]; then
        rbc_keys+=("${rbc_checks[@]}" "${rbc_bounds[@]}")
      else
        rbc_keys+=("$phase/$item")
      fi
    done
  done
}

rbc_check_commands() {
  local key command
  local -A missing=()
  for key in "${rbc_keys[@]}"; do
    for command in ${rbc_is["$key.commands"]-}; do
      [[ -n ${missing[$command]-} ]] || type -P "$command" >/dev/null || missing[$command]=${rbc_is["$key.title"]}
    done
  done
  for command in ${rbc_is["plan.commands"]-} cat cp date dd dirname head ln mkdir mkfifo mktemp mv readlink \
    rm rmdir sha256sum sleep split sync tail timeout touch tr truncate wc; do
    type -P "$command" >/dev/null || missing[$command]='the script itself'
  done
  [[ $rbc_grace =~ ^(0|[1-9][0-9]{0,5})(\.[0-9]+)?$ ]] ||
    rbc_problem "RBC_GRACE is \`$rbc_grace\`, which is no number of seconds"
  for command in "${!missing[@]}"; do
    rbc_problem "the command \`$command\` is not here (needed by: ${missing[$command]})"
  done
}

# What capture.sh saved must be there unchanged.
rbc_check_artifacts() {
  local key name path known found
  local -A seen=()
  for key in "${rbc_keys[@]}"; do
    for name in ${rbc_is["$key.uses"]-}; do
      [[ -z ${seen[$name]-} && -n ${rbc_is["artifact.$name.captured"]-} ]] || continue
      seen[$name]=yes
      rbc_path_of "$name"
      path=$REPLY
      if [[ ! -e $path ]]; then
        [[ ! -d $RBC_ARTIFACTS || -x $RBC_ARTIFACTS ]] || { rbc_problem "$RBC_ARTIFACTS is closed to $(rbc_user): run this as its owner" && continue; }
        rbc_problem "the artifact $name is missing: $path (capture.sh makes it before the change)"
        [[ -d $RBC_ARTIFACTS ]] || rbc_problem "nothing is captured in $RBC_ARTIFACTS: start it in the folder where capture.sh was started, or name another with --artifacts"
        continue
      fi
      known=$(rbc_captured_hash "$name" "${rbc_is["artifact.$name.path"]}")
      if [[ -n $known ]]; then
        found=$(sha256sum <"$path")
        [[ ${found%% *} == "$known" ]] || rbc_problem "the artifact $name is not what was captured: $path has another checksum"
      elif [[ -n ${rbc_is["artifact.$name.checksum"]-} ]]; then
        rbc_problem "the artifact $name has no checksum in $RBC_ARTIFACTS/manifest.txt"
      elif [[ ! -s $path ]]; then
        rbc_problem "the artifact $name is empty: $path"
      fi
    done
  done
}

# rbc_captured_hash NAME PATH: manifest.txt has lines `sha256 name path`, written by capture.sh.
rbc_captured_hash() {
  local hash name path
  while read -r hash name path; do
    [[ $name != "$1" || $path != "$2" ]] || printf '%s' "$hash"
  done <"$RBC_ARTIFACTS/manifest.txt"
} 2>/dev/null
