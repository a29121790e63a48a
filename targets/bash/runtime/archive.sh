# -- Archive: where the plan wants the records of a run to be kept

rbc_archive_time=${RBC_ARCHIVE_TIMEOUT:-120} # seconds until it counts as failed

# Packs the run folder, drops the lock, hands the file over. What goes wrong now, or a signal, changes no status.
rbc_archive() {
  local kind=${rbc_is["archive.kind"]-} target=${rbc_is["archive.target"]-} made=$rbc_run_dir/archive.$$ name sum error=''
  [[ -n $kind ]] || return 0
  trap 'error="stopped by a signal"' INT TERM
  name=${rbc_is["plan.lock"]}-${rbc_run//[^A-Za-z0-9._-]/_}.tar.gz
  target=${target%/}
  sum=$(rbc_pack 2>&1) || error=${sum##*$'\n'}
  rbc_drop_lock
  if [[ -z $error ]]; then
    rbc_hand_over </dev/null >"$made.log" 2>&1 &
    rbc_await_archive "$!"
  fi
  rm -rf "$made" "$made.log"
  if [[ -z $error ]]; then
    rbc_note ' ' "archived: $target/$name (SHA-256 $sum)"
    rbc_note_archive "outcome=kept" "sha256=$sum"
  else
    rbc_note ⚠ "NOT ARCHIVED in $target: $error"
    rbc_name_run --archive
    rbc_note ' ' "repeat it: $REPLY"
    rbc_note_archive "outcome=failed" "error=$error"
  fi
  [[ -z $error ]]
}

# The run folder as one file in `made`, with its SHA-256 beside it and printed.
rbc_pack() {
  local file base=${rbc_run_dir##*/} LC_ALL=C sum
  local -a files=()
  rbc_have tar gzip && mkdir -p "$made" && cd "${rbc_run_dir%/*}" || return
  shopt -s globstar dotglob
  for file in "$base"/**; do
    [[ ! -f $file || $file == "$base"/@(tmp/|archive.)* ]] || files+=("$file")
  done
  set -o pipefail
  tar -cf - -- "${files[@]}" | gzip -n >"$made/$name" || return
  sum=$(sha256sum <"$made/$name")
  printf '%s %s\n' "${sum%-}" "$name" >"$made/$name.sha256" && printf '%s\n' "${sum%% *}"
}

rbc_have() {
  local program
  for program; do type -P "$program" >/dev/null || { echo "$program is not here" && return 1; }; done
}

# In a folder both files appear once they are whole.
rbc_hand_over() {
  local file
  if [[ $kind == s3 ]]; then
    [[ $target == s3://?* ]] || { echo 'this is no address s3://BUCKET/…' && return 1; }
    rbc_have aws && exec timeout -k 5 "$rbc_archive_time" aws s3 cp --recursive --only-show-errors "$made" "$target/"
    return 1
  fi
  [[ -n $target ]] || { echo 'the plan names no folder' && return 1; }
  mkdir -p -- "$target" || return
  for file in "$name" "$name.sha256"; do
    cp -- "$made/$file" "$target/.$file.$$" && mv -f -- "$target/.$file.$$" "$target/$file" && continue
    rm -f -- "$target/.$file.$$"
    return 1
  done
}

# Waits for it, but not for ever: not even for a file system that hangs.
rbc_await_archive() {
  local until status told=''
  rbc_clock
  until=$((REPLY + rbc_archive_time * 1000 + 6000))
  while kill -0 "$1" 2>/dev/null; do
    if [[ -n $error && -z $told ]]; then
      kill -TERM "$1" 2>/dev/null
      told=yes until=$((REPLY + 6000))
    fi
    sleep 0.1
    rbc_clock
    ((REPLY < until)) || { error=${error:-"no answer within ${rbc_archive_time}s"} && return; }
  done
  wait "$1"
  status=$?
  ((status != 0)) || return 0
  [[ $status != 124 ]] || error="no answer within ${rbc_archive_time}s"
  : "${error:=$(tail -n 1 "$made.log" 2>/dev/null)}"
  : "${error:=exit status $status}"
}

# In the journal, unless a run was begun meanwhile. It does not become the newest by that.
rbc_note_archive() (
  rbc_take_lock
  mkdir -p "$rbc_run_dir/tmp" && touch -r "$rbc_journal" "$rbc_run_dir/tmp/at" && rbc_journal_end &&
    rbc_open_journal "$seq" "$prev" && rbc_record archive "target=$target/$name" "$@" && rbc_close_journal
  touch -r "$rbc_run_dir/tmp/at" "$rbc_journal"
  rm -rf "$rbc_run_dir/tmp"
  rbc_drop_lock
) >/dev/null 2>&1

# --archive [RUN]: the same for a run that has ended.
rbc_archive_again() {
  local end
  rbc_take_run 'to archive'
  mapfile -t rbc_lines <"$rbc_journal"
  rbc_resume_clock "${rbc_lines[0]}" "${rbc_lines[-1]}"
  rbc_replay_journal
  rbc_read_plan
  [[ -n ${rbc_is["archive.kind"]-} ]] || rbc_fail 2 'this plan names no archive'
  rbc_take_lock
  rbc_archive
}
