#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/speech/data.HuggingFace/ASR/librispeech/ckpt" \
    --data H:librispeech_asr,clean \
    --splits train.100,validation,test
