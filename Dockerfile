# The exporter alone, for each platform that is asked for; needs BuildKit: docker's plugin buildx, or before version 23 DOCKER_BUILDKIT=1.
#   docker build --build-arg VERSION=1.2.3 --build-arg REVISION="$(git rev-parse HEAD)" -t oms_exporter .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# The values that --version shows. Last, because a new value rebuilds every later layer.
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG REVISION=
ARG BRANCH=
ARG BUILD_USER=
ARG BUILD_DATE=
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -o /out/oms_exporter -ldflags " \
      -s -w \
      -X github.com/prometheus/common/version.Version=$VERSION \
      -X github.com/prometheus/common/version.Revision=$REVISION \
      -X github.com/prometheus/common/version.Branch=$BRANCH \
      -X github.com/prometheus/common/version.BuildUser=$BUILD_USER \
      -X github.com/prometheus/common/version.BuildDate=$BUILD_DATE" .

FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=dev
ARG REVISION=
ARG BUILD_DATE=
LABEL org.opencontainers.image.title="oms_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the tasks of OceanBase Migration Service (OMS)" \
      org.opencontainers.image.source="https://github.com/oms-exporter/oms_exporter" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$BUILD_DATE
COPY --from=build /out/oms_exporter /bin/oms_exporter
EXPOSE 10089
# The image's user "nonroot" by its number: Kubernetes cannot tell from a name that it is not root.
USER 65532:65532
# No HEALTHCHECK: there is no shell in the image to run one. Check /-/healthy and /-/ready from outside.
ENTRYPOINT ["/bin/oms_exporter"]
# Without flags it reads config.yml here, or the variables OMS_EXPORTER_TARGET_*.
WORKDIR /etc/oms_exporter
