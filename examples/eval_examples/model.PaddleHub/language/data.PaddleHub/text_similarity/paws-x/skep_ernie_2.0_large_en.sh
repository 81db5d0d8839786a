#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/paws-x/skep_ernie_2.0_large_en/ckpt" \
    --data P:paws-x
