# -- Lock: one run of an operation at a time ---------------------------------

rbc_lock=

# Takes the lock or ends with 5. A directory is made by one process only. What is captured has a
# lock of its own.
rbc_take_lock() {
  local owner host pid since doing='rolled back' watch="watch it: $rbc_me --status    "
  rbc_lock=.rbc/locks/${rbc_is["plan.lock"]}${rbc_region:+@$rbc_region}
  if [[ $rbc_role == capture ]]; then
    rbc_lock=.rbc/locks/${rbc_is["plan.lock"]}@@capture
    doing=captured watch=
  fi
  if ! mkdir -p .rbc/locks || [[ ! -w .rbc/locks ]]; then
    rbc_fail 3 "nothing can be written in $PWD/.rbc"
  fi
  if ! mkdir "$rbc_lock" 2>/dev/null; then
    if ! rbc_is_held "$rbc_lock"; then
      rbc_note ⚠ "the lock of $owner (process $pid) is left over; taking it"
    elif ((rbc_steal)); then
      rbc_note ⚠ "stealing the lock of $owner on ${host:-?} (process ${pid:-?})"
    else
      rbc_lock=
      rbc_fail 5 "${rbc_is["plan.operation"]} is being $doing by $(rbc_holder)" \
        "${watch}take its place, if it is surely dead: --steal-lock"
    fi
    rbc_refuse_orphans "$owner" "$host"
    rbc_take_over "$owner"$'\t'"$host"$'\t'"$pid"$'\t'"$since"
  fi
  [[ $rbc_role == capture ]] || rbc_refuse_overlap
  mkdir -p "$rbc_lock/alive"
  rbc_iso
  since=$REPLY
  rbc_process "$$" || REPLY=
  printf '%s\t%s\t%s\t%s\t%s\n' "$(rbc_user)" "$HOSTNAME" "$$" "$since" "$REPLY" >"$rbc_lock/owner"
}
rbc_steal=0

rbc_user() { printf '%s' "${SUDO_USER:-${USER:-$(id -un 2>/dev/null || echo "$UID")}}"; }

# The one that rbc_is_held has found.
rbc_holder() { printf '%s' "$owner on ${host:-?} (process ${pid:-?}) since ${since:-?}"; }

# Who holds a lock, in owner, host, pid, since; status 1 where that process is surely gone: a
# number that another process has by now, or after a reboot, is not it.
rbc_is_held() {
  local born patience
  for patience in {1..20}; do # its owner may be about to write who it is
    owner=unknown host='' pid='' since='' born=''
    { IFS=$'\t' read -r owner host pid since born <"$1/owner"; } 2>/dev/null && break
    ((patience == 20)) || sleep 0.05
  done
  [[ $host == "$HOSTNAME" && -n $pid ]] || return 0
  rbc_process "$pid" || REPLY=
  if [[ -n $born && -n $REPLY ]]; then [[ $born == "$REPLY" ]]; else rbc_exists "$pid"; fi
}

# Whether the run in rbc_run_dir is still at it, by its lock.
rbc_is_under_way() {
  local owner host pid since run lock=.rbc/locks/${rbc_is["plan.lock"]}${rbc_region:+@$rbc_region}
  [[ -d $lock ]] && rbc_is_held "$lock" && { ! IFS= read -r run <"$lock/run" || [[ $run -ef $rbc_run_dir ]]; }
} 2>/dev/null

# A run of one region and one of all regions are the same operation. Each has made its own lock
# before it looks for the other's, so that at most one of them goes on.
rbc_refuse_overlap() {
  local whole=.rbc/locks/${rbc_is["plan.lock"]} other owner host pid since
  for other in "$whole" "$whole"@*; do
    [[ -d $other && $other != "$rbc_lock" && $other != *@@capture && $other != *.taking ]] || continue
    [[ -z $rbc_region || $other == "$whole" ]] || continue
    rbc_is_held "$other" || continue
    rbc_drop_lock
    rbc_fail 5 "${rbc_is["plan.operation"]} is being rolled back by $(rbc_holder), ${other##*/}" \
      "wait for its end, or stop it"
  done
}

# Takes the place of an owner, unless somebody else does it at the same time.
rbc_take_over() {
  local owner=
  mkdir "$rbc_lock.taking" 2>/dev/null || rbc_locked_out "remove $rbc_lock.taking if no run is"
  { IFS= read -r owner <"$rbc_lock/owner"; } 2>/dev/null || true
  if [[ -z $owner || $owner == "$1" || $owner == "$1"$'\t'* ]]; then
    rm -rf "$rbc_lock"
    mkdir "$rbc_lock" 2>/dev/null && owner=taken
  fi
  rmdir "$rbc_lock.taking"
  [[ $owner == taken ]] || rbc_locked_out 'try again'
  rbc_stolen=${1//$'\t'/ }
}

# Whether a process is there, also where it belongs to somebody else and takes no signal of ours.
rbc_exists() { kill -0 "$1" 2>/dev/null || [[ -d /proc/$1 ]]; }

rbc_locked_out() {
  rbc_lock=
  rbc_fail 5 'another run is taking the lock' "$1"
}

rbc_drop_lock() {
  [[ -z $rbc_lock ]] || rm -rf "$rbc_lock"
  rbc_lock=
}

# -- What a run has started, by the lock: each process of it keeps alive/unit.PID for itself, and
# alive/group.PID for the process group that it waits for. Where the run is killed these live on,
# and nothing may be begun beside them. Marks are written over: emptying a file may flush it.

# rbc_mark_alive KIND PID
rbc_mark_alive() {
  [[ -n $rbc_lock && -d $rbc_lock/alive ]] || return 0
  ! rbc_process "$2" || printf '%s %s\n' "$2" "$REPLY" 1<>"$rbc_lock/alive/$1.$BASHPID"
} 2>/dev/null

rbc_unmark_alive() { [[ -z $rbc_lock ]] || echo 1<>"$rbc_lock/alive/$1.$BASHPID"; } 2>/dev/null

# rbc_process PID → REPLY: when it began, and in which boot; rbc_stat: what the system says of it, with
# the state in 2 and the group in 4. Status 1 where it is gone.
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
  local mark pid since kind units=() groups=()
  [[ $2 == "$HOSTNAME" ]] || return 0
  for mark in "$rbc_lock"/alive/*; do
    { read -r pid since <"$mark"; } 2>/dev/null || continue
    kind=${mark##*/}
    rbc_lives_on "${kind%.*}" "$pid" "$since" || continue
    if [[ $kind == unit.* ]]; then units+=("$pid"); else groups+=("-$pid"); fi
  done
  ((${#units[@]} + ${#groups[@]} > 0)) || return 0
  rbc_lock=
  ((${#units[@]} > 0)) || rbc_fail 5 "the run of $1 is dead, but a step that it began still runs; nothing is begun beside it" \
    "wait for its end, or end it: kill -TERM -- ${groups[*]}"
  rbc_fail 5 "the run of $1 is dead, but phases that it began still run (process ${units[*]}); nothing is begun beside them" \
    "wait for their end, or stop them in order, with undo: kill -TERM ${units[*]}"
}
