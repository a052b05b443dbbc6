# The service alone; letters, keys and an embedded database live in the volume, so the rest may be read-only.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/remembrancer
ENV PATH=/opt/remembrancer/bin:$PATH
COPY run.lock ./
RUN pip install --require-hashes --only-binary=:all: -r run.lock
COPY pyproject.toml README.md LICENSE ./
COPY service service
COPY templates templates
COPY data data
# What only builds (hatchling, editables, pip) stays behind: it goes before the environment is copied.
RUN pip install --no-deps --no-build-isolation . && pip uninstall --yes hatchling editables setuptools pip

FROM python:3.11-slim
RUN groupadd --gid 10001 remembrancer \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/remembrancer remembrancer \
  && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/remembrancer
COPY --from=build /opt/remembrancer /opt/remembrancer
ENV PATH=/opt/remembrancer/bin:$PATH \
  PYTHONDONTWRITEBYTECODE=1 \
  PYTHONUNBUFFERED=1 \
  REMEMBRANCER_DATA_DIR=/var/lib/remembrancer \
  REMEMBRANCER_HOST=0.0.0.0 \
  REMEMBRANCER_PORT=8080
USER 10001:10001
WORKDIR /var/lib/remembrancer
VOLUME /var/lib/remembrancer
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ['REMEMBRANCER_PORT']}/health/live\", timeout=4)"]
ENTRYPOINT ["remembrancer"]
CMD ["run"]
