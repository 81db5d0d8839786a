#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.PaddleHub/glue/qqp/ckpt" \
    --data P:glue,qqp
