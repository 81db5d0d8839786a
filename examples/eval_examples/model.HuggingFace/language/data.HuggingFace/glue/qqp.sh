#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/glue/qqp/ckpt" \
    --data H:glue,qqp \
    --metric H:glue,qqp
