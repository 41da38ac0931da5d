# Every stage of the line on CPU: docker build -t groundswell .
FROM python:3.11.14-slim-bookworm

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin groundswell

# The dependencies change seldom, the program often: two layers.
WORKDIR /src
COPY requirements.lock ./
RUN pip install -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY forecasting ./forecasting
COPY infra ./infra
COPY processors ./processors
COPY streams ./streams
RUN pip install --no-deps --no-build-isolation . ./processors/languages && rm -rf /src/*

USER 10001:10001
WORKDIR /home/groundswell
ENTRYPOINT ["groundswell"]
CMD ["--help"]
