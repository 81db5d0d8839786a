#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.PaddleHub/question_answering/squad_v2/ckpt" \
    --data P:squad \
    --metric H:squad \
    --splits train_v2,dev_v2,dev_v2
