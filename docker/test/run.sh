#!/usr/bin/env bash
# The compose file from end to end, on a real engine: run.sh BINARY
#
# Starts what a user starts, loads a lake, refreshes, kills an executor, cuts one off the network, scales from two to four,
# and compares gold each time with what the embedded engine makes of the same lake on a disk.
set -euo pipefail

binary="$(readlink -f "${1:?run.sh BINARY}")"
cd "$(dirname "$0")/../.."
# shellcheck source=docker/test/engine.sh
. docker/test/engine.sh

scale="${SCALE:-0.1}"
as_of=2026-01-01T00:00:00Z
work="$(mktemp -d)"
export COMPOSE_PROJECT_NAME=goldsmith-test GOLDSMITH_BINARY=prebuilt
tables=(profiles_Customer activities_Orders activities_LoyaltyPoints supporting_Products supporting_Channels
  supporting_Calendar supporting_LoyaltyPrograms supporting_LoyaltyRewardPoints analytics_CustomerMetrics)

compose() { docker compose --progress quiet "$@"; }
goldsmith() { compose --profile client run --rm --no-TTY goldsmith "$@"; }
step() { printf '\n-- %s (%s s)\n' "$1" "$SECONDS"; }
fail() { printf 'failed: %s\n' "$*" >&2; exit 1; }

finish() {
  local code=$?
  if [ $code -ne 0 ]; then compose logs --tail 60 >&2 || true; fi
  compose --profile demo --profile client down --volumes --timeout 5 >/dev/null 2>&1 || true
  rm -rf "$work"
  if [ -n "${placed:-}" ]; then rm -f docker/prebuilt/goldsmith; fi
  stop_engine
  exit $code
}
trap finish EXIT

# What PATH of the page answers, and its status.
page() { curl --silent --max-time 10 --user ":$token" --write-out '\n%{http_code}\n' "http://127.0.0.1:8080$1"; }
# A number of what the scheduler tells: look EXPRESSION, over the document `o`
look() { page /api/overview | sed '$d' | python3 -c "import json, sys; o = json.load(sys.stdin); print($1)"; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local left=$1 what=$2
  shift 2
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "waited in vain for $what"
    sleep 1
  done
}
executors() { [ "$(look 'len(o["executors"])' 2>/dev/null)" = "$1" ]; }
is_building() { [ "$(look 'sum(m["state"] == "building" for r in o["running"] for m in r["models"])' 2>/dev/null || echo 0)" -gt 0 ]; }

compare() {
  local table
  for table in "${tables[@]}"; do
    goldsmith query "SELECT * FROM gold.$table" --output json >"$work/found.json"
    python3 docker/test/same.py "$work/$table.json" "$work/found.json" "$table"
  done
}

# A refresh of everything in the background, and the command while it builds.
refresh_and() {
  goldsmith refresh --full --as-of "$as_of" --output json >"$work/report.json" 2>"$work/report.log" &
  local refresh=$!
  wait_for 60 "a model that is being built" is_building
  "$@"
  kill -0 $refresh 2>/dev/null || fail "the refresh had ended before: $*"
  wait $refresh || { cat "$work/report.log" >&2; fail "the refresh"; }
}

step 'what gold has to be'
"$binary" generate "$work/lake" --scale "$scale" --seed 1 --quiet
printf '[bronze]\nurl = "%s"\n[gold]\nurl = "%s"\n' "$work/lake" "$work/gold" >"$work/goldsmith.toml"
"$binary" refresh --config "$work/goldsmith.toml" --as-of "$as_of" --quiet
for table in "${tables[@]}"; do
  "$binary" query --config "$work/goldsmith.toml" "SELECT * FROM gold.$table" --output json >"$work/$table.json"
done

step 'docker compose up --build'
if ! [ docker/prebuilt/goldsmith -ef "$binary" ]; then
  [ ! -e docker/prebuilt/goldsmith ] || fail 'docker/prebuilt/goldsmith is another binary; move it away'
  install -D "$binary" docker/prebuilt/goldsmith
  placed=1
fi
compose --profile demo --profile client down --volumes --timeout 5 >/dev/null 2>&1 || true
compose up --build --detach --wait --wait-timeout 180
token="$(compose exec --no-TTY scheduler cat /var/lib/goldsmith/scheduler/page-token)"
wait_for 30 'two executors' executors 2

step 'nothing is open'
published="$(docker ps --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --format '{{.Ports}}' | tr ',' '\n' | grep -e '->' || true)"
[ -n "$published" ] || fail 'no port is published'
if printf '%s\n' "$published" | grep -v '^ *127\.0\.0\.1:'; then fail 'a port is published beyond loopback'; fi
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8080/)" = 401 ] || fail 'the page asks for no token'
if "$binary" status --cluster http://127.0.0.1:50050 2>"$work/plain.log"; then fail 'the scheduler answers without TLS'; fi
compose exec --no-TTY scheduler cat /var/lib/goldsmith/scheduler/ca.pem >"$work/ca.pem"
if "$binary" status --cluster https://127.0.0.1:50050 --tls "$work" 2>"$work/plain.log"; then fail 'the scheduler asks for nothing'; fi
grep -q 'neither a token nor a certificate' "$work/plain.log" || fail "another error: $(cat "$work/plain.log")"
for user in $(docker ps --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" | xargs docker inspect --format '{{.Config.User}}'); do
  [ "$user" = 10001:10001 ] || fail "a container runs as $user"
done

step 'docker compose run demo'
compose --profile demo run --rm --no-TTY --env SCALE="$scale" demo --as-of "$as_of"
compare
page / | grep 'Published tables' >/dev/null || fail 'the page shows no tables'

step 'a container is killed while the refresh runs'
victim="$(compose ps --quiet executor | sed -n 1p)"
refresh_and docker kill "$victim" >/dev/null
compare
compose up --detach --wait --wait-timeout 120
wait_for 60 'two executors' executors 2

step 'a container is cut off the network while the refresh runs'
victim="$(compose ps --quiet executor | sed -n 1p)"
network="${COMPOSE_PROJECT_NAME}_cluster"
refresh_and docker network disconnect "$network" "$victim"
compare
docker network connect "$network" "$victim"
wait_for 120 'the executor to come back' executors 2

step 'from two executors to four'
compose up --detach --wait --wait-timeout 120 --scale executor=4 --no-recreate
wait_for 60 'four executors' executors 4
goldsmith refresh --full --as-of "$as_of" --quiet
compare

step 'the second load changes the lake'
compose --profile demo run --rm --no-TTY demo
[ "$(look 'o["history"]["refreshes"][0]["state"]')" = done ] || fail 'the last refresh is not done'

step 'done'
