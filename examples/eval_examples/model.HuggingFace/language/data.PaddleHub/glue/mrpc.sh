#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.PaddleHub/glue/mrpc/ckpt" \
    --data P:glue,mrpc \
    --metric H:glue,mrpc
