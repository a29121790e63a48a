# -- Gates and manual steps: what a person decides

# Waits for a decision. Status 6 where it is denied or nobody answers.
rbc_do_gate() {
  local name=$1 key=$rbc_phase/$1 called=$rbc_unit/$1 title approvers decision who limit file line begun=''
  title=${rbc_is["$key.title"]} approvers=${rbc_is["$key.approvers"]-}
  if [[ ${rbc_before["$rbc_unit/$name"]-} == 'done' ]]; then
    rbc_note ✓ "$title (decided before)"
    return 0
  fi
  file=$rbc_run_dir/gates/${rbc_unit//\//@}.$name
  rbc_ms "${rbc_is["$key.timeout"]-0}"
  limit=$REPLY
  ((limit > 0)) || limit=86400000
  rbc_shorten
  rbc_record_safely gate_open "unit=$rbc_unit" "gate=$name" "kind=${rbc_kind[$key]}" "approvers=$approvers" || return 1
  printf 'gate\t%s\t%s\t.\n' "$rbc_unit" "$name" >&6
  if ((! rbc_auto)) && [[ -t 7 ]] && rbc_hear 5; then
    rbc_forget_typed 7
    printf . >&"$rbc_typing"
  fi
  : >"$file.waiting"
  rbc_note ⚠ "WAITS for a person: $title${approvers:+ ($approvers)}"
  while IFS= read -r line; do
    rbc_note ' ' "$line"
  done <<<"${rbc_is["$key.note"]-}"
  rbc_epoch
  rbc_iso "$((REPLY + limit / 1000))"
  line='the run ends as denied'
  [[ -z ${rbc_is["$key.continue"]-} || $rbc_overrun == p* ]] || line='the run goes on'
  rbc_note ' ' "until $REPLY; without an answer by then $line"
  called=${called#regions/*/}
  ((rbc_auto)) || [[ ! -t 7 ]] || rbc_note ' ' "type: yes $called    or    no $called"
  called+=" --as YOU${rbc_region:+ --region $rbc_region}"
  [[ $rbc_typed_in == "$PWD" ]] || printf -v called '%s --run-dir %q' "$called" "$rbc_run_dir"
  rbc_note ' ' "answer with: $rbc_me --approve $called    or    $rbc_me --deny $called"
  rbc_decide "$file" "$limit"
  [[ -z $begun ]] || printf . >&"$rbc_typing"
  rm -f "$file.waiting" "$file"
  decision=${REPLY%% *}
  who=${REPLY#* }
  [[ $decision != timed_out || $line != *on ]] || decision=continued
  line=
  [[ $decision == @(approved|continued) ]] || line=${decision/timed_out/nobody answered in time}${who:+ by $who}
  rbc_record_safely gate_decision "unit=$rbc_unit" "gate=$name" "decision=$decision" "who=$who" "role=$approvers" "error=$line" || return 1
  case $decision in
    approved) rbc_note ✓ "$title: approved by $who" ;;
    continued) rbc_note ⚠ "$title: nobody answered in time; going on, as the plan says" ;;
    *)
      rbc_error="$title: $line"
      rbc_note ✗ "$rbc_error"
      return 6
      ;;
  esac
}

# What was typed before a question is no answer to it: rbc_forget_typed DESCRIPTOR
rbc_forget_typed() {
  while [[ -t $1 ]] && read -r -t 0.1 -u "$1" _; do :; done
}

# The byte in this pipe is the turn to read the terminal: of two that wait for one line, one would wait
# for ever, whatever its limit. A read whose time is over may have taken it all the same.
rbc_typing=9
rbc_hear() { read -r -N 1 -t "$1" -u "$rbc_typing" line || [[ $line == . ]]; }

