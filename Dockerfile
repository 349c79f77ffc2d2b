# One image for the web program, the worker and the commands; what differs is the command and the environment (.env.example).

FROM node:22.20.0-bookworm-slim AS assets
WORKDIR /app
COPY package.json ./
COPY bin/install-assets bin/
RUN bin/install-assets

FROM python:3.11.14-slim-bookworm AS packages
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.lock ./
RUN .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.11.14-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 khonggiay \
 && useradd --uid 10001 --gid khonggiay --no-create-home --home-dir /tmp --shell /usr/sbin/nologin khonggiay \
 && install -d -m 700 -o khonggiay -g khonggiay /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY pyproject.toml ./
COPY bin/khonggiay bin/
COPY domain domain
COPY search search
COPY storage storage
COPY ocr_worker ocr_worker
COPY webapp webapp
COPY khonggiay khonggiay
COPY --from=assets /app/webapp/static/vendor webapp/static/vendor
RUN ln -s ../../bin/khonggiay .venv/bin/khonggiay \
 && .venv/bin/pybabel -q compile -d webapp/translations \
 && .venv/bin/python -m compileall -q domain search storage ocr_worker webapp khonggiay
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    KHONGGIAY_ENVIRONMENT=production KHONGGIAY_DATA_DIR=/data KHONGGIAY_HOST=0.0.0.0 KHONGGIAY_PORT=8080
USER khonggiay
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=4)"]
CMD ["khonggiay", "web"]
