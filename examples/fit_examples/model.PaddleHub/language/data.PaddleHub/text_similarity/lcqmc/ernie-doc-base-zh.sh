#!/bin/sh
outdir=${1:?usage: sh ernie-doc-base-zh.sh FOLDER}
gft_fit --model P:ernie-doc-base-zh \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
