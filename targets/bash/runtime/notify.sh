# -- Notifications: told in the background, never waited for, never a reason to fail
#
# Each message is a process that waits for the one before it on its channel: one that ends, however it
# does, closes the pipe that the next one reads.

declare -A rbc_turn=()                      # CHANNEL: the pipe that its last message holds open
declare -A rbc_messenger=()                 # CHANNEL: the process of its last message
rbc_message_time=${RBC_MESSAGE_TIMEOUT:-10} # seconds for one message, and at the end for all

# rbc_announce EVENT TEXT: the channels that hear of an event, and its hooks.
rbc_announce() {
  local channel hook told=' ' channels=${rbc_is["notice.$1.channels"]-}
  # An incident is over with the rollback, also where nobody hears of its success.
  [[ $1 != success || " ${rbc_channels[*]} " != *' pagerduty '* ]] || channels+=' pagerduty'
  for channel in $channels; do
    [[ $told != *" $channel "* ]] || continue
    told+="$channel "
    rbc_take_turn "$channel" "$1" "$2"
  done
  for ((hook = 1; hook <= ${rbc_is["hook.$1.count"]-0}; hook++)); do
    rbc_take_turn "hook ${#rbc_turn[@]}" "$1" "$hook"
  done
}

# A step that notifies: rbc_announce_step UNIT STEP
rbc_announce_step() {
  local channel key
  rbc_phase_of "$1"
  key=$REPLY/$2
  for channel in ${rbc_is["$key.notify"]-}; do
    rbc_take_turn "$channel" step "${rbc_is["$key.title"]}" "${rbc_is["$key.severity"]-}"
  done
}

# rbc_take_turn KEY EVENT …: in the background, with the pipe of the one before on 0.
rbc_take_turn() {
  local key=$1 before=${rbc_turn[$1]-} after
  [[ -n $before ]] || exec {before}</dev/null
  {
    exec {after}< <(
      if [[ $1 == hook\ * ]]; then rbc_run_hook "$2" "$3"; else rbc_send "$@"; fi <&"$before" 3>&1 >&8 8>&-
    )
  } 8>&1
  rbc_messenger[$key]=$!
  rbc_turn[$key]=$after
  exec {before}<&-
}

# At the end all messages together get the time of one.
rbc_await_messages() {
  local key until
  rbc_after "$rbc_message_time"
  until=$REPLY
  printf '%s\n' "$until" >"$rbc_run_dir/tmp/deadline"
  for key in "${!rbc_turn[@]}"; do
    rbc_is_through "$key" "$((until + 1500))" && continue
    kill -TERM "${rbc_messenger[$key]}" 2>/dev/null # a hook, which stops what it started
    rbc_after "$rbc_grace"
    rbc_is_through "$key" "$((REPLY + 1500))"
  done
  rm -f "$rbc_run_dir/tmp/deadline"
}

# rbc_is_through KEY UNTIL: whether the last of its kind has ended by then.
rbc_is_through() {
  rbc_clock
  rbc_seconds "$(($2 > REPLY ? $2 - REPLY : 10))"
  read -r -t "$REPLY" -u "${rbc_turn[$1]}"
  (($? <= 128))
}

rbc_run_hook() {
  local status
  trap 'rbc_stop=TERM' TERM
  trap '' INT HUP PIPE
  rbc_stop='' rbc_deadline=()
  rbc_open_log "hook $1" "$rbc_run_dir/log/hook.$1.$2.log"
  RBC_EVENT=$1 rbc_call 60000 "hook.$1.$2"
  status=$?
  rbc_close_log
  ((status == 0)) || rbc_note ⚠ "the hook on \`$1\` failed: exit status $status"
  rbc_record hook "event_name=$1" "status:=$status"
}

# rbc_send CHANNEL EVENT TEXT [SEVERITY]: one message.
rbc_send() {
  local channel=$1 event=$2 severity=info headline facts fields deadline error outcome=sent
  local address=${rbc_value["channel $1"]-}
  trap '' INT TERM HUP PIPE
  case ${4:-$2} in
    failure | sla_breach | critical) severity=critical ;;
    high) severity=error ;;
    start | gate | medium) severity=warning ;;
    *) ;;
  esac
  rbc_compose "$2" "$3"
  read -r
  # Of a run that was killed nothing is told any more: it may be resumed by now.
  kill -0 "$$" 2>/dev/null || exit 0
  rbc_after "$rbc_message_time"
  deadline=$REPLY
  { read -r deadline <"$rbc_run_dir/tmp/deadline"; } 2>/dev/null
  rbc_lacks "$channel" || case ${rbc_is["channel.$channel.kind"]} in
    slack) rbc_for_slack ;;
    pagerduty) rbc_for_pagerduty ;;
    email) rbc_for_email ;;
    *) rbc_post "$address" "{$fields}" ;;
  esac
  error=$REPLY
  kill -0 "$$" 2>/dev/null || exit 0
  [[ -z $error ]] || { outcome=failed && rbc_note ⚠ "$channel was not told of \`$event\`: $error"; }
  rbc_record notification "channel=$channel" "about=$event" "outcome=$outcome" ${error:+"error=$error"}
}

