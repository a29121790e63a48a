# -- Capture: saves what the rollback needs, before the change
#
# All is made in a folder beside that of the artifacts, which takes its place in the end. With --region R it
# begins as a copy of the earlier capture.

rbc_adding=0 # whether a region is added to an earlier capture, or replaced in it

rbc_capture() {
  local target=$RBC_ARTIFACTS step kept='nothing was kept'
  rbc_phase=capture rbc_unit=capture
  rbc_keys=()
  for step in ${rbc_items[capture]}; do rbc_keys+=("capture/$step"); done
  rbc_check_secrets
  rbc_check_commands
  rbc_check_paths
  rbc_refuse_problems
  mkdir -p "${target%/*}" || rbc_fail 3 "${target%/*} can't be made"
  rbc_take_lock
  trap rbc_drop_lock EXIT
  rbc_clear_up "$target"
  rbc_judge_earlier "$target"
  [[ ! -e $target/manifest.txt ]] || kept='the earlier capture is as it was'
  RBC_ARTIFACTS=$(mktemp -d "$target.unfinished.XXXXXX") || rbc_fail 3 "${target%/*} can't be written"
  trap 'rbc_close_journal; rm -rf "$RBC_ARTIFACTS"; rbc_drop_lock' EXIT
  mkdir "$RBC_ARTIFACTS/.capture"
  printf '%s\n' "$rbc_owner" >"$RBC_ARTIFACTS/.capture/owner"
  ((! rbc_adding)) || rbc_copy_earlier "$target"
  rbc_run=capture
  rbc_run_dir=$RBC_ARTIFACTS/.capture
  if ((rbc_adding)); then
    rbc_run_dir+=/only.$rbc_region
    rm -rf "$rbc_run_dir"
  fi
  mkdir -p "$rbc_run_dir"/{log,tmp}
  rbc_journal=$rbc_run_dir/journal.jsonl
  exec 7<&0
  rbc_open_journal 0 "$rbc_no_hash"
  { rbc_sample_baselines && rbc_capture_everywhere; } || ((rbc_status != 0)) || rbc_status=1
  rbc_await_messages
  [[ -z $rbc_stop ]] || rbc_interrupted "$rbc_stop"
  if ((rbc_status != 0)); then
    rbc_note ✗ "NOT CAPTURED; $kept"
    return
  fi
  { rbc_write_manifest >"$rbc_run_dir/tmp/manifest" &&
    mv "$rbc_run_dir/tmp/manifest" "$RBC_ARTIFACTS/manifest.txt"; } ||
    rbc_fail 1 "the manifest can't be written; $kept"
  rbc_put_in_place "$target"
}

