# -- Baseline: metrics before the change, and bounds that are taken from them
#
# capture.sh samples before any of its steps, whose load would show in the metrics. A file holds
# `NUMBER TIME`, in the unit of thresholds; its checksum is in the manifest.

# Where the baseline of a metric is, below the artifacts folder: for each region if its address looks at $region.
rbc_baseline_path() {
  REPLY=baseline/$1.metric
  [[ -z ${rbc_is["metric.$1.per_region"]-} || -z $RBC_REGION ]] || REPLY=baseline/$RBC_REGION/$1.metric
}

# rbc_baseline METRIC → REPLY: `NUMBER TIME`, as capture.sh recorded it, or why there is none.
rbc_baseline() {
  local file known found
  rbc_baseline_path "$1"
  file=$RBC_ARTIFACTS/$REPLY
  known=$(rbc_captured_hash "$1" "$REPLY")
  if [[ ! -f $file ]]; then
    REPLY="there is no baseline of $1: capture.sh records it before the change, in $file"
    return 1
  fi
  found=$(sha256sum <"$file")
  if [[ -z $known || ${found%% *} != "$known" ]]; then
    REPLY="the baseline of $1 is not what was captured: $file has $([[ -n $known ]] && echo another || echo no) checksum"
    return 1
  fi
  IFS= read -r REPLY <"$file"
}

# One sample of each metric that is compared with its baseline; of those that look at $region one in each.
# What an earlier capture has for all regions stays.
rbc_sample_baselines() {
  local region metric path file value
  for region in "${rbc_chosen_regions[@]}"; do
    rbc_go_to "$region"
    rbc_unit=${region:+$region/}capture
    for metric in "${rbc_baselines[@]}"; do
      [[ -z $rbc_stop ]] || return 1
      rbc_baseline_path "$metric"
      path=$REPLY file=$RBC_ARTIFACTS/$REPLY
      [[ -n ${rbc_is["metric.$metric.per_region"]-} || ! -e $file ]] || continue
      if ! rbc_sample "$metric"; then
        rbc_note ✗ "no baseline of $metric: $REPLY"
        return 1
      fi
      value=${REPLY#ok }
      rbc_iso
      mkdir -p "${file%/*}" || return 1
      printf '%s %s\n' "$value" "$REPLY" >"$file" || return 1
      REPLY=$(sha256sum <"$file") || return 1
      rbc_sampled+="${REPLY%% *}  $metric  $path"$'\n'
      rbc_renewed[$path]=yes
      rbc_note ✓ "baseline of $metric: $value"
      rbc_record baseline "unit=$rbc_unit" "metric=$metric" "value=$value" "path=$path" || return 1
    done
  done
}
rbc_sampled= # their lines of the manifest: `sha256 metric path`

# Without a baseline the verification will fail, but the rollback can run.
rbc_check_baselines() {
  local key metric
  for key in "${rbc_keys[@]}"; do
    [[ ${rbc_is["$key.number"]-} == baseline ]] || continue
    metric=${rbc_is["$key.metric"]}
    rbc_baseline "$metric" && continue
    [[ -z ${rbc_lacking["$REPLY"]-} ]] || continue
    rbc_lacking["$REPLY"]=yes
    rbc_note ⚠ "$REPLY: the verification can't compare $metric with it"
  done
}
declare -A rbc_lacking=()

# What a bound comes to: rbc_limits are lines `COMPARISON NUMBER`, rbc_limit the same in words.
rbc_limits_of() {
  local comparison=${rbc_is["$1.comparison"]} low
  rbc_limit=${rbc_is["$1.number"]} rbc_taken_from=
  if [[ $rbc_limit == baseline ]]; then
    rbc_baseline "${rbc_is["$1.metric"]}" || return 1
    rbc_taken_from="baseline: ${REPLY/ / at }"
    read -r low rbc_limit < <(rbc_awk 'd = ($1 < 0 ? -$1 : $1) * $2 + $3; printf "%.12g %.12g\n", $1 - d, $1 + d' \
      <<<"${REPLY% *} ${rbc_is["$1.part"]-0} ${rbc_is["$1.plus"]-0}")
  fi
  rbc_limits=("$comparison $rbc_limit")
  if [[ $comparison == within ]]; then
    rbc_limits=(">= $low" "<= $rbc_limit")
    rbc_limit="$low to $rbc_limit"
  fi
}

rbc_show_baselines() {
  local metric
  ((${#rbc_baselines[@]} == 0)) || rbc_tell '  BASELINES, one sample of each before the steps'
  for metric in "${rbc_baselines[@]}"; do
    rbc_baseline_path "$metric"
    rbc_tell "    $metric → $REPLY"
  done
}
