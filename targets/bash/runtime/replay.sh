# -- Replay: what would have fired, from lines `SECONDS METRIC VALUE`
#
# The values are as the source gives them, so that they are scaled like live samples.

rbc_replay_samples() {
  local key i count=0 sample at times=() names=() pairs=()
  local -A raw=()
  [[ -r $rbc_replay && ! -d $rbc_replay ]] || rbc_fail 2 "--replay: the file $rbc_replay can't be read"
  rbc_read_replay
  rbc_scale_all "${!raw[@]}"
  for i in "${!names[@]}"; do
    for key in "${rbc_triggers[@]}"; do
      [[ ${rbc_is["$key.metric"]} != "${names[i]}" ]] || pairs+=("$key ${names[i]}@$i")
    done
  done
  rbc_judge_samples "${pairs[@]}"
  for i in "${!pairs[@]}"; do
    key=${pairs[i]% *} sample=${pairs[i]#* }
    at=${times[${sample#*@}]}
    rbc_ms "$at"
    rbc_now=$REPLY
    rbc_judge "$key" "${rbc_breaches[i]}" || continue
    count=$((count + 1))
    rbc_trigger_words "$key"
    rbc_tell "$at: $REPLY would fire (it is ${rbc_latest[$sample]#ok })${rbc_is["$key.scenario"]:+, scenario ${rbc_is["$key.scenario"]}}"
    unset "rbc_breached[$key]"
  done
  rbc_tell "$count would have fired"
}

# Every line must be understood: half of the samples give a wrong answer.
rbc_read_replay() {
  local at metric value sample before number=0 bad=0
  local -A last=()
  while read -r at metric value || [[ -n $at ]]; do
    number=$((number + 1))
    [[ -n $at && $at != '#'* ]] || continue
    if [[ ! $at =~ ^[0-9]{1,15}(\.[0-9]+)?$ ]]; then
      REPLY="\`$at\` is not a number of seconds"
    elif [[ " ${rbc_metrics[*]} " != *" $metric "* || -z $metric ]]; then
      REPLY="no trigger looks at a metric \`$metric\` (there are: ${rbc_metrics[*]:-none})"
    elif rbc_ms "${last[$metric]-0}" && before=$REPLY && rbc_ms "$at" && ((REPLY < before)); then
      REPLY="goes back in time, from ${last[$metric]} to $at"
    elif [[ -z $value ]]; then
      REPLY='the value is missing, or - for no data'
    else
      last[$metric]=$at
      sample=$metric@${#names[@]}
      if [[ $value == - ]]; then rbc_latest[$sample]='no_data'; else rbc_take_number "$sample" "$value"; fi
      times+=("$at") names+=("$metric")
      [[ ${rbc_latest[$sample]} == error* && -z ${raw[$sample]-} ]] || continue
      REPLY=${rbc_latest[$sample]#error }
    fi
    bad=$((bad + 1))
    rbc_complain "$rbc_replay line $number: $REPLY"
  done <"$rbc_replay"
  ((bad == 0)) || rbc_usage "$bad line(s) of $rbc_replay are not \`SECONDS METRIC VALUE\`; nothing was replayed"
  ((${#names[@]} > 0)) || rbc_usage "$rbc_replay holds no samples"
}
