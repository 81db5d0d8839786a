#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/sentiment/senti_lex/de/ckpt" \
    --data H:senti_lex,de \
    --splits train,__select_from_train__,train
