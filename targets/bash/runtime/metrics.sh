# -- Metrics: a sample is a number, or no_data, or an error; never a guess ---

# rbc_sample METRIC → REPLY: `ok NUMBER`, `no_data WHY` or `error WHY`; the number is in the unit
# of thresholds (a part of one, milliseconds, per minute, a count).
rbc_sample() {
  local key=metric.$1 body
  local -a ask=(curl -sS -w '\n%{http_code}' --connect-timeout 3 --max-time "${RBC_METRIC_TIMEOUT:-5}")
  if [[ ${rbc_is["$key.source"]} == prometheus ]]; then
    ask+=(--get --data-urlencode "query=${rbc_is["$key.query"]}" "${rbc_is["$key.address"]%/}/api/v1/query")
  else
    ask+=("${rbc_is["$key.address"]}")
  fi
  if ! body=$("${ask[@]}" 2>&1 | head -c 1000000 | tr -d '\0' && exit "${PIPESTATUS[0]}"); then
    REPLY="error ${body:0:200}"
    return 1
  fi
  if [[ $body != *$'\n'2[0-9][0-9] ]]; then
    REPLY="error HTTP status ${body##*$'\n'}"
    return 1
  fi
  body=${body%$'\n'*}
  if [[ ${rbc_is["$key.source"]} == prometheus ]]; then
    rbc_prometheus_number "$body" || return 1
  else
    rbc_json_number "$body" "${rbc_is["$key.json"]-}" || return 1
  fi
  rbc_scale "$REPLY" "${rbc_is["$key.factor"]-1}"
}

# The number in the answer of an instant query; more than one series is an error.
rbc_prometheus_number() {
  local value='"value":[[][0-9.e+]+,"([^"]*)"' rest
  if [[ $1 != *'"status":"success"'* ]]; then
    REPLY="error not the answer of a Prometheus: ${1:0:100}"
    return 1
  fi
  if [[ $1 =~ \"resultType\":\"scalar\",\"result\":\[[0-9.e+]+,\"([^\"]*)\" ]]; then
    REPLY=${BASH_REMATCH[1]}
    return 0
  fi
  if [[ ! $1 =~ $value ]]; then
    REPLY='no_data the query found no series'
    return 1
  fi
  REPLY=${BASH_REMATCH[1]}
  rest=${1#*"${BASH_REMATCH[0]}"}
  if [[ $rest =~ $value ]]; then
    REPLY='error the query found more than one series'
    return 1
  fi
}

rbc_json_number() {
  local number
  if [[ -z ${1//[[:space:]]/} ]]; then
    REPLY='no_data the answer is empty'
    return 1
  fi
  if ! number=$(jq -er "${2:-.}" 2>/dev/null <<<"$1"); then
    case $number in
      null) REPLY='no_data the answer holds null' ;;
      *) REPLY="error no number at ${2:-.} in: ${1:0:100}" ;;
    esac
    return 1
  fi
  REPLY=$number
}

# Only finite decimal numbers pass; then NUMBER times FACTOR.
rbc_scale() {
  local finite='^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$'
  case $1 in
    NaN | nan) REPLY='no_data NaN' && return 1 ;;
    *) ;;
  esac
  if [[ ! $1 =~ $finite ]]; then
    REPLY="error \`${1:0:50}\` is not a finite number"
    return 1
  fi
  REPLY="ok $(LC_ALL=C awk -v "n=$1" -v "f=$2" 'BEGIN { printf "%.12g", n * f }')"
  if [[ ! ${REPLY#ok } =~ $finite ]]; then
    REPLY="error \`${1:0:50}\` is out of range"
    return 1
  fi
}

# rbc_compare A COMPARISON B
rbc_compare() {
  LC_ALL=C awk -v "a=$1" -v "b=$3" -v "c=$2" 'BEGIN {
    a += 0; b += 0
    exit !((c == ">" && a > b) || (c == ">=" && a >= b) || (c == "<" && a < b) || (c == "<=" && a <= b))
  }'
}
