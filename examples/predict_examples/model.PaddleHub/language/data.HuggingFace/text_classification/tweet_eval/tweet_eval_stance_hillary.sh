#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/text_classification/tweet_eval/tweet_eval_stance_hillary/ckpt" \
    --data H:tweet_eval,stance_hillary
