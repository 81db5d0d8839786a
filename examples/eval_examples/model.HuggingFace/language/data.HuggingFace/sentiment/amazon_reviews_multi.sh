#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/sentiment/amazon_reviews_multi/ckpt" \
    --data H:amazon_reviews_multi
