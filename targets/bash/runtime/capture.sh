# -- Capture: saves what the rollback needs, before the change ---------------
#
# Everything is made in a folder beside the artifacts folder, which takes its place only when
# all is there. What is half finished can't be taken for a capture.

rbc_capture() {
  local target=$RBC_ARTIFACTS step status=0
  trap 'rbc_interrupted INT' INT
  trap 'rbc_interrupted TERM' TERM
  if [[ -e $target/manifest.txt ]] && ((! rbc_force)); then
    rbc_fail 3 "$target holds a capture already" '--force replaces it'
  fi
  rbc_phase=capture rbc_unit=capture
  rbc_keys=()
  for step in ${rbc_items[capture]}; do rbc_keys+=("capture/$step"); done
  rbc_check_secrets
  rbc_check_commands
  if ((${#rbc_problems[@]} > 0)); then
    for step in "${rbc_problems[@]}"; do rbc_complain "$step"; done
    exit 3
  fi
  mkdir -p "${target%/*}" || rbc_fail 3 "${target%/*} can't be made"
  RBC_ARTIFACTS=$(mktemp -d "$target.unfinished.XXXXXX") || rbc_fail 3 "${target%/*} can't be written"
  trap 'rm -rf "$RBC_ARTIFACTS"' EXIT
  rbc_run=capture
  rbc_run_dir=$RBC_ARTIFACTS/.capture
  mkdir -p "$rbc_run_dir/log" "$rbc_run_dir/tmp"
  rbc_journal=$rbc_run_dir/journal.jsonl
  exec 7<&0
  rbc_open_journal 0 "$rbc_no_hash"
  rbc_capture_everywhere || status=1
  [[ -z $rbc_stop ]] || rbc_interrupted "$rbc_stop"
  if ((status != 0 || rbc_status != 0)); then
    ((rbc_status != 0)) || rbc_status=1
    rbc_say capture ✗ 'NOT CAPTURED; nothing was kept'
    return
  fi
  rbc_write_manifest >"$RBC_ARTIFACTS/manifest.txt"
  rbc_put_in_place "$target"
}

# The steps that look at $region run in every region, the others once.
rbc_capture_everywhere() {
  local region step first=1
  rbc_choose_regions
  for region in "${rbc_chosen_regions[@]}"; do
    [[ -z $region ]] || rbc_go_to "$region"
    rbc_unit=${region:+$region/}capture
    rbc_open_artifact_folders
    for step in ${rbc_items[capture]}; do
      ((first)) || [[ -n ${rbc_is["capture/$step.per_region"]-} ]] || continue
      rbc_do_step "$step" || return 1
      rbc_created_by "capture/$step" || return 1
    done
    first=0
  done
}

rbc_open_artifact_folders() {
  local name path
  for name in "${rbc_artifacts[@]}"; do
    rbc_path_of "$name"
    path=$REPLY
    mkdir -p "${path%/*}"
  done
}

# What a step says it creates must be there, and not empty.
rbc_created_by() {
  local name path
  for name in ${rbc_is["$1.creates"]-}; do
    rbc_path_of "$name"
    path=$REPLY
    [[ -s $path ]] && continue
    rbc_say capture ✗ "${rbc_is["$1.title"]}: it made no $name (${path#"$RBC_ARTIFACTS/"} is missing or empty)"
    return 1
  done
}

# Lines `sha256 name path`, then what the capture belongs to.
rbc_write_manifest() {
  local region name hash fact
  local -A seen=()
  for region in "${rbc_chosen_regions[@]}"; do
    [[ -z $region ]] || rbc_go_to "$region"
    for name in "${rbc_artifacts[@]}"; do
      rbc_path_of "$name"
      [[ -f $REPLY && -z ${seen[$REPLY]-} && -n ${rbc_is["artifact.$name.captured"]-} ]] || continue
      seen[$REPLY]=yes
      hash=$(sha256sum <"$REPLY")
      printf '%s  %s  %s\n' "${hash%% *}" "$name" "${rbc_is["artifact.$name.path"]}"
    done
  done
  printf '# plan %s\n# plan_sha256 %s\n' "${rbc_is["plan.name"]}" "${rbc_is["plan.sha256"]}"
  rbc_iso
  printf '# captured_at %s\n' "$REPLY"
  for fact in "${rbc_facts[@]}"; do printf '# fact %s\n' "${fact//$'\n'/ }"; done
}

rbc_put_in_place() {
  sync
  exec 5>&-
  if [[ -e $1 ]]; then
    mv "$1" "$1.before.$$" || rbc_fail 1 "$1 can't be replaced"
  fi
  mv "$RBC_ARTIFACTS" "$1" || rbc_fail 1 "$1 can't be written"
  trap - EXIT
  rm -rf "$1.before.$$"
  rbc_say capture ✓ "CAPTURED in $1"
}
