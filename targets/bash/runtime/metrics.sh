# -- Metrics: a sample is a number, or no_data, or an error; never a guess

declare -A rbc_latest=() # METRIC: `ok NUMBER`, `no_data WHY` or `error WHY`

# rbc_sample METRIC… asks for all at once and keeps the samples in rbc_latest, the last one in REPLY; status 1
# where that is none. In the unit of thresholds (a part of one, milliseconds, per minute, a count).
rbc_sample() {
  local group metric code status error path groups=("$*") processes=() here=$rbc_run_dir/tmp/sample.$BASHPID
  local -a those
  local -A bodies=() waiting=() raw=()
  # One curl can ask for everything since 7.75; of older ones each metric gets its own.
  (($# == 1)) || [[ ${rbc_version:=$(curl --version)} =~ ^curl\ (7\.(7[5-9]|[89])|[89]|[1-9][0-9]) ]] || groups=("$@")
  for metric; do
    : >"$here.$metric" # an empty answer is not the one before
    rbc_latest[$metric]='error curl has ended without an answer'
  done
  for group in "${groups[@]}"; do
    read -r -a those <<<"$group"
    rbc_ask "$here" "${those[@]}" >"$here.${#processes[@]}" &
    processes+=("$!")
  done
  for group in "${!processes[@]}"; do
    wait "${processes[group]}"
    status=$?
    if [[ -n $rbc_stop ]]; then
      kill "${processes[@]}"
      REPLY='error interrupted'
      return 1
    fi
    while read -r metric code path error; do
      rbc_take_answer "$metric" "$code" "${path:-$status}" "$error"
    done <"$here.$group"
  done
  (($# > 1)) || rm -f "$here".* # the monitor cleans up at its end
  for path in "${!waiting[@]}"; do
    read -r -a those <<<"${waiting[$path]}"
    rbc_read_json "$path" "${those[@]}"
  done
  rbc_scale_all "${!raw[@]}"
  REPLY=${rbc_latest[${*: -1}]}
  [[ $REPLY == ok\ * ]]
} 2>/dev/null

# Becomes the curl that asks: rbc_ask FILE METRIC… An answer goes to FILE.METRIC, up to a megabyte;
# what became of it is one line of the output.
rbc_ask() {
  local here=$1 metric key address config=''
  local -a many=()
  shift
  (($# == 1)) || many=(--parallel --parallel-immediate --parallel-max 300)
  for metric; do
    key=metric.${metric%@*} address=${rbc_is["metric.$metric.address"]}
    [[ $metric == "$1" ]] || config+=$'next\n'
    config+=$'globoff\nsilent\nshow-error\n'
    rbc_curl_lines output "$here.$metric" write-out "$metric %{http_code} %{exitcode} %{errormsg}\n" \
      connect-timeout 3 max-time "${RBC_METRIC_TIMEOUT:-5}"
    if [[ ${rbc_is["$key.source"]} == prometheus ]]; then
      config+=$'get\n'
      rbc_curl_lines data-urlencode "query=${rbc_is["$key.query"]}"
      address=${address%/}/api/v1/query
    fi
    rbc_curl_lines url "$address"
  done
  trap '' XFSZ
  ulimit -f 1000
  exec curl "${many[@]}" -K <(printf %s "$config")
}

# rbc_take_answer METRIC HTTP_STATUS EXIT_STATUS ERROR, with the answer in its file. That of a Prometheus
# must hold one number; more than one series is an error.
rbc_take_answer() {
  local LC_ALL=C key=metric.${1%@*} body='' packed path value='"value":[[][0-9.e+]+,"([^"]*)"'
  IFS= read -r -N 1024000 body <"$here.$1"
  if (($3 != 0)); then
    REPLY="error curl: ${4:-exit status $3}"
  elif [[ $2 != 2?? ]]; then
    REPLY="error HTTP status $2${body:+: ${body:0:200}}"
  elif [[ ${rbc_is["$key.source"]} != prometheus ]]; then
    REPLY='no_data the answer is empty'
    if [[ $body == *[![:space:]]* ]]; then
      path=${rbc_is["$key.json"]:-.}
      bodies[$path]+=${body//[$'\n\r']/ }$'\n'
      waiting[$path]+=" $1"
    fi
  elif packed=${body//[[:space:]]/} && [[ $packed != *'"status":"success"'* ]]; then
    REPLY="error not the answer of a Prometheus: ${body:0:100}"
  elif [[ $packed == *'"resultType":"vector","result":[]'* ]]; then
    REPLY='no_data the query found no series'
  elif [[ ! $packed =~ \"resultType\":\"scalar\",\"result\":\[[0-9.e+]+,\"([^\"]*)\" && ! $packed =~ $value ]]; then
    REPLY="error the answer holds no sample: ${body:0:100}"
  elif [[ ${packed#*"${BASH_REMATCH[0]}"} == *'"value":['* ]]; then
    REPLY='error the query found more than one series'
  else
    rbc_take_number "$1" "${BASH_REMATCH[1]}"
    return
  fi
  rbc_latest[$1]=$REPLY
}

# The answers of these metrics, which wait in `bodies`, read by one jq: rbc_read_json PATH METRIC…
rbc_read_json() {
  local path=$1 metric line
  shift
  while IFS= read -r line; do
    metric=$1
    shift
    case $line in
      null) rbc_latest[$metric]='no_data the answer holds null' ;;
      '') rbc_latest[$metric]="error no number at $path" ;;
      *)
        line=${line#\"}
        rbc_take_number "$metric" "${line%\"}"
        ;;
    esac
  done < <(exec jq -Rr "try ([fromjson | ($path
)] | if length == 1 then .[0] | tojson else \"\" end) catch \"\"" <<<"${bodies[$path]%$'\n'}")
  for metric; do rbc_latest[$metric]="error jq can't read $path"; done
}

# Only finite decimal numbers pass.
rbc_finite='^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$'
rbc_take_number() {
  rbc_latest[$1]="error \`${2:0:50}\` is not a finite number"
  [[ $2 != [Nn]a[Nn] ]] || rbc_latest[$1]='no_data NaN'
  [[ ! $2 =~ $rbc_finite ]] || raw[$1]=$2
}

# Brings what was taken into the unit of thresholds: rbc_scale_all METRIC…
rbc_scale_all() {
  local number lines=''
  (($# > 0)) || return 0
  for number; do lines+="${raw[$number]} ${rbc_is["metric.${number%@*}.factor"]-1}"$'\n'; done
  while read -r number; do
    rbc_latest[$1]="ok $number"
    [[ $number =~ $rbc_finite ]] || rbc_latest[$1]="error \`${raw[$1]:0:50}\` is out of range"
    shift
  done < <(rbc_awk 'printf "%.12g\n", $1 * $2' <<<"${lines%$'\n'}")
}

# Becomes an awk that does this with each line.
rbc_awk() { LC_ALL=C exec awk "{ $1 }"; }

# Of lines `NUMBER COMPARISON BOUND` 1 where it holds, else 0; - for a line with -.
rbc_compare_all() {
  rbc_awk 'a = $1 + 0; b = $3 + 0
    print ($1 == "-" ? $1 : ($2 ~ /=/ && a == b) || ($2 ~ />/ ? a > b : a < b))'
}
