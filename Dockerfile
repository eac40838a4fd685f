# Two images: `docker build --target server .` is evalsessions-server, `docker build --target speclock .` the harness.
# Images are pinned by tag: where this was written, digests could not be looked up.
#
#   docker run -p 8000:8000 -e GALTEA_API_KEY=gsk_demo -v evalsessions:/data SERVER
#   docker run --user "$(id -u)" -v "$PWD:/work" --network host SPECLOCK check --contract openapi.yaml --url http://127.0.0.1:8000

FROM python:3.13-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /src
RUN python -m pip install --no-cache-dir --quiet uv
COPY pins/workspace.txt pins/workspace.txt
COPY openapi.yaml openapi.yaml

FROM build AS build-server
COPY reference_server reference_server
RUN uv venv --quiet /opt/server
RUN uv pip install --quiet --python /opt/server/bin/python --constraints pins/workspace.txt --build-constraints pins/workspace.txt ./reference_server

FROM build AS build-speclock
COPY conformance conformance
RUN uv venv --quiet /opt/speclock
RUN uv pip install --quiet --python /opt/speclock/bin/python --constraints pins/workspace.txt --build-constraints pins/workspace.txt ./conformance

FROM python:3.13-slim-bookworm AS server
RUN useradd --system --uid 10001 evalsessions && install -d -o evalsessions /data
COPY --from=build-server /opt/server /opt/server
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["/opt/server/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["/opt/server/bin/evalsessions-server"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--database", "sqlite:////data/evalsessions.db"]

FROM python:3.13-slim-bookworm AS speclock
RUN useradd --system --uid 10001 speclock
COPY --from=build-speclock /opt/speclock /opt/speclock
COPY conformance/profiles /profiles
USER 10001
WORKDIR /work
ENTRYPOINT ["/opt/speclock/bin/speclock"]
CMD ["--help"]
