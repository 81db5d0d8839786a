#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/text_classification/tweet_eval/tweet_eval_irony/ckpt" \
    --data H:tweet_eval,irony
