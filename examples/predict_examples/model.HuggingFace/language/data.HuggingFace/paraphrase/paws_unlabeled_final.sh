#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/paraphrase/paws_unlabeled_final/ckpt" \
    --data H:paws,unlabeled_final \
    --splits train,validation,validation
