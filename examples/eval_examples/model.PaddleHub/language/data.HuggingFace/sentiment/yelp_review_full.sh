#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/sentiment/yelp_review_full/ckpt" \
    --data H:yelp_review_full \
    --splits train,__select_from_train__,test
