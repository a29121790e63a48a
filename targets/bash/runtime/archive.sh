# -- Archive: where the plan wants the records of a run to be kept ------------

# Copies the run folder. What goes wrong is told, and never changes the status of the run.
rbc_archive() {
  local kind=${rbc_is["archive.kind"]-} target=${rbc_is["archive.target"]-} name=${rbc_run_dir##*/}
  [[ -n $kind ]] || return 0
  target=${target%/}/$name
  local -a copy=(aws s3 cp --recursive --only-show-errors "$rbc_run_dir" "$target/")
  [[ $kind == s3 ]] || copy=(cp -R -- "$rbc_run_dir" "$target")
  if rbc_copy_away "$kind" "$target" "${copy[@]}" >"$rbc_run_dir/archive.log" 2>&1; then
    rbc_say "$rbc_role" ' ' "kept in $target"
    return 0
  fi
  rbc_say "$rbc_role" ⚠ "the records could not be kept in $target: $(tail -n 1 -- "$rbc_run_dir/archive.log")"
  rbc_say "$rbc_role" ' ' "repeat it with: ${copy[*]@Q}"
}

# rbc_copy_away KIND TARGET COMMAND…: a folder appears under its name once it is whole.
rbc_copy_away() {
  local kind=$1 target=$2 unfinished status
  shift 2
  if [[ $kind == s3 ]]; then
    timeout -k 5 120 "$@" </dev/null
    status=$?
    ((status != 124)) || echo "no answer within 120 seconds"
    return "$status"
  fi
  unfinished=$target.unfinished
  mkdir -p -- "${target%/*}" && rm -rf -- "$unfinished" || return
  cp -R -- "$rbc_run_dir" "$unfinished" && rm -rf -- "$target" && mv -- "$unfinished" "$target"
}
