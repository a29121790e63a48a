# -- Options -----------------------------------------------------------------

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
rbc_who=
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

# Which options each script has; those of all stand in the second line.
rbc_allowed() {
  local all=' --help --set --artifacts --verbose --no-color '
  case $rbc_role in
    rollback) all+=' --scenario --region --from --only --list --dry-run --auto --reason --metric --value --threshold --resume --archive --status --approve --deny --as --rehearsal --run-dir --jobs --steal-lock --forward-fix ' ;;
    monitor) all+=' --once --replay --dry-run --rollback --state ' ;;
    verify) all+=' --scenario --region --json --dry-run ' ;;
    *) all+=' --region --dry-run --force --steal-lock ' ;;
  esac
  [[ $all == *" $1 "* ]]
}

rbc_options() {
  local option value taken
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
        rbc_switch "$option"
        continue
        ;;
      --resume | --archive)
        rbc_mode=${option#--}
        if ((taken == 0)) || [[ $taken == 2 && $value == -* ]]; then continue; fi
        ;;
      *) ((taken != 0)) || rbc_usage "$option wants a value" ;;
    esac
    ((taken == 1)) || shift
    rbc_valued "$option" "$value"
  done
}

rbc_switch() {
  case $1 in
    --help) rbc_mode=help ;;
    --list) rbc_mode=list ;;
    --dry-run) rbc_mode=dry_run ;;
    --auto) rbc_auto=1 ;;
    --status) rbc_mode=status ;;
    --verbose) export RBC_VERBOSE=1 ;;
    --no-color) rbc_color=0 ;;
    --steal-lock) rbc_steal=1 ;;
    --once) rbc_once=1 ;;
    --force) rbc_force=1 ;;
    *) rbc_json_out=1 ;;
  esac
}

rbc_valued() {
  case $1 in
    --scenario) rbc_scenario=$2 ;;
    --region) rbc_region=$2 ;;
    --from) rbc_from=$2 ;;
    --only) rbc_only=$2 ;;
    --set) rbc_take_set "$2" ;;
    --reason) rbc_reason=$2 ;;
    --metric | --value | --threshold) rbc_trigger+=("${1#--}=$2") ;;
    --resume | --archive) rbc_run=$2 ;;
    --approve | --deny) rbc_mode=${1#--} rbc_gate=$2 ;;
    --as) rbc_who=$2 ;;
    --rehearsal) rbc_rehearsal=$2 ;;
    --run-dir) rbc_run_dir=$2 ;;
    --artifacts) RBC_ARTIFACTS=$2 ;;
    --jobs)
      [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || rbc_usage "--jobs wants a number from 1, not \`$2\`"
      rbc_jobs=$2
      ;;
    --forward-fix) rbc_mode=forward_fix rbc_crossed=$2 ;;
    --replay) rbc_replay=$2 ;;
    --rollback) rbc_rollback=$2 ;;
    *) rbc_state_file=$2 ;;
  esac
}

# Whether the names that were given are names of this plan.
rbc_judge_options() {
  rbc_must_be_one scenario "${rbc_scenario:- }" "full${rbc_scenarios[*]:+ ${rbc_scenarios[*]}}"
  rbc_must_be_one phase "$rbc_from" "${rbc_phases[*]}"
  rbc_must_be_one phase "$rbc_only" "${rbc_phases[*]}"
  rbc_must_be_one region "$rbc_region" "${rbc_regions[*]}"
  [[ $rbc_mode != forward_fix ]] || rbc_must_be_one 'point of no return' "${rbc_crossed:- }" "${rbc_points[*]}"
  if [[ $rbc_mode == forward_fix && -z $rbc_region ]] && ((${#rbc_regions[@]} > 0)); then
    rbc_usage "--forward-fix wants a --region in this plan (there are: ${rbc_regions[*]})"
  fi
  if ((rbc_auto)) && [[ -z $rbc_reason && $rbc_mode == run ]]; then
    rbc_usage '--auto wants a --reason, which the journal and the report keep'
  fi
}

# rbc_must_be_one KIND NAME NAMES
rbc_must_be_one() {
  [[ -z $2 || " $3 " == *" $2 "* ]] || rbc_usage "there is no $1 \`$2\` in this plan (there are: ${3:-none})"
}
