# The engine behind ksqlDB's REST API as a container: docker build -t ksql-workbench .
# The program is one package without dependencies, so that nothing of what builds it is in the image that runs.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund && npm run --silent package:cli -- /package && mkdir /state

FROM ${NODE_IMAGE}
COPY --from=build /package /tmp/package
RUN npm install --global --no-audit --no-fund /tmp/package/*.tgz && rm -r /tmp/package
# Nobody that the host knows: a bind mount for /state belongs to 10001, or the container is started with --user.
COPY --from=build --chown=10001:10001 /state /state
USER 10001
WORKDIR /state
EXPOSE 8088
VOLUME /state
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8088/chc/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Options of `ksql serve` follow the image's name; settings and secrets come by KSQL_TOKEN, KSQL_BASIC_AUTH and KSQL_PROPERTIES.
ENTRYPOINT ["ksql", "serve", "--listen", "0.0.0.0:8088", "--log-format", "json"]
CMD ["--state-dir", "/state"]
