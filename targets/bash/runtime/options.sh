# -- Options

rbc_role=
rbc_mode=run
rbc_scenario=full
rbc_region=
rbc_from=
rbc_only=
rbc_auto=0
rbc_reason=
rbc_trigger=()
rbc_run=
rbc_run_dir=
rbc_rehearsal=
rbc_gate=
rbc_as=
rbc_once=0
rbc_replay=
rbc_force=0
rbc_json_out=0

# Ends the script with a status and a sentence, and a hint where there is one.
rbc_fail() {
  rbc_complain "$2"
  [[ -z ${3-} ]] || printf '  %s\n' "$3" >&2
  rbc_quit "$1"
}
rbc_quit() {
  rbc_drop_lock
  exit "$1"
}
rbc_usage() { rbc_fail 2 "$1" "${0##*/} --help shows what there is"; }

# The help names every option. In other locales a-z may lack letters.
rbc_allowed() {
  local LC_ALL=C
  [[ $1 =~ ^--[a-z-]+$ && $(rbc_help) =~ [^a-z-]$1[^a-z-] ]]
}

rbc_options() {
  local option value taken
  local -A asked=()
  while (($# > 0)); do
    option=$1 taken=1
    shift
    if [[ $option == --*=* ]]; then
      value=${option#*=} option=${option%%=*}
    elif (($# > 0)); then
      value=$1 taken=2
    else
      value='' taken=0
    fi
    rbc_allowed "$option" || rbc_usage "there is no option \`$option\`"
    case $option in
      --help | --list | --dry-run | --auto | --status | --verbose | --no-color | --steal-lock | --once | --force | --json)
        ((taken != 1)) || rbc_usage "$option takes no value"
        taken=0 value=1
        ;;
      --resume | --archive) [[ $taken == 1 || $value != -* ]] || value='' taken=0 ;;
      *) ((taken != 0)) || rbc_usage "$option wants a value" ;;
    esac
    ((taken != 2)) || shift
    asked[$option]=1
    rbc_take_option "$option" "$value"
  done
  [[ -z ${asked[--help]-} ]] || { rbc_mode=help && return; }
  for option in --list --dry-run --status --resume --archive --approve --deny --forward-fix; do
    [[ -n ${asked[$option]-} ]] || continue
    [[ $rbc_mode == run ]] || rbc_usage "--${rbc_mode/_/-} and $option exclude each other; nothing was done"
    rbc_mode=${option#--}
    rbc_mode=${rbc_mode/-/_}
  done
  [[ $rbc_mode == @(status|resume|archive|approve|deny) ]] || return 0
  for option in --scenario --from --only --set --reason --metric --value --threshold --rehearsal; do
    [[ -z ${asked[$option]-} ]] || rbc_usage "--$rbc_mode takes the run as it was begun: $option can't be changed"
  done
}

# Most options are kept in a variable of their name.
rbc_take_option() {
  local name=${1#--}
  case $1 in
    --help | --list | --dry-run | --status) ;;
    --verbose) export RBC_VERBOSE=1 ;;
    --no-color) rbc_color=0 ;;
    --json) rbc_json_out=1 ;;
    --set) rbc_take_set "$2" ;;
    --metric | --value | --threshold) rbc_trigger+=("$name=$2") ;;
    --resume | --archive) rbc_run=$2 ;;
    --approve | --deny) rbc_gate=$2 ;;
    --artifacts) RBC_ARTIFACTS=$2 ;;
    --jobs)
      [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || rbc_usage "--jobs wants a number from 1, not \`$2\`"
      rbc_jobs=$2
      ;;
    --forward-fix) rbc_crossed=$2 ;;
    --state) rbc_state_file=$2 ;;
    *) printf -v "rbc_${name/-/_}" '%s' "$2" ;;
  esac
}

rbc_judge_options() {
  rbc_must_be_one scenario "${rbc_scenario:- }" "full${rbc_scenarios[*]:+ ${rbc_scenarios[*]}}"
  rbc_must_be_one phase "$rbc_from" "${rbc_phases[*]}"
  rbc_must_be_one phase "$rbc_only" "${rbc_phases[*]}"
  rbc_must_be_one region "$rbc_region" "${rbc_regions[*]}"
  if [[ $rbc_mode == forward_fix ]]; then
    rbc_must_be_one 'point of no return' "${rbc_crossed:- }" "${rbc_points[*]}"
    [[ -n $rbc_region || -z ${rbc_regions[*]} ]] ||
      rbc_usage "--forward-fix wants a --region in this plan (there are: ${rbc_regions[*]})"
  fi
  # A run takes a new folder or an empty one, never one with something in it.
  if [[ -n $rbc_run_dir && $rbc_mode == @(run|forward_fix) ]]; then
    [[ ! -e $rbc_run_dir/journal.jsonl ]] || rbc_usage "--run-dir: $rbc_run_dir holds a run already; --resume continues it"
    [[ $rbc_run_dir != '~'* && -z $(ls -A -- "$rbc_run_dir" 2>/dev/null) ]] ||
      rbc_usage "--run-dir wants a new folder or an empty one, not \`$rbc_run_dir\`"
  fi
  if ((rbc_auto)) && [[ -z $rbc_reason && $rbc_mode == run ]]; then
    rbc_usage '--auto wants a --reason, which the journal and the report keep'
  fi
}

rbc_must_be_one() {
  [[ -z $2 || " $3 " == *" $2 "* ]] || rbc_usage "there is no $1 \`$2\` in this plan (there are: ${3:-none})"
}
