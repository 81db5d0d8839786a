#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/paraphrase/paws_labeled_final/ckpt" \
    --data H:paws,labeled_final
