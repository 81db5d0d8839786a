#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/paraphrase/paws_unlabeled_final/ckpt" \
    --data H:paws,unlabeled_final \
    --splits train,validation,validation
