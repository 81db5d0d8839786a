#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/text_classification/tweet_eval/tweet_eval_offsensive/ckpt" \
    --data H:tweet_eval,offensive
