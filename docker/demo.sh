#!/bin/sh
# Loads a bronze lake into the emulator, or changes the one that is there, and has the cluster refresh gold from it.
set -eu
lake=abfss://bronze@devstoreaccount1.dfs.core.windows.net/commerce
scheduler="--cluster https://scheduler:50050 --tls /var/lib/goldsmith/client --token-file /var/lib/goldsmith/client/token"
code=0
goldsmith --config /etc/goldsmith/goldsmith.toml sources --output json >/dev/null 2>/tmp/sources.log || code=$?
if [ $code -ne 0 ] && [ $code -ne 3 ]; then
    cat /tmp/sources.log >&2
    exit $code
elif [ $code -eq 0 ]; then
    goldsmith --config /etc/goldsmith/goldsmith.toml generate "$lake" --connection emulator --mutate --fraction 0.01 \
        --seed "$(date +%s)"
else
    goldsmith --config /etc/goldsmith/goldsmith.toml generate "$lake" --connection emulator --scale "${SCALE:-0.01}" --seed 1
fi
# shellcheck disable=SC2086 # several words
goldsmith $scheduler refresh "$@"
