# ── Plan: keeps what the plan's part above declares ─────────────────────────
#
# A word `key=value` is kept as it is, a bare word as `yes`. Phases are called by their name,
# what stands in them `phase/name`.

declare -A rbc_is=()     # rbc_is["database.title"], rbc_is["database/restore.timeout"] …
declare -A rbc_kind=()   # rbc_kind["database/restore"]: step, ensure, gate, manual, verify
declare -A rbc_items=()  # rbc_items[database]: the names of what stands in it, in order
declare -A rbc_ensures=()
rbc_phases=()
rbc_scenarios=()
rbc_points=()
rbc_artifacts=()
rbc_checks=()
rbc_bounds=()
rbc_confirms=()
rbc_metrics=()
rbc_triggers=()
rbc_channels=()
rbc_declared=()          # the names of let, param, secret
rbc_here=                # the phase, scenario or point that is being declared

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

# What was kept under a key, or the default: rbc_get KEY [DEFAULT] → REPLY
rbc_get() { REPLY=${rbc_is[$1]-${2-}}; }

rbc_about() { rbc_keep plan "$@"; }

rbc_phase() {
  rbc_here=$1
  rbc_phases+=("$1")
  rbc_items[$1]=
  rbc_ensures[$1]=
  rbc_keep "$1" "title=$2" "${@:3}"
  ((${#1} <= rbc_width)) || rbc_width=${#1}
}

rbc_item() {
  local kind=$1 name=$2
  rbc_kind["$rbc_here/$name"]=$kind
  rbc_items[$rbc_here]+=" $name"
  rbc_keep "$rbc_here/$name" "title=$3" "${@:4}"
}

rbc_step() { rbc_item step "$@"; }
rbc_gate() { rbc_item gate "$@"; }
rbc_manual() { rbc_item manual "$@"; }
rbc_verification_here() { rbc_item verify verification 'Verify the result'; }
rbc_ensure() {
  rbc_kind["$rbc_here/$1"]=ensure
  rbc_ensures[$rbc_here]+=" $1"
  rbc_keep "$rbc_here/$1" "title=$2" "${@:3}"
}

# rbc_expect OWNER LABEL MATCHER [VALUE] [within=S every=S]: the next expectation of a step
# of this phase, or of a check.
rbc_expect() {
  local owner=$1 count
  [[ -z $rbc_here ]] || owner=$rbc_here/$1
  count=$((${rbc_is["$owner.expectations"]-0} + 1))
  rbc_is["$owner.expectations"]=$count
  rbc_keep "$owner.$count" "label=$2" "matcher=$3" "value=${4-}" "${@:5}"
}

rbc_scenario() {
  rbc_scenarios+=("$1")
  rbc_here=scenario.$1
  rbc_keep "scenario.$1" "title=$2" "${@:3}"
}
rbc_run_phases() { rbc_keep "$rbc_here" "phases=$*"; }
rbc_run_steps() { rbc_keep "$rbc_here" "steps.$1=${*:2}"; }

rbc_point_of_no_return() {
  rbc_points+=("$1")
  rbc_here=point.$1
  rbc_items["point.$1"]=
  rbc_ensures["point.$1"]=
  rbc_keep "point.$1" "title=$2" "${@:3}"
}

# rbc_artifact NAME PATH: a file below the artifacts folder; the variable NAME holds its path.
rbc_artifact() {
  rbc_artifacts+=("$1")
  rbc_keep "artifact.$1" "path=$2" "${@:3}"
}

rbc_check() {
  rbc_here=
  rbc_checks+=("check.$1")
  rbc_keep "check.$1" "name=$1" "title=$2" "${@:3}"
}
rbc_confirm() { rbc_confirms+=("$1"); }

rbc_metric() {
  rbc_metrics+=("$1")
  rbc_keep "metric.$1" "${@:2}"
}
# rbc_bound METRIC COMPARISON NUMBER WRITTEN: a bound of the verification.
rbc_bound() {
  local key=bound.${#rbc_bounds[@]}
  rbc_bounds+=("$key")
  rbc_keep "$key" "metric=$1" "comparison=$2" "number=$3" "written=$4" "${@:5}"
}
# rbc_trigger METRIC COMPARISON NUMBER WRITTEN: an automatic trigger.
rbc_trigger() {
  local key=trigger.${#rbc_triggers[@]}
  rbc_triggers+=("$key")
  rbc_keep "$key" "metric=$1" "comparison=$2" "number=$3" "written=$4" "${@:5}"
}

rbc_channel() {
  rbc_channels+=("$1")
  rbc_keep "channel.$1" "target=$2" "${@:3}"
}
rbc_notice() { # rbc_notice EVENT CHANNEL…
  rbc_keep "notice.$1" "channels=${rbc_is["notice.$1.channels"]-} ${*:2}"
}
rbc_escalation() { # rbc_escalation START END TITLE CONTACTS ACTIONS
  rbc_rungs+=("$1"$'\t'"$2"$'\t'"$3"$'\t'"$4"$'\t'"$5")
}
rbc_rungs=()
rbc_breach_action() { rbc_keep plan "breach=$1"; }
