#!/bin/sh
# The first start of a cluster: makes an authority and gives each role its own files, in a volume of its own. Later starts
# find them there. The key of the authority stays in a volume that no other service sees.
set -eu
root=/var/lib/goldsmith
goldsmith certificates "$root/authority"
give() { # ROLE FILE...
    role=$1
    shift
    for file in "$@"; do
        install -m 0400 "$root/authority/$file" "$root/$role/.$file"
        mv "$root/$role/.$file" "$root/$role/$file"
    done
}
give scheduler ca.pem scheduler.pem scheduler.key token page-token
give executor ca.pem executor.pem executor.key page-token
give client ca.pem client.pem client.key token
# The emulator's folder has to belong to who runs it; a folder with something in it keeps its owner.
touch "$root/azurite/.made"
