# ── Lock: one run of an operation at a time ─────────────────────────────────

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
    rbc_stolen="$owner $host $pid"
    mv "$rbc_lock" "$rbc_lock.$$" && rm -rf "$rbc_lock.$$"
    mkdir "$rbc_lock" 2>/dev/null || rbc_fail 5 'another run was faster'
  fi
  rbc_iso
  printf '%s\t%s\t%s\t%s\n' "${SUDO_USER:-${USER:-$UID}}" "$HOSTNAME" "$$" "$REPLY" >"$rbc_lock/owner"
}
rbc_stolen=
rbc_steal=0

rbc_drop_lock() {
  [[ -z $rbc_lock ]] || rm -rf "$rbc_lock"
  rbc_lock=
}
