# -- Gates and manual steps: what a person decides ---------------------------

# Waits for a decision about NAME of this phase. Status 6 where it is denied or nobody answers.
rbc_do_gate() {
  local name=$1 key=$rbc_phase/$1 kind title decision who limit file line
  kind=${rbc_kind[$key]}
  title=${rbc_is["$key.title"]}
  if [[ ${rbc_before["$rbc_unit/$name"]-} == 'done' ]]; then
    rbc_note ✓ "$title (decided before)"
    return 0
  fi
  file=$rbc_run_dir/gates/${rbc_unit//\//@}.$name
  rbc_ms "${rbc_is["$key.timeout"]-0}"
  limit=$REPLY
  ((limit > 0)) || limit=86400000
  rbc_shorten "$rbc_deadline_phase" phase
  rbc_shorten "$rbc_deadline_plan" plan
  rbc_record_safely gate_open "unit=$rbc_unit" "gate=$name" "kind=$kind" "approvers=${rbc_is["$key.approvers"]-}" || return 1
  printf 'gate\t%s\t%s\t.\n' "$rbc_unit" "$name" >&6
  rbc_note ⚠ "WAITS for a person: $title${rbc_is["$key.approvers"]:+ (${rbc_is["$key.approvers"]})}"
  while IFS= read -r line; do
    [[ -z $line ]] || rbc_note ' ' "$line"
  done <<<"${rbc_is["$key.note"]-}"
  rbc_epoch
  rbc_iso "$((REPLY + limit / 1000))"
  line='the run ends as denied'
  [[ -z ${rbc_is["$key.continue"]-} || $rbc_overrun == p* ]] || line='the run goes on'
  rbc_note ' ' "until $REPLY; without an answer by then $line"
  rbc_note ' ' "answer with: $rbc_me --approve $name --as YOU    or    $rbc_me --deny $name --as YOU"
  : >"$file.waiting"
  rbc_decide "$file" "$limit"
  rm -f "$file.waiting" "$file"
  decision=${REPLY%% *}
  who=${REPLY#* }
  [[ $decision != timed_out || -z ${rbc_is["$key.continue"]-} || $rbc_overrun == p* ]] || decision=continued
  rbc_record_safely gate_decision "unit=$rbc_unit" "gate=$name" "decision=$decision" "who=$who" "role=${rbc_is["$key.approvers"]-}" || return 1
  case $decision in
    approved) rbc_note ✓ "$title: approved by $who" ;;
    continued) rbc_note ⚠ "$title: nobody answered in time; going on, as the plan says" ;;
    *)
      rbc_error="$title: ${decision/timed_out/nobody answered in time}${who:+ by $who}"
      rbc_note ✗ "$rbc_error"
      return 6
      ;;
  esac
}

# rbc_decide FILE LIMIT_MS → REPLY: `approved NAME`, `denied NAME`, `timed_out ` or `interrupted `.
# The answer is typed here, or left in the file by --approve or by anyone who may write there.
rbc_decide() {
  local file=$1 until line begun='' answer
  rbc_clock
  until=$((REPLY + $2))
  while [[ -z $rbc_stop ]]; do
    if [[ -s $file ]]; then
      read -r answer <"$file"
      if [[ $answer == approved\ ?* || $answer == denied\ ?* ]]; then
        REPLY=$answer
        rbc_overrun=
        return
      fi
    fi
    rbc_clock
    if ((REPLY >= until)); then
      REPLY='timed_out '
      return
    fi
    if ((! rbc_auto)) && [[ -t 7 ]]; then
      answer=
      if read -r -t 1 -u 7 line; then answer=$begun$line begun=; else begun+=$line; fi
      case $answer in
        y | yes | approve | 'done') REPLY="approved ${SUDO_USER:-${USER:-terminal}}" && return ;;
        n | no | deny) REPLY="denied ${SUDO_USER:-${USER:-terminal}}" && return ;;
        *) ;;
      esac
    else
      sleep 0.2
    fi
  done
  REPLY='interrupted '
}

# --approve and --deny: leaves the answer where the waiting run looks for it.
rbc_answer_gate() {
  local decision=$1 gate=$2 who=$3 file name found=()
  [[ -n $who ]] || rbc_usage "--$rbc_mode wants --as NAME: who decides"
  rbc_find_run '' || rbc_fail 3 'there is no run that could wait for an answer'
  rbc_is_under_way || rbc_fail 3 "run ${rbc_run_dir##*/} waits no more, its process is gone" "go on with it: $rbc_me --resume ${rbc_run_dir##*/}"
  for file in "$rbc_run_dir"/gates/*.waiting; do
    [[ -e $file ]] || continue
    file=${file%.waiting}
    name=${file##*/}
    name=${name//@/\/}
    [[ ${name##*.} != "$gate" && ${name/./\/} != "$gate" ]] || found+=("$file")
  done
  case ${#found[@]} in
    0) rbc_fail 2 "run ${rbc_run_dir##*/} does not wait for a gate \`$gate\`" ;;
    1) ;;
    *) rbc_fail 2 "several gates of that name wait; say which: ${found[*]##*/}" ;;
  esac
  # A link to it is made once only: the first answer holds.
  name=${found[0]}.$$
  { printf '%s %s\n' "$decision" "${who//$'\n'/ }" >"$name"; } 2>/dev/null || rbc_fail 3 "the answer can't be written in ${name%/*}"
  if ! ln "$name" "${found[0]}" 2>/dev/null; then
    rm -f "$name"
    rbc_fail 2 "$gate has an answer already: $(cat "${found[0]}" 2>/dev/null)"
  fi
  rm -f "$name"
  rbc_tell "$gate: $decision by $who"
}
