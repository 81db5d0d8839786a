#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.PaddleHub/question_answering/squad_v2/ckpt" \
    --data P:squad \
    --splits train_v2,dev_v2,dev_v2
