# -- Journal: one JSON object a line, what was meant before what came of it
#
# Each line has the SHA-256 of the one before. Who writes holds the token, the one byte in pipe 5. Pipe 9 holds
# number and hash of the last line, from a small process, or where it is gone one for each line.

rbc_journal=
rbc_constants=
rbc_to_hash=9
rbc_unjournaled=0 # once a line could not be written, nothing new is begun
rbc_reserve=      # room that is given up then, for undoing and telling

# rbc_open_journal SEQ HASH: those of the last line that is there.
rbc_open_journal() {
  local pipe=$rbc_run_dir/tmp/pipe.$$ lines fields=''
  mkfifo "$pipe.token" "$pipe.chain" "$pipe.lines"
  exec 5<>"$pipe.token" 9<>"$pipe.chain" {rbc_to_hash}<>"$pipe.lines"
  exec {lines}<"$pipe.lines"
  rm -f "$pipe".*
  LC_ALL=C "$BASH" -c "$(declare -f rbc_hash_each) && rbc_hash_each" \
    <&"$lines" >&9 2>/dev/null 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- {lines}>&- {rbc_to_hash}>&- &
  rbc_hasher=$!
  rbc_process "$!" && rbc_hasher_since=$REPLY
  disown
  exec {lines}>&-
  rbc_hand_on "$1" "$2"
  rbc_reserve=$rbc_run_dir/tmp/reserve
  head -c 100000 /dev/zero >"$rbc_reserve"
  rbc_json_fields run "$rbc_run" operation "${rbc_is["plan.operation"]}" plan_sha256 "${rbc_is["plan.sha256"]}"
  rbc_constants=${fields#,}
}

# Lines `NUMBER LINE` as `NUMBER HASH`, while the run goes on.
rbc_hash_each() {
  local line hash
  trap '' HUP INT TERM
  while IFS= read -r line; do
    hash=$(sha256sum <<<"${line#* }") && printf '%09d %.64s\n' "${line%% *}" "$hash"
  done
}

# rbc_record EVENT key=value… Values are texts; `key:=value` is a number or a literal.
# Status 1 where it can't be written; the run must not go on then.
rbc_record() {
  local seq prev line word fields event=$1
  [[ -n $rbc_journal ]] || return 0
  shift
  fields="\"event\":\"$event\""
  for word; do
    if [[ ${word%%=*} == *: ]]; then
      fields+=",\"${word%%:=*}\":${word#*:=}"
    else
      # Names of the plan are no secrets; a resume has to find them again.
      REPLY=${word#*=}
      case ${word%%=*} in
        unit | step | gate | kind | outcome | scenario | region | decision | plan | from | only | mode | trigger | \
          rehearsal | folder | artifacts | boot | point | check | metric | name) ;;
        *) rbc_mask "$REPLY" ;;
      esac
      rbc_json_fields "${word%%=*}" "$REPLY"
    fi
  done
  rbc_take_token
  rbc_elapsed
  line=$REPLY
  rbc_iso
  line="{\"seq\":$((seq + 1)),\"time\":\"$REPLY\",\"clock_ms\":$line,$rbc_constants,$fields,\"prev\":\"$prev\"}"
  if rbc_append "$line" || rbc_append "$line"; then
    if [[ -e $rbc_run_dir/tmp/no_hasher ]]; then
      rbc_hash_each <<<"$((seq + 1)) $line" >&9 2>/dev/null &
    else
      printf '%s %s\n' "$((seq + 1))" "$line" >&"$rbc_to_hash"
    fi
    printf . >&5
    return 0
  fi
  rbc_hand_on "$seq" "$prev"
  rbc_complain "the journal $rbc_journal can't be written"
  rbc_unjournaled=1
  return 1
}

