# -- Monitor: samples every metric, and starts the rollback when a trigger fires

declare -A rbc_since=()  # when the breaches of a trigger in a row began
declare -A rbc_streak=() # how many there were
declare -A rbc_blind=()  # since when a metric gave no data
declare -A rbc_latest=() # METRIC: what the last sample said
rbc_now=0

rbc_monitor() {
  trap 'rbc_interrupted INT' INT
  trap 'rbc_interrupted TERM' TERM
  rbc_rollback=${rbc_rollback:-$(cd "${BASH_SOURCE[0]%/*}" && pwd)/rollback.sh}
  rbc_watched
  if [[ -n $rbc_replay ]]; then
    rbc_replay_samples
    return
  fi
  rbc_check_commands
  rbc_check_secrets
  [[ -x $rbc_rollback ]] || rbc_problems+=("$rbc_rollback is not there to be run (--rollback FILE)")
  if ((${#rbc_problems[@]} > 0)); then
    for REPLY in "${rbc_problems[@]}"; do rbc_complain "$REPLY"; done
    exit 3
  fi
  rbc_run_dir=$(mktemp -d) || rbc_fail 3 'no room for temporary files'
  trap 'rm -rf "$rbc_run_dir"' EXIT
  rbc_state_file=${rbc_state_file:-.rbc/monitor/${rbc_is["plan.name"]}}
  rbc_recall
  rbc_say monitor ▶ "${rbc_is["plan.title"]}: ${#rbc_triggers[@]} triggers, every ${rbc_is["plan.every"]}s"
  while [[ -z $rbc_stop ]]; do
    rbc_cycle
    if ((rbc_once)) && [[ -z $rbc_stop ]]; then
      rbc_await_messages
      return 0
    fi
    rbc_pause "${rbc_is["plan.every"]}"
  done
  rbc_interrupted "$rbc_stop"
}

# The metrics that a trigger looks at, each once.
rbc_watched() {
  local key metric
  rbc_metrics=()
  for key in "${rbc_triggers[@]}"; do
    metric=${rbc_is["$key.metric"]}
    [[ " ${rbc_metrics[*]} " == *" $metric "* ]] || rbc_metrics+=("$metric")
  done
}

# One look at all metrics, all at once.
rbc_cycle() {
  local metric key samplers=()
  rbc_epoch
  rbc_now=$REPLY
  for metric in "${rbc_metrics[@]}"; do
    {
      rbc_sample "$metric" || true
      printf '%s\n' "$REPLY" >"$rbc_run_dir/$metric"
    } &
    samplers+=("$!")
  done
  ((${#samplers[@]} == 0)) || wait "${samplers[@]}"
  for metric in "${rbc_metrics[@]}"; do
    rbc_latest[$metric]='error the sampling ended without an answer'
    { read -r REPLY <"$rbc_run_dir/$metric" && rbc_latest[$metric]=$REPLY; } 2>/dev/null || true
    rm -f "$rbc_run_dir/$metric"
    rbc_watch_blindness "$metric"
  done
  [[ -z $rbc_stop ]] || return 0
  for key in "${rbc_triggers[@]}"; do
    rbc_judge "$key" || continue
    rbc_fire "$key"
  done
  rbc_remember
  rbc_show_samples
}

# Data that stays away is said loudly, whatever the policy makes of it.
rbc_watch_blindness() {
  local after
  if [[ ${rbc_latest[$1]} == ok\ * ]]; then
    [[ -z ${rbc_blind[$1]-} ]] || rbc_say monitor ✓ "$1 answers again"
    unset "rbc_blind[$1]" "rbc_told[$1]"
    return
  fi
  : "${rbc_blind[$1]:=$rbc_now}"
  rbc_say monitor ⚠ "$1: ${rbc_latest[$1]}"
  after=${rbc_is["plan.no_data_after"]-0}
  if [[ ${rbc_is["plan.no_data"]-hold} == alert && -z ${rbc_told[$1]-} ]] && ((rbc_now - rbc_blind[$1] >= ${after%.*})); then
    rbc_told[$1]=yes
    rbc_say monitor ✗ "BLIND: no data from $1 since $((rbc_now - rbc_blind[$1]))s; its triggers can't fire"
    rbc_alert failure "no data from $1 since $((rbc_now - rbc_blind[$1]))s"
  fi
}
declare -A rbc_told=()

# Takes the latest sample into account; 0 where the trigger fires now.
rbc_judge() {
  local key=$1 sample=${rbc_latest["${rbc_is["$1.metric"]}"]} breach=0
  if [[ $sample == ok\ * ]]; then
    ! rbc_compare "${sample#ok }" "${rbc_is["$key.comparison"]}" "${rbc_is["$key.number"]}" || breach=1
  else
    case ${rbc_is["plan.no_data"]-hold} in
      breach) breach=1 ;;
      reset) ;;
      *) return 1 ;;
    esac
  fi
  if ((! breach)); then
    unset "rbc_since[$key]" "rbc_streak[$key]"
    return 1
  fi
  : "${rbc_since[$key]:=$rbc_now}"
  rbc_streak[$key]=$((${rbc_streak[$key]-0} + 1))
  ((rbc_now - rbc_since[$key] >= ${rbc_is["$key.for"]-0} && rbc_streak[$key] >= ${rbc_is["$key.consecutive"]-1}))
}

# What was found, on one line. A metric without data is never shown as normal.
rbc_show_samples() {
  local metric key text='' bad=0 sample
  for metric in "${rbc_metrics[@]}"; do
    sample=${rbc_latest[$metric]}
    if [[ $sample == ok\ * ]]; then text+=" $metric=${sample#ok }"; else text+=" $metric=${sample%% *}" bad=1; fi
  done
  for key in "${rbc_triggers[@]}"; do
    [[ -z ${rbc_streak[$key]-} ]] || { bad=1 && text+=" [$(rbc_trigger_words "$key"): since $((rbc_now - rbc_since[$key]))s, ${rbc_streak[$key]} in a row]"; }
  done
  rbc_say monitor "$( ((bad)) && echo ⚠ || echo ✓)" "${text# }"
}

# A trigger in words: `errors > 1%`, or for one that counts breaches `errors above 0, 3 times in
# a row`.
rbc_trigger_words() {
  local comparison=${rbc_is["$1.comparison"]}
  if [[ -n ${rbc_is["$1.counted"]-} ]]; then
    case $comparison in
      '>') comparison=above ;;
      '>=') comparison='at least' ;;
      '<') comparison=below ;;
      *) comparison='at most' ;;
    esac
  fi
  printf '%s %s %s' "${rbc_is["$1.metric"]}" "$comparison" "${rbc_is["$1.written"]}"
  [[ -z ${rbc_is["$1.counted"]-} ]] || printf ', %s times in a row' "${rbc_is["$1.consecutive"]}"
}