# No artifact may take the place of what the script itself writes.
rbc_check_paths() {
  local region name path
  rbc_choose_regions
  for region in "${rbc_chosen_regions[@]}"; do
    rbc_go_to "$region"
    for name in "${rbc_artifacts[@]}"; do
      [[ -z ${rbc_is["artifact.$name.own"]-} ]] || continue
      path=/${rbc_is["artifact.$name.path"],,}
      while [[ $path == *//* ]]; do path=${path//\/\//\/}; done
      while [[ $path == */./* ]]; do path=${path//\/.\//\/}; done
      [[ $path/ != */../* ]] || rbc_problem "the artifact $name leaves the artifacts folder: ${rbc_is["artifact.$name.path"]}"
      case $path/ in
        /manifest.txt/* | /baseline/* | /.capture/*)
          rbc_problem "the artifact $name has the path of a file of capture.sh itself: ${rbc_is["artifact.$name.path"]}"
          ;;
        *) ;;
      esac
    done
  done
}

# What a killed capture has left: half of one, or the earlier one.
rbc_clear_up() {
  local half
  for half in "$1".unfinished.*; do
    [[ ! -e $half/.capture/owner ]] || rbc_is_held "$half/.capture" || rm -rf -- "$half"
  done
  [[ -e $1 ]] || mv -- "$1".before.* "$1" 2>/dev/null
}

# An earlier capture is replaced with --force alone. A region that it lacks is added to it.
rbc_judge_earlier() {
  local earlier=$1/manifest.txt lines
  if [[ ! -e $earlier && -e $1 ]] && ! rmdir -- "$1" 2>/dev/null; then
    rbc_fail 3 "$1 holds something else, and is not replaced" 'name an empty folder, or one that is not there: --artifacts DIR'
  fi
  [[ -e $earlier ]] || return 0
  rbc_regions_of "$earlier"
  if [[ -z $rbc_region ]]; then
    ((rbc_force)) || rbc_fail 3 "$1 holds a capture already${REPLY:+ (of $REPLY)}" "--force replaces it${REPLY:+, and with --region R that region alone}"
    return 0
  fi
  lines=$'\n'$(<"$earlier")$'\n'
  [[ $lines == *$'\n'"# plan ${rbc_is["plan.name"]}"$'\n'* ]] ||
    rbc_fail 3 "$1 holds the capture of another plan" 'give another folder with --artifacts'
  [[ " $REPLY " != *" $rbc_region "* ]] || ((rbc_force)) ||
    rbc_fail 3 "$1 holds a capture of $rbc_region already" "--force replaces it, and leaves the other regions as they are"
  [[ $lines == *$'\n'"# plan_sha256 ${rbc_is["plan.sha256"]}"$'\n'* ]] ||
    rbc_note ⚠ "the rest of the capture (of ${REPLY:-no region}) was made by another version of the plan"
  rbc_adding=1
}

rbc_regions_of() {
  local line
  REPLY=
  while IFS= read -r line; do
    [[ $line != '# region '* ]] || { line=${line#'# region '} && REPLY+=" ${line%% *}"; }
  done <"$1"
  REPLY=${REPLY# }
}

# The earlier capture without what is made anew.
rbc_copy_earlier() {
  local step name
  cp -a -- "$1/." "$RBC_ARTIFACTS" || rbc_fail 1 "$1 can't be copied"
  mv -- "$RBC_ARTIFACTS/manifest.txt" "$RBC_ARTIFACTS/.capture/earlier"
  rbc_go_to "$rbc_region"
  for step in ${rbc_items[capture]}; do
    rbc_is_due "$step" 1 || continue
    for name in ${rbc_is["capture/$step.creates"]-}; do
      rbc_path_of "$name"
      rm -rf -- "$REPLY"
      rbc_renewed["${rbc_is["artifact.$name.path"]}"]=yes
    done
  done
}
declare -A rbc_renewed=() # the paths of the artifacts that are made anew

# The steps that look at $region run in every region, the others once.
rbc_capture_everywhere() {
  local region step name first=1
  rbc_choose_regions
  for region in "${rbc_chosen_regions[@]}"; do
    rbc_go_to "$region"
    rbc_unit=${region:+$region/}capture
    for name in "${rbc_artifacts[@]}"; do
      rbc_path_of "$name"
      mkdir -p "${REPLY%/*}"
    done
    for step in ${rbc_items[capture]}; do
      rbc_is_due "$step" "$first" || continue
      rbc_do_step "$step" || return 1
      rbc_created_by "capture/$step" || return 1
    done
    first=0
  done
}

# rbc_is_due STEP FIRST: whether a step is to be run in this region. What the earlier capture
# saved for all regions stays, since it was saved before the change.
rbc_is_due() {
  local name
  [[ -z ${rbc_is["capture/$1.per_region"]-} ]] || return 0
  (($2)) || return 1
  ((rbc_adding)) || return 0
  for name in ${rbc_is["capture/$1.creates"]-}; do
    rbc_path_of "$name"
    [[ -e $REPLY ]] || return 0
  done
  return 1
}

# What a step says it creates must be there, and not empty; only a file has a checksum.
rbc_created_by() {
  local name why
  for name in ${rbc_is["$1.creates"]-}; do
    rbc_path_of "$name"
    why='missing or empty'
    if [[ -s $REPLY ]]; then
      [[ -n ${rbc_is["artifact.$name.checksum"]-} && ! -f $REPLY ]] || continue
      why='no file, and has no checksum: pack it with tar'
    fi
    rbc_note ✗ "${rbc_is["$1.title"]}: it made no $name (${REPLY#"$RBC_ARTIFACTS/"} is $why)"
    return 1
  done
}

# Lines `sha256 name path`, then what the capture belongs to.
rbc_write_manifest() {
  local region name path hash now fact
  local -A seen=()
  rbc_iso
  now=$REPLY
  for region in "${rbc_chosen_regions[@]}"; do
    rbc_go_to "$region"
    for name in "${rbc_artifacts[@]}"; do
      path=${rbc_is["artifact.$name.path"]}
      [[ -f $RBC_ARTIFACTS/$path && -z ${seen[$path]-} && -n ${rbc_is["artifact.$name.captured"]-} ]] || continue
      ((! rbc_adding)) || [[ -n ${rbc_renewed[$path]-} ]] || continue
      seen[$path]=yes
      hash=$(sha256sum <"$RBC_ARTIFACTS/$path") || return 1
      printf '%s  %s  %s\n' "${hash%% *}" "$name" "$path"
    done
  done
  printf %s "$rbc_sampled" || return 1
  ((! rbc_adding)) || rbc_write_earlier || return 1
  printf '# plan %s\n# plan_sha256 %s\n# captured_at %s\n' "${rbc_is["plan.name"]}" "${rbc_is["plan.sha256"]}" "$now"
  for region in "${rbc_chosen_regions[@]}"; do
    [[ -z $region ]] || printf '# region %s captured_at %s\n' "$region" "$now"
  done
  for fact in "${rbc_facts[@]}"; do printf '# fact %s\n' "${fact//$'\n'/ }"; done
}

# What was not made anew keeps its checksum: what is damaged stays visible.
rbc_write_earlier() {
  local line
  while IFS= read -r line; do
    case $line in
      "# region $rbc_region "*) continue ;;
      '# region '*) ;;
      '#'*) continue ;;
      *) [[ -z ${rbc_renewed["${line#*  *  }"]-} ]] || continue ;;
    esac
    printf '%s\n' "$line"
  done <"$RBC_ARTIFACTS/.capture/earlier"
}

rbc_put_in_place() {
  rm -f "$RBC_ARTIFACTS/.capture/earlier" "$RBC_ARTIFACTS/.capture/owner"
  rbc_close_journal
  rm -rf "$rbc_run_dir/tmp"
  sync -f "$RBC_ARTIFACTS"
  if [[ -e $1 ]]; then
    mv "$1" "$1.before.$$" || rbc_fail 1 "$1 can't be replaced"
  fi
  mv "$RBC_ARTIFACTS" "$1" || rbc_fail 1 "$1 can't be written"
  trap rbc_drop_lock EXIT
  rm -rf "$1.before.$$"
  rbc_note ✓ "CAPTURED in $1${rbc_region:+ (region $rbc_region)}"
}
