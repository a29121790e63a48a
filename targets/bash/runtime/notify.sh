# -- Notifications: told in the background, never waited for, never a reason to fail

rbc_messages=()

# rbc_announce EVENT TEXT: the channels that hear of an event, and its hooks.
rbc_announce() {
  local channel hook
  for channel in ${rbc_is["notice.$1.channels"]-}; do
    rbc_send "$channel" "$1" "$2" &
    rbc_messages+=("$!")
  done
  for ((hook = 1; hook <= ${rbc_is["hook.$1.count"]-0}; hook++)); do
    rbc_run_hook "$1" "$hook" &
    rbc_messages+=("$!")
  done
}

# A step that notifies: rbc_announce_step UNIT STEP
rbc_announce_step() {
  local channel key=${1##*/}/$2
  for channel in ${rbc_is["$key.notify"]-}; do
    rbc_send "$channel" "${rbc_is["$key.severity"]:-notice}" "${rbc_is["$key.title"]}" &
    rbc_messages+=("$!")
  done
}

rbc_run_hook() {
  trap '' INT TERM
  rbc_guarded=1
  rbc_open_log "hook $1" "$rbc_run_dir/log/hook.$1.$2.log"
  RBC_EVENT=$1 rbc_call 60000 "hook.$1.$2"
  local status=$?
  rbc_close_log
  rbc_record hook "event_name=$1" "status:=$status"
}

# The last messages get a little time; what has not arrived then is reported.
rbc_await_messages() {
  local pid patience
  for pid in "${rbc_messages[@]}"; do
    for patience in {1..150}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    ((patience < 150)) || kill "$pid" 2>/dev/null || true
  done
}

# Why a channel can't be reached, in words.
rbc_lack_of_channel() {
  local key=channel.$1
  if [[ -n ${rbc_is["$key.secret"]-} ]]; then
    REPLY="\$${rbc_is["$key.secret"]} is not set"
    return
  fi
  case ${rbc_is["$key.kind"]} in
    slack) REPLY='the URL of the incoming webhook is missing' ;;
    pagerduty) REPLY='the routing key is missing' ;;
    email) REPLY='the URL of the mail server (smtp://…) is missing' ;;
    *) REPLY="the target \`${rbc_is["$key.target"]}\` is no http(s) URL" ;;
  esac
  REPLY+=', the plan names no secret that holds it (using NAME)'
}

# rbc_send CHANNEL EVENT TEXT. What is secret goes to curl by its standard input.
rbc_send() {
  local channel=$1 event=$2 text config address status error
  trap '' INT TERM
  address=${rbc_value["channel $channel"]-}
  text="[${rbc_is["plan.operation"]}] ${rbc_is["plan.title"]}: $3 (run $rbc_run on $HOSTNAME)"
  if [[ -z $address ]]; then
    rbc_lack_of_channel "$channel"
    error=$REPLY status=1
  elif ! type -P curl >/dev/null; then
    error='curl is not here' status=1
  else
    case ${rbc_is["channel.$channel.kind"]} in
      slack) rbc_for_slack "$address" "$text" ;;
      pagerduty) rbc_for_pagerduty "$event" "$address" "$text" ;;
      email) rbc_for_email "$channel" "$address" "$text" ;;
      *) rbc_for_webhook "$event" "$address" "$text" ;;
    esac
    error=$(printf '%s' "$REPLY" | curl -sS -f --connect-timeout 5 --max-time 10 --output /dev/null -K - 2>&1)
    status=$?
  fi
  if ((status == 0)); then
    rbc_record notification "channel=$channel" "about=$event" "outcome=sent"
  else
    rbc_say "$rbc_role" ⚠ "$channel was not told of \`$event\`: $error"
    rbc_record notification "channel=$channel" "about=$event" "outcome=failed" "error=$error"
  fi
}

# A line of curl's configuration: rbc_curl_line NAME VALUE
rbc_curl_line() {
  local value=${2//\\/\\\\}
  value=${value//\"/\\\"}
  value=${value//$'\n'/\\n}
  value=${value//$'\r'/\\r}
  config+="$1 = \"$value\""$'\n'
}

rbc_post() {
  config=
  rbc_curl_line url "$1"
  rbc_curl_line header 'Content-Type: application/json'
  rbc_curl_line data-binary "$2"
  REPLY=$config
}

rbc_for_slack() {
  rbc_json "$2"
  rbc_post "$1" "{\"text\":$REPLY}"
}

# https://developer.pagerduty.com/docs/events-api-v2/overview/
rbc_for_pagerduty() {
  local key action=trigger severity=error summary
  case $1 in
    success) action=resolve ;;
    failure | sla_breach) severity=critical ;;
    start | phase | gate) severity=warning ;;
    *) ;;
  esac
  rbc_json "$2"
  key=$REPLY
  rbc_json "$3"
  summary=$REPLY
  rbc_json "rollback ${rbc_is["plan.operation"]}"
  rbc_post "${RBC_PAGERDUTY_URL:-https://events.pagerduty.com/v2/enqueue}" \
    "{\"routing_key\":$key,\"event_action\":\"$action\",\"dedup_key\":$REPLY,\"payload\":{\"summary\":$summary,\"source\":\"$HOSTNAME\",\"severity\":\"$severity\"}}"
}

rbc_for_webhook() {
  local text event operation run
  rbc_json "$3" && text=$REPLY
  rbc_json "$1" && event=$REPLY
  rbc_json "${rbc_is["plan.operation"]}" && operation=$REPLY
  rbc_json "$rbc_run" && run=$REPLY
  rbc_post "$2" "{\"event\":$event,\"operation\":$operation,\"run\":$run,\"text\":$text}"
}

# Mail by SMTP; the message is a file because curl reads it as an upload.
rbc_for_email() {
  local file=$rbc_run_dir/tmp/mail.$BASHPID subject=${3//[$'\r\n']/ } from
  from=${RBC_MAIL_FROM:-rollback@$HOSTNAME}
  printf 'From: %s\r\nTo: %s\r\nSubject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n' \
    "$from" "${rbc_is["channel.$1.target"]}" "$subject" "$3" >"$file"
  config=
  rbc_curl_line url "$2"
  rbc_curl_line mail-from "$from"
  rbc_curl_line mail-rcpt "${rbc_is["channel.$1.target"]}"
  rbc_curl_line upload-file "$file"
  REPLY=$config
}
