#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/glue/mnli_mismatched/ckpt" \
    --data H:glue,mnli \
    --metric H:glue,mnli \
    --splits train,validation_mismatched,test_mismatched
