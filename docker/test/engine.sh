#!/usr/bin/env bash
# Sourced: a Docker engine with compose v2 and the base images of this repository, however little is there.
#
# An engine that answers is used as it is. Otherwise one is installed from Debian's packages and started with a folder of its
# own; compose is built from its Go module. Images that cannot be pulled are made: Debian by debootstrap, Azurite from its npm
# package, both under the names that the files use. What is made is kept in GOLDSMITH_DOCKER_DIR.

GOLDSMITH_DOCKER_DIR="${GOLDSMITH_DOCKER_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/goldsmith/docker}"
COMPOSE_VERSION=v2.40.3
mkdir -p "$GOLDSMITH_DOCKER_DIR"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

say() { printf '%s\n' "$*" >&2; }

# NAME...: installs Debian packages that are missing
packages() {
  local missing=() name
  for name in "$@"; do dpkg -s "$name" >/dev/null 2>&1 || missing+=("$name"); done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends "${missing[@]}" >/dev/null
}

start_engine() {
  local dir="$GOLDSMITH_DOCKER_DIR" waited=0
  packages docker.io debootstrap iptables ca-certificates
  mkdir -p "$dir"
  export DOCKER_HOST="unix://$dir/docker.sock"
  docker info >/dev/null 2>&1 && return
  # One that was killed leaves its file behind.
  rm -f "$dir/docker.pid"
  setsid nohup dockerd --data-root "$dir/data" --exec-root "$dir/exec" --host "$DOCKER_HOST" --pidfile "$dir/docker.pid" \
    >>"$dir/dockerd.log" 2>&1 </dev/null &
  engine_started_here=1
  until docker info >/dev/null 2>&1; do
    waited=$((waited + 1))
    if [ $waited -gt 60 ]; then
      tail -20 "$dir/dockerd.log" >&2
      say "the Docker engine cannot be started; GOLDSMITH_NO_DOCKER=1 leaves its tests out"
      return 1
    fi
    sleep 1
  done
}

# compose and buildx, as plugins of the docker command. Compose asks buildx for its version before it builds: one that was
# built without being told it (`v0.0.0`) is too old for it.
plugins() {
  docker compose version >/dev/null 2>&1 && docker buildx version 2>/dev/null | grep -v ' v0\.0\.0' >/dev/null && return
  local dir="$GOLDSMITH_DOCKER_DIR/plugins" to="${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins"
  # Where Go's own installer puts it; Debian's is too old.
  command -v go >/dev/null || PATH="$PATH:/usr/local/go/bin"
  if ! command -v go >/dev/null; then
    say "docker compose v2 is needed, or Go 1.24 to build it from its module"
    return 1
  fi
  say "building docker compose $COMPOSE_VERSION from its Go module"
  mkdir -p "$dir" "$to"
  (
    cd "$dir"
    printf 'module plugins\n\ngo 1.24\n\nrequire github.com/docker/compose/v2 %s\n' "$COMPOSE_VERSION" >go.mod
    printf '//go:build tools\n\npackage plugins\n\nimport (\n\t_ "github.com/docker/buildx/cmd/buildx"\n\t_ "github.com/docker/compose/v2/cmd"\n)\n' >tools.go
    rm -f go.sum
    go mod tidy >/dev/null 2>&1
    go build -o "$to/docker-compose" github.com/docker/compose/v2/cmd
    buildx="$(go list -m -f '{{.Version}}' github.com/docker/buildx)"
    go build -o "$to/docker-buildx" -ldflags "-X github.com/docker/buildx/version.Version=$buildx" github.com/docker/buildx/cmd/buildx
  )
}

is_own_engine() { [ "${DOCKER_HOST:-}" = "unix://$GOLDSMITH_DOCKER_DIR/docker.sock" ]; }

# IMAGE: whether it is there, or can be pulled. An engine of somebody else's keeps no stand-ins: there it has to be pulled.
has_image() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  if is_own_engine; then
    timeout 60 docker pull --quiet "$1" >/dev/null 2>&1
  else
    docker pull --quiet "$1"
  fi
}

debian_image() {
  local image="$1" dir="$GOLDSMITH_DOCKER_DIR" mirror
  has_image "$image" && return
  is_own_engine || return 1
  packages debootstrap
  say "making $image by debootstrap"
  # Where this machine gets its own packages from.
  mirror="$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 | tr -d ' ' || true)"
  rm -rf "$dir/rootfs"
  if ! debootstrap --variant=minbase --include=ca-certificates bookworm "$dir/rootfs" \
    "${mirror:-http://deb.debian.org/debian}" >"$dir/debootstrap.log" 2>&1; then
    tail -5 "$dir/debootstrap.log" >&2
    return 1
  fi
  tar --numeric-owner -C "$dir/rootfs" -c . | docker import - "$image" >/dev/null
  rm -rf "$dir/rootfs"
}

azurite_image() {
  local image="$1" base="$2" dir="$GOLDSMITH_DOCKER_DIR/azurite"
  has_image "$image" && return
  is_own_engine || return 1
  say "making $image from its npm package"
  command -v npm >/dev/null || packages nodejs npm
  mkdir -p "$dir"
  npm install --silent --no-audit --no-fund --omit=dev --prefix "$dir/opt" "azurite@${image##*:}"
  cp "$(readlink -f "$(command -v node)")" "$dir/node"
  cat >"$dir/Dockerfile" <<END
FROM $base
COPY node /usr/local/bin/node
COPY opt /opt/azurite
RUN ln -s /opt/azurite/node_modules/.bin/azurite-blob /usr/local/bin/azurite-blob
VOLUME ["/data"]
END
  docker build --quiet --tag "$image" "$dir" >/dev/null
}

# Ends the engine, if it was started here.
stop_engine() {
  [ -n "${engine_started_here:-}" ] || return 0
  kill "$(cat "$GOLDSMITH_DOCKER_DIR/docker.pid")" 2>/dev/null || true
}

docker info >/dev/null 2>&1 || start_engine
plugins
debian="$(sed -n 's/^FROM \(debian:[^ ]*\)$/\1/p' "$here/Dockerfile")"
debian_image "$debian"
azurite_image "$(sed -n 's/^ *image: \(mcr[^ ]*\)$/\1/p' "$here/docker-compose.yml")" "$debian"
