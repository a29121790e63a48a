# -- Main --------------------------------------------------------------------

rbc_self=${BASH_SOURCE[0]}
rbc_me=$0 # as it can be typed again
[[ $0 == */* ]] || rbc_me=./$0
printf -v rbc_me '%q' "$rbc_me"

# rbc_main ROLE ARGUMENT… with the role rollback, capture, verify or monitor.
rbc_main() {
  rbc_role=$1
  shift
  set +e
  [[ ! -t 1 || -n ${NO_COLOR-} ]] || rbc_color=1
  # A locale that ssh has brought along, and that is not here, would be complained of all the time.
  [[ $("$BASH" -c : 2>&1) != *setlocale* ]] || export LC_ALL=C
  RBC_ARTIFACTS=${RBC_ARTIFACTS-}
  for REPLY in "${!RBC_SET_@}" RBC_VERBOSE; do unset "$REPLY"; done
  rbc_about
  rbc_options "$@"
  : "${RBC_ARTIFACTS:=.rbc/artifacts/${rbc_is["plan.name"]}}"
  [[ $RBC_ARTIFACTS == /* ]] || RBC_ARTIFACTS=$PWD/$RBC_ARTIFACTS
  export RBC_ARTIFACTS RBC_REGION=$rbc_region RBC_SCENARIO=$rbc_scenario
  if [[ $rbc_mode == help ]]; then
    rbc_help
    exit 0
  fi
  case $rbc_mode in
    approve) rbc_answer_gate approved "$rbc_gate" "$rbc_who" && exit 0 ;;
    deny) rbc_answer_gate denied "$rbc_gate" "$rbc_who" && exit 0 ;;
    status) rbc_show_status && exit 0 ;;
    archive)
      rbc_archive_again
      exit
      ;;
    resume) rbc_prepare_resume ;;
    *) ;;
  esac
  rbc_read_plan
  rbc_judge_options
  rbc_judge_sets
  rbc_build_units
  rbc_select
  [[ $rbc_role != rollback ]] || rbc_judge_selection
  case $rbc_mode in
    list) rbc_list && exit 0 ;;
    dry_run) rbc_dry_run && exit 0 ;;
    *) ;;
  esac
  trap 'rbc_interrupted INT' INT
  trap 'rbc_interrupted TERM' TERM
  case $rbc_role in
    rollback) rbc_rollback ;;
    capture) rbc_capture ;;
    verify) rbc_verify ;;
    *) rbc_monitor ;;
  esac
  exit "$rbc_status"
}

rbc_make_run_dir() {
  local stamp
  TZ=UTC0 printf -v stamp '%(%Y%m%dT%H%M%SZ)T' -1
  rbc_run=$stamp-$BASHPID
  [[ -z $rbc_region ]] || rbc_run+=-$rbc_region
  if [[ -n $rbc_run_dir ]]; then
    rbc_run=${rbc_run_dir##*/}
  else
    rbc_run_dir=.rbc/runs/$rbc_run
  fi
  [[ ! -e $rbc_run_dir/journal.jsonl ]] || rbc_fail 2 "$rbc_run_dir holds a run already; --resume continues it"
  mkdir -p "$rbc_run_dir/log" "$rbc_run_dir/gates" "$rbc_run_dir/tmp" || rbc_fail 3 "$rbc_run_dir can't be made"
  rbc_run_dir=$(cd "$rbc_run_dir" && pwd)
  rbc_journal=$rbc_run_dir/journal.jsonl
  cp -- "${BASH_SOURCE[0]}" "$rbc_run_dir/$rbc_role.sh" || rbc_fail 3 "$rbc_run_dir can't be written"
  rbc_self=$rbc_run_dir/$rbc_role.sh
  export RBC_RUN=$rbc_run RBC_RUN_DIR=$rbc_run_dir
}

# What --resume and --archive find this run by: its name, or its folder where that is elsewhere.
rbc_name_run() {
  REPLY=$rbc_run
  [[ $rbc_run_dir == "$PWD/.rbc/runs/"* ]] || printf -v REPLY '%q' "$rbc_run_dir"
}

# The pipes between the processes of a run, and the terminal for whoever asks a question.
rbc_open_pipes() {
  exec 7<&0
  mkfifo "$rbc_run_dir/tmp/events"
  exec 6<>"$rbc_run_dir/tmp/events"
  rm -f "$rbc_run_dir/tmp/events" "$rbc_run_dir/tmp/failed"
}

# Finds the run that is meant, and everything after that is about it: rbc_take_run WHAT_FOR
rbc_take_run() {
  rbc_find_run "$rbc_run" || rbc_fail 3 "there is no run $1" "runs are looked for in $PWD/.rbc/runs"
  rbc_run_dir=$(cd "$rbc_run_dir" && pwd)
  rbc_run=${rbc_run_dir##*/}
  rbc_journal=$rbc_run_dir/journal.jsonl
}

# Finds the run that is meant: a name, a folder, or else the newest of this plan.
rbc_find_run() {
  local run journal
  if [[ -z $rbc_run_dir && -n $1 ]]; then
    rbc_run_dir=$1
    [[ -d $1 ]] || rbc_run_dir=.rbc/runs/$1
  fi
  if [[ -n $rbc_run_dir ]]; then
    [[ -e $rbc_run_dir/journal.jsonl ]]
    return
  fi
  for journal in .rbc/runs/*/journal.jsonl; do
    [[ -e $journal ]] || continue
    IFS= read -r run <"$journal" || continue
    rbc_field "$run" plan || continue
    [[ $REPLY != "${rbc_is["plan.name"]}" ]] || rbc_run_dir=${journal%/*}
  done
  [[ -n $rbc_run_dir ]]
}
