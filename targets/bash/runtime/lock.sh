# -- Lock: one run of an operation at a time

rbc_lock=

# Takes the lock or ends with 5: only one process makes a directory. A capture has its own.
# rbc_lock is set once it is ours.
rbc_take_lock() {
  local lock owner='' host='' pid='' since='' how='is left over; taking it'
  rbc_name_lock "$rbc_region"
  lock=$REPLY
  [[ $rbc_role != capture ]] || lock=${lock%/*}/${rbc_is["plan.lock"]}@@capture
  if ! { mkdir -p "${lock%/*}" && mkdir "$lock"; } 2>/dev/null; then
    if [[ -d $lock ]] && rbc_is_held "$lock"; then
      ((rbc_steal_lock)) || rbc_refuse "$lock" 'take its place, if it is surely dead: --steal-lock'
      how='is stolen'
    fi
    [[ -w ${lock%/*} ]] || rbc_fail 3 "nothing can be written in ${lock%/*}"
    rbc_note ⚠ "the lock of $(rbc_holder) $how"
    rbc_refuse_orphans
    rbc_take_over "$owner"$'\t'"$host"$'\t'"$pid"$'\t'"$since"
  fi
  rbc_lock=$lock
  cd "${lock%/.rbc/*}" || rbc_quit 3
  rbc_refuse_overlap
  mkdir -p "$rbc_lock/alive"
  rbc_iso
  since=$REPLY
  rbc_process "$$" || REPLY=
  rbc_owner=$(rbc_user)$'\t'$rbc_host$'\t'$$$'\t'$since$'\t'$REPLY
  printf '%s\n' "$rbc_owner" >"$rbc_lock/owner"
}
rbc_steal_lock=0
rbc_owner= # what stands in the lock where it is ours

# rbc_name_lock REGION → REPLY. It lies in the folder that the run was begun in, so that one run is
# never run twice, wherever it is resumed; where that folder was moved, in the one with the run.
rbc_name_lock() {
  local line folder=$PWD run=$rbc_run_dir
  if [[ -n $run ]] && { IFS= read -r line <"$run/journal.jsonl"; } 2>/dev/null; then
    [[ $run == /* ]] || run=$PWD/$run
    folder=${run%/.rbc/runs/*}
    if rbc_field "$line" folder && [[ -d $REPLY/.rbc ]]; then folder=$REPLY; fi
  fi
  REPLY=$folder/.rbc/locks/${rbc_is["plan.lock"]}${1:+@$1}
}

# Not HOSTNAME, which bash takes from the environment.
{ read -r rbc_host </proc/sys/kernel/hostname; } 2>/dev/null || rbc_host=$(uname -n)

rbc_refuse() {
  local doing='rolled back' watch="watch it: $rbc_me --status    "
  [[ $1 != *@@capture ]] || doing=captured watch=
  [[ $rbc_role == rollback ]] || watch=
  rbc_fail 5 "${rbc_is["plan.operation"]} is being $doing by $(rbc_holder)" "$watch$2"
}

rbc_user() { printf '%s' "${SUDO_USER:-${USER:-$(id -un 2>/dev/null || echo "$UID")}}"; }

rbc_holder() { printf '%s' "$owner on ${host:-?} (process ${pid:-?}) since ${since:-?}"; }

# Who holds a lock, in owner, host, pid, since; status 1 where that process is surely gone, whoever has
# its number by now.
rbc_is_held() {
  local born patience
  for patience in {1..20}; do # its owner may be about to write who it is
    owner=unknown host='' pid='' since='' born=''
    { IFS=$'\t' read -r owner host pid since born <"$1/owner"; } 2>/dev/null && break
    ((patience == 20)) || sleep 0.05
  done
  [[ $host == "$rbc_host" && -n $pid ]] || return 0
  rbc_process "$pid" || REPLY=
  if [[ -n $born && -n $REPLY ]]; then [[ $born == "$REPLY" ]]; else rbc_exists "$pid"; fi
}

# Whether the run in rbc_run_dir is still at it, by its lock.
rbc_is_under_way() {
  local owner host pid since line lock
  IFS= read -r line <"$rbc_run_dir/journal.jsonl" && rbc_field "$line" region
  rbc_name_lock "$REPLY"
  lock=$REPLY
  [[ -d $lock ]] && rbc_is_held "$lock" && { ! IFS= read -r line <"$lock/run" || [[ $line -ef $rbc_run_dir ]]; }
} 2>/dev/null

# Runs of one region and of all are one operation, and nothing is captured beside them. Each has its
# own lock before it looks for others, so that at most one goes on.
rbc_refuse_overlap() {
  local whole=${lock%/*}/${rbc_is["plan.lock"]} other
  for other in "$whole" "$whole"@*; do
    [[ -d $other && $other != "$lock" && $other != *.taking ]] || continue
    [[ -z $rbc_region || $other == "$whole" || $other$lock == *@@capture* ]] || continue
    ! rbc_is_held "$other" || rbc_refuse "$other" "wait for the end of ${other##*/}, or stop it"
  done
}

