#!/bin/sh
outdir=${1:?usage: sh ernie-1.0.sh FOLDER}
gft_fit --model P:ernie-1.0 \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
