#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/paraphrase/paws_labeled_swap/ckpt" \
    --data H:paws,labeled_swap \
    --splits train,__select_from_train__,train
