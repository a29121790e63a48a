# -- Values: parameters, secrets, artifacts
#
# What runs while the plan sets its variables has none of its own, except rbc_….

rbc_sets=()             # what --set gave, as `name=value`
declare -A rbc_given=() # the same by name
declare -A rbc_types=()
declare -A rbc_value=() # what let, param and secret came to

# Reads the plan anew, in each region, too. In rbc_baselines are metrics to be kept, in rbc_waves
# `wave REGION …` or `gate NAME`, in rbc_declared the names of let, param and secret.
rbc_read_plan() {
  rbc_is=() rbc_phases=() rbc_scenarios=() rbc_points=() rbc_artifacts=() rbc_checks=() rbc_bounds=()
  rbc_confirms=() rbc_baselines=() rbc_triggers=() rbc_rungs=() rbc_facts=() rbc_waves=() rbc_regions=()
  rbc_channels=() rbc_declared=() rbc_missing_secrets=() rbc_short_secrets=() rbc_unset_params=()
  rbc_about
  rbc_values
  rbc_plan
}

# Reads the plan as it is in a region, where it has any.
rbc_go_to() {
  ((${#rbc_regions[@]} > 0)) || return 0
  export RBC_REGION=$1
  rbc_read_plan
}

# All, or the one that was asked for; one without a name where there are none.
rbc_choose_regions() {
  rbc_chosen_regions=("${rbc_regions[@]}")
  [[ -z $rbc_region ]] || rbc_chosen_regions=("$rbc_region")
  ((${#rbc_chosen_regions[@]} > 0)) || rbc_chosen_regions=('')
}

# rbc_param NAME TYPE [required]: takes the value that --set gave.
rbc_param() {
  rbc_types[$1]=$2
  if [[ -n ${rbc_given[$1]+x} ]]; then
    rbc_typed "$2" "${rbc_given[$1]}" || rbc_usage "--set $1: $REPLY"
    export "RBC_SET_$1=$REPLY"
    if [[ $2 == 'list<string>' ]]; then
      mapfile -t -d , "${1?}" < <(printf '%s' "$REPLY")
    else
      export "$1=$REPLY"
    fi
  elif [[ ${3-} == required ]]; then
    rbc_unset_params+=("$1")
  fi
}

# rbc_secret NAME: handed on beside the environment, too: a variable of the runtime may hide the name.
rbc_secret() {
  export "RBC_SECRET_$1=${!1-}"
  if [[ -n ${!1-} ]]; then
    rbc_learn_secret "$1" "${!1}"
  else
    rbc_missing_secrets+=("$1")
  fi
}

# A value in the spelling that the shell gets, `1m30s` and `500ms` as seconds, 90 and 0.500; or what is
# wrong with it: rbc_typed TYPE TEXT
rbc_typed() {
  local LC_ALL=C form wrong rest=$2 ms=0
  local -A unit=([ms]=1 [s]=1000 [m]=60000 [h]=3600000)
  REPLY=$2
  case $1 in
    int) form='-?(0|[1-9][0-9]{0,17})' wrong='not a whole number' ;;
    bool) form='true|false' wrong='neither true nor false' ;;
    duration) form='([0-9]{1,9}(ms|s|m|h))+' wrong='not a duration like 90s or 1m30s' ;;
    ratio) form='-?(0|[1-9][0-9]*)(\.[0-9]+)?%?' wrong='not a ratio like 0.01 or 1%' ;;
    name) form='[A-Za-z_][A-Za-z0-9_-]*' wrong='not a name' ;;
    *) return 0 ;;
  esac
  if [[ ! $2 =~ ^($form)$ ]]; then
    REPLY="\`$2\` is $wrong"
    return 1
  fi
  case $1$2 in
    duration*)
      while [[ $rest =~ ^([0-9]+)([a-z]+)(.*)$ ]]; do
        rest=${BASH_REMATCH[3]}
        ms=$((ms + 10#${BASH_REMATCH[1]} * unit[${BASH_REMATCH[2]}]))
      done
      REPLY=$((ms / 1000))
      ((ms % 1000 == 0)) || rbc_seconds "$ms"
      ;;
    ratio*%)
      [[ 00${2#-} =~ ^0*([0-9]+)([0-9]{2})\.?(.*)%$ ]]
      REPLY=${2//[^-]/}${BASH_REMATCH[1]}.${BASH_REMATCH[2]}${BASH_REMATCH[3]}
      while [[ $REPLY == *0 ]]; do REPLY=${REPLY%0}; done
      REPLY=${REPLY%.}
      ;;
    *) ;;
  esac
}

# --set name=value, before the values are read.
rbc_take_set() {
  local LC_ALL=C name=${1%%=*}
  [[ $1 == *=* ]] || rbc_usage "--set wants name=value, not \`$1\`"
  name=${name//-/_}
  [[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || rbc_usage "--set: \`${1%%=*}\` is not a name"
  rbc_given[$name]=${1#*=}
  rbc_sets+=("$name=${1#*=}")
}

# Whether each --set names a parameter, once they are all declared.
rbc_judge_sets() {
  local entry name
  for entry in "${rbc_sets[@]}"; do
    name=${entry%%=*}
    [[ -n ${rbc_types[$name]-} ]] || rbc_usage "--set $name: this plan has no parameter of that name${rbc_types[*]:+ (it has: ${!rbc_types[*]})}"
    rbc_mask "${entry#*=}"
    [[ $REPLY == "${entry#*=}" ]] || rbc_usage "--set $name: the value holds a secret, and values are written into the journal"
    rbc_json "$REPLY"
    rbc_field "{\"value\":$REPLY}" value
    [[ $REPLY == "${entry#*=}" ]] || rbc_usage "--set $name: the journal can't keep a value with control characters, or not in UTF-8"
  done
  if [[ $rbc_mode == resume ]] && rbc_field "${rbc_lines[0]}" sets && ((REPLY != ${#rbc_sets[@]})); then
    rbc_fail 3 'this run ended before it had written down what --set gave' "begin it again: $rbc_me"
  fi
  [[ $rbc_mode != list ]] || return 0
  ((${#rbc_unset_params[@]} == 0)) || rbc_usage "these parameters have no value, give them with --set: ${rbc_unset_params[*]}"
}

rbc_path_of() { REPLY=$RBC_ARTIFACTS/${rbc_is["artifact.$1.path"]}; }
