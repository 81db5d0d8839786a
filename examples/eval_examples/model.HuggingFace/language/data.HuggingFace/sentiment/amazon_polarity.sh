#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/sentiment/amazon_polarity/ckpt" \
    --data H:amazon_polarity \
    --splits train,__select_from_train__,test
