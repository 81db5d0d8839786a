#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/lcqmc/skep_ernie_1.0_large_ch/ckpt" \
    --data P:lcqmc
