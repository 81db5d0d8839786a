#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/lcqmc/ernie-2.0-en-finetuned-squad/ckpt" \
    --data P:lcqmc