# Takes the place of an owner, unless somebody else does it at the same time.
rbc_take_over() {
  local owner=
  mkdir "$lock.taking" 2>/dev/null || rbc_fail 5 'another run is taking the lock' "remove $lock.taking if no run is"
  # Without an owner it is that of a run that is about to write who it is.
  { IFS= read -r owner <"$lock/owner"; } 2>/dev/null || owner=unknown$'\t\t\t'
  if [[ $owner == "$1" || $owner == "$1"$'\t'* ]]; then
    rm -rf "$lock"
    mkdir "$lock" 2>/dev/null && owner=taken
  fi
  rmdir "$lock.taking"
  [[ $owner == taken ]] || rbc_fail 5 'another run is taking the lock' 'try again'
  rbc_stolen=${1//$'\t'/ }
}

# Whether a process is there, also one that takes no signal of ours.
rbc_exists() { kill -0 "$1" 2>/dev/null || [[ -d /proc/$1 ]]; }

# By who holds it, and by nobody from whom it was stolen.
rbc_drop_lock() {
  local line=
  [[ -n $rbc_lock ]] || return 0
  { IFS= read -r line <"$rbc_lock/owner"; } 2>/dev/null
  [[ -n $line && $line != "$rbc_owner" ]] || rm -rf "$rbc_lock"
  rbc_lock=
}

# -- What a run has started: each process keeps alive/unit.PID for itself, and alive/group.PID for the
# group that it waits for. They may outlive a killed run, and nothing is begun beside them. Marks are
# written over: emptying a file may flush it.

rbc_mark_alive() {
  [[ -n $rbc_lock && -d $rbc_lock/alive ]] || return 0
  ! rbc_process "$2" || printf '%s %s\n' "$2" "$REPLY" 1<>"$rbc_lock/alive/$1.$BASHPID"
} 2>/dev/null

rbc_unmark_alive() { [[ -z $rbc_lock ]] || echo 1<>"$rbc_lock/alive/$1.$BASHPID"; } 2>/dev/null

# rbc_process PID → REPLY: when it began, and in which boot; rbc_stat: its state in 2, its group in 4. Status 1
# where it is gone.
rbc_process() {
  read -r -a rbc_stat <"/proc/$1/stat" || return 1
  while [[ ${rbc_stat[*]:2} == *')'* ]]; do rbc_stat=("${rbc_stat[@]:1}"); done # a name with blanks
  rbc_boot
  REPLY="${rbc_stat[21]} $REPLY"
} 2>/dev/null
rbc_boot() {
  [[ -n $rbc_boot_id ]] || { read -r rbc_boot_id </proc/sys/kernel/random/boot_id || rbc_boot_id=unknown; } 2>/dev/null
  REPLY=$rbc_boot_id
}

# Whether anything of a group runs that is more than an entry nobody has collected.
rbc_group_lives() {
  local stat
  kill -0 -- "-$1" || return 1
  for stat in /proc/[0-9]*; do
    rbc_process "${stat##*/}" || continue
    [[ ${rbc_stat[4]} != "$1" || ${rbc_stat[2]} == [ZX] ]] || return 0
  done
  return 1
} 2>/dev/null

# rbc_lives_on KIND PID SINCE: whether it is still the same process, or its group.
rbc_lives_on() {
  if rbc_process "$2"; then
    [[ $REPLY == "$3" ]] || return 1
    [[ $1 == group || ${rbc_stat[2]} == [ZX] ]] || return 0
  else
    rbc_boot
    [[ ${3#* } == "$REPLY" ]] || return 1
  fi 2>/dev/null
  [[ $1 == group ]] && rbc_group_lives "$2"
}

rbc_refuse_orphans() {
  local mark pid since kind what='a step that it began still runs' hint units=() groups=()
  [[ $host == "$rbc_host" ]] || return 0
  for mark in "$lock"/alive/*; do
    { read -r pid since <"$mark"; } 2>/dev/null || continue
    kind=${mark##*/}
    rbc_lives_on "${kind%.*}" "$pid" "$since" || continue
    if [[ $kind == unit.* ]]; then units+=("$pid"); else groups+=("-$pid"); fi
  done
  ((${#units[@]} + ${#groups[@]} > 0)) || return 0
  hint="end it: kill -TERM -- ${groups[*]}"
  if ((${#units[@]} > 0)); then
    what="phases of it still run (process ${units[*]})" hint="stop it in order, with undo: kill -TERM ${units[*]}"
  fi
  rbc_fail 5 "the run of $owner is dead, but $what; nothing is begun beside it" "wait for its end, or $hint"
}
