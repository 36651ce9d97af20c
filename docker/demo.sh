#!/bin/sh
# Loads a bronze lake into the emulator, or changes the one that is there, and has the cluster refresh gold from it.
set -eu
lake=abfss://bronze@devstoreaccount1.dfs.core.windows.net/commerce
scheduler="--cluster https://scheduler:50050 --tls /var/lib/goldsmith/client --token-file /var/lib/goldsmith/client/token"
if goldsmith --config /etc/goldsmith/goldsmith.toml sources --output json >/dev/null 2>&1; then
    goldsmith --config /etc/goldsmith/goldsmith.toml generate "$lake" --connection emulator --mutate --fraction 0.01 \
        --seed "$(date +%s)"
else
    goldsmith --config /etc/goldsmith/goldsmith.toml generate "$lake" --connection emulator --scale "${SCALE:-0.01}" --seed 1
fi
# shellcheck disable=SC2086 # several words
goldsmith $scheduler refresh "$@"
