#!/bin/sh
outdir=${1:?usage: sh ernie-1.0.sh FOLDER}
gft_fit --model P:ernie-1.0 \
    --data P:bq_corpus \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
