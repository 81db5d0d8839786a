#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/question_answering/squad_v2/ckpt" \
    --data H:squad_v2 \
    --metric H:squad_v2 \
    --splits train,validation,validation
