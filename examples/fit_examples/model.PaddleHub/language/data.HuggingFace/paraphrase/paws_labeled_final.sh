#!/bin/sh
outdir=${1:?usage: sh paws_labeled_final.sh FOLDER}
gft_fit --model P:bart-base \
    --data H:paws,labeled_final \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1 + sentence2' \
    --per_device_train_batch_size 2 \
    --num_train_epochs 3
