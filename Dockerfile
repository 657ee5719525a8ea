# The image of production: one image, four commands (web, worker, beat, migrate; see compose.yaml).
FROM python:3.13-slim AS build
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps --requirement requirements.lock

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SPAREPARTS_ENV=production \
    SPAREPARTS_VAR=/var/lib/spareparts \
    STATIC_ROOT=/opt/static
RUN useradd --system --create-home --home-dir /var/lib/spareparts spareparts
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY config config
COPY inventory inventory
COPY workorders workorders
COPY spareparts spareparts
COPY templates templates
COPY static static
COPY deploy/postgres-web-role.sql deploy/
# Collecting needs no secret and no database; the values below never leave this line.
RUN SECRET_KEY=collect-only-0123456789-0123456789-0123456789-0123456789 ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgres://localhost/none python manage.py collectstatic --noinput
USER spareparts
VOLUME /var/lib/spareparts
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--config", "/app/config/gunicorn.py"]
