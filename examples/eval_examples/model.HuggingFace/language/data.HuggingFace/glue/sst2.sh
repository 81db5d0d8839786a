#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/glue/sst2/ckpt" \
    --data H:glue,sst2 \
    --metric H:glue,sst2
