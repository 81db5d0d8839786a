# gft on a CPU, with sounds, images, LoRA and the figures of the library evaluate:
#
#     docker build -t gft .
#     docker run --rm -v "$PWD:/data" -v gft-hub:/home/gft/.cache gft \
#         gft_fit --model H:bert-base-cased --data C:reviews --eqn 'classify: stars ~ body'
#
# It was written where nothing could build it, and has not been built yet.
FROM python:3.11-slim

RUN useradd --create-home gft && mkdir /data && chown gft /data
WORKDIR /src

# torch for CPUs is a tenth of the size of the one for GPUs. It changes rarely, so it has a layer.
COPY constraints.txt ./
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu \
        "$(grep '^torch==' constraints.txt)"

COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN pip install --no-cache-dir -c constraints.txt ".[audio,evaluate,images,lora,png]"

USER gft
WORKDIR /data
CMD ["gft", "--help"]