# rbc_decide FILE LIMIT_MS → REPLY: `approved NAME`, `denied NAME`, `timed_out ` or `interrupted `.
# The answer is typed, or left in the file by --approve or by whoever may write there.
rbc_decide() {
  local file=$1 until line answer=''
  rbc_clock
  until=$((REPLY + $2))
  while [[ -z $rbc_stop ]]; do
    [[ ! -s $file ]] || read -r answer <"$file"
    if [[ $answer == @(approved|denied)\ ?* ]]; then
      REPLY=$answer
      rbc_overrun=
      return
    elif [[ -n $answer ]]; then
      rbc_note ⚠ "\`$answer\` is no answer, and is removed: write \`approved NAME\` or \`denied NAME\`"
      rm -f "$file"
      answer=
    fi
    rbc_clock
    if ((REPLY >= until)); then
      REPLY='timed_out '
      return
    fi
    # Nor may the line come as the time ends: it is there before.
    if ((rbc_auto)) || [[ ! -t 7 ]] || ! read -r -t 0 -u 7; then
      sleep 0.2
    elif [[ -n $begun ]] || rbc_hear 1; then
      read -r -t 1 -u 7 line
      REPLY=$?
      begun+=$line # the rest of a line is for who has begun it
      [[ $REPLY -gt 128 && -n $begun ]] || printf . >&"$rbc_typing"
      if ((REPLY == 0)); then
        line=$begun begun=
        rbc_take_typed "$line"
      elif ((REPLY <= 128)); then
        begun=
        sleep 0.2 # this run is in the background
      fi
    fi
  done
  REPLY='interrupted '
}

# `yes GATE` or `no GATE`; without a name where only one waits.
rbc_take_typed() {
  local word=${1%% *} decision=denied found
  case $word in
    y | yes | approve | 'done') decision=approved ;;
    n | no | deny) ;;
    *)
      [[ -z $word ]] || rbc_note ⚠ "\`$1\` is no answer; type yes or no"
      return
      ;;
  esac
  decision+=" ${SUDO_USER:-${USER:-terminal}}"
  REPLY=${1#"$word"}
  rbc_find_gates "${REPLY// /}"
  if ((${#found[@]} != 1)); then
    rbc_note ⚠ "\`$1\` may be meant for: ${REPLY:-no gate that waits}; type yes GATE or no GATE"
  elif [[ ${found[0]} == "$file" ]]; then
    answer=$decision
  else
    rbc_leave_answer "${found[0]}" "$decision"
  fi
}

# The gates that wait and are called so, or all: files in `found`, names in REPLY.
rbc_find_gates() {
  local file name
  found=() REPLY=
  for file in "$rbc_run_dir"/gates/*.waiting; do
    [[ -e $file ]] || continue
    file=${file%.waiting}
    name=${file##*/}
    name=${name%.*}/${name##*.}
    name=${name//@/\/}
    name=${name#regions/*/}
    [[ -z $1 || /$name == */"$1" ]] || continue
    found+=("$file")
    REPLY+=${REPLY:+, }$name
  done
}

# rbc_leave_answer FILE ANSWER. A link is made once only: the first answer holds.
rbc_leave_answer() {
  printf '%s\n' "${2//$'\n'/ }" >"$1.$BASHPID" && ln "$1.$BASHPID" "$1"
  REPLY=$?
  rm -f "$1.$BASHPID"
  return "$REPLY"
} 2>/dev/null

# --approve and --deny: leaves the answer where the waiting run looks for it.
rbc_answer_gate() {
  local found
  [[ -n $rbc_as ]] || rbc_usage "--$rbc_mode wants --as NAME: who decides"
  rbc_take_run 'that could wait for an answer'
  if ! rbc_is_under_way; then
    rbc_name_run --resume
    rbc_fail 3 "run $rbc_run waits no more, its process is gone" "go on with it: $REPLY"
  fi
  rbc_find_gates "$rbc_gate"
  if ((${#found[@]} == 0)); then
    rbc_find_gates ''
    rbc_fail 2 "run $rbc_run: no gate \`$rbc_gate\` waits${REPLY:+, but: $REPLY}"
  fi
  ((${#found[@]} == 1)) || rbc_fail 2 "run $rbc_run: \`$rbc_gate\` may be meant for: $REPLY"
  if rbc_leave_answer "${found[0]}" "$1 $rbc_as"; then
    rbc_tell "$rbc_gate: $1 by $rbc_as"
  elif [[ -s ${found[0]} ]]; then
    rbc_fail 2 "$rbc_gate has an answer already: $(cat "${found[0]}")"
  else
    rbc_fail 3 "the answer can't be written in ${found[0]%/*}"
  fi
}
