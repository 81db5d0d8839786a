#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/question_answering/squad/ckpt" \
    --data P:squad \
    --metric H:squad \
    --splits train_v1,dev_v1,dev_v1
