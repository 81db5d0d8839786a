#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/paws-x/ernie-1.0/ckpt" \
    --data P:paws-x
