# One image with the one binary; every service of docker-compose.yml runs it.
#
# BINARY says where the binary comes from: `build` compiles it here; `prebuilt` takes docker/prebuilt/goldsmith, which was
# compiled before (docs/docker.md). Stages that nobody asks for are not built, and their images are not pulled.
ARG BINARY=build

FROM rust:1.95.0-bookworm AS build
WORKDIR /source
COPY . .
# The target folder is kept between builds, and is no part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package goldsmith-cli \
    && install -D target/release/goldsmith /out/goldsmith

FROM scratch AS prebuilt
COPY docker/prebuilt/goldsmith /out/goldsmith

FROM ${BINARY} AS binary

FROM debian:12.12-slim
# The authorities by which storage accounts and Entra are known.
COPY docker/install.sh /usr/local/lib/goldsmith/install.sh
RUN /usr/local/lib/goldsmith/install.sh
COPY --from=binary /out/goldsmith /usr/local/bin/goldsmith
COPY docker/certificates.sh docker/demo.sh /usr/local/lib/goldsmith/
COPY docker/goldsmith.toml /etc/goldsmith/goldsmith.toml
# Volumes that are mounted here begin with these owners.
RUN for folder in authority scheduler executor client azurite work; do \
        install -d -o 10001 -g 10001 -m 0750 "/var/lib/goldsmith/$folder" || exit 1; \
    done
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["goldsmith"]
CMD ["--help"]
