#!/bin/sh
outdir=${1:?usage: sh ernie-gen-large-en.sh FOLDER}
gft_fit --model P:ernie-gen-large-en \
    --data P:paws-x \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