# Adds texts to `fields`, as JSON: rbc_json_fields NAME TEXT …
rbc_json_fields() {
  while (($# > 1)); do
    rbc_json "$2"
    fields+=",\"$1\":$REPLY"
    shift 2
  done
}

# rbc_append LINE: all of it or nothing; where the disk is full the reserve is given up.
rbc_append() {
  # Once it is gone, another one is not begun.
  [[ $1 != '{"seq":1,'* && ! -e $rbc_journal ]] || { printf '%s\n' "$1" >>"$rbc_journal" && return 0; }
  rbc_cut_journal "$rbc_journal"
  rm -f "$rbc_reserve"
  return 1
} 2>/dev/null

# Whether there is room to write down what a new step would do.
rbc_has_room() { [[ -z $rbc_reserve || -s $rbc_reserve ]] && ((! rbc_unjournaled)); }

# rbc_record, and on the disk before all else.
rbc_record_safely() {
  rbc_record "$@" && sync -d "$rbc_journal" 2>/dev/null
}

# Number and hash of the last line, and the token.
rbc_hand_on() {
  printf '%09d %s\n' "$1" "$2" >&9
  printf . >&5
}

# Takes them, or works them out where they do not come.
rbc_take_token() {
  local patience=10
  read -r -N 1 -t 10 -u 5 prev || patience=1
  while ((patience-- > 0)); do
    if read -r -N 75 -t 1 -u 9 prev; then
      seq=$((10#${prev%% *})) prev=${prev:10:64}
      return
    fi
    [[ -e $rbc_run_dir/tmp/no_hasher ]] || rbc_hasher_lives || break
  done
  : >"$rbc_run_dir/tmp/no_hasher"
  ! rbc_hasher_lives || kill -KILL "$rbc_hasher"
  while read -r -t 0.1 -u 9 prev || read -r -t 0.1 -u "$rbc_to_hash" prev; do :; done
  rbc_journal_end
} 2>/dev/null

# Its number may be that of another process by now.
rbc_hasher_lives() { rbc_lives_on unit "$rbc_hasher" "$rbc_hasher_since"; }

rbc_close_journal() {
  [[ -n $rbc_constants ]] || return 0
  rbc_constants=
  rbc_take_token
  exec {rbc_to_hash}>&-
  rbc_to_hash=9
}

# The same, where it got lost with who held the token.
rbc_journal_end() {
  local last
  rbc_cut_journal "$rbc_journal"
  last=$(tail -n 1 "$rbc_journal" 2>/dev/null)
  seq=0 prev=$rbc_no_hash
  [[ $last =~ ^\{\"seq\":([0-9]+), ]] || return 0
  seq=${BASH_REMATCH[1]}
  prev=$(sha256sum <<<"$last")
  prev=${prev%% *}
}

# Takes away a line that a crash or a full disk has cut short.
rbc_cut_journal() {
  local whole
  whole=$(head -n "$(wc -l <"$1")" "$1" | wc -c) && truncate -c -s "$whole" "$1"
} 2>/dev/null

# rbc_field LINE KEY → REPLY: its text; status 1 where it is not there.
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

# Fields of a line as variables: rbc_fields LINE PREFIX NAME…
rbc_fields() {
  local name
  for name in "${@:3}"; do rbc_field "$1" "$name" && printf -v "$2$name" %s "$REPLY"; done
} 2>/dev/null

# rbc_read_journal FILE → rbc_lines, if its chain holds. A torn last line, left by a crash, is dropped.
rbc_read_journal() {
  local line prev=$rbc_no_hash number=0
  local -a hashes
  mapfile -t rbc_lines <"$1"
  rbc_torn=
  if ((${#rbc_lines[@]} > 0)) && [[ -n $(tail -c 1 "$1") ]]; then
    rbc_torn=${rbc_lines[-1]}
    unset 'rbc_lines[-1]'
  fi
  rbc_hash_lines || { REPLY="there is no room in $rbc_lock to check $1" && return 1; }
  for line in "${rbc_lines[@]}"; do
    number=$((number + 1))
    if [[ $line != "{\"seq\":$number,"*",\"prev\":\"$prev\"}" ]]; then
      [[ $line != "{\"seq\":$number,"*"\"}" ]] || number=$((number - 1))
      REPLY="line $number of $1 is not what was written there"
      return 1
    fi
    prev=${hashes[number - 1]}
  done
  rbc_last_hash=$prev
}
printf -v rbc_no_hash %064d 0

# The hash of each of rbc_lines in `hashes`, a few hundred lines to a process.
rbc_hash_lines() {
  local folder=$rbc_lock/lines at
  local -a files
  mkdir "$folder" || return 1
  printf '%s\n' "${rbc_lines[@]}" | split -l 1 -a 5 - "$folder/" || return 1
  files=("$folder"/*) hashes=()
  for ((at = 0; at < ${#files[@]}; at += 500)); do
    mapfile -t -O "$at" hashes < <(sha256sum "${files[@]:at:500}")
  done
  rm -rf "$folder"
  hashes=("${hashes[@]%% *}")
}
