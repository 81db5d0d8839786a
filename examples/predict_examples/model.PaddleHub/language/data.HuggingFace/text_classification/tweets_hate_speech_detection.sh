#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/text_classification/tweets_hate_speech_detection/ckpt" \
    --data H:tweets_hate_speech_detection \
    --splits train,__select_from_train__,train
