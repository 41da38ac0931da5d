# Every stage of the line. Two images from one file:
#   docker build --target cpu --tag groundswell:0.1.0 .
#   docker build --target gpu --tag groundswell:0.1.0-gpu .
# docs/deploy.md says what is in them, how large they are and how a list of their parts is made.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1 \
    PATH=/opt/groundswell/bin:$PATH
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin groundswell

# Dependencies change seldom, the program often: each a layer.
FROM base AS dependencies
WORKDIR /src
RUN python -m venv /opt/groundswell
COPY requirements.lock ./
RUN pip install -r requirements.lock

FROM dependencies AS built
COPY pyproject.toml README.md LICENSE ./
COPY forecasting ./forecasting
COPY infra ./infra
COPY processors ./processors
COPY streams ./streams
RUN pip install --no-deps --no-build-isolation . ./processors/languages

# CUDA comes with torch, as wheels: the image needs no CUDA base, only NVIDIA's runtime on its host.
FROM dependencies AS gpu-dependencies
COPY requirements-gpu.lock ./
RUN pip install -r requirements-gpu.lock
# Fetched now, so that nothing is at run time. Give a commit to have the same one for ever.
ARG MODEL=cardiffnlp/twitter-xlm-roberta-base-sentiment
ARG MODEL_REVISION=main
RUN hf download "${MODEL}" --revision "${MODEL_REVISION}" --local-dir "/opt/models/${MODEL}" \
    --exclude "*.h5" --exclude "*.msgpack" --exclude "*.ot" --exclude "*.onnx" \
    && test -f "/opt/models/${MODEL}/config.json" && rm -rf "/opt/models/${MODEL}/.cache"

FROM gpu-dependencies AS gpu-built
COPY pyproject.toml README.md LICENSE ./
COPY forecasting ./forecasting
COPY infra ./infra
COPY processors ./processors
COPY streams ./streams
RUN pip install --no-deps --no-build-isolation . ./processors/languages

# A list of all parts and their licences, as CycloneDX:
#   docker build --target sbom --output type=local,dest=sbom .
FROM built AS listed
RUN python -m venv /opt/lister && /opt/lister/bin/pip install cyclonedx-bom==7.5.0 \
    && /opt/lister/bin/cyclonedx-py environment /opt/groundswell/bin/python --output-file /sbom.json
FROM scratch AS sbom
COPY --from=listed /sbom.json /

FROM base AS gpu
COPY --from=gpu-built /opt/groundswell /opt/groundswell
COPY --from=gpu-built /opt/models /opt/models
ARG MODEL=cardiffnlp/twitter-xlm-roberta-base-sentiment
ENV HF_HUB_OFFLINE=1 \
    GROUNDSWELL_MODEL=hf:/opt/models/${MODEL}
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["groundswell"]
CMD ["--help"]

# Last, so that it is what `docker build .` makes.
FROM base AS cpu
COPY --from=built /opt/groundswell /opt/groundswell
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["groundswell"]
CMD ["--help"]
