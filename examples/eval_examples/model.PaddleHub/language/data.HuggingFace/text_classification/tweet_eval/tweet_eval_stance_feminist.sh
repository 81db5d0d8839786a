#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/text_classification/tweet_eval/tweet_eval_stance_feminist/ckpt" \
    --data H:tweet_eval,stance_feminist
