#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/lcqmc/ernie-2.0-large-en/ckpt" \
    --data P:lcqmc
