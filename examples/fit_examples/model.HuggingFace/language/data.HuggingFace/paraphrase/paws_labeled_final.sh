#!/bin/sh
outdir=${1:?usage: sh paws_labeled_final.sh FOLDER}
gft_fit --model H:eugenesiow/bart-paraphrase \
    --data H:paws,labeled_final \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1 + sentence2' \
    --per_device_train_batch_size 4 \
    --per_device_eval_batch_size 4 \
    --num_train_epochs 3
