# -- Journal: one JSON object a line, what was meant before what came of it --
#
# Each line carries the SHA-256 of the line before it. Whoever writes the next one holds the
# token meanwhile: the one byte in a pipe, so that reading it is taking the lock.

rbc_journal=
rbc_constants=
rbc_unjournaled=0 # once a line could not be written, nothing new is begun

# Opens the journal of a run: rbc_open_journal SEQ HASH, those of the last line that is there.
rbc_open_journal() {
  local pipe=$rbc_run_dir/token.$$
  mkfifo "$pipe"
  exec 5<>"$pipe"
  rm -f "$pipe"
  printf '%s %s\n' "$1" "$2" >"$rbc_run_dir/tmp/chain"
  printf . >&5
  rbc_json "$rbc_run"
  rbc_constants="\"run\":$REPLY"
  rbc_json "${rbc_is["plan.operation"]}"
  rbc_constants+=",\"operation\":$REPLY,\"plan_sha256\":\"${rbc_is["plan.sha256"]}\""
}

# rbc_record EVENT key=value… Values are texts; `key:=value` is a number or a literal.
# Where the journal can't be written the run must not go on: the status is then 1.
rbc_record() {
  local seq prev line word fields time event=$1
  [[ -n $rbc_journal ]] || return 0
  shift
  fields="\"event\":\"$event\""
  for word; do
    if [[ ${word%%=*} == *: ]]; then
      fields+=",\"${word%%:=*}\":${word#*:=}"
    else
      # Names of the plan are no secrets, and a resumed run has to find them again.
      REPLY=${word#*=}
      case ${word%%=*} in
        unit | step | gate | kind | outcome | scenario | region | decision) ;;
        *) rbc_mask "$REPLY" ;;
      esac
      rbc_json "$REPLY"
      fields+=",\"${word%%=*}\":$REPLY"
    fi
  done
  rbc_iso
  time=$REPLY
  if read -r -N 1 -t 10 -u 5 prev; then
    read -r seq prev <"$rbc_run_dir/tmp/chain"
  else
    rbc_journal_end
  fi
  line="{\"seq\":$((seq + 1)),\"time\":\"$time\",$rbc_constants,$fields,\"prev\":\"$prev\"}"
  if ! { printf '%s\n' "$line" >>"$rbc_journal"; } 2>/dev/null; then
    printf . >&5
    rbc_complain "the journal $rbc_journal can't be written"
    rbc_unjournaled=1
    return 1
  fi
  rbc_hash "$line"
  printf '%s %s\n' "$((seq + 1))" "$REPLY" >"$rbc_run_dir/tmp/chain"
  printf . >&5
}

# The same, and on the disk before anything else happens.
rbc_record_safely() {
  rbc_record "$@" && sync -d "$rbc_journal" 2>/dev/null
}

rbc_hash() {
  REPLY=$(printf '%s\n' "$1" | sha256sum)
  REPLY=${REPLY%% *}
}

# Number and hash of the last line, where the token got lost with its holder.
rbc_journal_end() {
  local last
  last=$(tail -n 1 "$rbc_journal")
  [[ $last =~ ^\{\"seq\":([0-9]+), ]] || return 1
  seq=${BASH_REMATCH[1]}
  rbc_hash "$last"
  prev=$REPLY
}

# The text of a field of a line: rbc_field LINE KEY → REPLY, status 1 where it is not there.
rbc_field() {
  local text
  if [[ $1 =~ \"$2\":\"(([^\"\\]|\\.)*)\" ]]; then
    text=${BASH_REMATCH[1]//\\\\/$'\x01'}
    text=${text//\\\"/\"}
    text=${text//\\n/$'\n'}
    text=${text//\\t/$'\t'}
    text=${text//\\r/$'\r'}
    REPLY=${text//$'\x01'/\\}
  elif [[ $1 =~ \"$2\":(-?[0-9.]+|true|false|null)[,}] ]]; then
    REPLY=${BASH_REMATCH[1]}
  else
    REPLY=
    return 1
  fi
}

# Reads a journal and judges its chain: rbc_read_journal FILE → rbc_lines. A torn last line is
# what a crash leaves and is dropped; a line that was changed is refused.
rbc_read_journal() {
  local line prev=$rbc_no_hash number=0
  rbc_lines=()
  while IFS= read -r line; do
    number=$((number + 1))
    if [[ $line != "{\"seq\":$number,"*",\"prev\":\"$prev\"}" ]]; then
      [[ $line != "{\"seq\":$number,"*"\"}" ]] || number=$((number - 1))
      REPLY="line $number of $1 is not what was written there"
      return 1
    fi
    rbc_lines+=("$line")
    rbc_hash "$line"
    prev=$REPLY
  done <"$1"
  rbc_torn=$line
  rbc_last_hash=$prev
}
rbc_lines=()
rbc_torn=
rbc_last_hash=
rbc_no_hash=0000000000000000000000000000000000000000000000000000000000000000
