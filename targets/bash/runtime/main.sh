# -- Main

rbc_self=${BASH_SOURCE[0]}
[[ $rbc_self == /* ]] || rbc_self=$PWD/$rbc_self
rbc_typed_in=$PWD # a resume goes to where its run was begun
rbc_me=$0         # as it can be typed again
[[ $0 == */* ]] || rbc_me=./$0
printf -v rbc_me '%q' "$rbc_me"

rbc_main() {
  rbc_role=$1
  shift
  set +e
  [[ ! -t 1 || -n ${NO_COLOR-} ]] || rbc_color=1
  # A locale that ssh brings and that is not here is complained of all the time.
  [[ $("$BASH" -c : 2>&1) != *setlocale* ]] || export LC_ALL=C
  for REPLY in "${!RBC_SET_@}" RBC_VERBOSE RBC_ARTIFACTS; do unset "$REPLY"; done
  rbc_about
  rbc_options "$@"
  [[ $rbc_mode != resume ]] || rbc_prepare_resume
  : "${RBC_ARTIFACTS:=.rbc/artifacts/${rbc_is["plan.name"]}}"
  [[ $RBC_ARTIFACTS == /* ]] || RBC_ARTIFACTS=$rbc_typed_in/$RBC_ARTIFACTS
  export RBC_ARTIFACTS RBC_REGION=$rbc_region RBC_SCENARIO=$rbc_scenario
  case $rbc_mode in
    help) rbc_help ;;
    approve) rbc_answer_gate approved ;;
    deny) rbc_answer_gate denied ;;
    status) rbc_show_status ;;
    archive) rbc_archive_again ;;
    *) rbc_act ;;
  esac
  exit
}

# What needs the whole plan. What only shows it never runs it.
rbc_act() {
  rbc_read_plan
  rbc_judge_options
  rbc_judge_sets
  rbc_build_units
  rbc_select
  [[ $rbc_role != rollback ]] || rbc_judge_selection
  trap 'rbc_interrupted INT' INT
  trap 'rbc_interrupted TERM' HUP TERM
  case $rbc_mode/$rbc_role in
    list/*) rbc_list || rbc_status=1 ;;
    dry_run/*) rbc_dry_run || rbc_status=1 ;;
    */rollback) rbc_rollback ;;
    */capture) rbc_capture ;;
    */verify) rbc_verify ;;
    *) rbc_monitor ;;
  esac
  exit "$rbc_status"
}

rbc_make_run_dir() {
  rbc_iso
  : "${rbc_run_dir:=.rbc/runs/${REPLY//[:-]/}-$BASHPID${rbc_region:+-$rbc_region}}"
  # Only what this run has made itself is swept at its end.
  { mkdir -p "$rbc_run_dir" && mkdir "$rbc_run_dir"/{log,gates,tmp}; } || rbc_fail 3 "$rbc_run_dir can't be made"
  rbc_enter_run
  rbc_own_run
}

# What is run is the script that it keeps.
rbc_own_run() {
  local kept=$rbc_run_dir/rollback.sh
  [[ -e $kept ]] || cp -- "$rbc_self" "$kept" || rbc_fail 3 "$rbc_run_dir can't be written"
  [[ $(<"$rbc_self") == "$(<"$kept")" ]] || rbc_note ⚠ "this script is not what the run was begun with; what is run is $kept"
  rbc_self=$kept
  export RBC_RUN=$rbc_run RBC_RUN_DIR=$rbc_run_dir
  printf '%s\n' "$rbc_run_dir" >"$rbc_lock/run"
}

# rbc_name_run OPTION → REPLY: the command about this run. A forward fix is begun again.
rbc_name_run() {
  local line
  REPLY=$rbc_run_dir
  [[ ${REPLY%/*} != "$rbc_typed_in/.rbc/runs" ]] || REPLY=$rbc_run
  printf -v REPLY '%s %s %q' "$rbc_me" "$1" "$REPLY"
  IFS= read -r line <"$rbc_journal" && [[ $1$line == --resume*'"mode":"f'* ]] && rbc_field "$line" point &&
    REPLY="$rbc_me --forward-fix $REPLY${rbc_region:+ --region $rbc_region}"
} 2>/dev/null

# The pipes between the processes of a run, and the terminal.
rbc_open_pipes() {
  exec 7<&0 {rbc_kept_script}<"$rbc_self"
  mkfifo "$rbc_run_dir"/tmp/{events,typing}
  exec 6<>"$rbc_run_dir/tmp/events" {rbc_typing}<>"$rbc_run_dir/tmp/typing"
  printf . >&"$rbc_typing"
  rm -f "$rbc_run_dir"/tmp/{events,typing,failed}
}

# rbc_take_run WHAT_FOR
rbc_take_run() {
  if ! rbc_find_run "$rbc_run" || ! rbc_is_of_plan "$rbc_run_dir"; then
    rbc_fail 3 "there is no run $1${rbc_run_dir:+ in $rbc_run_dir}${rbc_region:+ of region $rbc_region}" "runs are looked for in $PWD/.rbc/runs"
  fi
  ((${#rbc_under_way[@]} < 2)) || rbc_usage "several runs are under way; say which: ${rbc_under_way[*]/#/--region }"
  rbc_region=$REPLY
  rbc_enter_run
}

rbc_enter_run() {
  rbc_run_dir=$(cd "$rbc_run_dir" && pwd)
  rbc_run=${rbc_run_dir##*/}
  rbc_journal=$rbc_run_dir/journal.jsonl
}

# The run that is meant: a folder, a name, else the one under way, else the one written last. In
# rbc_under_way are the regions of those under way.
rbc_find_run() {
  local lock run journal owner host pid since
  rbc_under_way=()
  : "${rbc_run_dir:=$1}"
  if [[ -n $rbc_run_dir ]]; then
    [[ -d $rbc_run_dir ]] || rbc_run_dir=.rbc/runs/$rbc_run_dir
    return
  fi
  for lock in ".rbc/locks/${rbc_is["plan.lock"]}"{,@*}; do
    if IFS= read -r run <"$lock/run" && rbc_is_of_plan "$run" && rbc_is_held "$lock"; then
      rbc_run_dir=$run
      rbc_under_way+=("${lock##*@}")
    fi
  done 2>/dev/null
  ((${#rbc_under_way[@]} == 0)) || return 0
  for journal in .rbc/runs/*/journal.jsonl; do
    rbc_is_of_plan "${journal%/*}" || continue
    [[ -n $rbc_run_dir && $rbc_run_dir/journal.jsonl -nt $journal ]] || rbc_run_dir=${journal%/*}
  done
  [[ -n $rbc_run_dir ]]
}

# Whether a folder holds a run of this plan, and of --region. → REPLY: its region.
rbc_is_of_plan() {
  local line
  IFS= read -r line <"$1/journal.jsonl" && rbc_field "$line" plan && [[ $REPLY == "${rbc_is["plan.name"]}" ]] &&
    rbc_field "$line" region && [[ $REPLY == "${rbc_region:-$REPLY}" && $REPLY != *[!a-zA-Z0-9_-]* ]]
} 2>/dev/null
