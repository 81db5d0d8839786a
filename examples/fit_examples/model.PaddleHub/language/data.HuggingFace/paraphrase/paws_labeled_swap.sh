#!/bin/sh
outdir=${1:?usage: sh paws_labeled_swap.sh FOLDER}
gft_fit --model P:bart-base \
    --data H:paws,labeled_swap \
    --splits train,__select_from_train__,train \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1 + sentence2' \
    --per_device_train_batch_size 2 \
    --num_train_epochs 3
