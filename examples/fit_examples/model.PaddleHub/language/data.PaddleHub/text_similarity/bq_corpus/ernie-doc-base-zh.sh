#!/bin/sh
outdir=${1:?usage: sh ernie-doc-base-zh.sh FOLDER}
gft_fit --model P:ernie-doc-base-zh \
    --data P:bq_corpus \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
