#!/bin/sh
outdir=${1:?usage: sh ernie-gen-base-en.sh FOLDER}
gft_fit --model P:ernie-gen-base-en \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
