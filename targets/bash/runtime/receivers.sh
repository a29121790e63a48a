# -- Receivers: a message in the form that each kind of channel expects

# rbc_curl CONFIGURATION BODY → REPLY: what went wrong, in our words, since curl's may hold the URL.
# What is secret reaches it by pipes, never as an argument.
rbc_curl() {
  local seconds code status
  rbc_clock
  rbc_seconds "$((deadline > REPLY ? deadline - REPLY : 1))"
  seconds=$REPLY REPLY="no answer within ${rbc_message_time}s"
  code=$(printf '%s' "$2" 2>/dev/null | timeout -s KILL "$((${seconds%.*} + 2))" curl -s -g --connect-timeout 5 --max-time "$seconds" \
    -o /dev/null -w '%{http_code}' -K <(printf '%s' "$1") 2>/dev/null)
  status=$?
  case $status in
    0) REPLY='it answers' ;;
    6) REPLY='its host is not known' ;;
    7) REPLY='nobody listens at its address' ;;
    28 | 137) ;;
    35 | 51 | 60) REPLY='its certificate or TLS is not to be trusted' ;;
    52 | 56) REPLY='it broke off the connection' ;;
    64) REPLY='it offers no TLS, and a password is sent by TLS only' ;;
    67) REPLY='it refuses user or password' ;;
    *) REPLY="curl ends with status $status" ;;
  esac
  [[ ${code:-000} == 000 ]] || REPLY+=", status $code"
  [[ $status != 0 || $code != 2* ]] || REPLY=
}

# Adds lines to curl's `config`: rbc_curl_lines NAME VALUE …
rbc_curl_lines() {
  local value
  while (($# > 1)); do
    value=${2//\\/\\\\} value=${value//$'\n'/\\n}
    config+="$1 = \"${value//\"/\\\"}\""$'\n'
    shift 2
  done
}

rbc_post() {
  local config=
  rbc_curl_lines url "$1" header 'Content-Type: application/json' data-binary @-
  rbc_curl "$config" "$2"
}

# In Slack `<!channel>` in a title would call everybody.
rbc_for_slack() {
  REPLY=$headline$'\n'$facts
  REPLY=${REPLY//&/"&amp;"}
  REPLY=${REPLY//</"&lt;"}
  rbc_json "${REPLY//>/"&gt;"}"
  rbc_post "$address" "{\"text\":$REPLY}"
}

# https://developer.pagerduty.com/docs/events-api-v2/overview/
# The incident is that of the operation, in whatever run it is dealt with.
rbc_for_pagerduty() {
  local details=$fields fields='' payload action=trigger
  [[ $event != success ]] || action=resolve
  rbc_cut "$headline" 1000
  rbc_json_fields summary "$REPLY" severity "$severity" source "$rbc_host"
  payload="{\"custom_details\":{$details}$fields}" fields=
  rbc_json_fields routing_key "$address" event_action "$action" \
    dedup_key "rollback/${rbc_is["plan.lock"]}${rbc_region:+@$rbc_region}${rbc_rehearsal:+/rehearsal}"
  rbc_post "${RBC_PAGERDUTY_URL:-https://events.pagerduty.com/v2/enqueue}" "{\"payload\":$payload$fields}"
}

# A text on one line, as UTF-8.
rbc_clean() {
  local LC_ALL=C
  REPLY=${1//[[:cntrl:]]/ }
  rbc_is_utf8 "$REPLY" || REPLY=${REPLY//[$'\x80'-$'\xff']/?}
}

# At most so many bytes of a clean text, and no half characters.
rbc_cut() {
  local LC_ALL=C
  REPLY=${1:0:$2}
  until rbc_is_utf8 "$REPLY"; do REPLY=${REPLY:0:-1}; done
}

# A mail to each recipient by itself: one who has left keeps it from no other.
rbc_for_email() {
  local from to all date subject mail config failed=
  local -a recipients
  rbc_clean "${rbc_is["channel.$channel.target"]}"
  read -r -a recipients <<<"${REPLY//,/ }"
  printf -v all ',\n %s' "${recipients[@]}"
  rbc_clean "${RBC_MAIL_FROM:-rollback@$rbc_host}"
  from=$REPLY
  LC_ALL=C TZ=UTC0 printf -v date '%(%a, %d %b %Y %H:%M:%S +0000)T' -1
  rbc_subject "$headline"
  subject=$REPLY
  rbc_epoch
  mail="From: $from
To: ${all#,$'\n' }
Subject: $subject
Date: $date
Message-ID: <rollback.$REPLY.$BASHPID.$RANDOM@$rbc_host>
MIME-Version: 1.0
Auto-Submitted: auto-generated
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

$(printf '%s\n\n%s\n' "$headline" "$facts" | base64)
"
  for to in "${recipients[@]}"; do
    config=
    [[ $address != smtp:*@* ]] || config=$'ssl-reqd\n'
    rbc_curl_lines url "$address" mail-from "$from" mail-rcpt "$to" upload-file -
    rbc_curl "$config" "${mail//$'\n'/$'\r\n'}"
    [[ -z $REPLY ]] || failed+="; $to: $REPLY"
  done
  ((${#recipients[@]} > 0)) || failed='; the plan names no recipient'
  REPLY=${failed#; }
}

# A subject as RFC 2047 wants it where it is not ASCII.
rbc_subject() {
  local LC_ALL=C rest words=
  rbc_cut "$1" 240
  [[ $REPLY == *[$'\x80'-$'\xff']* || $REPLY == *'=?'* ]] || return 0
  rest=$REPLY
  while [[ -n $rest ]]; do
    rbc_cut "$rest" 42
    rest=${rest#"$REPLY"}
    words+=$'\n'" =?UTF-8?B?$(printf '%s' "$REPLY" | base64 -w 0)?="
  done
  REPLY=${words#$'\n '}
}
