#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.PaddleHub/glue/cola/ckpt" \
    --data P:glue,cola \
    --metric H:glue,cola
