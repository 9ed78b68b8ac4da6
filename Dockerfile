# Dagster's UI and daemon on a copy of Streak, which stays in the volume /var/lib/streak: see compose.yaml.
# Settings come from the container's environment. The key is in no layer: .dockerignore lets no .env in.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /usr/src/streak_dagster
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY streak_dagster ./streak_dagster
RUN pip install . && rm -rf build

# A volume is made with the owner that its folder has here.
RUN useradd --create-home --uid 1000 streak && install --directory --owner=streak /var/lib/streak
USER streak
WORKDIR /var/lib/streak
VOLUME /var/lib/streak
EXPOSE 3000

HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:3000/server_info', timeout=4)"]
ENTRYPOINT ["streak-dagster"]
CMD ["ui", "--host", "0.0.0.0"]
