# -- Log: what the person at the terminal sees

# Nothing of the environment is taken for a variable of the runtime.
for REPLY in "${!rbc_@}"; do unset -v "$REPLY"; done

rbc_color=0

# The time of day in UTC, and the two clocks: seconds since 1970, and milliseconds of a clock
# that nobody can set, for every duration and limit.
rbc_iso() {
  REPLY=${1-}
  [[ -n $REPLY ]] || rbc_epoch
  if [[ $REPLY != "$rbc_told_epoch" ]]; then # time zones are slow
    rbc_told_epoch=$REPLY
    TZ=UTC0 printf -v rbc_told_iso '%(%Y-%m-%dT%H:%M:%SZ)T' "$REPLY"
  fi
  REPLY=$rbc_told_iso
}
rbc_epoch() {
  REPLY=${EPOCHSECONDS-} # bash 5
  [[ -n $REPLY ]] || printf -v REPLY '%(%s)T' -1
}
rbc_clock() {
  local uptime
  if { read -r uptime _ </proc/uptime; } 2>/dev/null; then
    uptime=${uptime/./}0
    REPLY=$((10#$uptime))
  else
    rbc_epoch
    REPLY=$((REPLY * 1000))
  fi
}

# → REPLY: the milliseconds since the decision.
rbc_elapsed() {
  rbc_clock
  REPLY=$((REPLY - rbc_began_clock))
}
rbc_began_clock=0

# `90` as `1m30s`.
rbc_duration() {
  local s=$1
  REPLY=
  ((s < 3600)) || REPLY=$((s / 3600))h
  ((s % 3600 < 60)) || REPLY+=$((s % 3600 / 60))m
  ((s % 60 == 0 && s > 0)) || REPLY+=$((s % 60))s
}

# `1.5` (seconds) as 1500.
rbc_ms() {
  local whole=${1%%.*} part=000
  [[ $1 != *.* ]] || part=${1#*.}000
  REPLY=$((10#${whole:-0} * 1000 + 10#${part:0:3}))
}

rbc_seconds() { printf -v REPLY '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

# A line for people: rbc_say WHERE MARK TEXT, without secrets and control characters, which could play with
# the terminal. A terminal that is gone is no reason to stop.
rbc_say() {
  local mark=$2 text
  rbc_mask "$3"
  text=$REPLY
  [[ $text != *[[:cntrl:]]* ]] || text=${text//[[:cntrl:]]/?}
  rbc_iso
  if ((rbc_color)); then
    case $mark in
      ✓) mark=$'\e[32m✓\e[0m' ;;
      ✗) mark=$'\e[31m✗\e[0m' ;;
      ⚠) mark=$'\e[33m⚠\e[0m' ;;
      ▶) mark=$'\e[1m▶\e[0m' ;;
      *) ;;
    esac
  fi
  printf -v text '%s  %-*s %s %s' "${REPLY:11:8}" "$rbc_width" "$1" "$mark" "$text"
  printf '%s\n' "$text" || printf '%s\n' "$text" >&3 || true
} 2>/dev/null

# A terminal that takes nothing (Ctrl-S, a dead connection) must not hold up the run: another process shows
# what is said, from a file.
rbc_open_screen() {
  local file=$rbc_run_dir/tmp/screen
  [[ -t 1 ]] && : >"$file" || return 0
  rbc_show_screen "$$" <"$file" 2>/dev/null 6>&- 7>&- &
  rbc_screen=$!
  exec 3>&1 >>"$file"
}
rbc_screen=

rbc_show_screen() {
  local line='' part='' never
  trap '' INT HUP TERM
  trap : PIPE
  exec {never}<> <(:)
  while :; do
    kill -0 "$1" || never=
    while IFS= read -r line; do
      [[ $line != "$rbc_flush" ]] || return
      printf '%s\n' "$part$line"
      part=
    done
    part+=$line
    [[ -n $never ]] || return
    read -r -t 0.05 -u "$never"
  done
}

rbc_close_screen() {
  local patience=100
  [[ -n $rbc_screen ]] || return 0
  printf '%s\n' "$rbc_flush"
  while ((patience-- > 0)) && kill -0 "$rbc_screen" 2>/dev/null; do sleep 0.02; done
  exec >&3 3>&-
}

# The same about this script or unit, where there is something to say.
rbc_note() { [[ -z $2 ]] || rbc_say "${rbc_unit:-$rbc_role}" "$@"; }

# The width of the first column: the longest name of a phase.
rbc_width=8

# The same without time and place. Tabs belong to the shell that is shown.
rbc_tell() {
  local REPLY
  rbc_mask "$*"
  rbc_visible "$REPLY"
  printf '%s\n' "$REPLY"
}
rbc_complain() {
  local REPLY
  rbc_visible "$*"
  printf '%s: %s\n' "${0##*/}" "$REPLY" >&2
}

# A text on one line, as rbc_say shows it, but with its tabs.
rbc_visible() {
  local tab=$'\uE000' # no text has this
  REPLY=${1//$'\t'/"$tab"}
  REPLY=${REPLY//[[:cntrl:]]/?}
  REPLY=${REPLY//"$tab"/$'\t'}
}

# Each line of a secret is masked, unless it is very short: many words would be garbled.
rbc_secrets=()
rbc_short_secrets=() # the names of those that can't be masked
rbc_shortest_secret=4
rbc_longest_secret=0
rbc_mask() {
  local secret
  REPLY=$1
  for secret in "${rbc_secrets[@]}"; do
    [[ $REPLY != *"$secret"* ]] || REPLY=${REPLY//"$secret"/'***'}
  done
}

rbc_learn_secret() {
  local line longest=0
  while IFS= read -r line || [[ -n $line ]]; do
    ((${#line} <= longest)) || longest=${#line}
    ((${#line} >= rbc_shortest_secret)) || continue
    rbc_learn_secret_line "$line"
    rbc_learn_secret_line "${line//\'/"'\\''"}" # as --verbose shows it
  done <<<"$2"
  ((longest == 0 || longest >= rbc_shortest_secret)) || rbc_short_secrets+=("$1")
}

# Before those that may be a part of it.
rbc_learn_secret_line() {
  local known at=0
  for known in "${rbc_secrets[@]}"; do
    [[ $known != "$1" ]] || return 0
    ((${#known} < ${#1})) || at=$((at + 1))
  done
  rbc_secrets=("${rbc_secrets[@]:0:at}" "$1" "${rbc_secrets[@]:at}")
  rbc_longest_secret=${#rbc_secrets[0]}
}

# A text as a JSON string, quotes included. Bytes that are not UTF-8 become `?`.
rbc_json() {
  local LC_ALL=C text=$1 code char
  if [[ $text != *[!a-zA-Z0-9' .,:;_/@#%=()+-']* ]]; then
    REPLY=\"$text\"
    return
  fi
  if [[ $text == *[$'\x80'-$'\xff']* ]] && ! rbc_is_utf8 "$text"; then
    text=${text//[$'\x80'-$'\xff']/?}
  fi
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\t'/\\t}
  text=${text//$'\r'/\\r}
  if [[ $text == *[$'\x01'-$'\x1f\x7f']* ]]; then
    for code in {1..31} 127; do
      printf -v char '%02x' "$code"
      printf -v char '%b' "\\x$char"
      printf -v code '\\u%04x' "$code"
      text=${text//"$char"/"$code"}
    done
  fi
  REPLY=\"$text\"
}

rbc_is_utf8() {
  local LC_ALL=C tail=$'[\x80-\xbf]'
  local two=$'[\xc2-\xdf]'$tail three=$'[\xe0-\xec\xee\xef]'$tail$tail
  local four=$'\xed[\x80-\x9f]'"$tail|"$'[\xf0-\xf4]'$tail$tail$tail
  [[ $1 =~ ^([$'\x01'-$'\x7f']|$two|$three|$four)*$ ]]
}
