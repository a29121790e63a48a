# -- Monitor: samples every metric, and starts the rollback when a trigger fires
#
# Times are milliseconds since the start of the system: a jump of the time of day makes nothing
# fire. A trigger or metric of one region is called `NAME@REGION`.

declare -A rbc_breached=() # TRIGGER: since when there are breaches in a row, and how many
declare -A rbc_blind=()    # METRIC: since when there is no data, and 1 once that was reported
rbc_now=0                  # when the latest samples were asked for
rbc_skew=0                 # the time of day less the time since the start, then
rbc_cooling=0              # until when nothing is started
rbc_over=0                 # a trigger has fired

rbc_monitor() {
  local next due
  trap '' HUP PIPE
  REPLY=$(readlink -f "$rbc_self")
  : "${rbc_rollback:=${REPLY%/*}/rollback.sh}"
  rbc_watch
  if [[ -n $rbc_replay ]]; then
    rbc_replay_samples
    return
  fi
  rbc_check_commands
  rbc_check_secrets
  [[ -x $rbc_rollback ]] || rbc_problems+=("$rbc_rollback is not there to be run (--rollback FILE)")
  ((${#rbc_triggers[@]} > 0)) || rbc_problems+=('the plan has no automatic trigger, so there is nothing to watch')
  rbc_refuse_problems
  { rbc_run_dir=$(mktemp -d) && mkdir "$rbc_run_dir/tmp"; } || rbc_fail 3 'no room for temporary files'
  rbc_run=monitor
  trap 'rbc_leave' EXIT
  rbc_claim
  rbc_recall
  rbc_note ▶ "${rbc_is["plan.title"]}: triggers: ${#rbc_triggers[@]}, every ${rbc_is["plan.every"]}s"
  rbc_cycle
  next=$((rbc_now + rbc_every))
  while ((! rbc_once && ! rbc_over)) && [[ -z $rbc_stop ]]; do
    rbc_find_due "$next"
    rbc_pause_before "$REPLY" "${rbc_is["plan.every"]}"
    if ((${#due[@]} > 0)); then
      rbc_look_at "${due[@]}"
    else
      rbc_cycle
      next=$((rbc_now + rbc_every))
    fi
  done
  ((rbc_status != 0 || rbc_over || ! rbc_once || ! rbc_forgetful)) || rbc_status=3
  rbc_await_messages
  rbc_leave
}

# What is looked at: each metric of a trigger once, or once a region.
rbc_watch() {
  local key metric region triggers=("${rbc_triggers[@]}")
  local -A address=()
  for region in "${rbc_regions[@]}"; do
    rbc_go_to "$region"
    for key in "${triggers[@]}"; do
      metric=${rbc_is["$key.metric"]}
      address["$metric@$region"]=${rbc_is["metric.$metric.address"]}
    done
  done
  ((${#rbc_regions[@]} == 0)) || rbc_go_to ''
  for key in "${!address[@]}"; do rbc_is["metric.$key.address"]=${address[$key]}; done
  rbc_ms "${rbc_is["plan.every"]}"
  rbc_every=$REPLY rbc_memory=$REPLY
  rbc_metrics=() rbc_triggers=()
  for key in "${triggers[@]}"; do
    metric=${rbc_is["$key.metric"]}
    rbc_ms "${rbc_is["$key.for"]-0}"
    rbc_is["$key.span"]=$REPLY
    [[ -z ${rbc_is["$key.consecutive"]-} ]] || REPLY=$((10 * rbc_every))
    ((REPLY <= rbc_memory)) || rbc_memory=$REPLY
    if [[ -n $rbc_replay || -z ${rbc_is["metric.$metric.per_region"]-} ]]; then
      rbc_watch_trigger "$key"
    else
      for region in "${rbc_regions[@]}"; do rbc_watch_trigger "$key@$region"; done
    fi
  done
  rbc_memory=$((rbc_memory + rbc_every))
}
rbc_memory= # how old the last look may be for what was counted then to count on

rbc_watch_trigger() {
  rbc_triggers+=("$1")
  rbc_metric_of "$1"
  [[ " ${rbc_metrics[*]} " == *" $REPLY "* ]] || rbc_metrics+=("$REPLY")
}

rbc_cycle() {
  local key i pairs=() fired=()
  [[ -z $rbc_stop ]] || return
  rbc_take_time
  rbc_sample "${rbc_metrics[@]}"
  [[ -z $rbc_stop ]] || return
  for key in "${rbc_metrics[@]}"; do rbc_watch_blindness "$key"; done
  for key in "${rbc_triggers[@]}"; do rbc_metric_of "$key" && pairs+=("$key $REPLY"); done
  rbc_judge_samples "${pairs[@]}"
  for i in "${!rbc_triggers[@]}"; do
    ! rbc_judge "${rbc_triggers[i]}" "${rbc_breaches[i]}" || fired+=("${rbc_triggers[i]}")
  done
  rbc_show_samples
  rbc_remember
  for key in "${fired[@]}"; do ((rbc_over)) || rbc_fire "$key"; done
}

# rbc_find_due NEXT → due: the triggers whose `for` is over before the next look; REPLY: when.
rbc_find_due() {
  local key end
  REPLY=$1 due=()
  for key in "${!rbc_breached[@]}"; do
    end=$((${rbc_breached[$key]% *} + ${rbc_is["${key%@*}.span"]}))
    ((rbc_now < end && end <= REPLY && end < $1)) || continue
    ((end == REPLY)) || due=()
    REPLY=$end
    due+=("$key")
  done
}

# A look for some triggers alone; the others count nothing twice.
rbc_look_at() {
  local rbc_triggers=() rbc_metrics=() key
  for key; do rbc_watch_trigger "$key"; done
  rbc_cycle
}

# A time in which nobody looked breaks what was counted before.
rbc_take_time() {
  local before=$rbc_now jump=$rbc_skew
  rbc_clock
  rbc_now=$REPLY
  rbc_epoch
  rbc_skew=$((REPLY * 1000 - rbc_now))
  ((before > 0)) || return 0
  jump=$(((rbc_skew - jump) / 1000))
  ((-2 <= jump && jump <= 2)) || rbc_note ⚠ "the clock was set by ${jump}s; that changes nothing here, what spans time is measured without it"
  ((before <= rbc_now && rbc_now - before <= rbc_memory || ${#rbc_breached[@]} == 0)) && return
  rbc_note ⚠ "the last look was $(((rbc_now - before) / 1000))s ago: breaches before that don't count any more"
  rbc_breached=()
}

# Data that stays away is said loudly, whatever the policy makes of it.
rbc_watch_blindness() {
  local since told
  if [[ ${rbc_latest[$1]} == ok\ * ]]; then
    [[ -z ${rbc_blind[$1]-} ]] || rbc_note ✓ "$1 answers again"
    unset "rbc_blind[$1]"
    return
  fi
  rbc_note ⚠ "$1: ${rbc_latest[$1]}"
  read -r since told <<<"${rbc_blind[$1]:-$rbc_now 0}"
  rbc_ms "${rbc_is["plan.no_data_after"]-0}"
  if [[ ${rbc_is["plan.no_data"]-} == alert ]] && ((! told && rbc_now - since >= REPLY)); then
    told=1
    REPLY="no data from $1 since $(((rbc_now - since) / 1000))s"
    rbc_note ✗ "BLIND: $REPLY; its triggers can't fire"
    rbc_announce failure "$REPLY"
  fi
  rbc_blind[$1]="$since $told"
}

rbc_metric_of() { REPLY=${rbc_is["${1%@*}.metric"]}${1#"${1%@*}"}; }

# rbc_judge_samples `TRIGGER METRIC`… → rbc_breaches: 1 where the latest sample is a breach, 0 where it
# is none, and - where there is no sample.
rbc_judge_samples() {
  local key metric table=''
  for key; do
    metric=${key#* } key=${key%% *}
    key=${key%@*}
    if [[ ${rbc_latest[$metric]} == ok\ * ]]; then
      table+="${rbc_latest[$metric]#ok } ${rbc_is["$key.comparison"]} ${rbc_is["$key.number"]}"$'\n'
    else
      table+=$'-\n'
    fi
  done
  mapfile -t rbc_breaches < <(rbc_compare_all <<<"${table%$'\n'}")
}

# Takes a sample into account; 0 where the trigger fires now: rbc_judge TRIGGER BREACH
rbc_judge() {
  local key=${1%@*} since count
  case $2${rbc_is["plan.no_data"]-} in
    1* | -breach) ;;
    0* | -reset)
      unset "rbc_breached[$1]"
      return 1
      ;;
    *) return 1 ;;
  esac
  read -r since count <<<"${rbc_breached[$1]:-$rbc_now 0}"
  count=$((count + 1))
  rbc_breached[$1]="$since $count"
  ((rbc_now - since >= ${rbc_is["$key.span"]} && count >= ${rbc_is["$key.consecutive"]-1}))
}

# What was found, on one line. A metric without data is never shown as normal.
rbc_show_samples() {
  local metric key text='' mark=✓
  for metric in "${rbc_metrics[@]}"; do
    REPLY=${rbc_latest[$metric]}
    [[ $REPLY == ok\ * ]] || mark=⚠ REPLY=${REPLY%% *}
    text+=" $metric=${REPLY#ok }"
  done
  for key in "${rbc_triggers[@]}"; do
    [[ -n ${rbc_breached[$key]-} ]] || continue
    mark=⚠
    rbc_trigger_words "$key"
    text+=" [$REPLY: since $(((rbc_now - ${rbc_breached[$key]% *}) / 1000))s, ${rbc_breached[$key]#* } in a row]"
  done
  rbc_note "$mark" "${text# }"
}

# → REPLY: a trigger in words, `errors > 1%`.
rbc_trigger_words() {
  rbc_metric_of "$1"
  REPLY+=" ${rbc_is["${1%@*}.written"]}"
}

rbc_show_triggers() {
  local key
  rbc_tell "every ${rbc_is["plan.every"]}s, after a rollback none for ${rbc_is["plan.cooldown"]}s, no data: ${rbc_is["plan.no_data"]-hold}"
  for key in "${rbc_triggers[@]}"; do
    rbc_trigger_words "$key"
    rbc_tell "  $REPLY${rbc_is["$key.lasting"]-} -> ${rbc_is["$key.scenario"]-full rollback}"
  done
}
