#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/question_answering/squad/ckpt" \
    --data H:squad \
    --splits train,validation,validation
