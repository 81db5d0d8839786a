#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/bq_corpus/ernie-1.0/ckpt" \
    --data P:bq_corpus
