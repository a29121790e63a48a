# -- Plan: keeps what the plan's part above declares
#
# A word `key=value` is kept as it is, a bare word as `yes`. Phases are called by their name,
# what stands in them `phase/name`.

declare -A rbc_is=()    # rbc_is["database.title"], rbc_is["database/restore.timeout"] …
declare -A rbc_kind=()  # rbc_kind["database/restore"]: step, ensure, gate, manual, verify
declare -A rbc_items=() # rbc_items[database]: the names of what stands in it, in order
declare -A rbc_ensures=()
rbc_metrics=()
rbc_here= # the phase, scenario or point that is being declared

rbc_keep() {
  local key=$1 word
  shift
  for word; do
    case $word in
      *=*) rbc_is["$key.${word%%=*}"]=${word#*=} ;;
      *) rbc_is["$key.$word"]=yes ;;
    esac
  done
}

# rbc_add KIND WORD…: one thing of the plan. It has no variables: see rbc_values.
rbc_add() {
  case $1 in
    let) rbc_note_values "${@:2}" ;;
    param)
      rbc_param "${@:2}"
      rbc_note_values "$2"
      ;;
    secret)
      rbc_secret "$2"
      rbc_keep "secret.$2" here
      rbc_note_values "$2"
      ;;
    channel)
      rbc_keep "channel.$2" "target=$3" "${@:4}"
      rbc_add_channel "$2" "${rbc_is["channel.$2.secret"]-}"
      ;;
    *) rbc_add_thing "$@" ;;
  esac
}

rbc_note_values() {
  local rbc_name rbc_all
  local -a rbc_words
  for rbc_name; do
    rbc_all="${rbc_name}[@]" rbc_words=("${!rbc_all}")
    rbc_declared+=("$rbc_name")
    rbc_value[$rbc_name]=${!rbc_name-}
    ((${#rbc_words[@]} != 1)) || continue
    printf -v REPLY ', %s' "${rbc_words[@]}"
    rbc_value[$rbc_name]="(${REPLY#, })"
  done
}

# Where a channel is reached is a secret too, but one that a run can do without. A webhook without
# a secret is reached at the URL that is its target.
rbc_add_channel() {
  rbc_channels+=("$1")
  rbc_value["channel $1"]=
  if [[ -n $2 ]]; then
    rbc_value["channel $1"]=${!2-}
    rbc_learn_secret "$2" "${!2-}"
  elif [[ ${rbc_is["channel.$1.kind"]} == webhook && ${rbc_is["channel.$1.target"]} == http?(s)://* ]]; then
    rbc_value["channel $1"]=${rbc_is["channel.$1.target"]}
  fi
}

# What is kept as a list is called by its kind: rbc_points, rbc_bounds …
rbc_add_thing() {
  local kind=$1 name=$2
  local -n list=rbc_$1s
  shift
  case $kind in
    about) rbc_keep plan "$@" ;;
    phase)
      list+=("$name")
      rbc_begin "$name" "title=$2" "${@:3}"
      ((${#name} <= rbc_width)) || rbc_width=${#name}
      ;;
    step | tell | gate | manual | ensure) rbc_add_item "$kind" "$@" ;;
    verify) rbc_add_item verify verification 'Verify the result' ;;
    expect) rbc_add_expectation "$@" ;;
    point | scenario)
      list+=("$name")
      rbc_begin "$kind.$name" "title=$2" "${@:3}"
      ;;
    whole) rbc_keep "$rbc_here" "phases=$*" ;;
    part) rbc_keep "$rbc_here" "steps.$name=${*:2}" ;;
    wave)
      rbc_waves+=("wave $*")
      rbc_regions+=("$@")
      ;;
    wave_gate)
      rbc_here=regions
      rbc_is["regions.title"]='between the waves'
      rbc_add_item gate "$@"
      rbc_waves+=("gate $name")
      ;;
    artifact)
      list+=("$name")
      rbc_keep "artifact.$name" "path=$2" "${@:3}"
      ;;
    fact) list+=("$name: $2") ;;
    check)
      rbc_here=
      list+=("check.$name")
      rbc_keep "check.$name" "name=$name" "title=$2" "${@:3}"
      ;;
    confirm | baseline) list+=("$name") ;;
    metric) rbc_keep "metric.$name" "${@:2}" ;;
    bound | trigger)
      list+=("$kind.${#list[@]}")
      rbc_keep "${list[-1]}" "metric=$name" "comparison=$2" "number=$3" "written=$4" "${@:5}"
      ;;
    notice) rbc_keep "notice.$name" "channels=${rbc_is["notice.$name.channels"]-} ${*:2}" ;;
    archive) rbc_keep archive "kind=$name" "target=$2" ;;
    rung) local IFS=$'\t' && list+=("$*") ;;
    *) rbc_keep "hook.$name" "count=$2" ;;
  esac
}

rbc_begin() {
  rbc_here=$1
  rbc_items[$1]=
  rbc_ensures[$1]=
  rbc_keep "$@"
}

# rbc_add_item KIND NAME TITLE WORD…
rbc_add_item() {
  rbc_kind["$rbc_here/$2"]=$1
  if [[ $1 == ensure ]]; then rbc_ensures[$rbc_here]+=" $2"; else rbc_items[$rbc_here]+=" $2"; fi
  rbc_keep "$rbc_here/$2" "title=$3" "${@:4}"
}

# OWNER LABEL MATCHER [VALUE] [within=S every=S]: the next expectation of a step of this phase,
# or of a check.
rbc_add_expectation() {
  local owner=$1 count
  [[ -z $rbc_here ]] || owner=$rbc_here/$1
  count=$((${rbc_is["$owner.expectations"]-0} + 1))
  rbc_is["$owner.expectations"]=$count
  rbc_keep "$owner.$count" "label=$2" "matcher=$3" "value=${4-}" "${@:5}"
}

# rbc_phase_of UNIT → REPLY: what the plan knows it by.
rbc_phase_of() {
  REPLY=${1##*/}
  [[ $1 != regions/* ]] || REPLY=regions
}
