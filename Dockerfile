# syntax=docker/dockerfile:1
# The base is pinned by tag. Pin it by digest where a registry can be asked:
#   docker buildx imagetools inspect python:3.11-slim-bookworm
ARG BASE=python:3.11-slim-bookworm

# --- built here, with tools that the image itself does not get
FROM ${BASE} AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
WORKDIR /srv/sonko
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt ./
RUN pip install --prefer-binary -r requirements.txt
COPY . ./
RUN python scripts/compile-messages --all
# The secrets of this step live for this step only.
RUN DEBUG=off EMAIL_URL=consolemail:// SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    FIELD_KEYS="$(python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')" \
    BASE_DOMAIN=build.invalid ADMIN_HOST=admin.build.invalid WAGTAILADMIN_BASE_URL=https://admin.build.invalid \
    python manage.py collectstatic --noinput --verbosity 0
# Languages that no site here speaks are a fifth of the packages' size.
RUN find /opt/venv -type d -name LC_MESSAGES \
    | grep --invert-match --extended-regexp '/(ru|en|tt|udm|mhr)/LC_MESSAGES$' | xargs rm -r
# Compiled ahead: the running container may write nothing here. Without Redis the cache is files on its tmpfs, one for
# all processes of a container.
RUN ln -s /tmp var/cache && python -m compileall -q -j 0 /opt/venv/lib . && pip uninstall --yes --quiet setuptools pip

# --- what runs
FROM ${BASE}
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/sonko.sqlite3 MEDIA_ROOT=/data/media
RUN groupadd --gid 10001 sonko \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin sonko \
    && install --directory --owner 10001 --group 10001 --mode 0770 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/sonko /srv/sonko
WORKDIR /srv/sonko
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=20s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
# Migrations are a job of their own (compose.yaml: migrate): several of these may start at once.
CMD ["gunicorn", "sonko_cms.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--graceful-timeout", "30"]
