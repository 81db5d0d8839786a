#!/bin/sh
outdir=${1:?usage: sh ernie-tiny.sh FOLDER}
gft_fit --model P:ernie-tiny \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
