#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/sentiment/senti_lex/fr/ckpt" \
    --data H:senti_lex,fr \
    --splits train,__select_from_train__,train
