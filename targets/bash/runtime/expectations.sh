# -- Expectations

rbc_unmet=

# rbc_expectations OWNER FUNCTION LIMIT_MS: each one in turn. Where one does not hold, rbc_unmet
# says in words what was found.
rbc_expectations() {
  local owner=$1 function=$2 limit=$3 number until
  rbc_unmet=
  for ((number = 1; number <= ${rbc_is["$owner.expectations"]-0}; number++)); do
    rbc_after "${rbc_is["$owner.$number.within"]-0}"
    until=$REPLY
    while ! rbc_holds "$owner.$number" "$function.$number" "$limit"; do
      rbc_clock
      [[ $rbc_overrun != p* ]] || return 124
      ((REPLY < until)) && [[ -z $rbc_stop ]] || return 1
      rbc_pause_before "$until" "${rbc_is["$owner.$number.every"]-5}"
    done
    rbc_unmet=
  done
}

# rbc_after SECONDS → REPLY: when they will be over, on the clock of rbc_clock.
rbc_after() {
  local ms
  rbc_ms "$1"
  ms=$REPLY
  rbc_clock
  REPLY=$((REPLY + ms))
}

# rbc_pause_before UNTIL EVERY: until it is asked again, or the time is over.
rbc_pause_before() {
  local left
  rbc_clock
  left=$(($1 - REPLY))
  rbc_ms "$2"
  ((REPLY < left)) || REPLY=$((left > 0 ? left : 0))
  rbc_seconds "$REPLY"
  rbc_pause "$REPLY"
}

# Asks once: the command must succeed, and its output match.
rbc_holds() {
  local key=$1 file=$rbc_run_dir/tmp/$BASHPID.out status found wanted=${rbc_is["$1.value"]-}
  local label=${rbc_is["$1.label"]:+"${rbc_is["$1.label"]}: "}
  rbc_apart=1 rbc_call "$3" "$2" 3>"$file"
  status=$?
  found=$(head -c 16777216 "$file" | tr -d '\0')
  if ((${#found} >= 16000000)); then
    cat "$file" >&4
  elif [[ -n $found ]]; then
    printf '%s\n' "$found" >&4
  fi
  rm -f "$file"
  rbc_trim "$found"
  found=$REPLY
  ((status == 0)) && case ${rbc_is["$key.matcher"]} in
    equals)
      rbc_trim "$wanted"
      [[ $found == "$REPLY" ]]
      ;;
    contains) [[ $found == *"$wanted"* ]] ;;
    matches) [[ $found =~ $wanted ]] ;;
    equals_file)
      rbc_trim "$(tr -d '\0' <"$wanted")"
      [[ -r $wanted && $found == "$REPLY" ]]
      ;;
    *) true ;;
  esac && return 0
  # Masked before it is cut: the beginning of a secret is a secret.
  rbc_mask "$found"
  found=${REPLY:0:200}
  rbc_mask "$wanted"
  case $status in
    0) rbc_unmet="found \`$found\`, wanted: ${rbc_is["$key.matcher"]} \`${REPLY:0:200}\`" ;;
    124) rbc_unmet='no answer within the time limit' ;;
    *) rbc_unmet="exit status $status${found:+, output \`$found\`}" ;;
  esac
  rbc_unmet=$label$rbc_unmet
  return 1
} 2>/dev/null

rbc_trim() {
  REPLY=${1#"${1%%[![:space:]]*}"}
  REPLY=${REPLY%"${REPLY##*[![:space:]]}"}
}