# The whole condition: `errors > 1% for 2m`.
rbc_condition_words() {
  rbc_trigger_words "$1"
  if [[ -n ${rbc_is["$1.for"]-} ]]; then
    rbc_duration "${rbc_is["$1.for"]}"
    printf ' for %s' "$REPLY"
  fi
  [[ -z ${rbc_is["$1.consecutive"]-} || -n ${rbc_is["$1.counted"]-} ]] || printf ', %s times in a row' "${rbc_is["$1.consecutive"]}"
}

# A trigger fires: safety checks, the notification, then the rollback, whose status is ours.
rbc_fire() {
  local key=$1 metric=${rbc_is["$1.metric"]} words reason value
  words=$(rbc_trigger_words "$key")
  value=${rbc_latest[$metric]#ok }
  reason=${metric}_exceeded
  [[ ${rbc_is["$key.comparison"]} == '>'* ]] || reason=${metric}_too_low
  [[ ${rbc_latest[$metric]} == ok\ * ]] || { reason=${metric}_no_data && value=; }
  if ((rbc_cooling > rbc_now)); then
    rbc_say monitor ⚠ "$words would fire, but the last rollback was just now (for $((rbc_cooling - rbc_now))s more)"
    return
  fi
  rbc_say monitor ✗ "FIRES: $words (it is ${value:-unknown})"
  local -a command=("$rbc_rollback" --auto --reason "$reason" --metric "$metric" --value "$value" --threshold "${rbc_is["$key.number"]}" --artifacts "$RBC_ARTIFACTS")
  [[ -z ${rbc_is["$key.scenario"]-} ]] || command+=(--scenario "${rbc_is["$key.scenario"]}")
  local entry
  for entry in "${rbc_sets[@]}"; do command+=(--set "$entry"); done
  if [[ -n ${rbc_is["plan.confirm"]-} ]]; then
    rbc_say monitor ⚠ "this plan wants a person to start it: ${command[*]}"
    rbc_alert start "$words; a person has to start the rollback"
    rbc_cool_down
    return
  fi
  rbc_safety_checks || exit 3
  rbc_alert start "$words; the automatic rollback starts"
  rbc_cool_down
  rbc_await_messages
  "${command[@]}" </dev/null &
  rbc_child=$!
  rbc_await_rollback
  exit "$rbc_status"
}
rbc_child=
rbc_cooling=0

rbc_cool_down() {
  local rest=${rbc_is["plan.cooldown"]-1800}
  rbc_cooling=$((rbc_now + ${rest%.*}))
  rbc_since=() rbc_streak=()
  rbc_remember
}

# A signal to the monitor is passed on; the rollback stops in order.
rbc_await_rollback() {
  while :; do
    wait "$rbc_child"
    rbc_status=$?
    if [[ -n $rbc_stop ]]; then
      rbc_stop=
      kill -TERM "$rbc_child" 2>/dev/null
    fi
    if ((rbc_status <= 128)) || ! kill -0 "$rbc_child" 2>/dev/null; then break; fi
  done
}

# The backup is there and whole, and the plan was tested. The rollback's own preflight asks all
# of it once more; here it is said before anybody is woken up.
rbc_safety_checks() {
  local region name
  rbc_problems=()
  for region in '' "${rbc_regions[@]}"; do
    [[ -n $region || ${#rbc_regions[@]} == 0 ]] || continue
    rbc_go_to "$region"
    rbc_check_backups
  done
  [[ ${rbc_is["plan.tested"]-true} == true ]] || rbc_say monitor ⚠ 'verify_rollback_tested: the plan has no passed test'
  ((${#rbc_problems[@]} == 0)) && return 0
  for name in "${rbc_problems[@]}"; do rbc_say monitor ✗ "$name"; done
  rbc_alert failure "the automatic rollback can't start: ${rbc_problems[*]}"
  rbc_await_messages
  return 1
}

rbc_check_backups() {
  local name known
  for name in "${rbc_artifacts[@]}"; do
    [[ -n ${rbc_is["artifact.$name.captured"]-} && -n ${rbc_is["artifact.$name.used"]-} ]] || continue
    known=$(rbc_captured_hash "$name")
    rbc_path_of "$name"
    if [[ ! -s $REPLY || -n $known && $(sha256sum <"$REPLY") != "$known "* ]]; then
      rbc_problems+=("verify_backup_exists: the artifact $name is missing or changed: $REPLY")
    fi
  done
}

# rbc_alert EVENT TEXT
rbc_alert() {
  rbc_run=${rbc_run:-monitor}
  mkdir -p "$rbc_run_dir/tmp"
  rbc_announce "$1" "$2"
}

# -- What is known over a restart, if the gap is shorter than the longest `for`

rbc_remember() {
  local key
  mkdir -p "${rbc_state_file%/*}"
  {
    printf '%s %s %s\n' "$rbc_now" "$rbc_cooling" "${rbc_is["plan.sha256"]}"
    for key in "${!rbc_since[@]}"; do printf '%s %s %s\n' "$key" "${rbc_since[$key]}" "${rbc_streak[$key]}"; done
  } >"$rbc_state_file.new" && mv "$rbc_state_file.new" "$rbc_state_file"
}

rbc_recall() {
  local at cooling hash key since streak longest=${rbc_is["plan.every"]%.*}
  for key in "${rbc_triggers[@]}"; do
    ((${rbc_is["$key.for"]-0} <= longest)) || longest=${rbc_is["$key.for"]}
  done
  {
    read -r at cooling hash || return 0
    [[ $hash == "${rbc_is["plan.sha256"]}" && $at =~ ^[0-9]+$ && $cooling =~ ^[0-9]+$ ]] || return 0
    rbc_cooling=$cooling
    rbc_epoch
    ((REPLY - at <= longest + 1)) || return 0
    while read -r key since streak; do
      [[ $key == trigger.* && $since =~ ^[0-9]+$ && $streak =~ ^[0-9]+$ ]] || continue
      rbc_since[$key]=$since rbc_streak[$key]=$streak
    done
  } <"$rbc_state_file"
} 2>/dev/null

# --replay FILE: lines `SECONDS METRIC VALUE`; shows what would have fired. The values are as the
# source gives them, so that they are scaled like live samples.
rbc_replay_samples() {
  local line at metric value key fired=0 lines
  [[ -r $rbc_replay && ! -d $rbc_replay ]] || rbc_fail 2 "--replay: the file $rbc_replay can't be read"
  mapfile -t lines <"$rbc_replay"
  rbc_judge_replay "${lines[@]}"
  for line in "${lines[@]}"; do
    read -r at metric value <<<"$line"
    [[ -n $at && $at != '#'* ]] || continue
    rbc_now=$((10#$at))
    if [[ $value == - ]]; then
      rbc_latest[$metric]='no_data'
    else
      rbc_scale "$value" "${rbc_is["metric.$metric.factor"]-1}" || true
      rbc_latest[$metric]=$REPLY
    fi
    for key in "${rbc_triggers[@]}"; do
      [[ ${rbc_is["$key.metric"]} == "$metric" ]] || continue
      rbc_judge "$key" || continue
      fired=$((fired + 1))
      rbc_tell "$at: $(rbc_trigger_words "$key") would fire (it is ${rbc_latest[$metric]#ok })${rbc_is["$key.scenario"]:+, scenario ${rbc_is["$key.scenario"]}}"
      unset "rbc_since[$key]" "rbc_streak[$key]"
    done
  done
  rbc_tell "$fired would have fired"
}

# Every line must be understood: an answer from half of the samples would be a wrong one.
rbc_judge_replay() {
  local line at metric value number=0 samples=0 bad=0
  local -A last=()
  for line; do
    number=$((number + 1))
    read -r at metric value <<<"$line"
    [[ -n $at && $at != '#'* ]] || continue
    samples=$((samples + 1))
    if [[ ! $at =~ ^[0-9]{1,15}$ ]]; then
      REPLY="\`$at\` is not a number of seconds"
    elif [[ " ${rbc_metrics[*]} " != *" $metric "* || -z $metric ]]; then
      REPLY="no trigger looks at a metric \`$metric\` (there are: ${rbc_metrics[*]:-none})"
    elif ((10#$at < ${last[$metric]-0})); then
      REPLY="goes back in time, from ${last[$metric]} to $at"
    elif [[ -z $value ]]; then
      REPLY='the value is missing, or - for no data'
    elif [[ $value == - ]] || rbc_scale "$value" 1 || [[ $REPLY == no_data* ]]; then
      last[$metric]=$((10#$at))
      continue
    else
      REPLY=${REPLY#error }
    fi
    bad=$((bad + 1))
    rbc_complain "$rbc_replay line $number: $REPLY"
  done
  ((bad == 0)) || rbc_usage "$bad line(s) of $rbc_replay are not \`SECONDS METRIC VALUE\`; nothing was replayed"
  ((samples > 0)) || rbc_usage "$rbc_replay holds no samples"
}

rbc_show_triggers() {
  local key
  rbc_tell "every ${rbc_is["plan.every"]}s, after a rollback none for ${rbc_is["plan.cooldown"]}s, no data: ${rbc_is["plan.no_data"]-hold}"
  for key in "${rbc_triggers[@]}"; do
    rbc_tell "  $(rbc_condition_words "$key") -> ${rbc_is["$key.scenario"]-full rollback}"
  done
}
