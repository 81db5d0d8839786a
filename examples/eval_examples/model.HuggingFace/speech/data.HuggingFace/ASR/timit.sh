#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/speech/data.HuggingFace/ASR/timit/ckpt" \
    --data H:timit_asr \
    --splits train,test,test
