#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/text_classification/banking77/ckpt" \
    --data H:banking77 \
    --splits train,__select_from_train__,test
