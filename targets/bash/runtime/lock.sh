# -- Lock: one run of an operation at a time ---------------------------------

rbc_lock=

# Takes the lock or ends with 5. A directory is made by one process only.
rbc_take_lock() {
  local owner host pid since
  rbc_lock=.rbc/locks/${rbc_is["plan.lock"]}${rbc_region:+@$rbc_region}
  mkdir -p .rbc/locks
  if ! mkdir "$rbc_lock" 2>/dev/null; then
    owner=unknown host='' pid='' since=''
    { IFS=$'\t' read -r owner host pid since <"$rbc_lock/owner"; } 2>/dev/null || true
    if [[ $host == "$HOSTNAME" && -n $pid ]] && ! kill -0 "$pid" 2>/dev/null; then
      rbc_say "$rbc_role" ⚠ "the lock of $owner (process $pid) is left over; taking it"
    elif ((rbc_steal)); then
      rbc_say "$rbc_role" ⚠ "stealing the lock of $owner on ${host:-?} (process ${pid:-?})"
    else
      rbc_lock=
      rbc_fail 5 "${rbc_is["plan.operation"]} is being rolled back by $owner on ${host:-?} (process ${pid:-?}) since ${since:-?}" \
        "watch it: ${0##*/} --status    take its place, if it is surely dead: --steal-lock"
    fi
    rbc_take_over "$owner"$'\t'"$host"$'\t'"$pid"$'\t'"$since"
  fi
  rbc_iso
  printf '%s\t%s\t%s\t%s\n' "${SUDO_USER:-${USER:-$UID}}" "$HOSTNAME" "$$" "$REPLY" >"$rbc_lock/owner"
}
rbc_stolen=
rbc_steal=0

# Takes the place of an owner, unless somebody else does it at the same time.
rbc_take_over() {
  local owner=
  mkdir "$rbc_lock.taking" 2>/dev/null || rbc_locked_out "remove $rbc_lock.taking if no run is"
  { IFS= read -r owner <"$rbc_lock/owner"; } 2>/dev/null || true
  if [[ -z $owner || $owner == "$1" ]]; then
    rm -rf "$rbc_lock"
    mkdir "$rbc_lock" 2>/dev/null && owner=taken
  fi
  rmdir "$rbc_lock.taking"
  [[ $owner == taken ]] || rbc_locked_out 'try again'
  rbc_stolen=${1//$'\t'/ }
}

rbc_locked_out() {
  rbc_lock=
  rbc_fail 5 'another run is taking the lock' "$1"
}

rbc_drop_lock() {
  [[ -z $rbc_lock ]] || rm -rf "$rbc_lock"
  rbc_lock=
}
