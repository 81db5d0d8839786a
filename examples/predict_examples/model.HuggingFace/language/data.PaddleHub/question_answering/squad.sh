#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.PaddleHub/question_answering/squad/ckpt" \
    --data P:squad \
    --splits train_v1,dev_v1,dev_v1
