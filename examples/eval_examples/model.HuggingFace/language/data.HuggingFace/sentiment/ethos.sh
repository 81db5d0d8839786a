#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/sentiment/ethos/ckpt" \
    --data H:ethos,binary \
    --splits train,__select_from_train__,train
