#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/conll2003/pos/ckpt" \
    --data H:conll2003
