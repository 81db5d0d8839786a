#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/text_similarity/bq_corpus/ernie-2.0-en-finetuned-squad/ckpt" \
    --data P:bq_corpus
