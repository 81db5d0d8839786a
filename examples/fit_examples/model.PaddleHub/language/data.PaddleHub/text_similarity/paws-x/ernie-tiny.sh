#!/bin/sh
outdir=${1:?usage: sh ernie-tiny.sh FOLDER}
gft_fit --model P:ernie-tiny \
    --data P:paws-x \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
