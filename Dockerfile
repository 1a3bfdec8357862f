# Two stages: pip and the sources stay behind, the image carries the environment alone.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/talentbridge
COPY requirements.lock ./
RUN /opt/talentbridge/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY app app
COPY migrations migrations
RUN /opt/talentbridge/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="TalentBridge" \
      org.opencontainers.image.licenses="EUPL-1.2"
RUN useradd --system --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin talentbridge
COPY --from=build /opt/talentbridge /opt/talentbridge
ENV PATH=/opt/talentbridge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TALENTBRIDGE_ENVIRONMENT=production \
    TALENTBRIDGE_DATABASE_URL=sqlite:////data/talentbridge.sqlite3
# A number, so that an orchestrator can see that it is not root.
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["talentbridge", "serve", "--host", "0.0.0.0"]
