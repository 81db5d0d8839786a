#!/bin/sh
outdir=${1:?usage: sh ernie-2.0-large-en.sh FOLDER}
gft_fit --model P:ernie-2.0-large-en \
    --data P:paws-x \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
