#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/text_classification/ag_news/ckpt" \
    --data H:ag_news \
    --splits train,__select_from_train__,test
