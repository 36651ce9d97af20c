#!/bin/sh
# Part of the image's build: the authorities by which public servers are known, where the base image has none.
set -eu
if [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
    apt-get update
    apt-get install --yes --no-install-recommends ca-certificates
    rm -rf /var/lib/apt/lists/*
fi
