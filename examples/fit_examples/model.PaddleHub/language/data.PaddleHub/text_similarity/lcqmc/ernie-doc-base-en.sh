#!/bin/sh
outdir=${1:?usage: sh ernie-doc-base-en.sh FOLDER}
gft_fit --model P:ernie-doc-base-en \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