# Why a channel can't be reached, in words; status 1 where it can.
rbc_lacks() {
  local kind=${rbc_is["channel.$1.kind"]} secret=${rbc_is["channel.$1.secret"]-} form='https?://' what
  local address=${rbc_value["channel $1"]-}
  case $kind in
    slack) what='the URL of an incoming webhook' ;;
    pagerduty) form='' what='a routing key' ;;
    email) form='smtps?://' what='the URL of a mail server (smtp://…)' ;;
    *) what='an http(s) URL' ;;
  esac
  if [[ $address =~ ^${form}[^[:space:][:cntrl:]]+$ ]]; then
    REPLY='curl is not here'
    [[ -z $(type -P curl) ]]
    return
  elif [[ -z $secret ]]; then
    REPLY="the plan names no secret that holds $what (using NAME)"
    [[ $kind != webhook ]] || REPLY="the target \`${rbc_is["channel.$1.target"]}\` is no http(s) URL, and $REPLY"
  elif [[ -z $address ]]; then
    REPLY="\$$secret is not set"
  else
    REPLY="\$$secret is not $what"
  fi
}

# rbc_compose EVENT TEXT: what somebody has to know who was asleep, in `headline` and `facts`, and `fields`.
rbc_compose() {
  rbc_mask "$2"
  [[ $1/$rbc_mode != start/resume ]] || REPLY+='; it was resumed'
  headline="[${rbc_is["plan.operation"]}] ${rbc_is["plan.title"]}: $REPLY"
  [[ -z $rbc_rehearsal ]] || headline="REHEARSAL in $rbc_rehearsal: $headline"
  rbc_clean "$headline"
  headline=$REPLY fields=
  rbc_json_fields event "$1" severity "$severity" text "$headline" operation "${rbc_is["plan.operation"]}" \
    title "${rbc_is["plan.title"]}" host "$rbc_host"
  facts="$rbc_role on $rbc_host"
  [[ $rbc_role != rollback ]] || rbc_compose_facts "$1"
  rbc_mask "$facts"
  facts=$REPLY
  rbc_json_fields facts "$facts"
  fields=${fields#,}
}

# How far the run is, by when, and where to look.
rbc_compose_facts() {
  local unit total=0 over=0 now='' elapsed sla=${rbc_is["plan.sla"]} look
  for unit in "${rbc_units[@]}"; do
    [[ -n ${rbc_work_of[$unit]// /} && $unit != regions/* ]] || continue
    total=$((total + 1))
    case ${rbc_before[$unit]-}/${rbc_state[$unit]} in
      done/* | */done) over=$((over + 1)) ;;
      */running | */failed) now+=", $unit ${rbc_state[$unit]}" ;;
      *) ;;
    esac
  done
  facts="phases: $over of $total done$now"
  [[ $rbc_mode != forward_fix ]] || facts="forward fix of $rbc_crossed"
  if [[ $1 == failure ]]; then
    REPLY="${rbc_known[failed_phase]-}, ${rbc_known[failed_step]-}: ${rbc_known[error]-}"
    [[ -n ${rbc_known[failed]-} ]] || rbc_status_words
    facts="why: $REPLY"$'\n'$facts
  fi
  rbc_elapsed
  elapsed=$((REPLY / 1000))
  ((! rbc_verified)) || { rbc_clock_time && elapsed=$REPLY; }
  fields+=",\"phases_done\":$over,\"phases\":$total,\"elapsed_seconds\":$elapsed,\"sla_seconds\":$sla"
  rbc_json_fields run "$rbc_run" scenario "$rbc_scenario" region "$rbc_region" rehearsal "$rbc_rehearsal"
  rbc_duration "$sla"
  sla="SLA $REPLY${rbc_is["plan.per_region"]:+ per region}"
  rbc_duration "$elapsed"
  printf -v look 'cd %q && %s --status%s' "$rbc_typed_in" "$rbc_me" "${rbc_region:+ --region $rbc_region}"
  [[ $rbc_run_dir == "$rbc_typed_in/.rbc/runs/"* ]] || printf -v look '%s --run-dir %q' "$look" "$rbc_run_dir"
  facts+="
time: ${REPLY:-0s} ($sla)
run: $rbc_run on $rbc_host, scenario $rbc_scope
look: $look"
}
